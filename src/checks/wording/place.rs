//! Sentences about the place, and about the way to it.
//!
//! Invariant: a distance stands beside what is allowed for and the limit.
//! Refuses: to say that a point lies inside when only its accuracy makes it possible.

use super::words::{length, number, span};
use super::{Sentence, Tone, say};
use crate::domain::CheckCode;

pub(super) fn accuracy(tone: Tone, accuracy_m: f64, limit_m: u32) -> Sentence {
    if accuracy_m <= 0.0 {
        return say(
            "Sai số bằng đúng 0: vị trí có thể là giả lập hoặc đặt bằng tay.",
            "The accuracy is exactly 0: the place may be a mock or set by hand.",
        );
    }
    let (figure, _) = super::super::shown(tone == Tone::Warning, accuracy_m, 0.0);
    let limit = length(limit_m);
    if figure == 0 {
        return say(
            format!("Sai số dưới 1 m (giới hạn {}).", limit.vi),
            format!("The place is known to less than 1 m (limit {}).", limit.en),
        );
    }
    let figure = length(figure);
    say(
        format!("Sai số khoảng {} (giới hạn {}).", figure.vi, limit.vi),
        format!("The place is known to about {} (limit {}).", figure.en, limit.en),
    )
}

pub(super) fn point(tone: Tone, lat: f64, lon: f64) -> Sentence {
    match tone {
        Tone::Warning => say(
            format!("Toạ độ {lat:.4}, {lon:.4} là điểm 0, 0: máy không biết vị trí thật."),
            format!("The place {lat:.4}, {lon:.4} is 0, 0: the phone did not know where it was."),
        ),
        Tone::Fine => say(
            format!("Toạ độ {lat:.5}, {lon:.5}."),
            format!("The place is {lat:.5}, {lon:.5}."),
        ),
    }
}

pub(super) fn inside(
    tone: Tone,
    commune: &str,
    (outside_m, tolerance_m): (u32, u32),
    found: Option<&str>,
) -> Sentence {
    let (outside, tolerance) = (length(outside_m), length(tolerance_m));
    match (tone, found) {
        (Tone::Fine, _) if outside_m == 0 => {
            say(format!("Nằm trong {commune}."), format!("Lies in {commune}."))
        }
        (Tone::Fine, _) => say(
            format!(
                "Nằm ngoài {commune} {}, trong phạm vi sai số {}.",
                outside.vi, tolerance.vi
            ),
            format!(
                "Lies {} outside of {commune}, within the tolerance of {}.",
                outside.en, tolerance.en
            ),
        ),
        (Tone::Warning, Some(found)) => say(
            format!(
                "Nằm ở {found}, cách địa giới {commune} {} (sai số cho phép {}).",
                outside.vi, tolerance.vi
            ),
            format!(
                "Lies in {found}, {} outside of {commune} (tolerance {}).",
                outside.en, tolerance.en
            ),
        ),
        (Tone::Warning, None) => say(
            format!(
                "Nằm ngoài {commune} {} (sai số cho phép {}).",
                outside.vi, tolerance.vi
            ),
            format!(
                "Lies {} outside of {commune} (tolerance {}).",
                outside.en, tolerance.en
            ),
        ),
    }
}

pub(super) fn apart(code: CheckCode, distance_m: u32, accuracy_m: u32, limit_m: u32) -> Sentence {
    let (distance, accuracy, limit) = (length(distance_m), length(accuracy_m), length(limit_m));
    let from = match code {
        CheckCode::ExifPlace => say(
            format!("Vị trí ghi trong ảnh cách vị trí báo cáo {}", distance.vi),
            format!("The picture's own place is {} from the reported one", distance.en),
        ),
        _ => say(
            format!("Cách điểm trong kế hoạch {}", distance.vi),
            format!("{} from the planned place", distance.en),
        ),
    };
    say(
        format!(
            "{} (sai số khoảng {}, giới hạn {}).",
            from.vi, accuracy.vi, limit.vi
        ),
        format!(
            "{} (known to about {}, limit {}).",
            from.en, accuracy.en, limit.en
        ),
    )
}

pub(super) fn travel(distance_m: u32, seconds: u32, limit_kmh: u32) -> Sentence {
    let (distance, within, limit) = (length(distance_m), span(u64::from(seconds)), number(limit_kmh));
    say(
        format!(
            "Cùng điện thoại này đã ở nơi khác cách {}, trước hoặc sau đó {} (giới hạn {} km/giờ).",
            distance.vi, within.vi, limit.vi
        ),
        format!(
            "The same phone was {} away, {} before or after (limit {} km/h).",
            distance.en, within.en, limit.en
        ),
    )
}
