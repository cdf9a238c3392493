//! Contact sheets: the clean, waiting submissions of one commune × cell that somebody wants to verify together, and
//! the random sample of them that has to be looked at one by one first.
//!
//! Invariant: the sample is chosen by the sheet's id alone, which the server draws and the audit log keeps; so nobody
//! can choose it, and anybody can choose it again and see that it was not changed.
//! Refuses: to grow; what arrives after it was drawn belongs to the next sheet.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};
use uuid::Uuid;

use super::{Moment, SubmissionId};

/// The fewest that are looked at one by one, as far as there are that many.
pub const MIN_SAMPLE: usize = 3;
/// One in so many is looked at.
pub const SAMPLE_ONE_IN: usize = 10;

/// One contact sheet of one verifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its id; decides the sample.
    pub id: Uuid,
    /// When it was drawn.
    pub drawn_at: Moment,
    /// What may be verified together, with the versions that were looked at.
    pub members: Vec<(SubmissionId, u32)>,
}

impl Sheet {
    /// The members that have to be looked at one by one, in the order of the draw.
    pub fn sample(&self) -> Vec<SubmissionId> {
        let mut drawn: Vec<([u8; 32], SubmissionId)> = self
            .members
            .iter()
            .map(|(member, _)| (lot(self.id, *member), *member))
            .collect();
        drawn.sort_unstable();
        drawn.truncate(sample_size(self.members.len()));
        drawn.into_iter().map(|(_, member)| member).collect()
    }
}

/// How many of `members` are looked at one by one: a tenth, rounded up, and at least three.
fn sample_size(members: usize) -> usize {
    members.div_ceil(SAMPLE_ONE_IN).max(MIN_SAMPLE).min(members)
}

/// The lot of a member: SHA-256 over the sheet's id and its own.
fn lot(sheet: Uuid, member: SubmissionId) -> [u8; 32] {
    let mut hasher = Hasher::new();
    hasher.update(sheet.as_bytes());
    hasher.update(member.0.as_bytes());
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(id: u128, members: u128) -> Sheet {
        Sheet {
            id: Uuid::from_u128(id),
            drawn_at: Moment::from_millis(0),
            members: (0..members)
                .map(|n| (SubmissionId(Uuid::from_u128(n)), 2))
                .collect(),
        }
    }

    #[test]
    fn a_sample_is_a_tenth_and_at_least_three() {
        for (members, expected) in [(0, 0), (2, 2), (3, 3), (30, 3), (31, 4), (200, 20)] {
            assert_eq!(sheet(7, members).sample().len(), expected, "{members}");
        }
    }

    #[test]
    fn the_same_sheet_has_the_same_sample_and_another_sheet_another() {
        assert_eq!(sheet(1, 100).sample(), sheet(1, 100).sample());
        assert_ne!(sheet(1, 100).sample(), sheet(2, 100).sample());
    }
}
