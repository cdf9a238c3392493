//! The program: hands the command line to the library and turns its answer into an exit code.

use std::process::ExitCode;

/// The system's allocator keeps what password hashing and pictures once needed; this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    minhchung::cli::run()
}
