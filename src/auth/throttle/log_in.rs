//! Log-in: who may try a password now.
//!
//! Invariant: somebody who hammers an account can make its owner wait at most 30 seconds, and never takes the owner's
//! turn away. The rules, for the pair of account and origin, for the account, and for the origin:
//!
//! 1. **Pair**, strict: 5 failures free, then 1 s doubling to 15 min. It hits who mistypes here, nobody else.
//! 2. **Origin**, against one machine that tries many accounts: 30 failures free (a commune office and a mobile
//!    operator's shared address are one origin), then 1 s doubling to 15 min.
//! 3. **Account**, against many machines that try one account: after 30 failures a pair that never logged in before gets
//!    an appointment 30 s away, one for each attempt. The appointment is the pair's own; a plain pause of 30 s for the
//!    account would be won by whoever asks most often, which is the attacker.
//!
//! A pair that logged in before is spared rules 2 and 3: the owner's usual desk stays open under any attack.
//! A success clears the pair and the account and leaves the origin as it was.
//! Refuses: to keep names; it keeps their hashes, of one length however long the name is.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::Digest;
use unicode_normalization::UnicodeNormalization;

use super::bounded::Bounded;
use super::failures::{Failures, HOUR_MS, Rule};
use super::{CAPACITY, Origin, RetryAfter};
use crate::domain::Moment;

const PAIR: Rule = Rule {
    free: 5,
    longest_ms: 15 * 60 * 1000,
};
const ORIGIN: Rule = Rule {
    free: 30,
    longest_ms: 15 * 60 * 1000,
};
/// Its delay is never asked for: beyond the free failures come appointments.
const ACCOUNT: Rule = Rule {
    free: 30,
    longest_ms: APPOINTMENT_MS,
};
const APPOINTMENT_MS: i64 = 30 * 1000;

type Account = [u8; 32];

#[derive(Debug, Default)]
struct Pair {
    failures: Failures,
    logged_in_before: bool,
    appointment: Option<Moment>,
}

#[derive(Debug)]
struct Tables {
    pairs: Bounded<(Account, Origin), Pair>,
    origins: Bounded<Origin, Failures>,
    accounts: Bounded<Account, Failures>,
}

/// Slows down log-in attempts. One for the whole server.
#[derive(Debug)]
pub struct LogInThrottle {
    tables: Mutex<Tables>,
}

impl Default for LogInThrottle {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl LogInThrottle {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            tables: Mutex::new(Tables {
                pairs: Bounded::new(capacity),
                origins: Bounded::new(capacity),
                accounts: Bounded::new(capacity),
            }),
        }
    }

    /// Lets an attempt on `account` from `address` in at `now` and counts it as failed, or says how long to wait. To be
    /// asked before the password is hashed, for unknown names too. A wrong password needs no further call.
    pub fn check(&self, account: &str, address: IpAddr, now: Moment) -> Result<(), RetryAfter> {
        let (account, origin) = (account_key(account), Origin::from(address));
        let mut tables = self.lock();
        tables.admit(account, origin, now)?;
        tables
            .pairs
            .touch((account, origin), now)
            .failures
            .count_one(PAIR, now);
        tables.origins.touch(origin, now).count_one(ORIGIN, now);
        tables.accounts.touch(account, now).count_one(ACCOUNT, now);
        Ok(())
    }

    /// The attempt that [`LogInThrottle::check`] let in opened a session.
    pub fn succeeded(&self, account: &str, address: IpAddr, now: Moment) {
        let (account, origin) = (account_key(account), Origin::from(address));
        let mut tables = self.lock();
        *tables.pairs.touch((account, origin), now) = Pair {
            logged_in_before: true,
            ..Pair::default()
        };
        tables.accounts.remove(&account);
        if let Some(failures) = tables.origins.peek(&origin) {
            failures.take_one_back(ORIGIN);
        }
    }

    /// The attempt was no guess after all: the password was right and the second factor is still to come, or the server
    /// failed. (A wrong second factor is a failure.)
    pub fn excused(&self, account: &str, address: IpAddr) {
        let (account, origin) = (account_key(account), Origin::from(address));
        let mut tables = self.lock();
        if let Some(pair) = tables.pairs.peek(&(account, origin)) {
            pair.failures.take_one_back(PAIR);
        }
        if let Some(failures) = tables.accounts.peek(&account) {
            failures.take_one_back(ACCOUNT);
        }
        if let Some(failures) = tables.origins.peek(&origin) {
            failures.take_one_back(ORIGIN);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // Counts are valid after every statement, so a panic elsewhere leaves nothing half done.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn admit(&mut self, account: Account, origin: Origin, now: Moment) -> Result<(), RetryAfter> {
        let pair = self.pairs.peek(&(account, origin));
        let known = pair.as_ref().is_some_and(|pair| pair.logged_in_before);
        let own = pair.map_or(0, |pair| pair.failures.wait_ms(PAIR, now));
        if own > 0 {
            return Err(RetryAfter::from_millis(own));
        }
        if known {
            return Ok(());
        }
        let shared = self
            .origins
            .peek(&origin)
            .map_or(0, |failures| failures.wait_ms(ORIGIN, now));
        if shared > 0 {
            return Err(RetryAfter::from_millis(shared));
        }
        let besieged = self
            .accounts
            .peek(&account)
            .is_some_and(|failures| failures.is_over(ACCOUNT, now));
        if besieged {
            self.pairs.touch((account, origin), now).keep_appointment(now)
        } else {
            Ok(())
        }
    }
}

impl Pair {
    fn keep_appointment(&mut self, now: Moment) -> Result<(), RetryAfter> {
        let wait = self
            .appointment
            .map(|due| due.as_millis().saturating_sub(now.as_millis()));
        match wait {
            Some(wait) if (-HOUR_MS..=0).contains(&wait) => {
                self.appointment = None;
                Ok(())
            }
            Some(wait) if (1..=APPOINTMENT_MS).contains(&wait) => Err(RetryAfter::from_millis(wait)),
            // None yet, long gone, or of a clock that was set back.
            _ => {
                self.appointment = Some(now.plus_millis(APPOINTMENT_MS));
                Err(RetryAfter::from_millis(APPOINTMENT_MS))
            }
        }
    }
}

/// Names that people take for the same are the same here, or else variants of a name would each be free.
fn account_key(account: &str) -> Account {
    let folded: String = account.trim().nfkc().collect::<String>().to_lowercase();
    sha2::Sha256::digest(folded).into()
}

#[cfg(test)]
#[path = "log_in_tests.rs"]
mod tests;
