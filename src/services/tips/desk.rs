//! The desk's work: look, open, answer, sort, shred. Every deed is in the audit log, none with its content.
//!
//! Invariant: what is answered to a tip goes to its thread under the next number; the same answer twice is one.
//! Refuses: to open a box. The desk's browsers do that.

use sha2::{Digest, Sha256};

use super::index::{Held, HeldReply, Index};
use super::mailbox::StoredReply;
use super::{TipError, Tips, counts};
use crate::auth::Actor;
use crate::domain::{Day, MailboxId, ReplyId, Slotted, TipCategory, TipFacts, TipId, TipSize, TipState};
use crate::services::audit::{self, Deed};
use crate::store::records::{TipReplies, Tips as TipRows};
use crate::store::{StoreError, Transaction};
use crate::tipbox::ITEM_BYTES;

/// Answers that a tip may have.
const MAX_REPLIES: usize = 100;

/// A tip as the desk sees it in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: TipId,
    /// What is known of it.
    pub facts: TipFacts,
    /// How many answers it has.
    pub replies: usize,
    /// The number that the next answer in its thread bears.
    pub next_answer: u32,
}

/// Which tips, and from where on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListFilter {
    /// Only those in this state.
    pub state: Option<TipState>,
    /// Only those of this thread.
    pub thread: Option<MailboxId>,
    /// Only those behind this one.
    pub after: Option<(Day, TipId)>,
}

/// Which tips to shred at once; those that meet all that is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct PurgeFilter {
    /// In this state.
    pub state: Option<TipState>,
    /// Of this day.
    pub received_on: Option<Day>,
    /// Of this length.
    pub size: Option<TipSize>,
}

/// Tells a repeated answer.
pub(super) fn reply_mark(answer: &[u8]) -> [u8; 32] {
    Sha256::digest(answer).into()
}

fn listed(index: &Index, id: TipId, held: &Held) -> Listed {
    Listed {
        id,
        facts: held.facts,
        replies: held.replies.len(),
        next_answer: index.next_reply(held.facts.mailbox),
    }
}

impl PurgeFilter {
    fn holds(&self, facts: &TipFacts) -> bool {
        self.state.is_none_or(|state| state == facts.state)
            && self.received_on.is_none_or(|day| day == facts.received_on)
            && self.size.is_none_or(|size| size == facts.size)
    }
}

impl Tips {
    fn deed(&self, actor: &Actor, action: &'static str, id: TipId, detail: serde_json::Value) -> Deed {
        Deed {
            at: self.inner.clock.now(),
            by: Some(actor.user),
            action,
            subject: format!("tip/{id}"),
            detail,
        }
    }

    /// Tips by day, the newest first, at most `limit`; and whether there are more.
    pub fn list(&self, filter: ListFilter, limit: usize) -> (Vec<Listed>, bool) {
        let index = self.index();
        let mut found: Vec<Listed> = index
            .all()
            .filter(|(_, held)| filter.state.is_none_or(|state| state == held.facts.state))
            .filter(|(_, held)| filter.thread.is_none_or(|thread| thread == held.facts.mailbox))
            .map(|(id, held)| listed(&index, id, held))
            .filter(|tip| {
                filter
                    .after
                    .is_none_or(|after| (tip.facts.received_on, tip.id) < after)
            })
            .collect();
        found.sort_by_key(|tip| std::cmp::Reverse((tip.facts.received_on, tip.id)));
        let has_more = found.len() > limit;
        found.truncate(limit);
        (found, has_more)
    }

    /// One tip as it stands in the list.
    pub fn listed(&self, id: TipId) -> Result<Listed, TipError> {
        let index = self.index();
        let held = index.tip(id).ok_or(TipError::NotFound)?;
        Ok(listed(&index, id, held))
    }

    /// A tip with its box. Who looked at it is in the log.
    pub async fn take_out(&self, actor: &Actor, id: TipId) -> Result<(Listed, Vec<u8>), TipError> {
        let held = self.index().tip(id).cloned().ok_or(TipError::NotFound)?;
        let facts = held.facts;
        let sealed_box = self
            .in_vault(move |vault| vault.sealed_box(id, held.slot, facts.size))
            .await?;
        let deed = self.deed(actor, "tip.opened", id, serde_json::json!({}));
        self.inner
            .store
            .transact(move |tx| -> Result<(), StoreError> {
                tx.use_last_reserve();
                audit::record(tx, deed)
            })
            .await?;
        Ok((self.listed(id)?, sealed_box))
    }

    /// Adds a sealed answer that bears `number` inside; answers how many there are, and whether this one is new.
    pub async fn reply(
        &self,
        actor: &Actor,
        id: TipId,
        number: u32,
        answer: Vec<u8>,
    ) -> Result<(usize, bool), TipError> {
        let (tips, actor) = (self.clone(), actor.clone());
        Self::to_the_end(async move { tips.reply_uncut(&actor, id, number, answer).await }).await
    }

