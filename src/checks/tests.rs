//! Each check at its threshold, and what it says when something is missing.

use uuid::Uuid;

use super::*;
use crate::domain::{
    AssignmentId, Cell, Location, PhotoSlot, Point, Report, Sha256, Submission, SubmissionId,
    SubmissionState, UserId, Warned,
};

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn submission(location: Option<Location>) -> Submission {
    let id = Uuid::from_u128(1);
    Submission {
        id: SubmissionId(id),
        report: Report {
            assignment: AssignmentId(id),
            captured_at: moment("2026-06-15T11:58:00+07:00"),
            location,
            note: None,
            signed_count: None,
        },
        commune: "02647".parse().unwrap(),
        cell: Cell::Banner1,
        submitter: UserId(id),
        device: None,
        state: SubmissionState::Pending,
        received_at: moment("2026-06-15T12:00:00+07:00"),
        photos: vec![PhotoSlot {
            sha256: Sha256([1; 32]),
            bytes: 9,
            width: Some(1600),
            height: Some(1200),
        }],
        client: None,
        marks: Vec::new(),
        decision: None,
        receipt: None,
        phone_ahead_s: None,
        risk: 0,
        warned: Warned::default(),
        version: 1,
    }
}

fn submission_at(location: Location) -> Submission {
    submission(Some(location))
}

fn here(accuracy_m: f64) -> Location {
    Location {
        point: Point::new(22.45, 103.95).unwrap(),
        accuracy_m,
        captured_at: None,
    }
}

fn facts(submission: &Submission) -> Facts<'_> {
    Facts {
        submission,
        planned: None,
        period: ("2026-02-01".parse().unwrap(), "2026-12-31".parse().unwrap()),
        area: Area::NoLayer,
        photos: vec![PhotoFacts {
            sha256: Sha256([1; 32]),
            width: 1600,
            height: 1200,
            pixels: Some((200, 120)),
            exif: None,
            programs: Vec::new(),
        }],
        same: Vec::new(),
        similar: Vec::new(),
        elsewhere: Vec::new(),
    }
}

fn outcome(facts: &Facts<'_>, code: CheckCode) -> Outcome {
    let found = judge(facts, &CheckRules::default(), moment("2026-06-15T12:00:01+07:00"));
    let codes: Vec<CheckCode> = found.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, CheckCode::ALL);
    for finding in &found.findings {
        let said = wording::sentence(finding, &|code| code.to_string());
        assert!(
            !said.vi.is_empty() && !said.en.is_empty() && said.vi != said.en,
            "{finding:?}"
        );
        assert!(wording::data(finding, wording::Sight::Everything).is_object());
    }
    found
        .findings
        .into_iter()
        .find(|finding| finding.code == code)
        .unwrap()
        .outcome
}

fn warns(facts: &Facts<'_>, code: CheckCode) -> bool {
    matches!(outcome(facts, code), Outcome::Warn { .. })
}

#[test]
fn without_a_place_every_check_of_it_says_so_and_only_its_absence_warns() {
    let submission = submission(None);
    let facts = facts(&submission);
    assert!(warns(&facts, CheckCode::LocationPresent));
    for code in [
        CheckCode::Accuracy,
        CheckCode::NullIsland,
        CheckCode::InsideCommune,
        CheckCode::NearPlace,
        CheckCode::ExifPlace,
        CheckCode::Travel,
    ] {
        assert_eq!(
            outcome(&facts, code),
            Outcome::NotChecked(NotChecked::NoLocation),
            "{code}"
        );
    }
}

#[test]
fn an_accuracy_of_exactly_nothing_warns_and_so_does_more_than_the_limit() {
    for (accuracy_m, expected) in [(0.0, true), (0.1, false), (100.0, false), (100.1, true)] {
        let submission = submission_at(here(accuracy_m));
        assert_eq!(
            warns(&facts(&submission), CheckCode::Accuracy),
            expected,
            "{accuracy_m}"
        );
    }
}

#[test]
fn the_line_of_a_commune_is_widened_by_the_accuracy_and_by_its_own_error() {
    let submission = submission_at(here(30.0));
    let mut facts = facts(&submission);
    assert_eq!(
        outcome(&facts, CheckCode::InsideCommune),
        Outcome::NotChecked(NotChecked::NoBoundaries)
    );
    for (outside_m, expected) in [(0.0, false), (79.9, false), (80.1, true)] {
        facts.area = Area::Known {
            outside_m,
            error_m: 50.0,
            found: None,
        };
        assert_eq!(warns(&facts, CheckCode::InsideCommune), expected, "{outside_m}");
    }
}

#[test]
fn the_distance_to_the_plan_counts_beyond_the_accuracy() {
    let submission = submission_at(here(50.0));
    let mut facts = facts(&submission);
    assert_eq!(
        outcome(&facts, CheckCode::NearPlace),
        Outcome::NotChecked(NotChecked::NoPlannedPlace)
    );
    for (metres, expected) in [(240.0, false), (260.0, true)] {
        facts.planned = Point::new(22.45 + metres / 111_195.0, 103.95);
        assert_eq!(warns(&facts, CheckCode::NearPlace), expected, "{metres}");
    }
}

#[test]
fn a_clock_that_nobody_told_of_is_not_called_right() {
    let submission = submission_at(here(9.0));
    assert_eq!(
        outcome(&facts(&submission), CheckCode::Clock),
        Outcome::NotChecked(NotChecked::NoClock)
    );
    // A place that was measured at the same time may have been so by the same wrong clock.
    let mut measured = submission_at(here(9.0));
    if let Some(location) = &mut measured.report.location {
        location.captured_at = Some(moment("2026-06-15T11:57:50+07:00"));
    }
    assert_eq!(
        outcome(&facts(&measured), CheckCode::Clock),
        Outcome::NotChecked(NotChecked::NoClock)
    );
    measured.phone_ahead_s = Some(1);
    assert_eq!(outcome(&facts(&measured), CheckCode::Clock), Outcome::Ok);
}

