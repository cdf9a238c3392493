//! Roles of accounts.
//!
//! Invariant: a role's wire name and storage order never change; new roles are added at the end.
//! Refuses: to say what a role may do; `auth::permission` does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation: accounts, plan, everything but tips.
    Admin,
    /// Provincial office: decides on evidence.
    Verifier,
    /// Plans and follows one commune.
    CommuneOfficer,
    /// Photographs what was assigned to them.
    VillageHead,
    /// Sees the whole board, changes nothing.
    Viewer,
    /// Reads tips, nothing else.
    TipOfficer,
}

/// A name that is not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role {0:?}; one of admin, verifier, commune_officer, village_head, viewer, tip_officer")]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Admin,
        Self::Verifier,
        Self::CommuneOfficer,
        Self::VillageHead,
        Self::Viewer,
        Self::TipOfficer,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Verifier => "verifier",
            Self::CommuneOfficer => "commune_officer",
            Self::VillageHead => "village_head",
            Self::Viewer => "viewer",
            Self::TipOfficer => "tip_officer",
        }
    }

    /// Whether an account of this role belongs to one commune and cannot exist without it.
    pub const fn is_of_a_commune(self) -> bool {
        matches!(self, Self::CommuneOfficer | Self::VillageHead)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
