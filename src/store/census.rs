//! A census: how many rows of each table there are, and how many bytes they hold.
//!
//! Invariant: every row is counted once, also one of a table that this program does not know.
//! Refuses: to look into values.

use std::collections::BTreeMap;

use super::records::PREFIXES;

/// The name under which rows of unknown tables are counted.
const UNKNOWN: &str = "Unknown";

/// Rows by table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// How many rows.
    pub rows: u64,
    /// Bytes of all keys and values.
    pub bytes: u64,
    by_prefix: BTreeMap<u8, u64>,
}

impl Census {
    /// Counts one row.
    pub fn count(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        let bytes = u64::try_from(key.len() + value.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
        *self
            .by_prefix
            .entry(key.first().copied().unwrap_or_default())
            .or_default() += 1;
    }

    /// How many rows each table has; tables without rows are left out.
    pub fn tables(&self) -> BTreeMap<String, u64> {
        let mut tables = BTreeMap::new();
        for (prefix, rows) in &self.by_prefix {
            let known = PREFIXES.iter().find(|(known, _)| known == prefix);
            let name = known.map_or(UNKNOWN, |(_, name)| *name);
            *tables.entry(name.to_owned()).or_default() += rows;
        }
        tables
    }
}
