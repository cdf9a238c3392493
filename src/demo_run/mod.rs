//! The demo: a real service with an invented province, filled through its own HTTP API as phones and desks would.
//!
//! Invariant: the same seed invents the same plan, pictures and decisions; only times that would lie in the future are
//! brought back to the present.
//! Refuses: names of real persons, and a directory that may hold real evidence.

mod board;
mod desk;
mod field;
mod names;
mod people;
mod phones;
mod plan;
mod waiting;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use board::{BoardLook, draw};
pub use people::{Login, PASSWORD};
pub use waiting::add_waiting;

use crate::campaign::Campaign;
use crate::client::{Client, ClientError, Completion, Patience, Tongue};
use crate::demo::pictures::PictureError;
use crate::domain::Moment;
use crate::http::App;
use crate::services::LedgerError;
use crate::services::accounts::UserError;

/// How much is invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Assignments.
    pub assignments: usize,
    /// Pictures that are sent.
    pub pictures: usize,
    /// Decides everything that is invented.
    pub seed: u64,
}

/// Why the demo is not complete.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An account could not be made.
    #[error("an account could not be made: {0}")]
    Account(#[from] UserError),
    /// A request failed.
    #[error("a request failed: {0}")]
    Request(#[from] ClientError),
    /// A picture could not be drawn.
    #[error("a picture could not be drawn: {0}")]
    Picture(#[from] PictureError),
    /// The plan could not be written as a table.
    #[error("the plan could not be written: {0}")]
    Table(String),
    /// Waiting rows could not be written.
    #[error("waiting rows could not be written: {0}")]
    Rows(#[from] LedgerError),
    /// Something that was made is not there.
    #[error("{0}")]
    Missing(String),
}

/// What was filled in, and how to get at it.
#[derive(Debug)]
pub struct Filled {
    /// How far everything is, as the service says.
    pub board: Completion,
    /// Accounts to try.
    pub logins: Vec<Login>,
    /// A code for a phone, and whose it is.
    pub code: (String, String),
    /// What was sent; `None` when the directory was filled before.
    pub sent: Option<Tally>,
}

/// What was sent and decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Assignments in the plan.
    pub assignments: usize,
    /// Phones that joined.
    pub phones: usize,
    /// Submissions.
    pub submissions: usize,
    /// Pictures that arrived.
    pub pictures: usize,
    /// Submissions left half arrived.
    pub incomplete: usize,
    /// Submissions that count.
    pub verified: usize,
    /// Submissions sent back.
    pub rejected: usize,
}

/// Fills the service of `app`, which listens at `server`. `say` hears what is going on.
pub async fn fill(
    app: &App,
    server: &str,
    measure: Measure,
    now: Moment,
    say: impl Fn(&str),
) -> Result<Filled, DemoError> {
    let started = Instant::now();
    let step = |what: String| say(&format!("{:>5.1} s  {what}", started.elapsed().as_secs_f64()));
    let campaign = Arc::clone(&app.campaign);
    let patience = Patience {
        tries: 6,
        first_wait: Duration::from_millis(200),
        longest_wait: Duration::from_secs(5),
    };
    let client = Client::new(server, patience, Tongue::Vietnamese)?;
    let planned = plan::invent(&campaign, measure, now);
    let people = people::ensure(&app.accounts, &campaign, &planned).await?;
    step(format!("{} tài khoản / accounts", people.count));
    let admin = people::sign_in(&client, people::ADMIN).await?;
    let before = admin.completion().await?;
    let filled_before = before.totals.get("all").is_some_and(|all| all.planned > 0);
    let sent = if filled_before {
        step("đã có dữ liệu / filled before".to_owned());
        None
    } else {
        Some(fill_in(&client, &admin, &campaign, &people, planned, measure, now, &step).await?)
    };
    Ok(Filled {
        board: admin.completion().await?,
        code: people.open_code(&admin).await?,
        logins: people.logins,
        sent,
    })
}

#[allow(
    clippy::too_many_arguments,
    reason = "one step of `fill`, cut off for its length"
)]
async fn fill_in(
    client: &Client,
    admin: &Client,
    campaign: &Arc<Campaign>,
    people: &people::People,
    planned: Vec<plan::Planned>,
    measure: Measure,
    now: Moment,
    step: &impl Fn(String),
) -> Result<Tally, DemoError> {
    let assignments = plan::import(admin, planned).await?;
    step(format!("{} nhiệm vụ / assignments", assignments.len()));
    let trips = field::invent(&assignments, measure, now);
    let phones = phones::join(client, admin, people, &trips).await?;
    step(format!("{} điện thoại / phones", phones.len()));
    let arrived = phones::send(campaign, &phones, trips).await?;
    step(format!(
        "{} ảnh trong {} minh chứng / pictures in submissions",
        arrived.pictures, arrived.submissions
    ));
    let office = people::sign_in(client, people::VERIFIER).await?;
    let (verified, rejected) = desk::decide(&office).await?;
    step(format!(
        "{verified} đạt, {rejected} trả lại / verified, sent back"
    ));
    Ok(Tally {
        assignments: assignments.len(),
        phones: phones.len(),
        verified,
        rejected,
        ..arrived
    })
}
