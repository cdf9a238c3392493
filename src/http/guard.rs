//! Headers on every answer that keep it from being taken for something else, or put to a use it was not made for.
//!
//! | header | why |
//! |---|---|
//! | `X-Content-Type-Options: nosniff` | a picture stays a picture, whatever its bytes look like |
//! | `Referrer-Policy: no-referrer` | no page elsewhere learns an address of this service |
//! | `Content-Security-Policy` | what is no page runs nothing and is framed by nobody; a page brings its own |
//! | `Permissions-Policy` | no camera, place or microphone but where a page brings its own: the phone's |
//! | `Cross-Origin-Opener-Policy: same-origin` | a page that opened ours in a window has no hold on it |
//! | `Cross-Origin-Resource-Policy: same-origin` | no other site embeds pictures or answers of this one |
//! | `Strict-Transport-Security` | where phones come by https: never again without; see [`Transport`] |
//!
//! `X-Frame-Options` is left out: `frame-ancestors 'none'` says the same to every browser that the clients run in.
//!
//! Invariant: also errors, redirects and 304s carry them; what an answer says itself stands.
//! Refuses: to promise https where nobody speaks it, and for a certificate that browsers do not trust.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Set on every answer of a demo.
pub const DEMO_HEADER: &str = "x-minhchung-demo";

/// Nothing of what a browser offers beyond drawing and storing.
pub(super) const NO_PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), display-capture=(), payment=(), \
    usb=(), serial=(), hid=(), midi=(), browsing-topics=()";
/// What the phone needs: its camera, and where it stands.
pub(super) const PHONE_PERMISSIONS: &str = "camera=(self), geolocation=(self), microphone=(), display-capture=(), \
    payment=(), usb=(), serial=(), hid=(), midi=(), browsing-topics=()";

/// How browsers reach this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By http, or by a certificate for a trial: a promise of https would lock people out.
    Open,
    /// By https, here or at a proxy in front.
    Secure,
}

/// Adds what `headers` do not say themselves.
pub(super) fn guard(headers: &mut HeaderMap, is_demo: bool, transport: Transport) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    set(HeaderName::from_static("permissions-policy"), NO_PERMISSIONS);
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if transport == Transport::Secure {
        // A year. Not for subdomains, which may belong to somebody else's service.
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if is_demo {
        set(HeaderName::from_static(DEMO_HEADER), "true");
    }
}
