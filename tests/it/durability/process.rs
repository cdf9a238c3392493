//! A server that runs as a process of its own and can die like one.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

/// Settings under which a test's small file systems do not count as full.
pub const ROOMY: [&str; 4] = ["--min-free-mib", "0", "--ballast-mib", "0"];

/// The program, with nothing from this process's environment. `MINHCHUNG_TEST_BINARY` names another build of it.
pub fn minhchung() -> Command {
    let other = std::env::var_os("MINHCHUNG_TEST_BINARY");
    let mut command = Command::new(other.unwrap_or_else(|| env!("CARGO_BIN_EXE_minhchung").into()));
    command.env_clear().stdin(Stdio::null());
    command
}

/// `minhchung serve` in `data_dir`.
pub fn serve(data_dir: &Path, more: &[&str]) -> Command {
    let mut command = minhchung();
    command.args([
        "--log-filter",
        "error",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
    ]);
    command.arg(data_dir).args(more);
    command
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: String,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts `command` and waits until it listens.
    #[track_caller]
    pub fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|output| panic!("the server did not start: {output:?}"))
    }

    /// Starts `command`; what it left behind when it ended instead of listening.
    pub fn try_start(mut command: Command) -> Result<Self, Output> {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            loop {
                let start = text.len();
                match lines.read_line(&mut text) {
                    Ok(0) => return text,
                    Ok(_) => {}
                    // Half a letter at the end of a process that was killed.
                    Err(_) => {
                        drop(lines.read_to_end(&mut Vec::new()));
                        return text;
                    }
                }
                if let Some(address) = text[start..].trim().strip_prefix("listening on ") {
                    drop(sender.send(address.to_owned()));
                }
            }
        });
        match receiver.recv() {
            Ok(address) => Ok(Self {
                child,
                address,
                log: Some(log),
            }),
            Err(_ended) => {
                let mut output = child.wait_with_output().unwrap();
                output.stderr = log.join().unwrap().into_bytes();
                Err(output)
            }
        }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, now; [`Server::ended`] buries it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// SIGTERM, now.
    pub fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end: how it ended, and what it said.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }

    /// SIGTERM, and then exit code 0.
    #[track_caller]
    pub fn stop(self) {
        self.terminate();
        let (status, log) = self.ended();
        assert!(status.success(), "{status}: {log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(log) = self.log.take() {
            drop(self.child.kill());
            drop(self.child.wait());
            if std::thread::panicking() {
                eprintln!("the server said: {}", log.join().unwrap_or_default());
            }
        }
    }
}

/// Both proofs of a stopped server's directory: the doctor's, over every byte, and the audit log's. Answers with the
/// doctor's report.
#[track_caller]
pub fn prove(data_dir: &Path) -> serde_json::Value {
    let doctor = minhchung()
        .args(["doctor", "--json", "--data-dir"])
        .arg(data_dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let errors = String::from_utf8_lossy(&doctor.stderr).into_owned();
    assert_eq!(doctor.status.code(), Some(0), "doctor: {said}\n{errors}");
    let audit = minhchung()
        .args(["audit", "verify", "--data-dir"])
        .arg(data_dir)
        .output()
        .unwrap();
    assert_eq!(audit.status.code(), Some(0), "audit verify: {audit:?}");
    serde_json::from_str(&said).unwrap()
}
