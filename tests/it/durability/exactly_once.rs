//! One submission, sent by two tasks at once in any order with any repeats, is one record.

use std::cell::Cell;

use futures_util::future::join;
use minhchung::auth::Actor;
use minhchung::domain::{HistoryEvent, Role, SubmissionId, SubmissionState};
use minhchung::services::evidence::{Draft, EvidenceError};
use minhchung::store::records::{AuditLog, PhotoUses, Submissions};
use minhchung::store::{Range, ReadTables, StoreError};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::office::{Office, actor, draft, sha256};
use super::pictures::{Picture, picture};
use crate::support::COMMUNE;

#[derive(Debug, Clone, Copy)]
enum Send {
    Report,
    Picture(usize),
    Whole,
    Withdraw,
    /// Lets the other task go first.
    Wait,
}

fn sends() -> impl Strategy<Value = Vec<Send>> {
    let one = prop_oneof![
        4 => Just(Send::Report),
        6 => (0..3_usize).prop_map(Send::Picture),
        2 => Just(Send::Whole),
        1 => Just(Send::Withdraw),
        2 => Just(Send::Wait),
    ];
    proptest::collection::vec(one, 0..8)
}

struct Phone<'a> {
    office: &'a Office,
    head: &'a Actor,
    draft: Draft,
    pictures: Vec<Picture>,
}

impl Phone<'_> {
    /// Whether the server said yes to `send`. A no that the contract does not know fails the test.
    async fn send(&self, send: Send) -> bool {
        let (evidence, id) = (&self.office.evidence, self.draft.id);
        let answer = match send {
            Send::Report => evidence
                .receive_report(self.head, self.draft.clone(), Vec::new())
                .await
                .map(drop),
            Send::Whole => self
                .office
                .send_whole(self.head, self.draft.clone(), &self.pictures)
                .await
                .map(drop),
            Send::Picture(number) => {
                let picture = &self.pictures[number % self.pictures.len()];
                match self.office.receive(picture).await {
                    Ok(arrived) => evidence.receive_picture(self.head, id, arrived).await.map(drop),
                    Err(error) => Err(error),
                }
            }
            Send::Withdraw => evidence.withdraw(self.head, id).await.map(drop),
            Send::Wait => {
                tokio::task::yield_now().await;
                return false;
            }
        };
        match answer {
            Ok(()) => true,
            // A picture before its report, or anything after it was taken back.
            Err(EvidenceError::NotFound | EvidenceError::Withdrawn) => false,
            Err(error) => panic!("{send:?}: {error}"),
        }
    }

    /// Sends all of `list`; whether it was taken back.
    async fn send_all(&self, list: &[Send]) -> bool {
        let mut withdrawn = false;
        for send in list {
            let taken = self.send(*send).await;
            withdrawn |= taken && matches!(send, Send::Withdraw);
        }
        withdrawn
    }
}

/// How often the audit log speaks of `id` with `action`.
fn deeds(office: &Office, id: SubmissionId, action: &str) -> usize {
    let subject = format!("submission/{id}");
    let count = office.store.read_now::<_, StoreError>(|view| {
        let mut count = 0;
        for row in view.scan::<AuditLog>(Range::all()) {
            let (_, entry) = row?;
            count += usize::from(entry.subject == subject && entry.action == action);
        }
        Ok(count)
    });
    count.unwrap()
}

fn check(office: &Office, phone: &Phone<'_>, withdrawn: bool) {
    let id = phone.draft.id;
    let record = office.submission(id).expect("there is no record");
    let expected = if withdrawn {
        SubmissionState::Withdrawn
    } else {
        SubmissionState::Pending
    };
    assert_eq!(record.state, expected);
    let events: Vec<HistoryEvent> = office
        .run(office.evidence.history(&actor(Role::Admin, None), id))
        .unwrap()
        .into_iter()
        .map(|(event, _)| event)
        .collect();
    let made = events.iter().filter(|event| event.from.is_none()).count();
    let completed = events
        .iter()
        .filter(|event| event.to == SubmissionState::Pending)
        .count();
    let taken_back = events
        .iter()
        .filter(|event| event.to == SubmissionState::Withdrawn)
        .count();
    assert_eq!((made, taken_back), (1, usize::from(withdrawn)), "{events:?}");
    // What was whole was completed once, also when it was taken back later.
    assert_eq!(completed, usize::from(record.receipt.is_some()), "{events:?}");
    assert_eq!(deeds(office, id, "submission.received"), completed);
    assert!(withdrawn || record.missing().next().is_none());
    for slot in record.photos.iter().filter(|slot| slot.is_stored()) {
        let picture = phone
            .pictures
            .iter()
            .find(|picture| sha256(picture) == slot.sha256)
            .unwrap();
        let shown = office
            .store
            .read_now(|view| view.has::<PhotoUses>(&(slot.sha256, id)));
        assert!(shown.unwrap());
        let file = office
            .run(office.evidence.photo(
                phone.head,
                slot.sha256,
                minhchung::services::evidence::PhotoSize::Original,
            ))
            .unwrap();
        assert_eq!(file.bytes, picture.bytes);
    }
}

#[test]
fn any_interleaving_of_two_senders_ends_in_one_record_and_right_figures() {
    let home = tempfile::tempdir().unwrap();
    let office = Office::open(&home.path().join("data"), "2026-07-20T09:00:00+07:00");
    // Evidence of one's own commune is an officer's to send, too.
    let head = actor(Role::CommuneOfficer, Some(COMMUNE));
    let submissions = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(500));
    let case = (sends(), sends(), 1..=3_usize, any::<bool>());
    runner
        .run(&case, |(one, other, count, shares_picture)| {
            let assignment = office.plan(COMMUNE, "banner.2", "2026-12-31");
            let mut pictures: Vec<Picture> = (0..count).map(|_| picture(200)).collect();
            if shares_picture && count > 1 {
                // The same picture in another submission of the same sender.
                let id = SubmissionId(Uuid::now_v7());
                let shown = &pictures[..1];
                let report = draft(id, assignment, office.clock.now(), shown);
                office.run(office.send_whole(&head, report, shown)).unwrap();
                submissions.set(submissions.get() + 1);
            }
            pictures.rotate_left(count / 2);
            let phone = Phone {
                office: &office,
                head: &head,
                draft: draft(
                    SubmissionId(Uuid::now_v7()),
                    assignment,
                    office.clock.now(),
                    &pictures,
                ),
                pictures,
            };
            let (first, second) = office.run(join(phone.send_all(&one), phone.send_all(&other)));
            // Whatever came of it: the phone sends all of it until it is taken.
            let rest: Vec<Send> = [Send::Report]
                .into_iter()
                .chain((0..count).map(Send::Picture))
                .collect();
            office.run(phone.send_all(&rest));
            submissions.set(submissions.get() + 1);
            check(&office, &phone, first || second);
            let kept = office
                .store
                .read_now::<_, StoreError>(|view| Ok(view.keys::<Submissions>(Range::all()).count()));
            prop_assert_eq!(kept.unwrap(), submissions.get());
            prop_assert_eq!(office.differences(), Vec::<String>::new());
            Ok(())
        })
        .unwrap();
}
