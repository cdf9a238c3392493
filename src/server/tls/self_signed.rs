//! The certificate that a service makes for itself, for a trial in a local network.
//!
//! Invariant: it stays the same over restarts, so that its fingerprint can be compared, until it ends or somebody
//! removes the file. Certificate and key lie in one file, so no crash leaves half of a pair.
//! Refuses: to be taken for more than a trial. Village heads' phones do not take it; whoever reads this knows.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pair::Pair;
use crate::disk::sync_directory;
use crate::domain::Moment;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

/// The file below the data directory. Not in backups: another machine makes its own, and a key less travels.
const FILE: &str = "self-signed.pem";
/// Browsers refuse certificates that are valid for longer than 398 days.
const VALID_DAYS: i64 = 397;
/// One that ends earlier than this is made anew by a start.
const RENEW_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Why there is no certificate of its own.
#[derive(Debug, thiserror::Error)]
pub enum SelfSignedError {
    /// The file cannot be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be made.
    #[error("no certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
}

/// The file with the certificate for a service in `data_dir` at `address`, made if there is none that is valid for a
/// while. `host` is what the operator calls it.
pub(super) fn keep(
    data_dir: &Path,
    address: SocketAddr,
    host: Option<&str>,
    now: Moment,
) -> Result<PathBuf, SelfSignedError> {
    let path = data_dir.join(FILE);
    let kept = Pair::read(&path, &path);
    let stays = |pair: &Pair| pair.valid_until().as_millis() - now.as_millis() > RENEW_DAYS * DAY_MS;
    if !kept.is_ok_and(|pair| stays(&pair)) {
        let text = make(&names(address, host), now)?;
        write(data_dir, &path, &text).map_err(|source| SelfSignedError::Io {
            path: path.clone(),
            source,
        })?;
        tracing::info!(file = %path.display(), "a certificate was made for this machine");
    }
    Ok(path)
}

fn make(names: &[String], now: Moment) -> Result<String, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    let day = |days: i64| {
        let since_1970 = now.as_millis() + days * DAY_MS;
        date_time_ymd(1970, 1, 1) + Duration::from_millis(u64::try_from(since_1970).unwrap_or(0))
    };
    // Clocks of other machines in the network may be late.
    params.not_before = day(-1);
    params.not_after = day(VALID_DAYS - 1);
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "minhchung, self-signed for a trial");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// Only its owner may read it, from its first byte on.
fn write(data_dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("pem.new");
    if let Err(error) = fs::remove_file(&draft)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_directory(data_dir)
}

/// What this machine is called by those who may ask it at `address`.
fn names(address: SocketAddr, host: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(host.map(str::to_owned));
    if address.ip().is_unspecified() {
        names.extend(own_addresses().iter().map(ToString::to_string));
        let uname = rustix::system::uname();
        if let Ok(name) = uname.nodename().to_str()
            && !name.is_empty()
        {
            names.extend([name.to_owned(), format!("{name}.local")]);
        }
    } else {
        names.push(address.ip().to_string());
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| {
        seen.insert(name.clone()) && rcgen::string::Ia5String::try_from(name.as_str()).is_ok()
    });
    names
}

/// The addresses of this machine's network cards, as far as Linux tells them; without, the certificate names fewer.
fn own_addresses() -> Vec<IpAddr> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mut found: Vec<IpAddr> = v4(&read("/proc/net/fib_trie"))
        .into_iter()
        .map(IpAddr::V4)
        .collect();
    found.extend(v6(&read("/proc/net/if_inet6")).into_iter().map(IpAddr::V6));
    found.retain(|address| !address.is_loopback());
    found
}

/// The local addresses in the kernel's routing trie: a line with the address, then one that says `host LOCAL`.
fn v4(trie: &str) -> Vec<Ipv4Addr> {
    let mut last: Option<Ipv4Addr> = None;
    let mut found = Vec::new();
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line.contains("host LOCAL") {
            found.extend(last.take());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The first column is the address in 32 digits; those that count on one cable only are left out.
fn v6(table: &str) -> Vec<Ipv6Addr> {
    let digits = table.lines().filter_map(|line| line.split_whitespace().next());
    digits
        .filter_map(|digits| u128::from_str_radix(digits, 16).ok())
        .map(Ipv6Addr::from_bits)
        .filter(|address| !address.is_unicast_link_local())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_addresses_are_read_off_the_kernels_tables() {
        let trie = "Local:\n  +-- 0.0.0.0/1 2 0 2\n     +-- 10.1.2.0/24 2 0 2\n        |-- 10.1.2.0\n           /32 link UNICAST\n        |-- 10.1.2.7\n           /32 host LOCAL\n";
        assert_eq!(v4(trie), [Ipv4Addr::new(10, 1, 2, 7)]);
        let table = "00000000000000000000000000000001 01 80 10 80 lo\nfe800000000000000000000000000001 02 40 20 80 eth0\n20010db8000000000000000000000007 02 40 00 00 eth0\n";
        assert_eq!(
            v6(table),
            [Ipv6Addr::LOCALHOST, "2001:db8::7".parse::<Ipv6Addr>().unwrap()]
        );
    }
}
