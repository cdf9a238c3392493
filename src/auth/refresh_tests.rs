//! Sessions under lost answers, thieves, forgers and restored backups.

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Moment {
    Moment::from_millis(seconds * 1000)
}

fn begin() -> (Family, RefreshToken) {
    Family::begin(
        Uuid::from_u128(1),
        UserId(Uuid::from_u128(2)),
        DeviceId(Uuid::from_u128(3)),
        at(1_000),
    )
}

fn request(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn rotated(outcome: RefreshOutcome) -> RefreshToken {
    match outcome {
        RefreshOutcome::Rotated(token) => token,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_text_of_a_token_is_fixed_and_comes_back() {
    let token = RefreshToken::derive(Uuid::from_u128(0x0123_4567), &[7; 32], 258);
    let text = token.text();
    // Checked against HMAC-SHA256 of another implementation: key 32 × 07, message 00 00 01 02.
    assert_eq!(
        text,
        "AAAAAAAAAAAAAAAAASNFZwAAAQJPNatD7-R70YIhl-oB8A5TWPeP8cdJ_D4tYaVuhyk9bQ"
    );
    let read = RefreshToken::parse(&text).unwrap();
    assert_eq!((read.family(), read.text()), (token.family(), text.clone()));
    assert!(!format!("{token:?}").contains(text.get(30..).unwrap()));
    for wrong in [
        "",
        "AAAA",
        text.get(1..).unwrap(),
        &format!("{text}A"),
        &text.replace('A', "+"),
    ] {
        assert!(RefreshToken::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn each_use_gives_a_new_token_and_the_newest_alone_works() {
    let (mut family, first) = begin();
    let second = rotated(family.present(&first, Some(request(1)), at(1)));
    let third = rotated(family.present(&second, Some(request(2)), at(2)));
    assert_ne!(second.text(), third.text());
    assert_eq!(family.generation, 2);
    rotated(family.present(&third, None, at(3)));
}

#[test]
fn a_lost_answer_is_given_again_as_often_as_the_same_request_asks() {
    let (mut family, first) = begin();
    let second = rotated(family.present(&first, Some(request(1)), at(1)));
    for _ in 0..3 {
        let before = family.clone();
        match family.present(&first, Some(request(1)), at(2)) {
            RefreshOutcome::Repeated(again) => assert_eq!(again.text(), second.text()),
            other => panic!("{other:?}"),
        }
        assert_eq!(family, before);
    }
    rotated(family.present(&second, Some(request(2)), at(3)));
    assert!(matches!(
        family.present(&first, Some(request(1)), at(4)),
        RefreshOutcome::Reused
    ));
}

#[test]
fn a_spent_token_from_another_request_or_without_one_ends_the_session() {
    for stranger in [Some(request(9)), None] {
        let (mut family, first) = begin();
        let second = rotated(family.present(&first, Some(request(1)), at(1)));
        assert!(matches!(
            family.present(&first, stranger, at(2)),
            RefreshOutcome::Reused
        ));
        assert!(family.ended);
        assert!(matches!(
            family.present(&second, Some(request(2)), at(3)),
            RefreshOutcome::Refused
        ));
    }
    // A rotation without a request id cannot be asked for again.
    let (mut family, first) = begin();
    rotated(family.present(&first, None, at(1)));
    assert!(matches!(
        family.present(&first, None, at(2)),
        RefreshOutcome::Reused
    ));
}

#[test]
fn a_forged_or_foreign_token_is_refused_and_does_not_end_the_session() {
    let (mut family, first) = begin();
    let second = rotated(family.present(&first, Some(request(1)), at(1)));
    let before = family.clone();
    let forged = RefreshToken::derive(family.id, &[0; 32], 0);
    let (_, foreign) = Family::begin(Uuid::from_u128(5), family.user, family.device, at(1_000));
    let moved = RefreshToken {
        generation: 9,
        ..second
    };
    let renamed = RefreshToken::derive(Uuid::from_u128(6), &family.secret, 1);
    for token in [forged, foreign, moved, renamed] {
        assert!(matches!(
            family.present(&token, Some(request(1)), at(2)),
            RefreshOutcome::Refused
        ));
        assert_eq!(family, before);
    }
}

#[test]
fn an_expired_or_ended_session_gives_nothing() {
    let (mut family, first) = begin();
    assert!(matches!(
        family.present(&first, Some(request(1)), at(1_000)),
        RefreshOutcome::Refused
    ));
    assert_eq!(family.generation, 0);
    family.ended = true;
    assert!(matches!(
        family.present(&first, Some(request(1)), at(1)),
        RefreshOutcome::Refused
    ));
}

#[test]
fn a_phone_that_is_ahead_of_a_restored_backup_stays_in() {
    let (mut family, first) = begin();
    let backup = family.clone();
    let second = rotated(family.present(&first, Some(request(1)), at(1)));
    let third = rotated(family.present(&second, Some(request(2)), at(2)));
    let mut restored = backup;
    rotated(restored.present(&third, Some(request(3)), at(3)));
    assert_eq!(restored.generation, 3);
    assert!(matches!(
        restored.present(&first, Some(request(1)), at(4)),
        RefreshOutcome::Reused
    ));
}

#[test]
fn the_last_generation_is_refused_instead_of_wrapping_round() {
    let (mut family, _) = begin();
    family.generation = u32::MAX;
    let last = RefreshToken::derive(family.id, &family.secret, u32::MAX);
    assert!(matches!(
        family.present(&last, None, at(1)),
        RefreshOutcome::Refused
    ));
}

#[test]
fn a_session_comes_back_from_the_store_and_its_secret_stays_out_of_the_log() {
    let (family, _) = begin();
    let json = serde_json::to_string(&family).unwrap();
    assert_eq!(serde_json::from_str::<Family>(&json).unwrap(), family);
    assert!(!format!("{family:?}").contains("secret"));
}

proptest! {
    /// Each presentation: which of the tokens given out so far, under which of four request ids (0 is none).
    #[test]
    fn never_are_two_tokens_current_and_reuse_always_ends_the_session(
        presentations in prop::collection::vec((any::<prop::sample::Index>(), 0_u128..4), 1..40)
    ) {
        let (mut family, first) = begin();
        let mut given = vec![first];
        // The model: which token was used last, under which request.
        let mut last_use: Option<(usize, Option<Uuid>)> = None;
        let mut ended = false;
        for (pick, number) in presentations {
            let which = pick.index(given.len());
            let request_id = (number > 0).then(|| request(number));
            let newest = given.len() - 1;
            match family.present(&given[which], request_id, at(1)) {
                RefreshOutcome::Rotated(next) => {
                    prop_assert!(!ended && which == newest);
                    given.push(next);
                    last_use = Some((which, request_id));
                }
                RefreshOutcome::Repeated(again) => {
                    prop_assert!(!ended && request_id.is_some());
                    prop_assert_eq!(last_use, Some((which, request_id)));
                    prop_assert_eq!(again.text(), given[newest].text());
                }
                RefreshOutcome::Reused => {
                    prop_assert!(!ended && which < newest);
                    prop_assert!(request_id.is_none() || last_use != Some((which, request_id)));
                    ended = true;
                }
                RefreshOutcome::Refused => prop_assert!(ended),
            }
            prop_assert_eq!(family.ended, ended);
            let current = given.iter().filter(|token| {
                matches!(family.clone().present(token, None, at(1)), RefreshOutcome::Rotated(_))
            });
            prop_assert_eq!(current.count(), usize::from(!ended));
        }
    }
}
