//! What the service counts about itself, in the text form that Prometheus reads.
//!
//! Invariant: labels are routes, methods and statuses of the specification, so their number is bounded.
//! Refuses: addresses, names, ids, and anything that tells one tip from another.

mod standing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::Stream;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use self::standing::Gauges;
pub use self::standing::Standing;
use crate::domain::Moment;

/// One kind of request and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestKind {
    method: String,
    route: String,
    status: u16,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteKind {
    route: String,
}

type Timings = Family<RouteKind, Histogram, fn() -> Histogram>;

/// The counters of one service.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestKind, Counter>,
    seconds: Timings,
    received: Family<RouteKind, Counter>,
    sent: Family<RouteKind, Counter>,
    running: Gauge,
    event_streams: Gauge,
    now: Gauges,
}

/// Something that is counted as open until it is dropped.
#[derive(Debug)]
pub struct Open(Gauge);

impl Open {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The registry that everybody who counts puts the own figures into, of a service that started at `started`.
pub fn registry(started: Moment) -> Registry {
    let mut registry = Registry::with_prefix("minhchung");
    let since = Gauge::<i64>::default();
    since.set(started.as_millis() / 1000);
    registry.register_with_unit(
        "process_start_time",
        "When the service started, seconds since 1970",
        Unit::Seconds,
        since,
    );
    registry
}

impl Metrics {
    /// The counters of requests, added to what others put into `registry`.
    pub fn new(mut registry: Registry) -> Arc<Self> {
        // 0.25 ms to 8 s.
        let timings: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let metrics = Self {
            seconds: Timings::new_with_constructor(timings),
            requests: Family::default(),
            received: Family::default(),
            sent: Family::default(),
            running: Gauge::default(),
            event_streams: Gauge::default(),
            now: Gauges::register(&mut registry),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request",
            "From a request's head to its answer's head",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register_with_unit(
            "http_received",
            "Bytes of requests' bodies that were read",
            Unit::Bytes,
            metrics.received.clone(),
        );
        registry.register_with_unit(
            "http_sent",
            "Bytes of answers' bodies",
            Unit::Bytes,
            metrics.sent.clone(),
        );
        registry.register(
            "http_requests_running",
            "Requests whose answer has not begun",
            metrics.running.clone(),
        );
        registry.register(
            "event_streams_open",
            "Open pages that are told of changes",
            metrics.event_streams.clone(),
        );
        Arc::new(Self { registry, ..metrics })
    }

    /// Counts a request until it is answered.
    pub fn begun(&self) -> Open {
        Open::new(&self.running)
    }

    /// Counts an open page that is told of changes.
    pub fn event_stream(&self) -> Open {
        Open::new(&self.event_streams)
    }

    /// Counts the bytes of `request`'s body as they are read.
    pub fn watch_body(&self, request: &mut ServiceRequest, route: &str) {
        let kind = RouteKind {
            route: route.to_owned(),
        };
        let received = self.received.get_or_create_owned(&kind);
        let pieces = request.take_payload().inspect(move |piece| {
            if let Ok(piece) = piece {
                received.inc_by(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            }
        });
        let pieces: std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(pieces);
        request.set_payload(Payload::from(pieces));
    }

    /// Where the bytes of answers of `route` are counted.
    pub fn sent(&self, route: &str) -> Counter {
        self.sent.get_or_create_owned(&RouteKind {
            route: route.to_owned(),
        })
    }

    /// Counts one answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let kind = RequestKind {
            method: method.to_owned(),
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&kind).inc();
        let route = RouteKind { route: kind.route };
        self.seconds.get_or_create(&route).observe(took.as_secs_f64());
    }

    /// All of it as text.
    pub fn text(&self, standing: &Standing) -> Result<String, fmt::Error> {
        self.now.set(standing);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
