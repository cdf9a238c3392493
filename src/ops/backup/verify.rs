//! Verifying a backup where it lies: is every byte still what was written?
//!
//! Without an identity the bytes of an encrypted backup are compared as they lie. With one, or when it is not encrypted,
//! what they hold is proved too: counts, pictures against rows, the audit log's chain.
//!
//! Invariant: a backup without faults can be restored by whoever has the identity.
//! Refuses: to change anything.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io;

use super::manifest::{LIST, Listed, MANIFEST, Manifest, Stored, read_list};
use super::place::Place;
use super::proof::Proof;
use super::seal::Identities;
use super::tally::sum_of;
use super::{BackupError, Step, at};
use crate::domain::Sha256;
use crate::store::{FILE_GENERATIONS, Pair, StoreError};

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
    pub missing_before: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Verifies `generations` of `place`.
pub fn verify(
    place: &Place,
    generations: Vec<String>,
    identities: &Identities,
    watch: &dyn Fn(Step),
) -> Result<Verified, BackupError> {
    let mut verified = Verified {
        opened: !place.is_sealed() || !identities.is_empty(),
        ..Verified::default()
    };
    let mut seen = HashSet::new();
    let newest: Vec<String> = place
        .generations()?
        .into_iter()
        .rev()
        .take(FILE_GENERATIONS)
        .collect();
    for name in &generations {
        let folder = place.folder(name);
        let manifest = Manifest::read(&folder)?;
        let mut proof = Proof {
            folder: &folder,
            manifest: &manifest,
            identities,
            faults: Vec::new(),
        };
        proof.stored()?;
        let too_new = manifest.too_new();
        if let Some(why) = &too_new {
            proof.fault(&MANIFEST, why);
        }
        if manifest.is_older() {
            verified.older.push((name.clone(), manifest.directory_format));
        }
        let holds_files = newest.contains(name);
        for (file, stored) in manifest.files.iter().filter(|_| holds_files) {
            check_file(&mut proof, place, file, stored)?;
        }
        verified.rows += manifest.tables.values().sum::<u64>();
        if verified.opened
            && too_new.is_none()
            && let Some(((), contents)) = proof.rows(read_through)?
        {
            watch(Step::Rows(contents.census.rows));
            proof.pictures(&contents.pictures, |_, _, _| Ok(()))?;
        }
        let mut bytes = 0;
        let list = folder.join(LIST);
        for listed in read_list(&list).map_err(at(&list))? {
            // The proof has named a line that cannot be read.
            let Ok(listed) = listed else { break };
            bytes += listed.bytes;
            if seen.insert(listed.sha256) {
                check_picture(&mut proof, place, &listed, &mut verified)?;
            }
            let of = manifest.picture_bytes;
            watch(Step::Pictures { bytes, of });
        }
        let prefix = |fault: Fault| Fault::new(&format_args!("{name} {}", fault.subject), &fault.what);
        verified.faults.extend(proof.faults.into_iter().map(prefix));
    }
    verified.generations = generations;
    Ok(verified)
}

fn read_through(rows: &mut dyn Iterator<Item = Result<Pair, StoreError>>) -> Result<(), StoreError> {
    for row in rows {
        row?;
    }
    Ok(())
}

fn check_file(proof: &mut Proof<'_>, place: &Place, file: &str, stored: &Stored) -> Result<(), BackupError> {
    let path = proof.folder.join(format!("file.{file}{}", place.ending()));
    match File::open(&path).and_then(sum_of) {
        Ok(found) if stored.has_stored(found) => {}
        Ok(_) => proof.fault(&file, "not the bytes that were written"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => proof.fault(&file, "missing"),
        Err(error) => return Err(at(&path)(error)),
    }
    Ok(())
}

fn check_picture(
    proof: &mut Proof<'_>,
    place: &Place,
    listed: &Listed,
    verified: &mut Verified,
) -> Result<(), BackupError> {
    let Some(stored) = listed.stored else {
        verified.missing_before += 1;
        return Ok(());
    };
    verified.pictures += 1;
    verified.picture_bytes += stored.bytes;
    let (_, path) = place.picture(listed.sha256);
    let subject = picture_name(listed.sha256);
    match File::open(&path).and_then(sum_of) {
        Ok(found) if found == stored => {}
        Ok(found) => {
            let what = format!(
                "{} bytes that hash to {}, where {} that hash to {} were written",
                found.bytes, found.sha256, stored.bytes, stored.sha256
            );
            proof.fault(&subject, &what);
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            proof.fault(&subject, "missing");
            return Ok(());
        }
        Err(error) => return Err(at(&path)(error)),
    }
    if place.is_sealed() && verified.opened {
        let opened = File::open(&path).and_then(|file| sum_of(proof.identities.open(true, file)?));
        match opened {
            Ok(plain) if plain.sha256 == listed.sha256 => {}
            Ok(plain) => proof.fault(&subject, &format!("opens to what hashes to {}", plain.sha256)),
            Err(error) => proof.fault(&subject, &format!("does not open: {error}")),
        }
    } else if !place.is_sealed() && stored.sha256 != listed.sha256 {
        proof.fault(&subject, "listed with a hash that is not its name");
    }
    Ok(())
}

fn picture_name(sha256: Sha256) -> String {
    format!("picture {sha256}")
}
