//! A thread for work that may wait for everybody else.
//!
//! Invariant: the work has a thread to itself, at the lowest priority that the system knows.
//! Refuses: to outlive its caller's interest silently; a panic comes back as an error.

use std::io;

use tokio::sync::oneshot;

/// The last in line for a processor.
const LOWEST: i32 = 19;

/// Runs `work` on a thread of its own, and answers when it is done.
pub(super) async fn in_the_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, io::Error> {
    let (done, answer) = oneshot::channel();
    let run = move || {
        // On Linux each thread has a priority of its own. Where it cannot be lowered the work is done all the same.
        if let Err(error) = rustix::process::nice(LOWEST) {
            tracing::debug!(%error, "the priority of a worker stays as it is");
        }
        // Nobody waits any more when this fails, and then the answer does not matter.
        drop(done.send(work()));
    };
    #[allow(clippy::disallowed_methods, reason = "the caller waits for it")]
    std::thread::Builder::new().name("checks".to_owned()).spawn(run)?;
    answer
        .await
        .map_err(|_panicked| io::Error::other("the work broke off"))
}
