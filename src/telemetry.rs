//! Logs: one line an event on standard error, as text or JSON.
//!
//! Invariant: standard output belongs to the command's own answer; nothing here writes to it.
//! Refuses: to be set up twice.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogForm {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Starts logging what `filter` lets through, such as `info,minhchung::requests=warn`.
pub fn start(form: LogForm, filter: &str) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(filter).map_err(|error| LogError::Filter(error.to_string()))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match form {
        LogForm::Text => subscriber.try_init(),
        LogForm::Json => subscriber.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| LogError::Twice(error.to_string()))
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("log filter: {0}")]
    Filter(String),
    /// Somebody logs already.
    #[error("logging: {0}")]
    Twice(String),
}
