//! Rows have a longest form, because longer ones would leave sled's log; what people may write always fits.

use minhchung::domain::{
    ClientApp, Decision, RejectReason, Role, SubmissionId, SubmissionState, UserId, Verdict,
};
use minhchung::store::records::UsersByName;
use minhchung::store::{MAX_ROW_BYTES, ReadTables, StoreError};
use uuid::Uuid;

use super::office::{Office, actor, draft};
use super::pictures::{Picture, picture};
use crate::support::COMMUNE;

/// A letter of four bytes.
const LONGEST_LETTER: &str = "\u{1F3F4}";

#[test]
fn the_longest_note_the_longest_comment_and_most_pictures_fit_in_a_row() {
    let home = tempfile::tempdir().unwrap();
    let office = Office::open(&home.path().join("data"), "2026-07-20T09:00:00+07:00");
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
    let pictures: Vec<Picture> = (0..5).map(|_| picture(100)).collect();
    let mut report = draft(SubmissionId(Uuid::now_v7()), place, office.clock.now(), &pictures);
    report.report.note = Some(LONGEST_LETTER.repeat(10_000));
    report.client = Some(ClientApp {
        app: LONGEST_LETTER.repeat(100),
        version: LONGEST_LETTER.repeat(100),
    });
    let id = report.id;
    let sent = office
        .run(office.send_whole(&officer, report, &pictures))
        .unwrap();
    let comment = Some(LONGEST_LETTER.repeat(2_000));
    let verdict = Verdict::new(Decision::Reject, Some(RejectReason::Other), comment).unwrap();
    let verifier = actor(Role::Verifier, None);
    let version = sent.seen.submission.version;
    let decided = office
        .run(office.review.decide(&verifier, id, verdict, version))
        .unwrap();
    assert_eq!(decided.state, SubmissionState::Rejected);
    assert_eq!(office.differences(), Vec::<String>::new());
}

#[test]
fn a_longer_row_is_refused_and_nothing_of_its_transaction_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let office = Office::open(&home.path().join("data"), "2026-07-20T09:00:00+07:00");
    let user = UserId(Uuid::new_v4());
    let (short, long) = ("a".to_owned(), "a".repeat(MAX_ROW_BYTES));
    let key = short.clone();
    let refused = office.store.transact_now::<(), StoreError>(move |tx| {
        tx.put::<UsersByName>(&short, &user)?;
        tx.put::<UsersByName>(&long, &user)
    });
    assert!(
        matches!(
            refused,
            Err(StoreError::RowTooLong {
                table: "UsersByName",
                ..
            })
        ),
        "{refused:?}"
    );
    let kept = office
        .store
        .read_now(|view| view.get::<UsersByName>(&key))
        .unwrap();
    assert_eq!(kept, None);
}
