//! The ring of all signing keys that are in use.
//!
//! Invariant: the newest key of a purpose signs, all of them verify; what a session key signed is never taken for a
//! receipt, nor the other way round.
//! Refuses: to drop a key by itself; it says which are spent, and the keeper of the store removes them in both places.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DamagedKey, SigningKey};
use crate::domain::{KeyPurpose, Moment, StoredKey};

/// All keys that are in use: the newest of each purpose signs, all of them verify.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: BTreeMap<String, SigningKey>,
}

impl KeyRing {
    /// The ring of the keys in the store.
    pub fn from_stored(stored: impl IntoIterator<Item = StoredKey>) -> Result<Self, DamagedKey> {
        let mut ring = Self::default();
        for key in stored {
            ring.add(SigningKey::try_from(key)?);
        }
        Ok(ring)
    }

    /// Puts a key on the ring.
    pub fn add(&mut self, key: SigningKey) {
        self.keys.insert(key.id().to_owned(), key);
    }

    /// Takes a key off the ring; what it signed is from now on unknown.
    pub fn remove(&mut self, id: &str) -> Option<SigningKey> {
        self.keys.remove(id)
    }

    /// The key that signs for `purpose`: the newest.
    pub fn newest(&self, purpose: KeyPurpose) -> Option<&SigningKey> {
        self.of(purpose).max_by_key(|key| (key.created_at(), key.id()))
    }

    /// The key with this id, if it is one for `purpose`.
    pub fn find(&self, purpose: KeyPurpose, id: &str) -> Option<&SigningKey> {
        self.keys.get(id).filter(|key| key.purpose() == purpose)
    }

    /// Whether a new key for `purpose` is due: there is none, or the newest is `max_age` old.
    pub fn needs_new(&self, purpose: KeyPurpose, now: Moment, max_age: Duration) -> bool {
        self.newest(purpose)
            .is_none_or(|key| has_passed(key.created_at(), max_age, now))
    }

    /// Ids of session keys that nothing valid is signed with any more: their successor is older than `grace`, which
    /// has to be longer than an access token lives. Receipt keys are never spent: a receipt has no end.
    pub fn spent(&self, now: Moment, grace: Duration) -> Vec<String> {
        let mut keys: Vec<&SigningKey> = self.of(KeyPurpose::Session).collect();
        keys.sort_by_key(|key| (key.created_at(), key.id()));
        let successors = keys.iter().skip(1);
        keys.iter()
            .zip(successors)
            .filter(|(_, successor)| has_passed(successor.created_at(), grace, now))
            .map(|(key, _)| key.id().to_owned())
            .collect()
    }

    /// The public keys for `purpose` as a JSON Web Key Set (RFC 7517, RFC 8037), the newest first.
    pub fn jwks(&self, purpose: KeyPurpose) -> serde_json::Value {
        let mut keys: Vec<&SigningKey> = self.of(purpose).collect();
        keys.sort_by_key(|key| std::cmp::Reverse((key.created_at(), key.id())));
        let keys: Vec<serde_json::Value> = keys.into_iter().map(SigningKey::to_jwk).collect();
        serde_json::json!({ "keys": keys })
    }

    fn of(&self, purpose: KeyPurpose) -> impl Iterator<Item = &SigningKey> {
        self.keys.values().filter(move |key| key.purpose() == purpose)
    }
}

fn has_passed(since: Moment, span: Duration, now: Moment) -> bool {
    let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    now.as_millis().saturating_sub(since.as_millis()) >= span_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sha256;

    const DAY: Duration = Duration::from_hours(24);

    fn day(day: i64) -> Moment {
        Moment::from_millis(day * 86_400_000)
    }

    #[test]
    fn the_newest_key_of_a_purpose_signs_and_the_other_purpose_is_not_touched() {
        let mut ring = KeyRing::default();
        assert!(ring.newest(KeyPurpose::Session).is_none());
        assert!(ring.needs_new(KeyPurpose::Session, day(0), DAY));
        let (old, new) = (
            SigningKey::generate(KeyPurpose::Session, day(0)),
            SigningKey::generate(KeyPurpose::Session, day(1)),
        );
        ring.add(new.clone());
        ring.add(old.clone());
        assert_eq!(ring.newest(KeyPurpose::Session).unwrap().id(), new.id());
        assert!(ring.find(KeyPurpose::Session, old.id()).is_some());
        assert!(ring.find(KeyPurpose::Receipt, old.id()).is_none());
        assert!(ring.needs_new(KeyPurpose::Receipt, day(1), DAY));
    }

    #[test]
    fn a_new_key_is_due_when_the_newest_is_as_old_as_allowed_and_the_old_one_is_spent_later() {
        let mut ring = KeyRing::default();
        let old = SigningKey::generate(KeyPurpose::Session, day(0));
        ring.add(old.clone());
        ring.add(SigningKey::generate(KeyPurpose::Receipt, day(0)));
        let almost = day(1).plus_millis(-1);
        assert!(!ring.needs_new(KeyPurpose::Session, almost, DAY));
        assert!(ring.needs_new(KeyPurpose::Session, day(1), DAY));
        assert!(ring.spent(day(9), DAY).is_empty());
        ring.add(SigningKey::generate(KeyPurpose::Session, day(1)));
        ring.add(SigningKey::generate(KeyPurpose::Receipt, day(1)));
        assert!(ring.spent(day(2).plus_millis(-1), DAY).is_empty());
        assert_eq!(ring.spent(day(2), DAY), [old.id().to_owned()]);
        assert!(ring.remove(old.id()).is_some());
        assert!(ring.spent(day(9), DAY).is_empty());
    }

    #[test]
    fn the_key_set_shows_public_halves_of_one_purpose_only() {
        // The key pair of RFC 8032, section 7.1, test 1; its public half as in RFC 8037, appendix A.2.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let seed = seed.parse::<Sha256>().unwrap().0;
        let mut ring = KeyRing::default();
        ring.add(SigningKey::from_seed(seed, KeyPurpose::Receipt, day(0)));
        ring.add(SigningKey::generate(KeyPurpose::Session, day(0)));
        assert_eq!(
            ring.jwks(KeyPurpose::Receipt).to_string(),
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"21fe31dfa154a261","use":"sig","alg":"EdDSA"}]}"#
        );
    }
}
