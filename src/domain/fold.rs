//! Folding of Vietnamese text for search and for matching names.
//!
//! Invariant: two spellings that a person would call the same (case, accents, the place of the tone mark, NFC or
//! NFD, đ or d, runs of white space) fold to the same text.
//! Refuses: to guess beyond that; it is no spelling correction.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The folded form of `text`: lower case, no accents, single spaces.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut pending_space = false;
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        if letter.is_whitespace() {
            pending_space = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut pending_space) {
            folded.push(' ');
        }
        match letter {
            'đ' | 'Đ' => folded.push('d'),
            other => folded.extend(other.to_lowercase()),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_a_person_calls_the_same_fold_to_the_same_text() {
        for (one, other) in [
            ("Hoà", "Hòa"),
            ("Thuỷ", "Thủy"),
            ("Thôn Đồng Tâm", "thon dong tam"),
            ("Bản  Phố\t2 ", " bản phố 2"),
            ("Mường Khương", "Mu\u{31b}o\u{31b}\u{300}ng Khu\u{31b}o\u{31b}ng"),
        ] {
            let left = fold(one);
            let right = fold(other);
            assert_eq!(left, right, "{one:?} and {other:?}");
        }
        assert_eq!(fold("\u{130}x"), "ix");
        assert_eq!(fold(""), "");
    }
}
