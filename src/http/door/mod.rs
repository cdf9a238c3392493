//! The door: how much is let in at once, decided before a body is read or a row is looked at.
//!
//! Each kind of request has a [`Gate`] of its own, so that a rush of one kind does not shut out the others, though what only
//! takes a processor gets fewer places meanwhile. What waits for its own sender (a picture over a slow line) holds no place:
//! places count what this machine has to do.
//! Who is turned away gets 503 `overloaded` with a `Retry-After` that scatters the next try.
//!
//! Invariant: what the gates let in is little enough to be answered soon, whatever is offered outside.
//! Refuses: to stand before the health of the service, its counters and what is answered out of memory; and to remember
//! anything about who was turned away.

mod gate;
mod places;
mod watch;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::gate::{Gate, Place, Pressure};
use self::places::{Places, Standing};
use super::frame::spelled_out;
use super::problem::{Problem, ProblemCode};

/// Seconds after which whoever was turned away may come again; scattered, so that they do not all come at once.
const RETRY_AFTER_S: std::ops::RangeInclusive<u64> = 2..=9;
/// Milliseconds that this answer takes. Whoever asks again and again without a look at `Retry-After` gets no faster than
/// this, and what turning them away costs is not lost to those who were let in. Scattered too: those who were turned
/// away together must not come back together.
const TURNED_AWAY_AFTER_MS: std::ops::RangeInclusive<u64> = 300..=400;
/// How long one waits in a line that stands.
const SHORT_PATIENCE: Duration = Duration::from_millis(3);
/// The same for log-ins, each of which takes some tens of milliseconds of a processor.
const HASHING_PATIENCE: Duration = Duration::from_millis(50);
/// How often it is told that some were turned away.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// All gates of the service.
#[derive(Debug)]
pub struct Door {
    evidence: Arc<Gate>,
    pictures: Arc<Gate>,
    reads: Arc<Gate>,
    changes: Arc<Gate>,
    log_ins: Arc<Gate>,
    tips: Arc<Gate>,
    /// Memory for answers that wait for their readers, in KiB.
    answers: Arc<Semaphore>,
}

/// What all answers on their way may take together, in KiB.
const ANSWERS_KIB: usize = 256 * 1024;
/// Answers up to this length are not counted.
const SHORT_ANSWER: u64 = 64 * 1024;

/// Others hold all the memory that there is for answers.
#[derive(Debug, Clone, Copy)]
struct NoRoom;

/// What a request is, as far as the door is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Reports and pictures.
    Evidence(Standing),
    /// Pictures that are looked at.
    Picture,
    /// Everything else that only reads.
    Read,
    /// Everything else that writes.
    Change,
    /// Log-ins and enrolments: hashing passwords is the dearest thing there is here.
    LogIn,
    /// A stranger's message; nothing of it is told or counted.
    Tip,
}

impl Door {
    /// The gates for a machine with `processors`.
    pub fn new(processors: usize) -> Arc<Self> {
        let each = processors.max(1);
        let pressure = Pressure::new();
        let places = |calm: usize, pressed: usize, strained: usize| Places {
            calm: each * calm,
            pressed: each * pressed,
            strained: each * strained,
            kept: 0,
        };
        // What needs a processor and little else. In a rush more of it than there are processors only make each other late,
        // and the thread that writes needs one too; without a rush a slow one must not keep the quick ones waiting.
        let few = |calm: usize, pressed: usize| Places {
            strained: each.div_ceil(2),
            ..places(calm, pressed, 0)
        };
        // Commits share their syncs, so the writer is at its best with many at once.
        let evidence = Places {
            kept: each,
            ..places(24, 24, 3)
        };
        let shared = |places| Gate::new(places, &pressure, SHORT_PATIENCE);
        // What happens at these does not show at the others.
        let apart = |places, short_patience| Gate::new(places, &Pressure::new(), short_patience);
        Arc::new(Self {
            evidence: shared(evidence),
            pictures: shared(few(8, 4)),
            reads: shared(few(16, 4)),
            changes: shared(places(16, 16, 4)),
            log_ins: apart(few(1, 1), HASHING_PATIENCE),
            tips: apart(places(4, 4, 4), SHORT_PATIENCE),
            answers: Arc::new(Semaphore::new(ANSWERS_KIB)),
        })
    }

