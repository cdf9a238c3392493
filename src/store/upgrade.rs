//! Bringing the rows of an older format up to today's, when the store opens.
//!
//! Invariant: each step moves rows in transactions that are whole in themselves. The directory says that it is on its way
//! before the first row is moved, and that it has arrived after the last; so a start that was cut short goes on where it
//! stopped, and no older program opens what is half moved.
//! Refuses: to go back. A backup made before is the way back.
//!
//! | from | to | what changes |
//! |---|---|---|
//! | 1 | 2 | looks are numbered; the rows of the bands go, because the index is in memory |
//! | 2 | 3 | lists by risk tell what was checked and found without risk from what was not checked |

use super::directory::FORMAT;
use super::{DataDirectory, Range, ReadTables, Store, StoreError, Table, Transaction};
use crate::crash::{self, Point};
use crate::domain::{
    CheckCode, IndexedLook, Moment, PhotoLook, QueueList, Sha256, SubmissionId, SubmissionState,
};
use crate::store::records::{Checked, LookHashes, LookNumbers, Looks, QueueByRisk};

/// How many rows are moved by one transaction.
const TOGETHER: usize = 1_000;

/// What was kept of a picture, in format 1. The prefix stays taken.
enum LooksOfFormat1 {}

impl Table for LooksOfFormat1 {
    const PREFIX: u8 = b'g';
    const NAME: &'static str = "Looks (format 1)";
    type Key = Sha256;
    type Value = PhotoLook;
}

/// The bands of the pictures' hashes, in format 1. The prefix stays taken.
enum BandsOfFormat1 {}

impl Table for BandsOfFormat1 {
    const PREFIX: u8 = b'i';
    const NAME: &'static str = "LooksByBand (format 1)";
    type Key = (u8, u64, Sha256);
    type Value = ();
}

/// Whole submissions by what is missing to a risk of 255, in formats 1 and 2. The prefix stays taken.
enum RisksOfFormat2 {}

impl Table for RisksOfFormat2 {
    const PREFIX: u8 = b'R';
    const NAME: &'static str = "QueueByRisk (format 2)";
    type Key = (
        QueueList,
        Option<CheckCode>,
        SubmissionState,
        u8,
        Moment,
        SubmissionId,
    );
    type Value = ();
}

/// Takes every step that `directory` still lacks.
pub(super) fn bring_up(store: &Store, directory: &DataDirectory) -> Result<(), StoreError> {
    let from = directory.format();
    if from >= FORMAT {
        return Ok(());
    }
    tracing::info!(
        from,
        to = FORMAT,
        "the data directory is brought to this program's format; it may be interrupted and goes on at the next start"
    );
    directory.upgrading_to(FORMAT)?;
    crash::reached(Point::WhileFormatIsRaised);
    if from < 2 {
        move_all::<LooksOfFormat1>(store, number_looks, "looks are numbered")?;
        move_all::<BandsOfFormat1>(store, drop_bands, "rows of bands are removed")?;
    }
    if from < 3 {
        move_all::<RisksOfFormat2>(store, rank_anew, "places in lists by risk are moved")?;
    }
    directory.upgraded_to(FORMAT)?;
    tracing::info!(format = FORMAT, "the data directory has this program's format");
    Ok(())
}

