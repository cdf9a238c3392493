//! Settings: flags over environment over one TOML file over defaults, validated together.
//!
//! Invariant: a [`Settings`] that exists can be started with.
//! Refuses: to be read again later; everybody is handed the values they need.

mod tls;

pub use self::tls::{Tls, TlsMode};

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use clap::builder::BoolishValueParser;
use serde::Deserialize;

/// What the service runs with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The campaign file; the shipped Lào Cai campaign when absent.
    pub campaign: Option<PathBuf>,
    /// The boundary layer.
    pub boundaries: Option<PathBuf>,
    /// Plain HTTP, or TLS and with which certificate.
    pub tls: Tls,
    /// How phones reach this service, for links and QR codes; the address it listens on when absent.
    pub public_url: Option<String>,
    /// Demo accounts exist, and everything says that it is a demo.
    pub demo: bool,
    /// Proxies whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `/metrics` answers everybody, not only programs on this machine.
    pub metrics_open: bool,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds of memory, disk and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Page cache of the row store, bytes.
    pub cache_bytes: u64,
    /// What stays free on the disk, bytes.
    pub min_free_bytes: u64,
    /// Set aside in a file for the day the disk is full, bytes.
    pub ballast_bytes: u64,
    /// When a start compacts the rows first.
    pub compaction: CompactionRule,
    /// Open connections; half of the process's file handles at most, whatever is said here.
    pub max_connections: usize,
    /// How long a connection may be open without a request, milliseconds.
    pub connection_idle_ms: u64,
    /// Pictures being received at once; more wait or get 503.
    pub max_uploads: usize,
    /// Pictures being decoded at once.
    pub max_decodes: usize,
    /// Submissions being checked at once; 0 leaves them waiting.
    pub check_workers: usize,
    /// Longest picture, bytes.
    pub max_picture_bytes: u64,
    /// Most pixels of a picture.
    pub max_picture_pixels: u64,
    /// Seconds until an unfinished resumable upload is thrown away.
    pub upload_expires_s: u64,
    /// Longest silence inside a request body, milliseconds.
    pub body_idle_ms: u64,
    /// How long a body's average speed does not matter, milliseconds.
    pub body_grace_ms: u64,
    /// Slowest average of a body, bytes a second; a phone on 2G manages some thousand.
    pub body_min_bytes_per_s: u64,
    /// How often the files of the certificate are looked at, milliseconds.
    pub certificate_look_ms: u64,
    /// Most bytes of sealed tips at a time.
    pub tips_bytes: u64,
    /// Tips a minute in the long run.
    pub tips_per_minute: u32,
    /// Tips that may come at once.
    pub tips_burst: u32,
}

/// When a start compacts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactionRule {
    /// When the disk holds more than this many times the bytes of the rows; 0 for never.
    pub ratio: u64,
    /// And more than this many bytes.
    pub floor_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cache_bytes: 32 << 20,
            min_free_bytes: 512 << 20,
            ballast_bytes: 64 << 20,
            compaction: CompactionRule {
                ratio: 5,
                floor_bytes: 256 << 20,
            },
            max_connections: 12_288,
            connection_idle_ms: 90_000,
            max_uploads: 128,
            max_decodes: 2,
            check_workers: 1,
            max_picture_bytes: 15 << 20,
            max_picture_pixels: 50_000_000,
            upload_expires_s: 7 * 24 * 3600,
            body_idle_ms: 30_000,
            body_grace_ms: 30_000,
            body_min_bytes_per_s: 512,
            certificate_look_ms: 60_000,
            tips_bytes: 4 << 30,
            tips_per_minute: 30,
            tips_burst: 60,
        }
    }
}

