//! Making a backup: the rows first, then the pictures they name, then the manifest.
//!
//! Invariant: a row's picture was durable before the row, and none that a row names is ever removed; so whatever the cut
//! names is there to be copied. What is not, or has other bytes than its name says, is written down as missing.
//! Refuses: to copy what the directory of backups holds already, and to hold more than a piece of anything in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::iter::Peekable;
use std::path::{Component, Path, PathBuf};

use super::boxes;
use super::contents::{Contents, Named};
use super::manifest::{BOXES, FORM, LIST, ListWriter, Listed, MANIFEST, Manifest, ROWS, Stored, read_list};
use super::place::{Place, create_file, create_folder, write_durably};
use super::seal::Recipients;
use super::source::Source;
use super::tally::{Sum, Tally, copy, sum_of};
use super::{BackupError, Fault, Step, at};
use crate::disk::sync_directory;
use crate::domain::{Moment, Sha256};
use crate::photos::Photos;
use crate::services::tips::living_tips;
use crate::store::{FILES_TO_KEEP, FORMAT, RowWriter};
use crate::tipfiles::{KEY_FILE, SHELF};

const NO_FILE: &str = "no file in the data directory";

/// What to back up, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// The data directory, served or not.
    pub data_dir: &'a Path,
    /// Where to.
    pub place: &'a Place,
    /// To whom it is encrypted.
    pub recipients: &'a Recipients,
    /// How many generations stay.
    pub keep: usize,
    /// Now.
    pub made_at: Moment,
}

/// What a backup did.
#[derive(Debug)]
pub struct Taken {
    /// The generation's name.
    pub generation: String,
    /// What it holds.
    pub manifest: Manifest,
    /// Pictures that were not there yet.
    pub new_pictures: u64,
    /// Bytes written in all.
    pub bytes_written: u64,
    /// Generations and pictures that were removed because they are older than what is kept.
    pub pruned: (usize, u64),
    /// Pictures and files that rows need and that the data directory does not have as they should be.
    pub missing: Vec<Fault>,
}

/// Makes a backup.
pub fn take(request: &Request<'_>, watch: &dyn Fn(Step)) -> Result<Taken, BackupError> {
    let place = request.place;
    keep_apart(request.data_dir, place.root())?;
    let source = Source::open(request.data_dir)?;
    let mut shelf = Shelf::open(request)?;
    let (name, part) = place.begin(request.made_at)?;
    let mut contents = Contents::default();
    let rows = write_rows(request, source.rows, &part, &mut contents, watch)?;
    let mut files = BTreeMap::new();
    let mut bytes_written = rows.stored_bytes;
    // The boxes before the keys: of a tip that is shredded meanwhile the key is gone by then, whatever else is here.
    let (boxes, boxless) = boxes::write(request, &part, &contents.tips)?;
    if let Some(stored) = boxes {
        bytes_written += stored.stored_bytes;
        files.insert(BOXES.to_owned(), stored);
    }
    for file in FILES_TO_KEEP.iter().chain([&KEY_FILE]) {
        if let Some(stored) = write_file(request, &part, file)? {
            bytes_written += stored.stored_bytes;
            files.insert((*file).to_owned(), stored);
        }
    }
    let list = shelf.fill(&part, &contents, watch)?;
    // Its list names all that the lists of interrupted ones did.
    place.clear_unfinished(&part)?;
    bytes_written += shelf.bytes_written + list.bytes;
    let audit = contents.audit().head;
    let mut missing = shelf.missing;
    let missing_pictures = u64::try_from(missing.len()).unwrap_or(u64::MAX);
    if contents.has_keys && !files.contains_key(KEY_FILE) {
        missing.push(Fault::new(&KEY_FILE, NO_FILE));
    }
    // One that was shredded since the cut has lost its key before its box.
    match living_tips(&boxless, request.data_dir) {
        Ok(gone) => missing.extend(
            gone.iter()
                .map(|id| Fault::new(&format!("{SHELF}/{id}"), NO_FILE)),
        ),
        Err(error) => missing.push(Fault::new(&KEY_FILE, &error.to_string())),
    }
    let manifest = Manifest {
        form: FORM,
        program: concat!("minhchung ", env!("CARGO_PKG_VERSION")).to_owned(),
        directory_format: FORMAT,
        made_at: request.made_at.to_string(),
        encrypted_to: request.recipients.names(),
        rows,
        tables: contents.census.tables(),
        audit_entries: audit.length,
        audit_head: Manifest::audit_head(audit),
        pictures: u64::try_from(contents.pictures.len()).unwrap_or(u64::MAX),
        picture_bytes: contents.picture_bytes(),
        missing_pictures,
        list: Stored::new(list, list),
        files,
    };
    let path = part.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| at(&path)(error.into()))?;
    write_durably(&part, MANIFEST, &text).map_err(at(&path))?;
    place.conclude(&name, &part)?;
    drop(source.directory);
    Ok(Taken {
        generation: name,
        new_pictures: shelf.new_pictures,
        bytes_written: bytes_written + u64::try_from(text.len()).unwrap_or(0),
        pruned: place.prune(request.keep)?,
        missing,
        manifest,
    })
}

