//! Plans from tables: CSV and XLSX, all rows or none.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use bytes::Bytes;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::domain::{AssignmentState, Cell, Day, Tenure};
use crate::services::planning::import::{MAX_ERRORS, MAX_ROWS, MAX_UNPACKED_BYTES};

impl Office {
    fn import(&self, actor: &Actor, table: impl Into<Bytes>) -> Result<ImportReport, ImportError> {
        self.run(self.planning.import(actor, table.into(), ImportMode::Write))
    }

    fn try_out(&self, actor: &Actor, table: impl Into<Bytes>) -> ImportReport {
        self.run(self.planning.import(actor, table.into(), ImportMode::DryRun))
            .unwrap()
    }

    fn all(&self, actor: &Actor) -> Vec<AssignmentView> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .run(self.planning.list(actor, Filter::default(), 200, after))
                .unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }
}

fn counts(report: &ImportReport) -> (usize, usize, usize, usize) {
    (report.created, report.updated, report.unchanged, report.cancelled)
}

fn named(report: &ImportReport) -> Vec<(u32, &'static str, &'static str)> {
    report
        .errors
        .iter()
        .map(|error| (error.line, error.column, error.code))
        .collect()
}

fn unusable(result: Result<ImportReport, ImportError>) -> &'static str {
    match result {
        Err(ImportError::Unusable(field)) => field.code,
        other => panic!("{other:?}"),
    }
}

/// A sheet of texts.
fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            sheet
                .write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), text)
                .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_table_as_offices_write_it_becomes_a_plan() {
    let office = office();
    let admin = office.admin();
    let head = office.head("truong-thon");
    let table = "\u{feff}STT;Xã/phường;Thôn/tổ dân phố;Địa điểm;Nội dung;Hạn;Người phụ trách;Vĩ độ;Kinh độ;Số người ký dự kiến;Ghi chú\r\n\
        1;2647;Thôn 1;Cổng làng;Nhóm 2;09/07/2026;TRUONG-THON;22,4856;103,9707;;=1+1\r\n\
        2;phường Lào Cai;Thôn 1;Nhà văn hóa;Cam kết khu dân cư;46212;;;;120;\r\n\
        3;cam duong;Tổ 3;Trường tiểu học;banner.3;;;;;;\r\n";
    let dry = office.try_out(&admin, table);
    assert_eq!((dry.rows, counts(&dry), dry.errors.len()), (3, (3, 0, 0, 0), 0));
    assert_eq!(dry.ignored_columns, ["STT"]);
    assert!(office.all(&admin).is_empty(), "a dry run writes nothing");
    assert_eq!(counts(&office.import(&admin, table).unwrap()), (3, 0, 0, 0));
    let mut plan = office.all(&admin);
    plan.sort_by(|one, other| one.assignment.place.cmp(&other.assignment.place));
    let [gate, house, school] = plan.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(gate.assignment.commune.to_string(), HERE);
    assert_eq!(gate.assignment.assignee, Some(head.user));
    assert_eq!(gate.assignment.due.to_string(), "2026-07-09");
    let point = gate.assignment.location.unwrap();
    assert_eq!((point.lat, point.lon), (22.4856, 103.9707));
    assert_eq!(gate.assignment.note.as_deref(), Some("=1+1"));
    assert_eq!(
        (house.assignment.cell, house.assignment.expected_signers),
        (Cell::ResidentialArea, Some(120))
    );
    assert_eq!(house.assignment.due.to_string(), "2026-07-09");
    assert_eq!(school.assignment.commune.to_string(), THERE);
    assert_eq!(
        Some(school.assignment.due),
        office.planning.campaign.default_due(Cell::Banner3)
    );
    assert_eq!(
        counts(&office.import(&admin, table).unwrap()),
        (0, 0, 3, 0),
        "the same again"
    );
}

#[test]
fn every_wrong_cell_is_named_and_nothing_is_written() {
    let office = office();
    let officer = office.officer();
    office.account(Role::VillageHead, Some(THERE), "noi-khac");
    let table = "id,xã,thôn,địa điểm,nội dung,hạn,người phụ trách,lat,lon,so nguoi ky,ghi chú\n\
        ,02647,Thôn 1,Chợ,Nhóm 2,,,,,,\n\
        x,02671,,Chợ,Nhóm 9,mai,noi-khac,22,,,\n\
        ,,Thôn 1,chợ,banner.2,31/06/2026,,a,103,nhiều,\n\
        ,Nơi Khác,Thôn 2,Sân,banner.1,,ai,91,103,5,\n";
    let expected = [
        (3, "id", "not-an-id"),
        (3, "lon", "incomplete-location"),
        (3, "commune", "commune-not-yours"),
        (3, "village", "required"),
        (3, "cell", "unknown-cell"),
        (3, "due", "not-a-day"),
        (4, "lat", "not-a-number"),
        (4, "expected_signers", "not-a-number"),
        (4, "due", "not-a-day"),
        (5, "commune", "unknown-commune"),
        (5, "lat", "out-of-range"),
        (5, "expected_signers", "not-for-banners"),
        (5, "assignee", "assignee-unsuitable"),
    ];
    let dry = office.try_out(&officer, table);
    assert_eq!(named(&dry), expected);
    assert_eq!(dry.created, 1);
    match office.import(&officer, table) {
        Err(ImportError::Rejected(report)) => assert_eq!(named(&report), expected),
        other => panic!("{other:?}"),
    }
    assert!(office.all(&officer).is_empty());
}

