//! Who looks after whom.

use minhchung::domain::Role;
use serde_json::json;
use uuid::Uuid;

use super::{log_in, me, refresh};
use crate::support::{COMMUNE, Harness, OTHER_COMMUNE, PASSWORD};

#[tokio::test]
async fn the_same_request_makes_one_account_and_other_content_is_a_conflict() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let new = json!({
        "id": Uuid::now_v7(), "username": "Lò.Văn.Đức", "name": "Lò Văn Đức", "role": "village_head",
        "commune": COMMUNE, "password": "một mật khẩu dài",
    });
    let (one, other) = tokio::join!(
        harness.post("/api/v1/users", &admin, new.clone()),
        harness.post("/api/v1/users", &admin, new.clone()),
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201], "{} {}", one.body, other.body);
    assert_eq!(one.body, other.body);
    for (member, value) in [("name", json!("Khác")), ("password", json!("another password"))] {
        let mut differing = new.clone();
        differing[member] = value;
        let answer = harness.post("/api/v1/users", &admin, differing).await;
        assert_eq!(answer.problem(), "409/user-differs", "{member}");
    }
    let same_name = json!({ "username": "LO.VAN.DUC", "role": "viewer" });
    assert_eq!(
        harness.post("/api/v1/users", &admin, same_name).await.problem(),
        "409/user-differs"
    );
    assert_eq!(
        log_in(&harness, "lò.văn.đức", "một mật khẩu dài").await.status,
        200
    );
}

#[tokio::test]
async fn all_mistakes_in_a_new_account_are_named_at_once() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let wrong = json!({ "username": "có dấu cách", "role": "village_head", "password": "ngắn" });
    let answer = harness.post("/api/v1/users", &admin, wrong).await;
    assert_eq!(answer.problem(), "422/validation-failed");
    let fields = answer.body["fields"].as_array().unwrap();
    let pointers: Vec<&str> = fields
        .iter()
        .map(|field| field["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/username", "/commune", "/password"]);
    for (role, commune) in [("viewer", COMMUNE), ("village_head", "99999")] {
        let wrong = json!({ "username": "x", "role": role, "commune": commune });
        let answer = harness.post("/api/v1/users", &admin, wrong).await;
        assert_eq!(answer.body["fields"][0]["pointer"], "/commune", "{role}");
    }
    let unknown = json!({ "username": "x", "role": "king" });
    let answer = harness.post("/api/v1/users", &admin, unknown).await;
    assert_eq!(answer.body["fields"][0]["pointer"], "/role");
}

#[tokio::test]
async fn a_commune_officer_keeps_the_village_heads_of_the_own_commune_and_sees_nobody_else() {
    let harness = Harness::start().await;
    let officer = harness.person(Role::CommuneOfficer, Some(COMMUNE)).await;
    let own = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let others = [
        harness.person(Role::VillageHead, Some(OTHER_COMMUNE)).await.id,
        harness.person(Role::CommuneOfficer, Some(COMMUNE)).await.id,
        harness.person(Role::Admin, None).await.id,
        officer.id,
    ];
    let list = harness.get("/api/v1/users", &officer.token).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["id"], own.id.to_string());
    let foreign = format!("/api/v1/users?commune={OTHER_COMMUNE}");
    assert_eq!(
        harness.get(&foreign, &officer.token).await.expect(200)["items"],
        json!([])
    );
    for id in others {
        let path = format!("/api/v1/users/{id}");
        let rename = json!({ "name": "Tên mới" });
        assert_eq!(
            harness.get(&path, &officer.token).await.problem(),
            "404/not-found"
        );
        assert_eq!(
            harness.patch(&path, &officer.token, rename).await.problem(),
            "404/not-found"
        );
        let invite = harness
            .post(&format!("{path}/enrolment"), &officer.token, json!({}))
            .await;
        assert_eq!(invite.problem(), "404/not-found");
    }
    for (role, commune) in [
        ("viewer", None),
        ("commune_officer", Some(COMMUNE)),
        ("village_head", Some(OTHER_COMMUNE)),
    ] {
        let new = json!({ "username": "mới", "role": role, "commune": commune });
        let answer = harness.post("/api/v1/users", &officer.token, new).await;
        assert_eq!(answer.problem(), "403/forbidden", "{role}");
    }
    let path = format!("/api/v1/users/{}", own.id);
    for change in [
        json!({ "role": "admin" }),
        json!({ "commune": OTHER_COMMUNE }),
        json!({ "reset_totp": true }),
    ] {
        assert_eq!(
            harness.patch(&path, &officer.token, change).await.problem(),
            "403/forbidden"
        );
    }
    let renamed = harness
        .patch(&path, &officer.token, json!({ "name": "  Giàng  A Páo " }))
        .await
        .expect(200);
    assert_eq!(renamed["name"], "Giàng A Páo");
    let new = json!({ "username": "trưởng.thôn.mới", "role": "village_head" });
    let made = harness
        .post("/api/v1/users", &officer.token, new)
        .await
        .expect(201);
    assert_eq!(made["commune"], COMMUNE);
}