    /// Room for an answer of `size` until it was read; `Err` when others hold all of it.
    fn room(&self, size: BodySize) -> Result<Option<OwnedSemaphorePermit>, NoRoom> {
        match size {
            BodySize::Sized(bytes) if bytes > SHORT_ANSWER => {
                let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
                let room = Arc::clone(&self.answers).try_acquire_many_owned(kib);
                room.map(Some).map_err(|_none_left| NoRoom)
            }
            _ => Ok(None),
        }
    }

    fn gate(&self, kind: Kind) -> (&Arc<Gate>, Standing) {
        match kind {
            Kind::Evidence(standing) => (&self.evidence, standing),
            Kind::Picture => (&self.pictures, Standing::New),
            Kind::Read => (&self.reads, Standing::New),
            Kind::Change => (&self.changes, Standing::New),
            Kind::LogIn => (&self.log_ins, Standing::New),
            Kind::Tip => (&self.tips, Standing::New),
        }
    }

    /// Tells the log now and then how many were turned away: a line for each would be work for nothing when there is
    /// too much of it already. Tips are left out.
    pub async fn tell(self: Arc<Self>) {
        let mut due = tokio::time::interval(TOLD_EVERY);
        loop {
            due.tick().await;
            let turned_away = |gate: &Gate| gate.take_turned_away();
            let [evidence, pictures, reads, changes, log_ins] = [
                turned_away(&self.evidence),
                turned_away(&self.pictures),
                turned_away(&self.reads),
                turned_away(&self.changes),
                turned_away(&self.log_ins),
            ];
            if evidence + pictures + reads + changes + log_ins > 0 {
                tracing::warn!(
                    evidence,
                    pictures,
                    reads,
                    changes,
                    log_ins,
                    "more was asked for than can be done: so many were told to come again"
                );
            }
        }
    }
}

/// A request's place at work. The body lets go of it while it waits for its sender.
#[derive(Debug, Clone)]
pub(in crate::http) struct Slot(Rc<Held>);

#[derive(Debug)]
struct Held {
    gate: Arc<Gate>,
    standing: Standing,
    place: RefCell<Option<Place>>,
}

impl Slot {
    fn new(gate: &Arc<Gate>, standing: Standing, place: Place) -> Self {
        Self(Rc::new(Held {
            gate: Arc::clone(gate),
            standing,
            place: RefCell::new(Some(place)),
        }))
    }

    /// Nothing is to be done here until more bytes come, or nothing at all any more.
    pub(in crate::http) fn rest(&self) {
        drop(self.0.place.take());
    }

    /// There is something to be done again. Whoever has begun is not turned away.
    pub(in crate::http) fn work(&self) {
        let mut place = self.0.place.borrow_mut();
        if place.is_none() {
            *place = Some(self.0.gate.enter_again(self.0.standing));
        }
    }
}

/// Lets `request` in, or tells it to come again.
pub async fn door<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let kind = kind_of(request.method(), &spelled_out(request.path()));
    let doors = request.app_data::<Data<Door>>().cloned();
    let slot = match (kind, &doors) {
        (Some(kind), Some(doors)) => {
            let (gate, standing) = doors.gate(kind);
            let place = match gate.enter(standing).await {
                Ok(place) => place,
                Err(turned_away) => {
                    let after = rand::random_range(TURNED_AWAY_AFTER_MS);
                    tokio::time::sleep(Duration::from_millis(after)).await;
                    drop(turned_away);
                    let answer = request.into_response(come_again());
                    answer.request().extensions_mut().insert(WasTurnedAway);
                    return Ok(answer.map_into_right_body());
                }
            };
            Some(Slot::new(gate, standing, place))
        }
        _ => None,
    };
    if let Some(slot) = &slot {
        request.extensions_mut().insert(slot.clone());
    }
    let response = next.call(request).await?;
    // What is left is the asker's: to read the answer.
    let held = slot.is_some();
    if let Some(slot) = slot {
        slot.rest();
    }
    let room = match &doors {
        Some(doors) if held => doors.room(response.response().body().size()),
        _ => Ok(None),
    };
    Ok(match room {
        Ok(room) => {
            if let Some(room) = room {
                response.request().extensions_mut().insert(AnswerRoom(room));
            }
            response.map_into_left_body()
        }
        Err(NoRoom) => response.into_response(come_again()).map_into_right_body(),
    })
}

