//! The door for commands on this machine: a Unix socket in the data directory, on which a running server hands out a
//! snapshot of all rows. The command does the rest, so that neither a slow disk nor a missing right to write somewhere
//! is the server's trouble.
//!
//! ```text
//! command: "rows\n"      server: "minhchung control 1 format 1\n" and a stream of rows, or "refused: <why>\n"
//! ```
//!
//! Invariant: only the server's own account and root are answered, and only on this machine.
//! Refuses: to change anything, and to outlive the store: a stop ends what is being handed out.

use std::fs::{self, File, Permissions};
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::store::{CONTROL, FORMAT, RowReader, RowWriter, Snapshot, Store, StoreError};

const ASK: &[u8] = b"rows\n";
/// How long a command may take to say what it wants.
const ASK_WITHIN: Duration = Duration::from_secs(10);
/// How long one that asked may not read on.
const STALLED_AFTER: Duration = Duration::from_mins(5);
/// How often a full queue is tried again, and how long to wait in between.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
const MAX_LINE: u64 = 1024;

/// Why a running server did not hand out its rows.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It says why.
    #[error("the running server refused: {0}")]
    Refused(String),
    /// It is another version.
    #[error("the running server is of another version than this command ({0}); restart it")]
    OtherVersion(String),
    /// The socket failed.
    #[error("the running server cannot be asked: {0}")]
    Io(#[from] io::Error),
}

/// All rows of a running server.
pub type ServedRows = RowReader<BufReader<net::UnixStream>>;

/// Asks the server of `data_dir` for a snapshot of all rows; `None` when none is running there.
pub fn ask_for_rows(data_dir: &Path) -> Result<Option<ServedRows>, ControlError> {
    let (_home, path) = door(data_dir)?;
    let mut stream = match net::UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    stream.set_read_timeout(Some(STALLED_AFTER))?;
    io::Write::write_all(&mut stream, ASK)?;
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.by_ref().take(MAX_LINE).read_line(&mut line)?;
    let line = line.trim_end();
    match line.strip_prefix("refused: ") {
        Some(why) => Err(ControlError::Refused(why.to_owned())),
        None if line == greeting() => Ok(Some(RowReader::begin(input)?)),
        None => Err(ControlError::OtherVersion(line.to_owned())),
    }
}

fn greeting() -> String {
    format!("minhchung control 1 format {FORMAT}")
}

/// The socket's path by way of its open directory: a socket's own path may have no more than 107 bytes.
fn door(data_dir: &Path) -> io::Result<(File, PathBuf)> {
    let home = File::open(data_dir)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{CONTROL}", home.as_raw_fd()));
    Ok((home, path))
}

/// The open door.
#[derive(Debug)]
pub(super) struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Opens the door in `data_dir`, which this process has locked: whatever lies there was left by a dead one.
    pub(super) fn open(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(CONTROL);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (_home, short) = door(data_dir)?;
        let listener = UnixListener::bind(short)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers until `stopping`; then nothing of the store is held here any more.
    pub(super) async fn answer(self, store: Store, mut stopping: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        loop {
            let stream = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "a command could not be let in");
                        // It is still there when file handles are; asking at once would only turn in a circle.
                        sleep(BETWEEN_TRIES).await;
                        continue;
                    }
                },
                Some(_) = running.join_next() => continue,
            };
            running.spawn(attend(stream, store.clone(), stopping.clone()));
        }
        while running.join_next().await.is_some() {}
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket stays behind; the next start removes it");
        }
    }
}

/// One command. The snapshot goes with the end of this, whatever ends it.
async fn attend(mut stream: UnixStream, store: Store, mut stopping: watch::Receiver<bool>) {
    let ours = rustix::process::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == ours || peer.uid() == 0 => {}
        _ => return tracing::warn!("a command of another account was not answered"),
    }
    let mut asked = [0; ASK.len()];
    if !matches!(
        timeout(ASK_WITHIN, stream.read_exact(&mut asked)).await,
        Ok(Ok(_))
    ) || asked != ASK
    {
        return;
    }
    let mut rows = match snapshot(&store).await {
        Ok(rows) => rows,
        Err(error) => {
            let sent = write(
                &mut stream,
                format!("refused: {error}\n").as_bytes(),
                &mut stopping,
            )
            .await;
            return drop(sent);
        }
    };
    // The snapshot holds the store as long as it has to.
    drop(store);
    match hand_out(&mut stream, &mut rows, &mut stopping).await {
        Ok(count) => tracing::info!(rows = count, "the rows were handed out for a backup"),
        Err(error) => tracing::warn!(%error, "the rows could not be handed out to their end"),
    }
}

async fn snapshot(store: &Store) -> Result<Snapshot, StoreError> {
    for _ in 1..TRIES {
        match store.snapshot().await {
            Err(StoreError::Busy) => sleep(BETWEEN_TRIES).await,
            other => return other,
        }
    }
    store.snapshot().await
}

async fn hand_out(
    stream: &mut UnixStream,
    rows: &mut Snapshot,
    stopping: &mut watch::Receiver<bool>,
) -> io::Result<u64> {
    write(stream, format!("{}\n", greeting()).as_bytes(), stopping).await?;
    let mut writer = RowWriter::begin(Vec::new())?;
    let mut count = 0_u64;
    loop {
        // A millisecond of reading; there are few commands, and a thread for each piece would cost as much.
        let piece = rows.next_piece().map_err(io::Error::other)?;
        if piece.is_empty() {
            break;
        }
        for (key, value) in piece {
            writer.put(&key, &value)?;
            count += 1;
        }
        let bytes = std::mem::take(writer.get_mut());
        write(stream, &bytes, stopping).await?;
    }
    let end = writer.finish()?;
    write(stream, &end, stopping).await?;
    Ok(count)
}

async fn write(
    stream: &mut UnixStream,
    bytes: &[u8],
    stopping: &mut watch::Receiver<bool>,
) -> io::Result<()> {
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => Err(io::Error::other("the server stops")),
        written = timeout(STALLED_AFTER, stream.write_all(bytes)) => {
            written.unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
        }
    }
}
