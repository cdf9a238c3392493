//! Where a command's settings come from: flags over environment over the file.

use std::path::PathBuf;

use super::Failure;
use crate::config::{Layer, Settings};

/// The settings of a command that serves.
#[derive(Debug, clap::Args)]
pub(super) struct SettingsOptions {
    /// File with the same settings (TOML); flags and environment win over it
    #[arg(long, env = "MINHCHUNG_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    layer: Layer,
}

impl SettingsOptions {
    /// The checked settings.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        let file = match &self.config {
            Some(path) => Layer::from_file(path).map_err(Failure::wrong)?,
            None => Layer::default(),
        };
        self.layer.over(file).settings().map_err(Failure::wrong)
    }
}
