//! Every operation of the specification × every role × whose record it is × every kind of token.
//!
//! What is expected comes from `x-roles` and from three rules of scope: admin, verifier and viewer see everything; a
//! commune officer the own commune; a village head what was given to them. An operation without roles must stand on
//! the list of public ones, and one without a fixture fails the test.

mod fixtures;
mod table;
mod tokens;

use std::collections::BTreeMap;

use minhchung::domain::Role;
use minhchung::http::openapi::{self, Operation};

use self::fixtures::{Asked, Record, Target};
use crate::field::Field;
use crate::support::{Answer, COMMUNE, OTHER_COMMUNE, Person};

/// What anybody may call.
const PUBLIC: [&str; 17] = [
    "begin_tip",
    "campaign",
    "communes",
    "delete_tip_mailbox",
    "enrol",
    "health_live",
    "health_ready",
    "log_in",
    "metrics",
    "openapi",
    "read_tip_mailbox",
    "receipt_keys",
    "refresh",
    "send_tip",
    "tip_desk",
    "upload_abilities",
    "upload_abilities_at",
];

/// Whose record is asked for, seen from the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    Own,
    /// Of the same commune, given to somebody else.
    Neighbour,
    /// Of another commune.
    Foreign,
}

const RELATIONS: [Relation; 3] = [Relation::Own, Relation::Neighbour, Relation::Foreign];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Done,
    /// Not for this role.
    Forbidden,
    /// Not theirs, so it does not exist.
    Hidden,
    /// The body names what is not theirs.
    Refused(&'static [u16]),
}

fn id_of(operation: &Operation<'static>) -> &'static str {
    operation.body["operationId"].as_str().unwrap()
}

fn roles_of(operation: &Operation<'_>) -> Vec<Role> {
    let roles = operation.body.get("x-roles").and_then(|roles| roles.as_array());
    roles
        .into_iter()
        .flatten()
        .map(|role| role.as_str().unwrap().parse().unwrap())
        .collect()
}

/// What an operation has to answer: the rules, and the few places where an operation is narrower than they are.
fn expected(operation: &Operation<'static>, target: Target, role: Role, relation: Relation) -> Expected {
    if !roles_of(operation).contains(&role) {
        return Expected::Forbidden;
    }
    match (id_of(operation), role, relation) {
        // Only its sender adds to a submission or takes it back.
        ("put_photo" | "withdraw_submission", _, Relation::Neighbour) => return Expected::Hidden,
        (
            "begin_upload" | "upload_progress" | "append_upload" | "terminate_upload",
            _,
            Relation::Neighbour,
        ) => {
            return Expected::Hidden;
        }
        // A village head takes back own proposals, not what the commune planned.
        // And an officer makes accounts of the own commune alone.
        ("cancel_assignment", Role::VillageHead, Relation::Own)
        | ("create_user", Role::CommuneOfficer, Relation::Foreign) => return Expected::Refused(&[403]),
        // What they would make is not theirs to make.
        (
            "create_assignment" | "import_assignments",
            Role::CommuneOfficer | Role::VillageHead,
            Relation::Foreign,
        ) => {
            return Expected::Refused(&[403, 404, 422]);
        }
        _ => {}
    }
    let theirs = match (role, target) {
        (Role::Admin | Role::Verifier | Role::Viewer, _) | (_, Target::Nothing) => true,
        (Role::CommuneOfficer, _) | (Role::VillageHead, Target::Commune) => relation != Relation::Foreign,
        (Role::VillageHead, _) => relation == Relation::Own,
        (Role::TipOfficer, _) => false,
    };
    if theirs { Expected::Done } else { Expected::Hidden }
}

async fn people(field: &Field) -> BTreeMap<&'static str, Person> {
    let mut people = BTreeMap::new();
    for role in Role::ALL {
        let person = match role {
            Role::CommuneOfficer => field.officer.clone(),
            Role::VillageHead => field.head.clone(),
            _ => field.harness.person(role, None).await,
        };
        people.insert(role.name(), person);
    }
    people
}

