//! Who can answer for a place: an open account of a village head or a commune officer of its commune.
//!
//! Invariant: an assignment never gets an assignee who could not see it.
//! Refuses: to tell an account of another commune from one that does not exist.

use super::PlanningError;
use crate::domain::{CommuneCode, FieldError, Role, User, UserId, fold};
use crate::store::records::{Users, UsersByName};
use crate::store::{ReadTables, Reads, StoreError};

/// Whether `user` can answer for places of `commune`.
pub(super) fn suits(user: &User, commune: CommuneCode) -> bool {
    let sends_evidence = match user.role {
        Role::VillageHead | Role::CommuneOfficer => true,
        Role::Admin | Role::Verifier | Role::Viewer | Role::TipOfficer => false,
    };
    sends_evidence && !user.disabled && user.commune == Some(commune)
}

/// What is said about an assignee who does not suit.
pub(super) fn unsuitable() -> FieldError {
    FieldError::new(
        "/assignee",
        "assignee-unsuitable",
        "Phải là tài khoản đang dùng của trưởng thôn hoặc cán bộ thuộc xã, phường này.",
        "It must be an open account of a village head or officer of this commune.",
    )
}

/// Refuses an assignee who does not suit.
pub(super) fn require_suitable(
    rows: &impl Reads,
    assignee: Option<UserId>,
    commune: CommuneCode,
) -> Result<(), PlanningError> {
    let Some(assignee) = assignee else {
        return Ok(());
    };
    match rows.get::<Users>(&assignee)? {
        Some(user) if suits(&user, commune) => Ok(()),
        Some(_) | None => Err(PlanningError::Invalid(vec![unsuitable()])),
    }
}

/// The account that a table names by its id or user name.
pub(super) fn named(rows: &impl Reads, text: &str) -> Result<Option<User>, StoreError> {
    let id = match text.trim().parse::<UserId>() {
        Ok(id) => Some(id),
        Err(_no_id) => rows.get::<UsersByName>(&fold(text))?,
    };
    match id {
        Some(id) => rows.get::<Users>(&id),
        None => Ok(None),
    }
}
