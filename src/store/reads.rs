//! Typed reading, the same for a view of the store and inside a transaction.
//!
//! Invariant: a range never leaves its table.
//! Refuses: to load a table as a whole; ranges are iterators.

use std::marker::PhantomData;

use super::StoreError;
use super::engine::{Pairs, Span};
use super::keys::Key;
use super::records::{Table, decode, key_bytes, read_key};

/// Something that rows can be read from.
pub trait Reads {
    /// The value bytes of one key.
    fn bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// The pairs of a span.
    fn pairs(&self, span: &Span) -> Pairs<'_>;
}

/// Which rows of a table, and in which order.
#[derive(Debug)]
pub struct Range<T> {
    span: Span,
    table: PhantomData<T>,
}

impl<T: Table> Range<T> {
    /// All rows.
    pub fn all() -> Self {
        Self::under(&())
    }

    /// The rows whose keys begin with `part`: the first part of the key, or a tuple of its first parts.
    pub fn under<P: Key>(part: &P) -> Self {
        let mut start = vec![T::PREFIX];
        part.write(&mut start);
        let end = after_all_under(&start);
        Self {
            span: Span {
                start,
                end,
                backwards: false,
            },
            table: PhantomData,
        }
    }

    /// From the end to the start.
    pub fn backwards(mut self) -> Self {
        self.span.backwards = true;
        self
    }

    /// Only rows at or after the place where `part` would stand.
    pub fn from<P: Key>(mut self, part: &P) -> Self {
        let mut start = vec![T::PREFIX];
        part.write(&mut start);
        self.span.start = self.span.start.max(start);
        self
    }

    /// Only rows before the place where `part` would stand.
    pub fn until<P: Key>(mut self, part: &P) -> Self {
        let mut end = vec![T::PREFIX];
        part.write(&mut end);
        self.span.end = self.span.end.min(end);
        self
    }

    /// Only rows that come after `key` in the order of reading.
    pub fn after(mut self, key: &T::Key) -> Self {
        let mut bytes = key_bytes::<T>(key);
        if self.span.backwards {
            self.span.end = self.span.end.min(bytes);
        } else {
            bytes.push(0);
            self.span.start = self.span.start.max(bytes);
        }
        self
    }
}

/// The first key after every key that begins with `prefix`.
fn after_all_under(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

/// Typed reading over [`Reads`].
pub trait ReadTables: Reads {
    /// The row under `key`.
    fn get<T: Table>(&self, key: &T::Key) -> Result<Option<T::Value>, StoreError> {
        self.bytes(&key_bytes::<T>(key))?
            .map(|bytes| decode::<T>(&bytes))
            .transpose()
    }

    /// Whether there is a row under `key`.
    fn has<T: Table>(&self, key: &T::Key) -> Result<bool, StoreError> {
        Ok(self.bytes(&key_bytes::<T>(key))?.is_some())
    }

    /// The rows of a range.
    fn scan<T: Table>(
        &self,
        range: Range<T>,
    ) -> impl Iterator<Item = Result<(T::Key, T::Value), StoreError>> + '_ {
        let span = range.span;
        let empty = span.start >= span.end;
        let pairs: Pairs<'_> = if empty {
            Box::new(std::iter::empty())
        } else {
            self.pairs(&span)
        };
        pairs.map(|pair| pair.and_then(|(key, value)| Ok((read_key::<T>(&key)?, decode::<T>(&value)?))))
    }

    /// The keys of a range.
    fn keys<T: Table>(&self, range: Range<T>) -> impl Iterator<Item = Result<T::Key, StoreError>> + '_ {
        let span = range.span;
        let empty = span.start >= span.end;
        let pairs: Pairs<'_> = if empty {
            Box::new(std::iter::empty())
        } else {
            self.pairs(&span)
        };
        pairs.map(|pair| pair.and_then(|(key, _)| read_key::<T>(&key)))
    }
}

impl<R: Reads + ?Sized> ReadTables for R {}
