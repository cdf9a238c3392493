//! An answer's body on its way out: in slices, so that it can be seen whether its reader reads, and counted where bytes
//! are counted.
//!
//! Invariant: of a long answer no more than a slice is copied for the connection at a time; its request is under way
//! until the last one has left.
//! Refuses: to hurry; [`super::connections`] ends the connection of a reader that stands still.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;

use super::connections::Running;
use super::door::AnswerRoom;

/// How much is handed to the connection at once.
pub(super) const SLICE_BYTES: usize = 64 * 1024;

/// A body that is watched on its way.
#[derive(Debug)]
pub struct Outgoing {
    what: What,
    sent: Option<Counter>,
    running: Option<Running>,
    _room: Option<AnswerRoom>,
}

#[derive(Debug)]
enum What {
    Whole { size: BodySize, rest: Bytes },
    Stream(BoxBody),
}

/// Watches the body of `response`, counting its bytes in `sent`, for as long as its request is `running`.
pub(super) fn watched(
    response: ServiceResponse,
    sent: Option<Counter>,
    running: Option<Running>,
) -> ServiceResponse<Outgoing> {
    let room = response.request().extensions_mut().remove::<AnswerRoom>();
    response.map_body(|_, body| {
        let size = body.size();
        let what = match body.try_into_bytes() {
            Ok(rest) => What::Whole { size, rest },
            Err(stream) => What::Stream(stream),
        };
        Outgoing {
            what,
            sent,
            running,
            _room: room,
        }
    })
}

impl MessageBody for Outgoing {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        match &self.what {
            What::Whole { size, .. } => *size,
            What::Stream(body) => body.size(),
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(running) = &self.running {
            running.reader_reads();
        }
        let next = match &mut self.what {
            What::Whole { rest, .. } if rest.is_empty() => None,
            What::Whole { rest, .. } => {
                let slice = rest.split_to(rest.len().min(SLICE_BYTES));
                Some(Ok::<_, Infallible>(slice).map_err(|never| match never {}))
            }
            What::Stream(body) => ready!(Pin::new(body).poll_next(context)),
        };
        if let (Some(_), Some(running)) = (&next, &self.running) {
            running.reader_has_to_read();
        }
        if let (Some(Ok(piece)), Some(sent)) = (&next, &self.sent) {
            sent.inc_by(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(next)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        // Asked for by whoever wants to hand all of it to the connection at once.
        Err(self)
    }
}
