//! Refresh tokens: single use, derived from their family's secret, so that the store keeps one row per device.
//!
//! Invariant: of one family at most one token rotates; a spent token ends the family, for its holder and for the thief
//! alike. The one exception is the last rotation asked for again under the same request id: its answer was lost on a
//! bad network, and the same successor is given again. The phone therefore keeps the request id, on disk, before it
//! sends, and does not use it for another rotation.
//! Refuses: to extend its own life; whoever stores the family sets [`Family::expires_at`] anew after a rotation.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::random;
use crate::domain::{DeviceId, Family, Moment, UserId};

const FAMILY_BYTES: usize = 16;
const GENERATION_BYTES: usize = 4;
const TOKEN_BYTES: usize = FAMILY_BYTES + GENERATION_BYTES + 32;

/// One refresh token: family, generation, and the proof that the server made it.
#[derive(Clone, Copy)]
pub struct RefreshToken {
    family: Uuid,
    generation: u32,
    proof: [u8; 32],
}

/// Text that is not the base64url of 52 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token")]
pub struct MalformedRefreshToken;

impl RefreshToken {
    /// The token of this generation of a family.
    pub fn derive(family: Uuid, secret: &[u8; 32], generation: u32) -> Self {
        Self {
            family,
            generation,
            proof: proof(secret, generation),
        }
    }

    /// Reads what [`RefreshToken::text`] wrote. Says nothing about whether it is genuine.
    pub fn parse(text: &str) -> Result<Self, MalformedRefreshToken> {
        // The length is known, so a long text is not decoded first.
        let right_length = text.len() == TOKEN_BYTES.saturating_mul(8).div_ceil(6);
        let bytes = right_length.then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten();
        let parts = bytes.as_deref().and_then(|bytes| {
            let (family, rest) = bytes.split_first_chunk::<FAMILY_BYTES>()?;
            let (generation, proof) = rest.split_first_chunk::<GENERATION_BYTES>()?;
            Some(Self {
                family: Uuid::from_bytes(*family),
                generation: u32::from_be_bytes(*generation),
                proof: proof.try_into().ok()?,
            })
        });
        parts.ok_or(MalformedRefreshToken)
    }

    /// The 70 characters on the wire.
    pub fn text(&self) -> String {
        let generation = self.generation.to_be_bytes();
        let parts: [&[u8]; 3] = [self.family.as_bytes(), &generation, &self.proof];
        URL_SAFE_NO_PAD.encode(parts.concat())
    }

    /// The family to load from the store.
    pub const fn family(&self) -> Uuid {
        self.family
    }

    /// Whether the holder of `secret` made it; takes the same time whatever differs.
    fn is_genuine(&self, secret: &[u8; 32]) -> bool {
        proof(secret, self.generation).ct_eq(&self.proof).into()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({}, generation {})", self.family, self.generation)
    }
}

impl FromStr for RefreshToken {
    type Err = MalformedRefreshToken;

    fn from_str(text: &str) -> Result<Self, MalformedRefreshToken> {
        Self::parse(text)
    }
}

fn proof(secret: &[u8; 32], generation: u32) -> [u8; 32] {
    // HMAC fills a short key up with zeros to the block of 64 bytes; done here, making it cannot fail.
    let mut block = [0; 64];
    block.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<sha2::Sha256>::new(&block.into());
    mac.update(&generation.to_be_bytes());
    mac.finalize().into_bytes().into()
}

/// What becomes of a presented refresh token.
#[derive(Debug, Clone, Copy)]
pub enum RefreshOutcome {
    /// It was the current one; the family has moved on and must be stored before this successor is sent.
    Rotated(RefreshToken),
    /// It was the one before, asked for again by the same request; nothing changed, this is the same successor.
    Repeated(RefreshToken),
    /// It was spent: two hold this session. The family has ended and must be stored.
    Reused,
    /// Forged, expired, or of an ended family; nothing changed.
    Refused,
}

impl Family {
    /// A new session and its first token. `id` is the caller's, fresh.
    pub fn begin(id: Uuid, user: UserId, device: DeviceId, expires_at: Moment) -> (Self, RefreshToken) {
        let family = Self {
            id,
            user,
            device,
            secret: random::bytes(),
            generation: 0,
            last_request: None,
            expires_at,
            ended: false,
        };
        let token = family.current();
        (family, token)
    }

    /// Judges `token` at `now`; `request_id` is the phone's id for this refresh. The caller loads and stores the
    /// family in one transaction, so that two presentations at once are judged one after the other.
    pub fn present(&mut self, token: &RefreshToken, request_id: Option<Uuid>, now: Moment) -> RefreshOutcome {
        // A forged token must not end a session: the family's id is no secret.
        let genuine = token.family == self.id && token.is_genuine(&self.secret);
        if !genuine || self.ended || now >= self.expires_at {
            return RefreshOutcome::Refused;
        }
        if token.generation < self.generation {
            let was_the_last = token.generation.checked_add(1) == Some(self.generation);
            if was_the_last && request_id.is_some() && request_id == self.last_request {
                return RefreshOutcome::Repeated(self.current());
            }
            self.ended = true;
            return RefreshOutcome::Reused;
        }
        // A genuine later generation: the store was restored from a backup and the phone is ahead of it. Only this
        // server can have made the token, so the phone stays in and the family catches up.
        let Some(next) = token.generation.checked_add(1) else {
            return RefreshOutcome::Refused;
        };
        self.generation = next;
        self.last_request = request_id;
        RefreshOutcome::Rotated(self.current())
    }

    fn current(&self) -> RefreshToken {
        RefreshToken::derive(self.id, &self.secret, self.generation)
    }
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
