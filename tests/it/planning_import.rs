//! Whole plans over HTTP.

use minhchung::domain::{Cell, Role};
use reqwest::Method;
use rust_xlsxwriter::Workbook;
use serde_json::json;

use crate::support::{Answer, COMMUNE, Harness, OTHER_COMMUNE, answer};

const IMPORT: &str = "/api/v1/assignments/import";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Harness {
    async fn import(&self, token: &str, query: &str, kind: &str, table: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, &format!("{IMPORT}{query}"), token);
        answer(request.header("content-type", kind).body(table)).await
    }

    async fn planned(&self, token: &str) -> usize {
        let (mut count, mut after) = (0, String::new());
        loop {
            let page = self
                .get(&format!("/api/v1/assignments?limit=200&after={after}"), token)
                .await
                .expect(200);
            count += page["items"].as_array().unwrap().len();
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => return count,
            }
        }
    }
}

/// 5,000 rows below a title; every 500th is wrong unless they were corrected.
fn workbook(corrected: bool) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "KẾ HOẠCH LẮP ĐẶT BĂNG RÔN").unwrap();
    for (column, title) in (0..).zip(["Xã, phường", "Thôn, tổ dân phố", "Địa điểm", "Nội dung", "Hạn"])
    {
        sheet.write_string(1, column, title).unwrap();
    }
    for number in 0..5_000_u32 {
        let row = number + 2;
        let wrong = number % 500 == 499 && !corrected;
        // A code that lost its zero, as a spreadsheet keeps it.
        sheet
            .write_number(row, 0, if number % 2 == 0 { 2647 } else { 2671 })
            .unwrap();
        sheet
            .write_string(row, 1, format!("Thôn {}", number % 20))
            .unwrap();
        sheet
            .write_string(row, 2, format!("Địa điểm số {number}"))
            .unwrap();
        let cell = Cell::ALL[usize::try_from(number % 9).unwrap()];
        sheet
            .write_string(row, 3, if wrong { "Nhóm 12" } else { cell.key() })
            .unwrap();
        sheet
            .write_string(row, 4, if wrong { "31/06/2026" } else { "30/06/2026" })
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[actix_web::test]
async fn five_thousand_rows_with_wrong_ones_write_nothing_and_corrected_write_all() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let wrong_lines: Vec<u32> = (0..10).map(|block| block * 500 + 499 + 3).collect();
    let dry = harness
        .import(&admin, "?dry_run=true", XLSX, workbook(false))
        .await
        .expect(200);
    assert_eq!(
        (&dry["rows"], &dry["created"], &dry["more_errors"]),
        (&json!(5_000), &json!(4_990), &json!(0))
    );
    let named: Vec<(u64, &str, &str)> = dry["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["line"].as_u64().unwrap(),
                error["column"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect();
    let expected: Vec<(u64, &str, &str)> = wrong_lines
        .iter()
        .flat_map(|line| {
            [
                (u64::from(*line), "cell", "unknown-cell"),
                (u64::from(*line), "due", "not-a-day"),
            ]
        })
        .collect();
    assert_eq!(named, expected);
    let refused = harness.import(&admin, "", XLSX, workbook(false)).await;
    assert_eq!(refused.problem(), "422/import-rejected");
    let pointers: Vec<&str> = refused.body["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["pointer"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = expected
        .iter()
        .map(|(line, column, _)| format!("/rows/{line}/{column}"))
        .collect();
    assert_eq!(pointers, expected);
    assert_eq!(harness.planned(&admin).await, 0, "none was written");
    let written = harness
        .import(&admin, "?dry_run=false", XLSX, workbook(true))
        .await
        .expect(200);
    assert_eq!(
        (&written["created"], &written["errors"]),
        (&json!(5_000), &json!([]))
    );
    assert_eq!(harness.planned(&admin).await, 5_000);
    let again = harness.import(&admin, "", XLSX, workbook(true)).await.expect(200);
    assert_eq!(
        (&again["created"], &again["updated"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(5_000))
    );
    assert_eq!(harness.planned(&admin).await, 5_000, "the plan is not doubled");
}

#[actix_web::test]
async fn the_template_is_for_planners_and_can_be_sent_back() {
    let harness = Harness::start().await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let request = harness.request(Method::GET, "/api/v1/assignments/template.xlsx", &officer);
    let response = request.send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &XLSX.parse().unwrap())
    );
    let template = response.bytes().await.unwrap();
    let report = harness
        .import(&officer, "?dry_run=1", XLSX, template.clone())
        .await;
    assert_eq!(report.problem(), "422/validation-failed", "1 is no truth value");
    let report = harness
        .import(&officer, "?dry_run=true", XLSX, template)
        .await
        .expect(200);
    assert_eq!((&report["rows"], &report["errors"]), (&json!(0), &json!([])));
    for role in [Role::VillageHead, Role::Viewer, Role::Verifier] {
        let commune = role.is_of_a_commune().then_some(COMMUNE);
        let other = harness.sign_in(role, commune).await;
        assert_eq!(
            harness
                .get("/api/v1/assignments/template.xlsx", &other)
                .await
                .problem(),
            "403/forbidden"
        );
        assert_eq!(
            harness.import(&other, "", "text/csv", "x").await.problem(),
            "403/forbidden"
        );
    }
}

#[actix_web::test]
async fn an_officer_imports_for_the_own_commune_in_the_asked_language() {
    let harness = Harness::start().await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let table = format!("commune,village,place,cell\n{OTHER_COMMUNE},Thôn 1,Chợ,banner.2\n");
    let refused = harness
        .import(&officer, "", "text/csv; charset=utf-8", table.clone())
        .await;
    assert_eq!(refused.problem(), "422/import-rejected");
    assert_eq!(refused.body["fields"][0]["pointer"], "/rows/2/commune");
    assert_eq!(refused.body["fields"][0]["code"], "commune-not-yours");
    let request = harness
        .client
        .post(harness.url(&format!("{IMPORT}?dry_run=true")))
        .bearer_auth(&officer)
        .header("content-type", "text/csv");
    let vietnamese = answer(request.body(table)).await.expect(200);
    assert!(
        vietnamese["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("xã, phường của mình"),
        "{vietnamese}"
    );
    let own = harness
        .import(
            &officer,
            "",
            "application/vnd.ms-excel",
            "thôn;địa điểm;nhóm\nThôn 1;Chợ;Nhóm 2\n",
        )
        .await;
    assert_eq!(own.expect(200)["created"], 1);
}

#[actix_web::test]
async fn what_is_no_table_or_too_long_is_refused() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    assert_eq!(
        harness.import(&admin, "", "image/png", "x").await.problem(),
        "415/media-type-unsupported"
    );
    let long = vec![b'x'; (10 << 20) + 1];
    assert_eq!(
        harness.import(&admin, "", "text/csv", long).await.problem(),
        "413/body-too-large"
    );
    for (table, code) in [
        (&b"PK\x03\x04junk"[..], "unreadable"),
        (b"", "no-header"),
        (b"\xff,\n", "not-unicode"),
    ] {
        let refused = harness.import(&admin, "?dry_run=true", "text/csv", table).await;
        assert_eq!(refused.problem(), "422/import-rejected");
        assert_eq!(refused.body["fields"][0]["code"], code);
    }
}
