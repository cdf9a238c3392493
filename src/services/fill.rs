//! Invented rows in great numbers, for load tests, written through the ledger like any others.
//!
//! Invariant: everything but the picture files is as real use would leave it: indexes, tallies, history, audit.
//! Refuses: to be reachable over HTTP; only the bench calls it, on a directory of its own.

use crate::clock::Clock;
use crate::domain::{
    Assignment, AssignmentId, AssignmentState, Cell, CommuneCode, Findings, HistoryEvent, Location, Moment,
    Photo, PhotoSlot, PictureKind, Point, Report, Sha256, ShelfMonth, Submission, SubmissionId,
    SubmissionState, Tenure, UserId,
};
use crate::services::ledger::{self, Entry, LedgerError};
use crate::store::records::{Checked, Photos};
use crate::store::{Store, Transaction};

/// How many rows share one transaction.
const TOGETHER: usize = 1_000;

/// One account that sends.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    /// The account.
    pub user: UserId,
    /// Its commune.
    pub commune: CommuneCode,
}

/// Plans `count` places, spread over `senders` and all cells, and says whose each is.
pub fn plan(
    store: &Store,
    clock: &Clock,
    senders: &[Sender],
    count: usize,
) -> Result<Vec<(AssignmentId, UserId)>, LedgerError> {
    let now = clock.now();
    let places: Vec<Assignment> = senders
        .iter()
        .cycle()
        .zip(0..count)
        .map(|(sender, number)| place(clock, now, *sender, number))
        .collect();
    let planned = places
        .iter()
        .map(|place| (place.id, place.assignee.unwrap_or(UserId(place.id.0))))
        .collect();
    for together in places.chunks(TOGETHER) {
        let together = together.to_vec();
        store.transact_now(move |tx| {
            together
                .into_iter()
                .try_for_each(|place| put_place(tx, place, now))
        })?;
    }
    Ok(planned)
}

/// Plans `count` places and records a whole submission for each, of which the picture alone is missing on disk.
pub fn pending(store: &Store, clock: &Clock, senders: &[Sender], count: usize) -> Result<(), LedgerError> {
    let start = clock.now().plus_millis(-i64::try_from(count).unwrap_or(0));
    let numbers: Vec<(usize, Sender)> = senders
        .iter()
        .copied()
        .cycle()
        .zip(0..count)
        .map(|(s, n)| (n, s))
        .collect();
    for together in numbers.chunks(TOGETHER) {
        let rows: Vec<(Assignment, usize, Sender)> = together
            .iter()
            .map(|(number, sender)| (place(clock, start, *sender, *number), *number, *sender))
            .collect();
        let ids: Vec<SubmissionId> = rows.iter().map(|_| SubmissionId(clock.new_id())).collect();
        store.transact_now(move |tx| {
            for ((place, number, sender), id) in rows.into_iter().zip(ids) {
                let at = start.plus_millis(i64::try_from(number).unwrap_or(0));
                put_pending(tx, &place, id, sender, at)?;
                put_place(tx, place, at)?;
            }
            Ok::<_, LedgerError>(())
        })?;
    }
    Ok(())
}

fn place(clock: &Clock, now: Moment, sender: Sender, number: usize) -> Assignment {
    let cell = Cell::ALL
        .into_iter()
        .cycle()
        .nth(number % Cell::ALL.len())
        .unwrap_or(Cell::Banner1);
    Assignment {
        id: AssignmentId(clock.new_id()),
        commune: sender.commune,
        village: format!("Thôn {}", number % 12 + 1),
        place: format!("Điểm {number}"),
        cell,
        due: now.day(),
        assignee: Some(sender.user),
        former_assignees: Vec::new(),
        location: None,
        expected_signers: None,
        note: None,
        tenure: Tenure::Planned,
        created_by: None,
        created_at: now,
        state: AssignmentState::Open,
        version: 1,
    }
}

fn put_place(tx: &mut Transaction<'_>, place: Assignment, at: Moment) -> Result<(), LedgerError> {
    ledger::put_assignment(
        tx,
        None,
        place,
        Entry {
            at,
            by: None,
            action: "assignment.created",
        },
    )
    .map(drop)
}

fn put_pending(
    tx: &mut Transaction<'_>,
    place: &Assignment,
    id: SubmissionId,
    sender: Sender,
    at: Moment,
) -> Result<(), LedgerError> {
    let mut sha256 = [0; 32];
    for (byte, half) in sha256.chunks_exact_mut(16).zip([id.0, place.id.0]) {
        byte.copy_from_slice(half.as_bytes());
    }
    let sha256 = Sha256(sha256);
    let (bytes, width, height) = (288_000, 1600, 1200);
    let photo = Photo {
        bytes,
        kind: PictureKind::Jpeg,
        width,
        height,
        shelf: ShelfMonth::of(at.day()),
    };
    tx.put::<Photos>(&sha256, &photo)?;
    let submission = Submission {
        id,
        report: Report {
            assignment: place.id,
            captured_at: at,
            location: Point::new(22.3, 103.9).map(|point| Location {
                point,
                accuracy_m: 12.0,
                captured_at: None,
            }),
            note: None,
            signed_count: None,
        },
        commune: place.commune,
        cell: place.cell,
        submitter: sender.user,
        device: None,
        state: SubmissionState::Pending,
        received_at: at,
        photos: vec![PhotoSlot {
            sha256,
            bytes,
            width: Some(width),
            height: Some(height),
        }],
        client: None,
        marks: Vec::new(),
        decision: None,
        receipt: None,
        phone_ahead_s: None,
        risk: 0,
        warned: crate::domain::Warned::default(),
        version: 1,
    };
    let event = HistoryEvent {
        at,
        by: Some(sender.user),
        from: None,
        to: SubmissionState::Pending,
        verdict: None,
    };
    let entry = Entry {
        at,
        by: Some(sender.user),
        action: "submission.received",
    };
    ledger::put_submission(tx, None, &submission, Some(event), entry)?;
    // Their pictures are not there to be looked at; a load test of reads must not wait for a million checks.
    let findings = Findings {
        at,
        findings: Vec::new(),
    };
    tx.put::<Checked>(&submission.id, &findings)?;
    Ok(())
}
