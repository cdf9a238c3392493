//! A mailbox: what waits there for whoever has the receipt.
//!
//! Invariant: an unknown mailbox and an empty one look like any other; the number of items is a multiple of four, and
//! what fills them up stays the same.
//! Refuses: to say whether there is one, and to count visits.

use std::sync::Arc;

use super::{TipError, Tips};
use crate::domain::{MailboxId, TipChannel, TipId};
use crate::store::records::TipReplies;
use crate::store::{ReadTables, StoreError};
use crate::tipbox::boxes;

/// Items come in these numbers.
const MULTIPLE: usize = 4;

impl Tips {
    /// The pins of the informant's own boxes (also of those that an officer wrote down: the caller has the receipt), then the answers in the order in which they were written, then what
    /// fills them up.
    pub async fn mailbox(&self, mailbox: MailboxId) -> Result<Vec<Vec<u8>>, TipError> {
        let (own, mut answers) = {
            let index = self.index();
            let thread = index.thread(mailbox);
            let own = thread
                .iter()
                .filter(|(_, held)| held.facts.channel != TipChannel::DeskNote);
            let own: Vec<_> = own.map(|(id, held)| (*id, held.slot)).collect();
            let answers = thread
                .iter()
                .flat_map(|(_, held)| held.replies.iter().map(|reply| (*reply, held.slot)));
            (own, answers.collect::<Vec<_>>())
        };
        answers.sort_by_key(|(reply, _)| reply.number);
        let rows = answers.clone();
        let rows = self
            .inner
            .store
            .read(move |view| -> Result<Vec<_>, TipError> {
                let found = rows
                    .iter()
                    .map(|(reply, slot)| Ok((*reply, *slot, view.get::<TipReplies>(&reply.id)?)));
                found.collect()
            })
            .await?;
        let mut items = self
            .in_vault(move |vault| {
                let mut items = Vec::new();
                for (id, slot) in own {
                    // One that is being shredded at this moment is no longer there.
                    match vault.head(id, slot) {
                        Ok(head) => items.push(boxes::pin(&head)?.to_vec()),
                        Err(TipError::NotFound) => {}
                        Err(error) => return Err(error),
                    }
                }
                for (reply, slot, row) in rows {
                    let opened = vault.key(slot).zip(row).and_then(|(key, row)| {
                        let plain = key.open_row(reply.id.0.as_bytes(), &row.sealed).ok()?;
                        StoredReply::read(&plain).map(|stored| stored.answer)
                    });
                    items.extend(opened);
                }
                Ok(items)
            })
            .await?;
        // All that could be needed are made, whatever is: making them takes time that would tell how many there were.
        let inner = Arc::clone(&self.inner);
        let first = items.len() - items.len() % MULTIPLE;
        let fillers = tokio::task::spawn_blocking(move || {
            let places = first..first + MULTIPLE;
            let made = places.map(|place| inner.secrets.filler(mailbox, place));
            made.collect::<Result<Vec<_>, _>>()
        });
        let fillers = fillers.await.map_err(|_panicked| StoreError::Panicked)??;
        let there = items.len() % MULTIPLE;
        if items.is_empty() || there > 0 {
            items.extend(fillers.into_iter().skip(there));
        }
        Ok(items)
    }

    /// Shreds everything of a mailbox.
    pub async fn delete_mailbox(&self, mailbox: MailboxId) -> Result<(), TipError> {
        let tips = self.clone();
        Self::to_the_end(async move {
            let _turn = tips.inner.turn.lock().await;
            let ids: Vec<TipId> = {
                let index = tips.index();
                let thread = index.thread(mailbox);
                thread.into_iter().map(|(id, _)| id).collect()
            };
            tips.shred(ids, None).await
        })
        .await
    }
}

/// An answer as it is sealed in its row.
pub(super) struct StoredReply {
    pub(super) tip: TipId,
    pub(super) number: u32,
    pub(super) answer: Vec<u8>,
}

impl StoredReply {
    pub(super) fn write(&self) -> Vec<u8> {
        [
            self.tip.0.as_bytes().as_slice(),
            &self.number.to_le_bytes(),
            &self.answer,
        ]
        .concat()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (tip, rest) = bytes.split_first_chunk::<16>()?;
        let (number, answer) = rest.split_first_chunk::<4>()?;
        Some(Self {
            tip: TipId(uuid::Uuid::from_bytes(*tip)),
            number: u32::from_le_bytes(*number),
            answer: answer.to_vec(),
        })
    }
}
