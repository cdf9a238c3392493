//! Resumable uploads: tus 1.0.0 with creation, creation-with-upload, checksum (SHA-256), expiration and termination.

use actix_web::HttpResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};

use super::submissions::require_picture_type;
use crate::auth::{FieldWorker, Permission};
use crate::http::App;
use crate::http::body::Body;
use crate::http::path;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::session::Session;
use crate::http::tus::{self, TusHeaders};
use crate::services::uploads::{Begun, Claim, NewUpload, Piece, Position, Progress, UploadError};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/uploads")
                .wrap(from_fn(tus::protocol))
                .route(web::method(Method::OPTIONS).to(abilities))
                .route(web::post().to(create)),
        )
        .service(
            web::resource("/api/v1/uploads/{id}")
                .wrap(from_fn(tus::protocol))
                .route(web::method(Method::OPTIONS).to(abilities_at_upload))
                .route(web::head().to(progress))
                .route(web::patch().to(append))
                .route(web::delete().to(terminate)),
        );
}

/// What this server speaks of tus.
#[utoipa::path(
    options, path = "/api/v1/uploads", operation_id = "upload_abilities", tag = "evidence",
    responses((status = 204, description = "In `Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, `Tus-Checksum-Algorithm`"))
)]
pub(in crate::http) async fn abilities(app: Data<App>) -> HttpResponse {
    tus::abilities(app.uploads.max_bytes())
}

/// The same, asked at an upload.
#[utoipa::path(
    options, path = "/api/v1/uploads/{id}", operation_id = "upload_abilities_at", tag = "evidence",
    params(("id" = uuid::Uuid, Path, description = "Any upload; it is not looked for")),
    responses((status = 204, description = "In `Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, `Tus-Checksum-Algorithm`"))
)]
pub(in crate::http) async fn abilities_at_upload(app: Data<App>) -> HttpResponse {
    tus::abilities(app.uploads.max_bytes())
}

