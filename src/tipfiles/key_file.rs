//! The key file: fixed slots beside the rows, because removed rows stay in the database's log for a long time.
//!
//! One header of 4,096 bytes with the installation's own seed and the file's generation, then slots of 64 bytes, in chunks of 64. A slot is a
//! mark (1 used, 0 free), 15 zeros, the key, and the front of a SHA-256 over all that and its number. It never lies
//! across two sectors, so a power cut leaves the old or the new slot, or one whose checksum does not hold.
//! Invariant: a key is durable before [`KeyFile::take`] returns, and gone from the file before [`KeyFile::overwrite`]
//! does; a slot is given out again only after [`KeyFile::release`].
//! Refuses: a file whose header does not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::set_day;
use crate::disk::sync_directory;
use crate::domain::{Day, KeyGeneration};

/// Its name in the data directory.
pub const KEY_FILE: &str = "tip-keys";

const HEADER_BYTES: usize = 4_096;
const SLOT_BYTES: usize = 64;
const CHUNK_SLOTS: u32 = 64;
/// So many slots are free before one is taken.
const LEAST_FREE: usize = 32;
const MAGIC: &[u8; 16] = b"minhchung keys 1";
const SUM_BYTES: usize = 16;

/// Drawn at a start; zeros are none.
type Run = [u8; 16];
const NO_RUN: Run = [0; 16];

/// The open key file.
pub struct KeyFile {
    file: File,
    head: Head,
    used: BTreeMap<u32, [u8; 32]>,
    free: BTreeSet<u32>,
    torn: Vec<u32>,
    slots: u32,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile")
            .field("slots", &self.slots)
            .field("used", &self.used.len())
            .finish_non_exhaustive()
    }
}

fn sum(parts: &[&[u8]]) -> [u8; SUM_BYTES] {
    let hash: [u8; 32] = parts
        .iter()
        .fold(Sha256::new(), Digest::chain_update)
        .finalize()
        .into();
    hash.first_chunk().copied().unwrap_or_default()
}

/// The bytes of a slot; free ones hold zeros where the key was.
fn slot_bytes(number: u32, key: Option<&[u8; 32]>) -> Vec<u8> {
    let mut bytes = vec![u8::from(key.is_some())];
    bytes.resize(16, 0);
    bytes.extend_from_slice(key.unwrap_or(&[0; 32]));
    let sum = sum(&[&bytes, &number.to_le_bytes()]);
    bytes.extend_from_slice(&sum);
    bytes
}

fn key_in(number: u32, bytes: &[u8]) -> Option<[u8; 32]> {
    let key: [u8; 32] = bytes.get(16..48)?.try_into().ok()?;
    (bytes == slot_bytes(number, Some(&key))).then_some(key)
}

fn offset(slot: u32) -> u64 {
    let (header, slot_bytes) = (HEADER_BYTES, SLOT_BYTES);
    u64::from(slot) * u64::try_from(slot_bytes).unwrap_or(0) + u64::try_from(header).unwrap_or(0)
}

/// What stands before the slots.
#[derive(Debug, Clone, Copy)]
struct Head {
    seed: [u8; 32],
    start: u64,
    changes: u64,
    run: Run,
    previous: Run,
}

impl Head {
    /// One that has not seen a start.
    const fn around(seed: [u8; 32]) -> Self {
        Self {
            seed,
            start: 0,
            changes: 0,
            run: NO_RUN,
            previous: NO_RUN,
        }
    }

