//! Lists: scope, filters, search, pages.

use std::collections::BTreeSet;

use super::*;
use crate::domain::{AssignmentState, Cell};
use crate::services::planning::list::Search;

fn names(office: &Office, actor: &Actor, filter: Filter) -> Vec<String> {
    let listing = office
        .run(office.planning.list(actor, filter, 200, None))
        .unwrap();
    let mut names: Vec<String> = listing
        .items
        .into_iter()
        .map(|view| view.assignment.place)
        .collect();
    names.sort();
    names
}

fn search(text: &str) -> Filter {
    Filter {
        search: Some(text.into()),
        ..Filter::default()
    }
}

#[test]
fn everybody_sees_what_is_theirs_and_no_more() {
    let office = office();
    let (admin, officer, head) = (office.admin(), office.officer(), office.head("truong-thon"));
    office.make(
        &admin,
        Draft {
            commune: Given::Value(THERE.into()),
            ..draft("nơi khác")
        },
    );
    office.make(
        &officer,
        Draft {
            assignee: assigned_to(&head).assignee,
            ..draft("của trưởng thôn")
        },
    );
    office.make(&officer, draft("của xã"));
    let all = Filter::default();
    let verifier = office.account(Role::Verifier, None, "tham-dinh");
    assert_eq!(
        names(&office, &verifier, all.clone()),
        ["của trưởng thôn", "của xã", "nơi khác"]
    );
    assert_eq!(
        names(&office, &officer, all.clone()),
        ["của trưởng thôn", "của xã"]
    );
    assert_eq!(names(&office, &head, all.clone()), ["của trưởng thôn"]);
    assert_eq!(
        names(&office, &office.account(Role::TipOfficer, None, "tin"), all),
        Vec::<String>::new()
    );
    let there = Filter {
        commune: THERE.parse().ok(),
        ..Filter::default()
    };
    assert_eq!(names(&office, &officer, there.clone()), Vec::<String>::new());
    assert_eq!(names(&office, &admin, there), ["nơi khác"]);
    let of_head = Filter {
        assignee: Some(head.user),
        ..Filter::default()
    };
    assert_eq!(names(&office, &officer, of_head.clone()), ["của trưởng thôn"]);
    assert_eq!(
        names(&office, &office.head("khac"), of_head),
        Vec::<String>::new()
    );
}

#[test]
fn filters_choose_by_cell_state_and_overdue() {
    let office = office();
    let officer = office.officer();
    let school = Draft {
        cell: Given::Value("banner.3".into()),
        ..draft("trường")
    };
    office.make(&officer, school);
    let shown = office.make(&officer, draft("chợ"));
    office.evidence(shown.assignment.id, SubmissionState::Verified, None);
    let gone = office.make(&officer, draft("đã bỏ"));
    office.cancel(&officer, &gone).unwrap();
    office.clock.set(moment("2026-07-11T00:00:00+07:00"));
    let cell = Filter {
        cell: Some(Cell::Banner3),
        ..Filter::default()
    };
    assert_eq!(names(&office, &officer, cell.clone()), ["trường"]);
    assert_eq!(names(&office, &office.admin(), cell), ["trường"]);
    let state = |state| Filter {
        state: Some(state),
        ..Filter::default()
    };
    assert_eq!(
        names(&office, &officer, state(AssignmentState::Verified)),
        ["chợ"]
    );
    assert_eq!(
        names(&office, &officer, state(AssignmentState::Cancelled)),
        ["đã bỏ"]
    );
    let overdue = |overdue| Filter {
        overdue: Some(overdue),
        ..Filter::default()
    };
    assert_eq!(names(&office, &officer, overdue(true)), ["trường"]);
    assert_eq!(names(&office, &officer, overdue(false)), ["chợ", "đã bỏ"]);
}

#[test]
fn a_search_folds_case_accents_the_place_of_the_tone_mark_and_the_normal_form() {
    let office = office();
    let officer = office.officer();
    let place = |village: &str, place: &str, note: &str| Draft {
        village: Given::Value(village.into()),
        note: Given::Value(note.into()),
        ..draft(place)
    };
    office.make(&officer, place("Thôn Hòa Bình", "Nhà văn hóa", ""));
    office.make(&officer, place("Tổ 5", "Cầu Thuỷ Lợi", "đối diện Đồn Công an"));
    for (text, expected) in [
        ("hoà binh", "Nhà văn hóa"),
        ("HOA\u{300} BÌNH", "Nhà văn hóa"),
        ("bình nhà", "Nhà văn hóa"),
        ("thủy", "Cầu Thuỷ Lợi"),
        ("don cong an", "Cầu Thuỷ Lợi"),
        ("nhóm 2 tổ 5", "Cầu Thuỷ Lợi"),
        ("02647 tổ 5", "Cầu Thuỷ Lợi"),
        ("5", "Cầu Thuỷ Lợi"),
        ("banner.2 cau lao cai", "Cầu Thuỷ Lợi"),
    ] {
        assert_eq!(names(&office, &officer, search(text)), [expected], "{text}");
    }
    assert_eq!(
        names(&office, &officer, search("hoà bình cầu")),
        Vec::<String>::new()
    );
    assert_eq!(names(&office, &officer, search("  ")).len(), 2);
    assert_eq!(names(&office, &officer, search("nhom xe")).len(), 0);
    assert_eq!(names(&office, &officer, search("nhom")).len(), 2);
    for digits in ["2", "647", "nhóm 3"] {
        assert_eq!(
            names(&office, &officer, search(digits)),
            Vec::<String>::new(),
            "{digits}"
        );
    }
}

