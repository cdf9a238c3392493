//! The plan over HTTP: who may do what, versions, proposals, search and pages.

use std::collections::BTreeSet;

use minhchung::domain::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, COMMUNE, Harness, OTHER_COMMUNE, answer};

const BASE: &str = "/api/v1/assignments";

fn banner(place: &str) -> Value {
    json!({ "commune": COMMUNE, "village": "Thôn 1", "place": place, "cell": "banner.2", "due": "2026-07-10" })
}

fn with(mut body: Value, member: &str, value: impl Into<Value>) -> Value {
    body[member] = value.into();
    body
}

fn path(assignment: &Value) -> String {
    format!("{BASE}/{}", assignment["id"].as_str().unwrap())
}

impl Harness {
    async fn plan(&self, token: &str, body: Value) -> Value {
        self.post(BASE, token, body).await.expect(201)
    }

    async fn if_match(&self, method: Method, path: &str, token: &str, version: &str, body: Value) -> Answer {
        let request = self.request(method, path, token).header("if-match", version);
        answer(request.json(&body)).await
    }

    async fn places(&self, token: &str, query: &str) -> Vec<String> {
        let page = self.get(&format!("{BASE}?{query}"), token).await.expect(200);
        let items = page["items"].as_array().unwrap();
        let mut places: Vec<String> = items
            .iter()
            .map(|item| item["place"].as_str().unwrap().to_owned())
            .collect();
        places.sort();
        places
    }
}

#[actix_web::test]
async fn an_assignment_is_made_read_changed_and_cancelled_with_its_version_as_etag() {
    let harness = Harness::at("2026-07-01T08:00:00+07:00").await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let made = harness.post(BASE, &admin, banner("Chợ")).await;
    assert_eq!(made.headers["etag"], "\"1\"");
    assert_eq!(made.headers["location"].to_str().unwrap(), path(&made.body));
    let first = made.expect(201);
    let expected = json!({
        "id": first["id"], "commune": COMMUNE, "village": "Thôn 1", "place": "Chợ", "cell": "banner.2",
        "due": "2026-07-10", "assignee": null, "assignee_name": null, "location": null, "expected_signers": null, "note": null,
        "state": "open", "overdue": false, "late": false, "last_reason": null, "last_comment": null,
        "version": 1, "created_at": "2026-07-01T01:00:00Z",
    });
    assert_eq!(first, expected);
    let place = path(&first);
    assert_eq!(harness.get(&place, &admin).await.expect(200), first);
    let change = json!({ "note": "gọi trước", "location": { "lat": 22.5, "lon": 103.9 } });
    for missing in ["", "*"] {
        let refused = harness
            .if_match(Method::PATCH, &place, &admin, missing, change.clone())
            .await;
        assert_eq!(refused.problem(), "428/precondition-required");
    }
    assert_eq!(
        harness.patch(&place, &admin, change.clone()).await.problem(),
        "428/precondition-required"
    );
    assert_eq!(
        harness.delete(&place, &admin).await.problem(),
        "428/precondition-required"
    );
    let changed = harness
        .if_match(Method::PATCH, &place, &admin, "\"1\"", change.clone())
        .await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    let second = changed.expect(200);
    assert_eq!(
        (&second["note"], &second["location"]["lat"]),
        (&json!("gọi trước"), &json!(22.5))
    );
    let again = harness.if_match(Method::PATCH, &place, &admin, "1", change).await;
    assert_eq!(again.expect(200), second, "the answer that was lost");
    let other = json!({ "note": null });
    let stale = harness
        .if_match(Method::PATCH, &place, &admin, "1", other.clone())
        .await;
    assert_eq!(stale.problem(), "412/precondition-failed");
    let third = harness
        .if_match(Method::PATCH, &place, &admin, "2", other)
        .await
        .expect(200);
    assert_eq!(
        (&third["note"], &third["location"]["lon"]),
        (&Value::Null, &json!(103.9))
    );
    assert_eq!(
        harness
            .if_match(Method::DELETE, &place, &admin, "2", json!({}))
            .await
            .problem(),
        "412/precondition-failed"
    );
    let gone = harness
        .if_match(Method::DELETE, &place, &admin, "3", json!({}))
        .await
        .expect(200);
    assert_eq!(gone["state"], "cancelled");
    assert_eq!(
        harness
            .if_match(Method::DELETE, &place, &admin, "3", json!({}))
            .await
            .expect(200),
        gone
    );
    let back = harness
        .if_match(Method::PATCH, &place, &admin, "4", json!({ "state": "open" }))
        .await
        .expect(200);
    assert_eq!(back["state"], "open");
}

