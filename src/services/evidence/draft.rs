//! What a phone reports, checked before anything is looked up.
//!
//! Invariant: a [`Draft`] holds only values that may be stored; every wrong field is named at once.
//! Refuses: to be strict about what a phone cannot help: a clock in 1970, a missing place, an accuracy of 0.

use std::collections::BTreeSet;

use crate::domain::{ClientApp, FieldError, Moment, Report, Sha256, Submission, SubmissionId};

const MAX_PHOTOS: usize = 5;
const MAX_NOTE_CHARS: usize = 10_000;
const MAX_CLIENT_CHARS: usize = 100;
const MAX_SIGNED: u32 = 1_000_000;
/// Half the earth's circumference: more than that is no accuracy.
const MAX_ACCURACY_M: f64 = 20_037_508.0;

/// A picture that will come, as the report announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftPhoto {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Which pictures belong to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoList {
    /// The report names them.
    Announced(Vec<DraftPhoto>),
    /// They are those that come in the same request.
    AsSent,
}

/// A report as it came, with its fields within bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The phone's id for it.
    pub id: SubmissionId,
    /// What is reported.
    pub report: Report,
    /// Its pictures.
    pub photos: PhotoList,
    /// The sending program.
    pub client: Option<ClientApp>,
    /// The phone's clock when it sent this; not part of what is reported, since every try has its own.
    pub phone_clock: Option<Moment>,
}

impl Draft {
    /// Every field that is out of bounds; pictures may have `max_picture_bytes`.
    pub fn wrong_fields(&self, max_picture_bytes: u64) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        let note_chars = self.report.note.as_ref().map_or(0, |note| note.chars().count());
        if note_chars > MAX_NOTE_CHARS {
            wrong.push(FieldError::new(
                "/note",
                "too-long",
                format!("Ghi chú dài quá {MAX_NOTE_CHARS} ký tự."),
                format!("The note is longer than {MAX_NOTE_CHARS} characters."),
            ));
        }
        if self.report.signed_count.is_some_and(|count| count > MAX_SIGNED) {
            wrong.push(FieldError::new(
                "/signed_count",
                "out-of-range",
                "Số người ký quá lớn.",
                "The head count is too large.",
            ));
        }
        if let Some(location) = &self.report.location {
            let accuracy_m = location.accuracy_m;
            if !(accuracy_m.is_finite() && (0.0..=MAX_ACCURACY_M).contains(&accuracy_m)) {
                wrong.push(FieldError::new(
                    "/location/accuracy_m",
                    "out-of-range",
                    "Sai số của vị trí phải từ 0 đến 20.037.508 m (nửa vòng trái đất).",
                    "The accuracy has to be 0 to 20,037,508 metres (half way around the earth).",
                ));
            }
        }
        if let Some(client) = &self.client
            && client.app.chars().count().max(client.version.chars().count()) > MAX_CLIENT_CHARS
        {
            wrong.push(FieldError::new(
                "/client",
                "too-long",
                "Tên hoặc phiên bản ứng dụng quá dài.",
                "The client's name or version is too long.",
            ));
        }
        if let PhotoList::Announced(photos) = &self.photos {
            wrong.extend(wrong_photos(photos, max_picture_bytes));
        }
        wrong
    }

    /// Whether this is what `submission` was made of. The program's version is left out: an app that was updated
    /// between two tries still sends the same evidence.
    pub(super) fn says_the_same(&self, submission: &Submission, photos: &[DraftPhoto]) -> bool {
        let announced: BTreeSet<_> = photos.iter().copied().collect();
        let kept: BTreeSet<_> = submission
            .photos
            .iter()
            .map(|slot| DraftPhoto {
                sha256: slot.sha256,
                bytes: slot.bytes,
            })
            .collect();
        self.report == submission.report && announced == kept
    }
}

fn wrong_photos(photos: &[DraftPhoto], max_picture_bytes: u64) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if photos.is_empty() || photos.len() > MAX_PHOTOS {
        wrong.push(FieldError::new(
            "/photos",
            "wrong-count",
            format!("Mỗi minh chứng có từ 1 đến {MAX_PHOTOS} ảnh."),
            format!("A submission has 1 to {MAX_PHOTOS} pictures."),
        ));
    }
    let mut seen = BTreeSet::new();
    for (number, photo) in photos.iter().enumerate() {
        if !seen.insert(photo.sha256) {
            wrong.push(FieldError::new(
                format!("/photos/{number}/sha256"),
                "repeated",
                "Ảnh này đã có trong danh sách.",
                "This picture is listed twice.",
            ));
        }
        if photo.bytes == 0 || photo.bytes > max_picture_bytes {
            let mib = max_picture_bytes >> 20;
            wrong.push(FieldError::new(
                format!("/photos/{number}/bytes"),
                "out-of-range",
                format!("Ảnh phải có từ 1 byte đến {mib} MiB."),
                format!("A picture has 1 byte to {mib} MiB."),
            ));
        }
    }
    wrong
}
