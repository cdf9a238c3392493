//! Proving rows against a manifest and a list of pictures.
//!
//! Invariant: everything that differs becomes a fault that names it; the reading goes on as long as there is something
//! to read.
//! Refuses: to mend.

use std::fs::File;
use std::io::{self, BufReader};
use std::iter::Peekable;
use std::path::Path;

use super::contents::{Contents, Named};
use super::manifest::{BOXES, LIST, Listed, MANIFEST, Manifest, ROWS, read_list};
use super::place::stamp;
use super::seal::Identities;
use super::tally::{Tally, sum_of};
use super::{BackupError, Fault, at};
use crate::domain::Moment;
use crate::store::{Pair, RowReader, StoreError};
use crate::tipfiles::KEY_FILE;

/// A generation that is being proved.
pub(super) struct Proof<'a> {
    pub(super) folder: &'a Path,
    pub(super) manifest: &'a Manifest,
    pub(super) identities: &'a Identities,
    pub(super) faults: Vec<Fault>,
}

impl Proof<'_> {
    pub(super) fn fault(&mut self, subject: &dyn std::fmt::Display, what: &str) {
        self.faults.push(Fault::new(subject, what));
    }

    /// The rows and the list as they lie in the backup, byte for byte, and what the manifest says of them.
    pub(super) fn stored(&mut self) {
        let manifest = self.manifest;
        let rows = self.rows_path();
        for (path, stored) in [(rows, &manifest.rows), (self.folder.join(LIST), &manifest.list)] {
            let name = path.file_name().unwrap_or_default().display().to_string();
            match File::open(&path).and_then(sum_of) {
                Ok(found) if stored.has_stored(found) => {}
                Ok(found) => {
                    let what = format!(
                        "{} bytes that hash to {}, where {} bytes that hash to {} were written",
                        found.bytes, found.sha256, stored.stored_bytes, stored.stored_sha256
                    );
                    self.fault(&name, &what);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.fault(&name, "missing"),
                Err(error) => self.fault(&name, &error.to_string()),
            }
        }
        self.figures();
    }

    /// When it was made is in the generation's name too, and its pictures can be counted on the list. A list that is not
    /// there has its own fault.
    fn figures(&mut self) {
        let manifest = self.manifest;
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let in_name = name.split_once('-').map(|(_number, time)| time);
        let made_at = manifest
            .made_at
            .parse::<Moment>()
            .map(|moment| moment.to_string());
        let is_plain = made_at.is_ok_and(|moment| moment == manifest.made_at);
        if !is_plain || in_name != Some(&stamp(&manifest.made_at)) {
            let what = format!(
                "says it was made at {:?}, and the generation's name says otherwise",
                manifest.made_at
            );
            self.fault(&MANIFEST, &what);
        }
        let Ok(lines) = read_list(&self.folder.join(LIST)) else {
            return;
        };
        let (mut pictures, mut bytes, mut missing) = (0, 0_u64, 0);
        for listed in lines {
            let listed = match listed {
                Ok(listed) => listed,
                Err(error) => return self.fault(&LIST, &error.to_string()),
            };
            pictures += 1;
            bytes = bytes.saturating_add(listed.bytes);
            missing += u64::from(listed.stored.is_none());
        }
        let written = (
            manifest.pictures,
            manifest.picture_bytes,
            manifest.missing_pictures,
        );
        if (pictures, bytes, missing) != written {
            let what = format!(
                "its figures are not those of the list: {pictures} pictures, {bytes} bytes, {missing} missing"
            );
            self.fault(&MANIFEST, &what);
        }
    }

    /// What the rows need beside themselves and their pictures, and this generation lacks: `has_keys` when they know of a
    /// key file, `has_tips` when they know of boxes.
    pub(super) fn lacking(&mut self, has_keys: bool, has_tips: bool) {
        for (name, is_due) in [(KEY_FILE, has_keys || has_tips), (BOXES, has_tips)] {
            if is_due && !self.manifest.files.contains_key(name) {
                self.fault(&name, "its rows need this file, and it holds none");
            }
        }
    }

    fn rows_path(&self) -> std::path::PathBuf {
        let ending = if self.manifest.is_sealed() { ".age" } else { "" };
        self.folder.join(format!("{ROWS}{ending}"))
    }

    /// Reads the rows to their end, hands each to `keep`, and compares what they are with the manifest.
    pub(super) fn rows<T>(
        &mut self,
        keep: impl FnOnce(&mut dyn Iterator<Item = Result<Pair, StoreError>>) -> Result<T, StoreError>,
    ) -> Result<Option<(T, Contents)>, BackupError> {
        let path = self.rows_path();
        let mut contents = Contents::default();
        let read = || -> io::Result<(Result<T, StoreError>, _)> {
            let file = BufReader::with_capacity(1 << 20, File::open(&path)?);
            let plain = self.identities.open(self.manifest.is_sealed(), file)?;
            let mut reader = RowReader::begin(Tally::new(plain))?;
            let mut failed = None;
            let kept = {
                let mut rows = reader.by_ref().map_while(|row| match row {
                    Ok((key, value)) => {
                        contents.see(&key, &value);
                        Some(Ok((key, value)))
                    }
                    Err(error) => {
                        failed = Some(error);
                        None
                    }
                });
                keep(&mut rows)
            };
            if let Some(error) = failed {
                return Err(error);
            }
            let mut rest = reader.into_inner();
            let behind = io::copy(&mut rest, &mut io::sink())?;
            let (_, sum) = rest.end();
            if behind > 0 {
                return Err(io::Error::other(format!("{behind} bytes lie behind the end")));
            }
            Ok((kept, sum))
        };
        match read() {
            Ok((kept, sum)) => {
                if !self.manifest.rows.has(sum) {
                    self.fault(&ROWS, "they are not those that were written");
                }
                self.contents(&mut contents);
                Ok(Some((kept?, contents)))
            }
            Err(error) => {
                self.fault(&ROWS, &error.to_string());
                Ok(None)
            }
        }
    }

    fn contents(&mut self, contents: &mut Contents) {
        for unreadable in std::mem::take(&mut contents.unreadable) {
            self.fault(&ROWS, &unreadable);
        }
        let tables = contents.census.tables();
        // Of an older format this program no longer knows every table's name: its rows are counted in total. The hash of
        // all of them was proved before.
        let is_as_written = if self.manifest.is_older() {
            contents.census.rows == self.manifest.all_rows()
        } else {
            tables == self.manifest.tables
        };
        if !is_as_written {
            let what = format!(
                "counted {tables:?}, where {:?} were written",
                self.manifest.tables
            );
            self.fault(&ROWS, &what);
        }
        let audit = contents.audit();
        for fault in &audit.breaks {
            self.fault(&"audit log", &fault.to_string());
        }
        let head = (audit.head.length, Manifest::audit_head(audit.head));
        if head != (self.manifest.audit_entries, self.manifest.audit_head.clone()) {
            let what = format!(
                "ends after {} entries with {}, where {} entries with {} were written",
                head.0, head.1, self.manifest.audit_entries, self.manifest.audit_head
            );
            self.fault(&"audit log", &what);
        }
    }

    /// Goes through pictures that rows name and the list side by side, both in the order of their hashes; `each` gets
    /// those that are in both.
    pub(super) fn pictures(
        &mut self,
        named: &[Named],
        mut each: impl FnMut(&mut Self, &Named, &Listed) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let path = self.folder.join(LIST);
        let mut list: Peekable<_> = read_list(&path).map_err(at(&path))?.peekable();
        for named in named {
            let before = |listed: &io::Result<Listed>| {
                listed.as_ref().is_ok_and(|listed| listed.sha256 < named.sha256)
            };
            while let Some(extra) = list.next_if(before) {
                if let Ok(extra) = extra {
                    self.fault(&extra.sha256, "listed, but no row names it");
                }
            }
            let same = |listed: &io::Result<Listed>| {
                listed
                    .as_ref()
                    .map_or(true, |listed| listed.sha256 == named.sha256)
            };
            match list.next_if(same) {
                Some(Ok(listed)) if listed.bytes == named.bytes => each(self, named, &listed)?,
                Some(Ok(_)) => self.fault(&named.sha256, "listed with another length than its row has"),
                // It has its fault already.
                Some(Err(_)) => return Ok(()),
                None => self.fault(&named.sha256, "a row names it, but it is not listed"),
            }
        }
        for extra in list {
            match extra {
                Ok(extra) => self.fault(&extra.sha256, "listed, but no row names it"),
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }
}
