//! XMP: the names of the programs that made or changed a picture, as they write them themselves.
//!
//! Invariant: at most [`MAX_BYTES`] are looked at, and at most [`MAX_PROGRAMS`] names of bounded length come out, so the
//! cost does not grow with the packet.
//! Refuses: to be an XML parser. Two properties are looked for by their names, as an attribute or as an element; what is
//! written in any other way is as good as absent.

use super::exif_values;

/// More is in packets of editing histories only, and the names stand before them.
const MAX_BYTES: usize = 64 * 1024;
/// Names that are taken.
const MAX_PROGRAMS: usize = 8;
/// Bytes of one name that are looked at.
const MAX_NAME_BYTES: usize = 128;
/// The program that made the picture, and those that changed it.
const PROPERTIES: [&[u8]; 2] = [b"CreatorTool", b"softwareAgent"];

/// The programs that `packet` names, each once.
pub(super) fn programs(packet: &[u8]) -> Vec<String> {
    let packet = packet.get(..MAX_BYTES).unwrap_or(packet);
    let mut programs: Vec<String> = Vec::new();
    for property in PROPERTIES {
        for at in memchr::memmem::find_iter(packet, property) {
            if programs.len() == MAX_PROGRAMS {
                return programs;
            }
            let value = packet.get(at + property.len()..).and_then(value);
            if let Some(name) = value.and_then(exif_values::text)
                && !programs.contains(&name)
            {
                programs.push(name);
            }
        }
    }
    programs
}

/// What stands between the quotes of an attribute, or between the tags of an element.
fn value(after: &[u8]) -> Option<&[u8]> {
    let end = after.len().min(MAX_NAME_BYTES);
    let near = after.get(..end)?.trim_ascii_start();
    let (opening, closing) = match near.split_first()? {
        (b'>', rest) => (rest, b'<'),
        (b'=', rest) => match rest.trim_ascii_start().split_first()? {
            (quote @ (b'"' | b'\''), rest) => (rest, *quote),
            _ => return None,
        },
        _ => return None,
    };
    opening.split(|byte| *byte == closing).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_as_attributes_and_as_elements_each_once() {
        let packet = br#"<x:xmpmeta><rdf:Description xmp:CreatorTool="Adobe Photoshop 25.0 (Windows)" a='b'>
            <xmp:CreatorTool>Canva</xmp:CreatorTool><stEvt:softwareAgent>Canva</stEvt:softwareAgent>
            <rdf:li stEvt:softwareAgent = 'Snapseed'/></rdf:Description></x:xmpmeta>"#;
        assert_eq!(
            programs(packet),
            ["Adobe Photoshop 25.0 (Windows)", "Canva", "Snapseed"]
        );
    }

    #[test]
    fn what_is_no_property_is_no_program_and_nothing_hostile_costs_much() {
        for packet in [
            &b"CreatorTool"[..],
            b"CreatorTool=",
            b"CreatorTool=\"",
            b"CreatorTool>",
            b"CreatorTool/>",
            b"CreatorTool=\"\0\"",
            b"\xff\xfe",
            b"",
        ] {
            assert_eq!(programs(packet), Vec::<String>::new(), "{packet:?}");
        }
        let many: Vec<u8> = (0..100_000_u32)
            .flat_map(|number| format!("CreatorTool=\"{number}\"").into_bytes())
            .collect();
        assert_eq!(programs(&many).len(), MAX_PROGRAMS);
        let long = [&b"CreatorTool=\""[..], &vec![b'x'; 1 << 20]].concat();
        assert!(programs(&long).iter().all(|name| name.len() <= 64));
    }
}
