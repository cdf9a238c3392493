//! Counting and hashing what passes by, on its way to a file or from one.
//!
//! Invariant: what is counted and hashed is exactly what was passed on.
//! Refuses: to buffer.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

/// Bytes and their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sum {
    pub(super) bytes: u64,
    pub(super) sha256: Sha256,
}

/// Something that is written to or read from, with a tally of it.
#[derive(Debug)]
pub(super) struct Tally<T> {
    inner: T,
    hasher: Hasher,
    bytes: u64,
}

impl<T> Tally<T> {
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            hasher: Hasher::new(),
            bytes: 0,
        }
    }

    pub(super) fn end(self) -> (T, Sum) {
        let sum = Sum {
            bytes: self.bytes,
            sha256: Sha256(self.hasher.finalize().into()),
        };
        (self.inner, sum)
    }

    fn see(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.see(bytes.get(..taken).unwrap_or(bytes));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.see(bytes.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The sum of all that `input` gives.
pub(super) fn sum_of(input: impl Read) -> io::Result<Sum> {
    copy(input, io::sink())
}

/// Copies to the end; the sum of it.
pub(super) fn copy(input: impl Read, mut output: impl Write) -> io::Result<Sum> {
    let mut input = Tally::new(input);
    let mut piece = vec![0; 128 * 1024];
    loop {
        let read = input.read(&mut piece)?;
        match piece.get(..read) {
            Some(read) if !read.is_empty() => output.write_all(read)?,
            _ => break,
        }
    }
    output.flush()?;
    Ok(input.end().1)
}
