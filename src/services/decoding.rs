//! Memory for decoding pictures, shared by everybody who decodes.
//!
//! Invariant: what is being decoded at one time takes no more than the largest single decode may, however many want to.
//! Refuses: to judge whether a decode is worth it. It makes them wait for each other, on threads that may wait.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::media::MAX_DECODE_BYTES;

/// The memory; clones share it.
#[derive(Debug, Clone)]
pub struct DecodeMemory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    free_bytes: Mutex<u64>,
    returned: Condvar,
}

/// A part of it, given back when dropped.
#[derive(Debug)]
pub struct Share {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Default for DecodeMemory {
    fn default() -> Self {
        Self(Arc::new(Shared {
            free_bytes: Mutex::new(MAX_DECODE_BYTES),
            returned: Condvar::new(),
        }))
    }
}

impl DecodeMemory {
    /// Waits for `bytes`. Whoever wants more than there is waits for all of it; its decode is refused afterwards.
    pub fn take(&self, bytes: u64) -> Share {
        let bytes = bytes.min(MAX_DECODE_BYTES);
        let free = self.0.free_bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .0
            .returned
            .wait_while(free, |free| *free < bytes)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= bytes;
        Share {
            shared: Arc::clone(&self.0),
            bytes,
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut free = self
            .shared
            .free_bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *free += self.bytes;
        drop(free);
        self.shared.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn who_finds_too_little_waits_until_it_is_given_back() {
        let memory = DecodeMemory::default();
        let first = memory.take(MAX_DECODE_BYTES - 10);
        let small = memory.take(10);
        let (sender, receiver) = mpsc::channel();
        let other = memory.clone();
        // More than there is at all counts as all of it.
        let waiting = thread::spawn(move || {
            let share = other.take(MAX_DECODE_BYTES * 2);
            sender.send(share.bytes).unwrap();
        });
        drop(first);
        assert!(receiver.try_recv().is_err());
        drop(small);
        assert_eq!(receiver.recv().unwrap(), MAX_DECODE_BYTES);
        waiting.join().unwrap();
        assert_eq!(*memory.0.free_bytes.lock().unwrap(), MAX_DECODE_BYTES);
    }
}
