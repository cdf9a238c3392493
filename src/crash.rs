//! Crash points: the named places in the life of a write where a test lets its own process die.
//!
//! Only a call of [`arm`] makes a point dangerous, and nothing in this crate calls it (a test reads the sources and
//! says so). There is no flag, no environment variable and no feature to leave on by mistake: a test starts itself a
//! second time, arms one point there, and runs the same application that `serve` runs.
//!
//! Invariant: in a process where [`arm`] was not called, [`reached`] reads one cell and returns.
//! Refuses: to unwind or to clean up. The process is gone as if it had been killed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A place where a write can be cut. The order is that of a picture's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A piece of a picture is about to be written to its file in `incoming/`.
    BeforePictureWrite,
    /// A piece of a picture was written.
    AfterPictureWrite,
    /// The picture's bytes are about to be made durable.
    BeforePictureSync,
    /// The picture's bytes are durable, under a name that nobody knows.
    AfterPictureSync,
    /// The picture is about to get its name on the shelf.
    BeforeShelving,
    /// The picture has its name, which is not durable yet.
    AfterShelving,
    /// The shelf's names are about to be made durable.
    BeforeShelfSync,
    /// The shelf's names are durable; no row speaks of them.
    AfterShelfSync,
    /// The group's batch is about to be handed to the engine.
    BeforeCommit,
    /// The engine has the batch; it is not durable yet.
    AfterCommit,
    /// The batch is durable; nobody was answered.
    AfterSync,
    /// The writer has answered everybody of the group.
    AfterAnswers,
    /// A check has made a picture's smaller copies, of which nothing is noted.
    AfterCopies,
    /// A check has kept a picture's look; its submission still waits.
    AfterLook,
    /// A check has judged; its findings are about to be written.
    BeforeFindings,
    /// A tip's key is durable in its slot; there is nothing else of the tip.
    AfterTipKey,
    /// A tip's bytes are durable, under a draft's name.
    AfterTipFileSync,
    /// A tip's file has its name, which is not durable yet.
    AfterTipNaming,
    /// A tip's file is durable; no row speaks of it.
    AfterTipShelving,
    /// The key of a tip that is being shredded is overwritten; its row and its file are still there.
    AfterTipKeyShred,
    /// The row of a tip that is being shredded is gone; its file is still there.
    AfterTipRowShred,
    /// Compaction: some rows are in the new store.
    WhileRowsAreCopied,
    /// Compaction: the new store is whole and durable, under a name that says it is not.
    AfterRowsCopied,
    /// Compaction: the new store is about to take the old one's place.
    BeforeRowsSwapped,
    /// Compaction: it has taken it; the old one is still there.
    AfterRowsSwapped,
    /// Compaction: some of the old store's files are gone.
    WhileOldRowsGo,
    /// An older directory says that it is on its way, or some of its rows were moved.
    WhileFormatIsRaised,
}

impl Point {
    /// Those of a tip, in the order of its way to the disk and off it.
    pub const OF_A_TIP: [Self; 6] = [
        Self::AfterTipKey,
        Self::AfterTipFileSync,
        Self::AfterTipNaming,
        Self::AfterTipShelving,
        Self::AfterTipKeyShred,
        Self::AfterTipRowShred,
    ];

    /// Those of a picture, of every row and of a check.
    pub const ALL: [Self; 15] = [
        Self::BeforePictureWrite,
        Self::AfterPictureWrite,
        Self::BeforePictureSync,
        Self::AfterPictureSync,
        Self::BeforeShelving,
        Self::AfterShelving,
        Self::BeforeShelfSync,
        Self::AfterShelfSync,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::AfterSync,
        Self::AfterAnswers,
        Self::AfterCopies,
        Self::AfterLook,
        Self::BeforeFindings,
    ];

    /// The points inside of a check.
    pub const IN_A_CHECK: [Self; 3] = [Self::AfterCopies, Self::AfterLook, Self::BeforeFindings];
    /// Every point of a compaction.
    pub const COMPACTION: [Self; 5] = [
        Self::WhileRowsAreCopied,
        Self::AfterRowsCopied,
        Self::BeforeRowsSwapped,
        Self::AfterRowsSwapped,
        Self::WhileOldRowsGo,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforePictureWrite => "before-picture-write",
            Self::AfterPictureWrite => "after-picture-write",
            Self::BeforePictureSync => "before-picture-sync",
            Self::AfterPictureSync => "after-picture-sync",
            Self::BeforeShelving => "before-shelving",
            Self::AfterShelving => "after-shelving",
            Self::BeforeShelfSync => "before-shelf-sync",
            Self::AfterShelfSync => "after-shelf-sync",
            Self::BeforeCommit => "before-commit",
            Self::AfterCommit => "after-commit",
            Self::AfterSync => "after-sync",
            Self::AfterAnswers => "after-answers",
            Self::AfterCopies => "after-copies",
            Self::AfterLook => "after-look",
            Self::BeforeFindings => "before-findings",
            Self::AfterTipKey => "after-tip-key",
            Self::AfterTipFileSync => "after-tip-file-sync",
            Self::AfterTipNaming => "after-tip-naming",
            Self::AfterTipShelving => "after-tip-shelving",
            Self::AfterTipKeyShred => "after-tip-key-shred",
            Self::AfterTipRowShred => "after-tip-row-shred",
            Self::WhileRowsAreCopied => "while-rows-are-copied",
            Self::AfterRowsCopied => "after-rows-copied",
            Self::BeforeRowsSwapped => "before-rows-swapped",
            Self::AfterRowsSwapped => "after-rows-swapped",
            Self::WhileOldRowsGo => "while-old-rows-go",
            Self::WhileFormatIsRaised => "while-format-is-raised",
        }
    }
}

struct Armed {
    at: Point,
    passes: AtomicU32,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Lets this process abort when it comes to `at` after having passed it `passes` times. The first call counts.
pub fn arm(at: Point, passes: u32) {
    ARMED.get_or_init(|| Armed {
        at,
        passes: AtomicU32::new(passes),
    });
}

/// The process has come to `point`.
pub(crate) fn reached(point: Point) {
    if let Some(armed) = ARMED.get()
        && armed.at == point
    {
        let left = |passes: u32| passes.checked_sub(1);
        if armed
            .passes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_err()
        {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn nothing_in_the_program_arms_a_crash_point() {
        let mut found = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.len() > 100, "the sources were not found");
        for path in found.iter().filter(|path| !path.ends_with("crash.rs")) {
            let text = fs::read_to_string(path).unwrap();
            assert!(
                !text.contains("crash::arm"),
                "{} arms a crash point",
                path.display()
            );
        }
    }
}
