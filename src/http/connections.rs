//! Open connections: how many there are, how much one of them may ask for at once, which of them nobody uses, and whose
//! reader stands still.
//!
//! The framework bounds the first head of a connection and the silence after an answer. It does not bound the second
//! head (a byte now and then keeps the connection for ever), nor an answer that is never read, nor how many requests
//! HTTP/2 puts on one connection. When all connections are taken it lets nobody in, however idle those are, and at a stop
//! it waits its whole patience for a browser that only sits on an HTTP/2 connection. So each connection is registered
//! here, and a watch ends what has not come to a request for too long, what does not read its answer, and, when most
//! places are taken, those that have been idle longest.
//!
//! Invariant: a connection with a request under way is ended only for standing still. One is counted from its first
//! request that is counted itself, so that no figure shows when a citizen's browser came.
//! Refuses: to know addresses.

use std::any::Any;
use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::rt::net::TcpStream as Accepted;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time::{Instant, interval};

use super::outgoing::SLICE_BYTES;
use crate::config::Limits;

/// Requests that run on one connection at most; browsers open 100 where no limit is told.
const AT_ONCE: usize = 128;
/// Headers of one request at most.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a stop looks for connections that are done.
const LOOK_AT_STOP_EVERY: Duration = Duration::from_millis(250);
/// How long a connection is idle before a stop ends it, so that what was answered last has left.
const IDLE_AT_STOP: Duration = Duration::from_secs(1);
/// Never, as a moment.
const NEVER: u64 = u64::MAX;

/// All open connections.
#[derive(Debug)]
pub struct Connections {
    open: Mutex<HashMap<u64, Arc<Line>>>,
    next: AtomicU64,
    counted: Gauge,
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
    is_counted: AtomicBool,
}

/// Belongs to a connection and goes with it.
#[derive(Debug)]
pub struct OpenConnection {
    line: Arc<Line>,
    number: u64,
    all: Arc<Connections>,
}

/// Why a request is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// Its connection has as many at once as it may.
    TooMany,
    /// Its headers are too long.
    TooLong,
}

/// Begins `request` on its connection; `None` when that could not be registered.
pub fn admit(request: &ServiceRequest) -> Result<Option<Running>, NotTaken> {
    // The framework takes 16 MiB over HTTP/2, and over HTTP/1.1 whatever was read at once; it would be held for as long
    // as the answer.
    let lengths = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if lengths.sum::<usize>() > MAX_HEADER_BYTES {
        return Err(NotTaken::TooLong);
    }
    let connection = request.conn_data::<OpenConnection>();
    connection.map(OpenConnection::begin).transpose()
}

/// A request under way on a connection, until its answer has left.
#[derive(Debug)]
pub struct Running {
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
            next: AtomicU64::new(0),
            counted: Gauge::default(),
            started: Instant::now(),
            comfortable: max - max / 8,
            roomy: max / 2,
            idle: Duration::from_millis(limits.connection_idle_ms),
            reading: Duration::from_millis(slice.saturating_mul(1000) / slowest),
        })
    }

    /// Shows under `registry` how many are open that asked for something that is counted.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_connections_open",
            "Connections on which something was asked for that is counted",
            self.counted.clone(),
        );
    }

    /// Takes note of a connection that was just accepted.
    pub fn opened(self: &Arc<Self>, accepted: &dyn Any, data: &mut Extensions) {
        let socket = accepted.downcast_ref::<Accepted>().or_else(|| {
            let secured = accepted.downcast_ref::<TlsStream<Accepted>>()?;
            Some(secured.get_ref().0)
        });
        // Without a second handle it is not watched, which the next look at the file handles explains.
        let Some(Ok(socket)) = socket.map(|socket| socket.as_fd().try_clone_to_owned()) else {
            return;
        };
        let line = Arc::new(Line {
            socket: TcpStream::from(socket),
            requests: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.now()),
            to_read_since: AtomicU64::new(NEVER),
            is_counted: AtomicBool::new(false),
        });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
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

    /// Ends connections that have been idle for a second, again and again; for a service that stops.
    pub async fn end_idle(&self) {
        let mut due = interval(LOOK_AT_STOP_EVERY);
        loop {
            due.tick().await;
            for line in self.open().values() {
                if line.is_idle() && self.is_older(line.idle_since.load(Ordering::Relaxed), IDLE_AT_STOP) {
                    // The framework reads its end and closes it in good order. It may have ended by itself.
                    drop(line.socket.shutdown(Shutdown::Read));
                }
            }
        }
    }

    fn look(&self) {
        let mut idle: Vec<(u64, Arc<Line>)> = Vec::new();
        let open = {
            let open = self.open();
            for line in open.values() {
                if line.is_idle() {
                    idle.push((line.idle_since.load(Ordering::Relaxed), Arc::clone(line)));
                } else if self.is_older(line.to_read_since.load(Ordering::Relaxed), self.reading) {
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
            if place < too_many || self.is_older(*since, self.idle) {
                line.end();
            }
        }
    }

    fn is_older(&self, since: u64, than: Duration) -> bool {
        since != NEVER && u128::from(self.now().saturating_sub(since)) > than.as_millis()
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
    fn is_idle(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0
    }

    /// Ends it, as if the peer had.
    fn end(&self) {
        // Whoever is gone already does not have to be ended.
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

impl OpenConnection {
    /// Begins a request.
    fn begin(&self) -> Result<Running, NotTaken> {
        let running = self.line.requests.fetch_add(1, Ordering::Relaxed);
        // Given back by the guard, also when it is refused.
        let guard = Running {
            line: Arc::clone(&self.line),
            all: Arc::clone(&self.all),
        };
        if running < AT_ONCE {
            Ok(guard)
        } else {
            Err(NotTaken::TooMany)
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.all.open().remove(&self.number);
        if self.line.is_counted.load(Ordering::SeqCst) {
            self.all.counted.dec();
        }
    }
}

impl Running {
    /// Its connection shows in the figures from now on.
    pub fn count(&self) {
        if !self.line.is_counted.swap(true, Ordering::SeqCst) {
            self.all.counted.inc();
        }
    }

    /// The connection asks for more.
    pub(super) fn reader_reads(&self) {
        self.line.to_read_since.store(NEVER, Ordering::Relaxed);
    }

    /// The connection has something to pass on.
    pub(super) fn reader_has_to_read(&self) {
        self.line.to_read_since.store(self.all.now(), Ordering::Relaxed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.line.idle_since.store(self.all.now(), Ordering::Relaxed);
        self.line.to_read_since.store(NEVER, Ordering::Relaxed);
        self.line.requests.fetch_sub(1, Ordering::Relaxed);
    }
}
