//! The doctor: does everything that is kept agree with the records, the audit chain, and the files?
//!
//! A *problem* is something that no crash can leave behind: a figure that differs from its recount, a break in the
//! audit chain, a picture whose file is missing or has other bytes. A *note* is what crashes do leave behind and the
//! service clears up by itself, or what somebody else put there.
//!
//! Invariant: when nothing is wrong there is no problem, whenever the service was killed before.
//! Refuses: to change anything.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::domain::{Photo, Sha256};
use crate::photos::{Lying, Photos};
use crate::services::audit;
use crate::services::completion::recount::{RecountError, recount};
use crate::store::records::{PhotoUses, Photos as PhotoRows, Tips};
use crate::store::{
    CONTROL, DEMO_MARK, DataDirectory, LAST_BACKUP, Range, ReadTables, Reads, Store, StoreError,
};
use crate::tipfiles::{KEY_FILE, KeyFile, SHELF};

/// How closely pictures are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Their lengths.
    Lengths,
    /// Every byte.
    Hashes,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of finding, kebab-case.
    pub kind: &'static str,
    /// About what.
    pub subject: String,
    /// What is the matter.
    pub detail: String,
}

impl Finding {
    fn new(kind: &'static str, subject: &dyn fmt::Display, detail: &dyn fmt::Display) -> Self {
        Self {
            kind,
            subject: subject.to_string(),
            detail: detail.to_string(),
        }
    }
}

/// What the doctor went over, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many assignments.
    pub assignments: u64,
    /// How many submissions.
    pub submissions: u64,
    /// How many pictures.
    pub pictures: u64,
    /// Their bytes in all.
    pub picture_bytes: u64,
    /// How many submissions have findings of the automatic checks.
    pub checked: u64,
    /// How many checks wait to be made.
    pub waiting: u64,
    /// How many pictures have a look, to find those that look alike.
    pub looks: u64,
    /// Whether every picture's hash was made anew.
    pub hashed: bool,
    /// How many entries the audit log has.
    pub audit_entries: u64,
    /// The hash of the last one, hex.
    pub audit_head: String,
    /// What must not be.
    pub problems: Vec<Finding>,
    /// What is worth knowing.
    pub notes: Vec<Finding>,
}

/// Why the doctor could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// The rows cannot be read at all.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files cannot be read.
    #[error("{0}")]
    Files(#[from] io::Error),
}

/// Goes over everything in `directory`.
pub fn examine(
    directory: &DataDirectory,
    store: &Store,
    photos: &Photos,
    depth: Depth,
) -> Result<Report, DoctorError> {
    let mut report = Report {
        hashed: depth == Depth::Hashes,
        ..Report::default()
    };
    store.read_now(|view| {
        report.recount(view)?;
        report.audit(view)?;
        report.pictures(view, photos, depth)?;
        report.files(view, photos)?;
        report.tips(view, directory.path())
    })?;
    report.top_level(directory.path())?;
    Ok(report)
}

