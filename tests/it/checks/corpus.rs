//! The fraud corpus: what phones may send in good and in bad faith, and which checks warn. The table that comes out
//! stands in `docs/checks.md`; `MINHCHUNG_WRITE_TABLES=1` writes it there.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use image::{Rgb, RgbImage, imageops};
use minhchung::demo::pictures::{Picture as Pixels, encode_jpeg};

use super::Stage;
use super::scene::{
    PLACE, Shot, banner, bare, cropped, facts, honest, image_of, screenshot, undecodable, warned,
};
use crate::field::Picture;
use crate::support::{COMMUNE, Person};

const START: &str = "<!-- corpus: written by tests/it/checks/corpus.rs -->\n";
const END: &str = "<!-- end of corpus -->";

struct Case {
    name: &'static str,
    /// The check that has to warn; none where nothing may.
    caught_by: Option<&'static str>,
    picture: Picture,
    shot: Shot,
    /// Where the plan says that it is.
    planned: (f64, f64),
}

fn case(name: &'static str, caught_by: Option<&'static str>, picture: Picture) -> Case {
    Case {
        name,
        caught_by,
        picture,
        shot: Shot::default(),
        planned: PLACE,
    }
}

/// A point so many metres north and east of the planned place.
fn off(north_m: f64, east_m: f64) -> (f64, f64) {
    let degree = 111_195.0;
    (
        PLACE.0 + north_m / degree,
        PLACE.1 + east_m / degree / PLACE.0.to_radians().cos(),
    )
}

fn at(point: (f64, f64)) -> Shot {
    Shot {
        at: Some(point),
        ..Shot::default()
    }
}

fn good_faith() -> Vec<Case> {
    let honest_at = |seed, at, captured: &str| {
        Picture::of(encode_jpeg(&banner(seed), 85, &facts(captured, Some(at), None)).unwrap())
    };
    let noon = "2026-06-15T11:58:00";
    let mut cases = vec![
        case("a picture from the camera", None, honest(&banner(101))),
        case(
            "without the camera's notes",
            None,
            bare(&image_of(&banner(102)), 80),
        ),
        case(
            "a strongly compressed one",
            None,
            bare(&image_of(&banner(103)), 35),
        ),
    ];
    let shots = [
        (
            "80 m from the planned place",
            honest_at(104, off(80.0, 0.0), noon),
            at(off(80.0, 0.0)),
        ),
        (
            "a coarse place: 250 m away, known to 95 m only",
            honest_at(105, PLACE, noon),
            Shot {
                accuracy_m: 95.0,
                ..at(off(250.0, 0.0))
            },
        ),
        (
            "sent ten days later, from a village without signal",
            honest_at(106, PLACE, "2026-06-05T09:00:00"),
            Shot {
                captured_at: "2026-06-05T09:00:40+07:00".into(),
                ..Shot::default()
            },
        ),
        (
            "the phone's clock two minutes ahead",
            honest_at(107, PLACE, "2026-06-15T12:00:00"),
            Shot {
                captured_at: "2026-06-15T12:00:30+07:00".into(),
                clock: Some("2026-06-15T12:02:00+07:00".into()),
                ..Shot::default()
            },
        ),
        (
            "an older program, which does not say what its clock shows",
            honest_at(108, PLACE, noon),
            Shot {
                clock: None,
                ..Shot::default()
            },
        ),
        (
            "a place that was measured ten minutes before the picture",
            honest_at(109, PLACE, noon),
            Shot {
                measured_at: Some("2026-06-15T11:48:00+07:00".into()),
                ..Shot::default()
            },
        ),
    ];
    cases.extend(shots.into_iter().map(|(name, picture, shot)| Case {
        shot,
        ..case(name, None, picture)
    }));
    cases
}