/// Refuses a backup inside of what it backs up, or the other way round: it would be none. `place` need not be there yet.
pub fn keep_apart(data_dir: &Path, place: &Path) -> Result<(), BackupError> {
    let data = fs::canonicalize(data_dir).map_err(at(data_dir))?;
    let place = &std::path::absolute(place).map_err(at(place))?;
    // As far as it is there, links and all; the rest has none.
    let there = place.ancestors().find(|path| path.exists()).unwrap_or(place);
    let mut to = fs::canonicalize(there).map_err(at(place))?;
    let rest = place.strip_prefix(there).unwrap_or(place);
    if rest.components().any(|part| part == Component::ParentDir) {
        return Err(BackupError::Place {
            place: place.clone(),
            why: "goes up again from a folder that is not there".to_owned(),
        });
    }
    to.push(rest);
    if to.starts_with(&data) || data.starts_with(&to) {
        return Err(BackupError::Place {
            place: place.clone(),
            why: "the backup and the data directory lie one inside the other".to_owned(),
        });
    }
    Ok(())
}

fn write_rows(
    request: &Request<'_>,
    rows: super::source::Rows,
    part: &Path,
    contents: &mut Contents,
    watch: &dyn Fn(Step),
) -> Result<Stored, BackupError> {
    let path = part.join(format!("{ROWS}{}", request.recipients.ending()));
    let write = || -> io::Result<_> {
        let file = Tally::new(BufWriter::with_capacity(1 << 20, create_file(&path)?));
        RowWriter::begin(Tally::new(request.recipients.seal(file)?))
    };
    let mut writer = write().map_err(at(&path))?;
    for row in rows {
        let (key, value) = row?;
        contents.see(&key, &value);
        writer.put(&key, &value).map_err(at(&path))?;
        if contents.census.rows.is_multiple_of(1024) {
            watch(Step::Rows(contents.census.rows));
        }
    }
    watch(Step::Rows(contents.census.rows));
    let end = || -> io::Result<Stored> {
        let (sealing, plain) = writer.finish()?.end();
        Ok(Stored::new(plain, finish(sealing.finish()?)?))
    };
    end().map_err(at(&path))
}

/// Makes a written file durable; its sum.
pub(super) fn finish(file: Tally<BufWriter<File>>) -> io::Result<Sum> {
    let (file, sum) = file.end();
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    Ok(sum)
}

/// Copies a file, sealed if it has to be, and makes it durable.
fn copy_file(recipients: &Recipients, from: File, to: &Path) -> io::Result<(Sum, Sum)> {
    let file = Tally::new(BufWriter::with_capacity(128 * 1024, create_file(to)?));
    let mut sealing = recipients.seal(file)?;
    let plain = copy(from, &mut sealing)?;
    Ok((plain, finish(sealing.finish()?)?))
}

fn write_file(request: &Request<'_>, part: &Path, name: &str) -> Result<Option<Stored>, BackupError> {
    let from = request.data_dir.join(name);
    let file = match File::open(&from) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&from)(error)),
    };
    let to = part.join(format!("file.{name}{}", request.recipients.ending()));
    let (plain, stored) = copy_file(request.recipients, file, &to).map_err(at(&to))?;
    Ok(Some(Stored::new(plain, stored)))
}

type List = Peekable<Box<dyn Iterator<Item = Listed>>>;

/// What is said of a picture that may lie here already.
#[derive(Debug, Default)]
struct Known {
    /// By the newest whole generation that knows it.
    whole: Option<Sum>,
    /// By those that were interrupted. One of them may have made it anew, so then its bytes are looked at.
    unfinished: Vec<Sum>,
}

/// The lines of a list that can be read. A spoilt one costs another look at a file, no more.
fn known_lines(path: &Path) -> io::Result<List> {
    let unless_disk_fails = |listed: io::Result<Listed>| match listed {
        Ok(listed) => Some(Some(listed)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Some(None),
        Err(_) => None,
    };
    let lines: Box<dyn Iterator<Item = Listed>> =
        Box::new(read_list(path)?.map_while(unless_disk_fails).flatten());
    Ok(lines.peekable())
}

/// The one shelf of pictures of all generations, being filled.
struct Shelf<'a> {
    request: &'a Request<'a>,
    photos: Photos,
    /// The lists of the generations before, the newest first, which say what lies here already; in the order of the
    /// hashes like the rows.
    previous: Vec<List>,
    /// The same of backups that were interrupted.
    unfinished: Vec<List>,
    touched: BTreeSet<PathBuf>,
    new_pictures: u64,
    bytes_written: u64,
    missing: Vec<Fault>,
}