#[tokio::test]
async fn a_shut_account_and_a_changed_password_are_out_at_once_and_a_changed_role_counts_at_once() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let person = harness.person(Role::Verifier, None).await;
    let path = format!("/api/v1/users/{}", person.id);
    assert_eq!(me(&harness, &person.token).await, "in");
    let role = json!({ "role": "commune_officer", "commune": COMMUNE });
    harness.patch(&path, &admin, role).await.expect(200);
    let present = harness.get("/api/v1/me", &person.token).await.expect(200);
    assert_eq!(
        (&present["role"], &present["commune"]),
        (&json!("commune_officer"), &json!(COMMUNE))
    );
    let plain = harness
        .patch(&path, &admin, json!({ "role": "viewer" }))
        .await
        .expect(200);
    assert_eq!(plain["commune"], json!(null));
    harness
        .patch(&path, &admin, json!({ "password": "một mật khẩu khác" }))
        .await
        .expect(200);
    assert_eq!(me(&harness, &person.token).await, "401/token-invalid");
    assert_eq!(
        log_in(&harness, &person.username, PASSWORD).await.problem(),
        "401/sign-in-failed"
    );
    let again = log_in(&harness, &person.username, "một mật khẩu khác").await;
    let token = again.text("access_token");
    assert_eq!(me(&harness, &token).await, "in");
    harness
        .patch(&path, &admin, json!({ "disabled": true }))
        .await
        .expect(200);
    assert_eq!(me(&harness, &token).await, "401/token-invalid");
    assert_eq!(
        refresh(&harness, &again.text("refresh_token"), None)
            .await
            .problem(),
        "401/token-invalid"
    );
    let shut = log_in(&harness, &person.username, "một mật khẩu khác").await;
    assert_eq!(shut.problem(), "401/sign-in-failed");
    // Open again, the old sessions stay dead.
    harness
        .patch(&path, &admin, json!({ "disabled": false }))
        .await
        .expect(200);
    assert_eq!(me(&harness, &token).await, "401/token-invalid");
    assert_eq!(
        log_in(&harness, &person.username, "một mật khẩu khác")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_last_administrator_cannot_be_shut_or_demoted() {
    let harness = Harness::start().await;
    let admin = harness.person(Role::Admin, None).await;
    let path = format!("/api/v1/users/{}", admin.id);
    for change in [json!({ "disabled": true }), json!({ "role": "viewer" })] {
        let answer = harness.patch(&path, &admin.token, change).await;
        assert_eq!(answer.problem(), "409/illegal-step");
    }
    let second = harness.person(Role::Admin, None).await;
    harness
        .patch(&path, &second.token, json!({ "role": "viewer" }))
        .await
        .expect(200);
    let own = format!("/api/v1/users/{}", second.id);
    let answer = harness
        .patch(&own, &second.token, json!({ "disabled": true }))
        .await;
    assert_eq!(answer.problem(), "409/illegal-step");
    // One's own new password leaves the session that sets it.
    harness
        .patch(&own, &second.token, json!({ "password": "một mật khẩu khác" }))
        .await
        .expect(200);
    assert_eq!(me(&harness, &second.token).await, "in");
}

#[tokio::test]
async fn pages_show_everybody_once_and_letters_find_people_without_their_accents() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    for (number, name) in ["Hoà", "Hòa", "Thuỷ", "Đặng", "Lù"].into_iter().enumerate() {
        let new = json!({ "username": format!("tp{number}"), "name": name, "role": "viewer" });
        harness.post("/api/v1/users", &admin, new).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/users?limit=2".to_owned();
    loop {
        let page = harness.get(&path, &admin).await.expect(200);
        let items = page["items"].as_array().unwrap();
        seen.extend(
            items
                .iter()
                .map(|user| user["username"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/users?limit=2&after={next}");
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
    assert_eq!(seen.len(), 6);
    let found = harness
        .get("/api/v1/users?q=hoa&role=viewer", &admin)
        .await
        .expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        harness.get("/api/v1/users?role=king", &admin).await.problem(),
        "422/validation-failed"
    );
    assert_eq!(
        harness.get("/api/v1/users?after=%21", &admin).await.problem(),
        "400/cursor-invalid"
    );
}
