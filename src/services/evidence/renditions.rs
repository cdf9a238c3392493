//! Pictures for those who may see them: untouched, or smaller and without metadata.
//!
//! Invariant: a smaller copy is made once, usually before anybody asks ([`super::super::checking`]); one that is missing
//! is made again, under a bound on decodes, and never while a phone waits for its upload. Of a picture that cannot be
//! decoded the screen gets the bytes that were sent, for its reader to judge; a list does not, since a page of them could
//! be hundreds of megabytes.
//! Refuses: a picture to somebody who may see no submission that shows it.

use super::reading::visible;
use super::reception::blocking;
use super::{Evidence, EvidenceError};
use crate::auth::Actor;
use crate::domain::{Photo, Sha256};
use crate::media::{self, RenditionSize};
use crate::store::records::{PhotoUses, Photos as PhotoRows};
use crate::store::{Range, ReadTables};

/// How large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoSize {
    /// Long edge 320 px.
    Thumb,
    /// Long edge 1600 px.
    Screen,
    /// The bytes as they were sent.
    Original,
}

impl PhotoSize {
    /// The folder in which copies of this size are kept; none are kept of originals.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Thumb => "320",
            Self::Screen | Self::Original => "1600",
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::Screen => "screen",
            Self::Original => "original",
        }
    }
}

impl std::str::FromStr for PhotoSize {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "thumb" => Ok(Self::Thumb),
            "screen" => Ok(Self::Screen),
            "original" => Ok(Self::Original),
            _ => Err(()),
        }
    }
}

/// A picture to be shown.
#[derive(Debug, Clone)]
pub struct PhotoFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether it will always be what is shown in this size.
    pub lasts: Lasts,
}

/// How long a picture stands for what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// For ever.
    Always,
    /// Until a copy can be made: the original stands in for it.
    ForNow,
}

impl Evidence {
    /// The picture `sha256` in `size`, for an actor who may see a submission that shows it.
    pub async fn photo(
        &self,
        actor: &Actor,
        sha256: Sha256,
        size: PhotoSize,
    ) -> Result<PhotoFile, EvidenceError> {
        let actor = actor.clone();
        let photo = self
            .store
            .read(move |view| {
                for key in view.keys::<PhotoUses>(Range::under(&sha256)) {
                    let (_, submission) = key?;
                    match visible(view, &actor, submission) {
                        Ok(_) => return view.get::<PhotoRows>(&sha256)?.ok_or(EvidenceError::NotFound),
                        Err(EvidenceError::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
                Err(EvidenceError::NotFound)
            })
            .await?;
        match size {
            PhotoSize::Original => self.original(sha256, photo).await,
            PhotoSize::Thumb => {
                self.smaller(sha256, photo, size.folder(), RenditionSize::Thumb320)
                    .await
            }
            PhotoSize::Screen => {
                let smaller = self
                    .smaller(sha256, photo, size.folder(), RenditionSize::Screen1600)
                    .await;
                match smaller {
                    Err(EvidenceError::NoCopy) => Ok(PhotoFile {
                        lasts: Lasts::ForNow,
                        ..self.original(sha256, photo).await?
                    }),
                    smaller => smaller,
                }
            }
        }
    }

    async fn original(&self, sha256: Sha256, photo: Photo) -> Result<PhotoFile, EvidenceError> {
        let photos = self.photos.clone();
        let bytes = blocking(move || photos.read(photo.shelf, sha256)).await?;
        Ok(PhotoFile {
            bytes,
            media_type: photo.kind.media_type(),
            lasts: Lasts::Always,
        })
    }

    async fn smaller(
        &self,
        sha256: Sha256,
        photo: Photo,
        folder: &'static str,
        size: RenditionSize,
    ) -> Result<PhotoFile, EvidenceError> {
        let photos = self.photos.clone();
        let made = blocking(move || photos.rendition(folder, sha256)).await?;
        let bytes = match made {
            Some(bytes) => bytes,
            None => self.make(sha256, photo, folder, size).await?,
        };
        Ok(PhotoFile {
            bytes,
            media_type: "image/jpeg",
            lasts: Lasts::Always,
        })
    }

    async fn make(
        &self,
        sha256: Sha256,
        photo: Photo,
        folder: &'static str,
        size: RenditionSize,
    ) -> Result<Vec<u8>, EvidenceError> {
        let decode = self
            .decodes
            .clone()
            .acquire_owned()
            .await
            .map_err(|_closed| EvidenceError::Overloaded)?;
        let (photos, limits, space) = (self.photos.clone(), self.picture_limits, self.space.clone());
        let memory = self.decode_memory.clone();
        blocking(move || {
            let bytes = photos.read(photo.shelf, sha256)?;
            // It was taken; a limit that was lowered since is no reason not to show it.
            let facts = media::inspect(&bytes, &limits).map_err(|refusal| no_copy(sha256, &refusal))?;
            let share = memory.take(media::decode_memory_bytes(&facts, size));
            let smaller = media::rendition(&bytes, &facts, size).map_err(|error| no_copy(sha256, &error))?;
            drop(share);
            // A copy that cannot be kept is made again next time; a full disk must not stop anybody from looking.
            if space.check(0).is_ok() {
                photos.keep_rendition(folder, sha256, &smaller)?;
            }
            drop(decode);
            Ok::<_, EvidenceError>(smaller)
        })
        .await
    }
}

fn no_copy(sha256: Sha256, why: &dyn std::error::Error) -> EvidenceError {
    tracing::info!(%sha256, %why, "a picture has no smaller copy");
    EvidenceError::NoCopy
}
