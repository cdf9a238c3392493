//! Findings in words, and their figures for programs.
//!
//! Invariant: a sentence says what was found and what it was held against, so that a person can agree or not; it never
//! says that somebody cheated.
//! Refuses: to be stored. Sentences are made anew for every reader, in both languages.

mod data;
mod picture;
mod place;
#[cfg(test)]
mod tests;
mod time;
mod words;

pub use data::{Sight, data};

use crate::domain::{CheckCode, CommuneCode, Figures, Finding, NotChecked, Outcome};

/// A sentence in Vietnamese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

fn say(vi: impl Into<String>, en: impl Into<String>) -> Sentence {
    Sentence {
        vi: vi.into(),
        en: en.into(),
    }
}

/// What a check looks at, in a few words.
pub fn title(code: CheckCode) -> Sentence {
    match code {
        CheckCode::LocationPresent => say("Có vị trí", "Has a place"),
        CheckCode::Accuracy => say("Độ chính xác của vị trí", "Accuracy of the place"),
        CheckCode::NullIsland => say("Toạ độ có thật", "A real place"),
        CheckCode::InsideCommune => say("Trong địa bàn xã, phường", "Inside the commune"),
        CheckCode::NearPlace => say("Gần điểm trong kế hoạch", "Near the planned place"),
        CheckCode::CapturedInCampaign => say("Trong thời gian chiến dịch", "During the campaign"),
        CheckCode::Clock => say("Đồng hồ điện thoại", "The phone's clock"),
        CheckCode::ExifPlace => say("Vị trí ghi trong ảnh", "The picture's own place"),
        CheckCode::ExifTime => say("Giờ ghi trong ảnh", "The picture's own time"),
        CheckCode::SamePhoto => say("Ảnh đã dùng", "Picture used before"),
        CheckCode::SimilarPhoto => say("Ảnh giống ảnh khác", "Looks like another picture"),
        CheckCode::Edited => say("Dấu vết chỉnh sửa", "Marks of an editor"),
        CheckCode::Sharpness => say("Độ nét", "Sharpness"),
        CheckCode::Brightness => say("Độ sáng", "Brightness"),
        CheckCode::Resolution => say("Kích thước ảnh", "Size of the picture"),
        CheckCode::Travel => say("Quãng đường di chuyển", "Distance travelled"),
    }
}

/// What was found; `name` tells what a commune is called.
pub fn sentence(finding: &Finding, name: &dyn Fn(CommuneCode) -> String) -> Sentence {
    match finding.outcome {
        Outcome::NotChecked(why) => not_checked(why),
        Outcome::Ok => found(finding, Tone::Fine, name),
        Outcome::Warn { .. } => found(finding, Tone::Warning, name),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Fine,
    Warning,
}

fn not_checked(why: NotChecked) -> Sentence {
    match why {
        NotChecked::NoLocation => say(
            "Chưa kiểm tra được: điện thoại không cho biết vị trí.",
            "Not checked: the phone did not say where it was.",
        ),
        NotChecked::NoBoundaries => say(
            "Chưa kiểm tra được: hệ thống chưa có bản đồ địa giới.",
            "Not checked: no boundary layer is installed.",
        ),
        NotChecked::NoArea => say(
            "Chưa kiểm tra được: bản đồ địa giới không có xã, phường này.",
            "Not checked: the boundary layer has no area of this commune.",
        ),
        NotChecked::NoPlannedPlace => say(
            "Chưa kiểm tra được: kế hoạch không ghi toạ độ của điểm này.",
            "Not checked: the plan does not say where this place is.",
        ),
        NotChecked::NoExif => say(
            "Chưa kiểm tra được: ảnh không kèm thông tin của máy ảnh, điều này là bình thường.",
            "Not checked: the picture carries no notes of the camera, which is normal.",
        ),
        NotChecked::NoExifPlace => say(
            "Chưa kiểm tra được: trong ảnh không ghi vị trí, điều này là bình thường.",
            "Not checked: the picture does not say where it was taken, which is normal.",
        ),
        NotChecked::NoExifTime => say(
            "Chưa kiểm tra được: trong ảnh không ghi giờ chụp.",
            "Not checked: the picture does not say when it was taken.",
        ),
        NotChecked::Unreadable => say(
            "Chưa kiểm tra được: không đọc được nội dung ảnh.",
            "Not checked: the picture's pixels cannot be read.",
        ),
        NotChecked::NothingToCompare => say(
            "Chưa có gì để so sánh: trong 24 giờ trước và sau lúc chụp, điện thoại này không gửi vị trí nào khác.",
            "Nothing to compare with: this phone has sent no other place within 24 hours of this one.",
        ),
        NotChecked::NoClock => say(
            "Chưa kiểm tra được: điện thoại không cho biết giờ của nó lúc gửi, và ảnh không ghi giờ vệ tinh.",
            "Not checked: the phone did not say what its clock showed when it sent, and the picture has no satellites' time.",
        ),
    }
}

fn found(finding: &Finding, tone: Tone, name: &dyn Fn(CommuneCode) -> String) -> Sentence {
    let code = finding.code;
    match &finding.figures {
        Figures::None => bare(code, tone),
        Figures::Accuracy { accuracy_m, limit_m } => place::accuracy(tone, *accuracy_m, *limit_m),
        Figures::Point { lat, lon } => place::point(tone, *lat, *lon),
        Figures::Commune {
            commune,
            outside_m,
            tolerance_m,
            found,
        } => place::inside(
            tone,
            &name(*commune),
            (*outside_m, *tolerance_m),
            found.map(name).as_deref(),
        ),
        Figures::Distance {
            distance_m,
            accuracy_m,
            limit_m,
        } => place::apart(code, *distance_m, *accuracy_m, *limit_m),
        Figures::Travel {
            distance_m,
            seconds,
            limit_kmh,
            ..
        } => place::travel(*distance_m, *seconds, *limit_kmh),
        Figures::Period {
            captured,
            starts,
            ends,
        } => time::period(tone, *captured, *starts, *ends),
        clocks @ (Figures::Clock { .. } | Figures::Clocks { .. }) => {
            time::clock(tone, clocks).unwrap_or_else(|| bare(code, tone))
        }
        Figures::Times {
            taken,
            captured,
            limit_s,
        } => time::exif_time(*taken, *captured, *limit_s),
        Figures::Twins(twins) if code == CheckCode::SamePhoto => picture::same(twins),
        Figures::Twins(twins) => picture::similar(twins),
        Figures::Software { software, .. } => picture::software(software),
        Figures::Level {
            level, least, most, ..
        } => picture::level(code, tone, *level, (*least, *most)),
        Figures::Size {
            width,
            height,
            least_edge,
            ..
        } => picture::size(*width, *height, *least_edge),
        Figures::Unreadable { width, height, .. } => picture::unreadable(*width, *height),
    }
}

fn bare(code: CheckCode, tone: Tone) -> Sentence {
    match (code, tone) {
        (CheckCode::LocationPresent, Tone::Warning) => say(
            "Điện thoại không cho biết vị trí.",
            "The phone did not say where it was.",
        ),
        (CheckCode::LocationPresent, Tone::Fine) => say("Có vị trí.", "The phone said where it was."),
        (CheckCode::Edited, Tone::Fine) => say(
            "Thông tin kèm ảnh không ghi tên phần mềm chỉnh sửa nào đã biết.",
            "The notes in the picture name no editing program that is known.",
        ),
        (_, Tone::Fine) => say("Không có gì bất thường.", "Nothing out of the ordinary."),
        (_, Tone::Warning) => say("Cần xem lại.", "To be looked at."),
    }
}
