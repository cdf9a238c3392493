//! The manifest of a generation: what belongs to it, to the byte.
//!
//! Invariant: it is written last, and names every other file of its generation with length and hash; the list of
//! pictures names every picture.
//! Refuses: to be read when a newer program wrote it in a form of its own, or when it names a file that no backup of ours
//! has: a manifest is plain text on somebody's share, and a name may say `/etc/passwd`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::tally::{Sum, Tally};
use super::{BackupError, at};
use crate::domain::{AuditHead, Sha256};
use crate::store::{FILES_TO_KEEP, FORMAT};
use crate::tipfiles::KEY_FILE;

/// The form of backups that this program writes and reads.
pub(super) const FORM: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const LIST: &str = "pictures.list";
pub(super) const ROWS: &str = "rows";
/// The boxes of the tip line, among the files.
pub(super) const BOXES: &str = "tips.tar";

/// A file as it was, and as it lies in the backup (the same unless it is encrypted).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its length.
    pub bytes: u64,
    /// Its hash, hex.
    pub sha256: String,
    /// The length it has in the backup.
    pub stored_bytes: u64,
    /// The hash it has in the backup, hex.
    pub stored_sha256: String,
}

impl Stored {
    pub(super) fn new(plain: Sum, stored: Sum) -> Self {
        Self {
            bytes: plain.bytes,
            sha256: plain.sha256.to_string(),
            stored_bytes: stored.bytes,
            stored_sha256: stored.sha256.to_string(),
        }
    }

    pub(super) fn has(&self, plain: Sum) -> bool {
        (self.bytes, &self.sha256) == (plain.bytes, &plain.sha256.to_string())
    }

    pub(super) fn has_stored(&self, stored: Sum) -> bool {
        (self.stored_bytes, &self.stored_sha256) == (stored.bytes, &stored.sha256.to_string())
    }
}

/// What a generation holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub form: u32,
    /// Which program made it.
    pub program: String,
    /// The format of the data directory it was made from.
    pub directory_format: u32,
    /// When it was made.
    pub made_at: String,
    /// To whom it is encrypted; empty when it is not.
    pub encrypted_to: Vec<String>,
    /// The rows.
    pub rows: Stored,
    /// How many rows of each kind.
    pub tables: BTreeMap<String, u64>,
    /// How many entries the audit log has.
    pub audit_entries: u64,
    /// The hash of the last one, hex.
    pub audit_head: String,
    /// How many pictures.
    pub pictures: u64,
    /// Their bytes in all.
    pub picture_bytes: u64,
    /// Pictures that rows name and that were missing or spoilt in the data directory already.
    pub missing_pictures: u64,
    /// The list of pictures.
    pub list: Stored,
    /// Files of the data directory itself, by name.
    pub files: BTreeMap<String, Stored>,
}

impl Manifest {
    pub(super) fn audit_head(head: AuditHead) -> String {
        Sha256(head.hash).to_string()
    }

    pub(super) fn read(generation: &Path) -> Result<Self, BackupError> {
        let path = generation.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(at(&path))?;
        Self::parse(&path, &text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, BackupError> {
        let wrong = |why: String| BackupError::Unable {
            place: path.to_owned(),
            why,
        };
        let manifest: Self = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if manifest.form == 0 || manifest.directory_format == 0 {
            return Err(wrong("there is no form and no format 0".to_owned()));
        }
        if manifest.form > FORM {
            return Err(wrong(format!(
                "a backup of form {}, and this program knows forms up to {FORM}; install a newer version",
                manifest.form
            )));
        }
        let known = |name: &str| [KEY_FILE, BOXES].contains(&name) || FILES_TO_KEEP.contains(&name);
        if let Some(name) = manifest.files.keys().find(|name| !known(name)) {
            return Err(wrong(format!(
                "it names {name:?}, and this program knows no such file of a data directory"
            )));
        }
        Ok(manifest)
    }

    /// Why this program cannot read the rows, when a newer one wrote them.
    pub(super) fn too_new(&self) -> Option<String> {
        (self.directory_format > FORMAT).then(|| {
            format!(
                "made from a data directory of format {}, and this program knows formats up to {FORMAT}; install a newer version",
                self.directory_format
            )
        })
    }

    /// Whether its rows have an older format than this program's, which knows some of their tables no more.
    pub const fn is_older(&self) -> bool {
        self.directory_format < FORMAT
    }

    /// How many rows there are of all kinds.
    pub fn all_rows(&self) -> u64 {
        let rows = self.tables.values();
        rows.fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Whether its files are encrypted.
    pub(super) const fn is_sealed(&self) -> bool {
        !self.encrypted_to.is_empty()
    }
}

/// A picture of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    /// How it lies in the backup; `None` when it was missing already.
    pub(super) stored: Option<Sum>,
}

/// Writes the list: pictures in the order of their hashes, one a line. Each line is there as soon as it is put, so that
/// who was interrupted knows what is done.
pub(super) struct ListWriter(Tally<BufWriter<File>>);

impl ListWriter {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(Tally::new(BufWriter::new(super::place::create_file(path)?))))
    }

    pub(super) fn put(&mut self, listed: &Listed) -> io::Result<()> {
        match listed.stored {
            Some(stored) => writeln!(
                self.0,
                "{} {} {} {}",
                listed.sha256, listed.bytes, stored.bytes, stored.sha256
            ),
            None => writeln!(self.0, "{} {} missing", listed.sha256, listed.bytes),
        }?;
        self.0.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<Sum> {
        self.0.flush()?;
        let (file, sum) = self.0.end();
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        Ok(sum)
    }
}

/// Reads the pictures of a list one by one.
pub(super) fn read_list(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Listed>> + use<>> {
    Ok(BufReader::new(File::open(path)?).lines().map(|line| {
        let line = line?;
        parse_line(&line)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("unreadable line {line:?}")))
    }))
}

fn parse_line(line: &str) -> Option<Listed> {
    let mut words = line.split(' ');
    let (sha256, bytes) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let stored = match words.next()? {
        "missing" => None,
        stored => Some(Sum {
            bytes: stored.parse().ok()?,
            sha256: words.next()?.parse().ok()?,
        }),
    };
    words.next().is_none().then_some(Listed {
        sha256,
        bytes,
        stored,
    })
}
