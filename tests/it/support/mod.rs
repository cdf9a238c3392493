//! The application under test: built as the program builds it, on a free port, in a directory of its own.
//!
//! `Harness::start().await` starts one; it stops, and its directory goes, when it is dropped. `person` makes an account
//! with a session, `get`/`post`/`patch`/`delete`/`send` talk to it. With `Harness::at` the clock stands still until
//! `clock.set` moves it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use minhchung::clock::Clock;
use minhchung::config::{Limits, Settings, Tls};
use minhchung::domain::{Moment, Role, UserId};
use minhchung::http::App;
use minhchung::server::{Application, StartError};
use minhchung::services::accounts::{LogIn, NewUser, OperatorsTotp};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "mật khẩu thử nghiệm";

/// How long a test waits for what gives way to everything else, such as checks, on a machine that others keep busy; less
/// than a session lasts.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// A commune of the shipped campaign, and another one.
pub const COMMUNE: &str = "02647";
pub const OTHER_COMMUNE: &str = "02671";

pub struct Harness {
    pub app: App,
    pub clock: Clock,
    pub client: reqwest::Client,
    address: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    home: Arc<tempfile::TempDir>,
    settings: Settings,
    people: AtomicU32,
}

/// An account with a session.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    pub token: String,
    pub refresh_token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    /// The JSON body; null when there is none.
    pub body: Value,
}

impl Answer {
    /// `status/code`, the code empty unless this is a problem.
    pub fn problem(&self) -> String {
        format!(
            "{}/{}",
            self.status.as_u16(),
            self.body["code"].as_str().unwrap_or("")
        )
    }

