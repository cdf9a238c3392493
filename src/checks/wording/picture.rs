//! Sentences about the pictures themselves.
//!
//! Invariant: submissions and places are counted, each once, whatever the number of pictures that are alike.
//! Refuses: to say whose a twin is.

use std::collections::BTreeSet;

use super::words::number;
use super::{Sentence, Tone, say};
use crate::domain::{CheckCode, Twin};

pub(super) fn same(twins: &[Twin]) -> Sentence {
    let (photos, submissions) = (
        distinct(twins, |twin| twin.photo),
        distinct(twins, |twin| twin.submission),
    );
    let others = number(submissions);
    match (photos, submissions) {
        (0, _) => say(
            "Không minh chứng nào khác có ảnh này (không kể bản đã thu hồi của chính nơi này).",
            "No other submission has this picture (one that was taken back at this same place is not counted).",
        ),
        (1, 1) => say(
            "Đúng ảnh này đã có trong 1 minh chứng khác.",
            "This very picture is in 1 other submission.",
        ),
        (1, _) => say(
            format!("Đúng ảnh này đã có trong {} minh chứng khác.", others.vi),
            format!("This very picture is in {} other submissions.", others.en),
        ),
        (photos, 1) => say(
            format!("{photos} ảnh ở đây đã có trong 1 minh chứng khác."),
            format!("{photos} of the pictures here are in 1 other submission."),
        ),
        (photos, _) => say(
            format!("{photos} ảnh ở đây đã có trong {} minh chứng khác.", others.vi),
            format!(
                "{photos} of the pictures here are in {} other submissions.",
                others.en
            ),
        ),
    }
}

pub(super) fn similar(twins: &[Twin]) -> Sentence {
    let percent = twins.iter().map(|twin| twin.likeness_percent).max().unwrap_or(0);
    match distinct(twins, |twin| twin.assignment) {
        0 => say(
            "Không giống ảnh của nơi khác.",
            "It looks like no picture of another place.",
        ),
        1 => say(
            format!("Giống {percent}% một ảnh của nơi khác."),
            format!("{percent}% like a picture of another place."),
        ),
        places => {
            let places = number(places);
            say(
                format!("Giống ảnh của {} nơi khác, giống nhất {percent}%.", places.vi),
                format!(
                    "Like pictures of {} other places, {percent}% the one that is most alike.",
                    places.en
                ),
            )
        }
    }
}

fn distinct<T: Ord>(twins: &[Twin], what: impl Fn(&Twin) -> T) -> u32 {
    let all: BTreeSet<T> = twins.iter().map(what).collect();
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

pub(super) fn software(software: &str) -> Sentence {
    say(
        format!("Ảnh mang dấu của phần mềm chỉnh sửa: {software}."),
        format!("An editing program left its mark: {software}."),
    )
}

pub(super) fn size(width: u32, height: u32, least_edge: u32) -> Sentence {
    say(
        format!("Ảnh {width} × {height} điểm ảnh (cạnh dài cần từ {least_edge})."),
        format!("The picture has {width} × {height} pixels (a long edge of {least_edge} is wanted)."),
    )
}

pub(super) fn unreadable(width: u32, height: u32) -> Sentence {
    say(
        format!(
            "Máy không đọc được nội dung của một ảnh {width} × {height} điểm ảnh (tệp hỏng hoặc quá nặng để mở): \
             hãy mở ảnh gốc để xem."
        ),
        format!(
            "The pixels of a picture of {width} × {height} cannot be read (damaged, or too much to open): look at \
             the original."
        ),
    )
}

pub(super) fn level(code: CheckCode, tone: Tone, level: u32, (least, most): (u32, Option<u32>)) -> Sentence {
    match (code, tone) {
        (CheckCode::Sharpness, Tone::Warning) => say(
            format!("Ảnh mờ: độ nét {level}, cần từ {least}."),
            format!("The picture is blurred: sharpness {level}, {least} is wanted."),
        ),
        (CheckCode::Sharpness, Tone::Fine) => say(
            format!("Ảnh đủ nét ({level})."),
            format!("The picture is sharp ({level})."),
        ),
        (_, Tone::Warning) if level < least => say(
            format!("Ảnh tối: độ sáng {level}, cần từ {least}."),
            format!("The picture is dark: brightness {level}, {least} is wanted."),
        ),
        (_, Tone::Warning) => {
            let most = most.unwrap_or(255);
            say(
                format!("Ảnh quá sáng: độ sáng {level}, cần đến {most}."),
                format!("The picture is too bright: brightness {level}, at most {most} is wanted."),
            )
        }
        (_, Tone::Fine) => say(
            format!("Độ sáng tốt ({level})."),
            format!("The light is good ({level})."),
        ),
    }
}
