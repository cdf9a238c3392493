//! Sentences for people, in Vietnamese and English, and what is wrong with one field of what they sent.
//!
//! Invariant: whoever says something says it in both languages.
//! Refuses: to choose the language; the edge knows who is asking.

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The sentence in both languages.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer to the field, such as `/location/lat`.
    pub pointer: String,
    /// What is wrong, kebab-case.
    pub code: &'static str,
    /// What is wrong, in words.
    pub detail: Text,
}

impl FieldError {
    /// What is wrong with the field at `pointer`.
    pub fn new(
        pointer: impl Into<String>,
        code: &'static str,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: Text::new(vi, en),
        }
    }
}
