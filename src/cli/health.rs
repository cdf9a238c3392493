//! `minhchung health`: whether a running service takes and keeps what is sent.
//!
//! Invariant: exit code 0 only after the service itself wrote something and had it on disk.
//! Refuses: to hang on a service that hangs; silence is an answer too.

use std::time::Duration;

use super::Failure;
use super::say::say;
use crate::client::{Client, ClientError, Patience, Tongue};

/// Silence for longer than this means no.
const SILENCE: Duration = Duration::from_secs(10);
const BETWEEN_TRIES: Duration = Duration::from_millis(500);
const TRIES_A_SECOND: u32 = 2;

#[derive(Debug, clap::Args)]
pub(super) struct Health {
    /// The service
    #[arg(long, env = "MINHCHUNG_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Keep asking for about this many seconds, as after a start
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u32,
}

impl Health {
    pub(super) fn run(self) -> Result<(), Failure> {
        let patience = Patience {
            tries: self.wait.saturating_mul(TRIES_A_SECOND).saturating_add(1),
            first_wait: BETWEEN_TRIES,
            longest_wait: BETWEEN_TRIES,
        };
        let client = Client::new(&self.url, patience, Tongue::English).map_err(Failure::wrong)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let within = Duration::from_secs(u64::from(self.wait)).saturating_add(SILENCE);
        runtime.map_err(Failure::failed)?.block_on(async {
            match tokio::time::timeout(within, client.ready()).await {
                Ok(Ok(())) => {
                    say!("ready");
                    Ok(())
                }
                Ok(Err(error @ ClientError::Address(_))) => Err(Failure::wrong(error)),
                Ok(Err(error)) => Err(Failure::failed(error)),
                Err(_elapsed) => Err(Failure::failed("no answer in time")),
            }
        })
    }
}
