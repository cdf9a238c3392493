//! From rows to submissions: pictures are looked at and hashed, rows of one submission are put together.
//!
//! Invariant: the id is a function of assignment, time and hashes, in whatever order the rows stand; only one picture
//! is in memory at a time.
//! Refuses: pictures that the server would refuse, before the first byte is sent.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};
use unicode_normalization::UnicodeNormalization;

use super::{Mistake, Row};
use crate::client::{Picture, Report};
use crate::config::Limits;
use crate::domain::{AssignmentId, ClientApp, Moment, Sha256, SubmissionId};
use crate::media::{PictureKind, PictureLimits, PictureRefusal, inspect};

const MAX_PHOTOS: usize = 5;

/// One submission, ready to be sent.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its id.
    pub id: SubmissionId,
    /// What is reported.
    pub report: Report,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// Their names in the list.
    pub files: Vec<PathBuf>,
    /// The line of its first picture.
    pub line: u64,
}

/// A whole list, ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    /// In the order of the list.
    pub evidence: Vec<Evidence>,
    /// All pictures together, bytes.
    pub bytes: u64,
}

/// The id of the submission with these pictures: the same for the same content on every machine and in every run.
pub fn submission_id(assignment: AssignmentId, captured_at: Moment, hashes: &[Sha256]) -> SubmissionId {
    let mut sorted = hashes.to_vec();
    sorted.sort_unstable();
    let mut digester = Hasher::new();
    digester.update(b"minhchung submit 1\0");
    digester.update(assignment.0.as_bytes());
    digester.update(captured_at.as_millis().to_be_bytes());
    for hash in sorted {
        digester.update(hash.0);
    }
    let digest: [u8; 32] = digester.finalize().into();
    let chance = digest.first_chunk::<10>().copied().unwrap_or_default();
    let millis = u64::try_from(captured_at.as_millis()).unwrap_or(0);
    SubmissionId(uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
}

/// The submissions of `rows`, with their pictures in `folder`; or everything that is wrong with them.
pub fn prepare(
    folder: &Path,
    rows: &[Row],
    mut on_picture: impl FnMut(&Path),
) -> Result<Prepared, Vec<Mistake>> {
    let (mut groups, mut mistakes) = (Vec::<Group>::new(), Vec::new());
    let mut group_of: HashMap<(AssignmentId, Moment), usize> = HashMap::new();
    for row in rows {
        on_picture(&row.file);
        let picture = match look_at(folder, &row.file) {
            Ok(picture) => Some(picture),
            Err((vi, en)) => {
                mistakes.push(Mistake::new(row.line, "file", vi, en));
                None
            }
        };
        let at = *group_of
            .entry((row.assignment, row.captured_at))
            .or_insert_with(|| {
                groups.push(Group::new(row));
                groups.len().saturating_sub(1)
            });
        if let Some(group) = groups.get_mut(at) {
            group.add(row, picture, &mut mistakes);
        }
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| mistake.line);
        return Err(mistakes);
    }
    let evidence: Vec<Evidence> = groups.into_iter().map(Group::evidence).collect();
    let bytes = evidence
        .iter()
        .flat_map(|each| &each.pictures)
        .map(|picture| picture.bytes)
        .sum();
    Ok(Prepared { evidence, bytes })
}

/// Rows that belong together.
struct Group {
    first: Row,
    files: Vec<PathBuf>,
    pictures: Vec<Picture>,
}

impl Group {
    fn new(first: &Row) -> Self {
        Self {
            first: first.clone(),
            files: Vec::new(),
            pictures: Vec::new(),
        }
    }

    fn add(&mut self, row: &Row, picture: Option<Picture>, mistakes: &mut Vec<Mistake>) {
        let mut wrong =
            |column, vi: String, en: String| mistakes.push(Mistake::new(row.line, column, vi, en));
        let first = self.first.line;
        if differs(&mut self.first.location, row.location) {
            wrong(
                "lat",
                format!("vị trí khác với dòng {first} của cùng minh chứng"),
                format!("another place than on line {first} of the same submission"),
            );
        }
        if differs(&mut self.first.signed_count, row.signed_count) {
            wrong(
                "signed_count",
                format!("số người ký khác với dòng {first} của cùng minh chứng"),
                format!("another head count than on line {first} of the same submission"),
            );
        }
        if self.files.len() == MAX_PHOTOS {
            wrong(
                "file",
                format!("mỗi minh chứng có nhiều nhất {MAX_PHOTOS} ảnh"),
                format!("a submission has at most {MAX_PHOTOS} pictures"),
            );
            return;
        }
        self.files.push(row.file.clone());
        let Some(picture) = picture else {
            return;
        };
        if self.pictures.iter().any(|other| other.sha256 == picture.sha256) {
            wrong(
                "file",
                "ảnh này đã có trong cùng minh chứng".to_owned(),
                "this picture is in the same submission already".to_owned(),
            );
        }
        self.pictures.push(picture);
    }