#[tokio::test]
async fn every_operation_is_open_to_its_roles_and_scopes_and_to_nobody_else() {
    let field = Field::start().await;
    let people = people(&field).await;
    let shared = Record::make(&field, Target::Submission, &field.stranger, OTHER_COMMUNE).await;
    let mut wrong = Vec::new();
    for operation in openapi::operations() {
        let id = id_of(&operation);
        let roles = roles_of(&operation);
        assert_ne!(
            roles.is_empty(),
            !PUBLIC.contains(&id),
            "{id}: name its roles, or put it on the public list"
        );
        if PUBLIC.contains(&id) {
            continue;
        }
        let target = fixtures::target(id);
        for role in Role::ALL {
            for relation in RELATIONS {
                let expected = expected(&operation, target, role, relation);
                if expected == Expected::Forbidden && relation != Relation::Own {
                    continue;
                }
                let person = &people[role.name()];
                let record = if expected == Expected::Forbidden {
                    shared.clone()
                } else {
                    Record::of(&field, target, person, role, relation).await
                };
                let asked = fixtures::ask(&field, id, person, &record).await;
                if let Err(why) = judge(&field, &operation, asked, &expected).await {
                    wrong.push(format!("{id} as {role}, {relation:?}: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends it and says what is wrong with the answer, if anything.
async fn judge(
    field: &Field,
    operation: &Operation<'static>,
    asked: Asked,
    expected: &Expected,
) -> Result<(), String> {
    let usual = asked.usual;
    let answer = asked.send(field, operation).await;
    let status = answer.status.as_u16();
    let as_expected = match expected {
        Expected::Done if usual.is_empty() => answer.status.is_success(),
        Expected::Done => usual.contains(&status),
        Expected::Forbidden => is_problem(operation, &answer, "403/forbidden"),
        Expected::Hidden => is_problem(operation, &answer, "404/not-found"),
        Expected::Refused(statuses) => statuses.contains(&status),
    };
    if !as_expected {
        return Err(format!("expected {expected:?}, got {status} {}", answer.body));
    }
    let documented = operation.body["responses"].get(answer.status.as_str()).is_some();
    if !documented {
        return Err(format!("{status} is not in the specification"));
    }
    let kind = answer
        .headers
        .get("content-type")
        .map(|kind| kind.to_str().unwrap().to_owned());
    if status >= 400 && kind.as_deref() != Some("application/problem+json") {
        return Err(format!("{status} came as {kind:?}"));
    }
    Ok(())
}

/// An answer to HEAD has no body that could name the problem.
fn is_problem(operation: &Operation<'_>, answer: &Answer, problem: &str) -> bool {
    match operation.method {
        "head" => problem.starts_with(answer.status.as_str()),
        _ => answer.problem() == problem,
    }
}

#[tokio::test]
async fn lists_and_boards_show_nothing_of_another_commune_or_another_head() {
    let field = Field::start().await;
    let own = Record::make(&field, Target::Submission, &field.head, COMMUNE).await;
    let neighbours = Record::make(&field, Target::Submission, &field.neighbour, COMMUNE).await;
    let foreign = Record::make(&field, Target::Submission, &field.stranger, OTHER_COMMUNE).await;
    let lists = ["list_assignments", "list_submissions", "list_users", "completion"];
    for (role, person, hidden) in [
        (Role::VillageHead, &field.head, vec![&neighbours, &foreign]),
        (Role::CommuneOfficer, &field.officer, vec![&foreign]),
    ] {
        for operation in openapi::operations().filter(|operation| lists.contains(&id_of(operation))) {
            if !roles_of(&operation).contains(&role) {
                continue;
            }
            for query in ["", "?limit=200", &format!("?commune={OTHER_COMMUNE}")] {
                let path = format!("{}{query}", operation.path);
                let shown = field
                    .harness
                    .get(&path, &person.token)
                    .await
                    .expect(200)
                    .to_string();
                for record in &hidden {
                    for secret in [
                        &record.assignment,
                        &record.submission,
                        &record.picture.sha256,
                        &record.account.id.0.to_string(),
                    ] {
                        assert!(!shown.contains(secret.as_str()), "{role} sees {secret} in {path}");
                    }
                }
            }
        }
        let whole = field
            .harness
            .get("/api/v1/submissions", &person.token)
            .await
            .expect(200)
            .to_string();
        assert!(whole.contains(&own.submission), "and what is theirs is there");
    }
    let board = field
        .harness
        .get("/api/v1/completion", &field.officer.token)
        .await
        .expect(200);
    assert_eq!(board["communes"].as_array().unwrap().len(), 1);
    assert_eq!(board["all"], serde_json::Value::Null);
    assert_eq!(
        board["totals"]["all"]["planned"], 2,
        "the own commune's, not the province's"
    );
}

#[tokio::test]
async fn public_operations_answer_without_a_token_and_pay_no_heed_to_a_bad_one() {
    let field = Field::start().await;
    let record = Record::make(&field, Target::Submission, &field.head, COMMUNE).await;
    for operation in openapi::operations().filter(|operation| PUBLIC.contains(&id_of(operation))) {
        for token in ["", "x.y.z"] {
            let nobody = Person {
                token: token.to_owned(),
                ..field.head.clone()
            };
            let asked = fixtures::ask(&field, id_of(&operation), &nobody, &record).await;
            let answer = asked.send(&field, &operation).await;
            assert!(answer.status.is_success(), "{operation:?}: {:#}", answer.body);
        }
    }
}

#[tokio::test]
async fn without_a_valid_token_no_other_operation_answers() {
    let field = Field::start().await;
    let admin = field.harness.person(Role::Admin, None).await;
    let bad_tokens = tokens::bad(&field, &admin.token).await;
    let record = Record::make(&field, Target::Submission, &field.head, COMMUNE).await;
    for operation in openapi::operations().filter(|operation| !PUBLIC.contains(&id_of(operation))) {
        for (what, token, code) in &bad_tokens {
            let somebody = Person {
                token: token.clone(),
                ..admin.clone()
            };
            let asked = fixtures::ask(&field, id_of(&operation), &somebody, &record).await;
            let answer = asked.send(&field, &operation).await;
            assert!(
                is_problem(&operation, &answer, &format!("401/{code}")),
                "{} with {what}: {answer:?}",
                id_of(&operation)
            );
            assert!(answer.headers.contains_key("www-authenticate"));
        }
    }
    let still = field
        .harness
        .get(
            &format!("/api/v1/submissions/{}", record.submission),
            &field.head.token,
        )
        .await;
    assert_eq!(still.expect(200)["state"], "pending", "and nothing happened");
}
