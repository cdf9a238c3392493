//! Attackers and owners at the log-in.

use super::*;

fn at(seconds: i64) -> Moment {
    Moment::from_millis(1_800_000_000_000 + seconds * 1000)
}

fn address(number: u32) -> IpAddr {
    IpAddr::from((0xc000_0200_u32 + number).to_be_bytes())
}

fn is_let_in(throttle: &LogInThrottle, account: &str, number: u32, second: i64) -> bool {
    throttle.check(account, address(number), at(second)).is_ok()
}

#[test]
fn one_attacker_gets_few_guesses_and_the_owner_elsewhere_is_let_in_at_once() {
    let throttle = LogInThrottle::default();
    let guesses: Vec<i64> = (0..3_600)
        .filter(|second| is_let_in(&throttle, "can-bo", 1, *second))
        .collect();
    assert!((10..=20).contains(&guesses.len()), "{guesses:?}");
    let last_gap = guesses[guesses.len() - 1] - guesses[guesses.len() - 2];
    assert!((256..=900).contains(&last_gap), "{guesses:?}");
    assert_eq!(throttle.check("can-bo", address(2), at(3_600)), Ok(()));
}

#[test]
fn a_thousand_attempts_at_once_are_not_a_thousand_guesses() {
    let throttle = LogInThrottle::default();
    let let_in = (0..1_000)
        .filter(|_| throttle.check("can-bo", address(1), at(0)).is_ok())
        .count();
    assert_eq!(let_in, 6);
}

#[test]
fn many_attackers_cannot_keep_the_owner_out_for_longer_than_half_a_minute() {
    let throttle = LogInThrottle::default();
    let attackers = 1..400;
    let mut guesses = 0;
    for second in 0..120 {
        guesses += attackers
            .clone()
            .filter(|number| throttle.check("can-bo", address(*number), at(second)).is_ok())
            .count();
    }
    assert!(guesses > 30, "the account is besieged: {guesses}");
    // A new desk: told to wait half a minute, and let in then, although the attackers ask in every second between.
    let owner = address(9_000);
    assert_eq!(
        throttle.check("can-bo", owner, at(120)),
        Err(RetryAfter { seconds: 30 })
    );
    for second in 120..151 {
        for number in attackers.clone() {
            is_let_in(&throttle, "can-bo", number, second);
        }
    }
    assert_eq!(
        throttle.check("can-bo", owner, at(149)),
        Err(RetryAfter { seconds: 1 })
    );
    assert_eq!(throttle.check("can-bo", owner, at(150)), Ok(()));
    // One appointment is one attempt.
    assert_eq!(
        throttle.check("can-bo", owner, at(150)),
        Err(RetryAfter { seconds: 30 })
    );
}

#[test]
fn the_owners_usual_desk_stays_open_under_any_siege() {
    let throttle = LogInThrottle::default();
    let desk = address(9_000);
    throttle.check("can-bo", desk, at(0)).unwrap();
    throttle.succeeded("can-bo", desk, at(0));
    for second in 1..60 {
        for number in 1..100 {
            is_let_in(&throttle, "can-bo", number, second);
        }
        // Somebody behind the same address tries every other account.
        is_let_in(&throttle, &format!("other-{second}"), 9_000, second);
    }
    assert!(throttle.check("someone-else", desk, at(60)).is_err());
    assert_eq!(throttle.check("can-bo", desk, at(60)), Ok(()));
}

#[test]
fn one_machine_that_tries_many_accounts_is_slowed_down() {
    let throttle = LogInThrottle::default();
    let let_in = (0..3_600)
        .filter(|second| {
            throttle
                .check(&format!("user-{second}"), address(1), at(*second))
                .is_ok()
        })
        .count();
    assert!((40..90).contains(&let_in), "{let_in}");
    assert_eq!(throttle.check("user-1", address(2), at(3_600)), Ok(()));
}

#[test]
fn a_success_clears_the_account_and_leaves_the_address() {
    let throttle = LogInThrottle::default();
    for _ in 0..5 {
        throttle.check("can-bo", address(1), at(0)).unwrap();
    }
    throttle.check("can-bo", address(1), at(1)).unwrap();
    throttle.succeeded("can-bo", address(1), at(1));
    for _ in 0..6 {
        throttle.check("can-bo", address(1), at(2)).unwrap();
    }
    // Eleven failures of the address still stand, nineteen more accounts are free, and then it is slow.
    let others = (0..40)
        .filter(|number| {
            throttle
                .check(&format!("user-{number}"), address(1), at(2))
                .is_ok()
        })
        .count();
    assert_eq!(others, 20);
}

#[test]
fn an_attempt_that_was_no_guess_is_not_held_against_anybody() {
    let throttle = LogInThrottle::default();
    for _ in 0..100 {
        throttle.check("can-bo", address(1), at(0)).unwrap();
        throttle.excused("can-bo", address(1));
    }
    // To take back what was never counted changes nothing.
    throttle.excused("nobody", address(2));
}

#[test]
fn a_refused_attempt_does_not_prolong_the_wait_and_the_wait_ends() {
    let throttle = LogInThrottle::default();
    for _ in 0..6 {
        throttle.check("can-bo", address(1), at(0)).unwrap();
    }
    for _ in 0..50 {
        assert_eq!(
            throttle.check("can-bo", address(1), at(0)),
            Err(RetryAfter { seconds: 1 })
        );
    }
    assert_eq!(throttle.check("can-bo", address(1), at(1)), Ok(()));
    assert_eq!(throttle.check("can-bo", address(1), at(3_601)), Ok(()));
}

#[test]
fn ways_to_write_a_name_are_one_account_and_a_network_is_one_address() {
    let throttle = LogInThrottle::default();
    let names = ["can-bo", "CAN-BO", " can-bo ", "Can-Bo", "ｃａｎ-ｂｏ", "cAn-bO"];
    for (number, name) in names.into_iter().enumerate() {
        let host: IpAddr = format!("2001:db8:1:2::{number}").parse().unwrap();
        throttle.check(name, host, at(0)).unwrap();
    }
    let host: IpAddr = "2001:db8:1:2::ffff".parse().unwrap();
    assert!(throttle.check("can-bo", host, at(0)).is_err());
}

#[test]
fn a_flood_of_names_and_addresses_stays_within_bounds() {
    let throttle = LogInThrottle::with_capacity(100);
    for number in 0..5_000 {
        is_let_in(
            &throttle,
            &format!("user-{number}"),
            number,
            i64::from(number) / 100,
        );
    }
    let tables = throttle.lock();
    assert!(tables.pairs.len() <= 100);
    assert!(tables.origins.len() <= 100);
    assert!(tables.accounts.len() <= 100);
}
