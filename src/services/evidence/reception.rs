//! Receiving the bytes of one picture, from the first to its place on the shelf.
//!
//! Invariant: an [`ArrivedPicture`] was looked at, has the hash its name says, and its bytes are on disk.
//! Refuses: more bytes than allowed as soon as the first one too many comes, and more pictures at once than memory
//! and disk can bear.

use std::io;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{Evidence, EvidenceError};
use crate::disk::Promise;
use crate::domain::{Photo, Sha256, ShelfMonth};
use crate::media;
use crate::photos::{Photos, Received, Staged};
use crate::store::ReadTables;
use crate::store::records::Photos as PhotoRows;

/// How much is gathered before a thread that may block is asked to write it. Phones send pictures of at most 400 KB
/// unless told otherwise, so most of them cost one such hop, and are looked at without being read back.
const HOP_BYTES: usize = 512 * 1024;

/// A picture that is on its shelf and waits for the row that speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivedPicture {
    /// The hash of its bytes.
    pub sha256: Sha256,
    /// What its row will say.
    pub photo: Photo,
}

/// A place among the pictures being received; given back when dropped.
#[derive(Debug)]
pub(in crate::services) struct ReceptionPlace {
    /// The space it may need; more bytes than that are not taken.
    room: Promise,
    _permit: OwnedSemaphorePermit,
}

/// A picture that is being received.
#[derive(Debug)]
pub struct Reception {
    evidence: Evidence,
    /// Absent until the first piece is written, and while one is.
    staged: Option<Staged>,
    /// What came since the last hop. Copied out of the connection's buffers, which are small and used again at once.
    gathered: Vec<u8>,
    received: u64,
    /// Held until the picture is on its shelf.
    place: ReceptionPlace,
}

/// Where the bytes are that are to be looked at.
enum Look {
    /// Here.
    Held(Vec<u8>),
    /// In the file only; this many are in memory at once.
    Again(OwnedSemaphorePermit),
}

impl Evidence {
    /// Begins to receive a picture of about `expected_bytes`.
    pub fn begin_picture(&self, expected_bytes: Option<u64>) -> Result<Reception, EvidenceError> {
        if expected_bytes.is_some_and(|bytes| bytes > self.max_picture_bytes) {
            return Err(EvidenceError::PictureTooLarge {
                max_bytes: self.max_picture_bytes,
            });
        }
        let place = self.reception_place(expected_bytes.unwrap_or(self.max_picture_bytes))?;
        Ok(Reception {
            evidence: self.clone(),
            staged: None,
            gathered: Vec::new(),
            received: 0,
            place,
        })
    }

    /// A place among the pictures being received, if there is one and `expected_bytes` fit on the disk.
    pub(in crate::services) fn reception_place(
        &self,
        expected_bytes: u64,
    ) -> Result<ReceptionPlace, EvidenceError> {
        let room = self.space.promise(expected_bytes)?;
        let permit = Arc::clone(&self.receptions).try_acquire_owned();
        permit
            .map(|permit| ReceptionPlace {
                room,
                _permit: permit,
            })
            .map_err(|_full| EvidenceError::Overloaded)
    }

    /// Takes a received file as [`Evidence::settle_picture`] does.
    pub(in crate::services) async fn shelve(
        &self,
        received: Received,
        expected: Sha256,
    ) -> Result<ArrivedPicture, EvidenceError> {
        let look = Look::Again(self.inspection().await?);
        let evidence = self.clone();
        blocking(move || evidence.settle_picture(received, look, Some(expected))).await
    }

    async fn inspection(&self) -> Result<OwnedSemaphorePermit, EvidenceError> {
        let permit = self.inspections.clone().acquire_owned().await;
        permit.map_err(|_closed| EvidenceError::Overloaded)
    }

    /// Looks at a received picture, makes it durable and puts it on its shelf, unless it already lies on one.
    fn settle_picture(
        &self,
        received: Received,
        look: Look,
        expected: Option<Sha256>,
    ) -> Result<ArrivedPicture, EvidenceError> {
        let sha256 = received.sha256();
        if expected.is_some_and(|expected| expected != sha256) {
            return Err(EvidenceError::HashMismatch);
        }
        // The row is read again inside the transaction; seen here it only saves the rest.
        let known = self.store.read_now(|view| view.get::<PhotoRows>(&sha256))?;
        if let Some(photo) = known {
            return Ok(ArrivedPicture { sha256, photo });
        }
        let facts = match look {
            Look::Held(bytes) => media::inspect(&bytes, &self.picture_limits)?,
            Look::Again(_permit) => media::inspect(&received.read()?, &self.picture_limits)?,
        };
        let photo = Photo {
            bytes: received.bytes(),
            kind: facts.kind,
            width: facts.width,
            height: facts.height,
            shelf: ShelfMonth::of(self.clock.now().day()),
        };
        self.photos.shelve(received, photo.shelf)?;
        Ok(ArrivedPicture { sha256, photo })
    }
}

impl Reception {
    /// Takes the next piece.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), EvidenceError> {
        self.received = self
            .received
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if self.received > self.evidence.max_picture_bytes {
            return Err(EvidenceError::PictureTooLarge {
                max_bytes: self.evidence.max_picture_bytes,
            });
        }
        if self.received > self.place.room.bytes() {
            return Err(EvidenceError::HashMismatch);
        }
        if self.gathered.capacity() == 0 {
            let promised = usize::try_from(self.place.room.bytes()).unwrap_or(HOP_BYTES);
            self.gathered.reserve_exact(promised.min(HOP_BYTES) + piece.len());
        }
        self.gathered.extend_from_slice(piece);
        if self.gathered.len() >= HOP_BYTES {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Ends the picture. When `expected` is given, the bytes must have that hash.
    pub async fn finish(mut self, expected: Option<Sha256>) -> Result<ArrivedPicture, EvidenceError> {
        let permit = match self.staged {
            None => None,
            Some(_) => Some(self.evidence.inspection().await?),
        };
        let evidence = self.evidence.clone();
        let (staged, bytes) = (self.staged.take(), std::mem::take(&mut self.gathered));
        let place = self.place;
        blocking(move || {
            let staged = write(&evidence.photos, staged, &bytes)?;
            let look = permit.map_or(Look::Held(bytes), Look::Again);
            let arrived = evidence.settle_picture(staged.finish(), look, expected);
            drop(place);
            arrived
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), EvidenceError> {
        let (staged, bytes) = (self.staged.take(), std::mem::take(&mut self.gathered));
        let photos = self.evidence.photos.clone();
        self.staged = Some(blocking(move || write(&photos, staged, &bytes)).await?);
        Ok(())
    }
}

/// Adds `bytes` to the picture's file, which is begun if it is not there.
fn write(photos: &Photos, staged: Option<Staged>, bytes: &[u8]) -> io::Result<Staged> {
    let mut staged = staged.map_or_else(|| photos.stage(), Ok)?;
    staged.write(bytes)?;
    Ok(staged)
}

/// Runs `work` on a thread that may block.
pub(in crate::services) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, EvidenceError>
where
    T: Send + 'static,
    E: Into<EvidenceError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_panicked) => Err(EvidenceError::Store(crate::store::StoreError::Panicked)),
    }
}
