//! Open connections: how many there are, which of them nobody uses, and whose reader stands still.
//!
//! The framework bounds the first head of a connection and the silence after an answer. It does not bound the second
//! head (a byte now and then keeps the connection for ever), nor an answer that is never read. And when all connections
//! are taken it lets nobody in, however idle those are. So each connection is registered here, and a watch once a
//! second ends what has not come to a request for too long, what does not read its answer, and, when most places are
//! taken, those that have been idle longest.
//!
//! Invariant: a connection with a request under way is ended only for standing still.
//! Refuses: to know addresses.

use std::any::Any;
use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream as Accepted;
use tokio::time::{Instant, interval};

use super::watched::SLICE_BYTES;
use crate::config::Limits;

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Never, as a moment.
const NEVER: u64 = u64::MAX;

/// All open connections.
#[derive(Debug)]
pub struct Connections {
    open: Mutex<HashMap<u64, Arc<Line>>>,
    count: AtomicU64,
    started: Instant,
    /// Beyond so many the idle ones have to go,
    comfortable: usize,
    /// until so many are left: those who wait outside have waited long enough.
    roomy: usize,
    idle: Duration,
    reading: Duration,
}

/// One connection.
#[derive(Debug)]
struct Line {
    /// A second handle, so that it can be ended from here.
    socket: TcpStream,
    /// Requests under way.
    requests: AtomicUsize,
    /// Since when there is none, in milliseconds of the service's life.
    idle_since: AtomicU64,
    /// Since when its reader has something to read; [`NEVER`] when it has not.
    to_read_since: AtomicU64,
}

/// Belongs to a connection and goes with it.
#[derive(Debug)]
pub struct OpenConnection {
    line: Arc<Line>,
    number: u64,
    all: Arc<Connections>,
}

/// A request under way on a connection, until its answer was handed over.
#[derive(Debug)]
pub(super) struct Busy {
    line: Arc<Line>,
    all: Arc<Connections>,
}

impl Connections {
    /// A register for at most `max` connections.
    pub fn new(max: usize, limits: &Limits) -> Arc<Self> {
        let slowest = limits.body_min_bytes_per_s.max(1);
        let slice = u64::try_from(SLICE_BYTES).unwrap_or(u64::MAX);
        Arc::new(Self {
            open: Mutex::default(),
            count: AtomicU64::new(0),
            started: Instant::now(),
            comfortable: max - max / 8,
            roomy: max / 2,
            idle: Duration::from_millis(limits.connection_idle_ms),
            reading: Duration::from_millis(slice.saturating_mul(1000) / slowest),
        })
    }

    /// Registers a connection that was just accepted.
    pub fn register(self: &Arc<Self>, accepted: &dyn Any, data: &mut Extensions) {
        let Some(socket) = accepted.downcast_ref::<Accepted>() else {
            return;
        };
        // Without a second handle it is not watched, which the next look at the file handles explains.
        let Ok(socket) = socket.as_fd().try_clone_to_owned() else {
            return;
        };
        let line = Arc::new(Line {
            socket: TcpStream::from(socket),
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.now()),
            to_read_since: AtomicU64::new(NEVER),
        });
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        self.open().insert(number, Arc::clone(&line));
        data.insert(OpenConnection {
            line,
            number,
            all: Arc::clone(self),
        });
    }

    /// Looks once a second, until dropped.
    pub async fn watch(self: Arc<Self>) {
        let mut due = interval(LOOK_EVERY);
        loop {
            due.tick().await;
            self.look();
        }
    }

    fn look(&self) {
        let now = self.now();
        let older = |since: u64, than: Duration| {
            u128::from(now.saturating_sub(since)) > than.as_millis() && since != NEVER
        };
        let mut idle: Vec<(u64, Arc<Line>)> = Vec::new();
        let open = {
            let open = self.open();
            for line in open.values() {
                if line.requests.load(Ordering::Relaxed) == 0 {
                    idle.push((line.idle_since.load(Ordering::Relaxed), Arc::clone(line)));
                } else if older(line.to_read_since.load(Ordering::Relaxed), self.reading) {
                    line.end();
                }
            }
            open.len()
        };
        let too_many = if open > self.comfortable {
            open.saturating_sub(self.roomy)
        } else {
            0
        };
        if too_many > 0 {
            idle.sort_unstable_by_key(|(since, _)| *since);
        }
        for (place, (since, line)) in idle.iter().enumerate() {
            if place < too_many || older(*since, self.idle) {
                line.end();
            }
        }
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Ends it, as if the peer had.
    fn end(&self) {
        // Whoever is gone already does not have to be ended.
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

impl OpenConnection {
    /// A request has come.
    pub(super) fn begin(&self) -> Busy {
        self.line.requests.fetch_add(1, Ordering::Relaxed);
        Busy {
            line: Arc::clone(&self.line),
            all: Arc::clone(&self.all),
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.all.open().remove(&self.number);
    }
}

impl Busy {
    /// The connection asks for more.
    pub(super) fn reader_reads(&self) {
        self.line.to_read_since.store(NEVER, Ordering::Relaxed);
    }

    /// The connection has something to pass on.
    pub(super) fn reader_has_to_read(&self) {
        self.line.to_read_since.store(self.all.now(), Ordering::Relaxed);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.line.idle_since.store(self.all.now(), Ordering::Relaxed);
        self.line.to_read_since.store(NEVER, Ordering::Relaxed);
        self.line.requests.fetch_sub(1, Ordering::Relaxed);
    }
}
