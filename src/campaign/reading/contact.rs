//! The hotline and the channels for tips.
//!
//! Invariant: a telephone number that is shown can be dialled, an e-mail address has the shape of one.
//! Refuses: to know whether anybody answers there.

use super::Keys;
use crate::campaign::model::{Hotline, Named, Phone};
use crate::campaign::sheet::{Entry, Table};

pub(super) fn hotline(entry: Entry<'_, '_>) -> Option<Hotline> {
    let table = entry.table(&["phones", "email", "hours"])?;
    let phones = table.required("phones").and_then(|entry| phones(&entry));
    let email = table.required("email").and_then(|entry| {
        entry.parsed(("an e-mail address", "địa chỉ thư điện tử"), |text| {
            is_email(text).then(|| text.to_owned())
        })
    });
    let hours = table.text("hours");
    Some(Hotline {
        phones: phones?,
        email: email?,
        hours: hours?,
    })
}

pub(super) fn tip_channels(root: &Table<'_, '_>) -> Vec<Named> {
    let mut keys = Keys::default();
    let channel = |table: Table<'_, '_>| {
        let (key, label) = (keys.read(&table), table.bilingual("label"));
        Some(Named {
            key: key?,
            label: label?,
        })
    };
    root.tables("tip_channels", &["key", "label"])
        .into_iter()
        .filter_map(channel)
        .collect()
}

fn phones(entry: &Entry<'_, '_>) -> Option<Vec<Phone>> {
    let entries = entry.clone().list()?;
    if entries.is_empty() {
        entry.report("needs at least one number", "cần ít nhất một số điện thoại");
        return None;
    }
    let expected = ("a telephone number", "số điện thoại");
    Some(
        entries
            .into_iter()
            .filter_map(|entry| entry.parsed(expected, phone))
            .collect(),
    )
}

/// Digits in groups parted by single dots, blanks or hyphens; 3 (short codes) to 15 of them (the world's longest).
fn phone(text: &str) -> Option<Phone> {
    let national = text.strip_prefix('+').unwrap_or(text);
    let well_grouped = national
        .split(['.', ' ', '-'])
        .all(|group| !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit()));
    let dial: String = text
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect();
    let digits = dial.trim_start_matches('+').len();
    (well_grouped && (3..=15).contains(&digits)).then(|| Phone {
        printed: text.to_owned(),
        dial,
    })
}

/// The plain shape of an address: one `@`, no quoting, a domain of at least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let word = |part: &str, also: &[char]| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || also.contains(&letter))
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let label = |part: &&str| word(part, &['-']) && !part.starts_with('-') && !part.ends_with('-');
    text.len() <= 254
        && local.split('.').all(|part| word(part, &['_', '-', '+']))
        && labels.len() >= 2
        && labels.iter().all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dialled_without_their_dots() {
        for (printed, dial) in [
            ("0692.509.489", "0692509489"),
            ("+84 000 123 456", "+84000123456"),
            ("113", "113"),
        ] {
            assert_eq!(phone(printed).map(|phone| phone.dial).as_deref(), Some(dial));
        }
        for text in [
            "",
            "12",
            "0692..509",
            "0692.509.",
            "0692509489x",
            "+",
            "1234567890123456",
            "84+000",
        ] {
            assert_eq!(phone(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_address_has_one_at_sign_and_a_domain() {
        assert!(is_email("pcmt@laocai.gov.vn"));
        for text in [
            "pcmt",
            "pcmt@",
            "@laocai.gov.vn",
            "a@b@c.vn",
            "a b@c.vn",
            "a@vn",
            "a@-c.vn",
            "a..b@c.vn",
        ] {
            assert!(!is_email(text), "{text:?}");
        }
    }
}
