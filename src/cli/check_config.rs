//! `minhchung check-config`: says whether the settings can be started with.

use super::Failure;
use super::say::say;
use super::settings::SettingsOptions;
use crate::campaign::Boundaries;
use crate::clock::Clock;
use crate::config::{Settings, Tls};
use crate::server::{load_boundaries, load_campaign, tls};
use crate::store::{DirectoryError, examine, require_own};

#[derive(Debug, clap::Args)]
pub(super) struct CheckConfig {
    #[command(flatten)]
    settings: SettingsOptions,
}

impl CheckConfig {
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.settings.settings()?;
        let campaign = load_campaign(&settings).map_err(Failure::wrong)?;
        let boundaries = load_boundaries(&settings, &campaign).map_err(Failure::wrong)?;
        examine(&settings.data_dir).map_err(Failure::wrong)?;
        say!("data directory  {}", settings.data_dir.display());
        say!("listen          {}", settings.listen);
        say!(
            "public url      {}",
            settings.public_url.as_deref().unwrap_or("(the address above)")
        );
        say!(
            "campaign        {} ({} communes)",
            campaign.id(),
            campaign.communes().len()
        );
        say!("boundaries      {}", boundaries_line(boundaries.as_deref()));
        for line in tls_lines(&settings)? {
            say!("{line}");
        }
        say!("trusted proxies {:?}", settings.trusted_proxies);
        say!("demo            {}", if settings.demo { "yes" } else { "no" });
        // Root reads everything, and so cannot tell what the service's account may.
        if let Err(DirectoryError::OfAnotherAccount { owner, .. }) = require_own(&settings.data_dir) {
            say!(
                "note            read as root; the service is uid {owner}: run this as that account to know that it can read the same files"
            );
        }
        say!("ok");
        Ok(())
    }
}

fn boundaries_line(boundaries: Option<&Boundaries>) -> String {
    match boundaries.map(|layer| layer.communes_without_polygon().len()) {
        None => "(none: places are not checked against communes)".to_owned(),
        Some(0) => "every commune has an area".to_owned(),
        Some(missing) => format!("{missing} communes have no area"),
    }
}

fn tls_lines(settings: &Settings) -> Result<Vec<String>, Failure> {
    let pair = tls::inspect(settings, &Clock::system()).map_err(Failure::wrong)?;
    let Some((pair, warnings)) = pair else {
        let kind = match settings.tls {
            Tls::SelfSigned => "self-signed, for a trial only; phones do not trust it",
            Tls::Off | Tls::Files { .. } => "off",
        };
        return Ok(vec![format!("tls             {kind}")]);
    };
    let mut lines = vec![
        format!("tls             valid until {}", pair.valid_until()),
        format!("fingerprint     {}", pair.fingerprint()),
    ];
    lines.extend(
        warnings
            .iter()
            .map(|warning| format!("warning         {warning}")),
    );
    Ok(lines)
}
