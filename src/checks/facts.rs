//! What is known of a submission when it is checked.
//!
//! Invariant: a fact that is not known is absent, never a default.
//! Refuses: to hold a judgement.

use crate::domain::{CommuneCode, Day, Moment, Point, Sha256, Submission, SubmissionId, Twin};

/// Everything that the checks look at.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The record.
    pub submission: &'a Submission,
    /// Where the plan says it should be.
    pub planned: Option<Point>,
    /// The first and the last day of the campaign.
    pub period: (Day, Day),
    /// How the reported place lies to the commune.
    pub area: Area,
    /// Its pictures.
    pub photos: Vec<PhotoFacts>,
    /// Earlier submissions with the same bytes.
    pub same: Vec<Twin>,
    /// Earlier submissions for other assignments with pictures that look the same.
    pub similar: Vec<Twin>,
    /// Where else this phone was.
    pub elsewhere: Vec<Elsewhere>,
}

/// How a place lies to a commune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Area {
    /// No boundary layer is installed.
    NoLayer,
    /// The layer has no area of the commune.
    NoArea,
    /// It has.
    Known {
        /// How far outside the point lies, metres; 0 inside.
        outside_m: f64,
        /// How far the line may be from the true one, metres.
        error_m: f64,
        /// The commune that the point lies in.
        found: Option<CommuneCode>,
    },
}

/// What is known of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoFacts {
    /// Its hash.
    pub sha256: Sha256,
    /// Upright width, pixels.
    pub width: u32,
    /// Upright height, pixels.
    pub height: u32,
    /// Sharpness and mean brightness; absent when the pixels cannot be read.
    pub pixels: Option<(u32, u8)>,
    /// What the camera wrote; absent when there is nothing or nothing readable.
    pub exif: Option<ExifClaims>,
    /// Programs that say in the file's XMP that they made or changed it.
    pub programs: Vec<String>,
}

/// What a camera claims.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExifClaims {
    /// Where.
    pub place: Option<Point>,
    /// When, by the camera's clock.
    pub taken: Option<Moment>,
    /// When, by the satellites.
    pub satellites: Option<Moment>,
    /// The program that wrote the file.
    pub software: Option<String>,
}

/// Another place of the same phone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elsewhere {
    /// The submission that says so.
    pub submission: SubmissionId,
    /// Where.
    pub point: Point,
    /// How well it was known, metres.
    pub accuracy_m: f64,
    /// When, by the phone's clock.
    pub at: Moment,
}