fn come_again() -> HttpResponse {
    let problem = Problem::new(ProblemCode::Overloaded).retry_after(rand::random_range(RETRY_AFTER_S));
    HttpResponse::from_error(problem)
}

/// Memory that an answer takes until it was read.
#[derive(Debug)]
pub(in crate::http) struct AnswerRoom(
    #[expect(dead_code, reason = "held, and given back when dropped")] OwnedSemaphorePermit,
);

/// Marks a request that was turned away, for the frame's log.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct WasTurnedAway;

/// What kind of request this is; `None` for what is always let in.
fn kind_of(method: &Method, path: &str) -> Option<Kind> {
    let rest = path.strip_prefix("/api/v1/")?;
    let mut parts = rest.split('/');
    let (noun, more) = (parts.next()?, parts.next());
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    match noun {
        // Out of memory; an open line costs nothing until there is something to say.
        "campaign" | "communes" | "openapi.json" | "events" => None,
        "tips" => Some(Kind::Tip),
        "auth" if matches!(more, Some("login" | "enrol")) => Some(Kind::LogIn),
        "photos" => Some(Kind::Picture),
        "submissions" if method == Method::PUT => Some(Kind::Evidence(match parts.next() {
            Some("photos") => Standing::Begun,
            _ => Standing::New,
        })),
        "uploads" if method == Method::POST => Some(Kind::Evidence(Standing::New)),
        "uploads" if method == Method::PATCH => Some(Kind::Evidence(Standing::Begun)),
        _ if reads => Some(Kind::Read),
        _ => Some(Kind::Change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_answers_share_their_memory_and_short_ones_need_none() {
        let door = Door::new(2);
        let sized = |mib: u64| BodySize::Sized(mib << 20);
        let first = door.room(sized(200)).unwrap();
        assert!(first.is_some());
        assert!(door.room(sized(57)).is_err(), "only 56 are left");
        let second = door.room(sized(56)).unwrap();
        assert!(door.room(BodySize::Sized(SHORT_ANSWER)).unwrap().is_none());
        drop(first);
        assert!(door.room(sized(200)).unwrap().is_some());
        drop(second);
    }

    #[test]
    fn each_request_comes_to_the_gate_of_its_kind() {
        let kind = |method: Method, path: &str| kind_of(&method, path);
        let id = "0198c0de-0000-7000-8000-000000000000";
        assert_eq!(kind(Method::GET, "/health/ready"), None);
        assert_eq!(kind(Method::GET, "/metrics"), None);
        assert_eq!(kind(Method::GET, "/van-phong/"), None);
        assert_eq!(kind(Method::GET, "/api/v1/communes"), None);
        assert_eq!(kind(Method::GET, "/api/v1/events"), None);
        assert_eq!(kind(Method::POST, "/api/v1/auth/login"), Some(Kind::LogIn));
        assert_eq!(kind(Method::POST, "/api/v1/auth/refresh"), Some(Kind::Change));
        assert_eq!(kind(Method::POST, "/api/v1/tips"), Some(Kind::Tip));
        assert_eq!(
            kind(Method::PUT, &format!("/api/v1/submissions/{id}")),
            Some(Kind::Evidence(Standing::New))
        );
        assert_eq!(
            kind(Method::PUT, &format!("/api/v1/submissions/{id}/photos/00")),
            Some(Kind::Evidence(Standing::Begun))
        );
        assert_eq!(
            kind(Method::PATCH, "/api/v1/uploads/x"),
            Some(Kind::Evidence(Standing::Begun))
        );
        assert_eq!(kind(Method::HEAD, "/api/v1/uploads/x"), Some(Kind::Read));
        assert_eq!(kind(Method::GET, "/api/v1/photos/00"), Some(Kind::Picture));
        assert_eq!(kind(Method::GET, "/api/v1/completion"), Some(Kind::Read));
        assert_eq!(
            kind(Method::POST, &format!("/api/v1/submissions/{id}/reviews")),
            Some(Kind::Change)
        );
    }
}
