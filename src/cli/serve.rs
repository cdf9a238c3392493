//! `minhchung serve`: runs the service.

use super::Failure;
use super::settings::SettingsOptions;
use crate::clock::Clock;
use crate::server::{Application, StartError};

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
            application.run().await.map_err(Failure::failed)
        })
    }
}

fn explain(error: StartError) -> Failure {
    match error {
        StartError::Campaign(_) | StartError::ShippedCampaign(_) | StartError::Tls(_) => {
            Failure::wrong(error)
        }
        other => Failure::failed(other),
    }
}
