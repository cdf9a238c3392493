//! The board equals a recount, and a plain model of the contract, after every step of any history and across the
//! midnights of Vietnam.

use std::collections::BTreeMap;

use minhchung::auth::Actor;
use minhchung::domain::{
    AssignmentId, Cell, Day, Decision, Moment, RejectReason, Role, SubmissionId, SubmissionState, Verdict,
};
use minhchung::services::completion::Figures;
use minhchung::services::planning::{Draft, Given};
use proptest::prelude::*;
use uuid::Uuid;

use super::office::{Office, actor, draft};
use super::pictures::{Picture, picture};
use crate::support::{COMMUNE, OTHER_COMMUNE};

const COMMUNES: [&str; 2] = [COMMUNE, OTHER_COMMUNE];
const CELLS: [Cell; 3] = [Cell::Banner1, Cell::Banner2, Cell::School];

#[derive(Debug, Clone)]
enum Step {
    Plan {
        commune: usize,
        cell: usize,
        due: i32,
    },
    Submit {
        place: usize,
        whole: bool,
        captured: i32,
    },
    FinishPictures {
        which: usize,
    },
    Review {
        which: usize,
        decision: Decision,
    },
    Withdraw {
        which: usize,
    },
    Cancel {
        place: usize,
    },
    Reinstate {
        place: usize,
    },
    ChangeDue {
        place: usize,
        due: i32,
    },
    ChangeCell {
        place: usize,
        cell: usize,
    },
    ChangeCommune {
        place: usize,
        commune: usize,
    },
    Wait {
        hours: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let any_one = 0..64_usize;
    let decision =
        prop_oneof![3 => Just(Decision::Verify), 2 => Just(Decision::Reject), 2 => Just(Decision::Reopen)];
    prop_oneof![
        3 => (0..2_usize, 0..3_usize, -2..3_i32).prop_map(|(commune, cell, due)| Step::Plan { commune, cell, due }),
        5 => (any_one.clone(), any::<bool>(), -2..3_i32)
            .prop_map(|(place, whole, captured)| Step::Submit { place, whole, captured }),
        2 => any_one.clone().prop_map(|which| Step::FinishPictures { which }),
        6 => (any_one.clone(), decision).prop_map(|(which, decision)| Step::Review { which, decision }),
        2 => any_one.clone().prop_map(|which| Step::Withdraw { which }),
        1 => any_one.clone().prop_map(|place| Step::Cancel { place }),
        1 => any_one.clone().prop_map(|place| Step::Reinstate { place }),
        2 => (any_one.clone(), -2..3_i32).prop_map(|(place, due)| Step::ChangeDue { place, due }),
        2 => (any_one.clone(), 0..3_usize).prop_map(|(place, cell)| Step::ChangeCell { place, cell }),
        2 => (any_one, 0..2_usize).prop_map(|(place, commune)| Step::ChangeCommune { place, commune }),
        3 => (1..30_i64).prop_map(|hours| Step::Wait { hours }),
    ]
}

/// The model: no tallies, no days kept apart, only what is true of each place and each submission.
struct Place {
    id: AssignmentId,
    version: u32,
    commune: usize,
    cell: usize,
    due: Day,
    planned: bool,
}

struct Sent {
    id: SubmissionId,
    place: usize,
    sender: Actor,
    picture: Picture,
    captured: Day,
    state: SubmissionState,
    version: u32,
}

#[derive(Default)]
struct Model {
    places: Vec<Place>,
    sent: Vec<Sent>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    open: u64,
    arriving: u64,
    pending: u64,
    returned: u64,
    verified: u64,
    overdue: u64,
    late: u64,
}

impl Counts {
    fn of(figures: &Figures) -> Self {
        assert_eq!(
            figures.planned,
            figures.open + figures.arriving + figures.pending + figures.returned + figures.verified
        );
        Self {
            open: figures.open,
            arriving: figures.arriving,
            pending: figures.pending,
            returned: figures.returned,
            verified: figures.verified,
            overdue: figures.overdue,
            late: figures.late,
        }
    }
}

impl Model {
    /// What the contract says of these places today.
    fn counts(&self, today: Day, within: impl Fn(&Place) -> bool) -> Counts {
        let mut counts = Counts::default();
        for (number, place) in self.places.iter().enumerate() {
            if !place.planned || !within(place) {
                continue;
            }
            let own = || self.sent.iter().filter(|sent| sent.place == number);
            let any = |state| own().any(|sent| sent.state == state);
            let is_verified = any(SubmissionState::Verified);
            let figure = if is_verified {
                &mut counts.verified
            } else if any(SubmissionState::Pending) {
                &mut counts.pending
            } else if any(SubmissionState::Incomplete) {
                &mut counts.arriving
            } else if any(SubmissionState::Rejected) {
                &mut counts.returned
            } else {
                &mut counts.open
            };
            *figure += 1;
            counts.overdue += u64::from(!is_verified && place.due < today);
            let mut verified = own().filter(|sent| sent.state == SubmissionState::Verified);
            counts.late += u64::from(is_verified && verified.all(|sent| sent.captured > place.due));
        }
        counts
    }
}

fn later(day: Day, days: i32) -> Day {
    Day::from_number(day.number() + days)
}

struct Play {
    office: Office,
    admin: Actor,
    model: Model,
}

impl Play {
    fn today(&self) -> Day {
        self.office.clock.now().day()
    }

