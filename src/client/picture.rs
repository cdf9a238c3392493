//! A picture's bytes as a request body that can be made again for every try.
//!
//! Invariant: a file is read piece by piece; no more than two pieces of it are in memory.
//! Refuses: to send a file that is shorter or longer than it was announced; the server would refuse it anyway.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use bytes::Bytes;
use reqwest::Body;

use super::{ClientError, PhotoAnnouncement};
use crate::domain::Sha256;

/// Read from disk at once.
const PIECE_BYTES: usize = 128 * 1024;

/// Where a picture's bytes come from.
#[derive(Debug, Clone)]
enum Source {
    File(PathBuf),
    Memory(Bytes),
}

/// A picture that is to be sent.
#[derive(Debug, Clone)]
pub struct Picture {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub bytes: u64,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: &'static str,
    source: Source,
}

impl Picture {
    /// A picture in a file, hashed before.
    pub const fn in_file(path: PathBuf, sha256: Sha256, bytes: u64, media_type: &'static str) -> Self {
        Self {
            sha256,
            bytes,
            media_type,
            source: Source::File(path),
        }
    }

    /// A JPEG in memory.
    pub fn jpeg(bytes: Bytes) -> Self {
        use sha2::Digest;
        Self {
            sha256: Sha256(sha2::Sha256::digest(&bytes).into()),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            media_type: "image/jpeg",
            source: Source::Memory(bytes),
        }
    }

    /// How a report announces it.
    pub const fn announcement(&self) -> PhotoAnnouncement {
        PhotoAnnouncement {
            sha256: self.sha256,
            bytes: self.bytes,
        }
    }

    /// A body with the bytes, from the start.
    pub(super) fn body(&self) -> Result<Body, ClientError> {
        match &self.source {
            Source::Memory(bytes) => Ok(bytes.clone().into()),
            Source::File(path) => {
                let file = File::open(path).map_err(|error| ClientError::Unreadable {
                    path: path.display().to_string(),
                    why: error.to_string(),
                })?;
                Ok(Body::wrap_stream(pieces(file)))
            }
        }
    }
}

/// The pieces of `file`, each read off the async thread.
fn pieces(file: File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send {
    futures_util::stream::try_unfold(file, |file| async {
        tokio::task::spawn_blocking(move || read_piece(file))
            .await
            .map_err(std::io::Error::other)?
    })
}

fn read_piece(mut file: File) -> std::io::Result<Option<(Bytes, File)>> {
    let mut piece = vec![0; PIECE_BYTES];
    let length = file.read(&mut piece)?;
    piece.truncate(length);
    Ok((length > 0).then(|| (piece.into(), file)))
}
