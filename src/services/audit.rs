//! The audit log: every change of state, chained by hashes, written in the same transaction as the change.
//!
//! Invariant: entry `n` carries the hash of entry `n - 1`, and the stored end of the chain names the last one; so an
//! edit, a removal, an insertion or a cut at the end is found.
//! Refuses: to record secrets or the content of tips.

use serde_json::Value;
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{AuditEntry, AuditHead, Moment, UserId};
use crate::store::records::{AuditBySubject, AuditEnd, AuditLog};
use crate::store::{Range, ReadTables, Reads, StoreError, Transaction};

const EMPTY: AuditHead = AuditHead {
    length: 0,
    hash: [0; 32],
};

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When.
    pub at: Moment,
    /// Who; `None` is the server itself or the operator at the command line.
    pub by: Option<UserId>,
    /// What, such as `submission.verified`.
    pub action: &'static str,
    /// To what, such as `submission/0197…`.
    pub subject: String,
    /// The figures of it.
    pub detail: Value,
}

/// Appends `deed` to the log.
pub fn record(tx: &mut Transaction<'_>, deed: Deed) -> Result<(), StoreError> {
    let end = tx.get::<AuditEnd>(&())?.unwrap_or(EMPTY);
    let mut entry = AuditEntry {
        at: deed.at,
        by: deed.by,
        action: deed.action.to_owned(),
        subject: deed.subject,
        detail: deed.detail.to_string(),
        previous: end.hash,
        hash: [0; 32],
    };
    entry.hash = hash(end.length, &entry);
    tx.put::<AuditLog>(&end.length, &entry)?;
    tx.put::<AuditBySubject>(&(entry.subject, end.length), &())?;
    tx.put::<AuditEnd>(
        &(),
        &AuditHead {
            length: end.length + 1,
            hash: entry.hash,
        },
    )
}

/// SHA-256 over the number and every field of the entry but the hash itself, each text behind its length.
fn hash(number: u64, entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Hasher::new();
    hasher.update(b"minhchung audit 1\0");
    hasher.update(entry.previous);
    hasher.update(number.to_be_bytes());
    hasher.update(entry.at.as_millis().to_be_bytes());
    let by = entry.by.map(|user| user.to_string()).unwrap_or_default();
    for text in [&by, &entry.action, &entry.subject, &entry.detail] {
        hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}

/// Where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// An entry is not what was written.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// An entry does not follow the one before it.
    #[error("entry {0} does not follow the entry before it")]
    Unlinked(u64),
    /// The end of the log is not where it should be.
    #[error("the log ends after {found} entries, but {recorded} were recorded")]
    WrongEnd {
        /// Entries that hold.
        found: u64,
        /// Entries that the stored end speaks of.
        recorded: u64,
    },
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The end of the chain as far as it holds.
    pub head: AuditHead,
    /// Where it does not hold; empty when it is whole.
    pub breaks: Vec<ChainBreak>,
}

/// A walk along the chain, entry by entry in their order, for those who go through all rows anyway.
#[derive(Debug)]
pub struct Walk {
    head: AuditHead,
    breaks: Vec<ChainBreak>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            head: EMPTY,
            breaks: Vec::new(),
        }
    }
}

impl Walk {
    /// The next entry.
    pub fn see(&mut self, number: u64, entry: &AuditEntry) {
        if number != self.head.length {
            self.breaks.push(ChainBreak::Missing(self.head.length));
        } else if entry.previous != self.head.hash {
            self.breaks.push(ChainBreak::Unlinked(number));
        }
        if hash(number, entry) != entry.hash {
            self.breaks.push(ChainBreak::Changed(number));
        }
        self.head = AuditHead {
            length: number + 1,
            hash: entry.hash,
        };
    }

    /// The next entry cannot be read.
    pub fn see_unreadable(&mut self) {
        self.breaks.push(ChainBreak::Changed(self.head.length));
        self.head.length += 1;
    }

