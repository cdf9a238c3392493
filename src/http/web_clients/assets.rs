//! The table of embedded files, made by `build.rs`.
//!
//! Invariant: `path` is relative to its client's start and names a file of that client's build.
//! Refuses: media types that no client has; they are served as bytes.

/// One file of a client.
#[derive(Debug)]
pub(super) struct Asset {
    /// Relative to the client's start, such as `assets/app-1a2b3c4d.js`.
    pub(super) path: &'static str,
    pub(super) bytes: &'static [u8],
    /// The same packed, where that is smaller.
    pub(super) brotli: Option<&'static [u8]>,
    pub(super) gzip: Option<&'static [u8]>,
    /// In quotes; another one when the bytes are others.
    pub(super) etag: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/web_clients.rs"));

impl Asset {
    /// A page is put together when it is asked for.
    pub(super) fn is_page(&self) -> bool {
        ending(self.path) == "html"
    }

    /// The build names what stands under `assets/` after its content, so it never changes.
    pub(super) fn is_named_by_its_content(&self) -> bool {
        self.path.starts_with("assets/")
    }
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

pub(super) fn media_type(path: &str) -> &'static str {
    match ending(path) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
