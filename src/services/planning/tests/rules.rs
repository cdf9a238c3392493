//! What may be planned, by whom, and what a repeat is.

use super::*;
use crate::domain::{AssignmentState, RejectReason, Tenure};

#[test]
fn all_wrong_fields_are_named_at_once() {
    let office = office();
    let admin = office.admin();
    let bad = Draft {
        commune: Given::Value("99999".into()),
        village: Given::Value(" \t ".into()),
        place: Given::Value("x".repeat(201)),
        cell: Given::Value("banner.9".into()),
        due: Given::Value("2026-02-30".into()),
        assignee: Given::Value("ai đó".into()),
        location: Given::Value((91.0, f64::NAN)),
        expected_signers: Given::Value(-1),
        note: Given::Value("chuông\u{7}".into()),
    };
    let result = office.run(office.planning.create(&admin, Some("không phải".into()), bad));
    assert_eq!(
        wrong(result),
        [
            ("/id".to_owned(), "not-an-id"),
            ("/commune".to_owned(), "unknown-commune"),
            ("/village".to_owned(), "required"),
            ("/place".to_owned(), "too-long"),
            ("/cell".to_owned(), "unknown-cell"),
            ("/due".to_owned(), "not-a-day"),
            ("/assignee".to_owned(), "assignee-unsuitable"),
            ("/location/lat".to_owned(), "out-of-range"),
            ("/location/lon".to_owned(), "out-of-range"),
            ("/note".to_owned(), "control-character"),
            ("/expected_signers".to_owned(), "out-of-range"),
        ]
    );
    let nothing = wrong(office.run(office.planning.create(&admin, None, Draft::default())));
    let pointers: Vec<&str> = nothing.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/commune", "/village", "/place", "/cell", "/due"]);
}

#[test]
fn texts_are_trimmed_and_kept_in_nfc_and_days_stay_sane() {
    let office = office();
    let admin = office.admin();
    let view = office.make(
        &admin,
        Draft {
            village: Given::Value("  Tho\u{302}n 1 ".into()),
            note: Given::Value("dòng một\r\ndòng hai".into()),
            ..draft("Chợ")
        },
    );
    assert_eq!(view.assignment.village, "Thôn 1");
    assert_eq!(view.assignment.note.as_deref(), Some("dòng một\ndòng hai"));
    for due in ["1999-12-31", "2100-01-01", "0026-07-10"] {
        let late = Draft {
            due: Given::Value(due.into()),
            ..draft("Chợ")
        };
        assert_eq!(
            wrong(office.run(office.planning.create(&admin, None, late))),
            [("/due".to_owned(), "out-of-range")]
        );
    }
}

#[test]
fn only_commitments_have_expected_signers_and_a_place_that_becomes_a_banner_loses_them() {
    let office = office();
    let admin = office.admin();
    let signed = |cell: &str| Draft {
        cell: Given::Value(cell.into()),
        expected_signers: Given::Value(80),
        ..draft("Trường tiểu học")
    };
    let refused = office.run(office.planning.create(&admin, None, signed("banner.3")));
    assert_eq!(
        wrong(refused),
        [("/expected_signers".to_owned(), "not-for-banners")]
    );
    let view = office.make(&admin, signed("commitment.school"));
    assert_eq!(view.assignment.expected_signers, Some(80));
    let to_banner = Draft {
        cell: Given::Value("banner.3".into()),
        ..Draft::default()
    };
    let view = office.change(&admin, &view, to_banner).unwrap();
    assert_eq!(view.assignment.expected_signers, None);
}