#[test]
fn a_place_is_recognised_by_its_names_whoever_made_it_and_two_rows_for_one_place_are_refused() {
    let office = office();
    let (officer, head) = (office.officer(), office.head("truong-thon"));
    let by_hand = office.make(
        &officer,
        Draft {
            note: Given::Value("giữ nguyên".into()),
            ..draft("Chợ Cốc Lếu")
        },
    );
    let proposed = office.make(&head, draft("Cổng làng"));
    let gone = office.make(&officer, draft("Đã bỏ"));
    office.cancel(&officer, &gone).unwrap();
    let table = "thôn,địa điểm,nội dung,hạn\nTHÔN 1,Chợ  Cốc Lếu,banner.2,2026-07-20\nThôn 1,cong lang,banner.2,\nThôn 1,Đã bỏ,banner.2,\n";
    let report = office.import(&officer, table).unwrap();
    assert_eq!(counts(&report), (0, 2, 0, 1));
    let seen = office.see(&officer, by_hand.assignment.id).unwrap().assignment;
    assert_eq!(
        (seen.due.to_string().as_str(), seen.note.as_deref()),
        ("2026-07-20", Some("giữ nguyên"))
    );
    let seen = office.see(&officer, proposed.assignment.id).unwrap().assignment;
    assert_eq!((seen.tenure, seen.assignee), (Tenure::Planned, Some(head.user)));
    assert_eq!(seen.due, proposed.assignment.due, "a blank day changes nothing");
    let seen = office.see(&officer, gone.assignment.id).unwrap().assignment;
    assert_eq!(seen.state, AssignmentState::Cancelled);
    let double = format!("{table}Thôn 1,CHỢ CỐC LẾU,Nhóm 2,\n");
    assert_eq!(
        named(&office.try_out(&officer, double)),
        [(5, "place", "duplicate-row")]
    );
    office.make(&officer, draft("Chợ Cốc Lếu"));
    assert_eq!(
        named(&office.try_out(&officer, table)),
        [(2, "place", "ambiguous-place")]
    );
    let with_id = format!(
        "id,thôn,địa điểm,nội dung\n{},Thôn 1,Chợ mới,banner.2\n",
        by_hand.assignment.id
    );
    assert_eq!(counts(&office.import(&officer, with_id).unwrap()), (0, 1, 0, 0));
    assert_eq!(
        office
            .see(&officer, by_hand.assignment.id)
            .unwrap()
            .assignment
            .place,
        "Chợ mới"
    );
}

#[test]
fn an_id_of_another_commune_is_not_taken_over() {
    let office = office();
    let (admin, officer) = (office.admin(), office.officer());
    let theirs = office.make(
        &admin,
        Draft {
            commune: Given::Value(THERE.into()),
            ..draft("Chợ")
        },
    );
    let table = format!(
        "id,thôn,địa điểm,nội dung\n{},Thôn 1,Chợ,banner.2\n",
        theirs.assignment.id
    );
    assert_eq!(named(&office.try_out(&officer, table)), [(2, "id", "id-taken")]);
}

#[test]
fn what_is_no_table_is_refused_with_the_reason() {
    let office = office();
    let admin = office.admin();
    assert_eq!(unusable(office.import(&admin, "")), "no-header");
    assert_eq!(
        unusable(office.import(&admin, "một,hai,ba\n1,2,3\n")),
        "no-header"
    );
    assert_eq!(
        unusable(office.import(&admin, &b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..])),
        "old-format"
    );
    assert_eq!(
        unusable(office.import(&admin, &b"PK\x03\x04 but no archive"[..])),
        "unreadable"
    );
    assert_eq!(
        unusable(office.import(&admin, &b"commune,village,place\n\xff\xfe\n"[..])),
        "not-unicode"
    );
    let long = format!(
        "commune,village,place,cell\n{}",
        "02647,Thôn,Nơi,banner.1\n".repeat(MAX_ROWS + 1)
    );
    assert_eq!(unusable(office.import(&admin, long)), "too-many-rows");
    let headless = office.try_out(&admin, "xã,thôn,hạn,hạn\n02647,Thôn 1,,\n");
    assert_eq!(
        named(&headless),
        [
            (1, "place", "missing-column"),
            (1, "cell", "missing-column"),
            (1, "due", "duplicate-column")
        ]
    );
}

