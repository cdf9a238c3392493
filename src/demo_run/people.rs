//! Demo accounts: one of every role, and for each commune of the plan an officer and its village heads.
//!
//! Invariant: names and password are the same in every demo and are printed; accounts that are there stay as they are.
//! Refuses: names of persons; an account is called after its office.

use std::collections::BTreeMap;

use super::plan::{HEADS, Planned};
use super::{Client, ClientError, DemoError};
use crate::campaign::Campaign;
use crate::domain::{CommuneCode, CommuneKind, Role, UserId};
use crate::services::accounts::{Accounts, NewUser};
use futures_util::{StreamExt, TryStreamExt, stream};

/// The password of every demo account. Only demo directories have such accounts.
pub const PASSWORD: &str = "minhchung-demo";

pub(super) const ADMIN: &str = "demo-admin";
pub(super) const VERIFIER: &str = "demo-verifier";

/// Accounts that are made at once; each costs a password's hash.
const AT_ONCE: usize = 2;

/// An account to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name to log in with.
    pub username: String,
    /// What it is for.
    pub role: Role,
    /// Its commune.
    pub commune: Option<String>,
}

/// The demo's accounts.
#[derive(Debug)]
pub(super) struct People {
    /// By user name.
    pub(super) heads: BTreeMap<String, UserId>,
    /// One of each role.
    pub(super) logins: Vec<Login>,
    pub(super) count: usize,
}

/// The user name of a village head.
pub(super) fn head_name(commune: CommuneCode, number: usize) -> String {
    format!("demo-head-{commune}-{}", number + 1)
}

/// Makes what accounts are missing.
pub(super) async fn ensure(
    accounts: &Accounts,
    campaign: &Campaign,
    plan: &[Planned],
) -> Result<People, DemoError> {
    let mut wanted = vec![
        account("demo-admin".to_owned(), "Quản trị (dùng thử)", Role::Admin, None),
        account(
            "demo-verifier".to_owned(),
            "Cán bộ thẩm định (dùng thử)",
            Role::Verifier,
            None,
        ),
        account(
            "demo-viewer".to_owned(),
            "Lãnh đạo (dùng thử)",
            Role::Viewer,
            None,
        ),
        account(
            "demo-tips".to_owned(),
            "Cán bộ tin báo (dùng thử)",
            Role::TipOfficer,
            None,
        ),
    ];
    let mut communes: Vec<CommuneCode> = plan.iter().map(|planned| planned.commune).collect();
    communes.sort_unstable();
    communes.dedup();
    for code in communes {
        let name = campaign.commune(code).map_or_else(String::new, |commune| {
            let kind = match commune.kind {
                CommuneKind::Xa => "xã",
                CommuneKind::Phuong => "phường",
            };
            format!("{kind} {}", commune.name)
        });
        let officer = format!("Cán bộ {name} (dùng thử)");
        wanted.push(account(
            format!("demo-officer-{code}"),
            &officer,
            Role::CommuneOfficer,
            Some(code),
        ));
        for number in 0..HEADS {
            let head = format!("Trưởng thôn {} {name} (dùng thử)", number + 1);
            let mut new = account(head_name(code, number), &head, Role::VillageHead, Some(code));
            // Phones join by code, as in the field; one head can also be tried with the password.
            if number > 0 {
                new.password = None;
            }
            wanted.push(new);
        }
    }
    let count = wanted.len();
    let users: Vec<_> = stream::iter(wanted)
        .map(|new| accounts.ensure_user(new))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut people = People {
        heads: BTreeMap::new(),
        logins: Vec::new(),
        count,
    };
    for user in users {
        if user.password.is_some() && people.logins.iter().all(|login| login.role != user.role) {
            let commune = user.commune.and_then(|code| campaign.commune(code));
            people.logins.push(Login {
                username: user.username.clone(),
                role: user.role,
                commune: commune.map(|commune| format!("{} {}", commune.code, commune.name)),
            });
        }
        if user.role == Role::VillageHead {
            people.heads.insert(user.username, user.id);
        }
    }
    Ok(people)
}

fn account(username: String, name: &str, role: Role, commune: Option<CommuneCode>) -> NewUser {
    NewUser {
        id: None,
        username,
        name: name.to_owned(),
        role,
        commune,
        password: Some(PASSWORD.to_owned()),
    }
}

/// A session of a demo account.
pub(super) async fn sign_in(client: &Client, username: &str) -> Result<Client, ClientError> {
    let own = client.stranger();
    own.sign_in(username, PASSWORD, "demo").await?;
    Ok(own)
}

impl People {
    /// A code that nobody has used, for the first village head; and whose it is.
    pub(super) async fn open_code(&self, admin: &Client) -> Result<(String, String), DemoError> {
        let (username, id) = self
            .heads
            .first_key_value()
            .ok_or_else(|| DemoError::Missing("there is no village head".to_owned()))?;
        let invitation = admin.invite(*id).await?;
        Ok((invitation.code, username.clone()))
    }
}
