//! The allocator, and giving back to the system what only a burst of work needed.
//!
//! Password hashing takes 19 MiB at a time and a decoded picture up to 36; both are gone a moment later, and an
//! allocator that keeps them for the next time makes a small server look four times its size.
//!
//! Invariant: nothing that is in use is touched.
//! Refuses: to run on an async thread in the middle of a request; it walks the allocator's free pages.
#![allow(
    unsafe_code,
    reason = "the one call into the allocator for which no safe wrapper exists; it takes no pointer"
)]

/// The program's allocator, for its `#[global_allocator]`. Huge pages are off at build time (`no_thp`): with them every
/// thread's first small object costs two megabytes.
pub type Allocator = mimalloc::MiMalloc;

/// Its only value.
pub const ALLOCATOR: Allocator = mimalloc::MiMalloc;

/// Gives free pages back to the system now. Takes some hundred microseconds.
pub fn release() {
    // SAFETY: `mi_collect` has no preconditions; any thread may call it at any time, also in a program that has another
    // global allocator (then there is nothing to give back).
    unsafe { libmimalloc_sys::mi_collect(true) }
}
