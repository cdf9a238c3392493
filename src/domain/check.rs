//! What automatic checks find: reasoned figures, never a decision.
//!
//! Invariant: a finding is free of language; its sentence is made from its figures when somebody reads it. A number
//! under which a check is stored is never used again.
//! Refuses: to reject anything. A check warns, and a person decides.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AssignmentId, CommuneCode, Day, Moment, Sha256, SubmissionId};

/// Every check, in the order in which people read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckCode {
    /// The phone said where it was.
    LocationPresent,
    /// The phone knew well where it was; exactly 0 means a mock or a point placed by hand.
    Accuracy,
    /// The place is not 0, 0.
    NullIsland,
    /// The place lies in the commune.
    InsideCommune,
    /// The place is near the planned one.
    NearPlace,
    /// It was captured on a day of the campaign.
    CapturedInCampaign,
    /// The phone's clock agrees with the server's and the satellites'.
    Clock,
    /// The picture's own place agrees with the reported one.
    ExifPlace,
    /// The picture's own time agrees with the reported one.
    ExifTime,
    /// No other submission has the same bytes.
    SamePhoto,
    /// No other assignment has a picture that looks the same.
    SimilarPhoto,
    /// No editing program left its mark.
    Edited,
    /// The picture is sharp.
    Sharpness,
    /// The picture is neither dark nor blown out.
    Brightness,
    /// The picture has enough pixels.
    Resolution,
    /// The phone could have travelled there.
    Travel,
}

impl CheckCode {
    /// Every check.
    pub const ALL: [Self; 16] = [
        Self::LocationPresent,
        Self::Accuracy,
        Self::NullIsland,
        Self::InsideCommune,
        Self::NearPlace,
        Self::CapturedInCampaign,
        Self::Clock,
        Self::ExifPlace,
        Self::ExifTime,
        Self::SamePhoto,
        Self::SimilarPhoto,
        Self::Edited,
        Self::Sharpness,
        Self::Brightness,
        Self::Resolution,
        Self::Travel,
    ];

    /// The number under which stored keys hold this check; never reused.
    pub const fn number(self) -> u8 {
        match self {
            Self::LocationPresent => 1,
            Self::Accuracy => 2,
            Self::NullIsland => 3,
            Self::InsideCommune => 4,
            Self::NearPlace => 5,
            Self::CapturedInCampaign => 6,
            Self::Clock => 7,
            Self::ExifPlace => 8,
            Self::ExifTime => 9,
            Self::SamePhoto => 10,
            Self::SimilarPhoto => 11,
            Self::Edited => 12,
            Self::Sharpness => 13,
            Self::Brightness => 14,
            Self::Resolution => 15,
            Self::Travel => 16,
        }
    }

    /// The check stored under `number`.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The name on the wire and in campaign files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LocationPresent => "location_present",
            Self::Accuracy => "accuracy",
            Self::NullIsland => "null_island",
            Self::InsideCommune => "inside_commune",
            Self::NearPlace => "near_place",
            Self::CapturedInCampaign => "captured_in_campaign",
            Self::Clock => "clock",
            Self::ExifPlace => "exif_place",
            Self::ExifTime => "exif_time",
            Self::SamePhoto => "same_photo",
            Self::SimilarPhoto => "similar_photo",
            Self::Edited => "edited",
            Self::Sharpness => "sharpness",
            Self::Brightness => "brightness",
            Self::Resolution => "resolution",
            Self::Travel => "travel",
        }
    }
}

impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CheckCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|code| code.name() == text).ok_or(())
    }
}

/// Why a check could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotChecked {
    /// The phone did not say where it was.
    NoLocation,
    /// No boundary layer is installed.
    NoBoundaries,
    /// The boundary layer has no area of this commune.
    NoArea,
    /// The plan does not say where the place is.
    NoPlannedPlace,
    /// The picture carries no notes of the camera.
    NoExif,
    /// The camera's notes do not say where.
    NoExifPlace,
    /// The camera's notes do not say when.
    NoExifTime,
    /// The picture's pixels cannot be read.
    Unreadable,
    /// This phone has sent nothing else with a place, about that time.
    NothingToCompare,
    /// The phone did not say what its clock shows, and no satellites' time is known.
    NoClock,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing is out of the ordinary.
    Ok,
    /// A person should look at this; the weight is its part of the risk.
    Warn {
        /// 0 to 100.
        weight: u8,
    },
    /// It could not be made.
    NotChecked(NotChecked),
}