    /// Does `step`, where it is possible, to the service and to the model.
    fn go(&mut self, step: &Step) {
        match *step {
            Step::Wait { hours } => self.office.wait(hours),
            Step::Plan { commune, cell, due } => {
                let due = later(self.today(), due);
                let id = self
                    .office
                    .plan(COMMUNES[commune], CELLS[cell].key(), &due.to_string());
                self.model.places.push(Place {
                    id,
                    version: 1,
                    commune,
                    cell,
                    due,
                    planned: true,
                });
            }
            Step::Submit {
                place,
                whole,
                captured,
            } => self.submit(place, whole, captured),
            Step::FinishPictures { which } => self.finish(which),
            Step::Review { which, decision } => self.decide(which, decision),
            Step::Withdraw { which } => self.withdraw(which),
            Step::Cancel { place } => self.cancel(place),
            Step::Reinstate { place } => {
                self.change(place, Draft::default(), Given::Value("open".into()), |place| {
                    place.planned = true;
                });
            }
            Step::ChangeDue { place, due } => {
                let due = later(self.today(), due);
                let draft = Draft {
                    due: Given::Value(due.to_string()),
                    ..Draft::default()
                };
                self.change(place, draft, Given::Absent, |place| place.due = due);
            }
            Step::ChangeCell { place, cell } => {
                let draft = Draft {
                    cell: Given::Value(CELLS[cell].key().into()),
                    ..Draft::default()
                };
                self.change(place, draft, Given::Absent, |place| place.cell = cell);
            }
            Step::ChangeCommune { place, commune } => {
                let draft = Draft {
                    commune: Given::Value(COMMUNES[commune].into()),
                    ..Draft::default()
                };
                self.change(place, draft, Given::Absent, |place| place.commune = commune);
            }
        }
    }

    fn pick(&self, which: usize, states: &[SubmissionState]) -> Option<usize> {
        let fit: Vec<usize> = (0..self.model.sent.len())
            .filter(|n| states.contains(&self.model.sent[*n].state))
            .collect();
        (!fit.is_empty()).then(|| fit[which % fit.len()])
    }

    fn submit(&mut self, place: usize, whole: bool, captured: i32) {
        if self.model.places.is_empty() {
            return;
        }
        let number = place % self.model.places.len();
        let place = &self.model.places[number];
        let sender = actor(Role::CommuneOfficer, Some(COMMUNES[place.commune]));
        let captured_at =
            Moment::from_millis(self.office.clock.now().as_millis() + i64::from(captured) * 86_400_000);
        let (id, picture) = (SubmissionId(Uuid::now_v7()), picture(100));
        let report = draft(id, place.id, captured_at, std::slice::from_ref(&picture));
        let pictures = if whole {
            std::slice::from_ref(&picture)
        } else {
            &[]
        };
        let recorded = self
            .office
            .run(self.office.send_whole(&sender, report, pictures))
            .unwrap();
        self.model.sent.push(Sent {
            id,
            place: number,
            sender,
            picture,
            captured: captured_at.day(),
            state: if whole {
                SubmissionState::Pending
            } else {
                SubmissionState::Incomplete
            },
            version: recorded.seen.submission.version,
        });
    }

    fn finish(&mut self, which: usize) {
        let Some(which) = self.pick(which, &[SubmissionState::Incomplete]) else {
            return;
        };
        let sent = &mut self.model.sent[which];
        let work = async {
            let arrived = self.office.receive(&sent.picture).await?;
            self.office
                .evidence
                .receive_picture(&sent.sender, sent.id, arrived)
                .await
        };
        sent.version = self.office.run(work).unwrap().seen.submission.version;
        sent.state = SubmissionState::Pending;
    }

