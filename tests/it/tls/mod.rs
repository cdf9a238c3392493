//! HTTPS: what is spoken, which certificate is shown, and what is refused with which words.

pub mod authority;
mod mistakes;
mod protocols;
mod renewal;
mod self_signed;
mod strangers;

use std::time::{Duration, Instant};

use minhchung::config::{Settings, Tls};
use reqwest::tls::TlsInfo;
use reqwest::{Client, ClientBuilder};
use sha2::Digest;

use self::authority::Authority;
use crate::field::Field;

/// Longer than anything here takes, also on a busy machine, and shorter than what would be wrong takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A service with a certificate of `authority`, and a client that trusts nobody else.
async fn secure_field(authority: &Authority, adjust: impl FnOnce(&mut Settings)) -> Field {
    let files = authority.issue("127.0.0.1");
    let mut field = Field::with(|settings| {
        settings.tls = Tls::Files {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
        };
        adjust(settings);
    })
    .await;
    field.harness.client = authority.client();
    field
}

/// A client that trusts the certificate in `pem` alone and remembers what it was shown.
fn trusting(pem: &str) -> ClientBuilder {
    // Another area may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    Client::builder()
        .tls_certs_only([root])
        .tls_info(true)
        .timeout(PATIENCE)
}

/// SHA-256 of the certificate that `client` is shown at `url`.
async fn shown(client: &Client, url: &str) -> Result<String, reqwest::Error> {
    let answered = client.get(format!("{url}/health/live")).send().await?;
    let info = answered.extensions().get::<TlsInfo>().unwrap();
    let fingerprint = fingerprint(info.peer_certificate().unwrap());
    // Read to the end, so that the connection is kept.
    answered.bytes().await?;
    Ok(fingerprint)
}

fn fingerprint(der: &[u8]) -> String {
    let bytes = sha2::Sha256::digest(der);
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Waits until `holds`.
async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