/// A submission that has the same or a similar picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// The picture here.
    pub photo: Sha256,
    /// The picture there.
    pub other_photo: Sha256,
    /// The submission that had it first.
    pub submission: SubmissionId,
    /// What that submission is for.
    pub assignment: AssignmentId,
    /// How alike the two are, per cent; 100 for the same bytes.
    pub likeness_percent: u8,
}

/// The figures that a check used. Lengths in metres, rounded; times in seconds, positive where the phone is ahead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Figures {
    /// There is nothing to count.
    None,
    /// Of `accuracy`.
    Accuracy {
        /// What the phone said.
        accuracy_m: f64,
        /// More than that warns.
        limit_m: u32,
    },
    /// Of `null_island`.
    Point {
        /// Latitude, degrees.
        lat: f64,
        /// Longitude, degrees.
        lon: f64,
    },
    /// Of `inside_commune`.
    Commune {
        /// Whose place it should be.
        commune: CommuneCode,
        /// How far outside its line the point lies; 0 inside.
        outside_m: u32,
        /// The phone's accuracy and the line's own error.
        tolerance_m: u32,
        /// The commune in which the point lies, when that is another one.
        found: Option<CommuneCode>,
    },
    /// Of `near_place` and `exif_place`.
    Distance {
        /// Between the two points.
        distance_m: u32,
        /// Taken off it.
        accuracy_m: u32,
        /// More than that warns.
        limit_m: u32,
    },
    /// Of `captured_in_campaign`.
    Period {
        /// The day of capture.
        captured: Day,
        /// The first day.
        starts: Day,
        /// The last day.
        ends: Day,
    },
    /// Of `clock`, as it was kept until format 2; [`Figures::Clocks`] today.
    Clock {
        /// The phone's clock beside the server's when it sent; none when the phone did not say.
        phone_ahead_s: Option<i64>,
        /// Captured so long after it arrived; negative is normal.
        captured_after_arrival_s: i64,
        /// The phone's clock beside the satellites' when the picture was taken; none when unknown.
        satellites_ahead_s: Option<i64>,
        /// More than that warns.
        limit_s: u32,
    },
    /// Of `exif_time`.
    Times {
        /// The camera's time.
        taken: Moment,
        /// The reported time.
        captured: Moment,
        /// More seconds than that warn.
        limit_s: u32,
    },
    /// Of `same_photo` and `similar_photo`; empty when there is none.
    Twins(Vec<Twin>),
    /// Of `edited`.
    Software {
        /// The picture.
        photo: Sha256,
        /// The mark.
        software: String,
    },
    /// Of `sharpness` and `brightness`, about the worst picture.
    Level {
        /// The picture.
        photo: Sha256,
        /// What it has.
        level: u32,
        /// Below that warns.
        least: u32,
        /// Above that warns, where there is such a thing.
        most: Option<u32>,
    },
    /// Of `resolution`, about the smallest picture.
    Size {
        /// The picture.
        photo: Sha256,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// A long edge below that warns.
        least_edge: u32,
    },
    /// Of `travel`, about the fastest way.
    Travel {
        /// The other place's submission.
        submission: SubmissionId,
        /// How far apart, the accuracies taken off.
        distance_m: u32,
        /// How long between the two.
        seconds: u32,
        /// Faster warns.
        limit_kmh: u32,
    },
    /// Of `clock`.
    Clocks {
        /// The phone's clock beside the server's when it sent; none when the phone did not say.
        phone_ahead_s: Option<i64>,
        /// More than that warns, and captured so long after it arrived.
        limit_s: u32,
        /// Captured so long after it arrived; negative is normal.
        captured_after_arrival_s: i64,
        /// The reported time beside the satellites' in the picture; none when unknown.
        ahead_of_satellites_s: Option<i64>,
        /// More than that warns.
        satellites_limit_s: u32,
        /// The reported time beside that at which the place was measured; none when the phone did not say.
        ahead_of_place_s: Option<i64>,
        /// More than that warns.
        place_limit_s: u32,
    },
    /// Of `resolution`, about a picture whose pixels cannot be read.
    Unreadable {
        /// The picture.
        photo: Sha256,
        /// Pixels, by its header.
        width: u32,
        /// Pixels, by its header.
        height: u32,
    },
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub code: CheckCode,
    /// How it ended.
    pub outcome: Outcome,
    /// What it rests on.
    pub figures: Figures,
}

