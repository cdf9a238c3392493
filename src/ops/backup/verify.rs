//! Verifying a backup where it lies: is every byte still what was written?
//!
//! Without an identity the bytes of an encrypted backup are compared as they lie. With one, or when it is not encrypted,
//! what they hold is proved too: counts, pictures against rows, the audit log's chain.
//!
//! Invariant: a backup without faults, in which no picture was missing already, can be restored by whoever has the
//! identity.
//! Refuses: to change anything.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io;

use super::manifest::{LIST, MANIFEST, Manifest, Stored, read_list};
use super::place::{FILE_MISSING, Place};
use super::proof::Proof;
use super::seal::Identities;
use super::tally::{Sum, sum_of};
use super::{BackupError, Step, at};
use crate::domain::Sha256;
use crate::store::records::{TipKeyFile, Tips};
use crate::store::{Pair, StoreError, Table};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A file, a picture or a log.
    pub subject: String,
    /// What is wrong with it.
    pub what: String,
}

impl Fault {
    pub(super) fn new(subject: &dyn fmt::Display, what: &str) -> Self {
        Self {
            subject: subject.to_string(),
            what: what.to_owned(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.what)
    }
}

/// What a verification went over, and what it found.
#[derive(Debug, Default)]
pub struct Verified {
    /// The generations.
    pub generations: Vec<String>,
    /// Rows of all of them.
    pub rows: u64,
    /// Different pictures.
    pub pictures: u64,
    /// Their bytes as they lie there.
    pub picture_bytes: u64,
    /// Whether what they hold was proved, or only how they lie there.
    pub opened: bool,
    /// Those whose rows have an older format, with that format: what they mean is proved by a rehearsal.
    pub older: Vec<(String, u32)>,
    /// Pictures that were missing in the data directory already.
    pub missing_before: Vec<Fault>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Verifies `generations` of `place`. One that cannot be read is named, and the next one follows.
pub fn verify(
    place: &Place,
    generations: Vec<String>,
    identities: &Identities,
    watch: &dyn Fn(Step),
) -> Result<Verified, BackupError> {
    for name in &generations {
        place.require_fit(name, identities)?;
    }
    let opened = !place.is_sealed() || !identities.is_empty();
    let mut round = Round {
        place,
        watch,
        seen: HashSet::new(),
        verified: Verified {
            opened,
            ..Verified::default()
        },
    };
    for name in &generations {
        let folder = place.folder(name);
        let mut faults = match Manifest::read(&folder) {
            Ok(manifest) => {
                let mut proof = Proof {
                    folder: &folder,
                    manifest: &manifest,
                    identities,
                    faults: Vec::new(),
                };
                if let Err(error) = round.go_over(name, &mut proof) {
                    proof.fault(&"stopped", &error.to_string());
                }
                proof.faults
            }
            Err(error) => vec![Fault::new(&MANIFEST, &error.to_string())],
        };
        for fault in &mut faults {
            fault.subject = format!("{name} {}", fault.subject);
        }
        round.verified.faults.append(&mut faults);
    }
    round.verified.generations = generations;
    Ok(round.verified)
}

/// A verification under way.
struct Round<'a> {
    place: &'a Place,
    watch: &'a dyn Fn(Step),
    /// Pictures that were read already, with what was to be there: generations share them.
    seen: HashSet<(Sha256, Sum)>,
    verified: Verified,
}

impl Round<'_> {
    fn go_over(&mut self, name: &str, proof: &mut Proof<'_>) -> Result<(), BackupError> {
        let manifest = proof.manifest;
        proof.stored();
        let too_new = manifest.too_new();
        if let Some(why) = &too_new {
            proof.fault(&MANIFEST, why);
        }
        if manifest.is_older() {
            let older = (name.to_owned(), manifest.directory_format);
            self.verified.older.push(older);
        }
        for (file, stored) in &manifest.files {
            check_file(proof, self.place, file, stored);
        }
        self.verified.rows = self.verified.rows.saturating_add(manifest.all_rows());
        if self.verified.opened && too_new.is_none() {
            if let Some(((), contents)) = proof.rows(read_through)? {
                (self.watch)(Step::Rows(contents.census.rows));
                proof.lacking(contents.has_keys, !contents.tips.is_empty());
                proof.pictures(&contents.pictures, |_, _, _| Ok(()))?;
            }
        } else {
            let has = |table: &str| manifest.tables.get(table).is_some_and(|rows| *rows > 0);
            proof.lacking(has(TipKeyFile::NAME), has(Tips::NAME));
        }
        let mut bytes = 0_u64;
        let list = proof.folder.join(LIST);
        for listed in read_list(&list).map_err(at(&list))? {
            let listed = match listed {
                Ok(listed) => listed,
                // Such a line has its fault already.
                Err(error) if error.kind() == io::ErrorKind::InvalidData => continue,
                Err(error) => return Err(at(&list)(error)),
            };
            bytes = bytes.saturating_add(listed.bytes);
            match listed.stored {
                Some(stored) if self.seen.insert((listed.sha256, stored)) => {
                    check_picture(proof, self.place, listed.sha256, stored, &mut self.verified);
                }
                Some(_) => {}
                None => {
                    let subject = format!("{name} {}", picture_name(listed.sha256));
                    let what = "was missing in the data directory already when the backup was made";
                    self.verified.missing_before.push(Fault::new(&subject, what));
                }
            }
            let of = manifest.picture_bytes;
            (self.watch)(Step::Pictures { bytes, of });
        }
        Ok(())
    }
}

fn read_through(rows: &mut dyn Iterator<Item = Result<Pair, StoreError>>) -> Result<(), StoreError> {
    for row in rows {
        row?;
    }
    Ok(())
}

fn check_file(proof: &mut Proof<'_>, place: &Place, file: &str, stored: &Stored) {
    let path = proof.folder.join(format!("file.{file}{}", place.ending()));
    match File::open(&path).and_then(sum_of) {
        Ok(found) if stored.has_stored(found) => {}
        Ok(_) => proof.fault(&file, "not the bytes that were written"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => proof.fault(&file, FILE_MISSING),
        Err(error) => proof.fault(&file, &error.to_string()),
    }
}

fn check_picture(proof: &mut Proof<'_>, place: &Place, sha256: Sha256, stored: Sum, verified: &mut Verified) {
    verified.pictures += 1;
    verified.picture_bytes = verified.picture_bytes.saturating_add(stored.bytes);
    let (_, path) = place.picture(sha256);
    let subject = picture_name(sha256);
    match File::open(&path).and_then(sum_of) {
        Ok(found) if found == stored => {}
        Ok(found) => {
            let what = format!(
                "{} bytes that hash to {}, where {} that hash to {} were written",
                found.bytes, found.sha256, stored.bytes, stored.sha256
            );
            return proof.fault(&subject, &what);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return proof.fault(&subject, "missing"),
        // A place of the disk that cannot be read any more hides no other picture.
        Err(error) => return proof.fault(&subject, &error.to_string()),
    }
    if place.is_sealed() && verified.opened {
        let opened = File::open(&path).and_then(|file| sum_of(proof.identities.open(true, file)?));
        match opened {
            Ok(plain) if plain.sha256 == sha256 => {}
            Ok(plain) => proof.fault(&subject, &format!("opens to what hashes to {}", plain.sha256)),
            Err(error) => proof.fault(&subject, &format!("does not open: {error}")),
        }
    } else if !place.is_sealed() && stored.sha256 != sha256 {
        proof.fault(&subject, "listed with a hash that is not its name");
    }
}

fn picture_name(sha256: Sha256) -> String {
    format!("picture {sha256}")
}
