//! Log-in, enrolment, refresh, log-out, one's own second factor, and who one is.

use actix_web::web::{self, Data, Json};
use actix_web::{HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::tidy_device_name;
use crate::auth::{Actor, Anyone, Leaver, OfficeNewcomer, Permission};
use crate::domain::{CommuneCode, FieldError, Role};
use crate::http::App;
use crate::http::answers::{BodyProblems, PaceProblems, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::client_address::ClientAddress;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::session::Session;
use crate::services::accounts::{LogIn, Opened, SignInError, TotpDuty, TotpError};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/auth/login").route(web::post().to(log_in)))
        .service(web::resource("/api/v1/auth/enrol").route(web::post().to(enrol)))
        .service(web::resource("/api/v1/auth/refresh").route(web::post().to(refresh)))
        .service(web::resource("/api/v1/auth/logout").route(web::post().to(log_out)))
        .service(web::resource("/api/v1/auth/totp").route(web::post().to(offer_totp)))
        .service(web::resource("/api/v1/auth/totp/confirm").route(web::post().to(confirm_totp)))
        .service(web::resource("/api/v1/me").route(web::get().to(me)));
}

/// A log-in with a password.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct LogInRequest {
    username: String,
    password: String,
    /// Six digits, for accounts with a second factor.
    totp: Option<String>,
    /// What the person calls this machine; shown in the list of devices.
    device_name: Option<String>,
    /// Made by the client for this attempt. The same request sent again within ten minutes gives the same session.
    request_id: Option<Uuid>,
}

/// A phone that joins.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct EnrolRequest {
    /// Twelve digits, with blanks or dashes as one likes.
    #[schema(example = "1234 5678 9012")]
    code: String,
    /// What the person calls this phone; shown in the list of devices.
    device_name: String,
    /// Made and kept by the phone. With it, the same code within ten minutes gives the same session again.
    device_id: Option<Uuid>,
}

/// A session that goes on.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct RefreshRequest {
    refresh_token: String,
    /// Made by the client, and kept before sending. The same request sent again gives the same tokens' session.
    request_id: Option<Uuid>,
}

/// What whoever came in is handed.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SessionAnswer {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Good once.
    refresh_token: String,
    user: Me,
    /// Only there when this session is good for nothing but setting up one-time codes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    totp_setup_required: bool,
}

/// Who one is.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Me {
    id: Uuid,
    name: String,
    role: Role,
    /// Five digits, for roles of a commune.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<CommuneCode>,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TotpOfferAnswer {
    /// Base 32, for typing.
    secret: String,
    /// For scanning.
    otpauth_url: String,
}

/// The first code of a new secret.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct TotpConfirmation {
    /// Six digits.
    code: String,
}

impl From<&Actor> for Me {
    fn from(actor: &Actor) -> Self {
        Self {
            id: actor.user.0,
            name: actor.name.clone(),
            role: actor.role,
            commune: actor.commune,
        }
    }
}

fn session(opened: Opened) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(SessionAnswer {
            user: Me::from(&opened.actor),
            access_token: opened.access_token,
            token_type: "Bearer",
            expires_in: opened.expires_in_s,
            refresh_token: opened.refresh_token,
            totp_setup_required: opened.duty == TotpDuty::SetUpFirst,
        })
}

/// Log in with user name and password.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "accounts", request_body = LogInRequest,
    responses(
        (status = 200, body = SessionAnswer),
        (status = 401, description = "Wrong, or a one-time code is needed", body = ProblemBody, content_type = "application/problem+json"),
        BodyProblems, PaceProblems, WriteProblems
    )
)]
pub(in crate::http) async fn log_in(
    address: ClientAddress,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: LogInRequest = body.json().await?;
    let log_in = LogIn {
        username: request.username,
        password: request.password,
        totp: request.totp,
        device_name: tidy_device_name(request.device_name.as_deref().unwrap_or_default()),
        request_id: request.request_id,
    };
    Ok(session(app.accounts.log_in(log_in, address.0).await?))
}

/// Join with a one-time code.
#[utoipa::path(
    post, path = "/api/v1/auth/enrol", tag = "accounts", request_body = EnrolRequest,
    responses(
        (status = 200, body = SessionAnswer),
        (status = 401, description = "Wrong, used or expired", body = ProblemBody, content_type = "application/problem+json"),
        BodyProblems, PaceProblems, WriteProblems
    )
)]
pub(in crate::http) async fn enrol(
    address: ClientAddress,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: EnrolRequest = body.json().await?;
    let name = tidy_device_name(&request.device_name);
    let opened = app
        .accounts
        .enrol(&request.code, name, request.device_id, address.0);
    Ok(session(opened.await?))
}

