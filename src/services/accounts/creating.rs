//! New accounts.
//!
//! Invariant: the same id with the same content makes one account, however often it is sent; two accounts never share
//! a name that differs only in case or accents.
//! Refuses: a second factor's exemption through the API; that is the operator's word at the command line.

use serde_json::json;

use super::Accounts;
use super::drafts::NewUser;
use super::keeper::{Keeper, Reach, UserError};
use super::passwords::Verdict;
use super::rows::{put_user, user_named};
use crate::auth::PasswordRefused;
use crate::domain::{PasswordHash, Role, Totp, User, UserId};
use crate::services::audit;
use crate::store::records::Users;
use crate::store::{ReadTables, StoreError, Transaction};

/// Whether a request made an account or had made it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It is new.
    New(User),
    /// The same request had made it.
    Before(User),
}

/// What the operator decides about the second factor of an account that is made at the command line.
#[derive(Debug, Clone)]
pub enum OperatorsTotp {
    /// Nothing; the role's rule holds.
    AsTheRoleSays,
    /// The account shall not need one, although its role does.
    Exempt,
    /// It has this one from the start.
    Given(Totp),
}

impl Accounts {
    /// Makes an account on behalf of `keeper`.
    pub async fn create_user(&self, keeper: Keeper, mut new: NewUser) -> Result<Made, UserError> {
        if let Reach::VillageHeads(own) = keeper.reach() {
            new.commune = new.commune.or(Some(own));
        }
        self.create(keeper, new, OperatorsTotp::AsTheRoleSays).await
    }

    /// Makes an account for the operator at the command line.
    pub async fn add_user(&self, new: NewUser, totp: OperatorsTotp) -> Result<User, UserError> {
        match self.create(Keeper::OPERATOR, new, totp).await? {
            Made::New(user) | Made::Before(user) => Ok(user),
        }
    }

    /// The account with this user name, made if there is none. An existing one is left as it is.
    pub async fn ensure_user(&self, new: NewUser) -> Result<User, UserError> {
        let username = new.username.clone();
        match self.add_user(new, OperatorsTotp::AsTheRoleSays).await {
            Err(UserError::NameTaken) => {
                let look = move |view: &crate::store::View<'_>| user_named(view, &username);
                let found = self.inner.store.read(look).await?;
                found.ok_or(UserError::NotFound)
            }
            other => other,
        }
    }

    async fn create(&self, keeper: Keeper, new: NewUser, totp: OperatorsTotp) -> Result<Made, UserError> {
        let new = new.tidied();
        if !keeper.keeps(new.role, new.commune) {
            return Err(UserError::NotYours);
        }
        let mistakes = new.mistakes(self.inner.settings.has_commune.as_ref());
        if !mistakes.is_empty() {
            return Err(UserError::Invalid(mistakes));
        }
        if let Some(made) = self.made_before(&new).await? {
            return Ok(made);
        }
        let password = match &new.password {
            Some(password) => Some(self.hashed(password.clone()).await?),
            None => None,
        };
        let user = self.draft(&new, password, totp);
        let result = self
            .inner
            .store
            .transact(move |tx| insert(tx, keeper, user))
            .await;
        match result {
            // Two of the same request at once: the other one was first.
            Err(UserError::Differs) => self.made_before(&new).await?.ok_or(UserError::Differs),
            other => other.map(Made::New),
        }
    }

    fn draft(&self, new: &NewUser, password: Option<PasswordHash>, totp: OperatorsTotp) -> User {
        let clock = &self.inner.clock;
        let needs_totp = matches!(new.role, Role::Admin | Role::TipOfficer);
        User {
            id: new.id.unwrap_or_else(|| UserId(clock.new_id())),
            username: new.username.clone(),
            name: new.name.clone(),
            role: new.role,
            commune: new.commune,
            password,
            totp_exempt: needs_totp && matches!(totp, OperatorsTotp::Exempt),
            totp: match totp {
                OperatorsTotp::Given(totp) => Some(totp),
                OperatorsTotp::AsTheRoleSays | OperatorsTotp::Exempt => None,
            },
            disabled: false,
            created_at: clock.now(),
            made_from: new.fingerprint(),
            invitation: None,
            last_log_in: None,
        }
    }

    /// The account that the same request made before.
    async fn made_before(&self, new: &NewUser) -> Result<Option<Made>, UserError> {
        let Some(id) = new.id else {
            return Ok(None);
        };
        let look = move |view: &crate::store::View<'_>| view.get::<Users>(&id);
        let Some(user) = self.inner.store.read::<_, StoreError>(look).await? else {
            return Ok(None);
        };
        if user.made_from != new.fingerprint() {
            return Err(UserError::Differs);
        }
        if let Some(password) = &new.password {
            let verdict = self
                .inner
                .passwords
                .verify(user.password.clone(), password.clone());
            if matches!(verdict.await?, Verdict::Wrong) {
                return Err(UserError::Differs);
            }
        }
        Ok(Some(Made::Before(user)))
    }

    pub(super) async fn hashed(&self, password: String) -> Result<PasswordHash, UserError> {
        let hashed = self.inner.passwords.hash(password).await?;
        hashed.map_err(|refused| match refused {
            PasswordRefused::NotHashed(why) => UserError::NotHashed(why),
            // Judged before with the other fields.
            other @ (PasswordRefused::TooShort(_) | PasswordRefused::TooLong) => {
                UserError::NotHashed(other.to_string())
            }
        })
    }
}

fn insert(tx: &mut Transaction<'_>, keeper: Keeper, user: User) -> Result<User, UserError> {
    if tx.has::<Users>(&user.id)? {
        return Err(UserError::Differs);
    }
    if user_named(tx, &user.username)?.is_some() {
        return Err(UserError::NameTaken);
    }
    put_user(tx, None, &user)?;
    let detail = json!({
        "username": user.username,
        "role": user.role,
        "commune": user.commune,
        "totp_exempt": user.totp_exempt,
    });
    audit::record(tx, keeper.deed("user.made", user.id, detail, user.created_at))?;
    Ok(user)
}
