//! How many reused pictures are found, and how many honest ones are taken for reused: on drawn banners and pledge sheets
//! and on pictures of real cameras.
//!
//! The suite asks a little. `MINHCHUNG_TEST_LOOKS=2000 cargo test --release recall -- --nocapture` asks among 2,000
//! pictures and prints the table of `docs/checks.md`.

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};
use minhchung::demo::pictures::{BannerScene, PledgeScene};
use minhchung::domain::KeptLook;
use minhchung::media::{Look, LookIndex, PictureLimits, RenditionSize, inspect, look, rendition};

use super::scene::{bare, image_of};
use crate::durability::count_from_environment;

/// What the campaign takes for alike.
const ALIKE_PERCENT: u8 = 98;
/// Long edge of the pictures, in pixels.
const LONG_EDGE: u32 = 800;
/// How many of the nearest are compared, as the service does.
const COMPARED: usize = 16;

// The methods of `DynamicImage` are compiled where they are; its generic functions would be compiled, slow, in here.
type Change = fn(&DynamicImage) -> (DynamicImage, u8);

/// What people do to a picture before they send it again, and how many of a hundred must be found.
const CHANGES: [(&str, usize, Change); 15] = [
    ("encoded anew, quality 40", 95, |seen| (seen.clone(), 40)),
    ("made smaller, 40%", 95, |seen| (scaled(seen, 40), 85)),
    ("5% cut off each side", 95, |seen| {
        (cut(seen, [50, 50, 50, 50]), 85)
    }),
    ("10% cut off each side", 95, |seen| {
        (cut(seen, [100, 100, 100, 100]), 85)
    }),
    ("up to 10% cut off, uneven", 95, |seen| {
        (cut(seen, [93, 20, 61, 8]), 85)
    }),
    ("10% cut off two sides", 95, |seen| {
        (cut(seen, [100, 0, 100, 0]), 85)
    }),
    ("a date printed on it", 95, |seen| (stamped(seen), 85)),
    ("lighter by 25 of 255", 90, |seen| (seen.brighten(25), 85)),
    ("darker by 25 of 255", 60, |seen| (seen.brighten(-25), 85)),
    ("cut, stamped, lighter, quality 60", 85, |seen| {
        (stamped(&cut(seen, [40, 60, 30, 50])).brighten(25), 60)
    }),
    ("a screenshot with bars", 90, |seen| (screenshot(seen), 85)),
    ("a screenshot of a cut one", 90, |seen| {
        (screenshot(&cut(seen, [60, 40, 50, 70])), 85)
    }),
    // Those below lose what is dark or light for good; the table says how many are found all the same.
    ("lighter by 50 of 255", 0, |seen| (seen.brighten(50), 85)),
    ("darker by 50 of 255", 0, |seen| (seen.brighten(-50), 85)),
    ("contrast higher by 40%", 0, |seen| {
        (seen.adjust_contrast(40.0), 85)
    }),
];

fn scaled(seen: &DynamicImage, percent: u32) -> DynamicImage {
    let side = |length: u32| (length * percent / 100).max(16);
    seen.resize_exact(side(seen.width()), side(seen.height()), FilterType::Triangle)
}

/// Cuts thousandths off: left, right, top, bottom.
fn cut(seen: &DynamicImage, [left, right, top, bottom]: [u32; 4]) -> DynamicImage {
    let (width, height) = (seen.width(), seen.height());
    let (x, y) = (width * left / 1000, height * top / 1000);
    let (wide, tall) = (
        width - x - width * right / 1000,
        height - y - height * bottom / 1000,
    );
    seen.crop_imm(x, y, wide, tall)
}

/// A row of digits as cameras print them, in the lower right corner.
fn stamped(seen: &DynamicImage) -> DynamicImage {
    let mut seen = seen.to_rgb8();
    let (width, height) = seen.dimensions();
    let (tall, wide) = (height / 24, width / 60);
    for digit in 0..10 {
        let left = width - width / 20 - (10 - digit) * wide * 7 / 5;
        for y in height - height / 14 - tall..height - height / 14 {
            for x in left..(left + wide).min(width) {
                seen.put_pixel(x, y, Rgb([255, 170, 0]));
            }
        }
    }
    seen.into()
}

/// On a phone's screen, with black bars above and below.
fn screenshot(seen: &DynamicImage) -> DynamicImage {
    let small = seen.resize(720, 4000, FilterType::Triangle);
    let bar = 260;
    let mut screen = RgbImage::from_pixel(720, small.height() + 2 * bar, Rgb([0, 0, 0]));
    imageops::replace(&mut screen, &small.to_rgb8(), 0, i64::from(bar));
    screen.into()
}

/// The look that the service would have of an upload.
fn look_of(bytes: &[u8]) -> Option<Look> {
    let facts = inspect(bytes, &PictureLimits::DEFAULT).ok()?;
    let thumb = rendition(bytes, &facts, RenditionSize::Thumb320).ok()?;
    look(&thumb).ok()?
}

