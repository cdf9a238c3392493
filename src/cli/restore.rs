//! `minhchung restore`: a backup becomes a data directory, or nothing does.
//!
//! Invariant: exit code 0 means that everything was proved, and that what was accepted as missing is named.
//! Refuses: to touch the backup, and a directory that holds anything.

use std::path::{Path, PathBuf};

use super::Failure;
use super::offline::refused;
use super::progress::Bar;
use super::say::say;
use crate::ops::backup::{BackupError, Identities, MissingBefore, Opened, Restored, Site, restore};

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// Directory of backups, or one packed as a file
    #[arg(long)]
    from: PathBuf,
    /// Which generation; the newest when absent
    #[arg(long)]
    generation: Option<String>,
    /// Directory to restore into; new or empty
    #[arg(long, visible_alias = "data", env = "MINHCHUNG_DATA_DIR")]
    data_dir: PathBuf,
    /// File of an age identity, for an encrypted backup
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Restore although pictures, or keys or boxes of the tip line, were missing already when the backup was made
    #[arg(long)]
    accept_missing: bool,
}

impl Restore {
    pub(super) fn run(self) -> Result<(), Failure> {
        let identities = identities(self.identity.as_deref())?;
        let site = Site::prepare(&self.data_dir).map_err(explain)?;
        let opened = Opened::open(&self.from, site.room()).map_err(explain)?;
        let place = &opened.place;
        let generation = place.generation(self.generation.as_deref()).map_err(explain)?;
        let missing = if self.accept_missing {
            MissingBefore::Accept
        } else {
            MissingBefore::Refuse
        };
        let bar = Bar::new();
        let step = |step| bar.show(step);
        let restored = restore(place, &generation, &identities, missing, site, &step).map_err(explain)?;
        bar.end();
        print_restored(&restored);
        say!("restored into {}", self.data_dir.display());
        Ok(())
    }
}

/// What was asked for wrongly, and what could not be done.
pub(super) fn explain(error: BackupError) -> Failure {
    match error {
        BackupError::Place { .. } | BackupError::Key(_) => Failure::wrong(error),
        BackupError::Directory(error) => refused(error),
        other => Failure::failed(other),
    }
}

/// The identities in `file`, if there is one.
pub(super) fn identities(file: Option<&Path>) -> Result<Identities, Failure> {
    file.map_or_else(
        || Ok(Identities::default()),
        |file| Identities::read(file).map_err(explain),
    )
}

/// What was proved.
pub(super) fn print_restored(restored: &Restored) {
    let (manifest, report) = (&restored.manifest, &restored.report);
    say!("generation {} of {}", restored.generation, manifest.made_at);
    if manifest.is_older() {
        say!(
            "{} rows of format {}, hashed and counted as they were written, then brought to this program's format",
            restored.rows,
            manifest.directory_format
        );
    } else {
        say!("{} rows, counted by kind as they were written", restored.rows);
    }
    say!(
        "{} pictures, {} bytes, every hash made anew",
        restored.pictures,
        restored.picture_bytes
    );
    say!(
        "{} assignments and {} submissions recounted, figures equal",
        report.assignments,
        report.submissions
    );
    say!(
        "{} entries in the audit log, the chain holds, head {}",
        report.audit_entries,
        report.audit_head
    );
    for problem in &report.problems {
        say!("MISSING  {}: {}", problem.subject, problem.detail);
    }
}
