//! `minhchung backup`: makes, verifies and rehearses backups.
//!
//! Invariant: exit code 0 means that everything is there and is what it should be.
//! Refuses: to call a backup good when a picture was missing; it is made, and the exit code is 1.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::HumanBytes;

use super::Failure;
use super::progress::Bar;
use super::restore::{explain, identities, print_restored};
use super::say::say;
use crate::clock::Clock;
use crate::ops::backup::{
    MissingBefore, Opened, Place, Recipients, Request, Stage, Taken, Verified, generate_identity, is_packed,
    keep_apart, pack, parent_of, rehearse, require_source, take, verify,
};
use crate::store::note_backup;

/// How many generations stay at most, and when nothing else is said: [`crate::store::FILE_GENERATIONS`].
const KEEP: u32 = 7;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    other: Option<Other>,
    /// Directory that holds everything, served or not
    #[arg(long, env = "MINHCHUNG_DATA_DIR", required = true)]
    data_dir: Option<PathBuf>,
    /// Directory of backups, made if it is not there; or a file ending in `.tar`, which holds one backup as a whole
    #[arg(long, required = true)]
    to: Option<PathBuf>,
    /// Encrypt to this recipient (age1…); may be given again. The same for every backup in one directory
    #[arg(long, value_name = "RECIPIENT")]
    encrypt_to: Vec<String>,
    /// How many generations stay, 1 to 7: no copy holds the keys of the tip line longer, so that what was shredded
    /// becomes unreadable in the backups too
    #[arg(long, default_value_t = KEEP, value_parser = generations)]
    keep: u32,
    /// For how many minutes to wait for another command that works there, such as a verification
    #[arg(long, value_name = "MINUTES", default_value_t = 240)]
    wait: u32,
}

/// How many generations may stay.
fn generations(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=KEEP).contains(number));
    number.ok_or_else(|| {
        format!("1 to {KEEP} generations stay: the keys of the tip line are kept no longer, so that what was shredded cannot be read in a backup either")
    })
}