/// Repeats `step`, which says how many rows it moved, until no row of the old table `Old` is left.
fn move_all<Old: Table>(
    store: &Store,
    step: fn(&mut Transaction<'_>) -> Result<usize, StoreError>,
    what: &str,
) -> Result<(), StoreError> {
    let left = store.read_now(|view| Ok::<_, StoreError>(view.keys::<Old>(Range::all()).count()))?;
    let mut progress = Progress::of(left);
    loop {
        match store.transact_now(step)? {
            0 => return Ok(()),
            moved => {
                if let Some(percent) = progress.after(moved) {
                    tracing::info!(moved = progress.moved, of = left, percent, "{what}");
                }
            }
        }
        crash::reached(Point::WhileFormatIsRaised);
    }
}

/// How far a step is; a line for each twentieth of the way, however long it is.
struct Progress {
    moved: usize,
    all: usize,
    told: usize,
}

impl Progress {
    const fn of(all: usize) -> Self {
        Self {
            moved: 0,
            all,
            told: 0,
        }
    }

    /// The percentage after `moved` more rows, where it is worth a line.
    fn after(&mut self, moved: usize) -> Option<usize> {
        self.moved = self.moved.saturating_add(moved);
        let percent = self.moved.saturating_mul(100).checked_div(self.all)?.min(100);
        let twentieth = percent.checked_div(5)?;
        let is_news = twentieth > self.told || (percent == 100 && self.moved == moved);
        self.told = twentieth;
        is_news.then_some(percent)
    }
}

fn number_looks(tx: &mut Transaction<'_>) -> Result<usize, StoreError> {
    let old = tx.scan::<LooksOfFormat1>(Range::all()).take(TOGETHER);
    let old = old.collect::<Result<Vec<_>, StoreError>>()?;
    let last = tx
        .keys::<LookHashes>(Range::all().backwards())
        .next()
        .transpose()?;
    let mut number = last.map_or(0, |last| last.saturating_add(1));
    for (sha256, look) in &old {
        let hash = look.kept.as_ref().map(|kept| kept.hash);
        tx.put::<LookNumbers>(sha256, &number)?;
        tx.put::<LookHashes>(
            &number,
            &IndexedLook {
                sha256: *sha256,
                hash,
            },
        )?;
        tx.put::<Looks>(&number, look)?;
        tx.remove::<LooksOfFormat1>(sha256);
        number = number.saturating_add(1);
    }
    Ok(old.len())
}

fn rank_anew(tx: &mut Transaction<'_>) -> Result<usize, StoreError> {
    let old = tx.keys::<RisksOfFormat2>(Range::all()).take(TOGETHER);
    let old = old.collect::<Result<Vec<_>, StoreError>>()?;
    for key in &old {
        let (list, check, state, rank, at, id) = *key;
        let rank = if tx.has::<Checked>(&id)? {
            rank.saturating_sub(1)
        } else {
            rank
        };
        tx.put::<QueueByRisk>(&(list, check, state, rank, at, id), &())?;
        tx.remove::<RisksOfFormat2>(key);
    }
    Ok(old.len())
}

fn drop_bands(tx: &mut Transaction<'_>) -> Result<usize, StoreError> {
    let old = tx.keys::<BandsOfFormat1>(Range::all()).take(TOGETHER);
    let old = old.collect::<Result<Vec<_>, StoreError>>()?;
    for key in &old {
        tx.remove::<BandsOfFormat1>(key);
    }
    Ok(old.len())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::disk::FreeSpace;
    use crate::domain::KeptLook;

    fn look(number: u16) -> PhotoLook {
        let kept = KeptLook {
            hash: u64::from(number) << 7,
            light: vec![7; 576],
        };
        PhotoLook {
            sharpness: u32::from(number),
            brightness: 9,
            kept: (!number.is_multiple_of(5)).then_some(kept),
        }
    }

    fn sha256(number: u16) -> Sha256 {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&number.wrapping_mul(40_503).to_be_bytes());
        bytes[2..4].copy_from_slice(&number.to_be_bytes());
        Sha256(bytes)
    }

    #[test]
    fn a_long_way_is_told_in_twenty_lines_and_a_short_one_in_one() {
        let lines = |rows: usize, together| {
            let mut progress = Progress::of(rows);
            let steps = std::iter::repeat_n(together, rows.div_ceil(together));
            steps
                .filter_map(|moved| progress.after(moved))
                .collect::<Vec<_>>()
        };
        let long = lines(1_000_000, 1_000);
        assert_eq!(
            (long.len(), long.first(), long.last()),
            (20, Some(&5), Some(&100))
        );
        assert_eq!(lines(3_000, 1_000), [33, 66, 100]);
        assert_eq!(lines(7, 7), [100]);
    }

    #[test]
    fn format_1_is_brought_to_today_also_when_it_is_cut_short() {
        let home = tempfile::tempdir().unwrap();
        let space = FreeSpace::new(home.path(), 0);
        {
            let directory = DataDirectory::open(home.path(), 0).unwrap();
            let store = Store::open(&directory, 1 << 20, &space).unwrap();
            store
                .transact_now(|tx| {
                    for number in 0..2_500 {
                        tx.put::<LooksOfFormat1>(&sha256(number), &look(number))?;
                        tx.put::<BandsOfFormat1>(&(0, u64::from(number), sha256(number)), &())?;
                    }
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            // The first thousand were moved when the machine went down.
            store.transact_now(number_looks).unwrap();
        }
        fs::write(home.path().join("FORMAT"), "minhchung 1\n").unwrap();
        let directory = DataDirectory::open(home.path(), 0).unwrap();
        let store = Store::open(&directory, 1 << 20, &space).unwrap();
        assert_eq!(
            fs::read_to_string(home.path().join("FORMAT")).unwrap(),
            "minhchung 3\n"
        );
        store
            .read_now(|view| {
                assert_eq!(view.keys::<BandsOfFormat1>(Range::all()).count(), 0);
                assert_eq!(view.keys::<LooksOfFormat1>(Range::all()).count(), 0);
                let numbers = view.keys::<LookHashes>(Range::all());
                assert!(numbers.map(Result::unwrap).eq(0..2_500));
                for number in 0..2_500 {
                    let place = view.get::<LookNumbers>(&sha256(number))?.unwrap();
                    assert_eq!(view.get::<Looks>(&place)?.unwrap(), look(number));
                    let indexed = view.get::<LookHashes>(&place)?.unwrap();
                    assert_eq!(indexed.sha256, sha256(number));
                    assert_eq!(indexed.hash, look(number).kept.map(|kept| kept.hash));
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    fn submission(number: u128) -> SubmissionId {
        SubmissionId(uuid::Uuid::from_u128(number))
    }

    /// Its place in the list of all, pending.
    fn place(
        rank: u8,
        number: u128,
    ) -> (
        QueueList,
        Option<CheckCode>,
        SubmissionState,
        u8,
        Moment,
        SubmissionId,
    ) {
        let at = Moment::from_millis(7);
        let (all, pending) = (QueueList::All, SubmissionState::Pending);
        (all, None, pending, rank, at, submission(number))
    }

    #[test]
    fn lists_by_risk_of_format_2_tell_what_was_checked_from_what_was_not_also_when_it_is_cut_short() {
        let home = tempfile::tempdir().unwrap();
        let space = FreeSpace::new(home.path(), 0);
        {
            let directory = DataDirectory::open(home.path(), 0).unwrap();
            let store = Store::open(&directory, 1 << 20, &space).unwrap();
            store
                .transact_now(|tx| {
                    let findings = crate::domain::Findings {
                        at: Moment::from_millis(9),
                        findings: Vec::new(),
                    };
                    // One that was not checked, and many that were: without any risk, and with the highest.
                    tx.put::<RisksOfFormat2>(&place(255, 0), &())?;
                    for number in 1..1_500 {
                        let rank = if number % 2 == 0 { 155 } else { 255 };
                        tx.put::<RisksOfFormat2>(&place(rank, number), &())?;
                        tx.put::<Checked>(&submission(number), &findings)?;
                    }
                    Ok::<_, StoreError>(())
                })
                .unwrap();
            store.transact_now(rank_anew).unwrap();
        }
        fs::write(home.path().join("FORMAT"), "minhchung 2\n").unwrap();
        let directory = DataDirectory::open(home.path(), 0).unwrap();
        let store = Store::open(&directory, 1 << 20, &space).unwrap();
        let ranked = store
            .read_now(|view| {
                assert_eq!(view.keys::<RisksOfFormat2>(Range::all()).count(), 0);
                view.keys::<QueueByRisk>(Range::all())
                    .collect::<Result<Vec<_>, _>>()
            })
            .unwrap();
        assert_eq!(ranked.len(), 1_500);
        assert_eq!(ranked.first(), Some(&place(154, 2)));
        assert_eq!(ranked.last(), Some(&place(255, 0)));
        assert!(ranked.contains(&place(254, 1)));
    }
}
