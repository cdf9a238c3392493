//! Looking at accounts: lists and single ones, within the keeper's reach.
//!
//! Invariant: a list goes by folded user name, and a page costs what it shows, not what the store holds, as long as no
//! filter is set.
//! Refuses: to show secrets; whether there are any is all that is told.

use super::Accounts;
use super::keeper::{Keeper, Reach, UserError};
use super::rows::devices_of;
use crate::domain::{CommuneCode, Device, Invitation, Moment, Role, User, UserId, fold};
use crate::store::records::{Invitations, Users, UsersByCommune, UsersByName};
use crate::store::{Range, ReadTables, Reads, StoreError};

/// Which accounts.
#[derive(Debug, Clone, Default)]
pub struct PeopleFilter {
    /// Of this role.
    pub role: Option<Role>,
    /// Of this commune.
    pub commune: Option<CommuneCode>,
    /// With these letters in name or user name, whatever the accents.
    pub letters: String,
}

/// One account with what belongs to it.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub user: User,
    /// Its present enrolment code.
    pub invitation: Option<Invitation>,
}

/// One page of accounts.
#[derive(Debug, Clone)]
pub struct People {
    /// The accounts.
    pub items: Vec<Person>,
    /// The folded user name to go on after; `None` at the end.
    pub next: Option<String>,
}

impl Accounts {
    /// The accounts within the reach of `keeper`, from the one after `after` on.
    pub async fn people(
        &self,
        keeper: Keeper,
        filter: PeopleFilter,
        after: Option<String>,
        limit: usize,
    ) -> Result<People, StoreError> {
        let look = move |view: &crate::store::View<'_>| page(view, keeper, &filter, after, limit);
        self.inner.store.read(look).await
    }

    /// One account and the devices whose sessions go on.
    pub async fn person(&self, keeper: Keeper, id: UserId) -> Result<(Person, Vec<Device>), UserError> {
        let now = self.inner.clock.now();
        let look = move |view: &crate::store::View<'_>| {
            let user = keeper.find(view, id)?;
            let mut devices = devices_of(view, id)?;
            devices.retain(|device| device.family.is_alive(now));
            devices.sort_by_key(|device| std::cmp::Reverse(device.seen_at));
            Ok((with_invitation(view, user)?, devices))
        };
        self.inner.store.read(look).await
    }
}

impl Person {
    /// Until when its enrolment code may still be used.
    pub fn open_invitation(&self, now: Moment) -> Option<Moment> {
        let open = self
            .invitation
            .filter(|invitation| invitation.used.is_none() && now < invitation.expires_at);
        open.map(|invitation| invitation.expires_at)
    }
}

pub(super) fn with_invitation(rows: &impl Reads, user: User) -> Result<Person, StoreError> {
    let invitation = match user.invitation {
        Some(code) => rows.get::<Invitations>(&code)?,
        None => None,
    };
    Ok(Person { user, invitation })
}

fn page(
    rows: &impl Reads,
    keeper: Keeper,
    filter: &PeopleFilter,
    after: Option<String>,
    limit: usize,
) -> Result<People, StoreError> {
    let commune = match keeper.reach() {
        Reach::Nobody => None,
        Reach::Everybody => Some(filter.commune),
        Reach::VillageHeads(own) => {
            Some(Some(own)).filter(|_| filter.commune.is_none_or(|wanted| wanted == own))
        }
    };
    let mut people = People {
        items: Vec::new(),
        next: None,
    };
    let Some(commune) = commune else {
        return Ok(people);
    };
    let letters = fold(&filter.letters);
    for entry in names(rows, commune, after) {
        let (name, id) = entry?;
        let Some(user) = rows.get::<Users>(&id)? else {
            continue;
        };
        let shown = keeper.keeps(user.role, user.commune)
            && filter.role.is_none_or(|role| role == user.role)
            && (letters.is_empty() || name.contains(&letters) || fold(&user.name).contains(&letters));
        if !shown {
            continue;
        }
        if people.items.len() == limit {
            people.next = people.items.last().map(|last| fold(&last.user.username));
            break;
        }
        people.items.push(with_invitation(rows, user)?);
    }
    Ok(people)
}

type Names<'a> = Box<dyn Iterator<Item = Result<(String, UserId), StoreError>> + 'a>;

/// Folded names and ids of everybody, or of one commune, from after `after` on.
fn names(rows: &impl Reads, commune: Option<CommuneCode>, after: Option<String>) -> Names<'_> {
    if let Some(commune) = commune {
        let range = Range::<UsersByCommune>::under(&commune);
        let range = match after {
            Some(after) => range.after(&(commune, after)),
            None => range,
        };
        let rows = rows.scan::<UsersByCommune>(range);
        return Box::new(rows.map(|row| row.map(|((_, name), id)| (name, id))));
    }
    let range = Range::<UsersByName>::all();
    let range = match after {
        Some(after) => range.after(&after),
        None => range,
    };
    Box::new(rows.scan::<UsersByName>(range))
}
