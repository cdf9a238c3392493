//! `minhchung submit`: a folder of pictures and a list go up through the API.
//!
//! Invariant: exit code 0 says that everything on the list is there; 2 that rows are wrong or the server refused some,
//! 1 that the server was not reached or the session ended, and running it again goes on.
//! Refuses: a password as an argument, which other users of the machine could see.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::say::say;
use super::{Failure, terminal};
use crate::client::{Client, ClientError, Patience, Tongue};
use crate::config::submit_password;
use crate::submit::{Delivery, Outcome, Prepared, prepare, read_list, send_all, write_receipts};

/// How the account's list of devices shows this machine.
const DEVICE_NAME: &str = "minhchung submit";

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("who").required(true).args(["username", "enrol"])))]
pub(super) struct Submit {
    /// The service, such as `https://minhchung.example.vn`
    #[arg(long, env = "MINHCHUNG_SERVER")]
    server: String,
    /// Sign in with this name; the password comes from `MINHCHUNG_PASSWORD` or standard input
    #[arg(long)]
    username: Option<String>,
    /// Join with this one-time code; the same code works again for ten minutes for the same list on this machine
    #[arg(long, value_name = "CODE")]
    enrol: Option<String>,
    /// Folder with the pictures
    #[arg(long)]
    folder: PathBuf,
    /// CSV: `file,assignment_id,captured_at,lat,lon,accuracy_m,signed_count`; rows with the same assignment and time
    /// are one submission of up to five pictures
    #[arg(long)]
    list: PathBuf,
    /// Where receipts go; `receipts.jsonl` beside the list when absent
    #[arg(long)]
    receipts: Option<PathBuf>,
    /// Submissions on the way at the same time
    #[arg(long, default_value = "4")]
    jobs: NonZeroUsize,
    /// How often a request is tried while the server is busy or out of reach
    #[arg(long, default_value = "8")]
    tries: u32,
    /// The server's sentences in English instead of Vietnamese
    #[arg(long)]
    english: bool,
}

impl Submit {
    pub(super) fn run(self) -> Result<(), Failure> {
        let prepared = self.prepare()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let deliveries = runtime.map_err(Failure::failed)?.block_on(self.send(prepared))?;
        let receipts = self.receipts_file();
        let kept = write_receipts(&receipts, &deliveries)
            .map_err(|error| Failure::failed(format!("{}: {error}", receipts.display())))?;
        conclude(&deliveries)?;
        say!("{kept} biên nhận / receipts: {}", receipts.display());
        Ok(())
    }

    /// Reads and checks everything before anybody is asked for a password.
    fn prepare(&self) -> Result<Prepared, Failure> {
        let bytes = fs::read(&self.list)
            .map_err(|error| Failure::wrong(format!("{}: {error}", self.list.display())))?;
        let rows = read_list(&bytes)
            .map_err(|error| Failure::wrong(format!("{}:\n{error}", self.list.display())))?;
        let bar = ProgressBar::new(u64::try_from(rows.len()).unwrap_or(0));
        bar.set_style(style("{bar:30} {pos}/{len} {msg}"));
        bar.set_message("kiểm tra ảnh / looking at pictures");
        let prepared = prepare(&self.folder, &rows, |_| bar.inc(1));
        bar.finish_and_clear();
        prepared.map_err(|mistakes| {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            Failure::wrong(format!("{}:\n{}", self.list.display(), lines.join("\n")))
        })
    }