#[test]
fn a_place_measured_at_another_time_than_the_picture_warns() {
    for (at, expected) in [
        ("2026-06-15T11:43:01+07:00", false),
        ("2026-06-15T11:42:59+07:00", true),
        ("2026-06-15T12:13:01+07:00", true),
        ("2026-06-12T11:58:00+07:00", true),
    ] {
        let mut submission = submission_at(here(9.0));
        submission.phone_ahead_s = Some(0);
        if let Some(location) = &mut submission.report.location {
            location.captured_at = Some(moment(at));
        }
        assert_eq!(warns(&facts(&submission), CheckCode::Clock), expected, "{at}");
    }
}

#[test]
fn clocks_are_held_against_each_other() {
    let mut late = submission_at(here(9.0));
    late.phone_ahead_s = Some(0);
    late.report.captured_at = moment("2026-06-15T12:04:59+07:00");
    assert!(!warns(&facts(&late), CheckCode::Clock));
    late.report.captured_at = moment("2026-06-15T12:05:02+07:00");
    assert!(warns(&facts(&late), CheckCode::Clock));
    let mut off = submission_at(here(9.0));
    off.phone_ahead_s = Some(-301);
    assert!(warns(&facts(&off), CheckCode::Clock));
    let plain = submission_at(here(9.0));
    let mut seen = facts(&plain);
    seen.photos[0].exif = Some(ExifClaims {
        satellites: Some(moment("2025-06-15T11:58:00+07:00")),
        ..ExifClaims::default()
    });
    assert!(warns(&seen, CheckCode::Clock));
    assert_eq!(
        outcome(&seen, CheckCode::ExifTime),
        Outcome::NotChecked(NotChecked::NoExifTime)
    );
}

#[test]
fn a_phone_that_was_elsewhere_may_travel_but_not_fly() {
    let submission = submission_at(here(10.0));
    let mut facts = facts(&submission);
    assert_eq!(
        outcome(&facts, CheckCode::Travel),
        Outcome::NotChecked(NotChecked::NothingToCompare)
    );
    for (kilometres, minutes, expected) in [(60.0, 5, true), (60.0, 120, false), (1.5, 0, false)] {
        facts.elsewhere = vec![Elsewhere {
            submission: SubmissionId(Uuid::from_u128(2)),
            point: Point::new(22.45 + kilometres / 111.195, 103.95).unwrap(),
            accuracy_m: 10.0,
            at: moment("2026-06-15T11:58:00+07:00").plus_millis(-minutes * 60_000),
        }];
        assert_eq!(
            warns(&facts, CheckCode::Travel),
            expected,
            "{kilometres} km in {minutes} min"
        );
    }
}

#[test]
fn a_near_place_a_moment_ago_hides_no_far_one() {
    let submission = submission_at(here(10.0));
    let mut facts = facts(&submission);
    let before = |kilometres: f64, seconds: i64| Elsewhere {
        submission: SubmissionId(Uuid::from_u128(2)),
        point: Point::new(22.45 + kilometres / 111.195, 103.95).unwrap(),
        accuracy_m: 10.0,
        at: moment("2026-06-15T11:58:00+07:00").plus_millis(-seconds * 1000),
    };
    facts.elsewhere = vec![before(60.0, 300), before(1.0, 1)];
    assert!(warns(&facts, CheckCode::Travel));
    facts.elsewhere = vec![before(1.0, 1)];
    assert_eq!(outcome(&facts, CheckCode::Travel), Outcome::Ok);
    let nowhere = submission_at(Location {
        point: Point::new(0.0, 0.0).unwrap(),
        ..here(10.0)
    });
    facts.submission = &nowhere;
    assert_eq!(
        outcome(&facts, CheckCode::Travel),
        Outcome::NotChecked(NotChecked::NoLocation)
    );
}

#[test]
fn a_program_that_names_itself_in_xmp_alone_is_seen() {
    let submission = submission_at(here(10.0));
    let mut facts = facts(&submission);
    assert_eq!(
        outcome(&facts, CheckCode::Edited),
        Outcome::NotChecked(NotChecked::NoExif)
    );
    facts.photos[0].programs = vec!["Adobe Photoshop 25.0 (Windows)".to_owned()];
    assert!(warns(&facts, CheckCode::Edited));
    facts.photos[0].programs = vec!["17.5.1".to_owned()];
    assert_eq!(outcome(&facts, CheckCode::Edited), Outcome::Ok);
}

#[test]
fn pixels_that_cannot_be_read_are_not_called_dark_or_blurred() {
    let submission = submission_at(here(10.0));
    let mut facts = facts(&submission);
    facts.photos[0].pixels = None;
    for code in [
        CheckCode::Sharpness,
        CheckCode::Brightness,
        CheckCode::SimilarPhoto,
    ] {
        assert_eq!(
            outcome(&facts, code),
            Outcome::NotChecked(NotChecked::Unreadable),
            "{code}"
        );
    }
    // And yet they weigh: else such a file would be the surest way past all that looks at pixels.
    assert!(warns(&facts, CheckCode::Resolution));
    for (level, brightness, expected) in [
        (59, 120, (true, false)),
        (60, 44, (false, true)),
        (60, 236, (false, true)),
    ] {
        facts.photos[0].pixels = Some((level, brightness));
        let found = (
            warns(&facts, CheckCode::Sharpness),
            warns(&facts, CheckCode::Brightness),
        );
        assert_eq!(found, expected, "{level} {brightness}");
    }
}
