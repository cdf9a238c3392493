//! Restoring a generation into a new data directory, and proving it before anybody can serve it.
//!
//! Everything is built in `restoring/` inside the target, and what is packed is opened there too: beside the target the
//! service's account may not write. When rows, pictures, counts, hashes, audit chain and the doctor have said yes, its parts
//! are moved up, `FORMAT` last; a directory without `FORMAT` is never served.
//!
//! Invariant: what can be served was proved to be the generation, to the byte.
//! Refuses: a target that holds anything, and to leave half a directory behind when it fails.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::boxes;
use super::contents::Named;
use super::manifest::{BOXES, Listed, Manifest};
use super::place::{FILE_MISSING, Place, create_file, write_durably};
use super::proof::Proof;
use super::seal::Identities;
use super::site::Site;
use super::stage::Stage;
use super::tally::{Sum, copy};
use super::{BackupError, Step, at};
use crate::config::Limits;
use crate::disk::{FreeSpace, sync_directory};
use crate::domain::TipId;
use crate::ops::doctor::{self, Depth, examine};
use crate::photos::Photos;
use crate::services::tips::living_tips;
use crate::store::{DataDirectory, Store, fill};
use crate::tipfiles::{KEY_FILE, SHELF};

/// Bytes on disk for one byte of rows, at most, while they are being restored.
const ROOM: u64 = 4;

/// What becomes of pictures and files that were missing in the data directory already when the backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingBefore {
    /// They are faults like any other.
    Refuse,
    /// Everything else is restored; the report names them.
    Accept,
}

/// What was restored and proved.
#[derive(Debug)]
pub struct Restored {
    /// The generation.
    pub generation: String,
    /// What it holds.
    pub manifest: Manifest,
    /// How many rows were written.
    pub rows: u64,
    /// How many pictures were copied.
    pub pictures: u64,
    /// Their bytes.
    pub picture_bytes: u64,
    /// What the doctor said.
    pub report: doctor::Report,
}

/// Restores `generation` of `place` into the directory of `site`.
pub fn restore(
    place: &Place,
    generation: &str,
    identities: &Identities,
    missing: MissingBefore,
    site: Site,
    watch: &dyn Fn(Step),
) -> Result<Restored, BackupError> {
    let folder = place.folder(generation);
    let manifest = Manifest::read(&folder)?;
    if let Some(why) = manifest.too_new() {
        return Err(BackupError::Unable { place: folder, why });
    }
    if manifest.is_sealed() && identities.is_empty() {
        return Err(BackupError::Key(format!(
            "it is encrypted to {}; name the file of an identity that opens it",
            manifest.encrypted_to.join(", ")
        )));
    }
    place.require_fit(generation, identities)?;
    room_for(&manifest, site.work())?;
    let proof = Proof {
        folder: &folder,
        manifest: &manifest,
        identities,
        faults: Vec::new(),
    };
    let (rows, pictures, picture_bytes, report) = build(place, proof, missing, &site, watch)?;
    site.move_up()?;
    Ok(Restored {
        generation: generation.to_owned(),
        manifest,
        rows,
        pictures,
        picture_bytes,
        report,
    })
}

/// Restores into a new directory below `parent`, and removes it again.
pub fn rehearse(
    place: &Place,
    generation: &str,
    identities: &Identities,
    missing: MissingBefore,
    parent: &Path,
    watch: &dyn Fn(Step),
) -> Result<Restored, BackupError> {
    let stage = Stage::make(parent, "rehearsal")?;
    let site = Site::prepare(&stage.path().join("data"))?;
    let restored = restore(place, generation, identities, missing, site, watch)?;
    stage.remove()?;
    Ok(restored)
}

fn room_for(manifest: &Manifest, work: &Path) -> Result<(), BackupError> {
    let needed = manifest
        .picture_bytes
        .saturating_add(manifest.rows.bytes.saturating_mul(ROOM));
    FreeSpace::new(work, 0)
        .check(needed)
        .map_err(|full| BackupError::Unable {
            place: work.to_owned(),
            why: format!("{needed} bytes are needed: {full}"),
        })
}