/// A ZIP archive with one file of zeros; `lie` writes a small size over the declared one.
fn bomb(bytes: u64, lie: bool) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file(
            "xl/worksheets/sheet1.xml",
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
    let block = vec![0; 1 << 20];
    for _ in 0..bytes >> 20 {
        archive.write_all(&block).unwrap();
    }
    let mut file = archive.finish().unwrap().into_inner();
    if lie {
        let real = u32::try_from(bytes).unwrap().to_le_bytes();
        let places: Vec<usize> = file
            .windows(4)
            .enumerate()
            .filter(|(_, four)| *four == real)
            .map(|(at, _)| at)
            .collect();
        for at in places {
            file[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
        }
    }
    file
}

#[test]
fn a_zip_bomb_is_refused_also_when_it_lies_about_its_size() {
    let office = office();
    let admin = office.admin();
    let bytes = MAX_UNPACKED_BYTES + (1 << 20);
    for lie in [false, true] {
        let file = bomb(bytes, lie);
        assert!(file.len() < 1 << 20);
        let code = unusable(office.import(&admin, file));
        // A size that turns out to be another makes the archive a broken one.
        assert!(
            code == "unpacks-too-large" || (lie && code == "unreadable"),
            "{code}"
        );
    }
}

#[test]
fn a_sheet_that_claims_a_million_rows_and_columns_costs_nothing() {
    let office = office();
    let admin = office.admin();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in ["commune", "village", "place", "cell"].iter().enumerate() {
        sheet
            .write_string(0, u16::try_from(column).unwrap(), *text)
            .unwrap();
    }
    sheet.write_string(1_048_575, 16_383, "cuối").unwrap();
    assert_eq!(office.try_out(&admin, book.save_to_buffer().unwrap()).rows, 0);
}

#[test]
fn a_workbook_is_read_with_its_dates_numbers_and_line_numbers() {
    let office = office();
    let admin = office.admin();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "KẾ HOẠCH").unwrap();
    for (column, text) in ["Xã", "Thôn", "Địa điểm", "Nhóm", "Hạn", "Vĩ độ", "Kinh độ"]
        .iter()
        .enumerate()
    {
        sheet
            .write_string(2, u16::try_from(column).unwrap(), *text)
            .unwrap();
    }
    let date = ExcelDateTime::from_ymd(2026, 7, 9).unwrap();
    let format = Format::new().set_num_format("dd/mm/yyyy");
    for (row, code) in [(4, 2647.0), (5, 1.0)] {
        sheet.write_number(row, 0, code).unwrap();
        sheet.write_string(row, 1, "Thôn 1").unwrap();
        sheet.write_string(row, 2, "Chợ").unwrap();
        sheet.write_number(row, 3, 2).unwrap();
        sheet.write_datetime_with_format(row, 4, &date, &format).unwrap();
        sheet.write_number(row, 5, 22.5).unwrap();
        sheet.write_number(row, 6, 103.9).unwrap();
    }
    assert_eq!(
        named(&office.try_out(&admin, book.save_to_buffer().unwrap())),
        [(6, "commune", "unknown-commune")]
    );
    book.worksheet_from_index(0).unwrap().clear_cell(5, 0);
    for column in 0..7 {
        book.worksheet_from_index(0).unwrap().clear_cell(5, column);
    }
    office.import(&admin, book.save_to_buffer().unwrap()).unwrap();
    let plan = office.all(&admin);
    assert_eq!(plan.len(), 1);
    assert_eq!(plan[0].assignment.due.to_string(), "2026-07-09");
    assert_eq!(
        (
            plan[0].assignment.cell,
            plan[0].assignment.commune.to_string().as_str()
        ),
        (Cell::Banner2, HERE)
    );
}

#[test]
fn the_template_changes_nothing_as_it_is_and_keeps_codes_and_texts_as_they_are() {
    let office = office();
    let admin = office.admin();
    let template = office.planning.template().unwrap();
    let report = office.import(&admin, template).unwrap();
    assert_eq!((report.rows, report.ignored_columns.len()), (0, 0));
    let row = |texts: [&str; 5]| texts.map(str::to_owned).to_vec();
    let sheet = workbook(&[
        row([
            "Xã, phường",
            "Thôn, tổ dân phố",
            "Địa điểm",
            "Nội dung",
            "Ghi chú",
        ]),
        row(["02647", "@Thôn", "=SUM(A1)", "banner.1", "+84 000 000 000"]),
    ]);
    office.import(&admin, sheet).unwrap();
    let made = &office.all(&admin)[0].assignment;
    assert_eq!(
        (made.village.as_str(), made.place.as_str()),
        ("@Thôn", "=SUM(A1)")
    );
    assert_eq!(made.note.as_deref(), Some("+84 000 000 000"));
}

