//! Where a request comes from, for the throttles.
//!
//! Invariant: the address is the connection's own, or what a proxy that the operator trusts says of it. The header is
//! read from its end, where the trusted proxy wrote, so nothing that a client put before it counts.
//! Refuses: the headers of anybody else.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address at the other end, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The proxies whose word is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Arc<[IpAddr]>);

impl TrustedProxies {
    /// Where a request comes from that arrived from `peer`.
    fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_trusted = |address: &IpAddr| self.0.contains(&address.to_canonical());
        if !is_trusted(&peer) {
            return peer;
        }
        let lines: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .filter_map(|value| value.to_str().ok())
            .collect();
        let hops = lines.iter().flat_map(|line| line.split(',')).rev();
        let mut nearest = peer;
        for hop in hops {
            // What cannot be read was not written by a proxy that knows its trade; the one that passed it on is blamed.
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            nearest = address.to_canonical();
            if !is_trusted(&nearest) {
                break;
            }
        }
        nearest
    }
}

impl FromRequest for ClientAddress {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map(|address| address.ip());
        // Connections without an address share one, and so one throttle.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let trusted = request.app_data::<TrustedProxies>().cloned().unwrap_or_default();
        std::future::ready(Ok(Self(trusted.origin(peer, request.headers()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn origin(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                HeaderName::from_static(FORWARDED_FOR),
                HeaderValue::from_str(line).unwrap(),
            );
        }
        TrustedProxies(trusted)
            .origin(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_where_a_request_comes_from() {
        let client = "192.0.2.7";
        assert_eq!(origin(&[], "127.0.0.1", &[client]), "127.0.0.1");
        assert_eq!(origin(&["127.0.0.1"], "127.0.0.1", &[client]), client);
        assert_eq!(origin(&["127.0.0.1"], "192.0.2.9", &[client]), "192.0.2.9");
        assert_eq!(origin(&["127.0.0.1"], "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(origin(&["127.0.0.1"], "::ffff:127.0.0.1", &[client]), client);
    }

    #[test]
    fn what_a_client_writes_before_the_proxys_own_word_does_not_count() {
        let two = ["127.0.0.1", "10.0.0.2"];
        assert_eq!(
            origin(&two, "127.0.0.1", &["203.0.113.1, 192.0.2.7"]),
            "192.0.2.7"
        );
        assert_eq!(
            origin(&two, "127.0.0.1", &["203.0.113.1", "192.0.2.7, 10.0.0.2"]),
            "192.0.2.7"
        );
        assert_eq!(origin(&two, "127.0.0.1", &["nonsense"]), "127.0.0.1");
    }
}