#[derive(Debug, clap::Subcommand)]
enum Other {
    /// Prove that a backup still is what was written; exit code 1 when anything differs
    Verify(Verify),
    /// Restore into a temporary directory, prove everything, report, and remove it
    Rehearse(Rehearse),
    /// Make a key pair: the identity goes to a file, the recipient to standard output
    Keygen(Keygen),
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// Directory of backups, or one packed as a file
    #[arg(long)]
    from: PathBuf,
    /// Which generation; the newest when absent
    #[arg(long, conflicts_with = "all")]
    generation: Option<String>,
    /// Every generation
    #[arg(long)]
    all: bool,
    /// File of an age identity; an encrypted backup is then opened too, otherwise compared as it lies
    #[arg(long)]
    identity: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Rehearse {
    /// Directory of backups, or one packed as a file
    #[arg(long)]
    from: PathBuf,
    /// Which generation; the newest when absent
    #[arg(long)]
    generation: Option<String>,
    /// File of an age identity, for an encrypted backup
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Where there is room for a while; the system's directory for temporary files when absent
    #[arg(long = "in")]
    parent: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Keygen {
    /// File for the identity; must not be there yet. Keep it away from the server
    #[arg(long)]
    out: PathBuf,
}

impl Backup {
    pub(super) fn run(self) -> Result<(), Failure> {
        match (self.other, self.data_dir, self.to) {
            (Some(Other::Verify(verify)), ..) => verify.run(),
            (Some(Other::Rehearse(rehearse)), ..) => rehearse.run(),
            (Some(Other::Keygen(keygen)), ..) => keygen.run(),
            (None, Some(data_dir), Some(to)) => {
                let began = Clock::system().now();
                let wait = Duration::from_mins(self.wait.into());
                let made = back_up(&data_dir, &to, &self.encrypt_to, self.keep, wait)?;
                // Before anything is said: whoever listens may have gone away.
                if made.taken.missing.is_empty()
                    && let Err(error) = note_backup(&data_dir, began)
                {
                    tracing::warn!(%error, "the backup is whole, but the service's figures cannot be told so");
                }
                made.tell(&to)
            }
            (None, ..) => Err(Failure::wrong("--data-dir and --to are needed")),
        }
    }
}

/// A backup where it was to go.
struct Made {
    taken: Taken,
    /// The length of the file that it was packed into, bytes.
    packed: Option<u64>,
}

fn back_up(
    data_dir: &Path,
    to: &Path,
    encrypt_to: &[String],
    keep: u32,
    wait: Duration,
) -> Result<Made, Failure> {
    let recipients = Recipients::parse(encrypt_to).map_err(Failure::wrong)?;
    // Before anything is made: what root leaves in a directory of backups stops the service's account there.
    require_source(data_dir).map_err(explain)?;
    if !is_packed(to) {
        let taken = back_up_into(data_dir, to, &recipients, keep, wait)?;
        return Ok(Made { taken, packed: None });
    }
    if to.exists() {
        return Err(Failure::wrong(format!("{} is there already", to.display())));
    }
    let stage = Stage::make(parent_of(to), "backup").map_err(explain)?;
    // One that lacks pictures is packed all the same, and said to lack them.
    let taken = back_up_into(data_dir, stage.path(), &recipients, keep, wait)?;
    let packed = Some(pack(&stage, to).map_err(explain)?);
    Ok(Made { taken, packed })
}

fn back_up_into(
    data_dir: &Path,
    to: &Path,
    recipients: &Recipients,
    keep: u32,
    wait: Duration,
) -> Result<Taken, Failure> {
    // Before anything is made there.
    keep_apart(data_dir, to).map_err(explain)?;
    let place = Place::open(to, recipients, wait).map_err(explain)?;
    let request = Request {
        data_dir,
        place: &place,
        recipients,
        keep: usize::try_from(keep).unwrap_or(usize::MAX),
        made_at: Clock::system().now(),
    };
    let bar = Bar::new();
    let taken = take(&request, &|step| bar.show(step)).map_err(explain)?;
    bar.end();
    Ok(taken)
}

impl Made {
    /// Says what was made, and fails when anything was missing.
    fn tell(&self, to: &Path) -> Result<(), Failure> {
        print_taken(&self.taken);
        if let Some(bytes) = self.packed {
            say!("{}: {bytes} bytes", to.display());
        }
        let missing = &self.taken.missing;
        for fault in missing {
            say!("MISSING  {fault}");
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(format!(
            "{} pictures or files were missing or spoilt in the data directory; everything else is backed up",
            missing.len()
        )))
    }
}

fn print_taken(taken: &Taken) {
    let manifest = &taken.manifest;
    say!("generation {}", taken.generation);
    say!(
        "{} rows, {} pictures ({})",
        manifest.all_rows(),
        manifest.pictures,
        HumanBytes(manifest.picture_bytes)
    );
    say!(
        "{} pictures were new, {} bytes written",
        taken.new_pictures,
        taken.bytes_written
    );
    say!(
        "{} entries in the audit log, head {}",
        manifest.audit_entries,
        manifest.audit_head
    );
    let (generations, pictures) = taken.pruned;
    if generations > 0 {
        say!("{generations} old generations and {pictures} pictures of theirs were removed");
    }
    if manifest.encrypted_to.is_empty() {
        say!("not encrypted: keep it as safe as the data directory itself, it holds the same secrets");
    }
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let opened = Opened::open(&self.from, &std::env::temp_dir()).map_err(explain)?;
        let place = &opened.place;
        let identities = identities(self.identity.as_deref())?;
        // One at least has to be there, whatever is asked for.
        let mut generations = vec![place.generation(self.generation.as_deref()).map_err(explain)?];
        if self.all {
            generations = place.generations().map_err(explain)?;
        }
        let bar = Bar::new();
        let verified = verify(place, generations, &identities, &|step| bar.show(step)).map_err(explain)?;
        bar.end();
        print_verified(&verified);
        match (verified.faults.len(), verified.missing_before.len()) {
            (0, 0) => Ok(()),
            (0, missing) => Err(Failure::failed(format!(
                "{missing} pictures were missing in the data directory already when this was made; everything else is whole, and a restore has to accept that"
            ))),
            (wrong, _) => Err(Failure::failed(format!("{wrong} things are wrong"))),
        }
    }
}

fn print_verified(verified: &Verified) {
    for fault in &verified.faults {
        say!("WRONG    {fault}");
    }
    say!(
        "{} generations: {}",
        verified.generations.len(),
        verified.generations.join(", ")
    );
    say!(
        "{} rows, {} pictures, {} bytes read",
        verified.rows,
        verified.pictures,
        verified.picture_bytes
    );
    for missing in &verified.missing_before {
        say!("MISSING  {missing}");
    }
    if !verified.opened {
        say!("the bytes are compared as they lie; name an identity to prove what they hold");
    } else if verified.faults.is_empty() {
        say!("counts, hashes, pictures against rows and the audit chain were proved");
    }
    for (generation, format) in &verified.older {
        say!(
            "{generation} has rows of format {format}: they are the bytes that were written, counted in total; what they mean is proved by a rehearsal, which brings them to this program's format"
        );
    }
    if verified.faults.is_empty() && verified.missing_before.is_empty() {
        say!("whole");
    }
}

impl Rehearse {
    fn run(self) -> Result<(), Failure> {
        let parent = self.parent.unwrap_or_else(std::env::temp_dir);
        let opened = Opened::open(&self.from, &parent).map_err(explain)?;
        let place = &opened.place;
        let generation = place.generation(self.generation.as_deref()).map_err(explain)?;
        let identities = identities(self.identity.as_deref())?;
        let bar = Bar::new();
        let step = |step| bar.show(step);
        let restored = rehearse(
            place,
            &generation,
            &identities,
            MissingBefore::Refuse,
            &parent,
            &step,
        )
        .map_err(explain)?;
        bar.end();
        print_restored(&restored);
        say!("the rehearsal went well; its directory was removed");
        Ok(())
    }
}

impl Keygen {
    fn run(self) -> Result<(), Failure> {
        let (identity, recipient) = generate_identity();
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&self.out);
        let written = file.and_then(|mut file| {
            file.write_all(identity.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| Failure::failed(format!("{}: {error}", self.out.display())))?;
        say!("{recipient}");
        eprintln!(
            "without {} no backup encrypted to this recipient can be opened",
            self.out.display()
        );
        Ok(())
    }
}