/// What all checks found about one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// When.
    pub at: Moment,
    /// One for each check, in the order of [`CheckCode::ALL`].
    pub findings: Vec<Finding>,
}

impl Findings {
    /// The warnings with their weights.
    pub fn warnings(&self) -> impl Iterator<Item = (CheckCode, u8)> + '_ {
        self.findings.iter().filter_map(|finding| match finding.outcome {
            Outcome::Warn { weight } => Some((finding.code, weight)),
            Outcome::Ok | Outcome::NotChecked(_) => None,
        })
    }

    /// 0 to 100: the weights of all warnings together.
    pub fn risk(&self) -> u8 {
        let sum: u32 = self.warnings().map(|(_, weight)| u32::from(weight)).sum();
        u8::try_from(sum.min(100)).unwrap_or(100)
    }

    /// Whether a picture of `submission` is named as one that was there before.
    pub fn name(&self, submission: SubmissionId) -> bool {
        self.findings.iter().any(|finding| match &finding.figures {
            Figures::Twins(twins) => twins.iter().any(|twin| twin.submission == submission),
            _ => false,
        })
    }

    /// Which checks warn.
    pub fn warned(&self) -> Warned {
        self.warnings()
            .fold(Warned::default(), |warned, (code, _)| warned.with(code))
    }
}

/// A set of checks that warn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warned(u32);

impl Warned {
    /// This and `code`.
    pub fn with(self, code: CheckCode) -> Self {
        Self(self.0 | Self::bit(code))
    }

    /// Whether `code` warns.
    pub fn holds(self, code: CheckCode) -> bool {
        self.0 & Self::bit(code) != 0
    }

    /// Every check that warns.
    pub fn codes(self) -> impl Iterator<Item = CheckCode> {
        CheckCode::ALL.into_iter().filter(move |code| self.holds(*code))
    }

    fn bit(code: CheckCode) -> u32 {
        1_u32.checked_shl(u32::from(code.number())).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_of_checks_lead_back_to_them() {
        for code in CheckCode::ALL {
            assert_eq!(code.name().parse(), Ok(code));
            assert_eq!(CheckCode::from_number(code.number()), Some(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
        let numbers: Vec<u8> = CheckCode::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers, (1..=16).collect::<Vec<u8>>());
    }

    #[test]
    fn the_risk_is_the_sum_of_the_weights_and_never_above_100() {
        let warn = |code, weight| Finding {
            code,
            outcome: Outcome::Warn { weight },
            figures: Figures::None,
        };
        let mut findings = Findings {
            at: Moment::from_millis(0),
            findings: vec![
                warn(CheckCode::Accuracy, 20),
                Finding {
                    outcome: Outcome::NotChecked(NotChecked::NoExif),
                    ..warn(CheckCode::ExifTime, 0)
                },
                warn(CheckCode::Travel, 35),
            ],
        };
        assert_eq!(findings.risk(), 55);
        let warned: Vec<CheckCode> = findings.warned().codes().collect();
        assert_eq!(warned, [CheckCode::Accuracy, CheckCode::Travel]);
        findings.findings.push(warn(CheckCode::SamePhoto, 90));
        assert_eq!(findings.risk(), 100);
    }
}
