//! The directory that holds backups: its mark, its lock, its generations and its one shelf of pictures.
//!
//! Invariant: a name without `.part` is given to whole, durable files and generations only.
//! Whoever writes works here alone; those who only read may be several.
//! Refuses: a directory that holds something else, one that is encrypted to others than asked for.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::hold::{Hold, lock};
use super::manifest::{LIST, ROWS, read_list};
use super::seal::{Identities, Recipients};
use super::{BackupError, at};
use crate::disk::sync_directory;
use crate::domain::{Moment, Sha256};
use crate::store::FILE_GENERATIONS;

const MARK: &str = "BACKUP";
const HEADING: &str = "minhchung backup 1";
const PART: &str = ".part";
/// So many lists of interrupted backups stay until one comes to its end.
const LISTS_KEPT: usize = 4;

/// What is said of a file of the data directory that a generation lacks.
pub(super) const FILE_MISSING: &str = "missing. Older programs kept more than 7 generations, and took the keys of the tip line from those before, so that what was shredded cannot be read; such a generation cannot be restored";

/// A directory of backups.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
    /// To whom it is encrypted, sorted.
    encrypted_to: Vec<String>,
    /// Absent in a copy to which nobody ever wrote.
    _lock: Option<File>,
}

/// Makes a file that only its owner reads: a backup holds what the data directory holds.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

impl Place {
    /// Opens `root` to write a backup for `recipients`, making it first if it is not there. Another command that works
    /// there is waited for, as long as `patience`: the night's backup must not fall out because somebody verifies the one
    /// before.
    pub fn open(root: &Path, recipients: &Recipients, patience: Duration) -> Result<Self, BackupError> {
        DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(root)
            .map_err(at(root))?;
        let mark = root.join(MARK);
        if !mark.try_exists().map_err(at(&mark))? {
            let mut entries = fs::read_dir(root).map_err(at(root))?;
            let foreign = |entry: io::Result<fs::DirEntry>| {
                entry.is_ok_and(|entry| {
                    !["lock", "lost+found", "BACKUP.part"]
                        .iter()
                        .any(|name| entry.file_name() == *name)
                })
            };
            if entries.any(foreign) {
                return Err(refusal(root, "not empty, and no directory of backups"));
            }
        }
        let lock = lock(root, Hold::Alone, patience)?;
        if !mark.try_exists().map_err(at(&mark))? {
            let text = [vec![HEADING.to_owned()], recipients.names()].concat().join("\n") + "\n";
            write_durably(root, MARK, text.as_bytes()).map_err(at(&mark))?;
        }
        let place = Self::marked(root, Some(lock))?;
        if place.encrypted_to != recipients.names() {
            let whom = if place.encrypted_to.is_empty() {
                "nobody, it is plain".to_owned()
            } else {
                place.encrypted_to.join(", ")
            };
            return Err(refusal(
                root,
                &format!("encrypted to other recipients ({whom}); use another directory for these"),
            ));
        }
        for folder in ["pictures", "generations"] {
            let path = root.join(folder);
            create_folder(&path).map_err(at(&path))?;
        }
        sync_directory(root).map_err(at(root))?;
        Ok(place)
    }

