//! Evidence: receiving what phones send, exactly once, and showing it to those whose it is.
//!
//! A picture's way: bytes to a file of its own ([`Reception`]), checked and put on its shelf, and only then the one
//! transaction ([`record`]) that fills the slot, moves the state, the queue, the board and the audit log together.
//!
//! Invariant: a slot is filled exactly when its picture's file is durable; the same request again, in any order and
//! from any number of sockets, ends in the same record.
//! Refuses: to judge the content of a picture, and to delete one.

mod draft;
mod figures;
mod queue;
mod reading;
mod reception;
mod record;
mod renditions;
mod sweep;
mod trail;
mod withdrawal;

use std::io;
use std::sync::Arc;

use tokio::sync::Semaphore;

pub use draft::{Draft, DraftPhoto, PhotoList};
pub use figures::EvidenceFigures;
pub use queue::{Order, QueueFilter};
pub use reading::SeenSubmission;
pub use reception::{ArrivedPicture, Reception};
pub(in crate::services) use reception::{ReceptionPlace, blocking};
pub use record::{Outcome, Recorded, SlotState};
pub use renditions::{Lasts, PhotoFile, PhotoSize};
pub use trail::TrailEntry;

use super::decoding::DecodeMemory;
use super::ledger::LedgerError;
use crate::auth::KeyRing;
use crate::clock::Clock;
use crate::config::Limits;
use crate::disk::{DiskFull, FreeSpace};
use crate::domain::{FieldError, IllegalStep};
use crate::media::{PictureLimits, PictureRefusal};
use crate::photos::Photos;
use crate::store::{Store, StoreError};

/// How many pictures are read into memory at once to look at their headers.
const INSPECTIONS: usize = 4;

/// The keys that seal receipts, as they are at the moment.
pub type ReceiptKeys = Arc<dyn Fn() -> Arc<KeyRing> + Send + Sync>;

/// Why evidence was not taken or not shown.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// There is no such assignment, or it is not theirs.
    #[error("no such assignment")]
    AssignmentNotFound,
    /// There is no such submission or picture, or it is not theirs.
    #[error("not found")]
    NotFound,
    /// The id was used for other content.
    #[error("the id was used for other content")]
    Differs,
    /// The sender took it back.
    #[error("withdrawn")]
    Withdrawn,
    /// Fields that are wrong.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// A picture that the report does not name.
    #[error("the picture is not among those reported")]
    PictureUnexpected,
    /// The bytes are not those that were announced.
    #[error("the bytes do not have the announced hash or length")]
    HashMismatch,
    /// More bytes than a picture may have.
    #[error("more than {max_bytes} bytes")]
    PictureTooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// Not a picture that can be taken.
    #[error(transparent)]
    Picture(#[from] PictureRefusal),
    /// Too much at once; try again soon.
    #[error("too many pictures at once")]
    Overloaded,
    /// No room.
    #[error(transparent)]
    DiskFull(#[from] DiskFull),
    /// The state does not allow it.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// The page cursor is not one of this list's.
    #[error("not a cursor of this list")]
    CursorInvalid,
    /// The store or the disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Receipts cannot be sealed.
    #[error("no receipt: {0}")]
    Seal(#[from] crate::auth::receipt::SealRefused),
    /// A smaller copy cannot be made of this picture.
    #[error("no smaller copy can be made")]
    NoCopy,
}

impl From<io::Error> for EvidenceError {
    fn from(error: io::Error) -> Self {
        // A disk that fills up, or is closed for writing, between the watch and the write says so here.
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(DiskFull::Bytes {
                free_bytes: 0,
                min_free_bytes: 0,
            }),
            io::ErrorKind::ReadOnlyFilesystem => Self::DiskFull(DiskFull::ReadOnly),
            _ => Self::Store(StoreError::Io(error)),
        }
    }
}

/// The evidence of one campaign.
#[derive(Clone)]
pub struct Evidence {
    store: Store,
    photos: Photos,
    clock: Clock,
    space: FreeSpace,
    keys: ReceiptKeys,
    picture_limits: PictureLimits,
    max_picture_bytes: u64,
    max_receptions: usize,
    receptions: Arc<Semaphore>,
    inspections: Arc<Semaphore>,
    decodes: Arc<Semaphore>,
    decode_memory: DecodeMemory,
    figures: EvidenceFigures,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence").finish_non_exhaustive()
    }
}

impl Evidence {
    /// The evidence in `store` and `photos`, within `limits`; receipts are sealed with `keys`.
    pub fn new(
        store: Store,
        photos: Photos,
        clock: Clock,
        space: FreeSpace,
        keys: ReceiptKeys,
        limits: &Limits,
    ) -> Self {
        Self {
            store,
            photos,
            clock,
            space,
            keys,
            picture_limits: PictureLimits {
                max_pixels: limits.max_picture_pixels,
            },
            max_picture_bytes: limits.max_picture_bytes,
            max_receptions: limits.max_uploads,
            receptions: Arc::new(Semaphore::new(limits.max_uploads)),
            inspections: Arc::new(Semaphore::new(INSPECTIONS)),
            decodes: Arc::new(Semaphore::new(limits.max_decodes)),
            decode_memory: DecodeMemory::default(),
            figures: EvidenceFigures::default(),
        }
    }

    /// Free on the disk of the data directory, bytes.
    pub fn free_bytes(&self) -> io::Result<u64> {
        self.space.free_bytes()
    }

    /// Free inodes there.
    pub fn free_inodes(&self) -> io::Result<Option<u64>> {
        self.space.free_inodes()
    }

    /// What is counted about reports.
    pub const fn figures(&self) -> &EvidenceFigures {
        &self.figures
    }

    /// Whether the disk takes more than reading.
    pub fn is_writable(&self) -> bool {
        !matches!(self.space.check(0), Err(DiskFull::ReadOnly))
    }

    /// The memory for decodes, for others who decode.
    pub const fn decode_memory(&self) -> &DecodeMemory {
        &self.decode_memory
    }

    /// How many pictures are being received.
    pub fn receptions(&self) -> usize {
        self.max_receptions
            .saturating_sub(self.receptions.available_permits())
    }

    /// The longest picture, in bytes.
    pub const fn max_picture_bytes(&self) -> u64 {
        self.max_picture_bytes
    }
}