#[test]
fn an_officer_plans_for_the_own_commune_and_does_not_see_another() {
    let office = office();
    let (admin, officer) = (office.admin(), office.officer());
    let there = Draft {
        commune: Given::Value(THERE.into()),
        ..draft("Chợ")
    };
    let refused = office.run(office.planning.create(&officer, None, there.clone()));
    assert_eq!(wrong(refused), [("/commune".to_owned(), "commune-not-yours")]);
    let theirs = office.make(&admin, there.clone());
    assert!(matches!(
        office.see(&officer, theirs.assignment.id),
        Err(PlanningError::NotFound)
    ));
    assert!(matches!(
        office.change(&officer, &theirs, Draft::default()),
        Err(PlanningError::NotFound)
    ));
    assert!(matches!(
        office.cancel(&officer, &theirs),
        Err(PlanningError::NotFound)
    ));
    let own = office.make(
        &officer,
        Draft {
            commune: Given::Absent,
            ..draft("Chợ")
        },
    );
    assert_eq!(own.assignment.commune.to_string(), HERE);
    let moved = office.change(
        &officer,
        &own,
        Draft {
            commune: there.commune,
            ..Draft::default()
        },
    );
    assert_eq!(wrong(moved), [("/commune".to_owned(), "commune-not-yours")]);
}

#[test]
fn an_assignee_is_an_open_account_of_the_commune_that_sends_evidence() {
    let office = office();
    let admin = office.admin();
    let head = office.head("truong-thon");
    let shut = office.head("nghi-viec");
    office.shut(&shut);
    let elsewhere = office.account(Role::VillageHead, Some(THERE), "noi-khac");
    let view = office.make(
        &admin,
        Draft {
            assignee: assigned_to(&head).assignee,
            ..draft("Chợ")
        },
    );
    for other in [&shut, &elsewhere, &admin] {
        let refused = office.change(&admin, &view, assigned_to(other));
        assert_eq!(wrong(refused), [("/assignee".to_owned(), "assignee-unsuitable")]);
    }
    let moved = Draft {
        commune: Given::Value(THERE.into()),
        ..Draft::default()
    };
    assert_eq!(
        wrong(office.change(&admin, &view, moved)),
        [("/assignee".to_owned(), "assignee-unsuitable")]
    );
    office.shut(&head);
    let noted = Draft {
        note: Given::Value("gọi trước".into()),
        ..Draft::default()
    };
    assert!(
        office.change(&admin, &view, noted).is_ok(),
        "who answers is not touched"
    );
}

#[test]
fn former_assignees_are_remembered_until_they_come_back() {
    let office = office();
    let officer = office.officer();
    let (one, two) = (office.head("mot"), office.head("hai"));
    let view = office.make(
        &officer,
        Draft {
            assignee: assigned_to(&one).assignee,
            ..draft("Chợ")
        },
    );
    let view = office.change(&officer, &view, assigned_to(&two)).unwrap();
    assert_eq!(view.assignment.former_assignees, [one.user]);
    assert!(matches!(
        office.see(&one, view.assignment.id),
        Err(PlanningError::NotFound)
    ));
    let nobody = Draft {
        assignee: Given::Null,
        ..Draft::default()
    };
    let view = office.change(&officer, &view, nobody).unwrap();
    assert_eq!(view.assignment.former_assignees, [one.user, two.user]);
    let view = office.change(&officer, &view, assigned_to(&one)).unwrap();
    assert_eq!(view.assignment.former_assignees, [two.user]);
}

#[test]
fn the_same_creation_again_finds_what_it_made_also_after_changes_and_other_content_does_not() {
    let office = office();
    let officer = office.officer();
    let head = office.head("truong-thon");
    let id = Some(Uuid::now_v7().to_string());
    let asked = Draft {
        assignee: assigned_to(&head).assignee,
        ..draft("Chợ")
    };
    let create = |draft: Draft| office.run(office.planning.create(&officer, id.clone(), draft));
    let (made, novelty) = create(asked.clone()).unwrap();
    assert_eq!(novelty, Novelty::Made);
    assert_eq!(create(asked.clone()).unwrap(), (made.clone(), Novelty::Repeated));
    let renamed = office.change(
        &officer,
        &made,
        Draft {
            place: Given::Value("Chợ mới".into()),
            ..Draft::default()
        },
    );
    office.shut(&head);
    assert_eq!(create(asked).unwrap(), (renamed.unwrap(), Novelty::Repeated));
    assert!(matches!(create(draft("Chợ khác")), Err(PlanningError::Differs)));
    assert!(matches!(create(draft("Chợ mới")), Err(PlanningError::Differs)));
}

