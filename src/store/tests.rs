//! What the store promises, tried on real sled.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::records::{Photos, Tallies};
use super::*;
use crate::domain::{Cell, CellTally, Photo, PictureKind, Sha256, ShelfMonth};

fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let store = Store::open(&directory, 1 << 20, &FreeSpace::new(home.path(), 0)).unwrap();
    (home, store)
}

fn photo(bytes: u64) -> Photo {
    Photo {
        bytes,
        kind: PictureKind::Jpeg,
        width: 1,
        height: 1,
        shelf: ShelfMonth(202_602),
    }
}

#[test]
fn a_failed_or_panicking_transaction_leaves_nothing_and_the_next_one_works() {
    let (_home, store) = store();
    let key = Sha256([1; 32]);
    let failed: Result<(), StoreError> = store.transact_now(move |tx| {
        tx.put::<Photos>(&key, &photo(1))?;
        Err(StoreError::Stopped)
    });
    assert!(matches!(failed, Err(StoreError::Stopped)));
    let panicked: Result<(), StoreError> = store.transact_now(move |tx| {
        tx.put::<Photos>(&key, &photo(2))?;
        panic!("as a bug would")
    });
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    let seen = store.read_now(|view| view.get::<Photos>(&key)).unwrap();
    assert_eq!(seen, None);
    store
        .transact_now(move |tx| tx.put::<Photos>(&key, &photo(3)))
        .unwrap();
    assert_eq!(
        store.read_now(|view| view.get::<Photos>(&key)).unwrap(),
        Some(photo(3))
    );
}

#[test]
fn everything_queued_is_on_disk_after_the_store_was_dropped() {
    let (home, store) = store();
    let waiting: Vec<_> = (0..200_u8)
        .map(|n| {
            store
                .writer
                .submit::<(), StoreError>(move |tx| tx.put::<Photos>(&Sha256([n; 32]), &photo(1)))
        })
        .collect();
    drop(store);
    assert!(
        waiting
            .into_iter()
            .all(|answer| answer.unwrap().blocking_recv().unwrap().is_ok())
    );
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let store = Store::open(&directory, 1 << 20, &FreeSpace::new(home.path(), 0)).unwrap();
    let count = store
        .read_now(|view| Ok::<_, StoreError>(view.keys::<Photos>(Range::all()).count()))
        .unwrap();
    assert_eq!(count, 200);
}

struct Unsettled(AtomicU32);

impl Dependency for Unsettled {
    fn identity(&self) -> String {
        "one".into()
    }

    fn settle(&self) -> io::Result<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(io::Error::other("the directory does not sync"))
    }
}

#[test]
fn rows_are_not_written_when_what_they_depend_on_cannot_be_made_durable() {
    let (_home, store) = store();
    let dependency = Arc::new(Unsettled(AtomicU32::new(0)));
    let handed = Arc::clone(&dependency);
    let result: Result<(), StoreError> = store.transact_now(move |tx| {
        tx.depend_on(handed);
        tx.put::<Photos>(&Sha256([9; 32]), &photo(1))
    });
    assert!(result.is_err());
    assert_eq!(dependency.0.load(Ordering::SeqCst), 1);
    assert_eq!(
        store
            .read_now(|view| view.get::<Photos>(&Sha256([9; 32])))
            .unwrap(),
        None
    );
    assert!(!store.is_broken(), "later writes may go on");
}

#[test]
fn writes_are_refused_before_the_disk_is_full() {
    let home = tempfile::tempdir().unwrap();
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let store = Store::open(&directory, 1 << 20, &FreeSpace::new(home.path(), u64::MAX)).unwrap();
    let result: Result<(), StoreError> =
        store.transact_now(|tx| tx.put::<Photos>(&Sha256([1; 32]), &photo(1)));
    assert!(matches!(result, Err(StoreError::DiskFull(_))));
    let read = store.transact_now(|tx| tx.get::<Photos>(&Sha256([1; 32])));
    assert_eq!(read.unwrap(), None, "what only reads goes on");
}