#[actix_web::test]
async fn wrong_fields_are_named_all_at_once_and_a_wrong_type_by_its_pointer() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let bad = json!({
        "commune": "00000", "place": "Chợ", "cell": "banner.2", "due": "10/07/2026",
        "location": { "lat": 91, "lon": 181 }, "expected_signers": 3,
    });
    let refused = harness.post(BASE, &admin, bad).await;
    assert_eq!(refused.problem(), "422/validation-failed");
    let fields: Vec<(&str, &str)> = refused.body["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (
                field["pointer"].as_str().unwrap(),
                field["code"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("/commune", "unknown-commune"),
        ("/village", "required"),
        ("/due", "not-a-day"),
        ("/location/lat", "out-of-range"),
        ("/location/lon", "out-of-range"),
        ("/expected_signers", "not-for-banners"),
    ];
    assert_eq!(fields, expected);
    let typed = harness
        .post(
            BASE,
            &admin,
            with(banner("Chợ"), "location", json!({ "lat": "22,5", "lon": 1 })),
        )
        .await;
    assert_eq!(
        (typed.problem().as_str(), &typed.body["fields"][0]["pointer"]),
        ("422/validation-failed", &json!("/location/lat"))
    );
}

#[actix_web::test]
async fn the_same_id_and_content_is_one_assignment_from_two_sockets_and_other_content_is_refused() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let body = with(banner("Chợ"), "id", uuid::Uuid::now_v7().to_string());
    let (one, two) = tokio::join!(
        harness.post(BASE, &admin, body.clone()),
        harness.post(BASE, &admin, body.clone()),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(one.body, two.body);
    let place = path(&one.body);
    let renamed = harness
        .if_match(Method::PATCH, &place, &admin, "1", json!({ "place": "Chợ mới" }))
        .await
        .expect(200);
    assert_eq!(
        harness.post(BASE, &admin, body.clone()).await.expect(200),
        renamed
    );
    assert_eq!(
        harness
            .post(BASE, &admin, with(body, "place", "Chợ mới"))
            .await
            .problem(),
        "409/assignment-differs"
    );
    assert_eq!(harness.places(&admin, "").await, ["Chợ mới"]);
}

