//! The headers of tus 1.0.0: what a client may say, and what every answer says.
//!
//! Invariant: headers are judged by the handler, after the session is known; every answer names the version.
//! Refuses: checksums other than SHA-256 and lengths told later. What is here stands in `Tus-Extension`.

use std::time::{Duration, SystemTime};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, HttpDate};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::problem::{Problem, ProblemCode};
use crate::domain::{FieldError, Moment, Sha256, SubmissionId};
use crate::services::uploads::Progress;

/// The only version spoken.
pub const VERSION: &str = "1.0.0";
/// The media type of a piece.
pub const PIECE_TYPE: &str = "application/offset+octet-stream";
const EXTENSIONS: &str = "creation,creation-with-upload,checksum,expiration,termination";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Wraps the paths of uploads: names the version on every answer, and lets clients that can only POST say which method
/// they mean. Other methods are taken as they are, so that nobody is made to change something by following a link.
pub async fn protocol<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let meant = request.headers().get(METHOD_OVERRIDE).map(HeaderValue::as_bytes);
    if let Some(method) = meant.and_then(|name| Method::from_bytes(name).ok())
        && request.method() == Method::POST
    {
        request.head_mut().method = method;
    }
    let mut response = next.call(request).await?;
    response
        .headers_mut()
        .insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    Ok(response.map_into_left_body())
}

/// The headers of a request, which nobody has judged yet.
#[derive(Debug)]
pub struct TusHeaders {
    headers: HeaderMap,
}

impl FromRequest for TusHeaders {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            headers: request.headers().clone(),
        }))
    }
}

/// What `Upload-Metadata` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The submission.
    pub submission: SubmissionId,
    /// SHA-256 of the whole picture.
    pub sha256: Sha256,
    /// Its media type; empty when not told.
    pub filetype: String,
}

impl TusHeaders {
    /// Refuses every version but 1.0.0, also none.
    pub fn require_version(&self) -> Result<(), Problem> {
        if self.text("tus-resumable") == Some(VERSION) {
            Ok(())
        } else {
            Err(Problem::new(ProblemCode::TusVersion).header(TUS_VERSION, VERSION))
        }
    }

    /// `Upload-Offset`.
    pub fn offset(&self) -> Result<u64, Problem> {
        let offset = self.number("upload-offset")?;
        offset.ok_or_else(|| unreadable("Upload-Offset"))
    }

    /// `Upload-Length`.
    pub fn length(&self) -> Result<u64, Problem> {
        let length = self.number("upload-length")?;
        length.ok_or_else(|| Problem::new(ProblemCode::LengthRequired))
    }

    /// `Upload-Checksum`, of which only `sha256` is known.
    pub fn checksum(&self) -> Result<Option<Sha256>, Problem> {
        if !self.headers.contains_key("upload-checksum") {
            return Ok(None);
        }
        let bytes = self
            .text("upload-checksum")
            .and_then(|text| text.split_once(' '))
            .filter(|(algorithm, _)| algorithm.eq_ignore_ascii_case("sha256"))
            .and_then(|(_, digest)| STANDARD.decode(digest.trim()).ok())
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes
            .map(|bytes| Some(Sha256(bytes)))
            .ok_or_else(|| unreadable("Upload-Checksum"))
    }

