//! A mailbox: what waits there for whoever has the receipt.
//!
//! Invariant: an unknown mailbox and an empty one look like any other; the number of items is a multiple of four, and
//! what fills them up stays the same.
//! Refuses: to say whether there is one, and to count visits.

use super::{TipError, Tips};
use crate::domain::{MailboxId, TipChannel, TipId};
use crate::store::ReadTables;
use crate::store::records::TipReplies;
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
        while items.is_empty() || items.len() % MULTIPLE != 0 {
            items.push(self.inner.secrets.filler(mailbox, items.len())?);
        }
        Ok(items)
    }

    /// Shreds everything of a mailbox.
    pub async fn delete_mailbox(&self, mailbox: MailboxId) -> Result<(), TipError> {
        let _turn = self.inner.turn.lock().await;
        let ids: Vec<TipId> = self
            .index()
            .thread(mailbox)
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        self.shred(ids, None).await
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
