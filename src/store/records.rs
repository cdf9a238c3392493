//! Tables: which keys hold what, and the stored form of each value.
//!
//! Invariant: a value is one version byte and then postcard; a prefix and a version, once released, keep their
//! meaning. A new form of a value gets the next version number and reads the old ones.
//! Refuses: to guess at bytes it does not know ([`StoreError::Corrupt`]).

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::keys::Key;
use crate::domain::{
    Assignment, AssignmentId, AuditEntry, AuditHead, Cell, CellTally, CheckCode, CheckJob, CheckedRules,
    CommuneCode, CountedGeneration, Day, DayTally, DeskKey, Device, DeviceId, Findings, Flood, HistoryEvent,
    IndexedLook, Invitation, KeyGeneration, Moment, Photo, PhotoLook, QueueList, ReplyId, Sha256, Sheet,
    Slotted, Spent, Standing, StoredKey, Submission, SubmissionId, SubmissionState, TipId, TipKeyId, Upload,
    UploadId, User, UserId, VillageTally,
};

/// One kind of row.
pub trait Table: 'static {
    /// The first byte of every key.
    const PREFIX: u8;
    /// The name in messages.
    const NAME: &'static str;
    /// What identifies a row.
    type Key: Key;
    /// What it holds.
    type Value: Serialize + DeserializeOwned;
    /// The number of the form that is written.
    const VERSION: u8 = 1;

    /// The value in bytes of form 1, once that is not the form any more.
    fn first_form(bytes: &[u8]) -> postcard::Result<Self::Value> {
        postcard::from_bytes(bytes)
    }
}

/// The stored bytes of `value`.
pub(super) fn encode<T: Table>(value: &T::Value) -> Result<Vec<u8>, StoreError> {
    postcard::to_extend(value, vec![T::VERSION]).map_err(|error| corrupt::<T>(&error.to_string()))
}

/// The value stored in `bytes`.
pub(super) fn decode<T: Table>(bytes: &[u8]) -> Result<T::Value, StoreError> {
    match bytes.split_first() {
        Some((version, value)) if *version == T::VERSION => {
            postcard::from_bytes(value).map_err(|error| corrupt::<T>(&error.to_string()))
        }
        Some((1, value)) => T::first_form(value).map_err(|error| corrupt::<T>(&error.to_string())),
        Some((version, _)) => Err(corrupt::<T>(&format!("unknown version {version}"))),
        None => Err(corrupt::<T>("empty value")),
    }
}

/// The key bytes of a row.
pub(super) fn key_bytes<T: Table>(key: &T::Key) -> Vec<u8> {
    let mut bytes = vec![T::PREFIX];
    key.write(&mut bytes);
    bytes
}

/// The key held in `bytes`.
pub(super) fn read_key<T: Table>(bytes: &[u8]) -> Result<T::Key, StoreError> {
    let key = bytes
        .split_first()
        .filter(|(prefix, _)| **prefix == T::PREFIX)
        .and_then(|(_, mut rest)| {
            let key = T::Key::read(&mut rest);
            key.filter(|_| rest.is_empty())
        });
    key.ok_or_else(|| corrupt::<T>("unreadable key"))
}

/// A row's key and value.
pub type Row<T> = (<T as Table>::Key, <T as Table>::Value);

/// The row of `T` that a stored pair holds; `None` when it belongs to another table. For those who go through all rows.
pub fn read_row<T: Table>(key: &[u8], value: &[u8]) -> Result<Option<Row<T>>, StoreError> {
    if key.first() != Some(&T::PREFIX) {
        return Ok(None);
    }
    Ok(Some((read_key::<T>(key)?, decode::<T>(value)?)))
}

