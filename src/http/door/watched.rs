//! An answer's body on its way out, in slices, so that it can be seen whether its reader reads.
//!
//! Invariant: of a long answer no more than a slice is copied for the connection at a time.
//! Refuses: to hurry; [`super::Connections`] ends the connection of a reader that stands still.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::connections::Busy;

/// How much is handed to the connection at once.
pub(super) const SLICE_BYTES: usize = 64 * 1024;

/// A body that is watched on its way.
#[derive(Debug)]
pub struct Watched {
    what: What,
    busy: Option<Busy>,
    _room: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum What {
    Whole { size: BodySize, rest: Bytes },
    Stream(BoxBody),
}

impl Watched {
    pub(super) fn new<B: MessageBody + 'static>(
        body: B,
        busy: Option<Busy>,
        room: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let size = body.size();
        let what = match body.try_into_bytes() {
            Ok(rest) => What::Whole { size, rest },
            Err(stream) => What::Stream(BoxBody::new(stream)),
        };
        Self {
            what,
            busy,
            _room: room,
        }
    }
}

impl MessageBody for Watched {
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
        if let Some(busy) = &self.busy {
            busy.reader_reads();
        }
        let next = match &mut self.what {
            What::Whole { rest, .. } if rest.is_empty() => Poll::Ready(None),
            What::Whole { rest, .. } => {
                let slice = rest.split_to(rest.len().min(SLICE_BYTES));
                Poll::Ready(Some(Ok::<_, Infallible>(slice).map_err(|never| match never {})))
            }
            What::Stream(body) => Pin::new(body).poll_next(context),
        };
        if let (Poll::Ready(Some(_)), Some(busy)) = (&next, &self.busy) {
            busy.reader_has_to_read();
        }
        next
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        // Asked for by whoever wants to hand all of it to the connection at once.
        Err(self)
    }
}
