//! Accounts and their phones, for those who look after people.

use actix_web::http::header;
use actix_web::web::{self, Data, Json, Path};
use actix_web::{HttpResponse, Responder};
use serde::Deserialize;

use super::user_forms::{
    ChangeUserRequest, InvitationAnswer, NewUserRequest, UserAnswer, UserWithDevices, invitation, user,
};
use crate::auth::{PeopleKeeper, Permission};
use crate::domain::DeviceId;
use crate::http::App;
use crate::http::answers::{BodyProblems, NotFoundProblem, QueryProblems, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::path;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::{Page, PageParams, Query, cursor, parameter};
use crate::http::session::Session;
use crate::services::accounts::{Keeper, Made, PeopleFilter, UserError};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/users")
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            web::resource("/api/v1/users/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change)),
        )
        .service(web::resource("/api/v1/users/{id}/enrolment").route(web::post().to(invite)))
        .service(web::resource("/api/v1/users/{id}/devices/{device}").route(web::delete().to(remove_device)));
}

/// Which accounts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct PeopleParams {
    /// Only of this role.
    #[param(value_type = Option<crate::domain::Role>)]
    role: Option<String>,
    /// Only of this commune.
    #[param(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<String>,
    /// Only with these letters in name or user name, whatever case and accents.
    q: Option<String>,
}

/// Accounts, by user name.
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "list_users", tag = "accounts", params(PeopleParams, PageParams),
    responses((status = 200, body = Page<UserAnswer>), SessionProblems, QueryProblems),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn list(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    query: Query,
) -> Result<impl Responder, Problem> {
    let (params, page): (PeopleParams, PageParams) = (query.read()?, query.read()?);
    let filter = PeopleFilter {
        role: parameter("role", params.role.as_deref())?,
        commune: parameter("commune", params.commune.as_deref())?,
        letters: params.q.unwrap_or_default(),
    };
    let after = page.after()?.map(String::from_utf8).transpose();
    let after = after.map_err(|_no_text| Problem::new(ProblemCode::CursorInvalid))?;
    let keeper = Keeper::of(&session);
    let people = app.accounts.people(keeper, filter, after, page.limit()?).await?;
    let now = app.clock.now();
    Ok(Json(Page {
        items: people.items.iter().map(|person| user(person, now)).collect(),
        next: people.next.map(|name| cursor(name.as_bytes())),
    }))
}

