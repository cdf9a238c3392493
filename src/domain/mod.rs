//! The product's words and their legal steps.
//!
//! Invariant: everything here is a pure value; a state changes only through its one legal door.
//! Refuses: I/O, clocks, locks, and any knowledge of HTTP or of how rows are stored.

mod account;
mod assignment;
mod audit;
mod cell;
mod change;
mod check;
mod check_rules;
mod claim;
mod commune;
mod completion;
mod fold;
mod ids;
mod job;
mod look;
mod moment;
mod photo;
mod place;
mod review;
mod role;
mod sheet;
mod submission;
mod text;
mod tip;
mod upload;
mod written;

pub use account::{
    AnsweredRequest, Device, DeviceKind, Family, Invitation, InvitationUse, KeyPurpose, PasswordHash,
    StoredKey, Totp, TotpSecret, User,
};
pub use assignment::{Assignment, AssignmentState, Standing, Tenure};
pub use audit::{AuditEntry, AuditHead};
pub use cell::{Cell, CellKind, UnknownCell};
pub use change::Change;
pub use check::{CheckCode, Figures, Finding, Findings, NotChecked, Outcome, Twin, Warned};
pub use check_rules::CheckRules;
pub use claim::Claim;
pub use commune::{Commune, CommuneCode, CommuneKind, InvalidCommuneCode};
pub use completion::{CellTally, Contribution, DayTally, TallyDrift, VillageTally};
pub use fold::fold;
pub use ids::{
    AssignmentId, DeviceId, InvalidSha256, ReplyId, Sha256, SubmissionId, TipId, TipKeyId, UploadId, UserId,
};
pub use job::{CheckJob, CheckedRules, RenewalProgress};
pub use look::{IndexedLook, KeptLook, PhotoLook};
pub use moment::{Day, InvalidDay, InvalidMoment, Moment};
pub use photo::{Photo, PictureKind, ShelfMonth};
pub use place::{Location, Point};
pub use review::{Decision, InvalidReview, RejectReason, Verdict};
pub use role::{Role, UnknownRole};
pub use sheet::{MIN_SAMPLE, SAMPLE_ONE_IN, Sheet};
pub use submission::{
    ClientApp, HistoryEvent, IllegalStep, Mark, PhotoSlot, QueueList, ReceiptSeal, Report, Step, Submission,
    SubmissionState,
};
pub use text::{FieldError, Text};
pub use tip::{
    CLOSED_KEPT_DAYS, CountedGeneration, DeskKey, DeskKeyKind, FACTS_BYTES, Flood, KEPT_DAYS, KeyGeneration,
    KeysAre, MailboxId, SPAM_KEPT_DAYS, Slotted, Spent, TipCategory, TipChannel, TipFacts, TipSize, TipState,
    UnknownWord,
};
pub use upload::Upload;