/// The settings of one source; what it does not say is left to the next one.
#[derive(Debug, Clone, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Directory that holds everything
    #[arg(long, env = "MINHCHUNG_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "MINHCHUNG_LISTEN")]
    pub listen: Option<String>,
    /// `files` (what the two below imply), `self-signed` for a trial in a local network, or `off`
    #[arg(long, env = "MINHCHUNG_TLS", value_enum)]
    pub tls: Option<TlsMode>,
    /// Certificate for HTTPS (PEM), followed by those that lead to a known authority
    #[arg(long, env = "MINHCHUNG_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, env = "MINHCHUNG_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Campaign file (TOML); the shipped Lào Cai campaign when absent
    #[arg(long, env = "MINHCHUNG_CAMPAIGN")]
    pub campaign: Option<PathBuf>,
    /// Boundary layer (GeoJSON with the property `code`)
    #[arg(long, env = "MINHCHUNG_BOUNDARIES")]
    pub boundaries: Option<PathBuf>,
    /// How phones reach this service, such as `https://minhchung.example.vn`
    #[arg(long, env = "MINHCHUNG_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Demo accounts, and a notice everywhere
    #[arg(long, env = "MINHCHUNG_DEMO", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub demo: Option<bool>,
    /// Address of a proxy in front, whose X-Forwarded-For is believed; may be given again
    #[arg(
        long = "trusted-proxy",
        env = "MINHCHUNG_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<IpAddr>>,
    /// Answer everybody at /metrics; only programs on this machine otherwise
    #[arg(long, env = "MINHCHUNG_METRICS_OPEN", num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub metrics_open: Option<bool>,
    /// Page cache of the row store, MiB
    #[arg(long, env = "MINHCHUNG_CACHE_MIB")]
    pub cache_mib: Option<u64>,
    /// What stays free on the disk, MiB
    #[arg(long, env = "MINHCHUNG_MIN_FREE_MIB")]
    pub min_free_mib: Option<u64>,
    /// Set aside in a file for the day the disk is full, MiB
    #[arg(long, env = "MINHCHUNG_BALLAST_MIB")]
    pub ballast_mib: Option<u64>,
    /// Compact the rows at the start when they take more than this many times their bytes on the disk; 0 for never
    #[arg(long, env = "MINHCHUNG_COMPACT_RATIO")]
    pub compact_ratio: Option<u64>,
    /// But not before they take this much, MiB
    #[arg(long, env = "MINHCHUNG_COMPACT_FLOOR_MIB")]
    pub compact_floor_mib: Option<u64>,
    /// Open connections at most
    #[arg(long, env = "MINHCHUNG_MAX_CONNECTIONS")]
    pub max_connections: Option<usize>,
    /// Pictures being received at once at most
    #[arg(long, env = "MINHCHUNG_MAX_UPLOADS")]
    pub max_uploads: Option<usize>,
    /// Pictures being decoded at once at most
    #[arg(long, env = "MINHCHUNG_MAX_DECODES")]
    pub max_decodes: Option<usize>,
    /// Submissions being checked at once; 0 leaves their checks waiting
    #[arg(long, env = "MINHCHUNG_CHECK_WORKERS")]
    pub check_workers: Option<usize>,
    /// Sealed tips take at most this much of the disk, MiB
    #[arg(long, env = "MINHCHUNG_TIPS_MIB")]
    pub tips_mib: Option<u64>,
}

/// The password of `minhchung submit`, which never stands on a command line.
pub fn submit_password() -> Option<String> {
    from_environment("MINHCHUNG_PASSWORD")
}

/// Whether the person wants no colours (<https://no-color.org>).
pub fn no_color() -> bool {
    from_environment("NO_COLOR").is_some()
}

#[allow(
    clippy::disallowed_methods,
    reason = "this module is where the environment is read"
)]
fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is wrong.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
    /// Values that do not work, all of them.
    #[error("settings: {}", .0.join("; "))]
    Invalid(Vec<String>),
}

/// A tebibyte: more than any of these can be meant to be.
const MOST_MIB: u64 = 1 << 20;
/// Threads that decode, which more would only keep waiting for memory.
const MOST_THREADS: u64 = 64;

/// Limits that cannot be meant.
fn too_much(limits: &Limits) -> Vec<String> {
    let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let bounded = [
        ("cache_mib", limits.cache_bytes >> 20, MOST_MIB),
        ("min_free_mib", limits.min_free_bytes >> 20, MOST_MIB),
        ("ballast_mib", limits.ballast_bytes >> 20, MOST_MIB),
        ("max_uploads", whole(limits.max_uploads), 100_000),
        ("max_connections", whole(limits.max_connections), 1_000_000),
        ("max_decodes", whole(limits.max_decodes), MOST_THREADS),
        ("check_workers", whole(limits.check_workers), MOST_THREADS),
    ];
    let beyond = bounded.iter().filter(|(_, value, most)| value > most);
    beyond
        .map(|(name, _, most)| format!("{name}: must be at most {most}"))
        .collect()
}

/// Whether `text` is the beginning of a web address: a scheme and a host, with nothing that would break a link.
fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        let is_plain = |letter: char| letter.is_ascii_graphic() && !"\"<>\\^`{|}?#".contains(letter);
        !host.is_empty() && rest.chars().all(is_plain)
    })
}

