//! Rows as a stream of bytes, for backups: a heading, each row behind its lengths, and an end that counts them.
//!
//! ```text
//! "minhchung rows 1\n"   { key length u32 | value length u32 | key | value }*   ff ff ff ff | rows u64
//! ```
//!
//! Invariant: what reads to its end is what was written, row for row in key order; a stream that was cut has no end.
//! Refuses: rows out of order, and lengths that no row has.

use std::io::{self, Read, Write};

use super::engine::Pair;

const HEADING: &[u8] = b"minhchung rows 1\n";
const END: u32 = u32::MAX;
/// Longer than any row, so that a spoilt length is not taken for a wish for memory.
const MAX_LENGTH: u32 = 1 << 20;

/// Writes rows.
#[derive(Debug)]
pub struct RowWriter<W> {
    out: W,
    rows: u64,
}

impl<W: Write> RowWriter<W> {
    /// Begins a stream on `out`.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(HEADING)?;
        Ok(Self { out, rows: 0 })
    }

    /// Writes one row.
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        for part in [key, value] {
            let length = u32::try_from(part.len())
                .ok()
                .filter(|length| *length <= MAX_LENGTH);
            let length = length.ok_or_else(|| io::Error::other("a row is longer than rows can be"))?;
            self.out.write_all(&length.to_be_bytes())?;
        }
        self.out.write_all(key)?;
        self.out.write_all(value)?;
        self.rows += 1;
        Ok(())
    }

    /// What takes the bytes.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the end; what took the bytes comes back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&END.to_be_bytes())?;
        self.out.write_all(&self.rows.to_be_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads rows; an iterator that ends at the stream's end and fails when there is none.
#[derive(Debug)]
pub struct RowReader<R> {
    input: R,
    rows: u64,
    last: Vec<u8>,
    ended: bool,
}

fn spoilt(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

impl<R: Read> RowReader<R> {
    /// Reads the heading of `input`.
    pub fn begin(mut input: R) -> io::Result<Self> {
        let mut heading = vec![0; HEADING.len()];
        input.read_exact(&mut heading)?;
        if heading != HEADING {
            return Err(spoilt("this is no file of rows that this program knows"));
        }
        Ok(Self {
            input,
            rows: 0,
            last: Vec::new(),
            ended: false,
        })
    }

    /// What the bytes come from.
    pub fn into_inner(self) -> R {
        self.input
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.input.read_exact(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn part(&mut self, length: u32) -> io::Result<Vec<u8>> {
        if length > MAX_LENGTH {
            return Err(spoilt("a row's length is spoilt"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn row(&mut self) -> io::Result<Option<Pair>> {
        let key_length = self.number()?;
        if key_length == END {
            let mut rows = [0; 8];
            self.input.read_exact(&mut rows)?;
            if u64::from_be_bytes(rows) != self.rows {
                return Err(spoilt("the rows are not as many as its end says"));
            }
            return Ok(None);
        }
        let value_length = self.number()?;
        let (key, value) = (self.part(key_length)?, self.part(value_length)?);
        if self.rows > 0 && key <= self.last {
            return Err(spoilt("the rows are out of order"));
        }
        self.rows += 1;
        self.last.clone_from(&key);
        Ok(Some((key, value)))
    }
}

impl<R: Read> Iterator for RowReader<R> {
    type Item = io::Result<Pair>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.row().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row.map(|row| {
            row.map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => {
                    io::Error::new(error.kind(), format!("the rows are cut off after {}", self.rows))
                }
                _ => error,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut writer = RowWriter::begin(Vec::new()).unwrap();
        for (key, value) in rows {
            writer.put(key, value).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn rows_read_back_as_written_and_a_stream_cut_anywhere_is_refused() {
        let bytes = written(&[(b"a", b"one"), (b"b", b""), (b"bb", b"three")]);
        let read: Vec<Pair> = RowReader::begin(bytes.as_slice())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(read.len(), 3);
        assert_eq!(read[2], (b"bb".to_vec(), b"three".to_vec()));
        for length in 0..bytes.len() {
            let outcome: io::Result<Vec<Pair>> =
                RowReader::begin(&bytes[..length]).and_then(Iterator::collect);
            assert!(outcome.is_err(), "{length} of {} bytes passed", bytes.len());
        }
    }

    #[test]
    fn rows_out_of_order_and_spoilt_lengths_are_refused() {
        let bytes = written(&[(b"b", b"one"), (b"a", b"two")]);
        let outcome: io::Result<Vec<Pair>> = RowReader::begin(bytes.as_slice()).unwrap().collect();
        assert!(outcome.unwrap_err().to_string().contains("order"));
        let mut bytes = written(&[(b"a", b"one")]);
        bytes[HEADING.len()] = 0x7f;
        let outcome: io::Result<Vec<Pair>> = RowReader::begin(bytes.as_slice()).unwrap().collect();
        assert!(outcome.unwrap_err().to_string().contains("length"));
    }
}