#[actix_web::test]
async fn what_is_not_theirs_is_not_found_and_what_a_role_may_not_do_is_forbidden() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let theirs = harness.plan(&admin, banner("Chợ")).await;
    let place = path(&theirs);
    let outsider = harness.sign_in(Role::CommuneOfficer, Some(OTHER_COMMUNE)).await;
    assert_eq!(harness.get(&place, &outsider).await.problem(), "404/not-found");
    for method in [Method::PATCH, Method::DELETE] {
        let bare = harness
            .request(method.clone(), &place, &outsider)
            .json(&json!({}));
        assert_eq!(
            answer(bare).await.problem(),
            "404/not-found",
            "also without If-Match"
        );
        let refused = harness.if_match(method, &place, &outsider, "1", json!({})).await;
        assert_eq!(refused.problem(), "404/not-found");
    }
    let foreign = harness.post(BASE, &outsider, banner("Chợ")).await;
    assert_eq!(foreign.body["fields"][0]["code"], "commune-not-yours");
    let head = harness.sign_in(Role::VillageHead, Some(COMMUNE)).await;
    assert_eq!(harness.get(&place, &head).await.problem(), "404/not-found");
    assert_eq!(
        harness
            .if_match(Method::PATCH, &place, &head, "1", json!({}))
            .await
            .problem(),
        "403/forbidden"
    );
    for role in [Role::Viewer, Role::Verifier] {
        let reader = harness.sign_in(role, None).await;
        assert_eq!(harness.get(&place, &reader).await.status, 200);
        assert_eq!(
            harness.post(BASE, &reader, banner("Chợ")).await.problem(),
            "403/forbidden"
        );
        assert_eq!(
            harness
                .if_match(Method::DELETE, &place, &reader, "1", json!({}))
                .await
                .problem(),
            "403/forbidden"
        );
    }
    let tips = harness.sign_in(Role::TipOfficer, None).await;
    assert_eq!(harness.get(BASE, &tips).await.problem(), "403/forbidden");
    for (method, path) in [
        (Method::GET, BASE),
        (Method::POST, BASE),
        (Method::GET, "/api/v1/assignments/x"),
    ] {
        assert_eq!(
            harness.send(method, path, "", None).await.problem(),
            "401/sign-in-required"
        );
    }
    assert_eq!(
        harness.get("/api/v1/assignments/x", &admin).await.problem(),
        "404/not-found"
    );
    for (method, path) in [
        (Method::PUT, BASE),
        (Method::POST, place.as_str()),
        (Method::DELETE, BASE),
    ] {
        assert_eq!(
            harness.send(method, path, &admin, None).await.problem(),
            "405/method-not-allowed"
        );
    }
    assert_eq!(
        harness.get("/api/v1/assignments/import", &admin).await.problem(),
        "405/method-not-allowed"
    );
}

#[actix_web::test]
async fn a_proposal_is_made_seen_accepted_and_refused() {
    let harness = Harness::start().await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let body = json!({ "village": "Thôn 1", "place": "Cổng làng", "cell": "banner.2" });
    let proposed = harness.plan(&head.token, body.clone()).await;
    assert_eq!(
        (&proposed["state"], &proposed["commune"]),
        (&json!("proposed"), &json!(COMMUNE))
    );
    assert_eq!(proposed["assignee"], head.id.to_string());
    assert_eq!(harness.places(&officer, "state=proposed").await, ["Cổng làng"]);
    let place = path(&proposed);
    let accepted = harness
        .if_match(Method::PATCH, &place, &officer, "1", json!({ "state": "open" }))
        .await
        .expect(200);
    assert_eq!(
        (&accepted["state"], &accepted["version"]),
        (&json!("open"), &json!(2))
    );
    let late = harness
        .if_match(Method::DELETE, &place, &head.token, "2", json!({}))
        .await;
    assert_eq!(late.problem(), "409/illegal-step");
    let second = harness
        .plan(&head.token, with(body.clone(), "place", "Sân bóng"))
        .await;
    let refused = harness
        .if_match(Method::DELETE, &path(&second), &officer, "1", json!({}))
        .await
        .expect(200);
    assert_eq!(refused["state"], "cancelled");
    assert_eq!(
        harness.get(&path(&second), &head.token).await.expect(200)["state"],
        "cancelled",
        "the head sees it"
    );
    let third = harness.plan(&head.token, with(body, "place", "Bến xe")).await;
    harness
        .if_match(Method::DELETE, &path(&third), &head.token, "1", json!({}))
        .await
        .expect(200);
    let given = with(banner("Chợ"), "assignee", head.id.to_string());
    let given = harness.plan(&officer, given).await;
    let not_theirs = harness
        .if_match(Method::DELETE, &path(&given), &head.token, "1", json!({}))
        .await;
    assert_eq!(not_theirs.problem(), "403/forbidden");
}

