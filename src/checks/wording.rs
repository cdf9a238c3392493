//! Findings in words, and their figures for programs.
//!
//! Invariant: a sentence says what was found and what it was held against, so that a person can agree or not; it never
//! says that somebody cheated.
//! Refuses: to be stored. Sentences are made anew for every reader, in both languages.

use serde_json::{Map, Value, json};

use crate::domain::{CheckCode, CommuneCode, Figures, Finding, NotChecked, Outcome, Twin};

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
            "Chưa có gì để so sánh: điện thoại này chưa gửi vị trí nào khác.",
            "Nothing to compare with: this phone has sent no other place.",
        ),
    }
}

fn found(finding: &Finding, tone: Tone, name: &dyn Fn(CommuneCode) -> String) -> Sentence {
    match &finding.figures {
        Figures::None => bare(finding.code, tone),
        Figures::Accuracy { accuracy_m, .. } if *accuracy_m <= 0.0 => say(
            "Độ chính xác bằng đúng 0: vị trí có thể là giả lập hoặc đặt bằng tay.",
            "The accuracy is exactly 0: the place may be a mock or set by hand.",
        ),
        Figures::Accuracy { accuracy_m, limit_m } => say(
            format!("Vị trí chính xác đến {accuracy_m:.0} m (giới hạn {limit_m} m)."),
            format!("The place is known to {accuracy_m:.0} m (limit {limit_m} m)."),
        ),
        Figures::Point { lat, lon } => match tone {
            Tone::Warning => say(
                format!("Toạ độ {lat:.4}, {lon:.4} là điểm 0, 0: máy không biết vị trí thật."),
                format!("The place {lat:.4}, {lon:.4} is 0, 0: the phone did not know where it was."),
            ),
            Tone::Fine => say(
                format!("Toạ độ {lat:.5}, {lon:.5}."),
                format!("The place is {lat:.5}, {lon:.5}."),
            ),
        },
        Figures::Commune {
            commune,
            outside_m,
            tolerance_m,
            found,
        } => inside(tone, &name(*commune), (*outside_m, *tolerance_m), found.map(name)),
        Figures::Distance {
            distance_m,
            accuracy_m,
            limit_m,
        } => apart(finding.code, *distance_m, *accuracy_m, *limit_m),
        Figures::Period {
            captured,
            starts,
            ends,
        } => match tone {
            Tone::Warning => say(
                format!("Chụp ngày {captured}, ngoài thời gian chiến dịch {starts} – {ends}."),
                format!("Captured on {captured}, outside of the campaign, {starts} to {ends}."),
            ),
            Tone::Fine => say(
                format!("Chụp ngày {captured}, trong thời gian chiến dịch."),
                format!("Captured on {captured}, during the campaign."),
            ),
        },
        Figures::Clock {
            phone_ahead_s,
            captured_after_arrival_s,
            satellites_ahead_s,
            limit_s,
        } => clock(
            tone,
            [
                Some(*captured_after_arrival_s),
                *phone_ahead_s,
                *satellites_ahead_s,
            ],
            *limit_s,
        ),
        Figures::Times { taken, captured, .. } => {
            let (vi, en) = span(captured.as_millis().abs_diff(taken.as_millis()) / 1000);
            say(
                format!(
                    "Giờ ghi trong ảnh ({}) lệch {vi} so với giờ báo cáo.",
                    taken.wall_clock()
                ),
                format!(
                    "The picture's own time ({}) differs from the reported one by {en}.",
                    taken.wall_clock()
                ),
            )
        }
        figures => found_in_picture(finding.code, tone, figures),
    }
}

/// Of the picture itself, and of the way to it.
fn found_in_picture(code: CheckCode, tone: Tone, figures: &Figures) -> Sentence {
    match figures {
        Figures::Twins(twins) => twin(code, twins),
        Figures::Software { software, .. } => say(
            format!("Ảnh mang dấu của phần mềm chỉnh sửa: {software}."),
            format!("An editing program left its mark: {software}."),
        ),
        Figures::Level {
            level, least, most, ..
        } => level_of(code, tone, *level, (*least, *most)),
        Figures::Size {
            width,
            height,
            least_edge,
            ..
        } => say(
            format!("Ảnh {width} × {height} điểm ảnh (cạnh dài cần từ {least_edge})."),
            format!("The picture has {width} × {height} pixels (a long edge of {least_edge} is wanted)."),
        ),
        Figures::Travel {
            distance_m,
            seconds,
            limit_kmh,
            ..
        } => {
            let (vi, en) = span(u64::from(*seconds));
            let km = f64::from(*distance_m) / 1000.0;
            say(
                format!(
                    "Cùng điện thoại, nơi khác cách {km:.1} km trong {vi} (giới hạn {limit_kmh} km/giờ)."
                ),
                format!("The same phone was {km:.1} km away within {en} (limit {limit_kmh} km/h)."),
            )
        }
        _ => bare(code, tone),
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
            "Không thấy dấu vết của phần mềm chỉnh sửa.",
            "No editing program left its mark.",
        ),
        (_, Tone::Fine) => say("Không có gì bất thường.", "Nothing out of the ordinary."),
        (_, Tone::Warning) => say("Cần xem lại.", "To be looked at."),
    }
}