fn bad_faith(reused: &Pixels) -> Vec<Case> {
    let image = image_of(reused);
    let other = |seed| honest(&banner(seed));
    let dark = |image: &RgbImage| {
        RgbImage::from_fn(image.width(), image.height(), |x, y| {
            Rgb(image.get_pixel(x, y).0.map(|level| level / 8))
        })
    };
    let year_before = Shot {
        captured_at: "2025-06-15T11:58:00+07:00".into(),
        clock: Some("2025-06-15T12:00:00+07:00".into()),
        ..Shot::default()
    };
    let year_after = Shot {
        captured_at: "2027-06-15T11:58:00+07:00".into(),
        clock: None,
        ..Shot::default()
    };
    let long_ago = Shot {
        captured_at: "2025-11-27T12:00:00+07:00".into(),
        clock: Some("2025-11-27T12:03:00+07:00".into()),
        ..Shot::default()
    };
    let old_place = Shot {
        measured_at: Some("2026-06-12T11:58:00+07:00".into()),
        ..Shot::default()
    };
    let yesterday =
        Picture::of(encode_jpeg(&banner(116), 85, &facts("2026-06-14T16:20:00", None, None)).unwrap());
    let edited = Picture::of(
        encode_jpeg(
            &banner(117),
            85,
            &facts("2026-06-15T11:58:00", None, Some("Adobe Photoshop 25.1")),
        )
        .unwrap(),
    );
    let elsewhere = Picture::of(
        encode_jpeg(
            &banner(118),
            85,
            &facts("2026-06-15T11:58:00", Some(off(3000.0, 0.0)), None),
        )
        .unwrap(),
    );
    let small = image_of(&banner(119));
    vec![
        Case {
            shot: at(off(310.0, 0.0)),
            ..case(
                "310 m from the planned place",
                Some("near_place"),
                bare(&image_of(&banner(111)), 80),
            )
        },
        Case {
            shot: at(off(-4000.0, 2500.0)),
            ..case(
                "4.7 km from it, in the commune",
                Some("near_place"),
                bare(&image_of(&banner(112)), 80),
            )
        },
        Case {
            shot: at(off(0.0, 9000.0)),
            ..case(
                "in the neighbouring commune",
                Some("inside_commune"),
                bare(&image_of(&banner(113)), 80),
            )
        },
        Case {
            shot: Shot {
                accuracy_m: 0.0,
                ..Shot::default()
            },
            ..case("a mock place: accuracy 0", Some("accuracy"), other(114))
        },
        Case {
            shot: at((0.0, 0.0)),
            ..case(
                "the place 0, 0",
                Some("null_island"),
                bare(&image_of(&banner(115)), 80),
            )
        },
        case(
            "another place's picture, the same bytes",
            Some("same_photo"),
            honest(reused),
        ),
        case("the same, encoded anew", Some("similar_photo"), bare(&image, 50)),
        case(
            "the same, made smaller",
            Some("similar_photo"),
            bare(
                &imageops::resize(&image, 960, 720, imageops::FilterType::Triangle),
                75,
            ),
        ),
        case(
            "the same, a tenth cut off each side",
            Some("similar_photo"),
            bare(&imageops::crop_imm(&image, 160, 120, 1280, 960).to_image(), 75),
        ),
        case(
            "the same, as a screenshot of a phone",
            Some("similar_photo"),
            bare(&screenshot(reused), 75),
        ),
        case(
            "the same, lighter",
            Some("similar_photo"),
            bare(&imageops::brighten(&image, 35), 75),
        ),
        case("yesterday's picture", Some("exif_time"), yesterday),
        case("marks of an editor", Some("edited"), edited),
        case("the picture's own place 3 km away", Some("exif_place"), elsewhere),
        Case {
            shot: year_before,
            ..case(
                "the phone's clock a year behind",
                Some("clock"),
                bare(&image_of(&banner(120)), 80),
            )
        },
        Case {
            shot: year_after,
            ..case(
                "the phone's clock a year ahead",
                Some("clock"),
                bare(&image_of(&banner(121)), 80),
            )
        },
        Case {
            shot: long_ago,
            ..case(
                "captured 200 days ago, by a clock as wrong when it sent",
                Some("clock"),
                bare(&image_of(&banner(126)), 80),
            )
        },
        Case {
            shot: old_place,
            ..case(
                "a place that was measured three days before the picture",
                Some("clock"),
                bare(&image_of(&banner(127)), 80),
            )
        },
        case(
            "a file whose pixels no program can read",
            Some("resolution"),
            Picture::of(undecodable()),
        ),
        case(
            "dark",
            Some("brightness"),
            bare(&dark(&image_of(&banner(122))), 80),
        ),
        case(
            "blurred",
            Some("sharpness"),
            bare(&imageops::fast_blur(&image_of(&banner(123)), 9.0), 80),
        ),
        case(
            "tiny",
            Some("resolution"),
            bare(
                &imageops::resize(&small, 480, 360, imageops::FilterType::Triangle),
                85,
            ),
        ),
    ]
}

/// One phone on its way through four places in a morning, sent at noon; each is honest, and so is the place after one
/// that the phone did not know.
fn one_phone() -> Vec<Case> {
    let stops = [
        (
            "one phone at its first place of a morning",
            off(0.0, 0.0),
            "08:00",
        ),
        (
            "the next, 630 m further, 25 minutes later",
            off(600.0, 200.0),
            "08:25",
        ),
        ("the next, 2.2 km further", off(-1500.0, 1000.0), "09:10"),
        ("the next, 5.4 km further", off(3000.0, -2000.0), "10:30"),
    ];
    let mut cases: Vec<Case> = stops
        .into_iter()
        .zip(130..)
        .map(|((name, point, time), seed)| Case {
            shot: Shot {
                captured_at: format!("2026-06-15T{time}:30+07:00"),
                ..at(point)
            },
            planned: point,
            ..case(
                name,
                None,
                Picture::of(
                    encode_jpeg(
                        &banner(seed),
                        85,
                        &facts(&format!("2026-06-15T{time}:00"), Some(point), None),
                    )
                    .unwrap(),
                ),
            )
        })
        .collect();
    cases.push(Case {
        shot: Shot {
            captured_at: "2026-06-15T11:00:00+07:00".into(),
            ..at((0.0, 0.0))
        },
        ..case(
            "the same phone, which then does not know where it is",
            Some("null_island"),
            bare(&image_of(&banner(134)), 80),
        )
    });
    cases.push(case(
        "the same phone an hour later, at a place that it knows",
        None,
        honest(&banner(135)),
    ));
    cases
}