#[actix_web::test]
async fn an_assignee_has_to_be_of_the_commune_and_sees_what_was_given_to_them_alone() {
    let harness = Harness::start().await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let (one, two) = (
        harness.person(Role::VillageHead, Some(COMMUNE)).await,
        harness.person(Role::VillageHead, Some(COMMUNE)).await,
    );
    let stranger = harness.person(Role::VillageHead, Some(OTHER_COMMUNE)).await;
    let refused = harness
        .post(
            BASE,
            &officer,
            with(banner("Chợ"), "assignee", stranger.id.to_string()),
        )
        .await;
    assert_eq!(refused.body["fields"][0]["code"], "assignee-unsuitable");
    let given = harness
        .plan(&officer, with(banner("Chợ"), "assignee", one.id.to_string()))
        .await;
    harness.plan(&officer, banner("Sân bóng")).await;
    assert_eq!(harness.places(&one.token, "").await, ["Chợ"]);
    let change = json!({ "assignee": two.id.to_string() });
    harness
        .if_match(Method::PATCH, &path(&given), &officer, "1", change)
        .await
        .expect(200);
    assert_eq!(harness.places(&one.token, "").await, Vec::<String>::new());
    assert_eq!(harness.places(&two.token, "").await, ["Chợ"]);
    assert_eq!(
        harness.places(&officer, &format!("assignee={}", two.id)).await,
        ["Chợ"]
    );
}

#[actix_web::test]
async fn a_search_finds_hoa_binh_however_it_is_spelled_and_filters_choose() {
    let harness = Harness::at("2026-07-01T08:00:00+07:00").await;
    let admin = harness.sign_in(Role::Admin, None).await;
    harness
        .plan(&admin, with(banner("Nhà văn hóa"), "village", "Thôn Hòa Bình"))
        .await;
    let there = with(
        with(banner("Đồn Công an"), "commune", OTHER_COMMUNE),
        "cell",
        "banner.5",
    );
    harness.plan(&admin, with(there, "due", "2026-07-02")).await;
    for query in [
        "q=ho%C3%A0+binh",
        "q=HOA%CC%80%20B%C3%ACnh",
        "q=nha+hoa+binh",
        "cell=banner.2",
        "overdue=false&q=nhom+2",
    ] {
        assert_eq!(harness.places(&admin, query).await, ["Nhà văn hóa"], "{query}");
    }
    let commune = format!("commune={OTHER_COMMUNE}");
    for query in [
        "q=don+cong+an",
        commune.as_str(),
        "cell=banner.5&state=open",
        "q=%C4%91%E1%BB%93n",
    ] {
        assert_eq!(harness.places(&admin, query).await, ["Đồn Công an"], "{query}");
    }
    assert_eq!(harness.places(&admin, "overdue=true").await, Vec::<String>::new());
    harness.wait(2 * 24 * 3600);
    let admin = harness.sign_in(Role::Admin, None).await;
    assert_eq!(harness.places(&admin, "overdue=true").await, ["Đồn Công an"]);
    for query in [
        "state=lost",
        "cell=banner.9",
        "commune=1",
        "assignee=me",
        "overdue=maybe",
        "limit=0",
        "limit=201",
    ] {
        let refused = harness.get(&format!("{BASE}?{query}"), &admin).await;
        assert_eq!(refused.problem(), "422/validation-failed", "{query}");
    }
}

#[actix_web::test]
async fn pages_are_complete_and_stable_while_places_are_added() {
    let harness = Harness::start().await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let mut expected = BTreeSet::new();
    for number in 0..17 {
        let made = harness.plan(&officer, banner(&format!("nơi {number}"))).await;
        expected.insert(made["id"].as_str().unwrap().to_owned());
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = harness
            .get(&format!("{BASE}?limit=5&after={after}"), &officer)
            .await
            .expect(200);
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        harness
            .plan(&officer, with(banner("thêm"), "cell", "banner.1"))
            .await;
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    let once: BTreeSet<String> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len(), "nothing twice");
    assert!(expected.is_subset(&once), "nothing left out");
    for wrong in [
        format!("q=noi&after={after}"),
        "after=AAAA".to_owned(),
        "after=%21".to_owned(),
    ] {
        let refused = harness.get(&format!("{BASE}?{wrong}"), &officer).await;
        assert_eq!(refused.problem(), "400/cursor-invalid", "{wrong}");
    }
}
