//! Finding a commune by what people write: its code or its name, with or without "xã" or "phường".
//!
//! Invariant: a commune is only found when no other could be meant; accents decide where the bare letters do not.
//! Refuses: to choose among several; it names them instead.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::{Commune, CommuneCode, CommuneKind, fold};

/// Longest text that is looked up at all, in bytes.
const MAX_TEXT_BYTES: usize = 200;

/// Why a text names no commune.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindCommuneError {
    /// No commune of the campaign has this code or name.
    #[error("no commune is called {text:?}")]
    Unknown {
        /// The beginning of what was looked for.
        text: String,
    },
    /// Several communes may be meant; the code or the accents would tell.
    #[error("{text:?} may mean several communes: {}", list(candidates))]
    Ambiguous {
        /// What was looked for.
        text: String,
        /// The communes that may be meant, at least two, by code.
        candidates: Vec<Commune>,
    },
}

fn list(candidates: &[Commune]) -> String {
    let names: Vec<String> = candidates
        .iter()
        .map(|commune| format!("{} {}", commune.code, commune.name))
        .collect();
    names.join(", ")
}

/// The communes of a campaign, sorted by code.
#[derive(Debug, Clone)]
pub(super) struct CommuneIndex {
    communes: Vec<Commune>,
    by_code: BTreeMap<CommuneCode, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

/// One way to read a text: as a bare name, or as a name of a stated kind.
#[derive(Clone, Copy)]
struct Reading<'text> {
    name: &'text str,
    kind: Option<CommuneKind>,
}

impl CommuneIndex {
    pub(super) fn new(mut communes: Vec<Commune>) -> Self {
        communes.sort_by_key(|commune| commune.code);
        let by_code = communes
            .iter()
            .enumerate()
            .map(|(at, commune)| (commune.code, at))
            .collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, commune) in communes.iter().enumerate() {
            by_name.entry(fold(&commune.name)).or_default().push(at);
        }
        Self {
            communes,
            by_code,
            by_name,
        }
    }

    pub(super) fn all(&self) -> &[Commune] {
        &self.communes
    }

    pub(super) fn by_code(&self, code: CommuneCode) -> Option<&Commune> {
        self.communes.get(*self.by_code.get(&code)?)
    }

    pub(super) fn find(&self, text: &str) -> Result<&Commune, FindCommuneError> {
        let unknown = || FindCommuneError::Unknown {
            text: text.chars().take(60).collect(),
        };
        if text.len() > MAX_TEXT_BYTES {
            return Err(unknown());
        }
        if let Some(commune) = code(text).and_then(|code| self.by_code(code)) {
            return Ok(commune);
        }
        let folded = fold(text);
        let mut found: Vec<(&Commune, Reading<'_>)> = Vec::new();
        for reading in readings(&folded) {
            let named = self.by_name.get(reading.name).into_iter().flatten();
            let fitting = named
                .filter_map(|at| self.communes.get(*at))
                .filter(|commune| reading.kind.is_none_or(|kind| commune.kind == kind));
            found.extend(fitting.map(|commune| (commune, reading)));
        }
        match found.as_slice() {
            [] => Err(unknown()),
            [(commune, _)] => Ok(commune),
            several => narrow(text, several),
        }
    }
}

/// The one commune among several whose accents are those of the text.
fn narrow<'index>(
    text: &str,
    several: &[(&'index Commune, Reading<'_>)],
) -> Result<&'index Commune, FindCommuneError> {
    let written = spelling(text);
    let mut exact = several.iter().filter(|(commune, reading)| {
        let full = match reading.kind {
            None => commune.name.clone(),
            Some(CommuneKind::Xa) => format!("xã {}", commune.name),
            Some(CommuneKind::Phuong) => format!("phường {}", commune.name),
        };
        spelling(&full) == written
    });
    if let (Some((commune, _)), None) = (exact.next(), exact.next()) {
        return Ok(commune);
    }
    let candidates = several.iter().map(|(commune, _)| (*commune).clone()).collect();
    Err(FindCommuneError::Ambiguous {
        text: text.to_owned(),
        candidates,
    })
}

/// A commune code; four digits are one that lost its leading zero in a spreadsheet.
fn code(text: &str) -> Option<CommuneCode> {
    let text = text.trim();
    if text.len() == 4 {
        format!("0{text}").parse().ok()
    } else {
        text.parse().ok()
    }
}

