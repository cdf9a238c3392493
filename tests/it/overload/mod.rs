//! More than can be done, and connections that hang: what is let in is answered, the rest is told to come again, and
//! nothing acknowledged is lost.

mod flood;
mod hanging;
mod many;
mod refusals;

use std::time::{Duration, Instant};

/// The server's memory in MiB: `VmRSS` (now) or `VmHWM` (peak).
fn memory_mib(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib: u64 = line.unwrap().split_whitespace().next().unwrap().parse().unwrap();
    kib / 1024
}

/// Asks until `done`, for a minute at most.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !done().await {
        assert!(Instant::now() < deadline, "it never came to it that {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
