//! Restoring a generation into a new data directory, and proving it before anybody can serve it.
//!
//! Everything is built in `restoring/` inside the target, and what is packed is opened there too: beside the target the
//! service's account may not write. When rows, pictures, counts, hashes, audit chain and the
//! doctor have said yes, its parts are moved up, `FORMAT` last; a directory without `FORMAT` is never served.
//!
//! Invariant: what can be served was proved to be the generation, to the byte.
//! Refuses: a target that holds anything, and to leave half a directory behind when it fails.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::boxes;
use super::contents::Named;
use super::manifest::{Listed, Manifest};
use super::place::{FILE_MISSING, Place, create_file, write_durably};
use super::proof::Proof;
use super::seal::Identities;
use super::stage::Stage;
use super::tally::{Sum, copy};
use super::{BackupError, Fault, Step, at};
use crate::config::Limits;
use crate::disk::{FreeSpace, sync_directory};
use crate::ops::doctor::{self, Depth, examine};
use crate::photos::Photos;
use crate::services::tips::living_tips;
use crate::store::{DataDirectory, RESTORING, Store, fill, require_own};
use crate::tipfiles::SHELF;

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
    mut site: Site,
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
    room_for(&manifest, &site.work)?;
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
    write_durably(&site.work, "FORMAT", mark.as_bytes()).map_err(at(&site.work))?;
    let directory = DataDirectory::open(&site.work, 0)?;
    proof.stored()?;
    let read = proof.rows(|rows| fill(&directory.rows(), rows))?;
    let Some((census, contents)) = read else {
        return Err(BackupError::Faults(proof.faults));
    };
    watch(Step::Rows(census.rows));
    if missing == MissingBefore::Refuse {
        proof.lacking(contents.has_keys, !contents.tips.is_empty());
    }
    copy_files(&mut proof, place, &site.work)?;
    boxes::unpack(&site.work)?;
    let photos = Photos::new(&site.work);
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
    settle_folders(&site.work)?;
    let space = FreeSpace::new(&site.work, 0);
    let store = Store::open(&directory, Limits::default().cache_bytes, &space)?;
    let mut report = examine(&directory, &store, &photos, Depth::Hashes)?;
    // A tip that was shredded between the cut and its turn has neither box nor key; the first start clears its row away.
    // One whose key is there has lost its box.
    let living: HashSet<String> = living_tips(&store, &site.work)?
        .into_iter()
        .map(|id| site.work.join(SHELF).join(id.to_string()).display().to_string())
        .collect();
    let is_accepted = |problem: &&doctor::Finding| match problem.kind {
        "missing-file" => accepted.contains(&problem.subject),
        "tip-unreadable" => missing == MissingBefore::Accept || !living.contains(&problem.subject),
        "tip-keys" => missing == MissingBefore::Accept,
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
    let (built, target) = (
        site.work.display().to_string(),
        site.data_dir.display().to_string(),
    );
    for problem in &mut report.problems {
        problem.subject = problem.subject.replace(&built, &target);
    }
    if proof.faults.is_empty() {
        Ok((census.rows, count, bytes, report))
    } else {
        Err(BackupError::Faults(proof.faults))
    }
}

fn copy_files(proof: &mut Proof<'_>, place: &Place, work: &Path) -> Result<(), BackupError> {
    for (name, stored) in &proof.manifest.files {
        let from = proof.folder.join(format!("file.{name}{}", place.ending()));
        let to = work.join(name);
        let file = match File::open(&from) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                proof.faults.push(Fault::new(name, FILE_MISSING));
                continue;
            }
            Err(error) => return Err(at(&from)(error)),
        };
        match write(proof.identities, place.is_sealed(), file, &to) {
            Ok(sum) if stored.has(sum) => {}
            Ok(_) => proof
                .faults
                .push(Fault::new(name, "not the bytes that were written")),
            Err(error) => proof.faults.push(Fault::new(name, &error.to_string())),
        }
    }
    Ok(())
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

/// The target, with the building site inside it; cleared away unless everything was moved up.
#[derive(Debug)]
pub struct Site {
    data_dir: PathBuf,
    /// Inside of it, and gone at the end.
    room: PathBuf,
    /// What becomes the data directory, inside of that.
    work: PathBuf,
    /// The target and what it lies in, as far as that was not there; the innermost first.
    made: Vec<PathBuf>,
    done: bool,
}

impl Site {
    /// Begins in `data_dir`, which must be new or empty.
    pub fn prepare(data_dir: &Path) -> Result<Self, BackupError> {
        require_own(data_dir)?;
        let is_new = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made: Vec<PathBuf> = data_dir
            .ancestors()
            .take_while(is_new)
            .map(Path::to_owned)
            .collect();
        if !made.is_empty() {
            DirBuilder::new()
                .mode(0o700)
                .recursive(true)
                .create(data_dir)
                .map_err(at(data_dir))?;
        }
        for entry in fs::read_dir(data_dir).map_err(at(data_dir))? {
            let name = entry.map_err(at(data_dir))?.file_name();
            let why = if name == "lost+found" {
                continue;
            } else if name == RESTORING {
                "holds a restore that did not come to its end; remove the directory first"
            } else {
                "not empty; a restore goes into a new directory"
            };
            return Err(BackupError::Place {
                place: data_dir.to_owned(),
                why: why.to_owned(),
            });
        }
        let room = data_dir.join(RESTORING);
        let site = Self {
            data_dir: data_dir.to_owned(),
            work: room.join("data"),
            room,
            made,
            done: false,
        };
        for folder in [&site.room, &site.work] {
            DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))?;
        }
        Ok(site)
    }

    /// A directory in which something may lie until the end.
    pub fn room(&self) -> &Path {
        &self.room
    }

    /// Moves everything up; `FORMAT` comes last and makes it a data directory.
    fn move_up(&mut self) -> Result<(), BackupError> {
        let own = ["FORMAT", "lock"];
        for entry in fs::read_dir(&self.work).map_err(at(&self.work))? {
            let from = entry.map_err(at(&self.work))?.path();
            let Some(name) = from.file_name().filter(|name| own.iter().all(|own| name != own)) else {
                continue;
            };
            fs::rename(&from, self.data_dir.join(name)).map_err(at(&from))?;
        }
        sync_directory(&self.data_dir).map_err(at(&self.data_dir))?;
        // What was unpacked here, before anybody could be told to start.
        for entry in fs::read_dir(&self.room).map_err(at(&self.room))? {
            let path = entry.map_err(at(&self.room))?.path();
            if path != self.work {
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
        let mark = self.work.join("FORMAT");
        fs::rename(&mark, self.data_dir.join("FORMAT")).map_err(at(&mark))?;
        sync_directory(&self.data_dir).map_err(at(&self.data_dir))?;
        self.done = true;
        fs::remove_dir_all(&self.room).map_err(at(&self.room))?;
        sync_directory(&self.data_dir).map_err(at(&self.data_dir))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let gone =
            fs::remove_dir_all(&self.room).and_then(|()| self.made.iter().try_for_each(fs::remove_dir));
        if let Err(error) = gone {
            tracing::error!(%error, directory = %self.data_dir.display(), "what was half restored could not be removed; it cannot be served");
        }
    }
}
