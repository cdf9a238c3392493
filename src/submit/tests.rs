//! Lists of pictures: what is read, what is refused, and which id a submission gets.

use std::fs;

use super::*;
use crate::demo::pictures::distinct_jpeg;
use crate::domain::{AssignmentId, Moment, Sha256};

const HEAD: &str = "file,assignment_id,captured_at,lat,lon,accuracy_m,signed_count\n";
const ONE: &str = "0190f0a0-0000-7000-8000-000000000001";

fn read(rows: &str) -> Result<Vec<Row>, String> {
    read_list(format!("{HEAD}{rows}").as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn every_bad_row_is_named_with_its_line_and_column() {
    let text = format!(
        "a.jpg,{ONE},2026-02-20T09:30:00+07:00,22.48,103.97,8,\n\
         ../b.jpg,x,2026-02-20T09:30:00,22.48,,8,\n\
         \n\
         c.jpg,{ONE},2026-02-20T09:30:00+07:00,95,103.97,-1,many\n"
    );
    let said = read(&text).unwrap_err();
    let named: Vec<(&str, &str)> = said
        .lines()
        .map(|line| {
            let rest = line.strip_prefix("dòng/line ").unwrap();
            let (number, rest) = rest.split_once(", ").unwrap();
            (number, rest.split_once(':').unwrap().0)
        })
        .collect();
    assert_eq!(
        named,
        [
            ("3", "file"),
            ("3", "assignment_id"),
            ("3", "captured_at"),
            ("3", "lon"),
            ("5", "lat"),
            ("5", "accuracy_m"),
            ("5", "signed_count"),
        ]
    );
}

#[test]
fn a_list_from_a_vietnamese_spreadsheet_is_read() {
    let text = format!(
        "\u{feff}File;Assignment_ID;captured_at;lat;lon;accuracy_m\r\nả.jpg;{ONE};2026-02-20T09:30:00+07:00;22,48;103,97;8,5\r\n"
    );
    let rows = read_list(text.as_bytes()).unwrap();
    let place = rows[0].location.unwrap();
    assert!((place.lat - 22.48).abs() < 1e-9 && (place.accuracy_m - 8.5).abs() < 1e-9);
}

#[test]
fn unknown_missing_and_empty_tables_are_refused_whole() {
    for text in [
        "",
        "file,captured_at\n",
        "file,assignment_id,captured_at,latt\n",
        HEAD,
    ] {
        assert!(
            matches!(read_list(text.as_bytes()), Err(ListError::NoTable(_))),
            "{text:?}"
        );
    }
}

#[test]
fn the_id_depends_on_the_content_and_not_on_the_order() {
    let assignment: AssignmentId = ONE.parse().unwrap();
    let moment: Moment = "2026-02-20T09:30:00+07:00".parse().unwrap();
    let (a, b) = (Sha256([1; 32]), Sha256([2; 32]));
    let id = submission_id(assignment, moment, &[a, b]);
    assert_eq!(id, submission_id(assignment, moment, &[b, a]));
    assert_eq!(id.0.get_version_num(), 7);
    assert_ne!(id, submission_id(assignment, moment, &[a]));
    assert_ne!(id, submission_id(assignment, moment.plus_millis(1), &[a, b]));
    let early = submission_id(assignment, "1960-01-01T00:00:00Z".parse().unwrap(), &[a]);
    assert_eq!(early.0.get_version_num(), 7);
}

#[test]
fn rows_of_one_submission_come_together_and_contradictions_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..7 {
        fs::write(
            folder.path().join(format!("{number}.jpg")),
            distinct_jpeg(number, 0).unwrap(),
        )
        .unwrap();
    }
    fs::write(folder.path().join("note.jpg"), "GIF89a").unwrap();
    let row =
        |file: &str, second: u32, rest: &str| format!("{file},{ONE},2026-02-20T09:30:{second:02}Z,{rest}\n");
    let good = [
        row("0.jpg", 0, "22,103,5,12"),
        row("1.jpg", 0, ",,,"),
        row("2.jpg", 1, ",,,"),
    ]
    .concat();
    let prepared = prepare(folder.path(), &read(&good).unwrap(), |_| ()).unwrap();
    let counts: Vec<_> = prepared.evidence.iter().map(|each| each.pictures.len()).collect();
    assert_eq!(counts, [2, 1]);
    assert_eq!(prepared.evidence[0].report.signed_count, Some(12));

    let bad = [
        row("0.jpg", 0, "22,103,5,12"),
        row("0.jpg", 0, "23,103,5,13"),
        row("none.jpg", 1, ",,,"),
        row("note.jpg", 2, ",,,"),
        (0..6).map(|n| row(&format!("{n}.jpg"), 3, ",,,")).collect(),
    ]
    .concat();
    let mistakes = prepare(folder.path(), &read(&bad).unwrap(), |_| ()).unwrap_err();
    let named: Vec<_> = mistakes
        .iter()
        .map(|mistake| (mistake.line, mistake.column))
        .collect();
    assert_eq!(
        named,
        [
            (3, "lat"),
            (3, "signed_count"),
            (3, "file"),
            (4, "file"),
            (5, "file"),
            (11, "file")
        ]
    );
}