#[test]
fn a_change_again_after_its_answer_was_lost_is_answered_and_a_stale_one_is_not() {
    let office = office();
    let officer = office.officer();
    let first = office.make(&officer, draft("Chợ"));
    let rename = |to: &str| Draft {
        place: Given::Value(to.into()),
        ..Draft::default()
    };
    let second = office.change(&officer, &first, rename("Chợ A")).unwrap();
    assert_eq!(second.assignment.version, 2);
    assert_eq!(
        office.change(&officer, &first, rename("Chợ A")).unwrap(),
        second,
        "the same change again"
    );
    let stale = office.change(&officer, &first, rename("Chợ B"));
    assert!(matches!(stale, Err(PlanningError::Stale { version: 2 })));
    let same = office.change(&officer, &second, rename("Chợ A")).unwrap();
    assert_eq!(same.assignment.version, 2, "nothing changed");
    let third = office.change(&officer, &second, rename("Chợ C")).unwrap();
    let third = office.change(&officer, &third, rename("Chợ A")).unwrap();
    let old = office.change(&officer, &first, rename("Chợ A"));
    assert!(
        matches!(old, Err(PlanningError::Stale { version: 4 })),
        "more than one version passed"
    );
    assert!(matches!(
        office.cancel(&officer, &second),
        Err(PlanningError::Stale { version: 4 })
    ));
    let gone = office.cancel(&officer, &third).unwrap();
    assert_eq!(gone.assignment.state, AssignmentState::Cancelled);
    assert_eq!(
        office.cancel(&officer, &third).unwrap(),
        gone,
        "cancelled is cancelled"
    );
}

#[test]
fn cancelling_keeps_the_evidence_and_reinstating_brings_its_state_back() {
    let office = office();
    let officer = office.officer();
    let view = office.make(&officer, draft("Chợ"));
    let submission = office.evidence(view.assignment.id, SubmissionState::Verified, None);
    let gone = office.cancel(&officer, &view).unwrap();
    assert_eq!(office.submission(submission).state, SubmissionState::Verified);
    let back = office.accept(&officer, &gone).unwrap();
    assert_eq!(
        (back.assignment.tenure, back.assignment.state),
        (Tenure::Planned, AssignmentState::Verified)
    );
    let pending = Given::Value("pending".to_owned());
    let set = office
        .planning
        .change(&officer, back.assignment.id, 3, Draft::default(), pending);
    assert_eq!(
        wrong(office.run(set)),
        [("/state".to_owned(), "state-not-settable")]
    );
}

#[test]
fn a_returned_place_says_why_it_came_back_last() {
    let office = office();
    let officer = office.officer();
    let view = office.make(&officer, draft("Chợ"));
    let reject = |reason, comment: &str| {
        Some(Verdict::Reject {
            reason,
            comment: Some(comment.into()),
        })
    };
    let id = view.assignment.id;
    office.clock.set(moment("2026-07-03T08:00:00+07:00"));
    office.evidence(
        id,
        SubmissionState::Rejected,
        reject(RejectReason::WrongText, "sai chữ"),
    );
    office.clock.set(moment("2026-07-02T08:00:00+07:00"));
    office.evidence(
        id,
        SubmissionState::Rejected,
        reject(RejectReason::Unreadable, "mờ"),
    );
    let seen = office.see(&officer, id).unwrap();
    assert_eq!(seen.assignment.state, AssignmentState::Returned);
    assert_eq!(seen.returned, reject(RejectReason::WrongText, "sai chữ"));
    assert!(!seen.overdue);
    office.clock.set(moment("2026-07-11T00:00:00+07:00"));
    assert!(office.see(&officer, id).unwrap().overdue);
    office.evidence(id, SubmissionState::Verified, None);
    let seen = office.see(&officer, id).unwrap();
    assert_eq!((seen.overdue, seen.late, seen.returned), (false, true, None));
}
