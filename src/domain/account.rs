//! Accounts, their devices, the codes that let phones join, and the keys that sign: as they are stored.
//!
//! Invariant: a secret here never shows itself in `Debug`, so it cannot reach a log line by accident.
//! Refuses: to judge; passwords, codes, tokens and keys are judged in `auth`, people's rights in the services.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CommuneCode, DeviceId, Moment, Role, Sha256, UserId};

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to log in with, as it was typed; unique when folded.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
    /// The password; without one the account opens by enrolment only.
    pub password: Option<PasswordHash>,
    /// The second factor.
    pub totp: Option<Totp>,
    /// The operator decided at the command line that this account needs no second factor.
    pub totp_exempt: bool,
    /// Shut: nothing it did is lost, and nobody gets in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Moment,
    /// What the request that made it said, its password aside; tells a repeat from another account.
    pub made_from: Sha256,
    /// The present enrolment code.
    pub invitation: Option<Sha256>,
    /// The last log-in that carried a request id.
    pub last_log_in: Option<AnsweredRequest>,
}

/// A request that opened a session, kept for as long as its answer may have to be given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredRequest {
    /// The id that the client gave it.
    pub request: Uuid,
    /// When it was answered.
    pub at: Moment,
    /// The device whose session it opened.
    pub device: DeviceId,
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// What the authenticator app shares with the server.
    pub secret: TotpSecret,
    /// When the secret was handed out.
    pub made_at: Moment,
    /// Whether a code was shown for it; only then it is asked for.
    pub confirmed: bool,
    /// The step of the last code that opened something.
    pub last_step: Option<u64>,
}

/// A password's hash as a PHC string (`$argon2id$v=19$m=…`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub(crate) String);

// A hash in a log line is a password that can be guessed offline.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The secret that an account's authenticator app shares with the server, 160 bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpSecret(pub(crate) [u8; 20]);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// How a device came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A phone that joined with an enrolment code.
    Phone,
    /// A browser or script that logged in with a password.
    Browser,
}

/// One phone or browser session of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// How it came in.
    pub kind: DeviceKind,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// Since when.
    pub since: Moment,
    /// When it last asked for a token.
    pub seen_at: Moment,
    /// Its session.
    pub family: Family,
}

/// The session of one device, from log-in or enrolment until it ends. Its id is the device's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Its id, in clear in every token.
    pub id: Uuid,
    /// Whose session.
    pub user: UserId,
    /// On which device.
    pub device: DeviceId,
    /// What the proofs are made with.
    pub secret: [u8; 32],
    /// The generation whose token may be used now.
    pub generation: u32,
    /// The request that the last rotation answered.
    pub last_request: Option<Uuid>,
    /// No token is good from here on.
    pub expires_at: Moment,
    /// Ended by log-out, by removal of the device, or by a reused token.
    pub ended: bool,
}

impl Family {
    /// Whether the session goes on at `now`.
    pub fn is_alive(&self, now: Moment) -> bool {
        !self.ended && now < self.expires_at
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("device", &self.device)
            .field("generation", &self.generation)
            .field("expires_at", &self.expires_at)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// A one-time code's promise: whoever shows it becomes a device of `user`. Stored under the code's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Whose phone joins.
    pub user: UserId,
    /// Who made the code.
    pub made_by: Option<UserId>,
    /// When the code was made.
    pub made_at: Moment,
    /// Until when it is good.
    pub expires_at: Moment,
    /// The phone that used it; `request` is the id which the phone gave itself.
    pub used: Option<InvitationUse>,
}

/// The one use of an enrolment code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationUse {
    /// When.
    pub at: Moment,
    /// The device that it became.
    pub device: DeviceId,
    /// The id that the phone gave itself, by which it may ask again for a lost answer.
    pub phone: Option<Uuid>,
}

/// What a signing key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Access tokens.
    Session,
    /// Receipts.
    Receipt,
}

/// A signing key as the store keeps it. The seed is the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// First 16 hex digits of the SHA-256 of the public key.
    pub id: String,
    /// The 32 secret bytes.
    pub seed: [u8; 32],
    /// What it may sign.
    pub purpose: KeyPurpose,
    /// When it was made.
    pub created_at: Moment,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}
