//! A disk that fails at a test's word: a library under the program that makes its calls fail or hang.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::say;

/// The library that makes calls fail, and the order that it reads.
pub struct FaultyDisk {
    library: PathBuf,
    order: PathBuf,
}

impl FaultyDisk {
    /// In `home`; without a C compiler it says that `what` is not run.
    pub fn new(home: &Path, what: &str) -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/faulty_disk.c");
        let library = home.join("faulty_disk.so");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .output();
        match built {
            Ok(built) if built.status.success() => Some(Self {
                library,
                order: home.join("order"),
            }),
            Ok(built) => panic!("{}", String::from_utf8_lossy(&built.stderr)),
            Err(error) => {
                say(&format!("{what}: not run (no C compiler: {error})"));
                None
            }
        }
    }

    /// `command` on this disk.
    pub fn under(&self, mut command: Command) -> Command {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULTY_DISK", &self.order);
        command
    }

    /// From now on calls end as `order` says (see the library).
    pub fn fail(&self, order: &str) {
        let draft = self.order.with_extension("new");
        fs::write(&draft, order).unwrap();
        fs::rename(draft, &self.order).unwrap();
    }

    /// From now on all calls do what they should.
    pub fn heal(&self) {
        fs::remove_file(&self.order).unwrap();
    }
}