fn corrupt<T: Table>(why: &str) -> StoreError {
    StoreError::Corrupt {
        table: T::NAME,
        why: why.to_owned(),
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal: $key:ty => $value:ty $(, once $first:ty)?;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl Table for $name {
                const PREFIX: u8 = $prefix;
                const NAME: &'static str = stringify!($name);
                type Key = $key;
                type Value = $value;
                $(
                    const VERSION: u8 = 2;

                    fn first_form(bytes: &[u8]) -> postcard::Result<Self::Value> {
                        postcard::from_bytes::<$first>(bytes).map(Into::into)
                    }
                )?
            }
        )+

        /// Every prefix with its table's name, for the test that no two share one and for the doctor.
        pub const PREFIXES: &[(u8, &str)] = &[$(($prefix, stringify!($name))),+];
    };
}

tables! {
    /// The plan. Written by planning and, for the derived state, by whatever moves its evidence.
    Assignments = b'a': AssignmentId => Assignment;
    /// The plan by commune and cell, for lists.
    AssignmentsByCell = b'b': (CommuneCode, Cell, AssignmentId) => ();
    /// The plan by who answers for it.
    AssignmentsByAssignee = b'c': (UserId, AssignmentId) => ();
    /// What counts about each submission of an assignment.
    Standings = b'd': (AssignmentId, SubmissionId) => Standing;
    /// Assignments that somebody answered for before and no longer does.
    FormerAssignments = b'e': (UserId, AssignmentId) => ();
    /// What an assignment's creation asked for, as a hash: tells a repeated request from another one with its id.
    AssignmentRequests = b'f': AssignmentId => Sha256;

    /// Evidence.
    Submissions = b's': SubmissionId => Submission;
    /// Every change of a submission's state, by the version it made.
    History = b'h': (SubmissionId, u32) => HistoryEvent;
    /// The queue: all submissions by state and arrival.
    Queue = b'q': (SubmissionState, Moment, SubmissionId) => ();
    /// The queue of one cell.
    QueueByCell = b'r': (Cell, SubmissionState, Moment, SubmissionId) => ();
    /// The queue of one cell of one commune.
    QueueByCommune = b't': (CommuneCode, Cell, SubmissionState, Moment, SubmissionId) => ();
    /// Submissions by who sent them.
    QueueBySubmitter = b'u': (UserId, SubmissionState, Moment, SubmissionId) => ();

    /// Whole submissions by risk, the highest first: the key holds what is missing to 254, and 255 for those that the
    /// checks have not looked at yet.
    QueueByRisk = b'M': (QueueList, Option<CheckCode>, SubmissionState, u8, Moment, SubmissionId) => ();
    /// Submissions that a check warns about.
    QueueByCheck = b'W': (QueueList, CheckCode, SubmissionState, Moment, SubmissionId) => ();
    /// What the automatic checks found.
    Checked = b'k': SubmissionId => Findings;
    /// The rules by which what waits for a person was checked last.
    CheckedUnder = b'N': () => CheckedRules;
    /// Submissions that wait for their checks, by the moment they are due.
    CheckJobs = b'j': (Moment, SubmissionId) => CheckJob;
    /// What is kept of a picture's pixels, by the picture's number.
    Looks = b'x': u32 => PhotoLook;
    /// What the index of looks is read from, by the picture's number. Numbers go up by one, so that rows are only ever
    /// added at the end: random keys make sled's pages many times larger than what is in them.
    LookHashes = b'y': u32 => IndexedLook;
    /// The number of a picture that has a look. That of what is inside its bars, if it has any, has the next one.
    LookNumbers = b'z': Sha256 => u32;
    /// Contact sheets: the last of each verifier in a cell of a commune.
    Sheets = b'w': (UserId, CommuneCode, Cell) => Sheet;

    /// Picture files. Written only after the file and its directory are durable.
    Photos = b'p': Sha256 => Photo;
    /// Which submissions show a picture.
    PhotoUses = b'o': (Sha256, SubmissionId) => ();

    /// Pictures that come in pieces. The row is there before its file, and may stay behind when the picture is whole.
    Uploads = b'U': UploadId => Upload;
    /// The one upload of a slot.
    UploadsBySlot = b'S': (SubmissionId, Sha256) => UploadId;
    /// Uploads by the moment they expire.
    UploadsByExpiry = b'X': (Moment, UploadId) => ();

    /// The board: figures of a cell of a commune.
    Tallies = b'C': (CommuneCode, Cell) => CellTally;
    /// The same by village, under the folded village name.
    VillageTallies = b'V': (CommuneCode, String, Cell) => VillageTally;
    /// The timeline of a commune, or of the province under `None`.
    Timeline = b'T': (Option<CommuneCode>, Day) => DayTally;

    /// Accounts.
    Users = b'A': UserId => User;
    /// Accounts by their folded user name.
    UsersByName = b'B': String => UserId;
    /// Accounts of a commune by their folded user name.
    UsersByCommune = b'E': (CommuneCode, String) => UserId;
    /// Phones and browser sessions. Rows of ended ones go when their account opens a new one after a month.
    Devices = b'D': DeviceId => Device;
    /// Devices of an account.
    DevicesByUser = b'F': (UserId, DeviceId) => ();
    /// Enrolment codes by their hash; at most one an account.
    Invitations = b'I': Sha256 => Invitation;
    /// Keys that sign sessions and receipts.
    SigningKeys = b'K': String => StoredKey;

    /// Sealed boxes, by ids that are random in every bit. The value is dead when its slot in the key file is.
    Tips = b'P': TipId => Slotted;
    /// Sealed answers to them.
    TipReplies = b'Q': ReplyId => Slotted;
    /// Keyed hashes of the challenges and nonces of two days, to know a repeat.
    TipsSpent = b'Y': Sha256 => Spent;
    /// The desk's keys; none is ever removed, since old boxes are sealed to it.
    TipKeys = b'Z': TipKeyId => DeskKey;
    /// How many messages came, by month (year times 12 and its number from 0), kind of figure and word.
    TipCounts = b'G': (u32, u8, u8) => u32;
    /// How many were shredded on a day, until that day's entry in the audit log.
    TipsShredded = b'H': Day => u32;
    /// What the desk has set against floods.
    TipFlood = b'J': () => Flood;
    /// The generation of the key file that the other rows of the tip line belong to.
    TipKeyFile = b'4': () => KeyGeneration, once CountedGeneration;

    /// The audit log, from 0.
    AuditLog = b'l': u64 => AuditEntry;
    /// Its entries by what they are about.
    AuditBySubject = b'm': (String, u64) => ();
    /// Its end.
    AuditEnd = b'L': () => AuditHead;

    /// The last readiness probe, a real write.
    ReadinessProbe = b'0': () => Moment;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tables_share_a_prefix() {
        let mut prefixes: Vec<u8> = PREFIXES.iter().map(|(prefix, _)| *prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), PREFIXES.len());
    }

    #[test]
    fn a_value_of_the_first_form_is_read_and_written_in_the_second() {
        let mut first = vec![1];
        first.extend([7; 16]);
        first.extend([5, 20]);
        let read = decode::<TipKeyFile>(&first).unwrap();
        let expected = KeyGeneration {
            installation: [7; 16],
            start: 5,
            changes: 20,
            run: [0; 16],
        };
        assert_eq!(read, expected);
        let second = encode::<TipKeyFile>(&read).unwrap();
        assert_eq!(second.first(), Some(&2));
        assert_eq!(decode::<TipKeyFile>(&second).unwrap(), expected);
        first[0] = 3;
        assert!(decode::<TipKeyFile>(&first).is_err());
    }

    #[test]
    fn a_value_of_an_unknown_version_or_a_cut_one_is_called_corrupt() {
        let head = AuditHead {
            length: 7,
            hash: [3; 32],
        };
        let bytes = encode::<AuditEnd>(&head).unwrap();
        assert_eq!(decode::<AuditEnd>(&bytes).unwrap(), head);
        let mut newer = bytes.clone();
        newer[0] = 9;
        for broken in [&newer[..], &bytes[..5], &[]] {
            assert!(matches!(
                decode::<AuditEnd>(broken),
                Err(StoreError::Corrupt { .. })
            ));
        }
    }
}
