//! What the service counts about itself, in the text form that Prometheus reads.
//!
//! Invariant: labels are routes, methods and statuses of the specification, so their number is bounded.
//! Refuses: addresses, names, ids, and anything that tells one tip from another.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::store::WriterFigures;

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
    now: Gauges,
}

/// What is asked for when somebody looks.
#[derive(Debug, Default, Clone)]
struct Gauges {
    disk_free: Gauge<i64>,
    store_on_disk: Gauge<i64>,
    receptions: Gauge<i64>,
}

/// How things stand at the moment somebody looks.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Free on the disk of the data directory, bytes.
    pub disk_free_bytes: u64,
    /// Under the rows, bytes.
    pub store_bytes: u64,
    /// Pictures being received.
    pub receptions: usize,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// The counters, with those of the store's writer among them.
    pub fn new(writer: &WriterFigures) -> Arc<Self> {
        // 0.25 ms to 8 s.
        let timings: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let seconds = Timings::new_with_constructor(timings);
        let requests = Family::default();
        let now = Gauges::default();
        let mut registry = Registry::with_prefix("minhchung");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_request",
            "From a request's head to its answer's head",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register_with_unit(
            "disk_free",
            "Free on the disk of the data directory",
            Unit::Bytes,
            now.disk_free.clone(),
        );
        registry.register_with_unit(
            "store_disk",
            "On disk under the rows",
            Unit::Bytes,
            now.store_on_disk.clone(),
        );
        registry.register(
            "pictures_being_received",
            "Pictures that are being received",
            now.receptions.clone(),
        );
        writer.register(&mut registry);
        Arc::new(Self {
            registry,
            requests,
            seconds,
            now,
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
    pub fn text(&self, standing: Standing) -> Result<String, fmt::Error> {
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        self.now.disk_free.set(bytes(standing.disk_free_bytes));
        self.now.store_on_disk.set(bytes(standing.store_bytes));
        self.now
            .receptions
            .set(i64::try_from(standing.receptions).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
