//! The load: a fixed number of requests over a fixed number of connections, as fast as the answers come.
//!
//! Invariant: every answer is read to its end and its status checked; one wrong answer fails the run.
//! Refuses: anything but loopback.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How a run went.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// How many requests.
    pub(super) requests: usize,
    /// From the first byte to the last answer.
    pub(super) took: Duration,
    /// The time of each request, sorted.
    pub(super) latencies: Vec<Duration>,
}

impl Run {
    /// Requests per second.
    pub(super) fn per_second(&self) -> f64 {
        u32::try_from(self.requests).map_or(0.0, f64::from) / self.took.as_secs_f64().max(1e-9)
    }

    /// The time within which this share of the requests was answered.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = self.latencies.len().saturating_sub(1) * percent / 100;
        self.latencies.get(rank).copied().unwrap_or_default()
    }
}

/// Sends `requests` requests over `connections` connections. `request(n)` writes the n-th whole request.
pub(super) fn run(
    address: SocketAddr,
    connections: usize,
    requests: usize,
    expected_status: u16,
    request: impl Fn(usize, &mut Vec<u8>) + Sync,
) -> io::Result<Run> {
    if !address.ip().is_loopback() {
        return Err(io::Error::other("the bench loads nothing but loopback"));
    }
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let all: io::Result<Vec<Vec<Duration>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut latencies = Vec::new();
                    let mut connection = Connection::open(address)?;
                    let mut bytes = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= requests {
                            return Ok(latencies);
                        }
                        bytes.clear();
                        request(number, &mut bytes);
                        let sent = Instant::now();
                        connection.exchange(&bytes, expected_status)?;
                        latencies.push(sent.elapsed());
                    }
                })
            })
            .collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, io::Result<Vec<Duration>>>| {
            worker
                .join()
                .unwrap_or_else(|_panic| Err(io::Error::other("a connection's thread panicked")))
        };
        workers.into_iter().map(join).collect()
    });
    let mut latencies: Vec<Duration> = all?.into_iter().flatten().collect();
    latencies.sort_unstable();
    Ok(Run {
        requests,
        took: started.elapsed(),
        latencies,
    })
}

/// One kept-alive connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let reader = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
        Ok(Self { stream, reader })
    }

    /// Sends one request and reads its answer's body.
    pub(super) fn exchange(&mut self, request: &[u8], expected_status: u16) -> io::Result<Vec<u8>> {
        self.stream.write_all(request)?;
        let mut status = String::new();
        self.reader.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        if status.split(' ').nth(1).and_then(|code| code.parse().ok()) != Some(expected_status) {
            return Err(io::Error::other(format!(
                "{} {}",
                status.trim(),
                String::from_utf8_lossy(&body)
            )));
        }
        Ok(body)
    }
}
