//! Invented names of villages and places, and where they lie.
//!
//! Invariant: names are put together from common words of the region and mean no real place or person; every letter is
//! one that the pictures can show.
//! Refuses: to know real boundaries; communes stand on a grid in the province's rough bounding box.

use crate::client::Place;
use crate::demo::pictures::chance::Chance;
use crate::domain::{Cell, Commune, CommuneKind};

const FIRST: [&str; 14] = [
    "Nậm", "Khe", "Lùng", "Phìn", "Ngòi", "Tà", "Sín", "Pạc", "Khuổi", "Đồng", "Suối", "Bãi", "Đèo", "Gốc",
];
const SECOND: [&str; 16] = [
    "Mơ", "Thắm", "Chè", "Lúa", "Vải", "Quế", "Sim", "Trám", "Gạo", "Mây", "Nghiến", "Bưởi", "Sen", "Lau",
    "Hồi", "Cọ",
];
const OFFICES: [&str; 6] = [
    "Trụ sở UBND",
    "Trụ sở Đảng ủy",
    "Trụ sở Công an",
    "Trụ sở Mặt trận Tổ quốc",
    "Trạm Y tế",
    "Trung tâm hành chính công",
];
const SCHOOLS: [&str; 4] = ["Trường Tiểu học", "Trường THCS", "Trường Mầm non", "Trường THPT"];
const COMPANIES: [&str; 4] = ["Hợp tác xã", "Công ty TNHH", "Xưởng chế biến", "Cụm công nghiệp"];
const BUSINESSES: [&str; 5] = [
    "Nhà nghỉ",
    "Karaoke",
    "Tiệm cầm đồ",
    "Quán internet",
    "Cơ sở massage",
];
const PUBLIC: [&str; 6] = ["Chợ", "Bến xe", "Ngã ba", "Ngã tư", "Công viên", "Bến đò"];

/// South, north, west and east of the province, roughly, in degrees.
const BOX: (f64, f64, f64, f64) = (21.45, 22.70, 103.65, 104.95);
/// Communes stand on so many columns.
const COLUMNS: usize = 10;

/// A village of a commune.
#[derive(Debug, Clone)]
pub(super) struct Village {
    /// What it is called, such as `Thôn Nậm Mơ`.
    pub(super) name: String,
    /// The name alone, for headlines.
    pub(super) short: String,
    /// Its middle.
    pub(super) middle: Place,
}

/// Villages of the commune that stands at `number` in the campaign's list.
pub(super) fn villages(commune: &Commune, number: usize, seed: u64) -> Vec<Village> {
    let purpose = 1_000_u64.saturating_add(u64::try_from(number).unwrap_or(0));
    let mut chance = Chance::new(seed, purpose);
    let centre = centre(number, &mut chance);
    let start = (chance.below(FIRST.len()), chance.below(SECOND.len()));
    let count = 4 + chance.below(4);
    (0..count)
        .map(|at| {
            let (name, short) = match commune.kind {
                CommuneKind::Phuong => (format!("Tổ dân phố số {}", at + 1), format!("số {}", at + 1)),
                CommuneKind::Xa => {
                    // Steps that share no factor with the lists' lengths, so that no pair comes twice in one commune.
                    let first = word(&FIRST, start.0 + at * 3);
                    let second = word(&SECOND, start.1 + at * 5);
                    let kind = if chance.happens(30) { "Bản" } else { "Thôn" };
                    (format!("{kind} {first} {second}"), format!("{first} {second}"))
                }
            };
            Village {
                name,
                short,
                middle: near(centre, 0.035, &mut chance),
            }
        })
        .collect()
}

/// What hangs or is signed there: the place's name, and the name that a headline takes.
pub(super) fn place(
    cell: Cell,
    commune: &Commune,
    village: &Village,
    chance: &mut Chance,
) -> (String, String) {
    let of_village = |kinds: &[&str], chance: &mut Chance| {
        let kind = word(kinds, chance.below(kinds.len()));
        (format!("{kind} {}", village.short), village.short.clone())
    };
    match cell {
        Cell::Banner1 => {
            let office = word(&OFFICES, chance.below(OFFICES.len()));
            let kind = match commune.kind {
                CommuneKind::Xa => "xã",
                CommuneKind::Phuong => "phường",
            };
            (format!("{office} {kind} {}", commune.name), commune.name.clone())
        }
        Cell::Banner2 => of_village(&["Cổng chào", "Nhà văn hóa", "Đầu đường"], chance),
        Cell::Banner3 | Cell::School => of_village(&SCHOOLS, chance),
        Cell::Banner4 => of_village(&COMPANIES, chance),
        Cell::Banner5 | Cell::Business => of_village(&BUSINESSES, chance),
        Cell::Banner6 => of_village(&PUBLIC, chance),
        Cell::ResidentialArea => of_village(&["Khu dân cư"], chance),
    }
}

/// A place up to `reach` degrees away in either direction.
pub(super) fn near(middle: Place, reach: f64, chance: &mut Chance) -> Place {
    let mut aside = || f64::from(chance.between(-1.0, 1.0)) * reach;
    Place {
        lat: rounded(middle.lat + aside()),
        lon: rounded(middle.lon + aside()),
    }
}

fn centre(number: usize, chance: &mut Chance) -> Place {
    let (south, north, west, east) = BOX;
    let share = |part: usize| u32::try_from(part).map_or(0.5, |part| (f64::from(part) + 0.5) / 10.0);
    let middle = Place {
        lat: north - (north - south) * share(number / COLUMNS),
        lon: west + (east - west) * share(number % COLUMNS),
    };
    near(middle, 0.03, chance)
}

/// Six decimals are 11 cm.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

fn word<'a>(words: &[&'a str], at: usize) -> &'a str {
    words.get(at % words.len().max(1)).copied().unwrap_or_default()
}