/// The whole text first: there are communes called "Xa Dung" and "Phượng Tiến".
fn readings(folded: &str) -> impl Iterator<Item = Reading<'_>> {
    let whole = Reading {
        name: folded,
        kind: None,
    };
    let rural = folded.strip_prefix("xa ").map(|name| Reading {
        name,
        kind: Some(CommuneKind::Xa),
    });
    let urban = folded.strip_prefix("phuong ").map(|name| Reading {
        name,
        kind: Some(CommuneKind::Phuong),
    });
    std::iter::once(whole).chain(rural).chain(urban)
}

/// The folded letters and, apart, the accents in their order: equal for "Hoà" and "Hòa", different for "Văn Lang"
/// and "Văn Lăng".
pub(super) fn spelling(text: &str) -> (String, String) {
    let lower = text.to_lowercase();
    let marks = lower
        .nfd()
        .filter(|letter| is_combining_mark(*letter) || *letter == 'đ')
        .collect();
    (fold(text), marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> CommuneIndex {
        use CommuneKind::{Phuong, Xa};
        let communes = [
            ("02143", "Văn Lang", Xa),
            ("05665", "Văn Lăng", Xa),
            ("03208", "Xa Dung", Xa),
            ("03209", "Dung", Xa),
            ("05563", "Phượng Tiến", Xa),
            ("90001", "Hoà Bình", Phuong),
            ("90002", "Hòa Bình", Xa),
            ("90003", "Đồng Tâm", Phuong),
        ];
        let commune = |(code, name, kind): (&str, &str, _)| Commune {
            code: code.parse().unwrap(),
            name: name.to_owned(),
            kind,
        };
        CommuneIndex::new(communes.map(commune).into())
    }

    fn found(text: &str) -> Option<String> {
        index().find(text).ok().map(|commune| commune.code.to_string())
    }

    #[test]
    fn a_commune_is_found_by_code_also_without_the_zero_that_a_spreadsheet_drops() {
        assert_eq!(found("02143").as_deref(), Some("02143"));
        assert_eq!(found(" 2143 ").as_deref(), Some("02143"));
        assert_eq!(found("2144"), None);
    }

    #[test]
    fn a_commune_is_found_by_name_in_any_spelling_with_or_without_its_kind() {
        let nfd = "Phường Đồng Tâm".nfd().collect::<String>();
        for text in [
            "Đồng Tâm",
            "dong tam",
            "PHƯỜNG ĐỒNG TÂM",
            " phuong  dong tam",
            &nfd,
        ] {
            assert_eq!(found(text).as_deref(), Some("90003"), "{text}");
        }
        assert_eq!(found("xã Đồng Tâm"), None, "it is a phường");
    }

    #[test]
    fn a_name_that_begins_like_a_kind_is_still_a_name() {
        assert_eq!(found("Phượng Tiến").as_deref(), Some("05563"));
        assert_eq!(found("xã Phượng Tiến").as_deref(), Some("05563"));
        assert_eq!(found("Xa Dung").as_deref(), Some("03208"));
        assert_eq!(found("xã Dung").as_deref(), Some("03209"));
        assert_eq!(found("xã Xa Dung").as_deref(), Some("03208"));
    }

    #[test]
    fn accents_decide_where_letters_do_not_and_otherwise_nobody_does() {
        assert_eq!(found("Văn Lăng").as_deref(), Some("05665"));
        assert_eq!(found("xã Văn Lang").as_deref(), Some("02143"));
        assert_eq!(found("phường Hòa Bình").as_deref(), Some("90001"));
        let ambiguous = |text: &str| match index().find(text) {
            Err(FindCommuneError::Ambiguous { candidates, .. }) => candidates.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(ambiguous("van lang"), 2);
        assert_eq!(ambiguous("Hoà Bình"), 2);
        assert!(
            index()
                .find("van lang")
                .unwrap_err()
                .to_string()
                .contains("05665 Văn Lăng")
        );
    }

    #[test]
    fn what_is_no_commune_is_unknown_and_not_repeated_at_length() {
        for text in ["", "   ", "xã", "xã ", "Nơi Khác", &"x".repeat(100_000)] {
            let error = index().find(text).unwrap_err();
            assert!(matches!(error, FindCommuneError::Unknown { .. }) && error.to_string().len() < 120);
        }
    }
}