#[test]
fn more_wrong_cells_than_are_named_are_counted() {
    let office = office();
    let admin = office.admin();
    let table = format!("commune,village,place,cell\n{}", ",,,\nx,,,\n".repeat(400));
    let report = office.try_out(&admin, table);
    assert_eq!(report.rows, 400, "blank lines are no rows");
    assert_eq!(report.errors.len() + report.more_errors, 1_600);
    assert_eq!(report.errors.len(), MAX_ERRORS);
}

#[test]
fn twenty_thousand_rows_are_one_transaction() {
    let office = office();
    let admin = office.admin();
    let communes = office.planning.campaign.communes().to_vec();
    let mut table = "commune,village,place,cell,due\n".to_owned();
    for number in 0..MAX_ROWS {
        let commune = communes[number % communes.len()].code;
        let cell = Cell::ALL[number % 9].key();
        writeln!(
            table,
            "{commune},Thôn {},Địa điểm số {number},{cell},2026-07-{:02}",
            number % 40,
            1 + number % 28
        )
        .unwrap();
    }
    let started = std::time::Instant::now();
    assert_eq!(office.import(&admin, table.clone()).unwrap().created, MAX_ROWS);
    let first = started.elapsed();
    assert_eq!(office.import(&admin, table).unwrap().unchanged, MAX_ROWS);
    println!(
        "{MAX_ROWS} rows: {first:?}, with the same again: {:?}",
        started.elapsed()
    );
}

#[derive(Debug, Clone)]
struct Planned {
    village: String,
    place: String,
    cell: Cell,
    due: Day,
    location: Option<(f64, f64)>,
    note: String,
}

fn planned() -> impl Strategy<Value = Planned> {
    let text = "[A-Za-zÀ-ỹ0-9=+@;,\"' -]{0,20}[A-Za-z0-9àỹ]";
    let degrees =
        |limit: i32| (-limit * 1000..=limit * 1000).prop_map(|thousandths| f64::from(thousandths) / 1000.0);
    (
        text,
        text,
        0..9_usize,
        0..30_000,
        proptest::option::of((degrees(90), degrees(180))),
        "[ -~à-ỹ]{0,30}",
    )
        .prop_map(|(village, place, cell, day, location, note)| Planned {
            village,
            place,
            cell: Cell::ALL[cell],
            due: Day::from_number(11_000 + day),
            location,
            note,
        })
}

fn rows_of(plan: &[Planned]) -> Vec<Vec<String>> {
    let header = ["commune", "village", "place", "cell", "due", "lat", "lon", "note"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (at, planned) in plan.iter().enumerate() {
        let degrees = |part: fn((f64, f64)) -> f64| planned.location.map(|place| part(place).to_string());
        rows.push(vec![
            HERE.to_owned(),
            planned.village.clone(),
            // Names that are equal when folded would be one place.
            format!("{} số {at}", planned.place),
            planned.cell.key().to_owned(),
            planned.due.to_string(),
            degrees(|(lat, _)| lat).unwrap_or_default(),
            degrees(|(_, lon)| lon).unwrap_or_default(),
            planned.note.clone(),
        ]);
    }
    rows
}

fn written(rows: &[Vec<String>], delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_into_a_table_is_what_gets_into_the_plan(plan in proptest::collection::vec(planned(), 1..8), format in 0..4) {
        use unicode_normalization::UnicodeNormalization;
        let office = office();
        let admin = office.admin();
        let rows = rows_of(&plan);
        let file = match format {
            0 => written(&rows, b','),
            1 => written(&rows, b';'),
            2 => written(&rows, b'\t'),
            _ => workbook(&rows),
        };
        prop_assert_eq!(office.import(&admin, file.clone()).unwrap().created, plan.len());
        let all = office.all(&admin);
        for (planned, row) in plan.iter().zip(&rows[1..]) {
            let place: String = row[2].trim().nfc().collect();
            let found: Vec<_> = all.iter().map(|view| &view.assignment).filter(|there| there.place == place).collect();
            prop_assert_eq!(found.len(), 1);
            let there = found[0];
            let location = there.location.map(|point| (point.lat, point.lon));
            prop_assert_eq!((there.cell, there.due, location), (planned.cell, planned.due, planned.location));
            let note: String = planned.note.trim().nfc().collect();
            prop_assert_eq!(there.note.clone().unwrap_or_default(), note);
            prop_assert_eq!(&there.village, &planned.village.trim().nfc().collect::<String>());
        }
        prop_assert_eq!(office.import(&admin, file).unwrap().unchanged, plan.len());
    }
}
