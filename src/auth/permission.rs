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