    fn decide(&mut self, which: usize, decision: Decision) {
        let states: &[SubmissionState] = match decision {
            Decision::Verify | Decision::Reject => &[SubmissionState::Pending],
            Decision::Reopen => &[SubmissionState::Verified, SubmissionState::Rejected],
        };
        let Some(which) = self.pick(which, states) else {
            return;
        };
        let sent = &mut self.model.sent[which];
        let reason = (decision == Decision::Reject).then_some(RejectReason::WrongText);
        let verdict = Verdict::new(decision, reason, None).unwrap();
        let work = self
            .office
            .review
            .decide(&self.admin, sent.id, verdict, sent.version);
        sent.version = self.office.run(work).unwrap().version;
        sent.state = match decision {
            Decision::Verify => SubmissionState::Verified,
            Decision::Reject => SubmissionState::Rejected,
            Decision::Reopen => SubmissionState::Pending,
        };
    }

    fn withdraw(&mut self, which: usize) {
        let live = [SubmissionState::Incomplete, SubmissionState::Pending];
        let Some(which) = self.pick(which, &live) else {
            return;
        };
        let sent = &mut self.model.sent[which];
        let done = self
            .office
            .run(self.office.evidence.withdraw(&sent.sender, sent.id))
            .unwrap();
        (sent.version, sent.state) = (done.version, SubmissionState::Withdrawn);
    }

    fn cancel(&mut self, place: usize) {
        if self.model.places.is_empty() {
            return;
        }
        let number = place % self.model.places.len();
        let place = &mut self.model.places[number];
        let done = self
            .office
            .run(self.office.planning.cancel(&self.admin, place.id, place.version))
            .unwrap();
        (place.version, place.planned) = (done.assignment.version, false);
    }

    fn change(&mut self, place: usize, draft: Draft, state: Given<String>, then: impl FnOnce(&mut Place)) {
        if self.model.places.is_empty() {
            return;
        }
        let number = place % self.model.places.len();
        let place = &mut self.model.places[number];
        let work = self
            .office
            .planning
            .change(&self.admin, place.id, place.version, draft, state);
        place.version = self.office.run(work).unwrap().assignment.version;
        then(place);
    }

    /// The board against the model, and everything kept against a recount.
    fn check(&self) {
        let board = self
            .office
            .run(self.office.completion.board(&self.admin))
            .unwrap();
        let today = self.today();
        let mut seen = BTreeMap::new();
        for row in &board.communes {
            for (cell, figures) in &row.cells {
                seen.insert((row.commune.code.to_string(), *cell), Counts::of(figures));
            }
        }
        for (number, commune) in COMMUNES.into_iter().enumerate() {
            for (column, cell) in CELLS.into_iter().enumerate() {
                let counts = self
                    .model
                    .counts(today, |place| (place.commune, place.cell) == (number, column));
                assert_eq!(
                    seen.remove(&(commune.to_owned(), cell)),
                    Some(counts),
                    "{commune} {cell:?} on {today}"
                );
            }
        }
        let empty = Counts::default();
        assert!(
            seen.values().all(|counts| *counts == empty),
            "something counts where nothing is"
        );
        assert_eq!(Counts::of(&board.all), self.model.counts(today, |_| true));
        assert_eq!(self.office.differences(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_board_equals_a_recount_and_the_contract_after_every_step_of_any_history(
        steps in proptest::collection::vec(step(), 1..45),
        // Shortly before, at, and after midnight in Vietnam.
        start in prop_oneof![
            Just("2026-07-31T23:30:00+07:00"), Just("2026-07-31T17:00:00Z"), Just("2026-08-01T06:59:00+07:00"),
        ],
    ) {
        let home = tempfile::tempdir().unwrap();
        let mut play = Play {
            office: Office::open(&home.path().join("data"), start),
            admin: actor(Role::Admin, None),
            model: Model::default(),
        };
        for step in steps {
            play.go(&step);
            play.check();
        }
    }
}

#[test]
fn a_place_becomes_overdue_on_the_stroke_of_midnight_in_vietnam_without_anybody_writing() {
    let home = tempfile::tempdir().unwrap();
    let office = Office::open(&home.path().join("data"), "2026-07-31T23:59:59.999+07:00");
    office.plan(COMMUNE, "banner.1", "2026-07-31");
    let admin = actor(Role::Admin, None);
    let overdue = || office.run(office.completion.board(&admin)).unwrap().all.overdue;
    assert_eq!(overdue(), 0);
    office.clock.set("2026-08-01T00:00:00+07:00".parse().unwrap());
    assert_eq!(overdue(), 1);
}
