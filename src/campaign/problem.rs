//! What is wrong with a campaign file: every problem with its line, column, key and a sentence in both languages.
//!
//! Invariant: a [`CampaignErrors`] holds at least one problem, sorted by where it stands in the file.
//! Refuses: to grow without bound; beyond [`MAX_PROBLEMS`] problems are only counted.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// As many problems are kept; a file with more is not a campaign file at all.
pub const MAX_PROBLEMS: usize = 500;

/// One thing that has to be changed in a campaign file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CampaignProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key's path, such as `banners.groups[2].sizes[0].width_m`; empty for a problem of syntax.
    pub key: String,
    /// The reason in English.
    pub english: String,
    /// The reason in Vietnamese.
    pub vietnamese: String,
}

impl fmt::Display for CampaignProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{} / {}", self.english, self.vietnamese)
    }
}

/// Everything that is wrong with a campaign file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignErrors {
    problems: Vec<CampaignProblem>,
    omitted: usize,
}

impl CampaignErrors {
    /// The problems in the order of the file, at most [`MAX_PROBLEMS`].
    pub fn problems(&self) -> &[CampaignProblem] {
        &self.problems
    }

    /// How many further problems were found and not kept.
    pub const fn omitted(&self) -> usize {
        self.omitted
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Builds the problem only if there is still room, so that a hostile file costs no memory.
    pub(super) fn add(&mut self, problem: impl FnOnce() -> CampaignProblem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem());
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        self.problems.sort();
        self
    }
}

impl fmt::Display for CampaignErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len().saturating_add(self.omitted);
        write!(
            f,
            "{count} problem(s) in the campaign file / {count} lỗi trong tệp chiến dịch"
        )?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  {problem}"))?;
        if self.omitted > 0 {
            write!(f, "\n  … {}", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for CampaignErrors {}

/// Why a campaign could not be loaded from a path.
#[derive(Debug, thiserror::Error)]
pub enum CampaignFileError {
    /// The file is missing or may not be read.
    #[error("cannot read the campaign file {path:?} / không đọc được tệp chiến dịch")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is far too large to be a campaign.
    #[error("the campaign file {path:?} is larger than {max_bytes} bytes / tệp chiến dịch quá lớn")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// The file was read, and its content has to be corrected.
    #[error("{path:?}: {problems}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        problems: CampaignErrors,
    },
}
