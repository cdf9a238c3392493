//! Receipts as they must stay for ever, and as they must never pass.

use uuid::Uuid;

use super::super::SigningKey;
use super::*;
use crate::domain::{Cell, PhotoSlot, Report, SubmissionState, UserId};

fn moment() -> Moment {
    "2026-03-10T08:15:30.250+07:00".parse().unwrap()
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::default();
    ring.add(SigningKey::from_seed([5; 32], KeyPurpose::Receipt, moment()));
    ring.add(SigningKey::from_seed([6; 32], KeyPurpose::Session, moment()));
    ring
}

fn slot(fill: u8) -> PhotoSlot {
    PhotoSlot {
        sha256: Sha256([fill; 32]),
        bytes: 280_000,
        width: Some(1600),
        height: Some(1200),
    }
}

fn submission() -> Submission {
    Submission {
        id: SubmissionId(Uuid::from_u128(0x0195_7d3a_0000_7000_8000_0000_0000_0001)),
        report: Report {
            assignment: AssignmentId(Uuid::from_u128(0x0195_7d3a_0000_7000_8000_0000_0000_0002)),
            captured_at: moment(),
            location: None,
            note: Some("treo ở cổng thôn".to_owned()),
            signed_count: None,
        },
        commune: "02650".parse().unwrap(),
        cell: Cell::Banner2,
        submitter: UserId(Uuid::from_u128(3)),
        device: None,
        state: SubmissionState::Pending,
        received_at: moment(),
        photos: vec![slot(0xbb), slot(0xaa)],
        client: None,
        marks: Vec::new(),
        decision: None,
        receipt: None,
        phone_ahead_s: None,
        risk: 0,
        warned: crate::domain::Warned::default(),
        version: 2,
    }
}

fn receipt() -> String {
    compact(&submission(), &seal(&ring(), &submission()).unwrap())
}

#[test]
fn the_format_of_a_receipt_never_drifts() {
    let text = receipt();
    let parts: Vec<&str> = text.split('.').collect();
    let decoded = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(
        decoded(parts[0]),
        r#"{"alg":"EdDSA","kid":"7599776c3085e3f9","typ":"minhchung-receipt+jws"}"#
    );
    let payload = format!(
        r#"{{"submission":"01957d3a-0000-7000-8000-000000000001","assignment":"01957d3a-0000-7000-8000-000000000002","photos":["{}","{}"],"received_at":"2026-03-10T01:15:30.25Z"}}"#,
        "bb".repeat(32),
        "aa".repeat(32)
    );
    assert_eq!(decoded(parts[1]), payload);
    // Ed25519 is deterministic; this one was made by another implementation from the same seed.
    assert_eq!(
        parts[2],
        "Gr5-DAxsuO5ICxN4fC1EwN1OtEwjsklDYNx-yZq5-Co9fBzHzGr9D0cwNYYB9ELV5dNGb90GLmlbCcHdO56ADg"
    );
    assert_eq!(parts.len(), 3);
}

#[test]
fn anybody_with_the_key_set_reads_a_receipt_also_after_the_key_was_replaced() {
    let text = receipt();
    let mut later = ring();
    let newer = moment().plus_millis(1);
    later.add(SigningKey::from_seed([7; 32], KeyPurpose::Receipt, newer));
    let read = verify(&text, &later.jwks(KeyPurpose::Receipt)).unwrap();
    assert_eq!(
        read,
        Receipt {
            submission: submission().id,
            assignment: submission().report.assignment,
            photos: vec![Sha256([0xbb; 32]), Sha256([0xaa; 32])],
            received_at: moment(),
        }
    );
}

#[test]
fn the_text_stays_the_same_when_the_record_is_reviewed_and_moved() {
    let original = receipt();
    let mut changed = submission();
    changed.receipt = Some(seal(&ring(), &changed).unwrap());
    changed.state = SubmissionState::Verified;
    changed.commune = "02653".parse().unwrap();
    changed.risk = 40;
    changed.version = 9;
    assert_eq!(compact(&changed, &changed.receipt.clone().unwrap()), original);
}

#[test]
fn a_submission_that_lacks_a_picture_gets_no_receipt() {
    let mut half = submission();
    half.photos[1].width = None;
    assert_eq!(seal(&ring(), &half), Err(SealRefused::NotWhole));
    half.photos.clear();
    assert_eq!(seal(&ring(), &half), Err(SealRefused::NotWhole));
    let mut keyless = ring();
    let id = keyless.newest(KeyPurpose::Receipt).unwrap().id().to_owned();
    keyless.remove(&id);
    assert_eq!(seal(&keyless, &submission()), Err(SealRefused::NoReceiptKey));
}

#[test]
fn a_changed_receipt_and_a_foreign_key_are_found_out() {
    let jwks = ring().jwks(KeyPurpose::Receipt);
    let seal = seal(&ring(), &submission()).unwrap();
    let mut other = submission();
    other.photos.swap(0, 1);
    assert_eq!(
        verify(&compact(&other, &seal), &jwks),
        Err(ReceiptRefused::BadSignature)
    );
    let whole = receipt();
    let cut = whole.get(..whole.len() - 2).unwrap();
    assert_eq!(verify(cut, &jwks), Err(ReceiptRefused::BadSignature));
    let session_keys = ring().jwks(KeyPurpose::Session);
    assert_eq!(verify(&receipt(), &session_keys), Err(ReceiptRefused::UnknownKey));
    for text in ["", "a.b.c", "..", &"x".repeat(5_000)] {
        assert_eq!(verify(text, &jwks), Err(ReceiptRefused::Malformed), "{text}");
    }
}

#[test]
fn a_token_of_another_type_is_no_receipt_even_under_the_same_key() {
    let key = SigningKey::from_seed([5; 32], KeyPurpose::Receipt, moment());
    let header = json!({"alg": "EdDSA", "kid": key.id(), "typ": "JWT"}).to_string();
    let payload = receipt().split('.').nth(1).unwrap().to_owned();
    let message = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
    let text = format!(
        "{message}.{}",
        URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()))
    );
    assert_eq!(
        verify(&text, &ring().jwks(KeyPurpose::Receipt)),
        Err(ReceiptRefused::Malformed)
    );
}
