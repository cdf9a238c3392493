//! Access tokens: JWTs of at most 15 minutes, signed with a session key.
//!
//! Invariant: the algorithm is `EdDSA` whatever the token says, and every claim that decides is required.
//! Refuses: to look at a clock or the store; whether the device is still welcome is asked elsewhere.

use std::str::FromStr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, KeyRing};
use crate::domain::{CommuneCode, DeviceId, KeyPurpose, Moment, Role, UserId};

/// The longest an access token lives.
pub const MAX_TTL: Duration = Duration::from_mins(15);

const ISSUER: &str = "minhchung";
const AUDIENCE: &str = "minhchung-api";
/// How long after its end a token is still taken: two servers' clocks, a slow request.
const LEEWAY_SECONDS: i64 = 5;
/// How far ahead a token's birth may lie before it is a forgery or a broken clock.
const MAX_AHEAD_SECONDS: i64 = 60;
/// Longer than any token that [`issue`] makes from a name the accounts allow.
const MAX_TOKEN_BYTES: usize = 4096;

/// Whether this server holds invented data only. A token of one mode is worth nothing in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Real people and places.
    Live,
    /// Invented ones; the token says so to whoever reads it.
    Demo,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenNotIssued {
    /// The ring has no session key; one has to be made first.
    #[error("there is no session key to sign with")]
    NoSessionKey,
    /// The library could not write it.
    #[error("the token could not be written")]
    NotWritten(#[source] jsonwebtoken::errors::Error),
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It is not three parts of base64url JSON with the claims we write.
    #[error("the access token is malformed")]
    Malformed,
    /// Its header names another algorithm than `EdDSA`.
    #[error("the access token names another algorithm")]
    WrongAlgorithm,
    /// Its key is not a session key of this ring.
    #[error("the access token is signed by an unknown key")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the access token's signature is wrong")]
    BadSignature,
    /// It is for another service.
    #[error("the access token is for another audience")]
    WrongAudience,
    /// It is from another service.
    #[error("the access token is from another issuer")]
    WrongIssuer,
    /// It says no end, or one further away than we ever grant.
    #[error("the access token has no end, or a too distant one")]
    EndlessOrTooLong,
    /// Its time is over; the ordinary case, a refresh helps.
    #[error("the access token has expired")]
    Expired,
    /// It was issued later than now.
    #[error("the access token was issued in the future")]
    IssuedInFuture,
    /// A demo token at a live server, or the other way round.
    #[error("the access token is from the other mode")]
    WrongMode,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<String>,
    sub: UserId,
    role: String,
    commune: Option<CommuneCode>,
    name: String,
    device: DeviceId,
    iat: i64,
    exp: Option<i64>,
    jti: Uuid,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
}

/// Only what decides; the library's header type does not know `none`, and so could not tell why it refused.
#[derive(Deserialize)]
struct NamedHeader {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// A token for `actor` from `now` on, for `ttl` but at most [`MAX_TTL`].
pub fn issue(
    ring: &KeyRing,
    actor: &Actor,
    now: Moment,
    ttl: Duration,
    mode: Mode,
) -> Result<String, TokenNotIssued> {
    let key = ring
        .newest(KeyPurpose::Session)
        .ok_or(TokenNotIssued::NoSessionKey)?;
    let iat = seconds(now);
    let lives = i64::try_from(ttl.min(MAX_TTL).as_secs()).unwrap_or_default();
    let claims = Claims {
        iss: Some(ISSUER.to_owned()),
        aud: Some(AUDIENCE.to_owned()),
        sub: actor.user,
        role: actor.role.name().to_owned(),
        commune: actor.commune,
        name: actor.name.clone(),
        device: actor.device,
        iat,
        exp: Some(iat.saturating_add(lives)),
        jti: Uuid::new_v4(),
        demo: mode == Mode::Demo,
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key.id().to_owned());
    let signer = EncodingKey::from_ed_der(&key.to_pkcs8_der());
    jsonwebtoken::encode(&header, &claims, &signer).map_err(TokenNotIssued::NotWritten)
}

/// Who `token` speaks for, if it is ours and valid at `now` on a server in this `mode`.
pub fn verify(ring: &KeyRing, token: &str, now: Moment, mode: Mode) -> Result<Actor, TokenRefused> {
    verify_with_end(ring, token, now, mode).map(|(actor, _)| actor)
}

/// The same, with the moment from which on the token is taken no more.
pub fn verify_with_end(
    ring: &KeyRing,
    token: &str,
    now: Moment,
    mode: Mode,
) -> Result<(Actor, Moment), TokenRefused> {
    let header = header_of(token)?;
    if header.alg != "EdDSA" {
        return Err(TokenRefused::WrongAlgorithm);
    }
    // RFC 7515 4.1.11: what a `crit` header demands and we do not know must not be passed over.
    if header.crit.is_some() {
        return Err(TokenRefused::Malformed);
    }
    let key = header
        .kid
        .and_then(|kid| ring.find(KeyPurpose::Session, &kid))
        .ok_or(TokenRefused::UnknownKey)?;
    let decoding_key = DecodingKey::from_ed_der(&key.public_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding_key, &validation())
        .map_err(|error| refusal(error.kind()))?
        .claims;
    let end = check_times(&claims, seconds(now))?;
    if claims.demo != (mode == Mode::Demo) {
        return Err(TokenRefused::WrongMode);
    }
    let actor = Actor {
        user: claims.sub,
        name: claims.name,
        role: Role::from_str(&claims.role).ok().ok_or(TokenRefused::Malformed)?,
        commune: claims.commune,
        device: claims.device,
    };
    Ok((actor, Moment::from_millis(end.saturating_mul(1000))))
}

fn header_of(token: &str) -> Result<NamedHeader, TokenRefused> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenRefused::Malformed);
    }
    let first = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(first).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(TokenRefused::Malformed)
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    // The library reads the machine's clock; `check_times` compares with the time that was handed in.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation
}

/// The second from which on the token is taken no more.
fn check_times(claims: &Claims, now: i64) -> Result<i64, TokenRefused> {
    let exp = claims.exp.ok_or(TokenRefused::EndlessOrTooLong)?;
    let longest = i64::try_from(MAX_TTL.as_secs()).unwrap_or_default();
    if exp.saturating_sub(claims.iat) > longest {
        return Err(TokenRefused::EndlessOrTooLong);
    }
    if claims.iat.saturating_sub(now) > MAX_AHEAD_SECONDS {
        return Err(TokenRefused::IssuedInFuture);
    }
    let end = exp.saturating_add(LEEWAY_SECONDS);
    if now >= end {
        return Err(TokenRefused::Expired);
    }
    Ok(end)
}

fn refusal(kind: &ErrorKind) -> TokenRefused {
    match kind {
        ErrorKind::InvalidSignature => TokenRefused::BadSignature,
        ErrorKind::InvalidAlgorithm => TokenRefused::WrongAlgorithm,
        ErrorKind::InvalidIssuer => TokenRefused::WrongIssuer,
        ErrorKind::InvalidAudience => TokenRefused::WrongAudience,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => TokenRefused::WrongIssuer,
            "aud" => TokenRefused::WrongAudience,
            "exp" => TokenRefused::EndlessOrTooLong,
            _ => TokenRefused::Malformed,
        },
        _ => TokenRefused::Malformed,
    }
}

fn seconds(moment: Moment) -> i64 {
    moment.as_millis().div_euclid(1000)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