/// One of the honest pictures: nine banners, then a pledge sheet.
fn drawn(seed: u64) -> DynamicImage {
    const WORDS: [&str; 4] = [
        "XÃ KHÔNG MA TÚY",
        "VÌ MỘT CỘNG ĐỒNG KHÔNG MA TÚY",
        "TRƯỜNG HỌC KHÔNG MA TÚY",
        "NÓI KHÔNG VỚI MA TÚY",
    ];
    let picture = if seed % 10 == 9 {
        let scene = PledgeScene {
            title: "BẢN CAM KẾT",
            place: "Thôn Mẫu",
            signers: 12 + u32::try_from(seed % 7).unwrap(),
            seed,
        };
        scene.photograph()
    } else {
        let scene = BannerScene {
            headline: WORDS[usize::try_from(seed % 4).unwrap()],
            lines: ["Toàn dân tham gia phòng, chống ma túy", ""],
            size_m: if seed.is_multiple_of(3) {
                (2.0, 3.0)
            } else {
                (1.2, 3.0)
            },
            place: "",
            seed,
        };
        scene.photograph()
    };
    DynamicImage::from(image_of(&picture.unwrap())).thumbnail(LONG_EDGE, LONG_EDGE)
}

/// What is known of all pictures.
struct Known {
    index: LookIndex,
    kept: Vec<Option<KeptLook>>,
}

impl Known {
    /// The likeness of each picture that the hash brings together with `asked`, as far as they are compared.
    fn compared(&self, asked: &Look) -> Vec<(usize, u8)> {
        let near = self.index.near(asked).into_iter().take(COMPARED);
        near.filter_map(|near| {
            let number = usize::try_from(near.number).unwrap();
            Some((number, asked.likeness(self.kept[number].as_ref()?).percent()))
        })
        .collect()
    }
}

fn count() -> u64 {
    u64::from(count_from_environment("MINHCHUNG_TEST_LOOKS", 24))
}

#[test]
fn recall_reused_pictures_are_found_and_honest_ones_of_the_same_banner_are_mostly_not() {
    let mut pictures: Vec<DynamicImage> = Vec::new();
    let mut known = Known {
        index: LookIndex::default(),
        kept: Vec::new(),
    };
    let asked_about = |number: u64| number.is_multiple_of((count() / 40).max(6));
    let mut asked: Vec<(usize, usize)> = Vec::new();
    let mut looks = Vec::new();
    let real = crate::media::pictures::all();
    let real = real
        .iter()
        .filter_map(|(_, bytes)| image::load_from_memory(bytes).ok());
    let real = real
        .filter(|seen| seen.width().min(seen.height()) >= 400)
        .take(16);
    let real: Vec<DynamicImage> = real.map(|seen| seen.thumbnail(LONG_EDGE, LONG_EDGE)).collect();
    let last_drawn = count();
    for number in 0..last_drawn + u64::try_from(real.len()).unwrap() {
        let seen = match real.get(usize::try_from(number.saturating_sub(last_drawn)).unwrap()) {
            Some(seen) if number >= last_drawn => seen.clone(),
            _ => drawn(number),
        };
        let look = look_of(&bare(&seen.to_rgb8(), 85).bytes).unwrap();
        let kept = look.kept();
        if let Some(kept) = &kept {
            known.index.insert(u32::try_from(number).unwrap(), kept.hash);
        }
        known.kept.push(kept);
        if asked_about(number) {
            asked.push((usize::try_from(number).unwrap(), pictures.len()));
            pictures.push(seen);
        }
        if number % 3 == 0 && number < last_drawn {
            looks.push((usize::try_from(number).unwrap(), look));
        }
    }

    let (mut false_alarms, mut pledges) = (0, 0);
    for (number, look) in &looks {
        let alarms = known.compared(look).into_iter();
        for (other, _) in alarms.filter(|(other, percent)| other != number && *percent >= ALIKE_PERCENT) {
            // The pictures drawn with one seed are different; each pair is counted from both ends.
            false_alarms += 1;
            pledges += usize::from(number % 10 == 9 && other % 10 == 9);
        }
    }
    println!(
        "{} pictures; {} honest ones asked about: {false_alarms} false alarms, {pledges} between pledge sheets",
        known.kept.len(),
        looks.len()
    );
    assert!(
        false_alarms * 20 <= looks.len(),
        "{false_alarms} false alarms in {}",
        looks.len()
    );

    println!("| what was done | found by the hash | found at {ALIKE_PERCENT}% | likeness, 5th percentile |");
    for (what, least_percent, change) in CHANGES {
        let (mut by_hash, mut found, mut likenesses) = (0, 0, Vec::new());
        for (number, place) in &asked {
            let (changed, quality) = change(&pictures[*place]);
            let look = look_of(&bare(&changed.to_rgb8(), quality).bytes).unwrap();
            let compared = known.compared(&look);
            if let Some((_, percent)) = compared.iter().find(|(other, _)| other == number) {
                by_hash += 1;
                found += usize::from(*percent >= ALIKE_PERCENT);
                if *percent < ALIKE_PERCENT {
                    println!("  {what}: picture {number} is {percent}% alike");
                }
                likenesses.push(*percent);
            }
        }
        likenesses.sort_unstable();
        let low = likenesses.get(likenesses.len() / 20).copied().unwrap_or(0);
        println!("| {what} | {by_hash} of {} | {found} | {low}% |", asked.len());
        assert!(
            found * 100 >= asked.len() * least_percent,
            "{what}: {found} of {} found",
            asked.len()
        );
    }
}
