//! A server in a process of its own, so that its time and memory can be told from the load's.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::BenchError;
use super::load::Connection;

/// Clock ticks of `/proc/<pid>/stat` per second, the same on every Linux this runs on.
const TICKS_PER_S: f64 = 100.0;

/// A running child; killed when dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// From the start of the process to its ready line.
    pub(super) started_in: Duration,
}

impl Server {
    /// Our own server on `data_dir`.
    pub(super) fn ours(data_dir: &Path) -> Result<Self, BenchError> {
        Self::start(
            Command::new(std::env::current_exe()?)
                .args(["--log-filter", "warn", "serve"])
                .args([
                    "--listen",
                    "127.0.0.1:0",
                    "--min-free-mib",
                    "64",
                    "--ballast-mib",
                    "1",
                    // Checks come after the answer and have a bench of their own.
                    "--check-workers",
                    "0",
                    "--data-dir",
                ])
                .arg(data_dir),
        )
    }

    /// The bare writer into `directory`.
    pub(super) fn bare(directory: &Path) -> Result<Self, BenchError> {
        fs::create_dir_all(directory)?;
        Self::start(
            Command::new(std::env::current_exe()?)
                .arg("bench-bare-writer")
                .arg(directory),
        )
    }

    fn start(command: &mut Command) -> Result<Self, BenchError> {
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("no standard error"))?;
        let mut said = String::new();
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next().transpose()? {
            if let Some(address) = line.strip_prefix("listening on http://") {
                let address = address.parse().map_err(io::Error::other)?;
                let started_in = began.elapsed();
                // Whatever it says later must not fill the pipe.
                #[allow(clippy::disallowed_methods, reason = "drains until the child ends")]
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self {
                    child,
                    address,
                    started_in,
                });
            }
            said.push_str(&line);
        }
        Err(BenchError::Answer(said))
    }

    /// Processor seconds used so far.
    pub(super) fn cpu_s(&self) -> Result<f64, BenchError> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold blanks; user and system time are the 12th and 13th field after it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = fields
            .get(11..13)
            .unwrap_or_default()
            .iter()
            .filter_map(|field| field.parse::<f64>().ok());
        Ok(ticks.sum::<f64>() / TICKS_PER_S)
    }

    /// Memory in MiB: `VmHWM` (peak) or `VmRSS` (now).
    pub(super) fn memory_mib(&self, field: &str) -> Result<f64, BenchError> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0)
            .ok_or_else(|| BenchError::Answer(format!("no {field}")))
    }

    /// The process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// An access token of an account of the bench directory.
    pub(super) fn sign_in(&self, username: &str) -> Result<String, BenchError> {
        let body = serde_json::json!({ "username": username, "password": super::PASSWORD }).to_string();
        let request = format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = Connection::open(self.address)?.exchange(request.as_bytes(), 200)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer).map_err(io::Error::other)?;
        let token = answer.get("access_token").and_then(serde_json::Value::as_str);
        token
            .map(str::to_owned)
            .ok_or_else(|| BenchError::Answer(answer.to_string()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
