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
    /// Where the image lies, when it has a file system of its own.
    below: Option<PathBuf>,
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
        Self::made_with(mib, &[], None)
    }

    /// The same with room for about `files` files.
    pub fn ext4_for_files(mib: u64, files: u64) -> Result<Self, String> {
        Self::made_with(mib, &["-N", &files.to_string()], None)
    }

    /// An ext4 of `mib` MiB on a disk that has only `backed` MiB: what is written beyond fails with EIO.
    pub fn ext4_on_too_little(mib: u64, backed: u64) -> Result<Self, String> {
        Self::made_with(mib, &[], Some(backed))
    }

    fn made_with(mib: u64, options: &[&str], backed: Option<u64>) -> Result<Self, String> {
        let home = tempfile::tempdir().unwrap();
        let mut volume = Self {
            image: None,
            below: None,
            home,
        };
        let mut folder = volume.home.path().to_owned();
        if let Some(backed) = backed {
            folder = folder.join("below");
            std::fs::create_dir(&folder).unwrap();
            let size = format!("size={backed}m");
            run(Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(&folder))?;
            volume.below = Some(folder.clone());
        }
        let image = folder.join("image");
        File::create(&image).unwrap().set_len(mib << 20).unwrap();
        run(Command::new("mkfs.ext4")
            .args(["-q", "-F"])
            .args(options)
            .arg(&image))?;
        volume.image = Some(image);
        std::fs::create_dir(volume.path()).unwrap();
        volume.mount()?;
        Ok(volume)
    }

    /// Gives the disk below `mib` MiB.
    pub fn back_with(&self, mib: u64) {
        let size = format!("remount,size={mib}m");
        run(Command::new("mount")
            .args(["-o", &size])
            .arg(self.below.as_ref().unwrap()))
        .unwrap();
    }

    /// What the system does with a file system that it does not trust any more: from now on it can only be read.
    pub fn fail(&self) -> Result<(), String> {
        run(Command::new("mount")
            .args(["-o", "remount,abort"])
            .arg(self.path()))
    }

    /// What an operator does with it: unmounts, repairs and mounts it, with `option`.
    pub fn repair(&self, option: &str) {
        run(Command::new("umount").arg(self.path())).unwrap();
        let image = self.image.as_ref().unwrap();
        // 1: errors were corrected.
        let checked = Command::new("e2fsck")
            .args(["-f", "-y"])
            .arg(image)
            .output()
            .unwrap();
        assert!(checked.status.code().is_some_and(|code| code < 4), "{checked:?}");
        run(Command::new("mount")
            .args(["-o", &format!("loop,{option}")])
            .arg(image)
            .arg(self.path()))
        .unwrap();
    }

    /// Mounts it for writing again.
    pub fn let_write(&self) {
        self.restart();
    }

    /// A new tmpfs of `mib` MiB.
    pub fn tmpfs(mib: u64) -> Result<Self, String> {
        let home = tempfile::tempdir().unwrap();
        let volume = Self {
            home,
            image: None,
            below: None,
        };
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
        // A service of this process may end a moment after it said so; then it goes with its last file.
        let unmounted = run(Command::new("umount").arg(self.path()))
            .or_else(|_busy| run(Command::new("umount").arg("--lazy").arg(self.path())));
        if let Err(why) = unmounted {
            super::say(&format!("a test's file system stays mounted: {why}"));
        }
        if let Some(below) = &self.below
            && let Err(why) = run(Command::new("umount").arg(below))
        {
            super::say(&format!("a test's file system stays mounted: {why}"));
        }
    }
}