impl<'a> Shelf<'a> {
    fn open(request: &'a Request<'a>) -> Result<Self, BackupError> {
        let place = request.place;
        let mut previous = Vec::new();
        for name in place.generations()?.into_iter().rev() {
            let path = place.folder(&name).join(LIST);
            match known_lines(&path) {
                Ok(list) => previous.push(list),
                // It costs another look at files, no more; `verify` names it.
                Err(error) => {
                    tracing::warn!(%error, list = %path.display(), "a generation's list of pictures cannot be read");
                }
            }
        }
        let unfinished = place.unfinished()?.into_iter();
        // Those that did not come as far as their pictures have none.
        let unfinished = unfinished.flat_map(|name| known_lines(&place.folder(&name).join(LIST)));
        let unfinished = unfinished.collect();
        Ok(Self {
            request,
            photos: Photos::new(request.data_dir),
            previous,
            unfinished,
            touched: BTreeSet::new(),
            new_pictures: 0,
            bytes_written: 0,
            missing: Vec::new(),
        })
    }

    /// Sees to it that every picture of `contents` lies here, and writes the list of them.
    fn fill(&mut self, part: &Path, contents: &Contents, watch: &dyn Fn(Step)) -> Result<Sum, BackupError> {
        let path = part.join(LIST);
        let mut list = ListWriter::create(&path).map_err(at(&path))?;
        let (mut bytes, of) = (0, contents.picture_bytes());
        for named in &contents.pictures {
            let stored = self.put(named)?;
            let listed = Listed {
                sha256: named.sha256,
                bytes: named.bytes,
                stored,
            };
            list.put(&listed).map_err(at(&path))?;
            bytes += named.bytes;
            watch(Step::Pictures { bytes, of });
        }
        for folder in &self.touched {
            sync_directory(folder).map_err(at(folder))?;
        }
        let pictures = self.request.place.root().join("pictures");
        sync_directory(&pictures).map_err(at(&pictures))?;
        list.finish().map_err(at(&path))
    }

    /// What the lists say about a picture. Hashes are asked for in their order.
    fn known(&mut self, sha256: Sha256) -> Known {
        let in_list = |list: &mut List| {
            while list.next_if(|listed| listed.sha256 < sha256).is_some() {}
            list.next_if(|listed| listed.sha256 == sha256)?.stored
        };
        // Every list goes on, whichever answers.
        let whole: Vec<Option<Sum>> = self.previous.iter_mut().map(in_list).collect();
        Known {
            whole: whole.into_iter().flatten().next(),
            unfinished: self.unfinished.iter_mut().filter_map(in_list).collect(),
        }
    }

    fn put(&mut self, named: &Named) -> Result<Option<Sum>, BackupError> {
        let (folder, path) = self.request.place.picture(named.sha256);
        let known = self.known(named.sha256);
        if let Some(stored) = self.lying(named, &path, &known).map_err(at(&path))? {
            if known.whole != Some(stored) || !known.unfinished.is_empty() {
                // Whoever was interrupted may not have come to make its name durable.
                self.touched.insert(folder);
            }
            return Ok(Some(stored));
        }
        let from = self.photos.path(named.shelf, named.sha256);
        let file = match File::open(&from) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.missing.push(Fault::new(&named.sha256, NO_FILE));
                return Ok(None);
            }
            Err(error) => return Err(at(&from)(error)),
        };
        create_folder(&folder).map_err(at(&folder))?;
        let draft = path.with_extension("part");
        let (plain, stored) = copy_file(self.request.recipients, file, &draft).map_err(at(&draft))?;
        if plain.sha256 != named.sha256 {
            fs::remove_file(&draft).map_err(at(&draft))?;
            self.missing.push(Fault::new(
                &named.sha256,
                &format!("the file in the data directory hashes to {}", plain.sha256),
            ));
            return Ok(None);
        }
        fs::rename(&draft, &path).map_err(at(&path))?;
        self.touched.insert(folder);
        self.new_pictures += 1;
        self.bytes_written += stored.bytes;
        Ok(Some(stored))
    }

    /// The picture if it lies here whole. Its length is compared with what is known; of one that an interrupted backup
    /// left every byte is read. Nobody here can open an encrypted one, so one that no list names is made anew.
    fn lying(&self, named: &Named, path: &Path, known: &Known) -> io::Result<Option<Sum>> {
        let length = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if let (Some(whole), true) = (known.whole, known.unfinished.is_empty()) {
            return Ok(Some(whole).filter(|whole| whole.bytes == length));
        }
        let is_known = |sum: &Sum| known.whole == Some(*sum) || known.unfinished.contains(sum);
        if self.request.place.is_sealed() {
            if known.unfinished.is_empty() {
                return Ok(None);
            }
            return Ok(Some(sum_of(File::open(path)?)?).filter(is_known));
        }
        let sum = sum_of(File::open(path)?)?;
        Ok(Some(sum).filter(|sum| sum.sha256 == named.sha256))
    }
}
