//! The thresholds and weights of the automatic checks, as a campaign sets them.
//!
//! Invariant: weights are 0 to 100; a weight of 0 still shows the warning, and adds nothing to the risk.
//! Refuses: to know where the figures of a submission come from.

use super::CheckCode;

/// What a campaign finds worth a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRules {
    /// A phone's accuracy beyond that warns, metres.
    pub accuracy_max_m: u32,
    /// Further from the planned place than that warns, metres beyond the accuracy.
    pub near_place_max_m: u32,
    /// A clock that is off by more warns, seconds.
    pub clock_max_s: u32,
    /// A place measured longer before or after the picture warns, seconds.
    pub place_age_max_s: u32,
    /// A picture's own place further from the reported one warns, metres beyond the accuracy.
    pub exif_place_max_m: u32,
    /// A picture's own time further from the reported one warns, seconds.
    pub exif_time_max_s: u32,
    /// Two places of one phone nearer than that are the same place, metres.
    pub travel_min_m: u32,
    /// Faster than that is impossible, kilometres an hour.
    pub travel_max_kmh: u32,
    /// Two pictures at least so alike look the same, per cent.
    pub similar_min_percent: u32,
    /// Less contrast between neighbouring pixels is blurred.
    pub sharpness_min: u32,
    /// A mean brightness below is dark, 0 to 255.
    pub brightness_min: u32,
    /// A mean brightness above is blown out, 0 to 255.
    pub brightness_max: u32,
    /// A long edge below that is too small, pixels.
    pub resolution_min_edge: u32,
    /// Marks of programs that edit pictures, lower-case; one of them inside the software's name warns.
    pub editors: Vec<String>,
    /// What a warning adds to the risk, in the order of [`CheckCode::ALL`].
    weights: [u8; 16],
}

impl CheckRules {
    /// What a warning of `code` adds to the risk.
    pub fn weight(&self, code: CheckCode) -> u8 {
        let weights = CheckCode::ALL.into_iter().zip(self.weights);
        weights
            .into_iter()
            .find(|(known, _)| *known == code)
            .map_or(0, |(_, weight)| weight)
    }

    /// These rules with another weight of `code`, at most 100.
    pub fn set_weight(&mut self, code: CheckCode, weight: u8) {
        for (known, kept) in CheckCode::ALL.into_iter().zip(&mut self.weights) {
            if known == code {
                *kept = weight.min(100);
            }
        }
    }
}

impl Default for CheckRules {
    fn default() -> Self {
        let editors = [
            "photoshop",
            "lightroom",
            "snapseed",
            "picsart",
            "gimp",
            "canva",
            "meitu",
            "b612",
            "facetune",
            "vsco",
            "pixelmator",
            "affinity",
            "paint.net",
            "remini",
            "pixlr",
            "polarr",
            "airbrush",
            "fotor",
            "inshot",
        ];
        Self {
            accuracy_max_m: 100,
            near_place_max_m: 200,
            clock_max_s: 300,
            place_age_max_s: 900,
            exif_place_max_m: 500,
            exif_time_max_s: 3600,
            travel_min_m: 2000,
            travel_max_kmh: 120,
            similar_min_percent: 98,
            sharpness_min: 60,
            brightness_min: 45,
            brightness_max: 235,
            resolution_min_edge: 800,
            editors: editors.map(str::to_owned).to_vec(),
            weights: [15, 10, 30, 35, 25, 30, 20, 30, 30, 60, 45, 25, 10, 10, 10, 30],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_that_of_its_check_and_at_most_100() {
        let mut rules = CheckRules::default();
        assert_eq!(
            (
                rules.weight(CheckCode::LocationPresent),
                rules.weight(CheckCode::Travel)
            ),
            (15, 30)
        );
        rules.set_weight(CheckCode::Travel, 250);
        assert_eq!(rules.weight(CheckCode::Travel), 100);
    }
}
