//! Automatic checks: facts about a submission become findings, each with the figures it rests on.
//!
//! Invariant: every check of [`CheckCode::ALL`] ends in exactly one finding, in that order; one that lacks a fact says
//! which. The same facts and rules give the same findings.
//! Refuses: to fetch a fact, to know a language (except in [`wording`], for readers), and to decide.

mod facts;
mod picture;
mod place;
#[cfg(test)]
mod tests;
mod time;
pub mod wording;

pub use facts::{Area, Elsewhere, ExifClaims, Facts, PhotoFacts};

use crate::domain::{CheckCode, CheckRules, Figures, Finding, Findings, Moment, NotChecked, Outcome, Twin};

/// How one check ended, before its weight is known.
enum Ending {
    Ok,
    Warn,
    NotChecked(NotChecked),
}

type Found = (Ending, Figures);

/// Makes every check at `now`.
pub fn judge(facts: &Facts<'_>, rules: &CheckRules, now: Moment) -> Findings {
    let findings = CheckCode::ALL
        .into_iter()
        .map(|code| {
            let (ending, figures) = check(code, facts, rules);
            let outcome = match ending {
                Ending::Ok => Outcome::Ok,
                Ending::Warn => Outcome::Warn {
                    weight: rules.weight(code),
                },
                Ending::NotChecked(why) => Outcome::NotChecked(why),
            };
            Finding {
                code,
                outcome,
                figures,
            }
        })
        .collect();
    Findings { at: now, findings }
}

fn check(code: CheckCode, facts: &Facts<'_>, rules: &CheckRules) -> Found {
    match code {
        CheckCode::LocationPresent => place::present(facts),
        CheckCode::Accuracy => place::accuracy(facts, rules),
        CheckCode::NullIsland => place::null_island(facts),
        CheckCode::InsideCommune => place::inside_commune(facts),
        CheckCode::NearPlace => place::near_place(facts, rules),
        CheckCode::CapturedInCampaign => time::in_campaign(facts),
        CheckCode::Clock => time::clock(facts, rules),
        CheckCode::ExifPlace => place::exif_place(facts, rules),
        CheckCode::ExifTime => time::exif_time(facts, rules),
        CheckCode::SamePhoto => twins(&facts.same),
        CheckCode::SimilarPhoto => similar(facts),
        CheckCode::Edited => picture::edited(facts, rules),
        CheckCode::Sharpness => picture::sharpness(facts, rules),
        CheckCode::Brightness => picture::brightness(facts, rules),
        CheckCode::Resolution => picture::resolution(facts, rules),
        CheckCode::Travel => time::travel(facts, rules),
    }
}

fn twins(twins: &[Twin]) -> Found {
    let ending = if twins.is_empty() {
        Ending::Ok
    } else {
        Ending::Warn
    };
    (ending, Figures::Twins(twins.to_vec()))
}

/// A picture without readable pixels cannot be compared; the others still can.
fn similar(facts: &Facts<'_>) -> Found {
    if facts.similar.is_empty() && facts.photos.iter().all(|photo| photo.pixels.is_none()) {
        return (Ending::NotChecked(NotChecked::Unreadable), Figures::None);
    }
    twins(&facts.similar)
}

const fn not_checked(why: NotChecked) -> Found {
    (Ending::NotChecked(why), Figures::None)
}

const fn warn_if(warns: bool, figures: Figures) -> Found {
    (if warns { Ending::Warn } else { Ending::Ok }, figures)
}

/// A figure in whole units with what is taken off it, rounded so that what is shown lies on the same side of the limit
/// as what was judged.
fn shown(warns: bool, figure: f64, taken_off: f64) -> (u32, u32) {
    if warns {
        (whole(figure.ceil()), whole(taken_off.floor()))
    } else {
        (whole(figure.floor()), whole(taken_off.ceil()))
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the standard library has no checked way from a float to an integer; `as` saturates, NaN gives 0"
)]
fn whole(value: f64) -> u32 {
    value as u32
}
