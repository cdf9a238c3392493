//! How the service speaks to the network: plainly, or by TLS with a certificate of its operator or one of its own.
//!
//! Invariant: a [`Tls`] that exists is whole: a certificate never stands without its key.
//! Refuses: to open files; that is the part of whoever listens.

use std::path::PathBuf;

use serde::Deserialize;

/// What the operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Plain HTTP, behind a proxy or on this machine
    Off,
    /// A certificate and its key from files
    Files,
    /// A certificate that the service makes for itself, for a trial in a local network
    SelfSigned,
}

/// How to listen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Tls {
    /// Plain HTTP.
    #[default]
    Off,
    /// With these files (PEM), looked at again while the service runs.
    Files {
        /// The certificate, and those that lead to a known authority after it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// With a certificate that is made at the first start and kept in the data directory.
    SelfSigned,
}

impl Tls {
    /// Whether browsers reach this service by `https`.
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }
}

/// What the three settings say together, or why they say nothing that can be done.
pub(super) fn choose(
    mode: Option<TlsMode>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Tls, String> {
    match (mode, certificate, key) {
        // Said outright, so files that a settings file names are left alone.
        (Some(TlsMode::Off), ..) | (None, None, None) => Ok(Tls::Off),
        (Some(TlsMode::SelfSigned), None, None) => Ok(Tls::SelfSigned),
        (Some(TlsMode::SelfSigned), ..) => Err("tls: self-signed makes its own certificate; \
             leave tls_cert and tls_key out, or say `files`"
            .to_owned()),
        (None | Some(TlsMode::Files), Some(certificate), Some(key)) => Ok(Tls::Files { certificate, key }),
        (_, Some(certificate), None) => Err(format!(
            "tls_key: missing; the certificate {} needs the file of its private key",
            certificate.display()
        )),
        (_, None, Some(key)) => Err(format!(
            "tls_cert: missing; the private key {} needs the file of its certificate",
            key.display()
        )),
        (Some(TlsMode::Files), None, None) => Err("tls: `files` needs tls_cert and tls_key".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_is_refused_with_the_name_of_what_is_missing() {
        let (cert, key) = (Some(PathBuf::from("c.pem")), Some(PathBuf::from("k.pem")));
        assert_eq!(choose(None, None, None), Ok(Tls::Off));
        assert_eq!(choose(Some(TlsMode::Off), cert.clone(), None), Ok(Tls::Off));
        assert_eq!(choose(Some(TlsMode::SelfSigned), None, None), Ok(Tls::SelfSigned));
        assert!(choose(None, cert.clone(), key.clone()).unwrap().is_on());
        let wrong = |mode, cert, key| choose(mode, cert, key).unwrap_err();
        assert!(wrong(None, cert.clone(), None).starts_with("tls_key: missing"));
        assert!(wrong(Some(TlsMode::Files), None, key.clone()).starts_with("tls_cert: missing"));
        assert!(wrong(Some(TlsMode::Files), None, None).contains("needs tls_cert and tls_key"));
        assert!(wrong(Some(TlsMode::SelfSigned), cert, key).contains("makes its own"));
    }
}
