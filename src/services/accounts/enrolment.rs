//! Enrolment: a phone joins with a one-time code that somebody read out, printed or sent as a link.
//!
//! Invariant: a code makes one device, and a newer code of the same account voids it. The phone that used it may ask
//! again for ten minutes under the id which it gave itself, because the first answer may have been lost.
//! Refuses: accounts whose role must use a second factor; a code would lead around it.

use std::net::IpAddr;

use serde_json::json;
use uuid::Uuid;

use super::Accounts;
use super::keeper::{Keeper, UserError};
use super::opening::{Opened, Opening, SignInError};
use super::rows::{is_repeatable, open_device, present_token, put_user};
use super::sessions::Epoch;
use crate::auth::EnrolmentCode;
use crate::domain::{Device, DeviceId, DeviceKind, Invitation, InvitationUse, Moment, Role, Sha256, UserId};
use crate::services::audit::{self, Deed};
use crate::store::records::{Devices, Invitations, Users};
use crate::store::{ReadTables, StoreError, Transaction};

/// How long a code is good.
const GOOD_FOR_MS: i64 = 72 * 60 * 60 * 1000;

/// A new code, shown once.
#[derive(Debug)]
pub struct Invited {
    /// The code, in fours.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Moment,
    /// The same as a link. The code stands behind `#`, which browsers do not send, so no log ever holds it.
    pub url: String,
}

/// A phone with a code.
#[derive(Debug)]
struct Arrival {
    code: Sha256,
    phone: Option<Uuid>,
    name: String,
    device: DeviceId,
    now: Moment,
}

/// How a code that is well-formed fails.
enum Turned {
    /// Nobody made it: a guess.
    Unknown,
    /// It was ours and is not good any more.
    Refused,
    Store(StoreError),
}

impl From<StoreError> for Turned {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

const fn may_join_by_code(role: Role) -> bool {
    !matches!(role, Role::Admin | Role::TipOfficer)
}

impl Accounts {
    /// Lets the phone `name` at `address` join with `code`. `phone` is the id that it gave itself.
    pub async fn enrol(
        &self,
        code: &str,
        name: String,
        phone: Option<Uuid>,
        address: IpAddr,
    ) -> Result<Opened, SignInError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let Ok(code) = code.parse::<EnrolmentCode>() else {
            // Counted apart, so that a hall full of typing errors does not slow down those who type well.
            inner.mistyped.check(address, now)?;
            return Err(SignInError::EnrolmentMistyped);
        };
        inner.enrolments.check(address, now)?;
        let arrival = Arrival {
            code: Sha256(*code.hash().as_bytes()),
            phone,
            name,
            device: DeviceId(inner.clock.new_id()),
            now,
        };
        let epoch = inner.sessions.epoch();
        let result = inner.store.transact(move |tx| join(tx, &arrival, &epoch)).await;
        if !matches!(result, Err(Turned::Unknown)) {
            inner.enrolments.succeeded(address);
        }
        let opening = result.map_err(|turned| match turned {
            Turned::Unknown | Turned::Refused => SignInError::EnrolmentRefused,
            Turned::Store(error) => error.into(),
        })?;
        self.issue(opening).await
    }

    /// Makes a code for a phone of `user`; an older one is void from now on.
    pub async fn invite(&self, keeper: Keeper, user: UserId) -> Result<Invited, UserError> {
        let now = self.inner.clock.now();
        let code = EnrolmentCode::generate();
        let hash = Sha256(*code.hash().as_bytes());
        let expires_at = now.plus_millis(GOOD_FOR_MS);
        let invitation = Invitation {
            user,
            made_by: keeper.id(),
            made_at: now,
            expires_at,
            used: None,
        };
        let keep = move |tx: &mut Transaction<'_>| {
            let before = keeper.find(tx, user)?;
            if before.disabled || !may_join_by_code(before.role) {
                return Err(UserError::NotForPhones);
            }
            let mut user = before.clone();
            if let Some(old) = user.invitation.replace(hash) {
                tx.remove::<Invitations>(&old);
            }
            tx.put::<Invitations>(&hash, &invitation)?;
            put_user(tx, Some(&before), &user)?;
            let detail = json!({ "expires_at": expires_at });
            audit::record(tx, keeper.deed("user.invited", user.id, detail, now))?;
            Ok(())
        };
        self.inner.store.transact(keep).await?;
        let url = format!("{}/#enrol={}", self.inner.settings.public_url, code.digits());
        Ok(Invited {
            code: code.to_string(),
            expires_at,
            url,
        })
    }
}

fn join(tx: &mut Transaction<'_>, arrival: &Arrival, epoch: &Epoch) -> Result<Opening, Turned> {
    let now = arrival.now;
    let mut invitation = tx.get::<Invitations>(&arrival.code)?.ok_or(Turned::Unknown)?;
    let user = tx.get::<Users>(&invitation.user)?;
    let user = user.filter(|user| !user.disabled && may_join_by_code(user.role));
    let user = user.ok_or(Turned::Refused)?;
    if let Some(used) = invitation.used {
        let device = lost_answer(tx, used, arrival)?.ok_or(Turned::Refused)?;
        return Ok(Opening {
            user,
            device: device.family.device,
            refresh: present_token(&device),
            _bump: None,
        });
    }
    if now >= invitation.expires_at {
        return Err(Turned::Refused);
    }
    invitation.used = Some(InvitationUse {
        at: now,
        device: arrival.device,
        phone: arrival.phone,
    });
    tx.put::<Invitations>(&arrival.code, &invitation)?;
    let name = arrival.name.clone();
    let (refresh, gave_way) = open_device(tx, user.id, arrival.device, DeviceKind::Phone, name, now)?;
    let deed = Deed {
        at: now,
        by: Some(user.id),
        action: "session.opened",
        subject: format!("user/{}", user.id),
        detail: json!({ "device": arrival.device, "by": "enrolment" }),
    };
    audit::record(tx, deed)?;
    Ok(Opening {
        user,
        device: arrival.device,
        refresh,
        _bump: epoch.bump_if(gave_way > 0),
    })
}

/// The device that a used code became, if the same phone asks soon enough.
fn lost_answer(
    tx: &Transaction<'_>,
    used: InvitationUse,
    arrival: &Arrival,
) -> Result<Option<Device>, StoreError> {
    let same_phone = used.phone.is_some() && used.phone == arrival.phone;
    if !same_phone || !is_repeatable(used.at, arrival.now) {
        return Ok(None);
    }
    let device = tx.get::<Devices>(&used.device)?;
    Ok(device.filter(|device| device.family.is_alive(arrival.now)))
}
