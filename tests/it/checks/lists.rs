//! The queue by risk and by check: the same submissions as a look through all of them finds, page by page.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Stage;
use super::scene::{Shot, warned};
use crate::support::{COMMUNE, OTHER_COMMUNE};

async fn list(stage: &Stage, token: &str, query: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/submissions?limit=3&{query}&after={after}");
        let page = stage.field.harness.get(&path, token).await.expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return items,
        }
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn rank(item: &Value) -> (u64, String, String) {
    // What was not checked stands behind what was found to have no risk.
    let missing = item["risk"]["score"].as_u64().map_or(101, |score| 100 - score);
    (
        missing,
        item["received_at"].as_str().unwrap().to_owned(),
        item["id"].as_str().unwrap().to_owned(),
    )
}

/// Submissions of every kind of risk in two communes; some verified, one incomplete, one not checked yet.
async fn filled() -> Stage {
    let stage = Stage::set().await;
    let field = &stage.field;
    let shots = [
        Shot::default(),
        Shot {
            at: None,
            ..Shot::default()
        },
        Shot {
            accuracy_m: 0.0,
            ..Shot::default()
        },
        Shot {
            at: Some((22.45, 104.05)),
            ..Shot::default()
        },
        Shot {
            at: Some((0.0, 0.0)),
            ..Shot::default()
        },
    ];
    for (commune, sender) in [(COMMUNE, &field.head), (OTHER_COMMUNE, &field.stranger)] {
        let place = stage.place(commune, sender, None).await;
        for shot in &shots {
            stage.send(sender, &place, &field.picture(), shot).await;
            field.harness.wait(1);
        }
    }
    field.harness.check_all().await;
    let all = list(&stage, &field.admin.token, "order=oldest").await;
    for item in all.iter().step_by(4) {
        let path = format!("/api/v1/submissions/{}/reviews", item["id"].as_str().unwrap());
        let body = serde_json::json!({ "decision": "verify", "version": item["version"] });
        field
            .harness
            .post(&path, &field.admin.token, body)
            .await
            .expect(200);
    }
    let place = stage.place(COMMUNE, &field.head, None).await;
    field.announce(&field.head, &place, &[&field.picture()]).await;
    stage
        .send(&field.head, &place, &field.picture(), &Shot::default())
        .await;
    stage
}

#[tokio::test]
async fn the_riskiest_come_first_on_every_page_and_none_is_missing() {
    let stage = filled().await;
    let (admin, officer) = (&stage.field.admin.token, &stage.field.officer.token);
    for (token, filter) in [
        (admin, ""),
        (admin, "state=pending"),
        (admin, "state=verified"),
        (admin, "state=incomplete"),
        (admin, "cell=banner.2"),
        (admin, "commune=02671"),
        (admin, "commune=02671&cell=banner.2&state=pending"),
        (admin, "check=inside_commune"),
        (admin, "check=inside_commune&commune=02647"),
        (officer, "state=pending"),
        (officer, "check=accuracy"),
    ] {
        let found = list(&stage, token, &format!("{filter}&order=riskiest")).await;
        let mut expected = list(&stage, token, &format!("{filter}&order=oldest")).await;
        let state = |item: &Value| item["state"] == "incomplete";
        // By risk, then arrival; what is incomplete or not checked has no risk and stands last.
        expected.sort_by_key(rank);
        assert_eq!(ids(&found), ids(&expected), "{filter}");
        assert!(!filter.is_empty() || found.iter().any(state));
        let once: BTreeSet<_> = ids(&found).into_iter().collect();
        assert_eq!(once.len(), found.len(), "{filter}");
    }
}

#[tokio::test]
async fn a_check_filters_to_exactly_those_that_it_warns_about() {
    let stage = filled().await;
    let admin = &stage.field.admin.token;
    let all = list(&stage, admin, "order=oldest").await;
    for code in [
        "location_present",
        "accuracy",
        "null_island",
        "inside_commune",
        "travel",
        "resolution",
    ] {
        let expected: Vec<Value> = all
            .iter()
            .filter(|item| !item["risk"].is_null() && warned(item).iter().any(|warns| warns == code))
            .cloned()
            .collect();
        let found = list(&stage, admin, &format!("check={code}&order=oldest")).await;
        assert_eq!(ids(&found), ids(&expected), "{code}");
        let mut backwards = list(&stage, admin, &format!("check={code}&order=newest")).await;
        backwards.reverse();
        assert_eq!(ids(&backwards), ids(&expected), "{code}");
    }
    assert!(!list(&stage, admin, "check=null_island").await.is_empty());
    let wrong = stage
        .field
        .harness
        .get("/api/v1/submissions?check=rain", admin)
        .await;
    assert_eq!(wrong.problem(), "422/validation-failed");
    stage.field.assert_clean().await;
}

#[tokio::test]
async fn a_village_head_sees_the_checks_of_their_own_alone() {
    let stage = filled().await;
    let own = list(&stage, &stage.field.head.token, "order=riskiest").await;
    assert!(
        own.iter().all(|item| item["commune"] == COMMUNE) && own.len() == 7,
        "{}",
        own.len()
    );
    let warned_about = list(&stage, &stage.field.head.token, "check=inside_commune").await;
    assert_eq!(warned_about.len(), 2, "the neighbour's square, and 0, 0");
}
