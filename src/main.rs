//! The program: hands the command line to the library and turns its answer into an exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: minhchung::memory::Allocator = minhchung::memory::ALLOCATOR;

fn main() -> ExitCode {
    minhchung::memory::give_back_at_once();
    minhchung::cli::run()
}
