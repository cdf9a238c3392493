//! Where an attempt comes from, as coarse as one attacker's reach.
//!
//! Invariant: an IPv6 network of 64 bits is one origin, since one subscriber has all of it; an IPv4 address written as
//! IPv6 is the IPv4 address.
//! Refuses: to read proxy headers; whoever decodes the request decides which address to believe.

use std::net::{IpAddr, Ipv4Addr};

/// One IPv4 address or one IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(Network);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Network {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Network::V4(address),
            IpAddr::V6(address) => {
                let [first, second, third, fourth, ..] = address.segments();
                Network::V6([first, second, third, fourth])
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_subscribers_whole_network_is_one_origin_and_the_next_network_another() {
        assert_eq!(
            origin("2001:db8:1:2::1"),
            origin("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
        assert_eq!(origin("::ffff:192.0.2.7"), origin("192.0.2.7"));
        assert_ne!(origin("192.0.2.7"), origin("192.0.2.8"));
    }
}
