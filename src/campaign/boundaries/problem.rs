//! Why a boundary layer is refused.
//!
//! Invariant: a problem of the content names the feature by its index and, where it has one, by its code.
//! Refuses: to grow without bound; the list is cut where nobody would read on.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// One feature that has to be corrected, or the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundaryProblem {
    /// Index in `features`, from 0; none for the file as a whole.
    pub feature: Option<usize>,
    /// The feature's code as written, if it has one.
    pub code: Option<String>,
    /// The reason in English.
    pub english: String,
    /// The reason in Vietnamese.
    pub vietnamese: String,
}

impl fmt::Display for BoundaryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(feature) = self.feature {
            write!(f, "features[{feature}]")?;
            if let Some(code) = &self.code {
                write!(f, " (code {code})")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{} / {}", self.english, self.vietnamese)
    }
}

/// Why a boundary layer could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum BoundariesError {
    /// The file is missing or may not be read.
    #[error("cannot read the boundary layer {path:?} / không đọc được tệp ranh giới")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than a boundary layer of a province has to be.
    #[error(
        "the boundary layer is larger than {max_bytes} bytes; simplify it / tệp ranh giới quá lớn, hãy đơn giản hóa"
    )]
    TooLarge {
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// The file is no JSON, or its JSON is no `GeoJSON`.
    #[error(
        "the boundary layer is not GeoJSON, in features[{feature}]: {source} / tệp ranh giới không đúng GeoJSON"
    )]
    Malformed {
        /// The index of the feature at which reading stopped.
        feature: usize,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// The file was read, and its content has to be corrected.
    #[error(
        "problems in the boundary layer / lỗi trong tệp ranh giới:{}",
        listing(problems)
    )]
    Invalid {
        /// All that is wrong, cut where nobody would read on.
        problems: Vec<BoundaryProblem>,
    },
}

fn listing(problems: &[BoundaryProblem]) -> String {
    problems.iter().fold(String::new(), |listing, problem| {
        listing + "\n  " + &problem.to_string()
    })
}
