//! `minhchung serve`: runs the service.

use super::Failure;
use super::settings::SettingsOptions;
use crate::clock::Clock;
use crate::server::{Application, DISK_FAILED, RunError, StartError};
use crate::store::DirectoryError;

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.settings.settings()?;
        actix_web::rt::System::new().block_on(async move {
            let application = Application::build(&settings, Clock::system())
                .await
                .map_err(explain)?;
            if let Some(notice) = application.notice() {
                eprintln!("{notice}");
            }
            // Scripts wait for this line.
            eprintln!("listening on {}", application.url());
            match application.run().await {
                Err(error @ RunError::DiskFailed) => {
                    eprintln!("minhchung: {error}");
                    // No farewell: threads wait for the disk, and what is in memory is not to be written any more.
                    std::process::exit(i32::from(DISK_FAILED))
                }
                ended => ended.map_err(Failure::failed),
            }
        })
    }
}

fn explain(error: StartError) -> Failure {
    match error {
        // None of these gets better by trying again, which a supervisor would do after exit code 1.
        StartError::Campaign(_)
        | StartError::ShippedCampaign(_)
        | StartError::Tls(_)
        | StartError::Boundaries(_)
        | StartError::Purpose(_)
        | StartError::Directory(
            DirectoryError::TooNew { .. } | DirectoryError::NotOurs(_) | DirectoryError::HalfRestored(_),
        ) => Failure::wrong(error),
        other => Failure::failed(other),
    }
}
