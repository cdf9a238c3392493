//! What must hold of generated pictures, looked at with the same decoders that the service uses.

mod facts;
mod load;
mod scenes;

use jiff::civil::{DateTime, date};

use super::{BannerScene, CameraFacts, GpsFix, Orientation, PledgeScene};

const HEADLINE: &str = "XÂY DỰNG THÔN NẬM THẮM KHÔNG MA TÚY";
const LINES: [&str; 2] = [
    "Số điện thoại đường dây nóng tiếp nhận TỐ GIÁC tội phạm, tệ nạn ma túy 24/24h: +84 000 000 001",
    "Địa chỉ hòm thư điện tử tiếp nhận TỐ GIÁC tội phạm, tệ nạn ma túy 24/24h: to-giac@example.invalid",
];

fn banner(seed: u64) -> BannerScene<'static> {
    BannerScene {
        headline: HEADLINE,
        lines: LINES,
        size_m: (0.8, 1.6),
        place: "Thôn Nậm Thắm",
        seed,
    }
}

fn pledge(seed: u64) -> PledgeScene<'static> {
    let title = "BẢN CAM KẾT XÂY DỰNG KHU DÂN CƯ KHÔNG MA TÚY";
    PledgeScene {
        title,
        place: "Thôn Nậm Thắm",
        signers: 14,
        seed,
    }
}

fn morning() -> DateTime {
    date(2026, 2, 28).at(6, 30, 15, 0)
}

fn phone(gps: Option<GpsFix>, orientation: Orientation) -> CameraFacts<'static> {
    CameraFacts {
        captured_at: morning(),
        gps,
        make: "Minhchung",
        model: "Demo A1",
        software: None,
        orientation,
    }
}