    /// `Upload-Metadata`. Keys that this server does not know are passed over.
    pub fn metadata(&self) -> Result<Metadata, Problem> {
        let mut values = [("submission", None), ("sha256", None), ("filetype", None)];
        for pair in self.text("upload-metadata").unwrap_or("").split(',') {
            let pair = pair.trim();
            let (key, encoded) = pair.split_once(' ').unwrap_or((pair, ""));
            let decoded = STANDARD.decode(encoded.trim()).ok();
            let value = decoded
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| unreadable("Upload-Metadata"))?;
            if let Some((_, slot)) = values.iter_mut().find(|(known, _)| *known == key) {
                *slot = Some(value);
            }
        }
        let [(_, submission), (_, sha256), (_, filetype)] = values;
        let submission = submission.and_then(|text| text.trim().parse().ok());
        let sha256 = sha256.and_then(|text| text.trim().parse().ok());
        let (Some(submission), Some(sha256)) = (submission, sha256) else {
            let wrong = [("submission", submission.is_none()), ("sha256", sha256.is_none())];
            let wrong = wrong.into_iter().filter(|(_, is_wrong)| *is_wrong);
            return Err(Problem::invalid(wrong.map(|(key, _)| wrong_value(key)).collect()));
        };
        Ok(Metadata {
            submission,
            sha256,
            filetype: filetype.unwrap_or_default().trim().to_ascii_lowercase(),
        })
    }

    fn number(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        if !self.headers.contains_key(name) {
            return Ok(None);
        }
        // Digits alone: parsing would also take a sign.
        let text = self.text(name).map(str::trim);
        text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| unreadable(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn unreadable(name: &str) -> Problem {
    Problem::new(ProblemCode::BadRequest).detail(
        format!("Thiếu hoặc sai tiêu đề {name}."),
        format!("The header {name} is missing or cannot be used."),
    )
}

fn wrong_value(key: &str) -> FieldError {
    FieldError::new(
        format!("Upload-Metadata/{key}"),
        "wrong-parameter",
        format!("Thiếu hoặc sai giá trị {key}."),
        format!("{key} is missing or cannot be used."),
    )
}

/// How far an upload is, as every answer about one says it.
pub fn answer(status: StatusCode, progress: &Progress) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((UPLOAD_OFFSET, progress.offset.to_string()))
        .insert_header((UPLOAD_LENGTH, progress.bytes.to_string()))
        .insert_header((UPLOAD_EXPIRES, http_date(progress.expires_at)))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// What the server speaks.
pub fn abilities(max_bytes: u64) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((TUS_VERSION, VERSION))
        .insert_header((TUS_EXTENSION, EXTENSIONS))
        .insert_header((TUS_MAX_SIZE, max_bytes.to_string()))
        .insert_header((TUS_CHECKSUM_ALGORITHM, "sha256"))
        .finish()
}

/// 409 with the place to go on from.
pub fn offset_differs(offset: u64) -> Problem {
    Problem::new(ProblemCode::UploadOffset).header(UPLOAD_OFFSET, offset.to_string())
}

fn http_date(moment: Moment) -> String {
    let since = u64::try_from(moment.as_millis()).unwrap_or(0);
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(since));
    HttpDate::from(time.unwrap_or(SystemTime::UNIX_EPOCH)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> TusHeaders {
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        TusHeaders { headers }
    }

    fn none() -> TusHeaders {
        TusHeaders {
            headers: HeaderMap::new(),
        }
    }

    #[test]
    fn only_version_one_is_spoken_and_it_has_to_be_named() {
        headers("tus-resumable", "1.0.0").require_version().unwrap();
        for other in [headers("tus-resumable", "0.2.2"), none()] {
            let problem = other.require_version().unwrap_err();
            assert_eq!(problem.code, ProblemCode::TusVersion);
            assert_eq!(problem.headers, [(TUS_VERSION, VERSION.to_owned())]);
        }
    }

    #[test]
    fn offsets_and_lengths_are_digits_and_nothing_else() {
        assert_eq!(headers("upload-offset", "0").offset().unwrap(), 0);
        assert_eq!(headers("upload-offset", " 70 ").offset().unwrap(), 70);
        for text in ["-1", "+1", "1.5", "0x10", "", "99999999999999999999"] {
            let problem = headers("upload-offset", text).offset().unwrap_err();
            assert_eq!(problem.code, ProblemCode::BadRequest, "{text}");
        }
        assert_eq!(none().offset().unwrap_err().code, ProblemCode::BadRequest);
        assert_eq!(none().length().unwrap_err().code, ProblemCode::LengthRequired);
        assert_eq!(
            headers("upload-length", "x").length().unwrap_err().code,
            ProblemCode::BadRequest
        );
    }

    #[test]
    fn a_checksum_is_a_whole_sha256_or_refused() {
        let digest = STANDARD.encode([7; 32]);
        let given = |text: &str| headers("upload-checksum", text).checksum();
        assert_eq!(given(&format!("sha256 {digest}")).unwrap(), Some(Sha256([7; 32])));
        assert_eq!(none().checksum().unwrap(), None);
        let short = STANDARD.encode([7; 31]);
        for text in [
            format!("sha1 {digest}"),
            format!("sha256 {short}"),
            format!("sha256{digest}"),
            "sha256 ?".to_owned(),
            String::new(),
        ] {
            assert_eq!(given(&text).unwrap_err().code, ProblemCode::BadRequest, "{text}");
        }
    }

    #[test]
    fn metadata_names_a_submission_and_a_hash_among_whatever_else_it_says() {
        let id = SubmissionId(uuid::Uuid::from_u128(7));
        let encode = |text: &str| STANDARD.encode(text);
        let (submission, hash) = (encode(&id.to_string()), encode(&"ab".repeat(32)));
        let name = encode("ảnh cổng làng.jpg");
        let text = format!(
            "filename {name}, submission {submission},sha256 {hash},is_private,filetype {}",
            encode("image/JPEG")
        );
        let metadata = headers("upload-metadata", &text).metadata().unwrap();
        assert_eq!(
            metadata,
            Metadata {
                submission: id,
                sha256: Sha256([0xab; 32]),
                filetype: "image/jpeg".into()
            }
        );
        let missing = headers("upload-metadata", &format!("submission {hash}"));
        let problem = missing.metadata().unwrap_err();
        assert_eq!(problem.code, ProblemCode::ValidationFailed);
        assert_eq!(problem.fields.len(), 2);
        let broken = headers("upload-metadata", "submission !!!")
            .metadata()
            .unwrap_err();
        assert_eq!(broken.code, ProblemCode::BadRequest);
        assert_eq!(none().metadata().unwrap_err().code, ProblemCode::ValidationFailed);
    }

    #[test]
    fn an_expiry_is_written_as_http_writes_dates() {
        let moment: Moment = "2026-02-28T10:00:00+07:00".parse().unwrap();
        assert_eq!(http_date(moment), "Sat, 28 Feb 2026 03:00:00 GMT");
    }
}