impl Report {
    /// Whether nothing is wrong.
    pub const fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, kind: &'static str, subject: &dyn fmt::Display, detail: &dyn fmt::Display) {
        self.problems.push(Finding::new(kind, subject, detail));
    }

    fn note(&mut self, kind: &'static str, subject: &dyn fmt::Display, detail: &dyn fmt::Display) {
        self.notes.push(Finding::new(kind, subject, detail));
    }

    fn recount(&mut self, rows: &impl Reads) -> Result<(), DoctorError> {
        match recount(rows) {
            Ok(found) => {
                self.assignments = found.assignments;
                self.submissions = found.submissions;
                (self.checked, self.waiting, self.looks) = (found.checked, found.waiting, found.looks);
                if found.failed > 0 {
                    self.note(
                        "checks-failed",
                        &format_args!("{} submissions", found.failed),
                        &"their checks failed and will be tried again; the log says why",
                    );
                }
                for difference in found.differences {
                    let (kept, recounted) = (&difference.kept, &difference.recounted);
                    self.problem(
                        "differs",
                        &format_args!("{} {}", difference.table, difference.row),
                        &format_args!("kept {kept}, recounted {recounted}"),
                    );
                }
                Ok(())
            }
            Err(RecountError::Drift(drift)) => {
                self.problem("uncountable", &"completion", &drift);
                Ok(())
            }
            Err(RecountError::Store(error)) => self.unreadable(error),
        }
    }

    /// A row that cannot be read is a finding; a store that cannot be read is the end of the visit.
    fn unreadable(&mut self, error: StoreError) -> Result<(), DoctorError> {
        match error {
            StoreError::Corrupt { table, why } => {
                self.problem("unreadable", &table, &why);
                Ok(())
            }
            other => Err(other.into()),
        }
    }

    fn audit(&mut self, rows: &impl Reads) -> Result<(), DoctorError> {
        let found = audit::verify(rows)?;
        self.audit_entries = found.head.length;
        self.audit_head = Sha256(found.head.hash).to_string();
        for fault in found.breaks {
            self.problem("audit", &"audit log", &fault);
        }
        for fault in audit::index_faults(rows)? {
            self.problem("audit", &"audit index", &fault);
        }
        Ok(())
    }

    /// Every picture that a row speaks of.
    fn pictures(&mut self, rows: &impl Reads, photos: &Photos, depth: Depth) -> Result<(), DoctorError> {
        for row in rows.scan::<PhotoRows>(Range::all()) {
            match row {
                Ok((sha256, photo)) => self.picture(rows, photos, depth, sha256, photo)?,
                Err(error) => self.unreadable(error)?,
            }
        }
        Ok(())
    }

    fn picture(
        &mut self,
        rows: &impl Reads,
        photos: &Photos,
        depth: Depth,
        sha256: Sha256,
        photo: Photo,
    ) -> Result<(), DoctorError> {
        self.pictures += 1;
        self.picture_bytes = self.picture_bytes.saturating_add(photo.bytes);
        if rows.keys::<PhotoUses>(Range::under(&sha256)).next().is_none() {
            self.problem("unused-picture", &sha256, &"a row, but no submission shows it");
        }
        let month = photo.shelf;
        match photos.length(month, sha256)? {
            None => self.problem("missing-file", &sha256, &format_args!("no file on shelf {month}")),
            Some(length) if length != photo.bytes => {
                let detail = format!("{length} bytes on shelf {month}, recorded {}", photo.bytes);
                self.problem("wrong-length", &sha256, &detail);
            }
            Some(_) if depth == Depth::Hashes => {
                let found = photos.hash(month, sha256)?;
                if found != sha256 {
                    self.problem(
                        "wrong-bytes",
                        &sha256,
                        &format_args!("the file hashes to {found}"),
                    );
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Every file in the picture folders, whether a row speaks of it or not.
    fn files(&mut self, rows: &impl Reads, photos: &Photos) -> Result<(), DoctorError> {
        photos.survey(|lying| {
            match lying {
                Lying::Picture(month, sha256) => {
                    let row = rows.get::<PhotoRows>(&sha256);
                    if !matches!(row, Ok(Some(photo)) if photo.shelf == month) {
                        self.note(
                            "orphan",
                            &format_args!("photos/{month}/{sha256}"),
                            &"no row speaks of it; the server removes it once it is a day old",
                        );
                    }
                }
                Lying::Rendition(sha256) => {
                    if !rows.has::<PhotoRows>(&sha256)? {
                        self.note(
                            "orphan",
                            &format_args!("renditions/…/{sha256}"),
                            &"a smaller copy of no picture",
                        );
                    }
                }
                Lying::Part(path) => {
                    self.note(
                        "leftover",
                        &path.display(),
                        &"half received; the next start removes it",
                    );
                }
                Lying::Upload(path) => self.note("upload", &path.display(), &"a resumable upload"),
                Lying::Foreign(path) => self.note("foreign", &path.display(), &"not ours"),
            }
            Ok(())
        })
    }

    /// Whether what keeps tips readable is there. What is in them nobody here can tell.
    fn tips(&mut self, rows: &impl Reads, data_dir: &Path) -> Result<(), DoctorError> {
        const GONE: &str = "a row speaks of it, and it is gone";
        let mut has_tips = false;
        for id in rows.keys::<Tips>(Range::all()) {
            has_tips = true;
            let file = data_dir.join(SHELF).join(id?.to_string());
            if !file.exists() {
                self.problem("tip-unreadable", &file.display(), &GONE);
            }
        }
        let keys = KeyFile::path(data_dir);
        if has_tips && !keys.exists() {
            self.problem("tip-keys", &keys.display(), &GONE);
        }
        Ok(())
    }

    fn top_level(&mut self, data_dir: &Path) -> Result<(), DoctorError> {
        const OURS: [&str; 14] = [
            CONTROL,
            LAST_BACKUP,
            "FORMAT",
            "FORMAT.new",
            "lock",
            "rows",
            "photos",
            "incoming",
            "renditions",
            "ballast",
            DEMO_MARK,
            KEY_FILE,
            "tip-keys.new",
            SHELF,
        ];
        for entry in fs::read_dir(data_dir)? {
            let name = entry?.file_name();
            if name != "lost+found" && !OURS.iter().any(|ours| name == *ours) {
                self.note("foreign", &data_dir.join(&name).display(), &"not ours");
            }
        }
        Ok(())
    }
}
