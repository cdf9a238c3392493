//! Wire forms of accounts.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{CommuneCode, Device, DeviceKind, Moment, Role, UserId};
use crate::services::accounts::{Invited, NewUser, Person, UserChange};

/// An account to be made.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct NewUserRequest {
    /// Made by the client; makes a repeat safe.
    id: Option<Uuid>,
    /// 1 to 64 letters, digits or `. _ - @ +`; unique whatever case and accents.
    username: String,
    /// The name that others see; the user name when absent.
    name: Option<String>,
    role: Role,
    /// Five digits; required for roles of a commune, absent for all others.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<CommuneCode>,
    /// 8 to 256 characters; without one the account opens by enrolment only.
    password: Option<String>,
}

/// What is to change.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct ChangeUserRequest {
    name: Option<String>,
    role: Option<Role>,
    /// Five digits; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[allow(
        clippy::option_option,
        reason = "null takes the commune away, absence leaves it"
    )]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<Option<CommuneCode>>,
    /// Shut accounts keep what they did, and nobody gets in.
    disabled: Option<bool>,
    /// Ends all sessions of the account.
    password: Option<String>,
    /// Takes the second factor away and ends all sessions of the account.
    reset_totp: Option<bool>,
}

/// Null is a value here, and absence is none.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserAnswer {
    id: Uuid,
    username: String,
    name: String,
    role: Role,
    /// Five digits, for roles of a commune.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<CommuneCode>,
    disabled: bool,
    /// Whether it can log in with a password.
    has_password: bool,
    /// Whether it has a confirmed second factor.
    totp: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Until when its present enrolment code may be used; null when there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    enrolment_expires_at: Option<Moment>,
}

/// An account and the devices that are signed in.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserWithDevices {
    #[serde(flatten)]
    user: UserAnswer,
    /// The one used last comes first.
    devices: Vec<DeviceAnswer>,
}

/// A phone or browser session.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct DeviceAnswer {
    id: Uuid,
    /// What its owner calls it; may be empty.
    name: String,
    kind: DeviceKind,
    #[schema(value_type = String, format = DateTime)]
    since: Moment,
    /// When it last asked for a token.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Moment,
}

/// A one-time code for a phone.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct InvitationAnswer {
    /// Twelve digits in fours.
    #[schema(example = "1234 5678 9012")]
    code: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Moment,
    /// The same as a link, for a QR code.
    url: String,
}

/// The wire form of `person`.
pub(in crate::http) fn user(person: &Person, now: Moment) -> UserAnswer {
    let account = &person.user;
    UserAnswer {
        id: account.id.0,
        username: account.username.clone(),
        name: account.name.clone(),
        role: account.role,
        commune: account.commune,
        disabled: account.disabled,
        has_password: account.password.is_some(),
        totp: account.totp.as_ref().is_some_and(|totp| totp.confirmed),
        created_at: account.created_at,
        enrolment_expires_at: person.open_invitation(now),
    }
}

/// The wire form of a new code.
pub(in crate::http) fn invitation(invited: Invited) -> InvitationAnswer {
    InvitationAnswer {
        code: invited.code,
        expires_at: invited.expires_at,
        url: invited.url,
    }
}

impl UserWithDevices {
    pub(in crate::http) fn new(person: &Person, devices: &[Device], now: Moment) -> Self {
        Self {
            user: user(person, now),
            devices: devices
                .iter()
                .map(|device| DeviceAnswer {
                    id: device.family.device.0,
                    name: device.name.clone(),
                    kind: device.kind,
                    since: device.since,
                    seen_at: device.seen_at,
                })
                .collect(),
        }
    }
}

impl From<NewUserRequest> for NewUser {
    fn from(request: NewUserRequest) -> Self {
        Self {
            id: request.id.map(UserId),
            username: request.username,
            name: request.name.unwrap_or_default(),
            role: request.role,
            commune: request.commune,
            password: request.password,
        }
    }
}

impl From<ChangeUserRequest> for UserChange {
    fn from(request: ChangeUserRequest) -> Self {
        Self {
            name: request.name,
            role: request.role,
            commune: request.commune,
            disabled: request.disabled,
            password: request.password,
            reset_totp: request.reset_totp.unwrap_or(false),
        }
    }
}
