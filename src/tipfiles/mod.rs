//! Files of the tip line: sealed boxes, and the slots with the keys that keep them readable.
//!
//! Invariant: whatever is written here bears the start of the local day as its time, also the folder.
//! Refuses: to know what a box or a key is; it is handed bytes and numbers.

mod key_file;
mod shelf;

use std::fs::{File, FileTimes};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::domain::Day;

pub use key_file::{KEY_FILE, KeyFile};
pub use shelf::{SHELF, Shelf};

/// Says that `file` was read and written at the start of `day`.
fn set_day(file: &File, day: Day) -> io::Result<()> {
    let since = u64::try_from(day.start().as_millis()).unwrap_or(0);
    let start: SystemTime = UNIX_EPOCH + Duration::from_millis(since);
    file.set_times(FileTimes::new().set_accessed(start).set_modified(start))
}
