//! Server-sent events: open pages hear of changes, each as far as it may see them.
//!
//! `completion` carries a commune, a cell and its new figures; `queue` a submission and its new state; `claim` (for
//! verifiers) who began or stopped working on a submission, with `name` null when nobody does; `reload` says
//! that this page lagged behind and has to ask anew. Changes are gathered for a moment, so that a hundred uploads a
//! second do not become a hundred redraws.
//!
//! Invariant: nothing is written once the session is over. The token is judged again before every write, so a lost phone
//! hears nothing more, and a page whose token expires comes back with a fresh one.
//! Refuses: to hold up a stop; every line ends when the server is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::auth::{Actor, Permission, Reader, Reviewer, Scope};
use crate::domain::{Cell, Change, CommuneCode, SubmissionId};
use crate::http::App;
use crate::http::forms::completion::FiguresBody;
use crate::http::metrics::Open;
use crate::http::problem::{Problem, ProblemBody};
use crate::http::session::{Session, bearer};

/// How long changes are gathered.
const GATHER: Duration = Duration::from_millis(250);
/// How often a quiet connection is touched, so that nobody in between closes it, and its session looked at again.
const TOUCH: Duration = Duration::from_secs(15);

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/api/v1/events").route(web::get().to(events)));
}

/// Changes of completion and queue, as they reach the disk.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "completion", security(("bearer" = [])),
    responses(
        (status = 200, description = "Events `completion`, `queue`, `claim` and `reload`", content_type = "text/event-stream", body = String),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn events(
    actor: Session<Reader>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let line = Line {
        changes: app.store.changes(),
        stopping: app.stopping.subscribe(),
        token: bearer(&request).unwrap_or_default().to_owned(),
        greeted: false,
        actor: Actor::clone(&actor),
        _open: app.metrics.event_stream(),
        app,
    };
    let pieces = stream::unfold(line, |mut line| async move {
        let piece = line.next().await?;
        Some((Ok::<_, Problem>(Bytes::from(piece)), line))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compression would hold events back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces))
}

/// One open page.
struct Line {
    app: Data<App>,
    actor: Actor,
    token: String,
    changes: Receiver<Change>,
    stopping: watch::Receiver<bool>,
    greeted: bool,
    /// Counts this line as open.
    _open: Open,
}

/// What changed within one moment.
#[derive(Default)]
struct Gathered {
    cells: BTreeSet<(CommuneCode, Cell)>,
    queue: BTreeMap<SubmissionId, Value>,
    claims: BTreeMap<SubmissionId, Value>,
    lagged: bool,
}

impl Line {
    /// The next piece of the stream; `None` at its end.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some("retry: 3000\n: open\n\n".to_owned());
        }
        let mut gathered = Gathered::default();
        let mut until = Instant::now() + TOUCH;
        let mut waiting = true;
        loop {
            let change = tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                change = timeout_at(until, self.changes.recv()) => change,
            };
            match change {
                Err(_quiet) => break,
                Ok(Err(RecvError::Closed)) => return None,
                Ok(Err(RecvError::Lagged(_))) => gathered.lagged = true,
                Ok(Ok(change)) => self.gather(&change, &mut gathered),
            }
            if std::mem::take(&mut waiting) {
                until = Instant::now() + GATHER;
            }
        }
        // A session that ended, or an account that changed since the line was opened, opens a new one or none.
        let signed_in = self.app.accounts.session_of(&self.token).await.ok()?;
        if signed_in.actor != self.actor {
            return None;
        }
        self.write(gathered).await
    }

    fn gather(&self, change: &Change, gathered: &mut Gathered) {
        match (change, self.actor.scope()) {
            (Change::Completion { commune, cell, .. }, Scope::Everything) => {
                gathered.cells.insert((*commune, *cell));
            }
            (Change::Completion { commune, cell, .. }, Scope::Commune(own)) if *commune == own => {
                gathered.cells.insert((*commune, *cell));
            }
            (
                Change::Completion {
                    commune,
                    cell,
                    assignee,
                    ..
                },
                Scope::Own(user),
            ) if *assignee == Some(user) => {
                gathered.cells.insert((*commune, *cell));
            }
            (
                Change::Queue {
                    submission,
                    state,
                    commune,
                    cell,
                    submitter,
                },
                scope,
            ) => {
                let theirs = match scope {
                    Scope::Everything => true,
                    Scope::Commune(own) => *commune == own,
                    Scope::Own(user) => *submitter == user,
                    Scope::Nothing => false,
                };
                if theirs {
                    let data =
                        json!({ "submission": submission, "state": state, "commune": commune, "cell": cell });
                    gathered.queue.insert(*submission, data);
                }
            }
            (Change::Claim { submission, claim }, _) if Reviewer::allows(self.actor.role) => {
                let claim = claim.as_ref();
                let data = json!({
                    "submission": submission,
                    "name": claim.map(|claim| &claim.name),
                    "own": claim.map(|claim| claim.device == self.actor.device),
                    "until": claim.map(|claim| claim.until),
                });
                gathered.claims.insert(*submission, data);
            }
            (Change::Completion { .. } | Change::Claim { .. }, _) => {}
        }
    }

    async fn write(&self, gathered: Gathered) -> Option<String> {
        if gathered.lagged {
            return Some("event: reload\ndata: {}\n\n".to_owned());
        }
        let mut text = String::new();
        for (commune, cell) in gathered.cells {
            // A village head's figures are those of their own places; the page asks for them.
            let figures = match self.actor.scope() {
                Scope::Own(_) => Value::Null,
                _ => json!(FiguresBody::from(
                    &self.app.completion.cell(commune, cell).await.ok()?
                )),
            };
            let data = json!({ "commune": commune, "cell": cell, "figures": figures });
            text.extend(["event: completion\ndata: ", &data.to_string(), "\n\n"]);
        }
        for data in gathered.queue.values() {
            text.extend(["event: queue\ndata: ", &data.to_string(), "\n\n"]);
        }
        for data in gathered.claims.values() {
            text.extend(["event: claim\ndata: ", &data.to_string(), "\n\n"]);
        }
        Some(if text.is_empty() {
            ": quiet\n\n".to_owned()
        } else {
            text
        })
    }
}
