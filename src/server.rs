//! The application: the one place where all parts meet, and the order in which they start and stop.
//!
//! Invariant: the data directory is locked before anything is read, and the store is closed (everything queued
//! committed and synced) after the last request was answered.
//! Refuses: global state. Tests build the same application on a free port.

pub mod control;
mod failure;
mod handles;
mod housekeeping;
pub mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};
use prometheus_client::registry::Registry;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use self::control::Control;
pub use self::failure::DISK_FAILED;
use self::tls::{Certificate, TlsError};
use crate::auth::Mode;
use crate::campaign::{Boundaries, BoundariesError, Campaign, CampaignErrors, CampaignFileError};
use crate::clock::Clock;
use crate::config::{Settings, Tls};
use crate::disk::FreeSpace;
use crate::domain::CommuneCode;
use crate::http::body::{BodyMemory, Pace};
use crate::http::client_address::TrustedProxies;
use crate::http::connections::Connections;
use crate::http::door::{Door, door};
use crate::http::frame::{FrameSettings, Transport, frame};
use crate::http::metrics::{self, Metrics};
use crate::http::{self, App, MetricsReaders, draw_boundaries};
use crate::jobs::{JobFigures, Workers};
use crate::photos::Photos;
use crate::services::accounts::{AccountSettings, Accounts, KeysError};
use crate::services::checking::Checking;
use crate::services::claims::Claims;
use crate::services::completion::Completion;
use crate::services::evidence::Evidence;
use crate::services::planning::Planning;
use crate::services::review::Review;
use crate::services::sheets::Sheets;
use crate::services::tips::{OpenError, Tips};
use crate::services::uploads::{UploadError, Uploads};
use crate::store::{DataDirectory, DirectoryError, Purpose, PurposeError, Store, StoreError, open_compacted};

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The data directory is for something else.
    #[error(transparent)]
    Purpose(#[from] PurposeError),
    /// The store does not open.
    #[error("the store does not open: {0}")]
    Store(#[from] StoreError),
    /// The campaign file is wrong.
    #[error(transparent)]
    Campaign(#[from] CampaignFileError),
    /// The shipped campaign is wrong, which a test rules out.
    #[error(transparent)]
    ShippedCampaign(#[from] CampaignErrors),
    /// The boundary layer is wrong.
    #[error("boundary layer: {0}")]
    Boundaries(#[from] BoundariesError),
    /// The signing keys cannot be used.
    #[error("signing keys: {0}")]
    Keys(#[from] KeysError),
    /// What is left of unfinished uploads cannot be looked through.
    #[error("unfinished uploads: {0}")]
    Uploads(#[from] UploadError),
    /// The tip line does not open.
    #[error("tip line: {0}")]
    Tips(#[from] OpenError),
    /// TLS cannot be offered.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// Why the application ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The framework failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The disk failed; what is on it only a new start can tell. The process must end at once: whatever is still in
    /// memory is not to be written any more.
    #[error("the disk failed a write; start again to see what is on it")]
    DiskFailed,
}

/// A started application that nobody has asked anything yet.
pub struct Application {
    server: Server,
    address: SocketAddr,
    app: App,
    check_workers: usize,
    job_figures: JobFigures,
    connections: Arc<Connections>,
    certificate: Option<Certificate>,
    directory: DataDirectory,
    /// Absent where the file system has no sockets; then a backup has to stop the service.
    control: Option<Control>,
    /// Listened for since before anybody was told the address, so that no signal finds nobody at home.
    signals: [Signal; 2],
    /// Asks for the certificate to be read again. In a demo the terminal's end is its end.
    hangup: Option<Signal>,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Application {
    /// Opens everything and listens. Must be called inside an actix runtime.
    pub async fn build(settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        let campaign = Arc::new(load_campaign(settings)?);
        let directory = DataDirectory::open(&settings.data_dir, settings.limits.ballast_bytes)?;
        directory.take_for(if settings.demo {
            Purpose::Demo
        } else {
            Purpose::Live
        })?;
        let space = FreeSpace::new(&settings.data_dir, settings.limits.min_free_bytes);
        let store = open_store(&directory, settings, &space)?;
        let listen = |source| StartError::Listen {
            address: settings.listen,
            source,
        };
        let listener = TcpListener::bind(settings.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let certificate = Certificate::open(settings, address, &clock)?;
        let job_figures = JobFigures::default();
        let max_connections = handles::connections(settings.limits.max_connections);
        let connections = Connections::new(max_connections, &settings.limits);
        let mut registry = metrics::registry(clock.now());
        job_figures.register(&mut registry);
        connections.register(&mut registry);
        store.figures().register(&mut registry);
        if let Some(certificate) = &certificate {
            certificate.register(&mut registry);
        }
        let ground = Ground {
            campaign,
            store,
            space,
            clock,
            address,
            registry,
        };
        let app = ground.raise(settings).await?;
        let tls = certificate.as_ref().map(Certificate::server_config).transpose()?;
        let doorway = (Arc::clone(&connections), max_connections);
        let server = serve(settings, app.clone(), listener, tls, doorway).map_err(listen)?;
        let control = Control::open(directory.path());
        if let Err(error) = &control {
            tracing::warn!(%error, "no control socket: backups are possible only while the service is stopped");
        }
        Ok(Self {
            control: control.ok(),
            server,
            address,
            app,
            check_workers: settings.limits.check_workers,
            job_figures,
            connections,
            certificate,
            hangup: if settings.demo {
                None
            } else {
                Some(signal(SignalKind::hangup()).map_err(listen)?)
            },
            directory,
            signals: [
                signal(SignalKind::terminate()).map_err(listen)?,
                signal(SignalKind::interrupt()).map_err(listen)?,
            ],
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as clients write it.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// What whoever starts it should read about its certificate.
    pub fn notice(&self) -> Option<String> {
        self.certificate.as_ref()?.notice()
    }

    /// What handlers work with, for those who start things beside the server.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until SIGTERM or SIGINT, then finishes running requests and closes the store.
    pub async fn run(self) -> Result<(), RunError> {
        let Self {
            server,
            app,
            check_workers,
            job_figures,
            connections,
            certificate,
            directory,
            control,
            signals: [mut terminate, mut interrupt],
            hangup,
            ..
        } = self;
        let watching = hangup.map(|hangup| actix_web::rt::spawn(tls::watch(certificate, hangup)));
        let (handle, stopping) = (server.handle(), app.stopping.clone());
        let (close, closing) = watch::channel(false);
        let commands =
            control.map(|control| actix_web::rt::spawn(control.answer(app.store.clone(), closing)));
        let store = app.store.clone();
        let listening = actix_web::rt::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = failure::of_the_disk(store) => {}
            }
            stopping.send_replace(true);
            tokio::select! {
                () = handle.stop(true) => {}
                () = connections.end_idle() => {}
            }
        });
        let (stop, stopped) = oneshot::channel();
        let housekeeping = tokio::spawn(housekeeping::keep_house(app.clone(), stopped));
        let workers = Workers::start(
            app.checking.clone(),
            app.clock.clone(),
            app.store.changes(),
            check_workers,
            job_figures,
        );
        let served = server.await;
        if app.store.has_failed() {
            // Whoever would wait for the store waits for the disk, and its farewell would write what is not to be believed.
            std::mem::forget((app, directory, stop));
            return Err(RunError::DiskFailed);
        }
        listening.abort();
        if let Some(watching) = watching {
            watching.abort();
        }
        drop(stop);
        close.send_replace(true);
        if let Some(commands) = commands
            && let Err(error) = commands.await
        {
            tracing::error!(%error, "the control socket failed");
        }
        // A sweep that has begun is waited for: it works on the directory that is let go of below.
        if let Err(error) = housekeeping.await {
            tracing::error!(%error, "the housekeeping failed");
        }
        // Checks that have begun are waited for; what still waits is in rows.
        workers.stop().await;
        // The last handle to the store waits for the writer, so everything queued is on disk when this returns.
        drop(app);
        drop(directory);
        Ok(served?)
    }
}

/// Opens the rows on a thread of its own: an upgrade waits for its commits, which threads of the runtime may not.
fn open_store(
    directory: &DataDirectory,
    settings: &Settings,
    space: &FreeSpace,
) -> Result<Store, StoreError> {
    let limits = &settings.limits;
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| open_compacted(directory, limits.cache_bytes, space, limits.compaction));
        opening.join().unwrap_or(Err(StoreError::Panicked))
    })
}

/// What the services stand on, open.
struct Ground {
    campaign: Arc<Campaign>,
    store: Store,
    space: FreeSpace,
    clock: Clock,
    address: SocketAddr,
    registry: Registry,
}

impl Ground {
    /// All services, with what a crash left cleared away.
    async fn raise(self, settings: &Settings) -> Result<App, StartError> {
        let Self {
            campaign,
            store,
            space,
            clock,
            address,
            mut registry,
        } = self;
        let boundaries = load_boundaries(settings, &campaign)?;
        let boundary_layer = draw_boundaries(boundaries.as_deref());
        let accounts = AccountSettings {
            mode: if settings.demo { Mode::Demo } else { Mode::Live },
            public_url: public_url(settings, address),
            has_commune: has_commune(&campaign),
        };
        let tips = Tips::open(
            store.clone(),
            clock.clone(),
            space.clone(),
            &settings.data_dir,
            &settings.limits,
        )
        .await?;
        let accounts = Accounts::open(store.clone(), clock.clone(), accounts).await?;
        let keys_of = accounts.clone();
        let photos = Photos::new(&settings.data_dir);
        let max_pixels = settings.limits.max_picture_pixels;
        let checking =
            Checking::new(&store, &photos, &clock, &space, &campaign, max_pixels).within(boundaries);
        let evidence = Evidence::new(
            store.clone(),
            photos.clone(),
            clock.clone(),
            space,
            Arc::new(move || keys_of.receipt_keys()),
            &settings.limits,
        );
        let checking = checking.sharing(evidence.decode_memory());
        evidence.sweep_incoming().map_err(|source| DirectoryError::Io {
            directory: settings.data_dir.clone(),
            source,
        })?;
        let uploads = Uploads::new(
            evidence.clone(),
            store.clone(),
            photos,
            clock.clone(),
            &settings.limits,
        );
        uploads.sweep().await?;
        evidence.figures().register(&mut registry);
        let planning = Planning::new(store.clone(), clock.clone(), Arc::clone(&campaign));
        Ok(App {
            review: Review::new(store.clone(), clock.clone()),
            claims: Claims::new(store.clone(), clock.clone()),
            sheets: Sheets::new(store.clone(), clock.clone()),
            completion: Completion::new(store.clone(), clock.clone(), Arc::clone(&campaign)),
            tips,
            boundary_layer,
            drawn_board: Arc::default(),
            is_demo: settings.demo,
            stopping: watch::Sender::new(false),
            metrics: Metrics::new(registry),
            data_dir: Arc::from(settings.data_dir.as_path()),
            metrics_readers: if settings.metrics_open {
                MetricsReaders::Anybody
            } else {
                MetricsReaders::ThisMachine
            },
            evidence,
            uploads,
            checking,
            store,
            clock,
            campaign,
            accounts,
            planning,
        })
    }
}

/// The campaign that `settings` name, or the shipped one.
pub fn load_campaign(settings: &Settings) -> Result<Campaign, StartError> {
    Ok(match &settings.campaign {
        Some(path) => Campaign::load(path)?,
        None => Campaign::shipped()?,
    })
}

/// The boundary layer that `settings` name, if they name one.
pub fn load_boundaries(
    settings: &Settings,
    campaign: &Campaign,
) -> Result<Option<Arc<Boundaries>>, StartError> {
    let Some(path) = &settings.boundaries else {
        return Ok(None);
    };
    let boundaries = Boundaries::load(path, campaign)?;
    let missing = boundaries.communes_without_polygon().len();
    if missing > 0 {
        tracing::warn!(
            missing,
            "the boundary layer has no area of some communes; places there are not checked"
        );
    }
    Ok(Some(Arc::new(boundaries)))
}

/// Whether a commune is one of the campaign's, as the accounts ask it.
pub fn has_commune(campaign: &Arc<Campaign>) -> Arc<dyn Fn(CommuneCode) -> bool + Send + Sync> {
    let campaign = Arc::clone(campaign);
    Arc::new(move |code| campaign.commune(code).is_some())
}

fn public_url(settings: &Settings, address: SocketAddr) -> String {
    match &settings.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None if settings.tls.is_on() => format!("https://{address}"),
        None => format!("http://{address}"),
    }
}

/// Whether browsers may be promised https for good: with a certificate that they trust, here or at a proxy in front.
fn transport(settings: &Settings) -> Transport {
    let is_https = settings
        .public_url
        .as_ref()
        .is_some_and(|url| url.starts_with("https://"));
    match &settings.tls {
        Tls::Files { .. } => Transport::Secure,
        Tls::Off if is_https => Transport::Secure,
        Tls::Off | Tls::SelfSigned => Transport::Open,
    }
}

/// Threads that talk; what blocks runs elsewhere.
const WORKERS: usize = 2;

fn serve(
    settings: &Settings,
    app: App,
    listener: TcpListener,
    tls: Option<rustls::ServerConfig>,
    (connections, max_connections): (Arc<Connections>, usize),
) -> io::Result<Server> {
    let frame_settings = FrameSettings {
        is_demo: settings.demo,
        transport: transport(settings),
        metrics: Arc::clone(&app.metrics),
    };
    let pace = Pace {
        idle: Duration::from_millis(settings.limits.body_idle_ms),
        grace: Duration::from_millis(settings.limits.body_grace_ms),
        min_bytes_per_s: settings.limits.body_min_bytes_per_s,
    };
    let trusted = TrustedProxies(settings.trusted_proxies.iter().copied().collect());
    let app = Data::new(app);
    actix_web::rt::spawn(Arc::clone(&connections).watch());
    let doors = Door::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    actix_web::rt::spawn(Arc::clone(&doors).tell());
    let (doors, body_memory) = (Data::from(doors), BodyMemory::default());
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(frame_settings.clone())
            .app_data(trusted.clone())
            .app_data(pace)
            .app_data(doors.clone())
            .app_data(body_memory.clone())
            .wrap(Compress::default())
            .wrap(from_fn(door))
            .wrap(from_fn(frame))
            .configure(http::configure)
    })
    .on_connect(move |accepted, data| connections.opened(accepted, data))
    .workers(WORKERS)
    // A short second piece of an answer must not wait until the first was acknowledged, which takes 40 ms.
    .tcp_nodelay(true)
    .worker_max_blocking_threads(32)
    .max_connections(max_connections.div_ceil(WORKERS))
    // Not the framework's 256: so many silent connections would keep everybody else waiting.
    .max_connection_rate(max_connections)
    // A handshake takes two round trips, which on 2G are seconds.
    .tls_handshake_timeout(Duration::from_secs(10))
    // What one connection may have sent that nobody has read yet.
    .h2_initial_window_size(256 << 10)
    .h2_initial_connection_window_size(512 << 10)
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(30)
    .disable_signals();
    let listening = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls),
        None => server.listen(listener),
    };
    Ok(listening?.run())
}
