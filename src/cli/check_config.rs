//! `minhchung check-config`: says whether the settings can be started with.

use super::Failure;
use super::settings::SettingsOptions;
use crate::server::load_campaign;

#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    #[command(flatten)]
    settings: SettingsOptions,
}

impl CheckConfig {
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.settings.settings()?;
        let campaign = load_campaign(&settings).map_err(Failure::wrong)?;
        println!("data directory  {}", settings.data_dir.display());
        println!("listen          {}", settings.listen);
        println!(
            "public url      {}",
            settings.public_url.as_deref().unwrap_or("(the address above)")
        );
        println!(
            "campaign        {} ({} communes)",
            campaign.id(),
            campaign.communes().len()
        );
        println!("trusted proxies {:?}", settings.trusted_proxies);
        println!("demo            {}", if settings.demo { "yes" } else { "no" });
        println!("ok");
        Ok(())
    }
}
