//! An authority that issues certificates for a test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::Client;

use super::trusting;

pub struct Authority {
    home: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
    root: String,
    issued: AtomicU32,
}

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub fingerprint: String,
}

impl Files {
    pub fn flags(&self) -> [String; 4] {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        [
            "--tls-cert".into(),
            text(&self.certificate),
            "--tls-key".into(),
            text(&self.key),
        ]
    }
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().pem();
        Self {
            home: tempfile::tempdir().unwrap(),
            issuer: Issuer::new(params, key),
            root,
            issued: AtomicU32::new(0),
        }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A client that trusts this authority alone.
    pub fn client(&self) -> Client {
        trusting(&self.root).build().unwrap()
    }

    pub fn trusting(&self) -> reqwest::ClientBuilder {
        trusting(&self.root)
    }

    /// A certificate for `name`.
    pub fn issue(&self, name: &str) -> Files {
        self.issue_with(name, |_| {})
    }

    /// One that ended.
    pub fn issue_expired(&self, name: &str) -> Files {
        self.issue_with(name, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 2, 3);
        })
    }

    fn issue_with(&self, name: &str, adjust: impl FnOnce(&mut CertificateParams)) -> Files {
        let number = self.issued.fetch_add(1, Ordering::SeqCst);
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        adjust(&mut params);
        let own = params.signed_by(&key, &self.issuer).unwrap();
        let files = Files {
            certificate: self.home().join(format!("{number}.chain.pem")),
            key: self.home().join(format!("{number}.key.pem")),
            fingerprint: super::fingerprint(own.der()),
        };
        std::fs::write(&files.certificate, own.pem() + &self.root).unwrap();
        std::fs::write(&files.key, key.serialize_pem()).unwrap();
        files
    }
}
