//! CSV as offices write it: UTF-8 with or without a byte order mark, or UTF-16 from "Unicode text"; `;`, `,` or tab.
//!
//! Invariant: a line has the number that an editor shows.
//! Refuses: bytes that are no Unicode text, and names the line where that begins.

use csv::ReaderBuilder;

use super::ImportError;
use super::table::{Collector, Table, Value};

/// Columns beyond this are not looked at.
const MAX_COLUMNS: usize = 256;

/// The table in a CSV file.
pub(super) fn read(bytes: &[u8]) -> Result<Table, ImportError> {
    let text = decode(bytes)?;
    let (text, skipped_lines, delimiter) = dialect(&text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut collector = Collector::default();
    let mut record = csv::StringRecord::new();
    let mut lines = LineCounter::new(text, skipped_lines);
    loop {
        let more = reader.read_record(&mut record);
        if !more.map_err(|error| ImportError::unreadable(&error))? {
            return collector.finish();
        }
        let start = record.position().map_or(0, csv::Position::byte);
        let cells: Vec<Option<Value>> = record.iter().take(MAX_COLUMNS).map(Value::text).collect();
        collector.row(lines.number_at(start), &cells)?;
    }
}

/// Counts lines up to a place in a text. The CSV reader's own count leaves out blank lines and half of a CRLF.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    number: u32,
}

impl<'a> LineCounter<'a> {
    const fn new(text: &'a str, lines_before: u32) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            number: lines_before.saturating_add(1),
        }
    }

    /// The number of the line with the first letter at or after byte `start`; later calls come with later places.
    fn number_at(&mut self, start: u64) -> u32 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => self.text.get(self.at.saturating_add(1)) != Some(&b'\n'),
                _ if self.at >= start => break,
                _ => false,
            };
            self.at += 1;
            self.number = self.number.saturating_add(u32::from(ends_line));
        }
        self.number
    }
}

fn decode(bytes: &[u8]) -> Result<String, ImportError> {
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes))
            .collect();
        return String::from_utf16(&units).map_err(|_no_text| ImportError::not_unicode(1));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let sound = String::from_utf8_lossy(sound);
        let line = sound.matches('\n').count().saturating_add(1);
        ImportError::not_unicode(u32::try_from(line).unwrap_or(u32::MAX))
    })
}

/// The text below a `sep=;` line, how many lines that skips, and the delimiter.
fn dialect(text: &str) -> (&str, u32, u8) {
    if let Some((first, rest)) = text.split_once('\n')
        && let Some(said) = first.trim_end().strip_prefix("sep=")
        && let [delimiter] = said.as_bytes()
    {
        return (rest, 1, *delimiter);
    }
    (text, 0, most_frequent_delimiter(text))
}

/// The one of the three that stands most often outside quotes in the first lines.
fn most_frequent_delimiter(text: &str) -> u8 {
    let mut counts = [(b';', 0_u32), (b'\t', 0), (b',', 0)];
    let mut is_quoted = false;
    for byte in text.bytes().take(16 * 1024) {
        if byte == b'"' {
            is_quoted = !is_quoted;
        }
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(delimiter, _)| *delimiter == byte && !is_quoted)
        {
            *count += 1;
        }
    }
    // Commas also stand inside sentences and coordinates, so between equals they come last.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::planning::import::columns::Column;

    fn places(bytes: &[u8]) -> Vec<(u32, String)> {
        let lines = read(bytes).unwrap().lines;
        let place = |line: &crate::services::planning::import::table::Line| {
            (line.number, line.values[&Column::Place].shown())
        };
        lines.iter().map(place).collect()
    }

    #[test]
    fn every_dialect_that_offices_write_is_read_with_the_right_line_numbers() {
        let plain = "xã;thôn;địa điểm\r\n02647;Thôn 1;Nhà văn hóa\r\n\r\n02647;Thôn 2;\"Cổng; chào\r\nlớn\"\r\n02647;Thôn 3;Chợ\r\n";
        let expected = [(2, "Nhà văn hóa"), (4, "Cổng; chào\r\nlớn"), (6, "Chợ")];
        let expected: Vec<(u32, String)> = expected.map(|(line, text)| (line, text.to_owned())).into();
        assert_eq!(places(plain.as_bytes()), expected);
        assert_eq!(places(format!("\u{feff}{plain}").as_bytes()), expected);
        let utf16: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(plain.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(places(&utf16), expected);
        let announced = places(format!("sep=;\r\n{plain}").as_bytes());
        assert_eq!(announced[0], (3, "Nhà văn hóa".to_owned()));
        for delimiter in [",", "\t"] {
            let other = "Kế hoạch quý III\n\nxã;thôn;địa điểm\n1;2;3\n".replace(';', delimiter);
            assert_eq!(places(other.as_bytes()), [(4, "3".to_owned())]);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_line() {
        let error = read(b"commune,village,place\n1,2,\xe1\xba\n").unwrap_err();
        let ImportError::Unusable(field) = error else {
            panic!("{error:?}")
        };
        assert_eq!(field.pointer, "/rows/2");
    }
}