fn inside(tone: Tone, commune: &str, (outside, tolerance): (u32, u32), found: Option<String>) -> Sentence {
    let Tone::Warning = tone else {
        return say(format!("Nằm trong {commune}."), format!("Lies in {commune}."));
    };
    match found {
        Some(found) => say(
            format!("Nằm ở {found}, cách địa giới {commune} {outside} m (sai số cho phép {tolerance} m)."),
            format!("Lies in {found}, {outside} m outside of {commune} (tolerance {tolerance} m)."),
        ),
        None => say(
            format!("Nằm ngoài {commune} {outside} m (sai số cho phép {tolerance} m)."),
            format!("Lies {outside} m outside of {commune} (tolerance {tolerance} m)."),
        ),
    }
}

fn apart(code: CheckCode, distance: u32, accuracy: u32, limit: u32) -> Sentence {
    if code == CheckCode::ExifPlace {
        return say(
            format!(
                "Vị trí ghi trong ảnh cách vị trí báo cáo {distance} m (sai số {accuracy} m, giới hạn {limit} m)."
            ),
            format!(
                "The picture's own place is {distance} m from the reported one (accuracy {accuracy} m, limit {limit} m)."
            ),
        );
    }
    say(
        format!("Cách điểm trong kế hoạch {distance} m (sai số {accuracy} m, giới hạn {limit} m)."),
        format!("{distance} m from the planned place (accuracy {accuracy} m, limit {limit} m)."),
    )
}

fn clock(tone: Tone, offs: [Option<i64>; 3], limit_s: u32) -> Sentence {
    let worst = offs
        .into_iter()
        .flatten()
        .max_by_key(|seconds| seconds.saturating_abs());
    let [after_arrival, _, _] = offs;
    let Tone::Warning = tone else {
        return say(
            "Đồng hồ điện thoại không có gì lạ.",
            "The phone's clock contradicts nothing.",
        );
    };
    if let Some(ahead) = after_arrival.filter(|seconds| *seconds > i64::from(limit_s)) {
        let (vi, en) = span(ahead.unsigned_abs());
        return say(
            format!("Giờ chụp muộn hơn giờ máy chủ nhận {vi}: đồng hồ điện thoại chạy nhanh."),
            format!("Captured {en} after it arrived: the phone's clock is ahead."),
        );
    }
    let others = offs.into_iter().skip(1).flatten();
    let off = others
        .max_by_key(|seconds| seconds.saturating_abs())
        .or(worst)
        .unwrap_or(0);
    let (vi, en) = span(off.unsigned_abs());
    say(
        format!("Đồng hồ điện thoại lệch {vi}."),
        format!("The phone's clock is off by {en}."),
    )
}

fn twin(code: CheckCode, twins: &[Twin]) -> Sentence {
    let count = twins.len();
    match (code, twins.first()) {
        (CheckCode::SamePhoto, None) => {
            say("Ảnh chưa từng được gửi.", "The picture has not been sent before.")
        }
        (_, None) => say(
            "Không giống ảnh của nơi khác.",
            "It looks like no picture of another place.",
        ),
        (CheckCode::SamePhoto, Some(_)) => say(
            format!("Đúng ảnh này đã có trong {count} minh chứng khác."),
            format!("This very picture is in {count} other submissions."),
        ),
        (_, Some(twin)) => say(
            format!(
                "Giống {}% ảnh của một nơi khác ({count} ảnh).",
                twin.likeness_percent
            ),
            format!(
                "{}% like a picture of another place ({count} pictures).",
                twin.likeness_percent
            ),
        ),
    }
}

fn level_of(code: CheckCode, tone: Tone, level: u32, (least, most): (u32, Option<u32>)) -> Sentence {
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

/// A length of time in the largest unit that fits.
fn span(seconds: u64) -> (String, String) {
    let (count, vi, en) = match seconds {
        0..=119 => (seconds, "giây", "seconds"),
        120..=7199 => (seconds / 60, "phút", "minutes"),
        7200..=172_799 => (seconds / 3600, "giờ", "hours"),
        _ => (seconds / 86_400, "ngày", "days"),
    };
    (format!("{count} {vi}"), format!("{count} {en}"))
}

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
        Figures::Clock {
            phone_ahead_s,
            captured_after_arrival_s,
            satellites_ahead_s,
            limit_s,
        } => json!({
            "phone_ahead_s": phone_ahead_s, "captured_after_arrival_s": captured_after_arrival_s,
            "satellites_ahead_s": satellites_ahead_s, "limit_s": limit_s,
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
