//! File handles: as many as the system gives, and how many connections they are good for.
//!
//! Invariant: connections never take the handles that rows and pictures need.
//! Refuses: to fail a start over it; fewer handles mean fewer connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is kept for rows, pictures, the threads' own and whatever the framework opens.
const KEPT: u64 = 512;
/// Each connection takes its own and the one by which it can be ended.
const FOR_EACH: u64 = 2;

/// Raises this process's limit as far as it may, and answers how many of `wanted` connections fit.
pub(super) fn connections(wanted: usize) -> usize {
    let before = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: before.maximum,
        maximum: before.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of file handles stays as it was");
    }
    let fitting = match getrlimit(Resource::Nofile).current {
        None => wanted,
        Some(handles) => fitting(handles, wanted),
    };
    if fitting < wanted {
        tracing::warn!(
            wanted,
            fitting,
            "fewer connections than configured: raise the limit of open files (LimitNOFILE)"
        );
    }
    fitting
}

fn fitting(handles: u64, wanted: usize) -> usize {
    let room = handles.saturating_sub(KEPT) / FOR_EACH;
    // A handful has to do where there are hardly any.
    usize::try_from(room)
        .unwrap_or(usize::MAX)
        .clamp(16, wanted.max(16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_handles_for_the_rest() {
        assert_eq!(fitting(1 << 20, 12_288), 12_288);
        assert_eq!(fitting(1024, 12_288), 256);
        assert_eq!(fitting(100, 12_288), 16);
    }
}
