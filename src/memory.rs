//! The allocator, and how soon it gives back to the system what only a burst of work needed.
//!
//! Password hashing takes 19 MiB at a time and a decoded picture up to 36; both are gone a moment later, and an
//! allocator that keeps them for the next time makes a small server look four times its size.
//!
//! Invariant: nothing that is in use is touched.
//! Refuses: every other setting of the allocator.
#![allow(
    unsafe_code,
    reason = "the allocator's settings have no safe wrapper; the calls take two numbers and no pointer"
)]

use libmimalloc_sys::{mi_option_get, mi_option_set, mi_option_t, mi_option_use_numa_nodes};

/// The program's allocator, for its `#[global_allocator]`. Huge pages are off at build time (`no_thp`): with them every
/// thread's first small object costs two megabytes.
pub type Allocator = mimalloc::MiMalloc;

/// Its only value.
pub const ALLOCATOR: Allocator = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, which the bindings leave out: milliseconds until free pages go back. In the allocator's list
/// it stands before this neighbour.
const PURGE_DELAY: mi_option_t = mi_option_use_numa_nodes - 1;

/// What the delay is unless somebody changed it.
const USUAL_PURGE_DELAY_MS: i64 = 1000;

/// Has free pages given back at once, for the whole process. Measured with 32 uploads at a time: 72 MiB at the peak
/// instead of 120, for no more processor time. An operator who has set `MIMALLOC_PURGE_DELAY` is left alone.
pub fn give_back_at_once() {
    // SAFETY: both calls read or set one number in the allocator's table and may be made from any thread at any time.
    unsafe {
        if mi_option_get(PURGE_DELAY) == USUAL_PURGE_DELAY_MS {
            mi_option_set(PURGE_DELAY, 0);
        }
    }
}

/// Memory of this process that is in the machine, as Linux counts it.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_the_one_it_is_taken_for() {
        // The only one in the table with this default; another release of the allocator may have moved it.
        // SAFETY: reads one number.
        let before = unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(before, USUAL_PURGE_DELAY_MS);
        give_back_at_once();
        // SAFETY: reads one number.
        assert_eq!(unsafe { mi_option_get(PURGE_DELAY) }, 0);
    }
}
