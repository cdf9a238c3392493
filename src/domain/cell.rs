//! Cells: the nine things a commune has to show, six banner groups and three commitment kinds.
//!
//! Invariant: a cell's wire key (`banner.1`, `commitment.school`) and its storage number never change.
//! Refuses: to know what a group's banner says or measures; that is the campaign's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One column of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub enum Cell {
    /// Nhóm 1: offices of Party, government and mass organisations.
    #[serde(rename = "banner.1")]
    Banner1,
    /// Nhóm 2: villages and residential areas.
    #[serde(rename = "banner.2")]
    Banner2,
    /// Nhóm 3: schools.
    #[serde(rename = "banner.3")]
    Banner3,
    /// Nhóm 4: companies and industrial zones.
    #[serde(rename = "banner.4")]
    Banner4,
    /// Nhóm 5: businesses under security conditions.
    #[serde(rename = "banner.5")]
    Banner5,
    /// Nhóm 6: public places.
    #[serde(rename = "banner.6")]
    Banner6,
    /// Pledges of residential areas.
    #[serde(rename = "commitment.residential_area")]
    ResidentialArea,
    /// Pledges of schools.
    #[serde(rename = "commitment.school")]
    School,
    /// Pledges of businesses.
    #[serde(rename = "commitment.business")]
    Business,
}

/// What the evidence of a cell consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// A picture of a banner in place.
    Banner,
    /// A picture of a signed sheet, with a head count.
    Commitment,
}

/// A cell key that is not one of the nine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown cell key {0:?}")]
pub struct UnknownCell(pub String);

impl Cell {
    /// Every cell, in the order of the board's columns.
    pub const ALL: [Self; 9] = [
        Self::Banner1,
        Self::Banner2,
        Self::Banner3,
        Self::Banner4,
        Self::Banner5,
        Self::Banner6,
        Self::ResidentialArea,
        Self::School,
        Self::Business,
    ];

    /// The key on the wire and in campaign files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Banner1 => "banner.1",
            Self::Banner2 => "banner.2",
            Self::Banner3 => "banner.3",
            Self::Banner4 => "banner.4",
            Self::Banner5 => "banner.5",
            Self::Banner6 => "banner.6",
            Self::ResidentialArea => "commitment.residential_area",
            Self::School => "commitment.school",
            Self::Business => "commitment.business",
        }
    }

    /// Banner or commitment.
    pub const fn kind(self) -> CellKind {
        match self {
            Self::Banner1 | Self::Banner2 | Self::Banner3 | Self::Banner4 | Self::Banner5 | Self::Banner6 => {
                CellKind::Banner
            }
            Self::ResidentialArea | Self::School | Self::Business => CellKind::Commitment,
        }
    }

    /// The number under which stored keys hold this cell, 1 to 9; never reused for another meaning.
    pub const fn number(self) -> u8 {
        match self {
            Self::Banner1 => 1,
            Self::Banner2 => 2,
            Self::Banner3 => 3,
            Self::Banner4 => 4,
            Self::Banner5 => 5,
            Self::Banner6 => 6,
            Self::ResidentialArea => 7,
            Self::School => 8,
            Self::Business => 9,
        }
    }

    /// The cell stored under `number`, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|cell| cell.number() == number)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Cell {
    type Err = UnknownCell;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|cell| cell.key() == text)
            .ok_or_else(|| UnknownCell(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_comes_back_from_its_key_and_its_number() {
        for cell in Cell::ALL {
            assert_eq!(cell.key().parse::<Cell>(), Ok(cell));
            assert_eq!(Cell::from_number(cell.number()), Some(cell));
            assert_eq!(serde_json::to_value(cell).unwrap(), cell.key());
        }
        assert!("banner.7".parse::<Cell>().is_err());
    }
}
