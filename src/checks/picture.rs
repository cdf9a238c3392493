//! Checks of the pictures themselves; of several, the worst one is named.
//!
//! Invariant: a picture whose pixels cannot be read is left out of what is measured, and warned about once, by
//! `resolution`: else a file that no program opens would be the surest way past all that looks at pixels.
//! Refuses: to see what a picture shows.

use super::{Facts, Found, PhotoFacts, not_checked, warn_if};
use crate::domain::{CheckRules, Figures, NotChecked};

pub(super) fn edited(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let has_notes = |photo: &PhotoFacts| photo.exif.is_some() || !photo.programs.is_empty();
    if !facts.photos.iter().any(has_notes) {
        return not_checked(NotChecked::NoExif);
    }
    let marked = facts.photos.iter().find_map(|photo| {
        let by_camera = photo.exif.iter().filter_map(|claims| claims.software.as_ref());
        let known = |software: &&String| {
            let lower = software.to_lowercase();
            rules.editors.iter().any(|editor| lower.contains(editor.as_str()))
        };
        let software = by_camera.chain(&photo.programs).find(known)?.clone();
        Some(Figures::Software {
            photo: photo.sha256,
            software,
        })
    });
    warn_if(marked.is_some(), marked.unwrap_or(Figures::None))
}

pub(super) fn sharpness(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let levels = readable(facts).map(|(photo, (sharpness, _))| (photo, sharpness));
    let Some((photo, level)) = levels.min_by_key(|(_, level)| *level) else {
        return not_checked(NotChecked::Unreadable);
    };
    let least = rules.sharpness_min;
    warn_if(
        level < least,
        Figures::Level {
            photo: photo.sha256,
            level,
            least,
            most: None,
        },
    )
}

pub(super) fn brightness(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let (least, most) = (rules.brightness_min, rules.brightness_max);
    let levels = readable(facts).map(|(photo, (_, brightness))| (photo, u32::from(brightness)));
    let beyond = |level: u32| least.saturating_sub(level).max(level.saturating_sub(most));
    let Some((photo, level)) = levels.max_by_key(|(_, level)| beyond(*level)) else {
        return not_checked(NotChecked::Unreadable);
    };
    warn_if(
        beyond(level) > 0,
        Figures::Level {
            photo: photo.sha256,
            level,
            least,
            most: Some(most),
        },
    )
}

pub(super) fn resolution(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    if let Some(photo) = facts.photos.iter().find(|photo| photo.pixels.is_none()) {
        let (photo, width, height) = (photo.sha256, photo.width, photo.height);
        return warn_if(true, Figures::Unreadable { photo, width, height });
    }
    let edge = |photo: &&PhotoFacts| photo.width.max(photo.height);
    let Some(smallest) = facts.photos.iter().min_by_key(edge) else {
        return not_checked(NotChecked::Unreadable);
    };
    warn_if(
        edge(&smallest) < rules.resolution_min_edge,
        Figures::Size {
            photo: smallest.sha256,
            width: smallest.width,
            height: smallest.height,
            least_edge: rules.resolution_min_edge,
        },
    )
}

fn readable<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = (&'a PhotoFacts, (u32, u8))> {
    facts
        .photos
        .iter()
        .filter_map(|photo| Some((photo, photo.pixels?)))
}
