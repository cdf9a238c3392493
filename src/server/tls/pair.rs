//! A certificate with its key, read from PEM files and judged before anybody is served with it.
//!
//! Invariant: a [`Pair`] that exists can be served: the key belongs to the first certificate.
//! Refuses: to serve on regardless. What is wrong is told with the file's name, and nothing of the key is.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::domain::Moment;

/// A day in milliseconds.
const DAY_MS: i64 = 24 * 3600 * 1000;
/// From when on every start and every day says that the certificate ends.
const SOON_DAYS: i64 = 21;

/// Why files are no pair that can be served.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// A file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No certificate in it.
    #[error("{0}: holds no certificate (PEM, a block that begins with -----BEGIN CERTIFICATE-----)")]
    NoCertificate(PathBuf),
    /// A block that is none.
    #[error("{path}: certificate number {number} in it cannot be read: {message}")]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Which, from 1.
        number: usize,
        /// What is wrong.
        message: String,
    },
    /// No key in it.
    #[error(
        "{0}: holds no private key (PEM, a block that begins with -----BEGIN PRIVATE KEY-----, \
         -----BEGIN EC PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----)"
    )]
    NoKey(PathBuf),
    /// A key behind a passphrase.
    #[error(
        "{0}: the private key is locked by a passphrase, and nobody is there to type it at a start; unlock it with \
         `openssl pkey -in … -out …` and give the file mode 0600"
    )]
    LockedKey(PathBuf),
    /// A key of a kind that nobody here can sign with.
    #[error(
        "{0}: this private key cannot be used; RSA from 2048 bits on, ECDSA P-256, P-384 and Ed25519 can"
    )]
    UnusableKey(PathBuf),
    /// The halves of two pairs.
    #[error(
        "{key}: is not the key of the first certificate in {certificate}; the server's own certificate has to come \
         first, then those that lead to a known authority"
    )]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct Pair {
    certified: Arc<CertifiedKey>,
    valid_from: Moment,
    valid_until: Moment,
    fingerprint: String,
}

impl Pair {
    /// The pair in these files, which may be one and the same.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, PairError> {
        let chain = read_chain(certificate)?;
        let private = read_key(key)?;
        let certified = CertifiedKey::from_der(chain, private, &default_provider());
        let certified = certified.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => PairError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            },
            rustls::Error::InvalidCertificate(wrong) => PairError::BadCertificate {
                path: certificate.to_owned(),
                number: 1,
                message: format!("{wrong:?}"),
            },
            // What the library says may quote the file; the kind is all that helps.
            _ => PairError::UnusableKey(key.to_owned()),
        })?;
        Self::judged(certified, certificate)
    }

    fn judged(certified: CertifiedKey, path: &Path) -> Result<Self, PairError> {
        let own = certified
            .end_entity_cert()
            .map_err(|_empty| PairError::NoCertificate(path.to_owned()))?;
        let parsed = Certificate::from_der(own).map_err(|error| PairError::BadCertificate {
            path: path.to_owned(),
            number: 1,
            message: error.to_string(),
        })?;
        let validity = parsed.tbs_certificate().validity();
        let fingerprint = fingerprint(own);
        Ok(Self {
            valid_from: moment(validity.not_before),
            valid_until: moment(validity.not_after),
            fingerprint,
            certified: Arc::new(certified),
        })
    }

    /// What the handshake signs with.
    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    /// SHA-256 of the certificate, as browsers and `openssl x509 -fingerprint -sha256` write it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Until when it is valid.
    pub const fn valid_until(&self) -> Moment {
        self.valid_until
    }

    /// Whether it is for `host`, a name or an address.
    pub fn is_for(&self, host: &str) -> bool {
        let own = self.certified.end_entity_cert().ok();
        let parsed = own.and_then(|own| ParsedCertificate::try_from(own).ok());
        match (parsed, ServerName::try_from(host.to_owned())) {
            (Some(parsed), Ok(name)) => rustls::client::verify_server_name(&parsed, &name).is_ok(),
            _ => false,
        }
    }

    /// What somebody should look at, though it can be served: its dates, and whether it is for the host that phones ask for.
    pub fn warnings(&self, now: Moment, host: Option<&str>) -> Vec<String> {
        let mut warnings = Vec::new();
        let left_ms = self.valid_until.as_millis() - now.as_millis();
        if left_ms < 0 {
            warnings.push(format!(
                "the certificate expired on {}; browsers and phones refuse it",
                self.valid_until.day()
            ));
        } else if left_ms < SOON_DAYS * DAY_MS {
            warnings.push(format!(
                "the certificate expires on {}, in {} days",
                self.valid_until.day(),
                left_ms / DAY_MS
            ));
        }
        if now < self.valid_from {
            warnings.push(format!(
                "the certificate is valid from {} on only; is the clock of this machine right?",
                self.valid_from.day()
            ));
        }
        if let Some(host) = host
            && !self.is_for(host)
        {
            warnings.push(format!(
                "the certificate is not for {host}, which public_url names; phones refuse it"
            ));
        }
        warnings
    }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, PairError> {
    let text = read(path)?;
    let mut chain = Vec::new();
    for block in CertificateDer::pem_slice_iter(&text) {
        let number = chain.len() + 1;
        chain.push(block.map_err(|error| PairError::BadCertificate {
            path: path.to_owned(),
            number,
            message: error.to_string(),
        })?);
    }
    if chain.is_empty() {
        return Err(PairError::NoCertificate(path.to_owned()));
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, PairError> {
    let text = read(path)?;
    let says = |words: &[u8]| memchr::memmem::find(&text, words).is_some();
    if says(b"BEGIN ENCRYPTED PRIVATE KEY") || says(b"Proc-Type: 4,ENCRYPTED") {
        return Err(PairError::LockedKey(path.to_owned()));
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        PemError::NoItemsFound => PairError::NoKey(path.to_owned()),
        _ => PairError::UnusableKey(path.to_owned()),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, PairError> {
    fs::read(path).map_err(|source| PairError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn moment(time: x509_cert::time::Time) -> Moment {
    let since_1970 = time.to_unix_duration();
    Moment::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

fn fingerprint(der: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(der) {
        let colon = if text.is_empty() { "" } else { ":" };
        // Writing into a string does not fail.
        write!(text, "{colon}{byte:02X}").unwrap_or_default();
    }
    text
}
