//! The campaign: what has to be shown, by when and where, read from a TOML file and checked as a whole.
//!
//! Invariant: a [`Campaign`] that exists is complete and consistent; nothing in it changes while the service runs.
//! Refuses: to start on a file with a single problem; it names all of them by line instead.

mod boundaries;
mod communes;
mod model;
mod problem;
mod reading;
mod rhythm;
mod sheet;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::domain::{Cell, CellKind, CheckRules, Commune, CommuneCode, Day};

pub use boundaries::{
    Boundaries, BoundariesError, BoundaryProblem, BoundingBox, CommuneArea, Polygon, Position, Ring,
};
pub use communes::FindCommuneError;
pub use model::{
    BannerGroup, BannerSize, Banners, Bilingual, CampaignDefinition, Commitment, CommuneCount, Deadline,
    Figure, Hotline, Milestone, Named, Organiser, Period, Phone, Principle, Province, ReportDuty, Territory,
};
pub use problem::{CampaignErrors, CampaignFileError, CampaignProblem, MAX_PROBLEMS};
pub use rhythm::{Rhythm, TimeOfDay, Weekday};

/// Largest campaign file in bytes; the one that ships has about 20 thousand.
const MAX_FILE_BYTES: u64 = 1_048_576;

/// The text of the campaign that ships.
const SHIPPED: &str = include_str!("../../campaigns/lao-cai-2026.toml");

/// A checked campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    definition: CampaignDefinition,
    communes: communes::CommuneIndex,
    check_rules: CheckRules,
}

impl Campaign {
    /// Reads a campaign from the text of its file; the error holds every problem of the text.
    pub fn from_toml(text: &str) -> Result<Self, CampaignErrors> {
        reading::read(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Reads a campaign from a file of at most 1 MiB.
    pub fn load(path: &Path) -> Result<Self, CampaignFileError> {
        let unreadable = |source| CampaignFileError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(MAX_FILE_BYTES.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
            return Err(CampaignFileError::TooLarge {
                path: path.to_owned(),
                max_bytes: MAX_FILE_BYTES,
            });
        }
        Self::from_bytes(&bytes).map_err(|problems| CampaignFileError::Invalid {
            path: path.to_owned(),
            problems,
        })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, CampaignErrors> {
        let Some(broken) = bytes.utf8_chunks().find(|chunk| !chunk.invalid().is_empty()) else {
            return Self::from_toml(&String::from_utf8_lossy(bytes));
        };
        let sound = broken.valid();
        let sheet = sheet::Sheet::new(sound);
        let end = sound.len()..sound.len();
        sheet.report(
            &end,
            "",
            "the file is not UTF-8 from here on",
            "từ đây tệp không còn là UTF-8",
        );
        Err(sheet.into_errors())
    }

    /// The campaign that ships with the product, Lào Cai 2026.
    pub fn shipped() -> Result<Self, CampaignErrors> {
        Self::from_toml(SHIPPED)
    }

    /// Everything that the campaign says, as `GET /api/v1/campaign` shows it; the communes have a list of their own.
    pub const fn definition(&self) -> &CampaignDefinition {
        &self.definition
    }

    /// The campaign's stable id, such as `lao-cai-2026`.
    pub fn id(&self) -> &str {
        &self.definition.id
    }

    /// The campaign's name.
    pub const fn name(&self) -> &Bilingual {
        &self.definition.name
    }

    /// The days on which evidence may be captured.
    pub const fn period(&self) -> &Period {
        &self.definition.period
    }

    /// What the automatic checks find worth a warning. Not part of the definition that everybody may read.
    pub const fn check_rules(&self) -> &CheckRules {
        &self.check_rules
    }

    /// All communes by code.
    pub fn communes(&self) -> &[Commune] {
        self.communes.all()
    }

    /// The commune with this code, if it is one of the campaign's.
    pub fn commune(&self, code: CommuneCode) -> Option<&Commune> {
        self.communes.by_code(code)
    }

    /// The commune that a person means: by code, or by name with or without "xã" or "phường", however accented.
    pub fn find_commune(&self, text: &str) -> Result<&Commune, FindCommuneError> {
        self.communes.find(text)
    }

    /// What the campaign counts, in the order of the board's columns.
    pub fn cells(&self) -> &[Cell] {
        &self.definition.cells
    }

    /// Whether the campaign counts this cell.
    pub fn has_cell(&self, cell: Cell) -> bool {
        self.definition.cells.contains(&cell)
    }

    /// The banner group of a cell; none for commitments and for groups that this campaign does not have.
    pub fn banner_group(&self, cell: Cell) -> Option<&BannerGroup> {
        self.definition
            .banners
            .as_ref()?
            .groups
            .iter()
            .find(|group| group.cell == cell)
    }

    /// The commitment kind of a cell; none for banners and for kinds that this campaign does not have.
    pub fn commitment(&self, cell: Cell) -> Option<&Commitment> {
        self.definition
            .commitments
            .iter()
            .find(|commitment| commitment.cell == cell)
    }

    /// The cell's name for people; none for a cell that this campaign does not have.
    pub fn label(&self, cell: Cell) -> Option<&Bilingual> {
        match cell.kind() {
            CellKind::Banner => self.banner_group(cell).map(|group| &group.label),
            CellKind::Commitment => self.commitment(cell).map(|commitment| &commitment.label),
        }
    }

    /// The due day of an assignment that states none.
    pub fn default_due(&self, cell: Cell) -> Option<Day> {
        match cell.kind() {
            CellKind::Banner => self.banner_group(cell).map(|group| group.due),
            CellKind::Commitment => self.commitment(cell).map(|commitment| commitment.due),
        }
    }

    /// The headline of a banner group, with its dots.
    pub fn headline(&self, cell: Cell) -> Option<&str> {
        self.banner_group(cell).map(|group| group.headline.as_str())
    }

    /// The sizes of a banner group; empty where the plan gives none or the cell is no banner.
    pub fn sizes(&self, cell: Cell) -> &[BannerSize] {
        self.banner_group(cell).map_or(&[], |group| &group.sizes)
    }
}
