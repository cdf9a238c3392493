//! A table that never grows beyond its capacity.
//!
//! Invariant: when it is full, the eighth that was touched longest ago makes room, so that an insert is cheap on average
//! and what is in use stays.
//! Refuses: to fail; forgetting a count early is better than refusing honest people for lack of memory.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::Moment;

#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    entries: HashMap<K, (Moment, V)>,
    capacity: usize,
}

impl<K: Eq + Hash, V: Default> Bounded<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            capacity,
        }
    }

    /// What is kept for `key`, without keeping it any longer.
    pub(super) fn peek(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// What is kept for `key`, made if need be, and marked as touched `now`.
    pub(super) fn touch(&mut self, key: K, now: Moment) -> &mut V {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            self.make_room();
        }
        let (touched, value) = self.entries.entry(key).or_insert_with(|| (now, V::default()));
        *touched = now;
        value
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.entries.remove(key);
    }

    fn make_room(&mut self) {
        let mut leaving = (self.capacity / 8).max(1);
        let mut touched: Vec<Moment> = self.entries.values().map(|(touched, _)| *touched).collect();
        let last = touched.len().saturating_sub(1);
        let (_, youngest_leaving, _) = touched.select_nth_unstable(leaving.saturating_sub(1).min(last));
        let limit = *youngest_leaving;
        // Many may share the limit's millisecond; only as many as needed go.
        self.entries.retain(|_, (touched, _)| {
            let goes = *touched <= limit && leaving > 0;
            leaving = leaving.saturating_sub(usize::from(goes));
            !goes
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stays_within_its_capacity_and_drops_what_was_touched_longest_ago() {
        let mut table: Bounded<u32, u32> = Bounded::new(80);
        for key in 0..80 {
            *table.touch(key, Moment::from_millis(i64::from(key))) = key;
        }
        table.touch(0, Moment::from_millis(1_000));
        table.touch(500, Moment::from_millis(1_001));
        assert_eq!(table.len(), 71);
        assert!(table.peek(&0).is_some());
        assert!((1..=10).all(|key| table.peek(&key).is_none()));
        assert!((11..80).all(|key| table.peek(&key) == Some(&mut key.clone())));
        for key in 0..10_000 {
            table.touch(key, Moment::from_millis(2_000));
            assert!(table.len() <= 80);
        }
        assert!(table.peek(&9_999).is_some());
    }

    #[test]
    fn a_table_for_one_holds_one() {
        let mut table: Bounded<u32, u32> = Bounded::new(1);
        for key in 0..5 {
            table.touch(key, Moment::from_millis(7));
            assert_eq!(table.len(), 1);
        }
    }
}