/// Make an account.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "create_user", tag = "accounts", request_body = NewUserRequest,
    responses(
        (status = 201, description = "Made", body = UserAnswer),
        (status = 200, description = "The same request had made it", body = UserAnswer),
        (status = 409, description = "The id or the user name belongs to another account", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, WriteProblems
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn create(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    body: Body,
) -> Result<impl Responder, Problem> {
    let request: NewUserRequest = body.json().await?;
    let made = app
        .accounts
        .create_user(Keeper::of(&session), request.into())
        .await?;
    let (mut response, made) = match made {
        Made::New(made) => (HttpResponse::Created(), made),
        Made::Before(made) => (HttpResponse::Ok(), made),
    };
    response.insert_header((header::LOCATION, format!("/api/v1/users/{}", made.id)));
    let (person, _) = app.accounts.person(Keeper::of(&session), made.id).await?;
    Ok(response.json(user(&person, app.clock.now())))
}

/// One account and its devices.
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "show_user", tag = "accounts", params(("id" = Uuid, Path, description = "The account")),
    responses((status = 200, body = UserWithDevices), SessionProblems, NotFoundProblem),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn show(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    id: Path<String>,
) -> Result<impl Responder, Problem> {
    let (person, devices) = app.accounts.person(Keeper::of(&session), path::id(&id)?).await?;
    Ok(Json(UserWithDevices::new(&person, &devices, app.clock.now())))
}

/// Change an account. What is not there stays as it is.
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", operation_id = "change_user", tag = "accounts", params(("id" = Uuid, Path, description = "The account")),
    request_body = ChangeUserRequest,
    responses(
        (status = 200, body = UserAnswer),
        (status = 409, description = "The last administrator cannot be shut or demoted", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, NotFoundProblem, WriteProblems
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn change(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    id: Path<String>,
    body: Body,
) -> Result<impl Responder, Problem> {
    let id = path::id(&id)?;
    let request: ChangeUserRequest = body.json().await?;
    let person = app.accounts.change_user(&session, id, request.into()).await?;
    Ok(Json(user(&person, app.clock.now())))
}

/// A one-time code for a phone of this account; an older one is void.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/enrolment", operation_id = "invite_user", tag = "accounts", params(("id" = Uuid, Path, description = "The account")),
    responses(
        (status = 201, description = "Shown only this once", body = InvitationAnswer),
        (status = 409, description = "This account does not join by code", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, NotFoundProblem, WriteProblems
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn invite(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    id: Path<String>,
) -> Result<impl Responder, Problem> {
    let invited = app.accounts.invite(Keeper::of(&session), path::id(&id)?).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.json(invitation(invited)))
}

/// Throw a device out, such as a lost phone.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}/devices/{device}", tag = "accounts",
    params(("id" = Uuid, Path, description = "The account"), ("device" = Uuid, Path, description = "Its device")),
    responses((status = 204, description = "Out at once"), SessionProblems, NotFoundProblem, WriteProblems),
    security(("bearer" = [])), extensions(("x-roles" = json!(PeopleKeeper::ROLES)))
)]
pub(in crate::http) async fn remove_device(
    session: Session<PeopleKeeper>,
    app: Data<App>,
    ids: Path<(String, String)>,
) -> Result<impl Responder, Problem> {
    let (user, device): (_, DeviceId) = (path::id(&ids.0)?, path::id(&ids.1)?);
    let keeper = Keeper::of(&session);
    app.accounts.remove_device(keeper, user, device).await?;
    Ok(HttpResponse::NoContent())
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => Self::new(ProblemCode::NotFound),
            UserError::NotYours => Self::new(ProblemCode::Forbidden),
            UserError::Invalid(fields) => Self::invalid(fields),
            UserError::Differs => Self::new(ProblemCode::UserDiffers),
            UserError::NameTaken => Self::new(ProblemCode::UserDiffers).detail(
                "Tên đăng nhập này đã có người dùng.",
                "This user name is taken.",
            ),
            UserError::LastAdmin => Self::new(ProblemCode::IllegalStep).detail(
                "Đây là quản trị viên cuối cùng; hãy lập một quản trị viên khác trước.",
                "This is the last administrator; make another one first.",
            ),
            UserError::NotForPhones => Self::new(ProblemCode::IllegalStep).detail(
                "Tài khoản này không vào bằng mã kích hoạt được: đã khóa, hoặc vai trò phải dùng mã xác thực.",
                "This account cannot join by code: it is shut, or its role needs one-time codes.",
            ),
            UserError::Busy(_) => Self::new(ProblemCode::Overloaded).retry_after(3),
            UserError::NotHashed(_) => Self::internal(&error),
            UserError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::Path as _;

    use super::*;

    #[test]
    fn the_specification_names_the_roles_of_the_permission_and_every_common_problem() {
        let operation = serde_json::to_value(__path_create::operation()).unwrap();
        assert_eq!(operation["x-roles"], json!(PeopleKeeper::ROLES));
        assert_eq!(operation["x-roles"], json!(["admin", "commune_officer"]));
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        for status in [
            "200", "201", "400", "401", "403", "408", "409", "413", "415", "422", "503", "507",
        ] {
            assert!(
                statuses.iter().any(|known| *known == status),
                "{status} in {statuses:?}"
            );
        }
        let problem = &operation["responses"]["401"]["content"]["application/problem+json"];
        assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
        let explicit = &operation["responses"]["409"]["content"]["application/problem+json"];
        assert_eq!(explicit["schema"]["$ref"], "#/components/schemas/Problem");
    }
}