/// Builds the directory below `restoring/` and proves it. Answers with rows, pictures, their bytes and the doctor's report.
fn build(
    place: &Place,
    mut proof: Proof<'_>,
    missing: MissingBefore,
    site: &Site,
    watch: &dyn Fn(Step),
) -> Result<(u64, u64, u64, doctor::Report), BackupError> {
    // The rows are proved as they lie, in the format they have; opening the store brings them to this program's.
    let mark = format!("minhchung {}\n", proof.manifest.directory_format);
    write_durably(site.work(), "FORMAT", mark.as_bytes()).map_err(at(site.work()))?;
    let directory = DataDirectory::open(site.work(), 0)?;
    proof.stored();
    let read = proof.rows(|rows| fill(&directory.rows(), rows))?;
    let Some((census, contents)) = read else {
        return Err(BackupError::Faults(proof.faults));
    };
    watch(Step::Rows(census.rows));
    if missing == MissingBefore::Refuse {
        proof.lacking(contents.has_keys, !contents.tips.is_empty());
    }
    let files = copy_files(&mut proof, place, site.work())?;
    if files.contains(BOXES)
        && let Err(error) = boxes::unpack(site.work())
    {
        proof.fault(&BOXES, &site.as_restored(&error.to_string()));
    }
    let photos = Photos::new(site.work());
    let (mut count, mut bytes) = (0, 0);
    let mut accepted = HashSet::new();
    let of = contents.picture_bytes();
    proof.pictures(&contents.pictures, |proof, named, listed| {
        if listed.stored.is_none() && missing == MissingBefore::Accept {
            accepted.insert(named.sha256.to_string());
        } else if copy_picture(proof, place, &photos, named, listed)? {
            count += 1;
            bytes = named.bytes.saturating_add(bytes);
        }
        watch(Step::Pictures { bytes, of });
        Ok(())
    })?;
    settle_folders(site.work())?;
    let space = FreeSpace::new(site.work(), 0);
    let store = Store::open(&directory, Limits::default().cache_bytes, &space)?;
    let mut report = examine(&directory, &store, &photos, Depth::Hashes)?;
    for problem in &mut report.problems {
        problem.subject = site.as_restored(&problem.subject);
    }
    // A tip that was shredded between the cut and its turn has neither box nor key; the first start clears its row away.
    // One whose key is there has lost its box.
    let living = if files.contains(KEY_FILE) {
        living_tips(&contents.tips, site.work()).unwrap_or_else(|error| {
            proof.fault(&KEY_FILE, &error.to_string());
            Vec::new()
        })
    } else {
        Vec::new()
    };
    let box_of = |id: &TipId| site.work().join(SHELF).join(id.to_string()).display().to_string();
    let living: HashSet<String> = living.iter().map(|id| site.as_restored(&box_of(id))).collect();
    let is_accepted = |problem: &&doctor::Finding| match problem.kind {
        "missing-file" => accepted.contains(&problem.subject),
        "tip-unreadable" => missing == MissingBefore::Accept || !living.contains(&problem.subject),
        // Without keys it has its fault already, unless that is accepted.
        "tip-keys" => true,
        _ => false,
    };
    for problem in report.problems.iter().filter(|problem| !is_accepted(problem)) {
        let what = format!("doctor: {}: {}", problem.kind, problem.detail);
        proof.fault(&problem.subject, &what);
    }
    let head = (report.audit_entries, report.audit_head.clone());
    if head != (proof.manifest.audit_entries, proof.manifest.audit_head.clone()) {
        proof.fault(
            &"audit log",
            "the restored one ends elsewhere than the one backed up",
        );
    }
    if proof.faults.is_empty() {
        Ok((census.rows, count, bytes, report))
    } else {
        Err(BackupError::Faults(proof.faults))
    }
}

/// Copies the files of the generation. Answers with those that are what was written.
fn copy_files(proof: &mut Proof<'_>, place: &Place, work: &Path) -> Result<HashSet<String>, BackupError> {
    let manifest = proof.manifest;
    let mut right = HashSet::new();
    for (name, stored) in &manifest.files {
        let from = proof.folder.join(format!("file.{name}{}", place.ending()));
        let to = work.join(name);
        let file = match File::open(&from) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                proof.fault(name, FILE_MISSING);
                continue;
            }
            Err(error) => return Err(at(&from)(error)),
        };
        match write(proof.identities, place.is_sealed(), file, &to) {
            Ok(sum) if stored.has(sum) => {
                right.insert(name.clone());
            }
            Ok(_) => proof.fault(name, "not the bytes that were written"),
            Err(error) => proof.fault(name, &error.to_string()),
        }
    }
    Ok(right)
}

fn write(identities: &Identities, sealed: bool, from: File, to: &Path) -> io::Result<Sum> {
    let mut file = create_file(to)?;
    let sum = copy(identities.open(sealed, from)?, &mut file)?;
    file.sync_all()?;
    Ok(sum)
}

/// Whether the picture is there now.
fn copy_picture(
    proof: &mut Proof<'_>,
    place: &Place,
    photos: &Photos,
    named: &Named,
    listed: &Listed,
) -> Result<bool, BackupError> {
    let subject = format!("picture {}", named.sha256);
    if listed.stored.is_none() {
        proof.fault(
            &subject,
            "was missing in the data directory already when the backup was made",
        );
        return Ok(false);
    }
    let (_, from) = place.picture(named.sha256);
    let to = photos.path(named.shelf, named.sha256);
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let file = match File::open(&from) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            proof.fault(&subject, "missing");
            return Ok(false);
        }
        Err(error) => return Err(at(&from)(error)),
    };
    match write(proof.identities, place.is_sealed(), file, &to) {
        Ok(sum) if sum.sha256 == named.sha256 => Ok(true),
        Ok(sum) => {
            proof.fault(&subject, &format!("its bytes hash to {}", sum.sha256));
            Ok(false)
        }
        Err(error) => {
            proof.fault(&subject, &error.to_string());
            Ok(false)
        }
    }
}

/// Makes the names of the pictures durable.
fn settle_folders(work: &Path) -> Result<(), BackupError> {
    let shelves = work.join("photos");
    for shelf in fs::read_dir(&shelves).map_err(at(&shelves))? {
        let path = shelf.map_err(at(&shelves))?.path();
        sync_directory(&path).map_err(at(&path))?;
    }
    sync_directory(&shelves).map_err(at(&shelves))?;
    sync_directory(work).map_err(at(work))
}
