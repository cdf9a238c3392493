//! The words of a campaign definition, in the shape in which `GET /api/v1/campaign` shows them.
//!
//! Invariant: values of these types that the rest of the program sees have passed every check of `reading`.
//! Refuses: to know where a definition came from, or which evidence exists.

use serde::Serialize;
use utoipa::ToSchema;

use super::rhythm::Rhythm;
use crate::domain::{Cell, Day};

/// The same words in both languages of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CampaignText)]
pub struct Bilingual {
    /// Vietnamese, letter for letter as the plan has it where it quotes the plan.
    pub vi: String,
    /// English.
    pub en: String,
}

/// What has to be shown, where, by when, and whom to call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub struct CampaignDefinition {
    /// Lower-case letters, digits and hyphens; never changes once evidence exists.
    pub id: String,
    /// The campaign's name.
    pub name: Bilingual,
    /// The document that this definition follows.
    pub plan: Bilingual,
    /// The province.
    pub province: Province,
    /// The days on which evidence may be captured.
    pub period: Period,
    /// Who heads, runs and carries out the campaign.
    pub organisers: Vec<Organiser>,
    /// The working principle, if the plan names one.
    pub principle: Option<Principle>,
    /// Where to call or write, if the plan names it.
    pub hotline: Option<Hotline>,
    /// The ways in which the plan invites tips.
    pub tip_channels: Vec<Named>,
    /// What this campaign counts, in the order of the board's columns.
    pub cells: Vec<Cell>,
    /// The banners, if the campaign has any.
    pub banners: Option<Banners>,
    /// The commitment kinds.
    pub commitments: Vec<Commitment>,
    /// What is due when.
    pub deadlines: Vec<Deadline>,
    /// How far the communes shall be by which day.
    pub milestones: Vec<Milestone>,
    /// When reports are due.
    pub reporting: Vec<ReportDuty>,
    /// Figures that the plan states.
    pub figures: Vec<Figure>,
    /// How many communes there are, and what lies below them.
    pub territory: Territory,
}

/// The province of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Province {
    /// Two digits as text.
    #[schema(pattern = "^[0-9]{2}$")]
    pub code: String,
    /// The name without "tỉnh".
    pub name: String,
}

/// The days of the campaign, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Period {
    /// What the plan calls this period.
    pub label: Bilingual,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub starts: Day,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub ends: Day,
}

impl Period {
    /// Whether `day` belongs to the campaign.
    pub fn contains(&self, day: Day) -> bool {
        self.starts <= day && day <= self.ends
    }
}

/// An office and what it does in the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Organiser {
    /// Such as `head` or `standing_office`.
    pub key: String,
    /// The office.
    pub name: Bilingual,
    /// What it does.
    pub duty: Bilingual,
}

/// A working principle, such as the "4 rõ".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Principle {
    /// Its name.
    pub name: Bilingual,
    /// Its parts.
    pub parts: Vec<Bilingual>,
}

/// Something with a key and a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CampaignLabel)]
pub struct Named {
    /// Stable key.
    pub key: String,
    /// Label for people.
    pub label: Bilingual,
}

/// Where to call or write at any hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hotline {
    /// Telephone numbers, at least one.
    pub phones: Vec<Phone>,
    /// E-mail address.
    pub email: String,
    /// Opening hours as the plan prints them.
    pub hours: String,
}

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Phone {
    /// As the plan prints it.
    pub printed: String,
    /// Digits alone (after an optional `+`), for a `tel:` link.
    pub dial: String,
}

/// What holds for every banner, and the groups.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Banners {
    /// The lines under every headline.
    pub lines: Vec<String>,
    /// What a banner is made of.
    pub material: Bilingual,
    /// How exact the sizes are.
    pub size_note: Bilingual,
    /// What the pictures of the banners are for.
    pub photo_use: Bilingual,
    /// The groups, in the order of the board's columns.
    pub groups: Vec<BannerGroup>,
}

/// One banner group.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BannerGroup {
    /// The column of the board.
    pub cell: Cell,
    /// Such as "Nhóm 1".
    pub label: Bilingual,
    /// Where these banners hang.
    pub places: Bilingual,
    /// The sizes that the plan gives, any of which will do; empty where it gives none.
    pub sizes: Vec<BannerSize>,
    /// The headline, letter for letter.
    pub headline: String,
    /// The dots in the headline for which the place's own name is put in.
    pub placeholder: Option<String>,
    /// The key of the deadline.
    pub deadline: String,
    /// The day of that deadline: the default due day of an assignment.
    #[schema(value_type = String, format = Date)]
    pub due: Day,
    /// A remark on how the plan gives this group.
    pub note: Option<Bilingual>,
}

impl BannerGroup {
    /// The headline with the place's own name in it; unchanged where the headline names no place.
    pub fn headline_for(&self, place: &str) -> String {
        match &self.placeholder {
            Some(dots) => self.headline.replacen(dots.as_str(), place, 1),
            None => self.headline.clone(),
        }
    }
}

/// A banner's size in metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BannerSize {
    /// Height in metres.
    pub height_m: f64,
    /// Width in metres.
    pub width_m: f64,
}

/// One kind of commitment (cam kết).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Commitment {
    /// The column of the board.
    pub cell: Cell,
    /// The kind's name.
    pub label: Bilingual,
    /// Who signs.
    pub signers: Bilingual,
    /// The key of the deadline.
    pub deadline: String,
    /// The day of that deadline: the default due day of an assignment.
    #[schema(value_type = String, format = Date)]
    pub due: Day,
}

/// Something that is due on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deadline {
    /// Stable key.
    pub key: String,
    /// What has to be done.
    pub what: Bilingual,
    /// Who does it.
    pub who: Bilingual,
    /// The last day on which it is in time.
    #[schema(value_type = String, format = Date)]
    pub by: Day,
    /// What the plan prints, where that is a plain slip.
    pub printed: Option<String>,
    /// Why the day differs from what is printed, or what else to know.
    pub note: Option<Bilingual>,
}

/// How far the communes shall be by a day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Milestone {
    /// Stable key.
    pub key: String,
    /// What it means.
    pub label: Bilingual,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub by: Day,
    /// How many communes that concerns, if the plan counts them.
    pub communes: Option<u32>,
    /// Which share of all communes that concerns, if the plan gives a share.
    pub percent: Option<f64>,
}

/// A report that is due again and again, or once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportDuty {
    /// Stable key.
    pub key: String,
    /// What it is called.
    pub label: Bilingual,
    /// When it is due.
    pub when: Rhythm,
}

/// A figure that the plan states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figure {
    /// Stable key.
    pub key: String,
    /// What is counted.
    pub label: Bilingual,
    /// How many.
    pub value: u32,
    /// The day for which the figure holds.
    #[schema(value_type = String, format = Date)]
    pub as_of: Day,
    /// The figure of which this one is a part; all parts add up to it.
    pub part_of: Option<String>,
}

/// How the province is divided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Territory {
    /// How many communes.
    pub commune_count: CommuneCount,
    /// What lies below a commune.
    pub village_kinds: Vec<Bilingual>,
}

/// Numbers of communes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommuneCount {
    /// All.
    pub total: u32,
    /// Rural ones (xã).
    pub xa: u32,
    /// Urban ones (phường).
    pub phuong: u32,
}
