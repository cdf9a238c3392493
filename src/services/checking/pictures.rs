//! Getting a submission's pictures ready: the smaller copies, what is kept of each, and what its camera wrote.
//!
//! Invariant: what was made before is not made again; whatever is missing is.
//! Refuses: to fail over a picture that cannot be decoded. It is evidence all the same, and its checks say so.

use super::{Checking, CheckingError, index};
use crate::checks::{ExifClaims, PhotoFacts};
use crate::crash::{self, Point as CrashPoint};
use crate::domain::{Moment, PhotoLook, PhotoSlot, Point, Sha256, Submission};
use crate::media::{self, ExifFacts, Look, PictureFacts, RenditionSize};
use crate::services::evidence::PhotoSize;
use crate::store::ReadTables;
use crate::store::records::Photos as PhotoRows;

/// A picture that is ready to be judged.
pub(super) struct Prepared {
    pub(super) facts: PhotoFacts,
    /// What to ask the index with; absent when the pixels cannot be read.
    pub(super) look: Option<Look>,
}

impl Checking {
    /// Gets every picture ready, one after the other.
    pub(super) fn prepare(&self, submission: &Submission) -> Result<Vec<Prepared>, CheckingError> {
        submission
            .photos
            .iter()
            .map(|slot| self.prepare_picture(slot))
            .collect()
    }

    fn prepare_picture(&self, slot: &PhotoSlot) -> Result<Prepared, CheckingError> {
        let sha256 = slot.sha256;
        let mut facts = PhotoFacts {
            sha256,
            width: slot.width.unwrap_or(0),
            height: slot.height.unwrap_or(0),
            pixels: None,
            exif: None,
            programs: Vec::new(),
        };
        let known = self.store.read_now(|view| {
            Ok::<_, CheckingError>((view.get::<PhotoRows>(&sha256)?, index::look_of(view, sha256)?))
        })?;
        let (Some(photo), kept) = known else {
            return Ok(Prepared { facts, look: None });
        };
        let bytes = self.photos.read(photo.shelf, sha256)?;
        let Ok(inspected) = media::inspect(&bytes, &self.limits) else {
            return Ok(Prepared { facts, look: None });
        };
        facts.exif = inspected.exif.facts().map(claims);
        facts.programs.clone_from(&inspected.programs);
        let Some(thumb) = self.thumb(sha256, &bytes, &inspected, kept.is_some())? else {
            return Ok(Prepared { facts, look: None });
        };
        let look = media::look(&thumb.bytes).unwrap_or_else(|error| {
            tracing::warn!(%sha256, %error, "a smaller copy cannot be read");
            None
        });
        let kept = match (kept, thumb.levels) {
            (Some(kept), _) => Some(kept),
            (None, Some((sharpness, brightness))) => {
                let kept = PhotoLook {
                    sharpness,
                    brightness,
                    kept: look.as_ref().and_then(Look::kept),
                };
                let (row, inside) = (kept.clone(), look.as_ref().and_then(Look::kept_inside));
                self.store.transact_now(move |tx| {
                    index::put_look(tx, sha256, &row, inside.as_ref()).map_err(CheckingError::from)
                })?;
                crash::reached(CrashPoint::AfterLook);
                Some(kept)
            }
            (None, None) => None,
        };
        facts.pixels = kept.map(|kept| (kept.sharpness, kept.brightness));
        Ok(Prepared { facts, look })
    }

    /// The copy for lists: as it was made before when everything is there, else made with all that belongs to it.
    fn thumb(
        &self,
        sha256: Sha256,
        bytes: &[u8],
        inspected: &PictureFacts,
        is_kept: bool,
    ) -> Result<Option<Thumb>, CheckingError> {
        let made = (
            self.photos.rendition(PhotoSize::Thumb.folder(), sha256)?,
            self.photos.has_rendition(PhotoSize::Screen.folder(), sha256),
        );
        if let (Some(bytes), true) = made
            && is_kept
        {
            return Ok(Some(Thumb { bytes, levels: None }));
        }
        let needed = media::decode_memory_bytes(inspected, RenditionSize::Screen1600);
        let share = self.decode_memory.take(needed);
        let study = match media::study(bytes, inspected) {
            Ok(study) => study,
            Err(error) => {
                tracing::warn!(%sha256, %error, "a picture's pixels cannot be read");
                return Ok(None);
            }
        };
        drop(share);
        // Copies that cannot be kept are made when somebody looks; a full disk must not stop the checks.
        if self.space.check(0).is_ok() {
            self.photos
                .keep_rendition(PhotoSize::Thumb.folder(), sha256, &study.thumb)?;
            self.photos
                .keep_rendition(PhotoSize::Screen.folder(), sha256, &study.screen)?;
        }
        crash::reached(CrashPoint::AfterCopies);
        Ok(Some(Thumb {
            bytes: study.thumb,
            levels: Some((study.sharpness, study.brightness)),
        }))
    }
}

struct Thumb {
    bytes: Vec<u8>,
    /// Sharpness and brightness, when they were measured just now.
    levels: Option<(u32, u8)>,
}

/// What the camera claims. A time without its zone is taken as that of Việt Nam.
fn claims(exif: &ExifFacts) -> ExifClaims {
    let zone = exif.taken_offset.unwrap_or_else(|| jiff::tz::offset(7));
    let moment = |timestamp: jiff::Timestamp| Moment::from_millis(timestamp.as_millisecond());
    ExifClaims {
        place: exif
            .position
            .and_then(|position| Point::new(position.latitude, position.longitude)),
        taken: exif
            .taken_at
            .and_then(|taken| zone.to_timestamp(taken).ok())
            .map(moment),
        satellites: exif.gps_time.map(moment),
        software: exif.software.clone(),
    }
}
