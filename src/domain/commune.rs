//! Communes: the 5-digit code, the name, and whether it is a xã or a phường.
//!
//! Invariant: a code is exactly five ASCII digits and keeps its leading zeros.
//! Refuses: to know which communes exist; the campaign lists them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A commune's code, five digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommuneCode([u8; 5]);

/// Text that is not five digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a commune code is five digits, not {0:?}")]
pub struct InvalidCommuneCode(pub String);

impl CommuneCode {
    /// The five ASCII digits.
    pub const fn as_bytes(&self) -> &[u8; 5] {
        &self.0
    }

    /// The code held in stored key bytes, if they are five digits.
    pub fn from_bytes(bytes: [u8; 5]) -> Option<Self> {
        bytes.iter().all(u8::is_ascii_digit).then_some(Self(bytes))
    }
}

impl FromStr for CommuneCode {
    type Err = InvalidCommuneCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        <[u8; 5]>::try_from(text.as_bytes())
            .ok()
            .and_then(Self::from_bytes)
            .ok_or_else(|| InvalidCommuneCode(text.to_owned()))
    }
}

impl TryFrom<String> for CommuneCode {
    type Error = InvalidCommuneCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CommuneCode> for String {
    fn from(code: CommuneCode) -> Self {
        code.to_string()
    }
}

impl fmt::Display for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// As it is written, since the doctor shows rows to people.
impl fmt::Debug for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Rural or urban commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum CommuneKind {
    /// Rural commune.
    #[serde(rename = "xã")]
    Xa,
    /// Urban ward.
    #[serde(rename = "phường")]
    Phuong,
}

impl fmt::Display for CommuneKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xa => "xã",
            Self::Phuong => "phường",
        })
    }
}

/// One commune of the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Commune {
    /// Five digits.
    #[schema(value_type = String, pattern = "^[0-9]{5}$")]
    pub code: CommuneCode,
    /// The name without its kind.
    pub name: String,
    /// xã or phường.
    pub kind: CommuneKind,
}
