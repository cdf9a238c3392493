//! Receiving one piece of an upload.
//!
//! Invariant: a piece with a checksum is kept whole or not at all; of one without, everything that arrived is kept,
//! however its request ended, except when it had more bytes than were announced.
//! Refuses: a piece that does not begin where the upload ends.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};

use super::desk::Turn;
use super::{Progress, UploadError, Uploads};
use crate::auth::Actor;
use crate::domain::{Sha256, UploadId};
use crate::photos::Staged;
use crate::services::evidence::{ReceptionPlace, blocking};

/// How much is gathered before a thread that may block is asked to write it.
const HOP_BYTES: usize = 64 * 1024;

/// Where a piece belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At this byte, which has to be where the upload stands.
    Offset(u64),
    /// At the start of the picture; what is here already is passed over.
    Start,
}

/// What a request says about its piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Where it belongs.
    pub position: Position,
    /// Its length, if the request tells.
    pub length: Option<u64>,
    /// The hash that the piece has to have.
    pub checksum: Option<Sha256>,
}

/// What begins with a claim.
#[derive(Debug)]
pub enum Begun {
    /// The piece can come.
    Piece(Box<Piece>),
    /// The picture is stored already; the piece belongs to it and need not be read.
    Complete(Progress),
}

#[derive(Debug)]
enum Sink {
    /// To the end of the upload's file.
    Straight(File),
    /// To a file of its own until the checksum is known to be right.
    Checked { staged: Staged, checksum: Sha256 },
}

/// A piece that is being received.
#[derive(Debug)]
pub struct Piece {
    uploads: Uploads,
    actor: Actor,
    id: UploadId,
    /// The file's length before this piece.
    before: u64,
    /// How many bytes at the front of the piece are here already.
    skip: u64,
    /// How many bytes the piece may have.
    room: u64,
    bytes: u64,
    received: u64,
    gathered: BytesMut,
    /// Absent while a thread writes, and after the end.
    sink: Option<Sink>,
    turn: Arc<Turn>,
    _place: ReceptionPlace,
}

impl Uploads {
    /// Begins a piece. A request that still writes to the upload is ended first.
    pub async fn begin_piece(&self, actor: &Actor, id: UploadId, claim: Claim) -> Result<Begun, UploadError> {
        self.own_upload(actor, id).await?;
        let turn = self.turn(id).await?;
        let progress = self.settle(actor, id).await?;
        let (start, skip) = match claim.position {
            Position::Start => (0, progress.offset),
            Position::Offset(offset) => (offset, 0),
        };
        let room = progress.bytes.saturating_sub(start);
        let fits = claim.length.is_none_or(|length| length <= room);
        if progress.is_complete() && fits && start <= progress.bytes {
            // The answer to the last piece was lost, or another way was faster; it is as good as sent.
            return Ok(Begun::Complete(progress));
        }
        if start.saturating_add(skip) != progress.offset {
            return Err(UploadError::OffsetDiffers {
                offset: progress.offset,
            });
        }
        if !fits {
            return Err(UploadError::BeyondLength {
                bytes: progress.bytes,
            });
        }
        // A piece with a checksum is on the disk twice while it is added to the upload.
        let copies = if claim.checksum.is_some() { 2 } else { 1 };
        let expected = claim.length.unwrap_or(room).saturating_mul(copies);
        let place = self.evidence.reception_place(expected)?;
        let (photos, name) = (self.photos.clone(), id.to_string());
        let sink = blocking(move || match claim.checksum {
            Some(checksum) => photos.stage().map(|staged| Sink::Checked { staged, checksum }),
            None => photos.open_upload(&name).map(Sink::Straight),
        })
        .await?;
        if progress.offset == 0 {
            self.begun_here().insert(id);
        }
        Ok(Begun::Piece(Box::new(Piece {
            uploads: self.clone(),
            actor: actor.clone(),
            id,
            before: progress.offset,
            skip,
            room,
            bytes: progress.bytes,
            received: 0,
            gathered: BytesMut::new(),
            sink: Some(sink),
            turn,
            _place: place,
        })))
    }
}

impl Piece {
    /// Returns once a newer request wants the upload; what this one has received is kept when it is dropped.
    pub async fn overtaken(&self) {
        self.turn.overtaken().await;
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), UploadError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let passed = self.received.min(self.skip);
        self.received = self.received.saturating_add(length);
        if self.received > self.room {
            return Err(self.cut_back().await);
        }
        // A checksum is over the whole piece, also over what is here already.
        if matches!(self.sink, Some(Sink::Straight(_))) {
            let again = (self.skip - passed).min(length);
            bytes.advance(usize::try_from(again).unwrap_or(usize::MAX).min(bytes.len()));
        }
        self.gathered.extend_from_slice(&bytes);
        if self.gathered.len() >= HOP_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Ends the piece, and the upload when this was its last one.
    pub async fn finish(mut self) -> Result<Progress, UploadError> {
        self.flush().await?;
        if let Some(Sink::Checked { staged, checksum }) = self.sink.take() {
            if !staged.has_hash(checksum) {
                return Err(UploadError::ChecksumDiffers);
            }
            let (photos, name, turn) = self.hands();
            let skip = self.skip.min(self.received);
            blocking(move || {
                let _turn = turn;
                staged.append_to(&mut photos.open_upload(&name)?, skip)
            })
            .await?;
        }
        self.uploads.settle(&self.actor, self.id).await
    }

    async fn flush(&mut self) -> Result<(), UploadError> {
        let bytes = self.gathered.split().freeze();
        let Some(mut sink) = self.sink.take() else {
            return Ok(());
        };
        let turn = Arc::clone(&self.turn);
        let sink = blocking(move || {
            // Held here as well: when the connection goes now, the file is not free before this is written.
            let _turn = turn;
            sink.write(&bytes)?;
            Ok::<_, io::Error>(sink)
        })
        .await?;
        self.sink = Some(sink);
        Ok(())
    }

    /// Takes back what this piece has added: whoever sends more than they announced does not send what they announced.
    async fn cut_back(&mut self) -> UploadError {
        self.gathered.clear();
        let beyond = UploadError::BeyondLength { bytes: self.bytes };
        let Some(Sink::Straight(file)) = self.sink.take() else {
            return beyond;
        };
        let (before, turn) = (self.before, Arc::clone(&self.turn));
        let cut = blocking(move || {
            let _turn = turn;
            file.set_len(before)
        });
        cut.await.map_or_else(UploadError::from, |()| beyond)
    }

    fn hands(&self) -> (crate::photos::Photos, String, Arc<Turn>) {
        (
            self.uploads.photos.clone(),
            self.id.to_string(),
            Arc::clone(&self.turn),
        )
    }
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Straight(file) => file.write_all(bytes),
            Self::Checked { staged, .. } => staged.write(bytes),
        }
    }
}

impl Drop for Piece {
    /// A connection that breaks in the middle keeps what arrived; that is the point of it all. Only what came faster
    /// than the disk takes it, and was still in the connection's buffers, is sent again.
    fn drop(&mut self) {
        let bytes = self.gathered.split().freeze();
        let Some(Sink::Straight(mut file)) = self.sink.take() else {
            return;
        };
        let (turn, Ok(runtime)) = (Arc::clone(&self.turn), tokio::runtime::Handle::try_current()) else {
            return;
        };
        if bytes.is_empty() {
            return;
        }
        drop(runtime.spawn_blocking(move || {
            let _turn = turn;
            if let Err(error) = file.write_all(&bytes) {
                tracing::warn!(%error, "the last bytes of a broken connection were lost; the phone sends them again");
            }
        }));
    }
}