    /// Opens `root` to read from it.
    pub fn open_existing(root: &Path) -> Result<Self, BackupError> {
        if !root.join(MARK).is_file() {
            return Err(refusal(root, "no directory of backups"));
        }
        let lock = match lock(root, Hold::WithOthers, Duration::ZERO) {
            // A copy of a directory of backups, in which nobody ever wrote. A reader leaves nothing there either.
            Err(BackupError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
            lock => Some(lock?),
        };
        Self::marked(root, lock)
    }

    fn marked(root: &Path, lock: Option<File>) -> Result<Self, BackupError> {
        let mark = root.join(MARK);
        let text = fs::read_to_string(&mark).map_err(at(&mark))?;
        let mut lines = text.lines().map(str::to_owned);
        if lines.next().as_deref() != Some(HEADING) {
            return Err(refusal(root, "its BACKUP file is none that this program knows"));
        }
        Ok(Self {
            root: root.to_owned(),
            encrypted_to: lines.collect(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(super) const fn is_sealed(&self) -> bool {
        !self.encrypted_to.is_empty()
    }

    pub(super) const fn ending(&self) -> &'static str {
        if self.is_sealed() { ".age" } else { "" }
    }

    fn generations_folder(&self) -> PathBuf {
        self.root.join("generations")
    }

    /// The whole generations, the oldest first. What has no name of a generation is passed over.
    pub fn generations(&self) -> Result<Vec<String>, BackupError> {
        let names = self.names()?.into_iter();
        let mut names: Vec<String> = names.filter(|name| is_generation(name)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// What interrupted backups left, which the next one removes at its end.
    pub(super) fn unfinished(&self) -> Result<Vec<String>, BackupError> {
        let names = self.names()?.into_iter();
        let unfinished = |name: &String| name.strip_suffix(PART).is_some_and(is_generation);
        Ok(names.filter(unfinished).collect())
    }

    /// All that lies where generations lie.
    fn names(&self) -> Result<Vec<String>, BackupError> {
        let folder = self.generations_folder();
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let name = entry.map_err(at(&folder))?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        Ok(names)
    }

    /// Refuses identities that do not open `generation`, before anything is called spoilt because of them.
    pub(super) fn require_fit(&self, generation: &str, identities: &Identities) -> Result<(), BackupError> {
        let rows = self.folder(generation).join(format!("{ROWS}{}", self.ending()));
        let Ok(file) = File::open(&rows) else {
            // That they are missing is found out by whoever reads them.
            return Ok(());
        };
        if self.is_sealed() && !identities.is_empty() && identities.are_others(file) {
            return Err(BackupError::Key(format!(
                "this identity does not open it: it is encrypted to {}",
                self.encrypted_to.join(", ")
            )));
        }
        Ok(())
    }

    /// The newest generation, or the one named.
    pub fn generation(&self, named: Option<&str>) -> Result<String, BackupError> {
        let whole = self.generations()?;
        match named {
            Some(named) => whole
                .into_iter()
                .find(|name| name == named)
                .ok_or_else(|| refusal(&self.root, "holds no such whole generation")),
            None => whole
                .into_iter()
                .next_back()
                .ok_or_else(|| unable(&self.root, "holds no whole generation")),
        }
    }

    /// Where a whole generation lies.
    pub(super) fn folder(&self, generation: &str) -> PathBuf {
        self.generations_folder().join(generation)
    }

    /// Begins a generation. The number keeps them in order whatever the clock says. Of what interrupted ones left only the
    /// lists of their pictures stay, until this one has its own.
    pub(super) fn begin(&self, made_at: Moment) -> Result<(String, PathBuf), BackupError> {
        let folder = self.generations_folder();
        let time = stamp(&made_at.to_string());
        let (mut last, mut lists) = (0_u32, Vec::new());
        for name in self.names()? {
            let whole = name.strip_suffix(PART).unwrap_or(&name);
            if !is_generation(whole) {
                tracing::warn!(directory = %folder.display(), name, "this is none of ours and is passed over");
                continue;
            }
            let number = whole.split('-').next().and_then(|number| number.parse().ok());
            last = number.unwrap_or(0).max(last);
            if whole != name {
                let path = folder.join(&name);
                lists.push((strip(&path)?, path));
            }
        }
        // The longest know the most; others only take room, and a file each while they are read.
        lists.sort_unstable();
        lists.reverse();
        for (number, (bytes, path)) in lists.iter().enumerate() {
            if *bytes == 0 || number >= LISTS_KEPT {
                fs::remove_dir_all(path).map_err(at(path))?;
            }
        }
        let name = format!("{:06}-{time}", last.saturating_add(1));
        let part = folder.join(format!("{name}{PART}"));
        create_folder(&part).map_err(at(&part))?;
        Ok((name, part))
    }

    /// Removes what interrupted backups left, all but `part`.
    pub(super) fn clear_unfinished(&self, part: &Path) -> Result<(), BackupError> {
        for name in self.unfinished()? {
            let path = self.folder(&name);
            if path != part {
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }

    /// Gives a generation its name; from now on it counts.
    pub(super) fn conclude(&self, name: &str, part: &Path) -> Result<(), BackupError> {
        let whole = self.folder(name);
        sync_directory(part).map_err(at(part))?;
        fs::rename(part, &whole).map_err(at(&whole))?;
        sync_directory(&self.generations_folder()).map_err(at(&whole))
    }

    /// The folder of a picture and its whole path.
    pub(super) fn picture(&self, sha256: Sha256) -> (PathBuf, PathBuf) {
        let name = sha256.to_string();
        let folder = self.root.join("pictures").join(name.get(..2).unwrap_or("00"));
        let path = folder.join(format!("{name}{}", self.ending()));
        (folder, path)
    }

    /// Removes what is older than the newest `keep` generations, of which there are [`FILE_GENERATIONS`] at most, and
    /// pictures that no generation names any more. Answers with how many generations and pictures went.
    pub(super) fn prune(&self, keep: usize) -> Result<(usize, u64), BackupError> {
        let names = self.generations()?;
        let spent = names.len().saturating_sub(keep.clamp(1, FILE_GENERATIONS));
        for name in names.iter().take(spent) {
            // Its name goes first, so that nobody finds half of it.
            let (whole, part) = (self.folder(name), self.folder(&format!("{name}{PART}")));
            fs::rename(&whole, &part).map_err(at(&whole))?;
            fs::remove_dir_all(&part).map_err(at(&part))?;
        }
        let removed = if spent > 0 { self.sweep_pictures()? } else { 0 };
        Ok((spent, removed))
    }

    /// All pictures that the generations name.
    fn named_pictures(&self) -> Result<HashSet<Sha256>, BackupError> {
        let mut named = HashSet::new();
        for name in self.generations()? {
            let list = self.folder(&name).join(LIST);
            for listed in read_list(&list).map_err(at(&list))? {
                named.insert(listed.map_err(at(&list))?.sha256);
            }
        }
        Ok(named)
    }

    fn sweep_pictures(&self) -> Result<u64, BackupError> {
        let named = match self.named_pictures() {
            Ok(named) => named,
            Err(error) => {
                tracing::warn!(%error, "a generation's list of pictures cannot be read; no picture is removed while it is kept");
                return Ok(0);
            }
        };
        let pictures = self.root.join("pictures");
        let mut removed = 0;
        for folder in fs::read_dir(&pictures).map_err(at(&pictures))? {
            let folder = folder.map_err(at(&pictures))?.path();
            if !folder.is_dir() {
                continue;
            }
            for picture in fs::read_dir(&folder).map_err(at(&folder))? {
                let path = picture.map_err(at(&folder))?.path();
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                let sha256 = name.strip_suffix(self.ending()).unwrap_or(name).parse::<Sha256>();
                if !sha256.is_ok_and(|sha256| named.contains(&sha256)) {
                    fs::remove_file(&path).map_err(at(&path))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// Removes everything but the list of pictures from what an interrupted backup left. Answers with the list's length.
fn strip(part: &Path) -> Result<u64, BackupError> {
    let mut bytes = 0;
    for entry in fs::read_dir(part).map_err(at(part))? {
        let entry = entry.map_err(at(part))?;
        let path = entry.path();
        if entry.file_type().map_err(at(&path))?.is_dir() {
            fs::remove_dir_all(&path).map_err(at(&path))?;
        } else if entry.file_name() == LIST {
            bytes = entry.metadata().map_err(at(&path))?.len();
        } else {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(bytes)
}

/// A moment as it stands in a generation's name.
pub(super) fn stamp(made_at: &str) -> String {
    let letters = made_at.chars().filter(|letter| *letter != ':');
    letters.take(17).collect()
}

/// Whether a name has the form of a generation's: its number, and when it was made.
fn is_generation(name: &str) -> bool {
    name.split_once('-').is_some_and(|(number, time)| {
        let is_number = number.len() >= 6 && number.bytes().all(|digit| digit.is_ascii_digit());
        let is_time = time
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-T".contains(&byte));
        is_number && time.len() == 17 && is_time
    })
}

fn unable(root: &Path, why: &str) -> BackupError {
    BackupError::Unable {
        place: root.to_owned(),
        why: why.to_owned(),
    }
}

fn refusal(root: &Path, why: &str) -> BackupError {
    BackupError::Place {
        place: root.to_owned(),
        why: why.to_owned(),
    }
}

/// Writes a small file under its name, whole or not at all.
pub(super) fn write_durably(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = folder.join(format!("{name}{PART}"));
    let mut file = create_file(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(name))?;
    sync_directory(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_interrupted_backups_the_longest_lists_stay_and_numbers_go_on() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("backups");
        let place = Place::open(&root, &Recipients::default(), Duration::ZERO).unwrap();
        for number in 1_usize..=9 {
            let part = root.join(format!("generations/{number:06}-2026-07-01T000000{PART}"));
            fs::create_dir(&part).unwrap();
            fs::write(part.join(ROWS), "half").unwrap();
            // The second has none, the fourth an empty one.
            if number != 2 {
                fs::write(part.join(LIST), "x".repeat(number.saturating_sub(4))).unwrap();
            }
        }
        let (name, part) = place.begin(Moment::from_millis(0)).unwrap();
        assert!(name.starts_with("000010-"), "{name}");
        let mut left = place.unfinished().unwrap();
        left.sort_unstable();
        let numbers: Vec<&str> = left.iter().map(|name| name.split('-').next().unwrap()).collect();
        assert_eq!(numbers, ["000006", "000007", "000008", "000009", "000010"]);
        assert!(!place.folder(&left[0]).join(ROWS).exists());
        place.clear_unfinished(&part).unwrap();
        assert_eq!(place.unfinished().unwrap().len(), 1);
    }
}
