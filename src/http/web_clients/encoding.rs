//! Which packed form of a file a browser takes.
//!
//! Invariant: a form that was not asked for, or was asked for with `q=0`, is never sent.
//! Refuses: to pack; that was done when the client was built.

use actix_web::http::header::{self, HeaderMap};

use super::assets::Asset;

/// The form to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli(&'static [u8]),
    Gzip(&'static [u8]),
    Identity,
}

/// The smallest form of `asset` that `headers` accept.
pub(super) fn accepted(headers: &HeaderMap, asset: &Asset) -> Encoding {
    let wanted = headers.get(header::ACCEPT_ENCODING);
    let wanted = wanted.and_then(|value| value.to_str().ok()).unwrap_or_default();
    match (asset.brotli, asset.gzip) {
        (Some(bytes), _) if takes(wanted, "br") => Encoding::Brotli(bytes),
        (_, Some(bytes)) if takes(wanted, "gzip") => Encoding::Gzip(bytes),
        _ => Encoding::Identity,
    }
}

fn takes(wanted: &str, name: &str) -> bool {
    wanted.split(',').any(|part| {
        let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        coding.trim().eq_ignore_ascii_case(name) && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_only_to_those_who_take_it() {
        assert!(takes("gzip, deflate, br", "br"));
        assert!(takes("gzip;q=0.5, BR", "br"));
        assert!(!takes("gzip, br;q=0", "br"));
        assert!(!takes("", "gzip"));
        assert!(!takes("brotli", "br"));
    }
}
