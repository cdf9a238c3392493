//! The ceiling: the least that a durable HTTP upload can be, in a few lines of std.
//!
//! Body to a temporary file, `fdatasync`, rename, `fsync` of the directory, 201. No parsing beyond the length, no
//! rows, no accounts. Whatever our server does more, it does beside this.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Serves until the process ends.
pub fn serve(directory: &Path, listener: &TcpListener) -> io::Result<()> {
    let directory = Arc::new(directory.to_owned());
    let number = Arc::new(AtomicU64::new(0));
    for stream in listener.incoming() {
        let (stream, directory, number) = (stream?, Arc::clone(&directory), Arc::clone(&number));
        #[allow(
            clippy::disallowed_methods,
            reason = "the bare writer is all there is in its process"
        )]
        std::thread::spawn(move || {
            // A connection that ends is how every run ends.
            drop(connection(stream, &directory, &number));
        });
    }
    Ok(())
}

fn connection(mut stream: TcpStream, directory: &PathBuf, number: &AtomicU64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let name = number.fetch_add(1, Ordering::Relaxed);
        let draft = directory.join(format!("{name}.part"));
        let mut file = File::create(&draft)?;
        io::copy(&mut (&mut reader).take(length), &mut file)?;
        file.sync_data()?;
        fs::rename(&draft, directory.join(format!("{name}.jpg")))?;
        File::open(directory)?.sync_all()?;
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")?;
    }
}
