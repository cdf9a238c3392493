//! Request bodies, read by the handler after it knows who asks.
//!
//! Invariant: nothing is read before the session is known, never more than the limit, and never slower than the pace.
//! Refuses: lengths over the limit by the header alone, and unknown media types, before the first byte.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, future::poll_fn};
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::door::Slot;
use super::json::parse_json;
use super::problem::{Problem, ProblemCode};

/// The longest JSON body, in bytes.
pub const MAX_JSON_BYTES: u64 = 1024 * 1024;

/// How slow a sender may be: silence up to `idle`, and on the whole `min_bytes_per_s` after a `grace`.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest silence.
    pub idle: Duration,
    /// How long the average does not matter.
    pub grace: Duration,
    /// The slowest average; a phone on 2G manages some thousand bytes a second.
    pub min_bytes_per_s: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30),
            grace: Duration::from_secs(30),
            min_bytes_per_s: 512,
        }
    }
}

/// Memory for bodies that are gathered whole. Short ones are free: as many of them as there are connections do no harm.
#[derive(Debug, Clone)]
pub struct BodyMemory(Arc<Semaphore>);

/// The part of every body that is free.
const FREE_BYTES: usize = 8 * 1024;
/// How much all bodies together may take beyond that, in KiB.
const MEMORY_KIB: usize = 64 * 1024;

impl Default for BodyMemory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MEMORY_KIB)))
    }
}

impl BodyMemory {
    /// Room for `bytes` more, until dropped.
    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.0).try_acquire_many_owned(kib);
        permit.map_err(|_none_left| Problem::new(ProblemCode::Overloaded).retry_after(5))
    }
}

/// A body that nobody has read yet.
pub struct Body {
    payload: Payload,
    /// The request's place at work, which it gives up while it waits for its sender.
    slot: Option<Slot>,
    memory: BodyMemory,
    content_type: Option<HeaderValue>,
    media_type: String,
    length: Option<u64>,
    pace: Pace,
    started: Instant,
    received: u64,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("media_type", &self.media_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text =
            |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = text(header::CONTENT_TYPE)
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        std::future::ready(Ok(Self {
            payload: payload.take(),
            slot: request.extensions().get::<Slot>().cloned(),
            memory: request.app_data::<BodyMemory>().cloned().unwrap_or_default(),
            content_type: request.headers().get(header::CONTENT_TYPE).cloned(),
            media_type: media_type.split(';').next().unwrap_or("").trim().to_owned(),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            pace: request.app_data::<Pace>().copied().unwrap_or_default(),
            started: Instant::now(),
            received: 0,
        }))
    }
}

impl Body {
    /// Asks for more than the usual pace, where a body takes room that others wait for.
    pub fn require_pace(&mut self, min_bytes_per_s: u64) {
        self.pace.min_bytes_per_s = self.pace.min_bytes_per_s.max(min_bytes_per_s);
    }

    /// The media type without its parameters, in lower case; empty when none was sent.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The announced length, if one was.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Refuses an announced length over `max_bytes` without reading anything.
    pub fn require_at_most(&self, max_bytes: u64, code: ProblemCode) -> Result<(), Problem> {
        match self.length {
            Some(length) if length > max_bytes => Err(too_large(code, max_bytes)),
            _ => Ok(()),
        }
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        let piece = match tokio::time::timeout(self.pace.idle, self.piece()).await {
            Err(_elapsed) => return Some(Err(Problem::new(ProblemCode::RequestTimeout))),
            Ok(piece) => piece?,
        };
        let Ok(piece) = piece else {
            return Some(Err(Problem::new(ProblemCode::BodyIncomplete)));
        };
        self.received = self
            .received
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        let running = self.started.elapsed();
        let due = running
            .saturating_sub(self.pace.grace)
            .as_secs()
            .saturating_mul(self.pace.min_bytes_per_s);
        if self.received < due {
            return Some(Err(Problem::new(ProblemCode::RequestTimeout)));
        }
        Some(Ok(piece))
    }

    /// What the connection has of it; meanwhile the request has nothing to do.
    async fn piece(&mut self) -> Option<Result<Bytes, PayloadError>> {
        let (payload, slot) = (&mut self.payload, self.slot.as_ref());
        poll_fn(|context| {
            let piece = payload.poll_next_unpin(context);
            match (&piece, slot) {
                (Poll::Pending, Some(slot)) => slot.rest(),
                (Poll::Ready(_), Some(slot)) => slot.work(),
                (_, None) => {}
            }
            piece
        })
        .await
    }

    /// All of it, at most `max_bytes`.
    pub async fn bytes(mut self, max_bytes: u64, code: ProblemCode) -> Result<Bytes, Problem> {
        self.require_at_most(max_bytes, code)?;
        let mut all = BytesMut::new();
        let mut room = FREE_BYTES;
        let mut taken = Vec::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if self.received > max_bytes {
                return Err(too_large(code, max_bytes));
            }
            if all.len() + piece.len() > room {
                let more = piece.len().max(4 * FREE_BYTES);
                taken.push(self.memory.take(more)?);
                room += more;
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// The parts of a multipart body, read at the same pace.
    pub fn into_multipart(self) -> Multipart {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = &self.content_type {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        let pieces = futures_util::stream::unfold(self, |mut body| async move {
            let piece = body.next().await?;
            // The problem travels inside an I/O error; whoever reads the parts takes it out again.
            Some((
                piece.map_err(|problem| PayloadError::Io(std::io::Error::other(problem))),
                body,
            ))
        });
        // The parser asks again after the end.
        Multipart::new(&headers, Box::pin(pieces.fuse()))
    }

    /// A JSON body. Unknown members are passed over, so that newer clients can talk to this server.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let plain = self.media_type == "application/json" || self.media_type.ends_with("+json");
        if !plain {
            return Err(Problem::new(ProblemCode::MediaTypeUnsupported).detail(
                "Nội dung phải là application/json.",
                "The body must be application/json.",
            ));
        }
        let bytes = self.bytes(MAX_JSON_BYTES, ProblemCode::BodyTooLarge).await?;
        parse_json(&bytes)
    }
}

/// 413 with the limit in words.
pub fn too_large(code: ProblemCode, max_bytes: u64) -> Problem {
    let limit_kib = max_bytes / 1024;
    Problem::new(code).detail(
        format!("Giới hạn là {limit_kib} KiB. Bản gốc vẫn còn trên máy của bạn."),
        format!("The limit is {limit_kib} KiB. Your original is untouched."),
    )
}
