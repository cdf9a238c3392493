//! Who looks after accounts, and whose.
//!
//! Invariant: an administrator (and the operator at the command line) keeps everybody; a commune officer keeps the
//! village heads of the own commune, and nobody else exists for them.
//! Refuses: every other role.

use serde_json::Value;

use super::passwords::Busy;
use crate::auth::Actor;
use crate::domain::{CommuneCode, FieldError, Moment, Role, User, UserId};
use crate::services::audit::Deed;
use crate::store::records::Users;
use crate::store::{ReadTables, Reads, StoreError};

/// Who looks after accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeper {
    id: Option<UserId>,
    reach: Reach,
}

/// Whom somebody may look after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Everybody,
    VillageHeads(CommuneCode),
    Nobody,
}

/// Why an account was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is none, or none of yours.
    #[error("there is no such account")]
    NotFound,
    /// The keeper may not make or grant that.
    #[error("not within this account's reach")]
    NotYours,
    /// Fields that do not work.
    #[error("some fields are wrong")]
    Invalid(Vec<FieldError>),
    /// The id belongs to an account that was made with other content.
    #[error("the id was used for another account")]
    Differs,
    /// The name belongs to another account.
    #[error("the user name is taken")]
    NameTaken,
    /// Nobody would be left to look after the installation.
    #[error("the last administrator cannot be shut or demoted")]
    LastAdmin,
    /// Accounts that are shut, or need a second factor, do not join by code.
    #[error("this account does not join by code")]
    NotForPhones,
    /// Too much password work at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The machine could not hash a password.
    #[error("the password could not be hashed: {0}")]
    NotHashed(String),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keeper {
    /// The operator at the command line.
    pub const OPERATOR: Self = Self {
        id: None,
        reach: Reach::Everybody,
    };

    /// Whoever acts through the API.
    pub fn of(actor: &Actor) -> Self {
        let reach = match (actor.role, actor.commune) {
            (Role::Admin, _) => Reach::Everybody,
            (Role::CommuneOfficer, Some(commune)) => Reach::VillageHeads(commune),
            _ => Reach::Nobody,
        };
        Self {
            id: Some(actor.user),
            reach,
        }
    }

    pub(super) const fn id(self) -> Option<UserId> {
        self.id
    }

    pub(super) const fn reach(self) -> Reach {
        self.reach
    }

    /// Whether an account of this role and commune is theirs to look after.
    pub(super) fn keeps(self, role: Role, commune: Option<CommuneCode>) -> bool {
        match self.reach {
            Reach::Everybody => true,
            Reach::VillageHeads(own) => role == Role::VillageHead && commune == Some(own),
            Reach::Nobody => false,
        }
    }

    /// The account `id`, if it is theirs.
    pub(super) fn find(self, rows: &impl Reads, id: UserId) -> Result<User, UserError> {
        let user = rows.get::<Users>(&id)?;
        user.filter(|user| self.keeps(user.role, user.commune))
            .ok_or(UserError::NotFound)
    }

    pub(super) fn deed(self, action: &'static str, user: UserId, detail: Value, at: Moment) -> Deed {
        Deed {
            at,
            by: self.id,
            action,
            subject: format!("user/{user}"),
            detail,
        }
    }
}
