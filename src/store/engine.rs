//! The seam to an ordered key-value engine, five functions wide.
//!
//! Invariant: `commit` is all or nothing also across a crash, and everything committed before a successful `sync`
//! survives power loss.
//! Refuses: transactions, locks and types; those are the store's.

use super::StoreError;

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Pairs in key order, or in reverse.
pub type Pairs<'a> = Box<dyn Iterator<Item = Result<Pair, StoreError>> + 'a>;

/// Keys with their new values; `None` removes.
pub type Batch = std::collections::BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Which keys, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first key.
    pub start: Vec<u8>,
    /// The first key that is no longer in it.
    pub end: Vec<u8>,
    /// Read from the end.
    pub backwards: bool,
}

/// An ordered key-value engine.
pub trait Engine: Send + Sync + 'static {
    /// The value of one key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// The pairs of a span.
    fn range(&self, span: &Span) -> Pairs<'_>;
    /// Applies all of `batch`.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;
    /// Makes everything committed so far survive power loss.
    fn sync(&self) -> Result<(), StoreError>;
    /// Bytes on disk, for the operator.
    fn bytes_on_disk(&self) -> Result<u64, StoreError>;
}