/// New tokens for a session. The refresh token that was shown is spent.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "accounts", request_body = RefreshRequest,
    responses(
        (status = 200, body = SessionAnswer),
        (status = 401, description = "Spent (the session has ended now), or not good any more", body = ProblemBody, content_type = "application/problem+json"),
        BodyProblems, WriteProblems
    )
)]
pub(in crate::http) async fn refresh(app: Data<App>, body: Body) -> Result<HttpResponse, Problem> {
    let request: RefreshRequest = body.json().await?;
    let opened = app.accounts.refresh(&request.refresh_token, request.request_id);
    Ok(session(opened.await?))
}

/// End this session.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "accounts",
    responses((status = 204, description = "Ended"), SessionProblems, WriteProblems),
    security(("bearer" = [])), extensions(("x-roles" = json!(Leaver::ROLES)))
)]
pub(in crate::http) async fn log_out(
    session: Session<Leaver>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    app.accounts.log_out(&session).await?;
    Ok(HttpResponse::NoContent())
}

/// A secret for one's authenticator app.
#[utoipa::path(
    post, path = "/api/v1/auth/totp", tag = "accounts",
    responses(
        (status = 200, body = TotpOfferAnswer),
        (status = 409, description = "One-time codes are in use already", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, WriteProblems
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(OfficeNewcomer::ROLES)))
)]
pub(in crate::http) async fn offer_totp(
    session: Session<OfficeNewcomer>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let offer = app.accounts.offer_totp(&session).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header(("cache-control", "no-store"));
    Ok(response.json(TotpOfferAnswer {
        secret: offer.secret,
        otpauth_url: offer.otpauth_url,
    }))
}

/// Put the secret to use by showing one of its codes.
#[utoipa::path(
    post, path = "/api/v1/auth/totp/confirm", tag = "accounts", request_body = TotpConfirmation,
    responses(
        (status = 204, description = "In use from now on"),
        (status = 409, description = "In use already, or none was asked for", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, WriteProblems
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(OfficeNewcomer::ROLES)))
)]
pub(in crate::http) async fn confirm_totp(
    session: Session<OfficeNewcomer>,
    app: Data<App>,
    body: Body,
) -> Result<impl Responder, Problem> {
    let request: TotpConfirmation = body.json().await?;
    app.accounts.confirm_totp(&session, &request.code).await?;
    Ok(HttpResponse::NoContent())
}

/// Who one is.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "accounts", responses((status = 200, body = Me), SessionProblems),
    security(("bearer" = [])), extensions(("x-roles" = json!(Anyone::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn me(session: Session<Anyone>) -> Json<Me> {
    Json(Me::from(&*session))
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wrong => Self::new(ProblemCode::SignInFailed),
            SignInError::TotpRequired => Self::new(ProblemCode::TotpRequired),
            SignInError::EnrolmentRefused => Self::new(ProblemCode::EnrolmentRefused),
            SignInError::EnrolmentMistyped => Self::new(ProblemCode::EnrolmentRefused).detail(
                "Mã gõ chưa đúng: gồm 12 chữ số. Hãy đọc lại từng số.",
                "The code is mistyped: it has 12 digits. Read it again digit by digit.",
            ),
            SignInError::RefreshReused => Self::new(ProblemCode::RefreshReused),
            SignInError::SessionOver => Self::new(ProblemCode::TokenInvalid),
            SignInError::TooMany(wait) => {
                Self::new(ProblemCode::TooManyRequests).retry_after(u64::from(wait.seconds))
            }
            SignInError::Busy(_) => Self::new(ProblemCode::Overloaded).retry_after(3),
            SignInError::Store(error) => error.into(),
            SignInError::Keys(_) | SignInError::NotIssued(_) => Self::internal(&error),
        }
    }
}

impl From<TotpError> for Problem {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::InUse => Self::new(ProblemCode::IllegalStep).detail(
                "Mã xác thực đã được dùng. Muốn đổi máy, hãy nhờ quản trị viên gỡ mã cũ.",
                "One-time codes are in use already. To change phones, ask an administrator to reset them.",
            ),
            TotpError::NotOffered => Self::new(ProblemCode::IllegalStep).detail(
                "Hãy lấy mã bí mật trước khi xác nhận.",
                "Ask for a secret before you confirm it.",
            ),
            TotpError::WrongCode => Self::invalid(vec![FieldError::new(
                "/code",
                "wrong-code",
                "Mã 6 số không khớp. Hãy xem lại giờ trên điện thoại.",
                "The six digits do not fit. Check the clock of your phone.",
            )]),
            TotpError::Gone => Self::new(ProblemCode::TokenInvalid),
            TotpError::Store(error) => error.into(),
        }
    }
}