    /// The end of the log, where the stored `end` says that it is; `None` when nothing is stored.
    pub fn end(mut self, end: Option<AuditHead>) -> Verification {
        let end = end.unwrap_or(EMPTY);
        if end != self.head {
            self.breaks.push(ChainBreak::WrongEnd {
                found: self.head.length,
                recorded: end.length,
            });
        }
        Verification {
            head: self.head,
            breaks: self.breaks,
        }
    }
}

/// Walks the whole chain.
pub fn verify(rows: &impl Reads) -> Result<Verification, StoreError> {
    let mut walk = Walk::default();
    for row in rows.scan::<AuditLog>(Range::all()) {
        match row {
            Ok((number, entry)) => walk.see(number, &entry),
            Err(StoreError::Corrupt { .. }) => walk.see_unreadable(),
            Err(error) => return Err(error),
        }
    }
    Ok(walk.end(rows.get::<AuditEnd>(&())?))
}

/// What is wrong with the index of the audit log: entries that are not listed, and listed ones that are not there.
pub fn index_faults(rows: &impl Reads) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let mut entries = 0_u64;
    for row in rows.scan::<AuditLog>(Range::all()) {
        let (number, entry) = match row {
            Ok(row) => row,
            // The walk along the chain names it.
            Err(StoreError::Corrupt { .. }) => continue,
            Err(error) => return Err(error),
        };
        entries += 1;
        if !rows.has::<AuditBySubject>(&(entry.subject, number))? {
            faults.push(format!("entry {number} is not listed under its subject"));
        }
    }
    let mut listed = 0_u64;
    for key in rows.keys::<AuditBySubject>(Range::all()) {
        key?;
        listed += 1;
    }
    if listed > entries {
        faults.push(format!("{listed} entries are listed, {entries} are there"));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FreeSpace;
    use crate::store::{DataDirectory, Store};

    fn store_with_five_entries() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open(home.path(), 0).unwrap();
        let store = Store::open(&directory, 1 << 20, &FreeSpace::new(home.path(), 0)).unwrap();
        for number in 0..5 {
            let deed = Deed {
                at: Moment::from_millis(number),
                by: None,
                action: "test.done",
                subject: format!("thing/{number}"),
                detail: serde_json::json!({ "number": number }),
            };
            store.transact_now(move |tx| record(tx, deed)).unwrap();
        }
        (home, store)
    }

    fn breaks_after(
        spoil: impl FnOnce(&mut Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Vec<ChainBreak> {
        let (_home, store) = store_with_five_entries();
        assert_eq!(store.read_now(|view| verify(view)).unwrap().breaks, []);
        store.transact_now(spoil).unwrap();
        store.read_now(|view| verify(view)).unwrap().breaks
    }

    #[test]
    fn every_kind_of_tampering_is_found() {
        let edited = breaks_after(|tx| {
            let mut entry = tx.get::<AuditLog>(&2)?.unwrap();
            entry.detail = "{}".into();
            tx.put::<AuditLog>(&2, &entry)
        });
        assert_eq!(edited, [ChainBreak::Changed(2)]);
        let rehashed = breaks_after(|tx| {
            let mut entry = tx.get::<AuditLog>(&2)?.unwrap();
            entry.detail = "{}".into();
            entry.hash = hash(2, &entry);
            tx.put::<AuditLog>(&2, &entry)
        });
        assert_eq!(rehashed, [ChainBreak::Unlinked(3)]);
        let removed = breaks_after(|tx| {
            tx.remove::<AuditLog>(&2);
            Ok(())
        });
        assert_eq!(removed, [ChainBreak::Missing(2)]);
        let cut = breaks_after(|tx| {
            tx.remove::<AuditLog>(&4);
            Ok(())
        });
        assert_eq!(
            cut,
            [ChainBreak::WrongEnd {
                found: 4,
                recorded: 5
            }]
        );
    }
}