    /// In whichever form it was written.
    fn read(front: &[u8]) -> Option<Self> {
        let (_, rest) = front.split_first_chunk::<16>()?;
        let (seed, rest) = rest.split_first_chunk::<32>()?;
        let (start, rest) = rest.split_first_chunk::<8>()?;
        let (changes, rest) = rest.split_first_chunk::<8>()?;
        let (run, rest) = rest.split_first_chunk::<16>()?;
        let (previous, _) = rest.split_first_chunk::<16>()?;
        let first = Self::around(*seed);
        let counted = Self {
            start: u64::from_le_bytes(*start),
            changes: u64::from_le_bytes(*changes),
            ..first
        };
        let whole = Self {
            run: *run,
            previous: *previous,
            ..counted
        };
        if front == whole.to_bytes() {
            Some(whole)
        } else if front == counted_header(seed, counted.start, counted.changes) {
            Some(counted)
        } else {
            (front == first_header(seed)).then_some(first)
        }
    }

    /// Within one sector, so that a power cut leaves the old or the new one.
    fn to_bytes(self) -> Vec<u8> {
        summed(&[
            MAGIC,
            &self.seed,
            &self.start.to_le_bytes(),
            &self.changes.to_le_bytes(),
            &self.run,
            &self.previous,
        ])
    }
}

/// The header before a start drew anything.
fn counted_header(seed: &[u8; 32], start: u64, changes: u64) -> Vec<u8> {
    summed(&[MAGIC, seed, &start.to_le_bytes(), &changes.to_le_bytes()])
}

/// The header before generations were written down.
fn first_header(seed: &[u8; 32]) -> Vec<u8> {
    summed(&[MAGIC, seed])
}

fn summed(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = parts.concat();
    let sum = sum(&[&bytes]);
    bytes.extend_from_slice(&sum);
    bytes.resize(HEADER_BYTES, 0);
    bytes
}

