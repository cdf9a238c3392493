//! One transaction: reads that see its own writes, and writes that wait for the group's commit.
//!
//! Invariant: a transaction that ends in an error leaves nothing behind; one that ends well is applied as a whole,
//! together with the others of its group, after everything it depends on is durable.
//! Refuses: to run beside another one. The writer runs them one after the other, so there are no conflicts.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::Arc;

use super::engine::{Batch, Engine, Pair, Pairs, Span};
use super::reads::Reads;
use super::records::{Table, encode, key_bytes};
use super::{MAX_ROW_BYTES, StoreError};
use crate::domain::Change;

/// Something outside the rows that has to be durable before the rows that speak of it: file before row.
pub trait Dependency: Send + Sync {
    /// What two dependencies have in common when settling one settles both.
    fn identity(&self) -> String;
    /// Makes it durable.
    fn settle(&self) -> std::io::Result<()>;
}

/// The open transaction.
pub struct Transaction<'a> {
    engine: &'a dyn Engine,
    group: &'a Batch,
    pub(super) writes: Batch,
    pub(super) dependencies: BTreeMap<String, Arc<dyn Dependency>>,
    pub(super) changes: Vec<Change>,
    pub(super) is_quiet: bool,
    pub(super) uses_last_reserve: bool,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction")
            .field("writes", &self.writes.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Transaction<'a> {
    pub(super) fn new(engine: &'a dyn Engine, group: &'a Batch) -> Self {
        Self {
            engine,
            group,
            writes: Batch::new(),
            dependencies: BTreeMap::new(),
            changes: Vec::new(),
            is_quiet: false,
            uses_last_reserve: false,
        }
    }

    /// Writes a row of at most [`MAX_ROW_BYTES`].
    pub fn put<T: Table>(&mut self, key: &T::Key, value: &T::Value) -> Result<(), StoreError> {
        let (key, value) = (key_bytes::<T>(key), encode::<T>(value)?);
        let bytes = key.len() + value.len();
        if bytes > MAX_ROW_BYTES {
            return Err(StoreError::RowTooLong {
                table: T::NAME,
                bytes,
            });
        }
        self.writes.insert(key, Some(value));
        Ok(())
    }

    /// Removes a row, if it is there.
    pub fn remove<T: Table>(&mut self, key: &T::Key) {
        self.writes.insert(key_bytes::<T>(key), None);
    }

    /// Has `dependency` made durable before this transaction is.
    pub fn depend_on(&mut self, dependency: Arc<dyn Dependency>) {
        self.dependencies.insert(dependency.identity(), dependency);
    }

    /// Leaves this transaction out of the writer's figures: a counter that is read every second would tell when a
    /// citizen wrote.
    pub fn keep_quiet(&mut self) {
        self.is_quiet = true;
    }

    /// Lets this transaction use the last of the reserved disk space: it is small, and without it nobody can look at what
    /// is there.
    pub fn use_last_reserve(&mut self) {
        self.uses_last_reserve = true;
    }

    /// Has `change` announced once this transaction is on disk.
    pub fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }
}

impl Reads for Transaction<'_> {
    fn bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key).or_else(|| self.group.get(key)) {
            Some(written) => Ok(written.clone()),
            None => self.engine.get(key),
        }
    }

    fn pairs(&self, span: &Span) -> Pairs<'_> {
        let within = || span.start.clone()..span.end.clone();
        let mut written: BTreeMap<&[u8], Option<&[u8]>> = BTreeMap::new();
        for batch in [self.group, &self.writes] {
            written.extend(
                batch
                    .range(within())
                    .map(|(key, value)| (key.as_slice(), value.as_deref())),
            );
        }
        if written.is_empty() {
            return self.engine.range(span);
        }
        Box::new(laid_over(
            self.engine.range(span),
            written.into_iter().collect(),
            span.backwards,
        ))
    }
}

/// `stored` pairs with other values laid over them; `None` hides a row. Both in the same order, `written` forwards.
pub(super) fn laid_over<'a>(
    stored: Pairs<'a>,
    mut written: Vec<(&'a [u8], Option<&'a [u8]>)>,
    backwards: bool,
) -> impl Iterator<Item = Result<Pair, StoreError>> + 'a {
    if backwards {
        written.reverse();
    }
    Merged {
        stored: stored.peekable(),
        written: written.into_iter().peekable(),
        backwards,
    }
}

/// Stored pairs with unapplied writes laid over them, in key order.
struct Merged<'a, W: Iterator<Item = (&'a [u8], Option<&'a [u8]>)>> {
    stored: Peekable<Pairs<'a>>,
    written: Peekable<W>,
    backwards: bool,
}

impl<'a, W: Iterator<Item = (&'a [u8], Option<&'a [u8]>)>> Iterator for Merged<'a, W> {
    type Item = Result<Pair, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let order = match (self.stored.peek(), self.written.peek()) {
                (Some(Err(_)), _) | (Some(_), None) => return self.stored.next(),
                (None, None) => return None,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(Ok((stored, _))), Some((written, _))) => {
                    let order = stored.as_slice().cmp(written);
                    if self.backwards { order.reverse() } else { order }
                }
            };
            match order {
                std::cmp::Ordering::Less => return self.stored.next(),
                // The write replaces the stored pair.
                std::cmp::Ordering::Equal => drop(self.stored.next()),
                std::cmp::Ordering::Greater => {}
            }
            if let Some((key, Some(value))) = self.written.next() {
                return Some(Ok((key.to_vec(), value.to_vec())));
            }
        }
    }
}