/// Goes through all pages and adds a place after each.
fn walk(office: &Office, actor: &Actor, filter: &Filter, limit: usize) -> Vec<AssignmentId> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = office
            .run(office.planning.list(actor, filter.clone(), limit, after))
            .unwrap();
        assert!(page.items.len() <= limit);
        seen.extend(page.items.iter().map(|view| view.assignment.id));
        office.make(&office.planning_admin(), draft("thêm giữa chừng"));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

impl Office {
    fn planning_admin(&self) -> Actor {
        self.account(Role::Admin, None, "nguoi-them")
    }
}

#[test]
fn pages_meet_everything_once_while_more_is_added() {
    let office = office();
    let (admin, officer, head) = (office.admin(), office.officer(), office.head("truong-thon"));
    let mut expected = BTreeSet::new();
    for number in 0..23 {
        let cell = Cell::ALL[number % 9].key();
        let place = Draft {
            cell: Given::Value(cell.into()),
            assignee: assigned_to(&head).assignee,
            ..draft(&format!("nơi {number}"))
        };
        expected.insert(office.make(&officer, place).assignment.id);
    }
    for (actor, filter) in [
        (&admin, Filter::default()),
        (&officer, Filter::default()),
        (&head, Filter::default()),
        (&admin, search("nơi")),
        (
            &officer,
            Filter {
                assignee: Some(head.user),
                ..Filter::default()
            },
        ),
    ] {
        let seen = walk(&office, actor, &filter, 5);
        let once: BTreeSet<_> = seen.iter().copied().collect();
        assert_eq!(once.len(), seen.len(), "nothing twice");
        assert!(expected.is_subset(&once), "nothing left out");
    }
}

#[test]
fn a_full_last_page_says_that_it_is_the_last() {
    let office = office();
    let officer = office.officer();
    for number in 0..4 {
        office.make(&officer, draft(&format!("nơi {number}")));
    }
    let page = |after| {
        office
            .run(office.planning.list(&officer, Filter::default(), 2, after))
            .unwrap()
    };
    let first = page(None);
    let second = page(first.next);
    assert_eq!((second.items.len(), second.next), (2, None));
}

#[test]
fn a_cursor_is_of_no_use_for_another_list_or_person() {
    let office = office();
    let (officer, head) = (office.officer(), office.head("truong-thon"));
    for number in 0..3 {
        office.make(&officer, draft(&format!("nơi {number}")));
    }
    let next = office
        .run(office.planning.list(&officer, Filter::default(), 1, None))
        .unwrap()
        .next;
    let list = |actor: &Actor, filter, after| office.run(office.planning.list(actor, filter, 1, after));
    assert!(list(&officer, Filter::default(), next.clone()).is_ok());
    for result in [
        list(&officer, search("nơi"), next.clone()),
        list(&head, Filter::default(), next.clone()),
        list(&officer, Filter::default(), Some(vec![1, 2, 3])),
        list(
            &officer,
            Filter::default(),
            next.map(|place| place[..12].to_vec()),
        ),
    ] {
        assert!(matches!(result, Err(PlanningError::CursorInvalid)));
    }
}

#[test]
fn a_search_that_finds_little_ends_early_and_goes_on_where_it_stopped() {
    let office = office();
    let officer = office.officer();
    for number in 0..30 {
        office.make(&officer, draft(&format!("nơi {number}")));
    }
    let today = office.clock.now().day();
    let search = Search::new(
        search("nơi 29"),
        officer.scope(),
        &office.planning.campaign,
        today,
    )
    .examining(7);
    let (mut pages, mut found, mut after) = (0, Vec::new(), None);
    loop {
        let place: Option<Vec<u8>> = after;
        let page = office
            .store
            .read_now(|rows| search.page(rows, 50, place.as_deref()))
            .unwrap();
        pages += 1;
        found.extend(page.items.into_iter().map(|view| view.assignment.place));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((pages, found), (5, vec!["nơi 29".to_owned()]));
}
