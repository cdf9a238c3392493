//! Who is acting: an account, through one of its devices.
//!
//! Invariant: an `Actor` exists only for a session that was checked against the store when it was made.
//! Refuses: to decide; what a role may do is the permission's, what is theirs is [`Actor::scope`]'s.

use crate::domain::{Assignment, CommuneCode, DeviceId, Role, Submission, UserId};

/// An account acting through a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user: UserId,
    /// Its display name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
    /// The phone or browser session.
    pub device: DeviceId,
}

/// What part of the campaign is an actor's to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All communes.
    Everything,
    /// One commune.
    Commune(CommuneCode),
    /// What was given to, or sent by, this account.
    Own(UserId),
    /// None of the evidence.
    Nothing,
}

impl Actor {
    /// What is theirs to see.
    pub fn scope(&self) -> Scope {
        match (self.role, self.commune) {
            (Role::Admin | Role::Verifier | Role::Viewer, _) => Scope::Everything,
            (Role::CommuneOfficer, Some(commune)) => Scope::Commune(commune),
            (Role::VillageHead, _) => Scope::Own(self.user),
            (Role::CommuneOfficer, None) | (Role::TipOfficer, _) => Scope::Nothing,
        }
    }
}

impl Scope {
    /// Whether `assignment` is within it.
    pub fn holds_assignment(self, assignment: &Assignment) -> bool {
        match self {
            Self::Everything => true,
            Self::Commune(commune) => assignment.commune == commune,
            Self::Own(user) => assignment.assignee == Some(user),
            Self::Nothing => false,
        }
    }

    /// Whether `submission` is within it.
    pub fn holds_submission(self, submission: &Submission) -> bool {
        match self {
            Self::Everything => true,
            Self::Commune(commune) => submission.commune == commune,
            Self::Own(user) => submission.submitter == user,
            Self::Nothing => false,
        }
    }
}
