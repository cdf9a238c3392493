//! The board as bytes, drawn once for each edition and sent to everybody who may see all of it.
//!
//! Invariant: a drawn board is handed out only while the figures it was drawn from stand still and the day has not
//! changed; so it equals a recount as much as one drawn anew.
//! Refuses: boards of one commune or one person, which are small.

use std::io::Write;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::domain::Day;

/// Which figures a board was drawn from.
type Edition = (u64, Day);

/// A drawn board.
#[derive(Debug, Clone)]
pub struct Drawing {
    edition: Edition,
    /// JSON.
    pub plain: Bytes,
    /// The same, gzip.
    pub gzip: Bytes,
}

/// The latest drawing.
#[derive(Debug, Default)]
pub struct DrawnBoard {
    latest: RwLock<Option<Arc<Drawing>>>,
}

impl DrawnBoard {
    /// The drawing of `edition`, if it is the latest.
    pub fn of(&self, edition: Edition) -> Option<Arc<Drawing>> {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        latest
            .as_ref()
            .filter(|drawing| drawing.edition == edition)
            .cloned()
    }

    /// Keeps `json` as the drawing of `edition`, which was asked for before the figures were read.
    pub fn keep(&self, edition: Edition, json: Vec<u8>) -> std::io::Result<Arc<Drawing>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json)?;
        let drawing = Arc::new(Drawing {
            edition,
            plain: json.into(),
            gzip: encoder.finish()?.into(),
        });
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&drawing));
        Ok(drawing)
    }
}