    fn evidence(self) -> Evidence {
        let hashes: Vec<_> = self.pictures.iter().map(|picture| picture.sha256).collect();
        let Row {
            line,
            assignment,
            captured_at,
            location,
            signed_count,
            ..
        } = self.first;
        Evidence {
            id: submission_id(assignment, captured_at, &hashes),
            report: Report {
                assignment_id: assignment,
                captured_at,
                location,
                note: None,
                signed_count,
                photos: self.pictures.iter().map(Picture::announcement).collect(),
                client: ClientApp {
                    app: "minhchung-submit".to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                },
            },
            pictures: self.pictures,
            files: self.files,
            line,
        }
    }
}

/// Takes over what only the later row says; true when both say something and it is not the same.
fn differs<T: PartialEq + Copy>(kept: &mut Option<T>, later: Option<T>) -> bool {
    match (&kept, later) {
        (_, None) => false,
        (None, Some(_)) => {
            *kept = later;
            false
        }
        (Some(kept), Some(later)) => *kept != later,
    }
}

/// The picture `file` in `folder`, hashed; or why it cannot be sent, in both languages.
fn look_at(folder: &Path, file: &Path) -> Result<Picture, (String, String)> {
    let shown = file.display();
    let path = find(folder, file).ok_or_else(|| {
        (
            format!("không có tệp {shown} trong thư mục"),
            format!("there is no file {shown} in the folder"),
        )
    })?;
    let unreadable = |error: std::io::Error| {
        (
            format!("không đọc được {shown}: {error}"),
            format!("{shown} cannot be read: {error}"),
        )
    };
    let max_bytes = Limits::default().max_picture_bytes;
    let mut content = Vec::new();
    File::open(&path)
        .map_err(unreadable)?
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(unreadable)?;
    let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
    if length > max_bytes {
        let mib = max_bytes >> 20;
        return Err((
            format!("{shown} lớn hơn {mib} MiB"),
            format!("{shown} is larger than {mib} MiB"),
        ));
    }
    let facts = inspect(&content, &PictureLimits::DEFAULT).map_err(|refusal| refused(&refusal))?;
    let media_type = match facts.kind {
        PictureKind::Jpeg => "image/jpeg",
        PictureKind::Png => "image/png",
        PictureKind::Webp => "image/webp",
    };
    let sha256 = Sha256(Hasher::digest(&content).into());
    Ok(Picture::in_file(path, sha256, length, media_type))
}

fn refused(refusal: &PictureRefusal) -> (String, String) {
    let vi = match refusal {
        PictureRefusal::Empty => "tệp rỗng".to_owned(),
        PictureRefusal::NotAPicture => "tệp không phải ảnh".to_owned(),
        PictureRefusal::UnsupportedKind { found } => {
            format!("đây là tệp {}; chỉ nhận ảnh JPEG, PNG hoặc WebP", found.name())
        }
        PictureRefusal::Truncated => "ảnh bị cắt, thiếu phần cuối".to_owned(),
        PictureRefusal::TooManyPixels { pixels, max } => {
            format!("ảnh có {pixels} điểm ảnh; nhiều nhất là {max}")
        }
        PictureRefusal::Broken { .. } => "ảnh bị hỏng".to_owned(),
    };
    (vi, refusal.to_string())
}

/// The file, whichever Unicode form its name has on this disk: spreadsheets compose accents, some systems split them.
fn find(folder: &Path, file: &Path) -> Option<PathBuf> {
    let text = file.to_string_lossy();
    [text.to_string(), text.nfc().collect(), text.nfd().collect()]
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| fs::metadata(path).is_ok_and(|found| found.is_file()))
}
