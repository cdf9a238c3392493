//! Picture files: received into `incoming/`, hashed on the way, then put on the shelf of their month.
//!
//! ```text
//! incoming/<random>.part        being received; removed by its guard, or at the next start
//! incoming/<upload>.tus         a resumable upload; removed when it ends or expires
//! photos/2026-02/<sha256>       kept untouched, for ever; written once
//! renditions/<size>/<sha256>    smaller copies; can be made again at any time
//! ```
//!
//! Invariant: a file on a shelf has the bytes its name says, and was on disk before it got that name.
//! Refuses: to know whose picture it is or whether a row speaks of it; the evidence service does.

mod staging;
mod survey;
mod sweep;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use staging::{Received, Staged};
pub use survey::Lying;
pub use sweep::Orphan;

use crate::crash::{self, Point};
use crate::disk::sync_directory;
use crate::domain::{Sha256, ShelfMonth};

/// The picture files of one data directory.
#[derive(Debug, Clone)]
pub struct Photos {
    root: PathBuf,
    /// Shelves whose own names this process has made durable.
    standing: Arc<Mutex<BTreeSet<ShelfMonth>>>,
}

impl Photos {
    /// The picture files under `data_dir`, whose folders exist.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            root: data_dir.to_owned(),
            standing: Arc::default(),
        }
    }

    /// Begins to receive a picture.
    pub fn stage(&self) -> io::Result<Staged> {
        Staged::begin(&self.incoming())
    }

    /// Makes a received picture's bytes durable and puts it on the shelf of `month` under its hash. The name is durable
    /// only once [`Photos::sync_shelf`] has returned.
    pub fn shelve(&self, received: Received, month: ShelfMonth) -> io::Result<()> {
        let folder = self.shelf(month);
        fs::create_dir_all(&folder)?;
        let name = folder.join(received.sha256().to_string());
        received.settle_at(&name)
    }

    /// Makes the names on the shelf of `month` durable, and the shelf's own name.
    pub fn sync_shelf(&self, month: ShelfMonth) -> io::Result<()> {
        crash::reached(Point::BeforeShelfSync);
        sync_directory(&self.shelf(month))?;
        // Whoever made the shelf may have died before anybody synced the folder that holds it, so its being there
        // proves nothing; once a process is enough.
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if !standing.contains(&month) {
            sync_directory(&self.root.join("photos"))?;
            standing.insert(month);
        }
        crash::reached(Point::AfterShelfSync);
        Ok(())
    }

    /// Whether the picture is on that shelf.
    pub fn holds(&self, month: ShelfMonth, sha256: Sha256) -> bool {
        self.path(month, sha256).is_file()
    }

    /// Where the picture lies.
    pub fn path(&self, month: ShelfMonth, sha256: Sha256) -> PathBuf {
        self.shelf(month).join(sha256.to_string())
    }

    /// The bytes of a picture.
    pub fn read(&self, month: ShelfMonth, sha256: Sha256) -> io::Result<Vec<u8>> {
        fs::read(self.path(month, sha256))
    }

    /// The smaller copy of `size` (a folder name), if it was made before.
    pub fn rendition(&self, size: &str, sha256: Sha256) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.rendition_path(size, sha256)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a smaller copy. It is written under another name first, so that nobody ever reads half of one.
    pub fn keep_rendition(&self, size: &str, sha256: Sha256, bytes: &[u8]) -> io::Result<()> {
        let path = self.rendition_path(size, sha256);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = self
            .incoming()
            .join(format!("{:032x}.part", rand::random::<u128>()));
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        // Without this a power cut could leave an empty file under the final name.
        file.sync_data()?;
        fs::rename(&draft, path)
    }

    /// The file of the resumable upload `id`, made if it is not there.
    pub fn open_upload(&self, id: &str) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .append(true)
            .open(self.upload_path(id))
    }

    /// How much of the resumable upload `id` is here; `None` when there is no such file.
    pub fn upload_length(&self, id: &str) -> io::Result<Option<u64>> {
        match fs::metadata(self.upload_path(id)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Cuts the resumable upload `id` back to `length` bytes.
    pub fn truncate_upload(&self, id: &str, length: u64) -> io::Result<()> {
        File::options()
            .write(true)
            .open(self.upload_path(id))?
            .set_len(length)
    }

    /// Takes a finished resumable upload as a received picture: hashes it. Its own file
    /// stays until [`Photos::remove_upload`], so that whatever goes wrong on the way to the row costs no second sending.
    pub fn receive_upload(&self, id: &str) -> io::Result<Received> {
        Received::of_upload(&self.upload_path(id))
    }

    /// Throws a resumable upload away, if it is there.
    pub fn remove_upload(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.upload_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn upload_path(&self, id: &str) -> PathBuf {
        self.incoming().join(format!("{id}.tus"))
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    fn shelf(&self, month: ShelfMonth) -> PathBuf {
        self.root.join("photos").join(month.to_string())
    }

    fn rendition_path(&self, size: &str, sha256: Sha256) -> PathBuf {
        self.root.join("renditions").join(size).join(sha256.to_string())
    }
}

/// SHA-256 and length of all that `reader` gives.
fn hash_of(mut reader: impl Read) -> io::Result<(Sha256, u64)> {
    use sha2::Digest;

    let mut hasher = sha2::Sha256::new();
    let mut piece = vec![0; 128 * 1024];
    let mut length: u64 = 0;
    loop {
        let count = reader.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            break;
        };
        hasher.update(read);
        length = length.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
    Ok((Sha256(hasher.finalize().into()), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos() -> (tempfile::TempDir, Photos) {
        let home = tempfile::tempdir().unwrap();
        for part in ["incoming", "photos", "renditions"] {
            fs::create_dir(home.path().join(part)).unwrap();
        }
        let photos = Photos::new(home.path());
        (home, photos)
    }

    const MONTH: ShelfMonth = ShelfMonth(202_602);

    #[test]
    fn a_received_picture_lies_on_its_shelf_under_its_hash() {
        let (_home, photos) = photos();
        let mut staged = photos.stage().unwrap();
        staged.write(b"half ").unwrap();
        staged.write(b"and half").unwrap();
        let received = staged.finish();
        let sha256 = received.sha256();
        assert_eq!(received.bytes(), 13);
        assert_eq!(received.read().unwrap(), b"half and half");
        photos.shelve(received, MONTH).unwrap();
        photos.sync_shelf(MONTH).unwrap();
        assert_eq!(photos.read(MONTH, sha256).unwrap(), b"half and half");
        assert_eq!(hash_of(&b"half and half"[..]).unwrap(), (sha256, 13));
        assert_eq!(fs::read_dir(photos.incoming()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_dropped_before_it_is_shelved_leaves_nothing() {
        let (_home, photos) = photos();
        let mut staged = photos.stage().unwrap();
        staged.write(b"cut").unwrap();
        drop(staged);
        let whole = photos.stage().unwrap().finish();
        drop(whole);
        assert_eq!(fs::read_dir(photos.incoming()).unwrap().count(), 0);
    }

    #[test]
    fn an_upload_stays_whole_until_it_is_removed_and_its_picture_stays_after() {
        let (_home, photos) = photos();
        photos.open_upload("u1").unwrap().write_all(b"whole").unwrap();
        let first = photos.receive_upload("u1").unwrap();
        let sha256 = first.sha256();
        drop(first);
        assert_eq!(photos.upload_length("u1").unwrap(), Some(5));
        // The second time is a retry after the row could not be written.
        for _ in 0..2 {
            let received = photos.receive_upload("u1").unwrap();
            photos.shelve(received, MONTH).unwrap();
            assert_eq!(photos.upload_length("u1").unwrap(), Some(5));
        }
        photos.remove_upload("u1").unwrap();
        assert_eq!(photos.read(MONTH, sha256).unwrap(), b"whole");
        assert!(photos.receive_upload("u1").is_err());
    }

    #[test]
    fn a_start_sweeps_half_received_pictures_but_not_resumable_uploads() {
        let (_home, photos) = photos();
        fs::write(photos.incoming().join("0f.part"), b"half").unwrap();
        fs::write(photos.incoming().join("u1.tus"), b"half").unwrap();
        assert_eq!(photos.sweep_incoming().unwrap(), 1);
        assert_eq!(photos.upload_length("u1").unwrap(), Some(4));
        assert_eq!(photos.uploads().unwrap(), ["u1"]);
    }
}
