//! What a command answers.
//!
//! Invariant: a command does all that it was asked for, and ends with the exit code that this deserves, also when
//! nobody listens to the end (`minhchung doctor | head -1`).

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

/// A line on standard output, like `println!`, which panics when the listener has gone away.
macro_rules! say {
    ($($argument:tt)*) => {
        $crate::cli::say::line(format_args!($($argument)*))
    };
}
pub(super) use say;

/// Writes `words` and ends the line.
pub(super) fn line(words: Arguments<'_>) {
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{words}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("standard output: {error}");
    }
}