#[derive(Debug, Clone)]
enum Write {
    Put(u8, u64),
    Remove(u8),
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let put = (0..12_u8, any::<u64>()).prop_map(|(key, value)| Write::Put(key, value));
    proptest::collection::vec(prop_oneof![put, (0..12_u8).prop_map(Write::Remove)], 0..20)
}

fn apply(
    model: &mut BTreeMap<u8, u64>,
    tx: &mut Transaction<'_>,
    writes: &[Write],
) -> Result<(), StoreError> {
    for write in writes {
        match write {
            Write::Put(key, value) => {
                model.insert(*key, *value);
                tx.put::<Photos>(&Sha256([*key; 32]), &photo(*value))?;
            }
            Write::Remove(key) => {
                model.remove(key);
                tx.remove::<Photos>(&Sha256([*key; 32]));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_transaction_reads_its_own_writes_over_the_groups_over_the_stored_ones(
        stored in writes(), group in writes(), own in writes(), from in 0..12_u8, until in 0..12_u8, backwards in any::<bool>(),
    ) {
        let (_home, store) = store();
        let mut model = BTreeMap::new();
        let empty = Batch::new();
        let mut first = Transaction::new(store.engine.as_ref(), &empty);
        apply(&mut model, &mut first, &stored).unwrap();
        store.engine.commit(&first.writes).unwrap();
        let mut second = Transaction::new(store.engine.as_ref(), &empty);
        apply(&mut model, &mut second, &group).unwrap();
        let mut third = Transaction::new(store.engine.as_ref(), &second.writes);
        apply(&mut model, &mut third, &own).unwrap();

        let range = Range::<Photos>::all().from(&Sha256([from; 32])).until(&Sha256([until; 32]));
        let range = if backwards { range.backwards() } else { range };
        let seen: Vec<(u8, u64)> =
            third.scan::<Photos>(range).map(|row| row.map(|(key, value)| (key.0[0], value.bytes)).unwrap()).collect();
        let mut expected: Vec<(u8, u64)> =
            model.into_iter().filter(|(key, _)| *key >= from && *key < until).collect();
        if backwards {
            expected.reverse();
        }
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn a_range_stays_in_its_table_and_goes_on_after_a_key() {
    let (_home, store) = store();
    store
        .transact_now(|tx| {
            for cell in Cell::ALL {
                tx.put::<Tallies>(&("02647".parse().unwrap(), cell), &CellTally::default())?;
                tx.put::<Tallies>(&("02648".parse().unwrap(), cell), &CellTally::default())?;
            }
            tx.put::<Photos>(&Sha256([255; 32]), &photo(1))
        })
        .unwrap();
    let code = "02647".parse().unwrap();
    let cells = |range: Range<Tallies>| {
        let rows = store.read_now(|view| view.keys(range).collect::<Result<Vec<_>, _>>());
        rows.unwrap()
            .into_iter()
            .map(|(_, cell)| cell)
            .collect::<Vec<_>>()
    };
    assert_eq!(cells(Range::under(&code)), Cell::ALL);
    assert_eq!(
        cells(Range::under(&code).after(&(code, Cell::Banner6))),
        Cell::ALL[6..]
    );
    let backwards = Range::under(&code).backwards().after(&(code, Cell::Banner3));
    assert_eq!(cells(backwards), [Cell::Banner2, Cell::Banner1]);
}

/// An engine over sled whose disk stops answering when told so.
struct Failing {
    inner: Sled,
    fails: Arc<AtomicBool>,
}

impl Engine for Failing {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn range(&self, span: &Span) -> Pairs<'_> {
        self.inner.range(span)
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.inner.commit(batch)
    }

    fn sync(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Io(io::Error::other("the disk is gone")));
        }
        self.inner.sync()
    }

    fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        self.inner.bytes_on_disk()
    }
}

#[test]
fn after_a_failed_sync_nobody_is_told_what_may_not_be_on_disk_and_nobody_waits_for_ever() {
    let home = tempfile::tempdir().unwrap();
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let engine = Failing {
        inner: Sled::open(&directory.rows(), 1 << 20).unwrap(),
        fails: Arc::clone(&fails),
    };
    let store = Store::over(Arc::new(engine), &FreeSpace::new(home.path(), 0)).unwrap();
    let put = |number: u8| {
        store.transact_now::<(), StoreError>(move |tx| tx.put::<Photos>(&Sha256([number; 32]), &photo(1)))
    };
    put(1).unwrap();
    fails.store(true, Ordering::SeqCst);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let look = |number: u8| {
        let read = store.read::<_, StoreError>(move |view| view.get::<Photos>(&Sha256([number; 32])));
        runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), read).await })
    };
    // A reader that has seen the new row waits for its sync while that fails.
    let waiting = {
        let store = store.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let seen = store.progress.synced.borrow().saturating_add(1);
            runtime.block_on(store.settled(seen))
        })
    };
    assert!(matches!(put(2), Err(StoreError::Broken)));
    assert!(matches!(waiting.join().unwrap(), Err(StoreError::Broken)));
    assert!(matches!(look(2), Ok(Err(StoreError::Broken))));
    assert!(
        matches!(look(1), Ok(Ok(Some(_)))),
        "what was on disk before stays readable"
    );
    let all =
        store.read::<_, StoreError>(|view| view.scan::<Photos>(Range::all()).collect::<Result<Vec<_>, _>>());
    let all = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), all).await });
    assert!(
        matches!(all, Ok(Err(StoreError::Broken))),
        "a list with the unsynced row in it is not told either"
    );
    fails.store(false, Ordering::SeqCst);
    assert!(
        matches!(put(3), Err(StoreError::Broken)),
        "only a restart tells what is on disk"
    );
}

