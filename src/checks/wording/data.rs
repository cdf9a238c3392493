//! The figures of findings, for programs.
//!
//! Invariant: a name means one thing in all checks; seconds are positive where the phone, or what it reports, is ahead.
//! Refuses: to tell whose a twin is to those who may not know.

use serde_json::{Map, Value, json};

use crate::domain::{Figures, Finding, Outcome, Twin};

/// How much a reader of findings may see of other people's evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Whatever there is.
    Everything,
    /// The record that was asked for; of a twin, only that there is one and how alike it is.
    OwnRecord,
}

/// The figures of a finding, for programs. Whose the twin of a picture is, is not everybody's to know.
pub fn data(finding: &Finding, sight: Sight) -> Value {
    let mut data = figures(&finding.figures, sight);
    match finding.outcome {
        Outcome::NotChecked(why) => {
            data.insert("reason".into(), json!(why));
        }
        Outcome::Warn { weight } => {
            data.insert("weight".into(), json!(weight));
        }
        Outcome::Ok => {}
    }
    Value::Object(data)
}

fn figures(figures: &Figures, sight: Sight) -> Map<String, Value> {
    let object = match figures {
        Figures::None => json!({}),
        Figures::Accuracy { accuracy_m, limit_m } => json!({ "accuracy_m": accuracy_m, "limit_m": limit_m }),
        Figures::Point { lat, lon } => json!({ "lat": lat, "lon": lon }),
        Figures::Commune {
            commune,
            outside_m,
            tolerance_m,
            found,
        } => json!({
            "commune": commune, "outside_m": outside_m, "tolerance_m": tolerance_m, "found": found,
        }),
        Figures::Distance {
            distance_m,
            accuracy_m,
            limit_m,
        } => json!({
            "distance_m": distance_m, "accuracy_m": accuracy_m, "limit_m": limit_m,
        }),
        Figures::Period {
            captured,
            starts,
            ends,
        } => json!({ "captured": captured, "starts": starts, "ends": ends }),
        Figures::Clock { .. } | Figures::Clocks { .. } => clocks(figures),
        Figures::Unreadable { photo, width, height } => json!({
            "photo": photo, "width": width, "height": height,
        }),
        Figures::Times {
            taken,
            captured,
            limit_s,
        } => json!({ "taken": taken, "captured": captured, "limit_s": limit_s }),
        Figures::Twins(twins) => match sight {
            Sight::Everything => json!({ "twins": twins }),
            Sight::OwnRecord => {
                let own =
                    |twin: &Twin| json!({ "photo": twin.photo, "likeness_percent": twin.likeness_percent });
                json!({ "twins": twins.iter().map(own).collect::<Vec<_>>() })
            }
        },
        Figures::Software { photo, software } => json!({ "photo": photo, "software": software }),
        Figures::Level {
            photo,
            level,
            least,
            most,
        } => json!({
            "photo": photo, "level": level, "least": least, "most": most,
        }),
        Figures::Size {
            photo,
            width,
            height,
            least_edge,
        } => json!({
            "photo": photo, "width": width, "height": height, "least_edge": least_edge,
        }),
        Figures::Travel {
            submission,
            distance_m,
            seconds,
            limit_kmh,
        } => json!({
            "submission": submission, "distance_m": distance_m, "seconds": seconds, "limit_kmh": limit_kmh,
        }),
    };
    match object {
        Value::Object(figures) => figures,
        _ => Map::new(),
    }
}

fn clocks(figures: &Figures) -> Value {
    match figures {
        Figures::Clock {
            phone_ahead_s,
            captured_after_arrival_s,
            satellites_ahead_s,
            limit_s,
        } => json!({
            "phone_ahead_s": phone_ahead_s, "captured_after_arrival_s": captured_after_arrival_s,
            "ahead_of_satellites_s": satellites_ahead_s, "limit_s": limit_s,
        }),
        Figures::Clocks {
            phone_ahead_s,
            limit_s,
            captured_after_arrival_s,
            ahead_of_satellites_s,
            satellites_limit_s,
            ahead_of_place_s,
            place_limit_s,
        } => json!({
            "phone_ahead_s": phone_ahead_s, "limit_s": limit_s,
            "captured_after_arrival_s": captured_after_arrival_s,
            "ahead_of_satellites_s": ahead_of_satellites_s, "satellites_limit_s": satellites_limit_s,
            "ahead_of_place_s": ahead_of_place_s, "place_limit_s": place_limit_s,
        }),
        _ => Value::Null,
    }
}
