//! Permissions: what each role may do, as types that handlers name in their arguments.
//!
//! Invariant: an operation is reachable only through one of these types, and the specification prints their roles;
//! the role matrix test tries every operation as every role against them.
//! Refuses: to say whose records these are; see [`super::Scope`].

use crate::domain::Role;

/// A set of roles that may do something.
pub trait Permission: 'static {
    /// The roles.
    const ROLES: &'static [Role];
    /// Whether it is also for those who still have to set up their second factor.
    const BEFORE_TOTP: bool = false;

    /// Whether `role` is among them.
    fn allows(role: Role) -> bool {
        Self::ROLES.contains(&role)
    }
}

macro_rules! permission {
    ($(#[$doc:meta])* $name:ident: $($role:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl Permission for $name {
            const ROLES: &'static [Role] = &[$(Role::$role),+];
        }
    };
}

/// Ends their own session; open to those who still have to set up their second factor.
#[derive(Debug, Clone, Copy)]
pub enum Leaver {}

impl Permission for Leaver {
    const ROLES: &'static [Role] = Anyone::ROLES;
    const BEFORE_TOTP: bool = true;
}

/// Sets up a second factor, for which the session of somebody who lacks a required one is good and no more.
#[derive(Debug, Clone, Copy)]
pub enum OfficeNewcomer {}

impl Permission for OfficeNewcomer {
    const ROLES: &'static [Role] = &[
        Role::Admin,
        Role::Verifier,
        Role::CommuneOfficer,
        Role::Viewer,
        Role::TipOfficer,
    ];
    const BEFORE_TOTP: bool = true;
}

permission!(
    /// Anybody with an account.
    Anyone: Admin, Verifier, CommuneOfficer, VillageHead, Viewer, TipOfficer
);
permission!(
    /// Sends and withdraws evidence.
    FieldWorker: VillageHead, CommuneOfficer
);
permission!(
    /// Sees assignments, evidence and completion, each within their scope.
    Reader: Admin, Verifier, CommuneOfficer, VillageHead, Viewer
);
permission!(
    /// Decides on evidence.
    Reviewer: Admin, Verifier
);
permission!(
    /// Makes and changes the plan within their scope.
    Planner: Admin, CommuneOfficer
);
permission!(
    /// Adds to the plan: planners, and village heads by proposal.
    Proposer: Admin, CommuneOfficer, VillageHead
);
permission!(
    /// Looks after accounts and phones within their scope.
    PeopleKeeper: Admin, CommuneOfficer
);
permission!(
    /// Works at the tip desk. Nobody else, whatever their rank.
    TipDesk: TipOfficer
);
permission!(
    /// Sees what was done to the evidence, and by whom, within their scope.
    Overseer: Admin, Verifier, CommuneOfficer, Viewer
);