    async fn reply_uncut(
        &self,
        actor: &Actor,
        id: TipId,
        number: u32,
        answer: Vec<u8>,
    ) -> Result<(usize, bool), TipError> {
        if answer.len() != ITEM_BYTES {
            return Err(TipError::Refused);
        }
        let _turn = self.inner.turn.lock().await;
        let held = self.index().tip(id).cloned().ok_or(TipError::NotFound)?;
        let mark = reply_mark(&answer);
        if held.replies.iter().any(|reply| reply.mark == mark) {
            return Ok((held.replies.len(), false));
        }
        if held.replies.len() >= MAX_REPLIES {
            return Err(TipError::Full);
        }
        // Two officers who answer at once would else seal the same number, and the informant's page would warn.
        if number != self.index().next_reply(held.facts.mailbox) {
            return Err(TipError::Overtaken);
        }
        let reply = HeldReply {
            id: ReplyId(uuid::Uuid::new_v4()),
            number,
            mark,
        };
        let stored = StoredReply {
            tip: id,
            number: reply.number,
            answer,
        };
        let row = self
            .seal(held.slot, *reply.id.0.as_bytes(), stored.write())
            .await?;
        let deed = self.deed(actor, "tip.replied", id, serde_json::json!({}));
        self.inner
            .store
            .transact(move |tx| -> Result<(), StoreError> {
                tx.put::<TipReplies>(&reply.id, &row)?;
                audit::record(tx, deed)
            })
            .await?;
        self.index_mut().add_reply(id, reply);
        Ok((held.replies.len().saturating_add(1), true))
    }

    async fn seal(&self, slot: u32, id: [u8; 16], plain: Vec<u8>) -> Result<Slotted, TipError> {
        self.in_vault(move |vault| {
            let key = vault.key(slot).ok_or(TipError::NotFound)?;
            let sealed = key.seal_row(&id, &plain)?;
            Ok(Slotted { slot, sealed })
        })
        .await
    }

    /// Says how far the desk is with a tip, and what it is about; `None` leaves that as it is.
    pub async fn sort(
        &self,
        actor: &Actor,
        id: TipId,
        state: Option<TipState>,
        category: Option<Option<TipCategory>>,
    ) -> Result<Listed, TipError> {
        let (tips, actor) = (self.clone(), actor.clone());
        Self::to_the_end(async move { tips.sort_uncut(&actor, id, state, category).await }).await
    }

    #[expect(clippy::option_option, reason = "left as it is, none, or this one")]
    async fn sort_uncut(
        &self,
        actor: &Actor,
        id: TipId,
        state: Option<TipState>,
        category: Option<Option<TipCategory>>,
    ) -> Result<Listed, TipError> {
        let _turn = self.inner.turn.lock().await;
        self.notice();
        let now = self.inner.clock.now();
        let held = self.index().tip(id).cloned().ok_or(TipError::NotFound)?;
        let before = held.facts;
        let mut facts = before.after(state.unwrap_or(before.state), now.day());
        facts.category = category.unwrap_or(before.category);
        if facts == before {
            return self.listed(id);
        }
        let row = self.seal(held.slot, *id.0.as_bytes(), facts.to_bytes()).await?;
        let detail = serde_json::json!({
            "state": facts.state.name(),
            "category": facts.category.map(TipCategory::name),
        });
        let deed = self.deed(actor, "tip.sorted", id, detail);
        self.inner
            .store
            .transact(move |tx| -> Result<(), StoreError> { put_facts(tx, id, &row, &before, &facts, deed) })
            .await?;
        self.index_mut().set_facts(id, facts);
        self.listed(id)
    }

    /// Shreds a tip with its answers. One that is gone already is fine.
    pub async fn shred_one(&self, actor: &Actor, id: TipId) -> Result<(), TipError> {
        let deed = self.deed(actor, "tip.shredded", id, serde_json::json!({}));
        let tips = self.clone();
        Self::to_the_end(async move {
            let _turn = tips.inner.turn.lock().await;
            // Somebody else may have shredded it meanwhile; that has its own entry.
            tips.listed(id)?;
            tips.shred(vec![id], Some(deed)).await
        })
        .await
    }

    /// Shreds all that meet `filter`; answers how many.
    pub async fn purge(&self, actor: &Actor, filter: PurgeFilter) -> Result<usize, TipError> {
        let (tips, actor) = (self.clone(), actor.clone());
        Self::to_the_end(async move { tips.purge_uncut(&actor, filter).await }).await
    }

    async fn purge_uncut(&self, actor: &Actor, filter: PurgeFilter) -> Result<usize, TipError> {
        let _turn = self.inner.turn.lock().await;
        let met: Vec<TipId> = {
            let index = self.index();
            let met = index.all().filter(|(_, held)| filter.holds(&held.facts));
            met.map(|(id, _)| id).collect()
        };
        let count = met.len();
        let deed = Deed {
            at: self.inner.clock.now(),
            by: Some(actor.user),
            action: "tips.purged",
            subject: "tips".to_owned(),
            detail: serde_json::json!({
                "count": count,
                "state": filter.state.map(TipState::name),
                "received_on": filter.received_on,
                "size": filter.size.map(TipSize::name),
            }),
        };
        self.shred(met, Some(deed)).await?;
        Ok(count)
    }
}

fn put_facts(
    tx: &mut Transaction<'_>,
    id: TipId,
    row: &Slotted,
    before: &TipFacts,
    facts: &TipFacts,
    deed: Deed,
) -> Result<(), StoreError> {
    tx.put::<TipRows>(&id, row)?;
    counts::recount(tx, facts, before.category, facts.category)?;
    audit::record(tx, deed)
}
