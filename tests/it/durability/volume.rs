//! File systems of a test's own: an ext4 on a loop device whose power can be cut, and a tmpfs that can be full.
//!
//! Both need the right to mount. Where that is missing, the reason is handed back, and the test says "not run".

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system; unmounted when dropped.
pub struct Volume {
    home: tempfile::TempDir,
    image: Option<PathBuf>,
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{command:?}: {} {}",
        output.status,
        said.trim().replace('\n', " ")
    ))
}

impl Volume {
    /// A new ext4 of `mib` MiB on a loop device.
    pub fn ext4(mib: u64) -> Result<Self, String> {
        let home = tempfile::tempdir().unwrap();
        let image = home.path().join("image");
        File::create(&image).unwrap().set_len(mib << 20).unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        let volume = Self {
            home,
            image: Some(image),
        };
        std::fs::create_dir(volume.path()).unwrap();
        volume.mount()?;
        Ok(volume)
    }

    /// A new tmpfs of `mib` MiB.
    pub fn tmpfs(mib: u64) -> Result<Self, String> {
        let home = tempfile::tempdir().unwrap();
        let volume = Self { home, image: None };
        std::fs::create_dir(volume.path()).unwrap();
        let size = format!("size={mib}m");
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(volume.path()))?;
        Ok(volume)
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.home.path().join("mounted")
    }

    /// What a machine does when the power is back: forgets what was in memory, and replays the journal.
    pub fn restart(&self) {
        run(Command::new("umount").arg(self.path())).unwrap();
        self.mount().unwrap();
    }

    fn mount(&self) -> Result<(), String> {
        let image = self.image.as_ref().unwrap();
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(image)
            .arg(self.path()))
    }
}

/// Cuts the power of the ext4 mounted at `point`: from now on nothing reaches its disk, and nothing of what had not
/// reached it yet.
pub fn cut_power(point: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/cut_power.py");
    run(Command::new("python3").arg(script).arg(point)).unwrap();
}

impl Drop for Volume {
    fn drop(&mut self) {
        if let Err(why) = run(Command::new("umount").arg(self.path())) {
            super::say(&format!("a test's file system stays mounted: {why}"));
        }
    }
}
