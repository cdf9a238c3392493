//! Passwords: Argon2id with the memory and passes that OWASP advises (19 MiB, 2 passes, 1 lane).
//!
//! Invariant: the same characters typed on any keyboard give the same bytes (NFKC), and a log-in with an unknown name
//! costs as much time as one with a known name ([`verify_nobody`]).
//! Refuses: rules about kinds of characters, which make people choose worse; only the length counts.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use unicode_normalization::UnicodeNormalization;

use super::random;
use crate::domain::PasswordHash;

/// Shortest password, in characters.
pub const MIN_CHARACTERS: usize = 8;
/// Longest password, in characters.
pub const MAX_CHARACTERS: usize = 256;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A well-formed hash with the cost of a real one; its 32 bytes were drawn at random, so no password is known to fit.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$\
    8tP2Wz8ZT0nYcM3oQ5h1Vg$3rbF9r0rPZ8h0m6oUu3m5z8Yy1oY0w3Q5mH2l4n7k9E";

impl PasswordHash {
    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made with other costs than new hashes are, so that the next log-in should replace it.
    pub fn is_outdated(&self) -> bool {
        let made_with = phc::PasswordHash::new(&self.0)
            .ok()
            .filter(|hash| hash.algorithm.as_str() == Algorithm::Argon2id.as_ref())
            .and_then(|hash| Params::try_from(&hash).ok());
        made_with.is_none_or(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
        })
    }
}

/// Why a new password was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// The person has to think of a longer one.
    #[error("a password has at least {MIN_CHARACTERS} characters, this one has {0}")]
    TooShort(usize),
    /// The person has to take a shorter one.
    #[error("a password has at most {MAX_CHARACTERS} characters")]
    TooLong,
    /// The machine could not hash (no memory); nothing is wrong with the password.
    #[error("the password could not be hashed: {0}")]
    NotHashed(String),
}

/// Whether `password` may be chosen: 8 to 256 characters, counted composed (NFC), so that `ế` is one.
pub fn check_policy(password: &str) -> Result<(), PasswordRefused> {
    // Counting stops behind the limit: an endless text is not walked through.
    match password.nfc().take(MAX_CHARACTERS + 1).count() {
        count if count < MIN_CHARACTERS => Err(PasswordRefused::TooShort(count)),
        count if count > MAX_CHARACTERS => Err(PasswordRefused::TooLong),
        _ => Ok(()),
    }
}

/// The hash of a new `password` under a fresh salt. Costs some 30 ms and 19 MiB: not for an async thread.
pub fn hash(password: &str) -> Result<PasswordHash, PasswordRefused> {
    check_policy(password)?;
    let not_hashed = |error: &dyn fmt::Display| PasswordRefused::NotHashed(error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| not_hashed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed: phc::PasswordHash = argon2
        .hash_password_with_salt(normalised(password).as_bytes(), &random::bytes::<16>())
        .map_err(|error| not_hashed(&error))?;
    Ok(PasswordHash(hashed.to_string()))
}

/// Whether `password` is the one behind `hash`; a hash that cannot be read fits nothing. As costly as [`hash`].
pub fn verify(hash: &PasswordHash, password: &str) -> bool {
    if check_policy(password) == Err(PasswordRefused::TooLong) {
        verify_nobody("");
        return false;
    }
    matches_phc(&hash.0, password)
}

/// Spends what [`verify`] spends, for a name that no account has, so that the time tells nothing. Never a match.
pub fn verify_nobody(password: &str) {
    let too_long = check_policy(password) == Err(PasswordRefused::TooLong);
    // The answer is thrown away on purpose: also a fit would open nothing.
    std::hint::black_box(matches_phc(NOBODY, if too_long { "" } else { password }));
}

fn matches_phc(phc: &str, password: &str) -> bool {
    phc::PasswordHash::new(phc).is_ok_and(|parsed| {
        // Costs come from the parsed hash, so that older hashes stay usable when the advice grows.
        Argon2::default()
            .verify_password(normalised(password).as_bytes(), &parsed)
            .is_ok()
    })
}

fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_password_fits_and_two_hashes_of_it_differ() {
        let first = hash("mùa xuân ở bản").unwrap();
        assert!(verify(&first, "mùa xuân ở bản"));
        assert!(!verify(&first, "mùa xuân ở bàn"));
        assert!(!verify(&first, ""));
        assert_ne!(first, hash("mùa xuân ở bản").unwrap());
        assert!(!format!("{first:?}").contains("argon2"));
    }

    #[test]
    fn hashes_are_argon2id_with_nineteen_mebibytes_and_the_stand_in_costs_the_same() {
        let real = hash("mùa xuân ở bản").unwrap();
        assert!(
            real.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            real.as_str()
        );
        assert!(!real.is_outdated());
        let stand_in = PasswordHash(NOBODY.to_owned());
        assert!(!stand_in.is_outdated());
        let lengths = |text: &str| {
            let parsed = phc::PasswordHash::new(text).unwrap();
            (parsed.salt.unwrap().len(), parsed.hash.unwrap().len())
        };
        assert_eq!(lengths(NOBODY), lengths(real.as_str()));
    }

    #[test]
    fn a_keyboard_that_composes_accents_otherwise_types_the_same_password() {
        let composed = hash("Tiếng Việt đẹp").unwrap();
        let decomposed: String = "Tiếng Việt đẹp".nfd().collect();
        assert_ne!(decomposed, "Tiếng Việt đẹp");
        assert!(verify(&composed, &decomposed));
        assert!(verify(&hash("12345678").unwrap(), "12345678"));
    }

    #[test]
    fn eight_to_two_hundred_and_fifty_six_characters_are_taken_counted_composed() {
        assert_eq!(check_policy("1234567"), Err(PasswordRefused::TooShort(7)));
        let decomposed: String = "ếếếế".nfd().collect();
        assert!(decomposed.chars().count() > 8);
        assert_eq!(check_policy(&decomposed), Err(PasswordRefused::TooShort(4)));
        assert_eq!(check_policy(&"ạ".repeat(256)), Ok(()));
        assert_eq!(check_policy(&"ạ".repeat(257)), Err(PasswordRefused::TooLong));
        assert_eq!(hash("ngắn"), Err(PasswordRefused::TooShort(4)));
    }

    #[test]
    fn an_older_cheaper_hash_still_opens_and_says_that_it_is_outdated() {
        let cheap = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(1024, 1, 1, None).unwrap(),
        );
        let hashed: phc::PasswordHash = cheap
            .hash_password_with_salt(b"correct horse", b"sixteen  bytes!!")
            .unwrap();
        let older = PasswordHash(hashed.to_string());
        assert!(verify(&older, "correct horse"));
        assert!(older.is_outdated());
    }

    #[test]
    fn a_damaged_hash_and_an_endless_password_fit_nothing() {
        let damaged = PasswordHash("$argon2id$v=19$m=19456,t=2,p=1$abc".to_owned());
        assert!(!verify(&damaged, "correct horse"));
        assert!(damaged.is_outdated());
        assert!(!verify(&hash("correct horse").unwrap(), &"x".repeat(1_000_000)));
        verify_nobody(&"x".repeat(1_000_000));
    }
}
