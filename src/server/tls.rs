//! TLS: which certificate is shown, and how a new one takes its place while the service runs.
//!
//! Invariant: what is shown was judged before. New files that are no pair are told about and the old pair stays.
//! Refuses: to cut a connection for a new certificate; those that are open end with the one they began with.

mod pair;
mod self_signed;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use rustls::ServerConfig;
use rustls::crypto::ring::{Ticketer, default_provider};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use tokio::signal::unix::Signal;
use tokio::time::MissedTickBehavior;

pub use self::pair::{Pair, PairError};
pub use self::self_signed::SelfSignedError;
use crate::clock::Clock;
use crate::config::{Settings, Tls};
use crate::domain::Moment;

/// How often somebody is told that the certificate ends.
const TELL_EVERY_MS: i64 = 24 * 3600 * 1000;

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The files are no pair.
    #[error("tls: {0}")]
    Pair(#[from] PairError),
    /// There is no certificate of its own.
    #[error("tls: {0}")]
    SelfSigned(#[from] SelfSignedError),
    /// The library refuses.
    #[error("tls: {0}")]
    Library(#[from] rustls::Error),
}

/// What a certificate is shown from, for as long as the service runs.
#[derive(Debug)]
pub struct Certificate {
    shown: Arc<Shown>,
    files: [PathBuf; 2],
    host: Option<String>,
    is_self_signed: bool,
    look_every: Duration,
    clock: Clock,
    end: Gauge,
    fingerprint: String,
    /// The files as they were before they were read, so that a change meanwhile is seen.
    seen: [Stamp; 2],
}

impl Certificate {
    /// Reads or makes what `settings` name for a service at `address`; `None` for plain HTTP.
    pub fn open(settings: &Settings, address: SocketAddr, clock: &Clock) -> Result<Option<Self>, TlsError> {
        let host = host(settings);
        let (certificate, key) = match &settings.tls {
            Tls::Off => return Ok(None),
            Tls::Files { certificate, key } => (certificate.clone(), key.clone()),
            Tls::SelfSigned => {
                let file = self_signed::keep(&settings.data_dir, address, host.as_deref(), clock.now())?;
                (file.clone(), file)
            }
        };
        let files = [certificate, key];
        let seen = stamps(&files);
        let [certificate, key] = &files;
        let pair = Pair::read(certificate, key)?;
        let opened = Self {
            shown: Arc::new(Shown(RwLock::new(pair.certified()))),
            files,
            seen,
            host,
            is_self_signed: settings.tls == Tls::SelfSigned,
            look_every: Duration::from_millis(settings.limits.certificate_look_ms),
            clock: clock.clone(),
            end: Gauge::default(),
            fingerprint: pair.fingerprint().to_owned(),
        };
        opened.end.set(seconds(pair.valid_until()));
        opened.warn_of(&pair);
        Ok(Some(opened))
    }

    /// What the listener needs. HTTP/2 and HTTP/1.1 are offered by the server framework itself.
    pub fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth();
        let shown: Arc<dyn ResolvesServerCert> = Arc::<Shown>::clone(&self.shown);
        let mut config = builder.with_cert_resolver(shown);
        // A phone that comes back need not fetch the chain again, which on 2G is a second.
        config.ticketer = Ticketer::new()?;
        Ok(config)
    }

    /// Shows under `registry` until when the certificate is valid.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "tls_certificate_expiry_timestamp",
            "Until when the certificate that is shown is valid, seconds since 1970",
            Unit::Seconds,
            self.end.clone(),
        );
    }

    /// What to tell whoever starts a trial: the fingerprint, and that phones of others do not take it.
    pub fn notice(&self) -> Option<String> {
        self.is_self_signed.then(|| {
            format!(
                "CHỨNG CHỈ TỰ KÝ – chỉ để thử trong mạng nội bộ. Điện thoại sẽ KHÔNG tin chứng chỉ này: không có máy ảnh, vị trí, \
                 dùng khi mất mạng.\n\
                 SELF-SIGNED CERTIFICATE, for a trial in a local network. Phones do NOT trust it: no camera, no place, no use \
                 without a network.\n\
                 SHA-256 {}",
                self.fingerprint
            )
        })
    }

    async fn watch(self, mut hangup: Signal) {
        let mut seen = self.seen;
        let mut told = self.clock.now();
        let mut due = tokio::time::interval(self.look_every);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_asked = tokio::select! {
                heard = hangup.recv() => heard.is_some(),
                _ = due.tick() => false,
            };
            let found = stamps(&self.files);
            if is_asked || found != seen {
                seen = found;
                told = self.clock.now();
                self.read_again();
            } else if self.clock.now().as_millis() - told.as_millis() > TELL_EVERY_MS {
                told = self.clock.now();
                if let Ok(pair) = self.read() {
                    self.warn_of(&pair);
                }
            }
        }
    }

    fn read(&self) -> Result<Pair, PairError> {
        let [certificate, key] = &self.files;
        Pair::read(certificate, key)
    }

    fn read_again(&self) {
        match self.read() {
            Ok(pair) => {
                self.shown.show(pair.certified());
                self.end.set(seconds(pair.valid_until()));
                tracing::info!(
                    fingerprint = pair.fingerprint(),
                    until = %pair.valid_until().day(),
                    "the certificate was read again"
                );
                self.warn_of(&pair);
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate cannot be served; the old one stays");
            }
        }
    }

    fn warn_of(&self, pair: &Pair) {
        for warning in pair.warnings(self.clock.now(), self.host.as_deref()) {
            tracing::warn!("{warning}");
        }
    }
}

/// Looks after the certificate when told to by `hangup` and every minute, until it is dropped. Without a certificate the
/// signal means nothing, and does not end the service either.
pub(super) async fn watch(certificate: Option<Certificate>, mut hangup: Signal) {
    match certificate {
        Some(certificate) => certificate.watch(hangup).await,
        None => {
            while hangup.recv().await.is_some() {
                tracing::info!("nothing to read again: this service has no certificate");
            }
        }
    }
}

/// What changes when somebody puts another file in place, also behind a link.
type Stamp = Option<(SystemTime, u64, u64)>;

fn stamps(files: &[PathBuf; 2]) -> [Stamp; 2] {
    files.each_ref().map(|file| {
        let metadata = fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
    })
}

fn seconds(moment: Moment) -> i64 {
    moment.as_millis() / 1000
}

/// What the settings' certificate is like: its end, its fingerprint, and what somebody should look at.
pub fn inspect(settings: &Settings, clock: &Clock) -> Result<Option<(Pair, Vec<String>)>, TlsError> {
    let Tls::Files { certificate, key } = &settings.tls else {
        return Ok(None);
    };
    let pair = Pair::read(certificate, key)?;
    let warnings = pair.warnings(clock.now(), host(settings).as_deref());
    Ok(Some((pair, warnings)))
}

/// The host that phones ask for.
fn host(settings: &Settings) -> Option<String> {
    let (_, rest) = settings.public_url.as_deref()?.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_owned())
}

/// The certificate that handshakes show.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    fn show(&self, certified: Arc<CertifiedKey>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}
