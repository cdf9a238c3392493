//! Rows of accounts and devices: each written together with its indexes.
//!
//! Invariant: an account is found under its id, its folded name and its commune, or not at all; a device under its id
//! and its account.
//! Refuses: to judge who may write them.

use crate::auth::RefreshToken;
use crate::domain::{Device, DeviceId, DeviceKind, Family, Moment, User, UserId, fold};
use crate::store::records::{Devices, DevicesByUser, Invitations, Users, UsersByCommune, UsersByName};
use crate::store::{Range, ReadTables, Reads, StoreError, Transaction};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A browser's session ends after two weeks without use.
const BROWSER_MS: i64 = 14 * DAY_MS;
/// A phone may lie in a drawer between two rounds of the campaign.
const PHONE_MS: i64 = 180 * DAY_MS;
/// How long an ended session stays visible to those who look for what happened.
const KEPT_MS: i64 = 30 * DAY_MS;
/// Sessions of one account at once; the one that was silent for longest gives way.
const MAX_DEVICES: usize = 20;
/// How long a lost answer may be asked for again.
const REPEATABLE_MS: i64 = 10 * 60 * 1000;

/// Whether an answer given at `at` may still be given again at `now`.
pub(super) fn is_repeatable(at: Moment, now: Moment) -> bool {
    (0..=REPEATABLE_MS).contains(&now.as_millis().saturating_sub(at.as_millis()))
}

/// Until when a session that is used at `now` goes on.
pub(super) fn session_end(kind: DeviceKind, now: Moment) -> Moment {
    now.plus_millis(match kind {
        DeviceKind::Phone => PHONE_MS,
        DeviceKind::Browser => BROWSER_MS,
    })
}

/// Writes `user` in place of `before`.
pub(super) fn put_user(
    tx: &mut Transaction<'_>,
    before: Option<&User>,
    user: &User,
) -> Result<(), StoreError> {
    if let Some(before) = before {
        tx.remove::<UsersByName>(&fold(&before.username));
        if let Some(commune) = before.commune {
            tx.remove::<UsersByCommune>(&(commune, fold(&before.username)));
        }
    }
    tx.put::<Users>(&user.id, user)?;
    tx.put::<UsersByName>(&fold(&user.username), &user.id)?;
    if let Some(commune) = user.commune {
        tx.put::<UsersByCommune>(&(commune, fold(&user.username)), &user.id)?;
    }
    Ok(())
}

/// The account with this name, however it is typed.
pub(super) fn user_named(rows: &impl Reads, username: &str) -> Result<Option<User>, StoreError> {
    match rows.get::<UsersByName>(&fold(username))? {
        Some(id) => rows.get::<Users>(&id),
        None => Ok(None),
    }
}

/// All devices of an account, also ended ones.
pub(super) fn devices_of(rows: &impl Reads, user: UserId) -> Result<Vec<Device>, StoreError> {
    let ids = rows.keys::<DevicesByUser>(Range::under(&user));
    let devices = ids.map(|id| id.and_then(|(_, id)| rows.get::<Devices>(&id)));
    devices.filter_map(Result::transpose).collect()
}

/// Opens a session on a new device. Says how many sessions had to give way to it; the caller bumps the epoch then.
pub(super) fn open_device(
    tx: &mut Transaction<'_>,
    user: UserId,
    id: DeviceId,
    kind: DeviceKind,
    name: String,
    now: Moment,
) -> Result<(RefreshToken, usize), StoreError> {
    let gave_way = make_room(tx, user, now)?;
    let (family, token) = Family::begin(id.0, user, id, session_end(kind, now));
    let device = Device {
        kind,
        name,
        since: now,
        seen_at: now,
        family,
    };
    tx.put::<Devices>(&id, &device)?;
    tx.put::<DevicesByUser>(&(user, id), &())?;
    Ok((token, gave_way))
}

/// The token that the session of `device` goes on with, for an answer that has to be given again.
pub(super) fn present_token(device: &Device) -> RefreshToken {
    RefreshToken::derive(device.family.id, &device.family.secret, device.family.generation)
}

fn make_room(tx: &mut Transaction<'_>, user: UserId, now: Moment) -> Result<usize, StoreError> {
    let mut alive = Vec::new();
    for device in devices_of(tx, user)? {
        if device.family.is_alive(now) {
            alive.push(device);
        } else if device.seen_at.plus_millis(KEPT_MS) < now {
            tx.remove::<Devices>(&device.family.device);
            tx.remove::<DevicesByUser>(&(user, device.family.device));
        }
    }
    alive.sort_by_key(|device| std::cmp::Reverse(device.seen_at));
    let too_many = alive.split_off(alive.len().min(MAX_DEVICES.saturating_sub(1)));
    let gave_way = too_many.len();
    too_many
        .into_iter()
        .try_for_each(|device| end_device(tx, device))?;
    Ok(gave_way)
}

/// Ends the session of `device`. The caller bumps the epoch.
pub(super) fn end_device(tx: &mut Transaction<'_>, mut device: Device) -> Result<(), StoreError> {
    device.family.ended = true;
    tx.put::<Devices>(&device.family.device, &device)
}

/// Ends all sessions of an account but `spared`, and voids its enrolment code. Says how many sessions ended.
pub(super) fn throw_out(
    tx: &mut Transaction<'_>,
    user: &mut User,
    spared: Option<DeviceId>,
    now: Moment,
) -> Result<usize, StoreError> {
    if let Some(code) = user.invitation.take() {
        tx.remove::<Invitations>(&code);
    }
    let mut ended = 0_usize;
    for device in devices_of(tx, user.id)? {
        if device.family.is_alive(now) && Some(device.family.device) != spared {
            end_device(tx, device)?;
            ended = ended.saturating_add(1);
        }
    }
    Ok(ended)
}
