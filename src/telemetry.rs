//! Logs: one line an event on standard error, as text or JSON.
//!
//! Invariant: standard output belongs to the command's own answer; nothing here writes to it. What libraries say below a
//! warning is never written, whatever the filter wants: the connection's frames and the database's writes would tell when
//! a tip came and how long it was.
//! Refuses: to be set up twice.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
        LogForm::Text => subscriber.finish().with(filter_fn(may_be_written)).try_init(),
        LogForm::Json => {
            let subscriber = subscriber.json().flatten_event(true).finish();
            subscriber.with(filter_fn(may_be_written)).try_init()
        }
    };
    started.map_err(|error| LogError::Twice(error.to_string()))
}

/// Our own words, and warnings of others.
fn may_be_written(about: &Metadata<'_>) -> bool {
    *about.level() <= Level::WARN || about.target().starts_with("minhchung")
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