impl Layer {
    /// The layer in a TOML file.
    pub fn from_file(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| SettingsError::Malformed {
            path: path.to_owned(),
            message: error.to_string(),
        })
    }

    /// This layer, with `below` where it says nothing.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(below.data_dir),
            listen: self.listen.or(below.listen),
            tls: self.tls.or(below.tls),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            campaign: self.campaign.or(below.campaign),
            boundaries: self.boundaries.or(below.boundaries),
            public_url: self.public_url.or(below.public_url),
            demo: self.demo.or(below.demo),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            metrics_open: self.metrics_open.or(below.metrics_open),
            cache_mib: self.cache_mib.or(below.cache_mib),
            min_free_mib: self.min_free_mib.or(below.min_free_mib),
            ballast_mib: self.ballast_mib.or(below.ballast_mib),
            compact_ratio: self.compact_ratio.or(below.compact_ratio),
            compact_floor_mib: self.compact_floor_mib.or(below.compact_floor_mib),
            max_connections: self.max_connections.or(below.max_connections),
            max_uploads: self.max_uploads.or(below.max_uploads),
            max_decodes: self.max_decodes.or(below.max_decodes),
            check_workers: self.check_workers.or(below.check_workers),
            tips_mib: self.tips_mib.or(below.tips_mib),
        }
    }

    /// The checked settings, with defaults where nothing was said.
    pub fn settings(self) -> Result<Settings, SettingsError> {
        let mut wrong = Vec::new();
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let address = listen.to_socket_addrs().ok().and_then(|mut found| found.next());
        if address.is_none() {
            wrong.push(format!(
                "listen: {listen:?} is no host with a port, such as 127.0.0.1:8080 or localhost:8080"
            ));
        }
        if self.data_dir.is_none() {
            wrong.push("data_dir: missing".to_owned());
        }
        if let Some(url) = &self.public_url
            && !is_web_address(url)
        {
            wrong.push(format!(
                "public_url: {url:?} is no address such as https://minhchung.example.vn"
            ));
        }
        let tls = tls::choose(self.tls, self.tls_cert, self.tls_key).unwrap_or_else(|mistake| {
            wrong.push(mistake);
            Tls::Off
        });
        let defaults = Limits::default();
        let mib = |value: Option<u64>, default: u64| value.map_or(default, |mib| mib.saturating_mul(1 << 20));
        let limits = Limits {
            cache_bytes: mib(self.cache_mib, defaults.cache_bytes),
            min_free_bytes: mib(self.min_free_mib, defaults.min_free_bytes),
            ballast_bytes: mib(self.ballast_mib, defaults.ballast_bytes),
            compaction: CompactionRule {
                ratio: self.compact_ratio.unwrap_or(defaults.compaction.ratio),
                floor_bytes: mib(self.compact_floor_mib, defaults.compaction.floor_bytes),
            },
            max_connections: self.max_connections.unwrap_or(defaults.max_connections),
            max_uploads: self.max_uploads.unwrap_or(defaults.max_uploads),
            max_decodes: self.max_decodes.unwrap_or(defaults.max_decodes),
            check_workers: self.check_workers.unwrap_or(defaults.check_workers),
            tips_bytes: mib(self.tips_mib, defaults.tips_bytes),
            ..defaults
        };
        let counts = [
            ("cache_mib", limits.cache_bytes > 0),
            ("max_connections", limits.max_connections > 0),
            ("max_uploads", limits.max_uploads > 0),
            ("max_decodes", limits.max_decodes > 0),
        ];
        wrong.extend(
            counts
                .iter()
                .filter(|(_, ok)| !ok)
                .map(|(name, _)| format!("{name}: must be at least 1")),
        );
        wrong.extend(too_much(&limits));
        match (address, self.data_dir) {
            (Some(listen), Some(data_dir)) if wrong.is_empty() => Ok(Settings {
                data_dir,
                listen,
                tls,
                campaign: self.campaign,
                boundaries: self.boundaries,
                public_url: self.public_url,
                demo: self.demo.unwrap_or(false),
                trusted_proxies: self.trusted_proxies.unwrap_or_default(),
                metrics_open: self.metrics_open.unwrap_or(false),
                limits,
            }),
            _ => Err(SettingsError::Invalid(wrong)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_all_mistakes_are_named_at_once() {
        let file: Layer =
            toml::from_str("listen = \"127.0.0.1:1\"\ncache_mib = 8\ndata_dir = \"/x\"").unwrap();
        let flags = Layer {
            listen: Some("127.0.0.1:2".into()),
            ..Layer::default()
        };
        let settings = flags.over(file).settings().unwrap();
        assert_eq!(settings.listen.port(), 2);
        assert_eq!(settings.limits.cache_bytes, 8 << 20);
        let named = Layer {
            data_dir: Some("/x".into()),
            listen: Some("localhost:8080".into()),
            ..Layer::default()
        };
        let listen = named.settings().unwrap().listen;
        assert!(listen.ip().is_loopback() && listen.port() == 8080, "{listen}");
        let wrong = Layer {
            listen: Some("nowhere".into()),
            max_uploads: Some(0),
            ..Layer::default()
        };
        let SettingsError::Invalid(mistakes) = wrong.settings().unwrap_err() else {
            panic!("expected mistakes")
        };
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
        assert!(toml::from_str::<Layer>("lisen = 1").is_err());
        let absurd = Layer {
            data_dir: Some("/x".into()),
            public_url: Some("https://a b/".into()),
            min_free_mib: Some(u64::MAX),
            check_workers: Some(100_000),
            ..Layer::default()
        };
        let SettingsError::Invalid(mistakes) = absurd.settings().unwrap_err() else {
            panic!("expected mistakes")
        };
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
    }

    #[test]
    fn a_web_address_has_a_scheme_and_a_host() {
        for good in [
            "https://minhchung.example.vn",
            "http://127.0.0.1:8080/",
            "https://[::1]/x",
        ] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "https://",
            "https:///x",
            "ftp://a",
            "a.vn",
            "https://a b",
            "https://a?x",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