impl KeyFile {
    /// Where the key file of a data directory is.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(KEY_FILE)
    }

    /// Opens the key file of `data_dir`; one that is not there yet is made around `seed`.
    pub fn open(data_dir: &Path, seed: [u8; 32], today: Day) -> io::Result<Self> {
        let path = Self::path(data_dir);
        if !path.try_exists()? {
            let draft = data_dir.join("tip-keys.new");
            let file = private(&draft)?;
            file.set_len(0)?;
            file.write_all_at(&Head::around(seed).to_bytes(), 0)?;
            set_day(&file, today)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            sync_directory(data_dir)?;
        }
        let file = private(&path)?;
        let damaged = || io::Error::other("the tip line's key file is damaged at its head");
        let mut front = vec![0; HEADER_BYTES];
        file.read_exact_at(&mut front, 0).map_err(|_short| damaged())?;
        let mut opened = Self {
            head: Head::read(&front).ok_or_else(damaged)?,
            used: BTreeMap::new(),
            free: BTreeSet::new(),
            torn: Vec::new(),
            slots: 0,
            file,
        };
        opened.read_slots()?;
        Ok(opened)
    }

    /// Which state of the file this is.
    pub fn generation(&self) -> KeyGeneration {
        KeyGeneration {
            installation: sum(&[b"installation", &self.head.seed]),
            start: self.head.start,
            changes: self.head.changes,
            run: self.head.run,
        }
    }

    /// The run after which this one began.
    pub const fn previous(&self) -> [u8; 16] {
        self.head.previous
    }

    /// Whether it was made just now, or by a start that got no further than that.
    pub fn is_untouched(&self) -> bool {
        let head = &self.head;
        head.start == 0 && head.changes == 0 && head.run == NO_RUN && self.used.is_empty()
    }

    /// Begins another generation after `rows`, and clears away what a power cut tore.
    pub fn begin(&mut self, rows: KeyGeneration, today: Day) -> io::Result<()> {
        for slot in std::mem::take(&mut self.torn) {
            self.file.write_all_at(&slot_bytes(slot, None), offset(slot))?;
        }
        self.head = Head {
            seed: self.head.seed,
            start: rows.start.saturating_add(1),
            changes: 0,
            run: rand::random(),
            previous: rows.run,
        };
        self.settle(today)
    }

    /// Sets it back to the generation of `rows`, from which no key came or went.
    pub fn resume(&mut self, rows: KeyGeneration, today: Day) -> io::Result<()> {
        self.head = Head {
            seed: self.head.seed,
            start: rows.start,
            changes: rows.changes,
            run: rows.run,
            // Whichever that was, it is not asked for again: the rows are at least as far.
            previous: rows.run,
        };
        self.settle(today)
    }

    /// Slots whose checksum does not hold were being written when the power went: nobody was told of them, or they were
    /// being overwritten. They are overwritten when the file is known to be the right one.
    fn read_slots(&mut self) -> io::Result<()> {
        let bytes = self.file.metadata()?.len().saturating_sub(offset(0));
        let slots = bytes / u64::try_from(SLOT_BYTES).unwrap_or(1);
        self.slots = u32::try_from(slots).map_err(io::Error::other)?;
        for number in 0..self.slots {
            let mut slot = vec![0; SLOT_BYTES];
            self.file.read_exact_at(&mut slot, offset(number))?;
            if let Some(key) = key_in(number, &slot) {
                self.used.insert(number, key);
                continue;
            }
            if slot != slot_bytes(number, None) {
                self.torn.push(number);
            }
            self.free.insert(number);
        }
        Ok(())
    }

    /// The installation's own secret, from which the keys for puzzles, padding and marks follow.
    pub const fn seed(&self) -> &[u8; 32] {
        &self.head.seed
    }

    /// The key in a slot.
    pub fn key(&self, slot: u32) -> Option<&[u8; 32]> {
        self.used.get(&slot)
    }

    /// The slots that hold keys.
    pub fn used(&self) -> impl Iterator<Item = u32> + '_ {
        self.used.keys().copied()
    }

    /// Puts `key` into a free slot, any of many: their numbers stand beside the tips and must not tell an order.
    pub fn take(&mut self, key: [u8; 32], today: Day) -> io::Result<u32> {
        if self.free.len() < LEAST_FREE {
            self.grow()?;
        }
        let any = rand::random_range(0..self.free.len());
        let slot = self.free.iter().nth(any).copied();
        let slot = slot.ok_or_else(|| io::Error::other("no slot"))?;
        self.free.remove(&slot);
        self.file
            .write_all_at(&slot_bytes(slot, Some(&key)), offset(slot))?;
        self.head.changes = self.head.changes.saturating_add(1);
        self.settle(today)?;
        self.used.insert(slot, key);
        Ok(slot)
    }

    fn grow(&mut self) -> io::Result<()> {
        let until = self
            .slots
            .checked_add(CHUNK_SLOTS)
            .ok_or_else(|| io::Error::other("too many slots"))?;
        let chunk: Vec<u8> = (self.slots..until)
            .flat_map(|slot| slot_bytes(slot, None))
            .collect();
        self.file.write_all_at(&chunk, offset(self.slots))?;
        self.free.extend(self.slots..until);
        self.slots = until;
        Ok(())
    }

    /// Overwrites the keys in `slots`, which stay taken. One sync for all of them.
    pub fn overwrite(&mut self, slots: &[u32], today: Day) -> io::Result<()> {
        for slot in slots {
            self.file.write_all_at(&slot_bytes(*slot, None), offset(*slot))?;
        }
        self.head.changes = self.head.changes.saturating_add(1);
        self.settle(today)?;
        for slot in slots {
            self.used.remove(slot);
        }
        Ok(())
    }

    /// Lets overwritten slots be taken again, now that no row speaks of them.
    pub fn release(&mut self, slots: &[u32]) {
        self.free
            .extend(slots.iter().filter(|slot| !self.used.contains_key(slot)));
    }

    /// Writes the head as it is, so that the file was last changed now.
    pub fn touch(&mut self, today: Day) -> io::Result<()> {
        self.settle(today)
    }

    fn settle(&self, today: Day) -> io::Result<()> {
        self.file.write_all_at(&self.head.to_bytes(), 0)?;
        set_day(&self.file, today)?;
        self.file.sync_data()
    }
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day::from_number(20_500);

    #[test]
    fn keys_stay_in_their_slots_and_an_overwritten_one_is_nowhere_in_the_file() {
        let home = tempfile::tempdir().unwrap();
        let mut file = KeyFile::open(home.path(), [3; 32], TODAY).unwrap();
        let slots: Vec<u32> = (0..100_u8)
            .map(|key| file.take([key + 10; 32], TODAY).unwrap())
            .collect();
        assert_ne!(slots, (0..100).collect::<Vec<_>>(), "the numbers tell no order");
        let gone = [slots[7], slots[8]];
        file.overwrite(&gone, TODAY).unwrap();
        assert!(
            !gone.contains(&file.take([200; 32], TODAY).unwrap()),
            "not released yet"
        );
        file.release(&gone);
        drop(file);

        let bytes = fs::read(KeyFile::path(home.path())).unwrap();
        assert_eq!(bytes.len(), 4_096 + 192 * 64);
        assert!(!bytes.windows(32).any(|window| window == [17; 32]));
        let mut file = KeyFile::open(home.path(), [9; 32], TODAY).unwrap();
        assert_eq!(file.seed(), &[3; 32]);
        assert_eq!(file.key(slots[6]), Some(&[16; 32]));
        assert_eq!((file.key(gone[0]), file.used().count()), (None, 99));
        let again = file.take([201; 32], TODAY).unwrap();
        assert_eq!(file.key(again), Some(&[201; 32]));
    }

    #[test]
    fn a_torn_slot_is_free_and_overwritten_after_a_start_and_a_torn_head_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let mut file = KeyFile::open(home.path(), [3; 32], TODAY).unwrap();
        let torn = file.take([5; 32], TODAY).unwrap();
        let whole = file.take([6; 32], TODAY).unwrap();
        file.file.write_all_at(&[0xEE; 20], offset(torn)).unwrap();
        drop(file);
        let file = KeyFile::open(home.path(), [0; 32], TODAY).unwrap();
        assert_eq!((file.key(torn), file.key(whole)), (None, Some(&[6; 32])));
        let before = file.generation();
        let mut file = file;
        file.begin(before, TODAY).unwrap();
        let bytes = fs::read(KeyFile::path(home.path())).unwrap();
        assert!(!bytes.windows(8).any(|window| window == [0xEE; 8]));
        let again = KeyFile::open(home.path(), [0; 32], TODAY).unwrap().generation();
        assert_eq!(
            (before.changes, again.start, again.changes),
            (2, before.start + 1, 0)
        );
        assert_eq!(again.installation, before.installation);
        assert_eq!((again.run, before.run), (file.generation().run, NO_RUN));
        assert_ne!(again.run, NO_RUN);
        file.file.write_all_at(&[1], 20).unwrap();
        drop(file);
        assert!(KeyFile::open(home.path(), [0; 32], TODAY).is_err());
    }

    #[test]
    fn heads_of_earlier_versions_are_read_and_the_next_start_writes_its_own() {
        for (front, counted) in [
            (first_header(&[3; 32]), (0, 0)),
            (counted_header(&[3; 32], 7, 4), (7, 4)),
        ] {
            let home = tempfile::tempdir().unwrap();
            fs::write(KeyFile::path(home.path()), front).unwrap();
            let mut file = KeyFile::open(home.path(), [0; 32], TODAY).unwrap();
            let before = file.generation();
            assert_eq!(
                (before.start, before.changes, before.run),
                (counted.0, counted.1, NO_RUN)
            );
            file.begin(before, TODAY).unwrap();
            let again = KeyFile::open(home.path(), [0; 32], TODAY).unwrap();
            assert_eq!(again.seed(), &[3; 32]);
            assert_eq!(
                (again.generation(), again.previous()),
                (file.generation(), NO_RUN)
            );
            assert_eq!(
                (again.generation().start, again.is_untouched()),
                (counted.0 + 1, false)
            );
        }
    }
}
