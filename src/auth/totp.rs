//! Second factor: six digits from an authenticator app (RFC 6238: SHA-1, 30 s, one step of drift either way).
//!
//! Invariant: a code opens at most once; [`TotpSecret::check`] gives back its step, and the caller stores it.
//! Refuses: to remember the last step itself, and to take a step that is not newer than it.

use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::random;
use crate::domain::{Moment, TotpSecret};

/// The name under which authenticator apps show the codes.
const ISSUER: &str = "minhchung";
const STEP_SECONDS: u64 = 30;
const DRIFT_STEPS: u64 = 1;

/// An account name that an `otpauth` link cannot carry: empty, or with a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account name is empty or has a colon")]
pub struct InvalidAccountName;

impl TotpSecret {
    /// A new secret.
    pub fn generate() -> Self {
        Self(random::bytes())
    }

    /// The secret in base 32 without padding, for typing into an app that cannot scan.
    pub fn to_base32(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// The `otpauth://totp/…` link that an authenticator app scans, under the issuer `minhchung`.
    pub fn otpauth_url(&self, account: &str) -> Result<String, InvalidAccountName> {
        let named = self
            .builder()
            .with_issuer(Some(ISSUER))
            .with_account_name(account);
        let totp = named.build().ok().ok_or(InvalidAccountName)?;
        totp.to_url().ok().ok_or(InvalidAccountName)
    }

    /// The step that `code` belongs to, when it is valid at `at` and newer than `last_used_step`. The caller stores
    /// the step with the account in the same transaction that opens the session. Blanks in the code are ignored.
    pub fn check(&self, code: &str, at: Moment, last_used_step: Option<u64>) -> Option<u64> {
        let digits: String = code
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .take(7)
            .collect();
        let seconds = u64::try_from(at.as_millis().div_euclid(1000)).ok()?;
        let now = seconds / STEP_SECONDS;
        let totp = self.exact();
        (now.saturating_sub(DRIFT_STEPS)..=now.saturating_add(DRIFT_STEPS))
            .filter(|step| last_used_step.is_none_or(|last| *step > last))
            .find(|step| totp.check(&digits, step.saturating_mul(STEP_SECONDS)).is_some())
    }

    // Drift is walked in `check`: the library would answer with the first step that fits, also a spent one.
    fn exact(&self) -> Totp {
        self.builder().build_noncompliant()
    }

    fn builder(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(STEP_SECONDS)
            .with_skew(0)
            .with_secret(Secret::new_stack(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const RFC: TotpSecret = TotpSecret(*b"12345678901234567890");

    fn second(second: i64) -> Moment {
        Moment::from_millis(second * 1000)
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // Appendix B lists eight digits; six-digit codes are their last six.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(time / 30).unwrap();
            assert_eq!(RFC.check(code, second(time), None), Some(step), "{time}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_step_late_and_no_further() {
        let step = 1_111_111_109 / 30;
        for (offset, expected) in [
            (-2, None),
            (-1, Some(37_037_036)),
            (1, Some(37_037_036)),
            (2, None),
        ] {
            let at = second((step + offset) * 30);
            assert_eq!(RFC.check("081804", at, None), expected, "{offset}");
        }
    }

    #[test]
    fn a_code_opens_once_and_no_older_code_opens_after_it() {
        let at = second(1_111_111_109);
        let step = RFC.check("081 804", at, None).unwrap();
        assert_eq!(RFC.check("081804", at, Some(step)), None);
        assert_eq!(RFC.check("081804", at, Some(step + 1)), None);
        assert_eq!(RFC.check("081804", at, Some(step - 1)), Some(step));
    }

    #[test]
    fn what_is_not_six_digits_opens_nothing() {
        for code in ["", "81804", "0818040", "+81804", "08180a", "０８１８０４"] {
            assert_eq!(RFC.check(code, second(1_111_111_109), None), None, "{code}");
        }
        assert_eq!(RFC.check("081804", second(-5), None), None);
    }

    #[test]
    fn the_link_names_issuer_account_and_secret_and_a_colon_is_refused() {
        let url = RFC.otpauth_url("can-bo.01").unwrap();
        assert!(url.starts_with("otpauth://totp/minhchung:can-bo.01?"), "{url}");
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(url.contains("issuer=minhchung"), "{url}");
        assert_eq!(RFC.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(RFC.otpauth_url("a:b"), Err(InvalidAccountName));
        assert_eq!(RFC.otpauth_url(""), Err(InvalidAccountName));
        assert!(!format!("{RFC:?}").contains("12345"));
        assert_ne!(TotpSecret::generate(), TotpSecret::generate());
    }
}
