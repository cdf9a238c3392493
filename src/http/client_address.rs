//! Where a request comes from, for the throttles.
//!
//! Invariant: the address is the connection's own.
//! Refuses: proxy headers, which anybody can write.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl FromRequest for ClientAddress {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map(|address| address.ip());
        // Connections without an address share one, and so one throttle.
        std::future::ready(Ok(Self(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))))
    }
}