    async fn send(&self, prepared: Prepared) -> Result<Vec<Delivery>, Failure> {
        let client = self.sign_in().await?;
        let bar = ProgressBar::new(prepared.bytes);
        bar.set_style(style(
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} còn/left {eta} {msg}",
        ));
        bar.enable_steady_tick(Duration::from_millis(250));
        let report =
            |delivery: &Delivery| bar.set_message(delivery.evidence.report.assignment_id.to_string());
        let jobs = self.jobs.get();
        let deliveries = send_all(&client, prepared.evidence, jobs, |bytes| bar.inc(bytes), report).await;
        bar.finish_and_clear();
        Ok(deliveries)
    }

    async fn sign_in(&self) -> Result<Client, Failure> {
        let patience = Patience {
            tries: self.tries.max(1),
            ..Patience::default()
        };
        let tongue = if self.english {
            Tongue::English
        } else {
            Tongue::Vietnamese
        };
        let client = Client::new(&self.server, patience, tongue).map_err(Failure::wrong)?;
        let opened = match (&self.username, &self.enrol) {
            (Some(username), _) => {
                let password = password()?;
                client.sign_in(username, &password, DEVICE_NAME).await
            }
            (None, Some(code)) => client.enrol(code, DEVICE_NAME, self.device(code)).await,
            (None, None) => Err(ClientError::NotSignedIn),
        };
        let opened = opened.map_err(|error| Failure::failed(format!("{}: {error}", self.server)))?;
        eprintln!("{} ({})", opened.user.name, opened.user.role);
        Ok(client)
    }

    /// This machine's id for the code: the same for the same list, so that a run after a kill gets its session back.
    fn device(&self, code: &str) -> uuid::Uuid {
        let list = fs::canonicalize(&self.list).unwrap_or_else(|_gone| self.list.clone());
        let mut hasher = Sha256::new();
        hasher.update(code.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>());
        hasher.update(list.as_os_str().as_encoded_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let chance = digest.first_chunk::<16>().copied().unwrap_or_default();
        uuid::Builder::from_random_bytes(chance).into_uuid()
    }

    fn receipts_file(&self) -> PathBuf {
        self.receipts
            .clone()
            .unwrap_or_else(|| self.list.with_file_name("receipts.jsonl"))
    }
}

fn password() -> Result<String, Failure> {
    let password = match submit_password() {
        Some(password) => password,
        None => terminal::read_secret("Mật khẩu / Password: ")
            .map_err(|error| Failure::wrong(format!("standard input: {error}")))?,
    };
    if password.is_empty() {
        return Err(Failure::wrong(
            "thiếu mật khẩu / the password is missing: set MINHCHUNG_PASSWORD or type it",
        ));
    }
    Ok(password)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_malformed| ProgressStyle::default_bar())
}

/// Prints how everything ended; fails when not everything is there.
fn conclude(deliveries: &[Delivery]) -> Result<(), Failure> {
    let (mut sent, mut there, mut refused, mut not_reached) = (0, 0, 0, 0);
    for delivery in deliveries {
        match &delivery.outcome {
            Outcome::Sent => sent += 1,
            Outcome::AlreadyThere => there += 1,
            Outcome::Refused(why) => {
                refused += 1;
                say!("{}", unfinished("bị từ chối / refused", delivery, why));
            }
            Outcome::NotReached(why) => {
                not_reached += 1;
                say!("{}", unfinished("chưa gửi được / not reached", delivery, why));
            }
        }
    }
    say!("{sent:>8}  đã gửi / sent");
    say!("{there:>8}  đã có từ trước / already there");
    say!("{refused:>8}  bị từ chối / refused");
    say!("{not_reached:>8}  chưa gửi được / not reached");
    if not_reached > 0 {
        Err(Failure::failed(
            "chưa gửi hết; chạy lại lệnh này để gửi tiếp / not everything was sent; run this again to go on",
        ))
    } else if refused > 0 {
        Err(Failure::Wrong(format!(
            "{refused} minh chứng bị từ chối / submissions were refused"
        )))
    } else {
        Ok(())
    }
}

fn unfinished(what: &str, delivery: &Delivery, why: &str) -> String {
    let evidence = &delivery.evidence;
    let file = evidence.files.first().map_or(Path::new("?"), PathBuf::as_path);
    format!("{what}: dòng/line {} {}: {why}", evidence.line, file.display())
}