/// All rows of a snapshot, while `meanwhile` runs after every piece.
fn all_of(mut snapshot: Snapshot, mut meanwhile: impl FnMut()) -> Vec<Pair> {
    let mut rows = Vec::new();
    loop {
        let piece = snapshot.next_piece().unwrap();
        if piece.is_empty() {
            return rows;
        }
        rows.extend(piece);
        meanwhile();
    }
}

#[test]
fn a_snapshot_is_the_rows_of_one_moment_whatever_is_written_while_it_is_read() {
    let (_home, store) = store();
    let write = |numbers: std::ops::Range<u64>, bytes: u64, every: u64| {
        store
            .transact_now::<(), StoreError>(move |tx| {
                for number in numbers.filter(|number| number % every == 0) {
                    let mut hash = [0; 32];
                    hash[..8].copy_from_slice(&number.to_be_bytes());
                    match bytes {
                        0 => tx.remove::<Photos>(&Sha256(hash)),
                        _ => tx.put::<Photos>(&Sha256(hash), &photo(bytes))?,
                    }
                }
                Ok(())
            })
            .unwrap();
    };
    write(0..3000, 7, 2);
    let before = all_of(store.snapshot_now().unwrap(), || {});
    assert_eq!(before.len(), 1500);

    let snapshot = store.snapshot_now().unwrap();
    assert!(matches!(store.snapshot_now(), Err(StoreError::SnapshotTaken)));
    let mut round = 0;
    let seen = all_of(snapshot, || {
        round += 1;
        // Rows behind and ahead of the reading are changed, removed and added.
        write(0..3000, 100 + round, 3);
        write(0..3000, 0, 4);
        write(0..6000, 50, 5);
    });
    assert!(round > 1, "it was read in one piece");
    assert_eq!(seen, before);
    let after = all_of(store.snapshot_now().unwrap(), || {});
    assert_ne!(after, before);
    assert_eq!(u64::try_from(after.len()).unwrap(), store.census().unwrap().rows);
}