/// Begins a resumable upload for one picture of a submission, or finds the one that was begun before.
///
/// `Upload-Offset` says how much of the picture is here: all of it when it is stored already. A body is the picture
/// from its first byte on; what is here of it is passed over.
#[utoipa::path(
    post, path = "/api/v1/uploads", operation_id = "begin_upload", tag = "evidence", security(("bearer" = [])),
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = u64, Header, description = "Length of the picture in bytes"),
        ("Upload-Metadata" = String, Header,
            description = "`submission` (UUID), `sha256` (hex) and `filetype`, each value in base64"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha256` and the base64 digest of the body"),
    ),
    request_body(content((Vec<u8> = "application/offset+octet-stream"))),
    responses(
        (status = 201, description = "Go on at `Location` from `Upload-Offset`"),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, description = "No such submission, or not yours", body = ProblemBody),
        (status = 408, body = ProblemBody), (status = 409, body = ProblemBody), (status = 411, body = ProblemBody),
        (status = 412, body = ProblemBody), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody),
        (status = 422, body = ProblemBody), (status = 423, body = ProblemBody), (status = 460, body = ProblemBody),
        (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn create(
    actor: Session<FieldWorker>,
    headers: TusHeaders,
    body: Body,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    headers.require_version()?;
    let (metadata, checksum) = (headers.metadata()?, headers.checksum()?);
    require_picture_type(&metadata.filetype)?;
    let new = NewUpload {
        submission: metadata.submission,
        sha256: metadata.sha256,
        bytes: headers.length()?,
    };
    let brings_bytes = body.media_type() == tus::PIECE_TYPE && body.length() != Some(0);
    if !brings_bytes && body.length().is_some_and(|length| length > 0) {
        return Err(not_a_piece());
    }
    let (id, mut progress) = app.uploads.begin(&actor, new).await?;
    if brings_bytes {
        let claim = Claim {
            position: Position::Start,
            length: body.length(),
            checksum,
        };
        progress = receive(app.uploads.begin_piece(&actor, id, claim).await?, body).await?;
    }
    let location = format!("/api/v1/uploads/{id}");
    Ok(tus::answer(StatusCode::CREATED, &progress)
        .insert_header((header::LOCATION, location))
        .finish())
}

/// How much of an upload is here. A request that hangs at it is ended.
#[utoipa::path(
    head, path = "/api/v1/uploads/{id}", operation_id = "upload_progress", tag = "evidence", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    responses(
        (status = 200, description = "In `Upload-Offset`, `Upload-Length` and `Upload-Expires`"),
        (status = 401), (status = 403), (status = 404), (status = 409), (status = 410), (status = 412),
        (status = 415), (status = 422), (status = 423), (status = 503), (status = 507),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn progress(
    actor: Session<FieldWorker>,
    id: Path<String>,
    headers: TusHeaders,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    headers.require_version()?;
    let progress = app.uploads.progress(&actor, path::id(&id)?).await?;
    Ok(tus::answer(StatusCode::OK, &progress).finish())
}

/// Sends the next piece. With the last one the picture is checked and fills its slot.
///
/// What arrives before a connection breaks is kept, unless the piece has a checksum. A piece of a picture that is stored
/// already is answered like the last one.
#[utoipa::path(
    patch, path = "/api/v1/uploads/{id}", operation_id = "append_upload", tag = "evidence", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Offset" = u64, Header, description = "Where the piece begins, in bytes"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha256` and the base64 digest of the piece"),
    ),
    request_body(content((Vec<u8> = "application/offset+octet-stream"))),
    responses(
        (status = 204, description = "Taken; go on from `Upload-Offset`"),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 408, body = ProblemBody),
        (status = 409, description = "`Upload-Offset` says where to go on", body = ProblemBody),
        (status = 410, body = ProblemBody), (status = 412, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody), (status = 423, body = ProblemBody),
        (status = 460, description = "Nothing of the piece was kept", body = ProblemBody),
        (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn append(
    actor: Session<FieldWorker>,
    id: Path<String>,
    headers: TusHeaders,
    body: Body,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    headers.require_version()?;
    if body.media_type() != tus::PIECE_TYPE {
        return Err(not_a_piece());
    }
    let claim = Claim {
        position: Position::Offset(headers.offset()?),
        length: body.length(),
        checksum: headers.checksum()?,
    };
    let begun = app.uploads.begin_piece(&actor, path::id(&id)?, claim).await?;
    let progress = receive(begun, body).await?;
    Ok(tus::answer(StatusCode::NO_CONTENT, &progress).finish())
}

/// Throws an upload away. A picture that is stored stays.
#[utoipa::path(
    delete, path = "/api/v1/uploads/{id}", operation_id = "terminate_upload", tag = "evidence", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    responses(
        (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 410, body = ProblemBody), (status = 412, body = ProblemBody),
        (status = 423, body = ProblemBody), (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn terminate(
    actor: Session<FieldWorker>,
    id: Path<String>,
    headers: TusHeaders,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    headers.require_version()?;
    app.uploads.terminate(&actor, path::id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn receive(begun: Begun, body: Body) -> Result<Progress, Problem> {
    match begun {
        Begun::Piece(piece) => take_in(*piece, body).await,
        Begun::Complete(progress) => Ok(progress),
    }
}

/// Reads the body into the piece until it ends, breaks, or a newer request wants the upload.
async fn take_in(mut piece: Piece, mut body: Body) -> Result<Progress, Problem> {
    loop {
        let bytes = tokio::select! {
            biased;
            () = piece.overtaken() => return Err(UploadError::Locked.into()),
            bytes = body.next() => bytes,
        };
        match bytes {
            Some(bytes) => piece.write(bytes?).await?,
            None => return Ok(piece.finish().await?),
        }
    }
}

fn not_a_piece() -> Problem {
    Problem::new(ProblemCode::MediaTypeUnsupported).detail(
        format!("Nội dung phải là {}.", tus::PIECE_TYPE),
        format!("The body must be {}.", tus::PIECE_TYPE),
    )
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::NotFound => Self::new(ProblemCode::NotFound),
            UploadError::Expired => Self::new(ProblemCode::UploadGone),
            UploadError::OffsetDiffers { offset } => tus::offset_differs(offset),
            UploadError::BeyondLength { bytes } => Self::new(ProblemCode::BodyTooLarge).detail(
                format!("Đã báo ảnh dài {bytes} byte nhưng gửi nhiều hơn."),
                format!("The picture was announced with {bytes} bytes, and more came."),
            ),
            UploadError::ChecksumDiffers => Self::new(ProblemCode::ChecksumMismatch),
            UploadError::Locked => Self::new(ProblemCode::UploadLocked).retry_after(1),
            UploadError::Evidence(error) => error.into(),
        }
    }
}
