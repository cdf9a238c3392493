//! What is where: every tip's facts, and which boxes belong to one thread. In memory alone.
//!
//! Invariant: it equals what the rows say once they are opened; it is changed after the rows are.
//! Refuses: to be written anywhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Day, MailboxId, ReplyId, TipChannel, TipFacts, TipId, TipState};

/// A tip as it is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) slot: u32,
    pub(super) facts: TipFacts,
    pub(super) replies: Vec<HeldReply>,
}

/// An answer as it is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldReply {
    pub(super) id: ReplyId,
    /// Its place in the thread.
    pub(super) number: u32,
    /// Tells a repeat.
    pub(super) mark: [u8; 32],
}

/// The index.
#[derive(Debug, Default)]
pub(super) struct Index {
    tips: BTreeMap<TipId, Held>,
    threads: BTreeMap<MailboxId, BTreeSet<TipId>>,
    bytes: u64,
}

fn stored_bytes(facts: &TipFacts) -> u64 {
    u64::try_from(facts.size.box_bytes()).unwrap_or(u64::MAX)
}

impl Index {
    pub(super) fn insert(&mut self, id: TipId, held: Held) {
        self.bytes = self.bytes.saturating_add(stored_bytes(&held.facts));
        self.threads.entry(held.facts.mailbox).or_default().insert(id);
        self.tips.insert(id, held);
    }

    pub(super) fn remove(&mut self, id: TipId) {
        if let Some(held) = self.tips.remove(&id) {
            self.bytes = self.bytes.saturating_sub(stored_bytes(&held.facts));
            if let Some(thread) = self.threads.get_mut(&held.facts.mailbox) {
                thread.remove(&id);
                if thread.is_empty() {
                    self.threads.remove(&held.facts.mailbox);
                }
            }
        }
    }

    pub(super) fn tip(&self, id: TipId) -> Option<&Held> {
        self.tips.get(&id)
    }

    pub(super) fn set_facts(&mut self, id: TipId, facts: TipFacts) {
        if let Some(held) = self.tips.get_mut(&id) {
            held.facts = facts;
        }
    }

    pub(super) fn add_reply(&mut self, id: TipId, reply: HeldReply) {
        if let Some(held) = self.tips.get_mut(&id) {
            held.replies.push(reply);
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (TipId, &Held)> {
        self.tips.iter().map(|(id, held)| (*id, held))
    }

    /// The boxes of a thread, in the order of their days.
    pub(super) fn thread(&self, mailbox: MailboxId) -> Vec<(TipId, &Held)> {
        let ids = self.threads.get(&mailbox).into_iter().flatten();
        let mut found: Vec<_> = ids.filter_map(|id| Some((*id, self.tips.get(id)?))).collect();
        found.sort_by_key(|(id, held)| (held.facts.received_on, *id));
        found
    }

    /// The newest box of a thread that is no note of the desk.
    pub(super) fn last_told(&self, mailbox: MailboxId) -> Option<&Held> {
        let thread = self.thread(mailbox);
        let mut told = thread
            .into_iter()
            .rev()
            .filter(|(_, held)| held.facts.channel != TipChannel::DeskNote);
        told.next().map(|(_, held)| held)
    }

    /// Those of the desk's notes that are about nothing any more once `gone` are gone.
    pub(super) fn notes_without(&self, gone: &[TipId]) -> Vec<TipId> {
        let gone: BTreeSet<TipId> = gone.iter().copied().collect();
        let threads: BTreeSet<MailboxId> = gone
            .iter()
            .filter_map(|id| Some(self.tip(*id)?.facts.mailbox))
            .collect();
        let mut notes = Vec::new();
        for mailbox in threads {
            let left = self
                .thread(mailbox)
                .into_iter()
                .filter(|(id, _)| !gone.contains(id));
            let left: Vec<_> = left.collect();
            let is_note = |(_, held): &(TipId, &Held)| held.facts.channel == TipChannel::DeskNote;
            if left.iter().all(is_note) {
                notes.extend(left.into_iter().map(|(id, _)| id));
            }
        }
        notes
    }

    pub(super) fn boxes_in_thread(&self, mailbox: MailboxId) -> usize {
        self.threads.get(&mailbox).map_or(0, BTreeSet::len)
    }

    /// The number that the next answer in a thread bears; the first is 1.
    pub(super) fn next_reply(&self, mailbox: MailboxId) -> u32 {
        let thread = self.thread(mailbox);
        let numbers = thread
            .iter()
            .flat_map(|(_, held)| &held.replies)
            .map(|reply| reply.number);
        numbers.max().unwrap_or(0).saturating_add(1)
    }

    /// Bytes of all boxes.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Those whose last day has come.
    pub(super) fn due(&self, today: Day) -> Vec<TipId> {
        let due = self.all().filter(|(_, held)| held.facts.purge_on <= today);
        due.map(|(id, _)| id).collect()
    }

    /// Whether something waits that nobody has looked at.
    pub(super) fn has_news(&self) -> bool {
        let waits =
            |held: &Held| held.facts.state == TipState::New && held.facts.channel != TipChannel::DeskNote;
        self.tips.values().any(waits)
    }
}