    /// The body of an answer that has to be of this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// The text of a member.
    #[track_caller]
    pub fn text(&self, member: &str) -> String {
        self.body[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {:#}", self.body))
            .to_owned()
    }
}

impl Harness {
    /// A live application under the machine's clock.
    pub async fn start() -> Self {
        Self::with(Clock::system(), |_| {}).await
    }

    /// A live application whose clock stands at `moment`.
    pub async fn at(moment: &str) -> Self {
        Self::with(Clock::manual(moment.parse().unwrap()), |_| {}).await
    }

    /// An application with other settings.
    pub async fn with(clock: Clock, adjust: impl FnOnce(&mut Settings)) -> Self {
        let home = Arc::new(tempfile::tempdir().unwrap());
        let mut settings = settings(home.path());
        adjust(&mut settings);
        Self::over(home, settings, clock).await
    }

    /// The same application, stopped and started again on the same directory.
    pub async fn restarted(self) -> Self {
        let (home, settings, clock) = (Arc::clone(&self.home), self.settings.clone(), self.clock.clone());
        drop(self);
        Self::over(home, settings, clock).await
    }

    /// The same, with other settings from then on.
    pub async fn restarted_with(self, adjust: impl FnOnce(&mut Settings)) -> Self {
        let (home, mut settings, clock) = (Arc::clone(&self.home), self.settings.clone(), self.clock.clone());
        drop(self);
        adjust(&mut settings);
        Self::over(home, settings, clock).await
    }

    /// The same, with something done to the directory while it is stopped; `work` gets the directory around it.
    pub async fn restarted_after<F: Future<Output = ()>>(self, work: impl FnOnce(&Path) -> F) -> Self {
        let (home, settings, clock) = (Arc::clone(&self.home), self.settings.clone(), self.clock.clone());
        drop(self);
        work(home.path()).await;
        Self::over(home, settings, clock).await
    }

    /// An application on what is there already; `settings` name the directory in `home`.
    pub async fn on(home: tempfile::TempDir, settings: Settings) -> Self {
        Self::over(Arc::new(home), settings, Clock::system()).await
    }

    async fn over(home: Arc<tempfile::TempDir>, settings: Settings, clock: Clock) -> Self {
        let its_settings = settings.clone();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let its_clock = clock.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let application = build(&its_settings, &its_clock).await;
                let started = (application.url(), application.handle(), application.app().clone());
                assert!(sender.send(started).is_ok(), "nobody waits for the application");
                application.run().await.unwrap();
            });
        });
        let (address, handle, app) = receiver.await.expect("the application did not start");
        Self {
            app,
            clock,
            client: client(),
            address,
            handle,
            thread: Some(thread),
            home,
            settings,
            people: AtomicU32::new(0),
        }
    }

    /// The data directory.
    #[allow(dead_code, reason = "for areas that look at the files themselves")]
    pub fn data_dir(&self) -> &Path {
        &self.settings.data_dir
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// An access token of a new account.
    pub async fn sign_in(&self, role: Role, commune: Option<&str>) -> String {
        self.person(role, commune).await.token
    }

    /// A new account with a session. It needs no second factor, whatever its role.
    pub async fn person(&self, role: Role, commune: Option<&str>) -> Person {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        let new = NewUser {
            id: None,
            username: format!("{role}.{number}"),
            name: format!("Người Thử {number}"),
            role,
            commune: commune.map(|code| code.parse().unwrap()),
            password: Some(PASSWORD.into()),
        };
        let user = self
            .app
            .accounts
            .add_user(new, OperatorsTotp::Exempt)
            .await
            .unwrap();
        let log_in = LogIn {
            username: user.username.clone(),
            password: PASSWORD.into(),
            totp: None,
            device_name: "test".into(),
            request_id: None,
        };
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0001 + number));
        let opened = self.app.accounts.log_in(log_in, address).await.unwrap();
        Person {
            id: user.id,
            username: user.username,
            token: opened.access_token,
            refresh_token: opened.refresh_token,
        }
    }

    /// Makes every check that waits now, for servers whose workers are off.
    pub async fn check_all(&self) -> usize {
        let mut made = 0;
        loop {
            let waiting = self.app.checking.waiting(100).await.unwrap();
            if waiting.is_empty() {
                return made;
            }
            for each in waiting {
                let checking = self.app.checking.clone();
                tokio::task::spawn_blocking(move || checking.check(each))
                    .await
                    .unwrap()
                    .unwrap();
                made += 1;
            }
        }
    }

    /// Moves a clock that stands still.
    pub fn wait(&self, seconds: i64) {
        self.clock
            .set(Moment::from_millis(self.clock.now().as_millis() + seconds * 1000));
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, token, None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::POST, path, token, Some(body)).await
    }

    pub async fn patch(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, token, Some(body)).await
    }

    pub async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(Method::DELETE, path, token, None).await
    }

    /// Sends a request; without a session when `token` is empty.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path, token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self
            .client
            .request(method, self.url(path))
            .header("accept-language", "en");
        if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        }
    }
}

/// Sends `request` and reads its answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    Answer {
        status,
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the application panicked");
        }
    }
}

/// Builds the application. One that ran on the same directory before may still hold the store for a moment: its worker
/// threads end after it has told that it ended.
pub async fn build(settings: &Settings, clock: &Clock) -> Application {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match Application::build(settings, clock.clone()).await {
            Ok(application) => return application,
            Err(StartError::Store(_)) if Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Settings for a test in `home`.
pub fn settings(home: &Path) -> Settings {
    Settings {
        data_dir: home.join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        tls: Tls::Off,
        campaign: None,
        boundaries: None,
        public_url: Some("https://minhchung.example".into()),
        demo: false,
        trusted_proxies: Vec::new(),
        metrics_open: false,
        limits: Limits {
            min_free_bytes: 0,
            ballast_bytes: 0,
            // Checks are slow in a program that is built for tests; those tests that are about them turn them on, and
            // those that kill the program run it as it is.
            check_workers: 0,
            ..Limits::default()
        },
    }
}

fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test binary's thread cannot have been first; within this one it is done once.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
    reqwest::Client::new()
}