/// Copies that arrive before the picture they were made of: then the original is the one that is asked about.
fn copies_first() -> Vec<(Picture, Case)> {
    let after = |name, seed| case(name, Some("similar_photo"), honest(&banner(seed)));
    vec![
        (
            bare(&cropped(&banner(140), 50), 80),
            after(
                "a picture of which a copy, 5% cut off each side, was sent before",
                140,
            ),
        ),
        (
            bare(&screenshot(&banner(141)), 80),
            after("a picture of which a screenshot was sent before", 141),
        ),
    ]
}

async fn play(stage: &Stage, sender: &Person, case: &Case) -> Vec<String> {
    stage.field.harness.wait(1);
    let place = stage.place(COMMUNE, sender, Some(case.planned)).await;
    let id = stage.send(sender, &place, &case.picture, &case.shot).await;
    warned(&stage.checked(&id).await)
}

/// What came out, line by line.
struct Outcome {
    table: String,
    wrong: Vec<String>,
}

impl Outcome {
    fn add(&mut self, case: &Case, warns: &[String]) {
        let right = match case.caught_by {
            None => warns.is_empty(),
            Some(check) => warns.iter().any(|warns| warns == check),
        };
        if !right {
            self.wrong.push(format!("{}: {warns:?}", case.name));
        }
        let verdict = match case.caught_by {
            None => "honest",
            Some(_) => "caught",
        };
        let warns = if warns.is_empty() {
            "–".to_owned()
        } else {
            warns.join(", ")
        };
        writeln!(self.table, "| {} | {verdict} | {warns} |", case.name).unwrap();
    }
}

#[tokio::test]
async fn the_corpus_is_caught_and_what_is_honest_is_left_alone() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let mut outcome = Outcome {
        table: String::from("| what was sent | | checks that warn |\n|---|---|---|\n"),
        wrong: Vec::new(),
    };
    let reused = banner(100);
    let mut cases = vec![case("the picture that others reuse below", None, honest(&reused))];
    cases.extend(good_faith());
    cases.extend(bad_faith(&reused));
    let phone = async || {
        let role = minhchung::domain::Role::VillageHead;
        field.harness.person(role, Some(COMMUNE)).await
    };
    for case in &cases {
        // Each from a phone of its own, so that no case is the other end of another one's journey.
        let warns = play(&stage, &phone().await, case).await;
        outcome.add(case, &warns);
    }
    for (copy, original) in copies_first() {
        play(&stage, &phone().await, &case("", None, copy)).await;
        let warns = play(&stage, &phone().await, &original).await;
        outcome.add(&original, &warns);
    }
    let walker = phone().await;
    for case in one_phone() {
        let warns = play(&stage, &walker, &case).await;
        outcome.add(&case, &warns);
    }
    let journey = Case {
        shot: Shot {
            captured_at: "2026-06-15T12:03:00+07:00".into(),
            ..at(off(60_000.0, 0.0))
        },
        ..case(
            "60 km in five minutes",
            Some("travel"),
            bare(&image_of(&banner(124)), 80),
        )
    };
    play(
        &stage,
        &field.neighbour,
        &case("", None, bare(&image_of(&banner(125)), 80)),
    )
    .await;
    let warns = play(&stage, &field.neighbour, &journey).await;
    outcome.add(&journey, &warns);
    println!("{}", outcome.table);
    assert!(outcome.wrong.is_empty(), "{:#?}", outcome.wrong);
    field.assert_clean().await;
    keep(&outcome.table);
}

/// The table in the document is the one that came out.
fn keep(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md");
    let document = fs::read_to_string(&path).unwrap();
    let start = document.find(START).unwrap() + START.len();
    let end = document.find(END).unwrap();
    if std::env::var_os("MINHCHUNG_WRITE_TABLES").is_some() {
        let written = [&document[..start], "\n", table, "\n", &document[end..]].concat();
        fs::write(&path, written).unwrap();
    } else {
        assert_eq!(
            document[start..end].trim(),
            table.trim(),
            "docs/checks.md shows another table"
        );
    }
}
