//! For every operation a request that works, and the record it is about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minhchung::domain::Role;
use minhchung::http::openapi::{self, Operation};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Relation, id_of};
use crate::field::{Field, Picture, new_id};
use crate::support::{Answer, COMMUNE, OTHER_COMMUNE, PASSWORD, Person, answer};

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Nothing,
    Commune,
    Assignment,
    Submission,
    Account,
}

/// What somebody may or may not see.
#[derive(Debug, Clone)]
pub struct Record {
    pub commune: &'static str,
    pub assignment: String,
    pub submission: String,
    pub picture: Picture,
    pub account: Person,
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub struct Asked {
    path: Vec<(&'static str, String)>,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Body,
    token: String,
    /// Statuses that stand for "done" where success would need more than a request.
    pub usual: &'static [u16],
}

#[derive(Debug)]
enum Body {
    None,
    Json(Value),
    Bytes(&'static str, Vec<u8>),
}

impl Record {
    /// A record for `person`, who stands to it in `relation`.
    pub async fn of(field: &Field, target: Target, person: &Person, role: Role, relation: Relation) -> Self {
        let (owner, commune) = match relation {
            Relation::Own if role == Role::CommuneOfficer => (person, COMMUNE),
            Relation::Own => (&field.head, COMMUNE),
            Relation::Neighbour => (&field.neighbour, COMMUNE),
            Relation::Foreign => (&field.stranger, OTHER_COMMUNE),
        };
        Self::make(field, target, owner, commune).await
    }

    /// A fresh record of `owner`.
    pub async fn make(field: &Field, target: Target, owner: &Person, commune: &'static str) -> Self {
        let (mut assignment, mut submission, mut picture) = (String::new(), String::new(), field.picture());
        if matches!(target, Target::Assignment | Target::Submission) {
            assignment = field.assignment(commune, owner).await;
        }
        if target == Target::Submission {
            (submission, picture) = field.submission(owner, &assignment).await;
        }
        let account = match target {
            Target::Account => field.harness.person(Role::VillageHead, Some(commune)).await,
            _ => owner.clone(),
        };
        Self {
            commune,
            assignment,
            submission,
            picture,
            account,
        }
    }
}

/// What the operation is about.
pub fn target(operation: &str) -> Target {
    match operation {
        "log_out"
        | "offer_totp"
        | "confirm_totp"
        | "me"
        | "list_users"
        | "list_assignments"
        | "assignment_template"
        | "list_submissions"
        | "completion"
        | "events"
        | "boundaries"
        | "list_claims"
        | "set_due"
        | "list_tips"
        | "register_tip"
        | "take_out_tip"
        | "sort_tip"
        | "shred_tip"
        | "purge_tips"
        | "reply_to_tip"
        | "tip_flood"
        | "set_tip_flood"
        | "tip_counts"
        | "list_tip_keys"
        | "add_tip_key"
        | "retire_tip_key"
        | "tip_notice"
        // Made by the request: the commune in the body decides.
        | "create_user"
        | "create_assignment"
        | "import_assignments" => Target::Nothing,
        "commune_completion" | "completion_timeline" | "draw_sheet" | "verify_sheet" => Target::Commune,
        "show_assignment" | "assignment_submissions" | "change_assignment" | "cancel_assignment" | "put_submission" | "put_photo" | "begin_upload"
        | "upload_progress" | "append_upload" | "terminate_upload" => Target::Assignment,
        "show_submission"
        | "submission_history"
        | "submission_audit"
        | "claim_submission"
        | "release_submission"
        | "withdraw_submission"
        | "show_photo"
        | "review_submission"
        | "review_submissions" => Target::Submission,
        "show_user" | "change_user" | "invite_user" | "remove_device" => Target::Account,
        other => panic!("{other} is new: say here what it is about, and below how it is asked"),
    }
}

/// A request of `operation` by `person` about `record`.
pub async fn ask(field: &Field, operation: &str, person: &Person, record: &Record) -> Asked {
    let mut asked = Asked::by(person);
    if ask_about_accounts(field, operation, person, record, &mut asked).await {
        return asked;
    }
    if ask_about_evidence(field, operation, record, &mut asked).await {
        return asked;
    }
    if ask_about_tips(field, operation, &mut asked).await {
        return asked;
    }
    let unique = new_id();
    match operation {
        "create_assignment" => asked.json(json!({
            "commune": record.commune, "village": "Thôn Mới", "place": format!("Nhà {unique}"), "cell": "banner.2",
            "due": "2026-06-30",
        })),
        "import_assignments" => {
            let table = format!("commune,village,place,cell,due\n{},Thôn Ba,Nhà {unique},banner.1,2026-06-30\n", record.commune);
            asked.body = Body::Bytes("text/csv", table.into_bytes());
        }
        "show_assignment" | "assignment_submissions" => asked.path.push(("id", record.assignment.clone())),
        "change_assignment" | "cancel_assignment" => {
            asked.path.push(("id", record.assignment.clone()));
            asked.headers.push(("if-match", "\"1\"".into()));
            if operation == "change_assignment" {
                asked.json(json!({ "note": "Đổi giờ" }));
            }
        }
        "commune_completion" => asked.path.push(("commune", record.commune.into())),
        "set_due" => asked.json(json!({ "cell": "banner.6", "due": "2026-07-31" })),
        "draw_sheet" | "verify_sheet" => {
            asked.path.push(("commune", record.commune.into()));
            asked.path.push(("cell", "banner.6".into()));
            if operation == "verify_sheet" {
                asked.json(json!({ "sheet": unique }));
                // There is no such sheet: the request was let through and found nothing.
                asked.usual = &[404];
            }
        }
        "completion_timeline" => asked.query = format!("?commune={}", record.commune),
        "upload_abilities_at" => asked.path.push(("id", unique.to_string())),
        "upload_abilities" | "list_assignments" | "assignment_template" | "list_submissions" | "completion"
        | "events" | "boundaries" | "list_claims" | "campaign" | "communes" | "receipt_keys" | "health_live" | "health_ready" | "metrics" | "openapi" => {}
        other => panic!("{other} is new: say here how it is asked"),
    }
    asked
}

/// Requests to the tip desk; `false` for all others. There are no tips: whoever may ask is let through and finds nothing.
async fn ask_about_tips(field: &Field, operation: &str, asked: &mut Asked) -> bool {
    match operation {
        "take_out_tip" | "sort_tip" | "shred_tip" | "reply_to_tip" | "retire_tip_key" => {
            asked.path.push(("id", Uuid::new_v4().to_string()));
            asked.usual = &[404];
        }
        "list_tips" | "register_tip" | "purge_tips" | "tip_flood" | "set_tip_flood" | "tip_counts"
        | "list_tip_keys" | "add_tip_key" | "tip_notice" | "tip_desk" | "begin_tip" | "send_tip"
        | "read_tip_mailbox" | "delete_tip_mailbox" => {}
        _ => return false,
    }
    match operation {
        "send_tip" => {
            let frame = crate::tips::frame(&field.harness).await;
            asked.body = Body::Bytes("application/octet-stream", frame);
        }
        "read_tip_mailbox" | "delete_tip_mailbox" => {
            asked.json(json!({ "mailbox": "AAAAAAAAAAAAAAAAAAAAAA" }));
        }
        "sort_tip" => asked.json(json!({ "state": "open" })),
        "purge_tips" => asked.json(json!({ "state": "spam" })),
        "set_tip_flood" => asked.json(json!({ "least_level": 0 })),
        "add_tip_key" => asked.json(crate::tips::key_request(
            &minhchung::tipbox::desk_key::Seeds::draw(),
        )),
        "reply_to_tip" => {
            asked.query = "?number=1".to_owned();
            asked.body = Body::Bytes("application/octet-stream", vec![7; 4_096]);
        }
        "register_tip" => {
            asked.query = "?channel=email".to_owned();
            asked.body = Body::Bytes("application/octet-stream", vec![7; 16 + 32 * 1024]);
            // Right in length, but no box.
            asked.usual = &[422];
        }
        _ => {}
    }
    true
}

/// Requests about submissions, pictures and reviews; `false` for all others.
async fn ask_about_evidence(field: &Field, operation: &str, record: &Record, asked: &mut Asked) -> bool {
    match operation {
        "put_submission" => {
            asked.path.push(("id", new_id().to_string()));
            asked.json(Field::report(&record.assignment, &[&record.picture]));
        }
        "put_photo" => {
            let id = announced(field, record).await;
            asked.path.push(("id", id));
            asked.path.push(("sha256", record.picture.sha256.clone()));
            asked.body = Body::Bytes("image/jpeg", record.picture.bytes.clone());
        }
        "begin_upload" => begin(asked, &announced(field, record).await, record),
        "upload_progress" | "append_upload" | "terminate_upload" => {
            asked.path.push(("id", begun(field, record).await));
            asked.headers.push(("tus-resumable", "1.0.0".into()));
            if operation == "append_upload" {
                asked.headers.push(("upload-offset", "0".into()));
                asked.body = Body::Bytes("application/offset+octet-stream", record.picture.bytes.clone());
            }
        }
        "show_submission" | "submission_history" | "submission_audit" | "claim_submission" | "release_submission"
        | "withdraw_submission" => {
            asked.path.push(("id", record.submission.clone()));
        }
        "show_photo" => asked.path.push(("sha256", record.picture.sha256.clone())),
        "review_submission" => {
            asked.path.push(("id", record.submission.clone()));
            asked.json(json!({ "decision": "verify", "version": version_of(field, record).await }));
        }
        "review_submissions" => asked.json(json!({ "reviews": [
            { "submission": record.submission, "decision": "verify", "version": version_of(field, record).await },
        ] })),
        _ => return false,
    }
    true
}

/// Requests about accounts and sessions; `false` for all others.
async fn ask_about_accounts(
    field: &Field,
    operation: &str,
    person: &Person,
    record: &Record,
    asked: &mut Asked,
) -> bool {
    let unique = new_id();
    let account = record.account.id.to_string();
    match operation {
        "log_in" => asked.json(json!({ "username": record.account.username, "password": PASSWORD })),
        "refresh" => {
            let fresh = field.harness.person(Role::Viewer, None).await;
            asked.json(json!({ "refresh_token": fresh.refresh_token }));
        }
        "enrol" => {
            let path = format!("/api/v1/users/{account}/enrolment");
            let made = field.harness.post(&path, &field.admin.token, Value::Null).await;
            asked.json(json!({ "code": made.text("code"), "device_name": "Máy thử" }));
        }
        // The session ends, so it must not be the one of the other requests.
        "log_out" => asked.token = another_session(field, person).await,
        "confirm_totp" => {
            asked.json(json!({ "code": "000000" }));
            asked.usual = &[409, 422];
        }
        "create_user" => asked.json(json!({
            "username": format!("new.{unique}"), "role": "village_head", "commune": record.commune,
        })),
        "show_user" | "invite_user" => asked.path.push(("id", account)),
        "change_user" => {
            asked.path.push(("id", account));
            asked.json(json!({ "name": "Tên Mới" }));
        }
        "remove_device" => {
            asked.path.push(("id", account));
            asked
                .path
                .push(("device", device_of(&record.account).to_string()));
        }
        "offer_totp" | "me" | "list_users" => {}
        _ => return false,
    }
    true
}

impl Asked {
    fn by(person: &Person) -> Self {
        Self {
            path: Vec::new(),
            query: String::new(),
            headers: Vec::new(),
            body: Body::None,
            token: person.token.clone(),
            usual: &[],
        }
    }

    fn json(&mut self, body: Value) {
        self.body = Body::Json(body);
    }

    /// Sends it and reads the answer; of an endless one only the head.
    pub async fn send(self, field: &Field, operation: &Operation<'_>) -> Answer {
        let mut path = operation.path.to_owned();
        for (name, value) in &self.path {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        assert!(!path.contains('{'), "{path}");
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let mut request = field
            .harness
            .request(method, &format!("{path}{}", self.query), &self.token);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request = match self.body {
            Body::None => request,
            Body::Json(body) => request.json(&body),
            Body::Bytes(kind, bytes) => request.header("content-type", kind).body(bytes),
        };
        if operation.path != "/api/v1/events" {
            return answer(request).await;
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = if status.is_success() {
            Value::Null
        } else {
            response.json().await.unwrap()
        };
        Answer {
            status,
            headers,
            body,
        }
    }
}

/// A submission of the record's owner that waits for the record's picture.
async fn announced(field: &Field, record: &Record) -> String {
    if record.assignment.is_empty() || !record.submission.is_empty() {
        return record.submission.clone();
    }
    field
        .announce(&record.account, &record.assignment, &[&record.picture])
        .await
}

fn begin(asked: &mut Asked, submission: &str, record: &Record) {
    let word = |text: &str| STANDARD.encode(text);
    let metadata = format!(
        "submission {},sha256 {},filetype {}",
        word(submission),
        word(&record.picture.sha256),
        word("image/jpeg")
    );
    asked.headers.push(("tus-resumable", "1.0.0".into()));
    asked
        .headers
        .push(("upload-length", record.picture.bytes.len().to_string()));
    asked.headers.push(("upload-metadata", metadata));
}

/// An upload of the record's owner at its very start; any id where nobody will look for it.
async fn begun(field: &Field, record: &Record) -> String {
    if !record.submission.is_empty() {
        return new_id().to_string();
    }
    let mut asked = Asked::by(&record.account);
    begin(&mut asked, &announced(field, record).await, record);
    let operation = openapi::operations()
        .find(|operation| id_of(operation) == "begin_upload")
        .unwrap();
    let answer = asked.send(field, &operation).await;
    let location = answer.headers["location"].to_str().unwrap();
    location.rsplit('/').next().unwrap().to_owned()
}

async fn another_session(field: &Field, person: &Person) -> String {
    if person.token.matches('.').count() != 2
        || person.username.is_empty()
        || !is_signed_in(field, person).await
    {
        return person.token.clone();
    }
    let body = json!({ "username": person.username, "password": PASSWORD });
    field
        .harness
        .post("/api/v1/auth/login", "", body)
        .await
        .text("access_token")
}

async fn is_signed_in(field: &Field, person: &Person) -> bool {
    field.harness.get("/api/v1/me", &person.token).await.status == 200
}

async fn version_of(field: &Field, record: &Record) -> Value {
    let path = format!("/api/v1/submissions/{}", record.submission);
    field.harness.get(&path, &field.admin.token).await.expect(200)["version"].clone()
}

fn device_of(person: &Person) -> Uuid {
    let claims = super::tokens::claims(&person.token);
    claims["device"].as_str().unwrap().parse().unwrap()
}
