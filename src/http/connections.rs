//! Connections as the service sees them: how many are open, and how much one of them may ask for at once.
//!
//! HTTP/2 puts any number of requests on one connection, and the framework sets no limit of its own; here one connection
//! has as many running requests as browsers use at most, and the next is told to come back. The framework does not end
//! idle HTTP/2 connections at a stop either, so a stop would wait its whole patience for a browser that only sits there.
//!
//! Invariant: a connection is counted from its first request that is counted itself, so that nothing shows when a
//! citizen's browser came.
//! Refuses: to cut a connection on which a request runs.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::Version;
use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Requests that run on one connection at most; browsers open 100 where no limit is told.
const AT_ONCE: usize = 128;
/// Headers of one request at most.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How often a stop looks for connections that are done.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How many looks a connection has to be idle for, so that what was answered last has left.
const IDLE_LOOKS: usize = 4;

/// All connections of one service. Clones speak of the same.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<All>);

#[derive(Debug, Default)]
struct All {
    next: AtomicU64,
    open: Gauge,
    multiplexed: Mutex<BTreeMap<u64, Weak<Connection>>>,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    number: u64,
    all: Arc<All>,
    running: AtomicUsize,
    idle_looks: AtomicUsize,
    is_counted: AtomicBool,
    /// The way to end it; of HTTP/2 only, since the framework ends the others.
    socket: Option<TcpStream>,
}

/// Why a request is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// Its connection has as many at once as it may.
    TooMany,
    /// Its headers are longer than HTTP/1.1 may bring here.
    TooLong,
}

/// Begins `request` on its connection.
pub fn admit(request: &ServiceRequest) -> Result<Option<Running>, NotTaken> {
    // Over HTTP/1.1 the framework sees to it; over HTTP/2 it takes 16 MiB, which would be held for as long as the answer.
    if request.version() == Version::HTTP_2 {
        let lengths = request
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len());
        if lengths.sum::<usize>() > MAX_HEADER_BYTES {
            return Err(NotTaken::TooLong);
        }
    }
    let connection = request.request().conn_data::<Arc<Connection>>().cloned();
    connection.map(Connection::begin).transpose()
}

/// A request that runs, until it is dropped.
#[derive(Debug)]
pub struct Running(Arc<Connection>);

impl Connections {
    /// A connection was made. `socket` is a second handle of one that speaks HTTP/2.
    pub fn opened(&self, socket: Option<TcpStream>) -> Arc<Connection> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let connection = Arc::new(Connection {
            number,
            all: Arc::clone(&self.0),
            running: AtomicUsize::new(0),
            idle_looks: AtomicUsize::new(0),
            is_counted: AtomicBool::new(false),
            socket,
        });
        if connection.socket.is_some() {
            self.0.known().insert(number, Arc::downgrade(&connection));
        }
        connection
    }

    /// Shows under `registry` how many are open that asked for something that is counted.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_connections_open",
            "Connections on which something was asked for that is counted",
            self.0.open.clone(),
        );
    }

    /// Ends HTTP/2 connections that have been idle for a second, again and again; for a service that stops.
    pub async fn end_idle(&self) {
        loop {
            let known: Vec<Arc<Connection>> = self.0.known().values().filter_map(Weak::upgrade).collect();
            for connection in known {
                connection.end_if_idle();
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl All {
    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Weak<Connection>>> {
        self.multiplexed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Begins a request.
    fn begin(self: Arc<Self>) -> Result<Running, NotTaken> {
        let running = self.running.fetch_add(1, Ordering::SeqCst);
        // Given back by the guard, also when it is refused.
        let guard = Running(self);
        if running < AT_ONCE {
            Ok(guard)
        } else {
            Err(NotTaken::TooMany)
        }
    }

    fn end_if_idle(&self) {
        if self.running.load(Ordering::SeqCst) > 0 {
            self.idle_looks.store(0, Ordering::SeqCst);
        } else if self.idle_looks.fetch_add(1, Ordering::SeqCst) + 1 == IDLE_LOOKS
            && let Some(socket) = &self.socket
        {
            // It may have ended by itself.
            drop(socket.shutdown(Shutdown::Read));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.socket.is_some() {
            self.all.known().remove(&self.number);
        }
        if self.is_counted.load(Ordering::SeqCst) {
            self.all.open.dec();
        }
    }
}

impl Running {
    /// Its connection shows in the figures from now on.
    pub fn count(&self) {
        if !self.0.is_counted.swap(true, Ordering::SeqCst) {
            self.0.all.open.inc();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer's body that keeps its request running until it has left, and counts its bytes where they are counted.
#[derive(Debug)]
pub struct Watched {
    body: BoxBody,
    sent: Option<Counter>,
    _running: Option<Running>,
}

impl Watched {
    /// Watches `body`.
    pub const fn new(body: BoxBody, sent: Option<Counter>, running: Option<Running>) -> Self {
        Self {
            body,
            sent,
            _running: running,
        }
    }
}

impl MessageBody for Watched {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let watched = self.get_mut();
        let piece = std::task::ready!(Pin::new(&mut watched.body).poll_next(cx));
        if let (Some(sent), Some(Ok(piece))) = (&watched.sent, &piece) {
            sent.inc_by(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(piece)
    }
}
