//! The board equals a recount after any planning.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::domain::{Cell, CellTally, Contribution, Day, DayTally, VillageTally};
use crate::store::records::{Standings, Tallies, Timeline, VillageTallies};
use crate::store::{Range, Reads};

#[derive(Debug, Clone)]
enum Move {
    Make {
        village: u8,
        cell: u8,
        due: u8,
        proposed: bool,
    },
    Change {
        which: u8,
        field: u8,
        to: u8,
    },
    Accept {
        which: u8,
    },
    Cancel {
        which: u8,
    },
    Evidence {
        which: u8,
        state: u8,
    },
    NextDay,
    Import {
        rows: Vec<(u8, u8, u8)>,
    },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let byte = any::<u8>;
    let one = prop_oneof![
        4 => (byte(), byte(), byte(), any::<bool>())
            .prop_map(|(village, cell, due, proposed)| Move::Make { village, cell, due, proposed }),
        4 => (byte(), byte(), byte()).prop_map(|(which, field, to)| Move::Change { which, field, to }),
        1 => byte().prop_map(|which| Move::Accept { which }),
        2 => byte().prop_map(|which| Move::Cancel { which }),
        4 => (byte(), byte()).prop_map(|(which, state)| Move::Evidence { which, state }),
        1 => Just(Move::NextDay),
        1 => proptest::collection::vec(any::<(u8, u8, u8)>(), 0..6).prop_map(|rows| Move::Import { rows }),
    ];
    proptest::collection::vec(one, 1..30)
}

fn due(number: u8) -> String {
    format!("2026-07-{:02}", 1 + number % 28)
}

const VILLAGES: [&str; 4] = ["Thôn Hoà Bình", "thôn Hòa Bình", "Thôn 2", "Bản Phố"];

impl Office {
    fn go(&self, admin: &Actor, head: &Actor, made: &mut Vec<AssignmentId>, step: Move) {
        let cell = |number: u8| Cell::ALL[usize::from(number) % 9].key().to_owned();
        let village = |number: u8| VILLAGES[usize::from(number) % 4].to_owned();
        let pick = |which: u8| (!made.is_empty()).then(|| made[usize::from(which) % made.len()]);
        match step {
            Move::Make {
                village: name,
                cell: key,
                due: day,
                proposed,
            } => {
                let asked = Draft {
                    village: Given::Value(village(name)),
                    cell: Given::Value(cell(key)),
                    due: Given::Value(due(day)),
                    ..draft("Một nơi")
                };
                let view = self.make(if proposed { head } else { admin }, asked);
                made.push(view.assignment.id);
            }
            Move::Change { which, field, to } => {
                let Some(id) = pick(which) else { return };
                let view = self.see(admin, id).unwrap();
                let asked = match field % 4 {
                    0 => Draft {
                        due: Given::Value(due(to)),
                        ..Draft::default()
                    },
                    1 => Draft {
                        cell: Given::Value(cell(to)),
                        ..Draft::default()
                    },
                    2 => Draft {
                        village: Given::Value(village(to)),
                        ..Draft::default()
                    },
                    _ => Draft {
                        commune: Given::Value(if to % 2 == 0 { HERE } else { THERE }.into()),
                        assignee: Given::Null,
                        ..Draft::default()
                    },
                };
                self.change(admin, &view, asked).unwrap();
            }
            Move::Accept { which } => {
                let Some(id) = pick(which) else { return };
                self.accept(admin, &self.see(admin, id).unwrap()).unwrap();
            }
            Move::Cancel { which } => {
                let Some(id) = pick(which) else { return };
                self.cancel(admin, &self.see(admin, id).unwrap()).unwrap();
            }
            Move::Evidence { which, state } => {
                let Some(id) = pick(which) else { return };
                self.evidence(id, SubmissionState::ALL[usize::from(state) % 5], None);
            }
            Move::NextDay => self.clock.set(self.clock.now().plus_millis(24 * 3_600_000)),
            Move::Import { rows } => {
                let mut table = "commune,village,place,cell,due\n".to_owned();
                for (at, (name, key, day)) in rows.into_iter().enumerate() {
                    writeln!(
                        table,
                        "{HERE},{},Nơi {at},{},{}",
                        village(name),
                        cell(key),
                        due(day)
                    )
                    .unwrap();
                }
                self.run(self.planning.import(admin, table.into(), ImportMode::Write))
                    .unwrap();
            }
        }
    }
}

type Board = (
    BTreeMap<(CommuneCode, Cell), CellTally>,
    BTreeMap<(CommuneCode, String, Cell), CellTally>,
    BTreeMap<(Option<CommuneCode>, Day), DayTally>,
);

fn recount(rows: &impl Reads) -> Result<Board, StoreError> {
    let mut board = Board::default();
    for row in rows.scan::<Assignments>(Range::all()) {
        let (id, assignment) = row?;
        let standings: Result<Vec<_>, _> = rows
            .scan::<Standings>(Range::under(&id))
            .map(|row| row.map(|(_, standing)| standing))
            .collect();
        let Some(part) = Contribution::of(&assignment, &standings?) else {
            continue;
        };
        board
            .0
            .entry((part.commune, part.cell))
            .or_default()
            .add(&part)
            .unwrap();
        board
            .1
            .entry((part.commune, part.village.clone(), part.cell))
            .or_default()
            .add(&part)
            .unwrap();
        for (day, figures) in part.days() {
            for scope in [None, Some(part.commune)] {
                board.2.entry((scope, day)).or_default().add(&figures).unwrap();
            }
        }
    }
    Ok(board)
}

fn kept(rows: &impl Reads) -> Result<Board, StoreError> {
    let villages = rows.scan::<VillageTallies>(Range::all());
    let bare = |(key, village): ((CommuneCode, String, Cell), VillageTally)| (key, village.tally);
    Ok((
        rows.scan::<Tallies>(Range::all()).collect::<Result<_, _>>()?,
        villages.map(|row| row.map(bare)).collect::<Result<_, _>>()?,
        rows.scan::<Timeline>(Range::all()).collect::<Result<_, _>>()?,
    ))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_board_equals_a_recount_after_any_planning(moves in moves()) {
        let office = office();
        let (admin, head) = (office.admin(), office.head("truong-thon"));
        let mut made = Vec::new();
        for step in moves {
            office.go(&admin, &head, &mut made, step);
            let (kept, recounted) = office
                .store
                .read_now(|rows| Ok::<_, StoreError>((kept(rows)?, recount(rows)?)))
                .unwrap();
            prop_assert_eq!(kept, recounted);
        }
        let chain = office.store.read_now(|rows| crate::services::audit::verify(rows)).unwrap();
        prop_assert_eq!(chain.breaks, []);
    }
}
