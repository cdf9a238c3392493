//! Changes of accounts, and throwing devices out.
//!
//! Invariant: whatever takes a right away works from the answer on, also against access tokens that are still young;
//! somebody is always left to look after the installation.
//! Refuses: to leave sessions open that a new password, a reset second factor or a shut account should have ended.

use serde_json::json;

use super::Accounts;
use super::drafts::{UserChange, commune_mistake, name_mistake, password_mistake, tidy};
use super::keeper::{Keeper, Reach, UserError};
use super::people::{Person, with_invitation};
use super::rows::{end_device, put_user, throw_out};
use crate::auth::Actor;
use crate::domain::{CommuneCode, DeviceId, FieldError, Moment, PasswordHash, Role, User, UserId};
use crate::services::audit;
use crate::store::records::{Devices, Users};
use crate::store::{Range, ReadTables, Reads, StoreError, Transaction};

/// A change with its password already hashed.
struct Edit {
    keeper: Keeper,
    /// The session that the change comes through, which a change of one's own password leaves open.
    through: DeviceId,
    change: UserChange,
    password: Option<PasswordHash>,
    now: Moment,
}

impl Accounts {
    /// Changes the account `id` as `actor` wants.
    pub async fn change_user(
        &self,
        actor: &Actor,
        id: UserId,
        change: UserChange,
    ) -> Result<Person, UserError> {
        let inner = &self.inner;
        let keeper = Keeper::of(actor);
        let look = move |view: &crate::store::View<'_>| keeper.find(view, id);
        let present = inner.store.read(look).await?;
        let has_commune = inner.settings.has_commune.clone();
        let (_, mistakes) = changed(&present, &change, has_commune.as_ref());
        if !mistakes.is_empty() {
            return Err(UserError::Invalid(mistakes));
        }
        let password = match &change.password {
            Some(password) => Some(self.hashed(password.clone()).await?),
            None => None,
        };
        let edit = Edit {
            keeper,
            through: actor.device,
            change,
            password,
            now: inner.clock.now(),
        };
        let epoch = inner.sessions.epoch();
        let run = move |tx: &mut Transaction<'_>| {
            let person = apply(tx, id, &edit, has_commune.as_ref())?;
            Ok::<_, UserError>((person, epoch.bump_when_dropped()))
        };
        inner.store.transact(run).await.map(|(person, _bump)| person)
    }

    /// Throws a device out; asking again changes nothing.
    pub async fn remove_device(
        &self,
        keeper: Keeper,
        user: UserId,
        device: DeviceId,
    ) -> Result<(), UserError> {
        let now = self.inner.clock.now();
        let epoch = self.inner.sessions.epoch();
        let run = move |tx: &mut Transaction<'_>| {
            keeper.find(tx, user)?;
            let row = tx.get::<Devices>(&device)?.filter(|row| row.family.user == user);
            let row = row.ok_or(UserError::NotFound)?;
            if row.family.ended {
                return Ok(None);
            }
            end_device(tx, row)?;
            let detail = json!({ "device": device });
            audit::record(tx, keeper.deed("user.device_removed", user, detail, now))?;
            Ok::<_, UserError>(Some(epoch.bump_when_dropped()))
        };
        self.inner.store.transact(run).await.map(drop)
    }
}

/// The account as it would be, and what would be wrong with it.
fn changed(
    before: &User,
    change: &UserChange,
    has_commune: &dyn Fn(CommuneCode) -> bool,
) -> (User, Vec<FieldError>) {
    let mut user = before.clone();
    let mut wrong = Vec::new();
    if let Some(name) = &change.name {
        user.name = tidy(name);
        wrong.extend(name_mistake(&user.name));
    }
    user.role = change.role.unwrap_or(user.role);
    user.commune = match change.commune {
        Some(commune) => commune,
        // Who leaves the roles of a commune leaves the commune; nobody has to say so twice.
        None if !user.role.is_of_a_commune() => None,
        None => user.commune,
    };
    if (user.role, user.commune) != (before.role, before.commune) {
        wrong.extend(commune_mistake(user.role, user.commune, has_commune));
    }
    if user.role != before.role {
        // The operator's word was about the role that the account had then.
        user.totp_exempt = false;
    }
    wrong.extend(change.password.as_deref().and_then(password_mistake));
    user.disabled = change.disabled.unwrap_or(user.disabled);
    if change.reset_totp {
        user.totp = None;
    }
    (user, wrong)
}

fn apply(
    tx: &mut Transaction<'_>,
    id: UserId,
    edit: &Edit,
    has_commune: &dyn Fn(CommuneCode) -> bool,
) -> Result<Person, UserError> {
    let (keeper, change, now) = (edit.keeper, &edit.change, edit.now);
    let before = keeper.find(tx, id)?;
    // Judged again on what is there now; two changes at once may each have been right alone.
    let (mut user, mistakes) = changed(&before, change, has_commune);
    if !mistakes.is_empty() {
        return Err(UserError::Invalid(mistakes));
    }
    if !keeper.keeps(user.role, user.commune) {
        return Err(UserError::NotYours);
    }
    // A stolen session must not get rid of the second factor that would have kept its thief out.
    let is_own = keeper.id() == Some(id);
    if change.reset_totp && (is_own || keeper.reach() != Reach::Everybody) {
        return Err(UserError::NotYours);
    }
    if governs(&before) && !governs(&user) && !others_govern(tx, id)? {
        return Err(UserError::LastAdmin);
    }
    if let Some(hash) = &edit.password {
        user.password = Some(hash.clone());
    }
    let has_new_secret = edit.password.is_some() || change.reset_totp;
    let ended = if user.disabled || has_new_secret {
        let spared = Some(edit.through).filter(|_| !user.disabled);
        throw_out(tx, &mut user, spared, now)?
    } else {
        0
    };
    put_user(tx, Some(&before), &user)?;
    let detail = json!({
        "role": user.role,
        "commune": user.commune,
        "disabled": user.disabled,
        "renamed": user.name != before.name,
        "new_password": edit.password.is_some(),
        "totp_reset": change.reset_totp,
        "sessions_ended": ended,
    });
    audit::record(tx, keeper.deed("user.changed", id, detail, now))?;
    Ok(with_invitation(tx, user)?)
}

fn governs(user: &User) -> bool {
    user.role == Role::Admin && !user.disabled
}

/// Whether somebody but `id` can look after the installation.
fn others_govern(rows: &impl Reads, id: UserId) -> Result<bool, StoreError> {
    for row in rows.scan::<Users>(Range::all()) {
        let (other, user) = row?;
        if other != id && governs(&user) {
            return Ok(true);
        }
    }
    Ok(false)
}
