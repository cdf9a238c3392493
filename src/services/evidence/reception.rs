//! Receiving the bytes of one picture, from the first to its place on the shelf.
//!
//! Invariant: an [`ArrivedPicture`] was looked at, has the hash its name says, and its bytes are on disk.
//! Refuses: more bytes than allowed as soon as the first one too many comes, and more pictures at once than memory
//! and disk can bear.

use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::OwnedSemaphorePermit;

use super::{Evidence, EvidenceError};
use crate::disk::Promise;
use crate::domain::{Photo, Sha256, ShelfMonth};
use crate::media;
use crate::photos::{Received, Staged};
use crate::store::ReadTables;
use crate::store::records::Photos as PhotoRows;

/// How much is gathered before a thread that may block is asked to write it.
const HOP_BYTES: usize = 128 * 1024;

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
    /// Absent only while a piece is being written.
    staged: Option<Staged>,
    gathered: BytesMut,
    received: u64,
    /// Held until the picture is on its shelf.
    place: ReceptionPlace,
}

impl Evidence {
    /// Begins to receive a picture of about `expected_bytes`.
    pub async fn begin_picture(&self, expected_bytes: Option<u64>) -> Result<Reception, EvidenceError> {
        if expected_bytes.is_some_and(|bytes| bytes > self.max_picture_bytes) {
            return Err(EvidenceError::PictureTooLarge {
                max_bytes: self.max_picture_bytes,
            });
        }
        let place = self.reception_place(expected_bytes.unwrap_or(self.max_picture_bytes))?;
        let photos = self.photos.clone();
        let staged = blocking(move || photos.stage()).await?;
        Ok(Reception {
            evidence: self.clone(),
            staged: Some(staged),
            gathered: BytesMut::new(),
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

    /// Looks at a received file and puts it on its shelf, unless the same picture already lies on one.
    pub(in crate::services) async fn shelve(
        &self,
        received: Received,
    ) -> Result<ArrivedPicture, EvidenceError> {
        let sha256 = received.sha256();
        if let Some(photo) = self
            .store
            .read(move |view| view.get::<PhotoRows>(&sha256))
            .await?
        {
            return Ok(ArrivedPicture { sha256, photo });
        }
        let inspection = self
            .inspections
            .clone()
            .acquire_owned()
            .await
            .map_err(|_closed| EvidenceError::Overloaded)?;
        let photos = self.photos.clone();
        let limits = self.picture_limits;
        let month = ShelfMonth::of(self.clock.now().day());
        blocking(move || {
            let facts = media::inspect(&received.read()?, &limits)?;
            let photo = Photo {
                bytes: received.bytes(),
                kind: facts.kind,
                width: facts.width,
                height: facts.height,
                shelf: month,
            };
            photos.shelve(received, month)?;
            drop(inspection);
            Ok::<_, EvidenceError>(ArrivedPicture { sha256, photo })
        })
        .await
    }
}

impl Reception {
    /// Takes the next piece.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), EvidenceError> {
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
        self.gathered.extend_from_slice(&piece);
        if self.gathered.len() >= HOP_BYTES {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Ends the picture. When `expected` is given, the bytes must have that hash.
    pub async fn finish(mut self, expected: Option<Sha256>) -> Result<ArrivedPicture, EvidenceError> {
        let rest = self.gathered.split().freeze();
        let Some(mut staged) = self.staged.take() else {
            return Err(EvidenceError::HashMismatch);
        };
        let received = blocking(move || {
            staged.write(&rest)?;
            staged.finish()
        })
        .await?;
        if expected.is_some_and(|expected| expected != received.sha256()) {
            return Err(EvidenceError::HashMismatch);
        }
        self.evidence.shelve(received).await
    }

    async fn flush(&mut self) -> Result<(), EvidenceError> {
        let piece = self.gathered.split().freeze();
        let Some(mut staged) = self.staged.take() else {
            return Ok(());
        };
        let staged = blocking(move || {
            staged.write(&piece)?;
            Ok::<_, io::Error>(staged)
        })
        .await?;
        self.staged = Some(staged);
        Ok(())
    }
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
