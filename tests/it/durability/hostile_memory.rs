//! What hostile pictures cost a whole server in memory, its checks included.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};
use jpeg_encoder::{ColorType, Encoder};
use sha2::Digest;

use super::load::{client, runtime};
use super::pictures::Picture;
use super::process::{ROOMY, Server, prove, serve};
use super::say;
use super::seed::Seed;
use super::told::{Deed, End, Illness, Line, Told};
use crate::support::PATIENCE;

/// What the program may take beyond what it takes when it is idle.
const MOST_MIB: u64 = 190;

fn named(bytes: Vec<u8>) -> Picture {
    let sha256 = minhchung::domain::Sha256(sha2::Sha256::digest(&bytes).into()).to_string();
    Picture { bytes, sha256 }
}

fn png(image: &DynamicImage) -> Picture {
    let mut bytes = Vec::new();
    image
        .write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    named(bytes)
}

/// A picture of one colour: small on the wire, as large as is taken when decoded.
fn jpeg(side: u16, progressive: bool) -> Picture {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_progressive(progressive);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let pixels = vec![90_u8; usize::from(side) * usize::from(side) * 3];
    encoder.encode(&pixels, side, side, ColorType::Rgb).unwrap();
    named(bytes)
}

/// Memory in MiB: `VmHWM` (the most so far) or `VmRSS` (now).
pub fn memory_mib(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}

#[test]
fn bombs_and_giants_that_many_workers_decode_at_once_cost_less_than_200_megabytes() {
    let home = tempfile::tempdir().unwrap();
    let data_dir = home.path().join("data");
    let hostile = [
        png(&DynamicImage::new_rgb8(7_000, 7_000)),
        png(&DynamicImage::new_rgb8(4_000, 4_000)),
        png(&DynamicImage::new_rgba16(7_000, 7_000)),
        png(&DynamicImage::new_luma8(7_000, 7_000)),
        jpeg(7_000, false),
        jpeg(7_000, true),
        jpeg(4_000, false),
        jpeg(2_800, true),
    ];
    let seed = Seed::plant(&data_dir, hostile.len());
    let mut settings = ROOMY.to_vec();
    settings.extend(["--check-workers", "3"]);
    let server = Server::start(serve(&data_dir, &settings));
    let idle = memory_mib(server.id(), "VmRSS");
    runtime().block_on(async {
        let client = client();
        let line = Line {
            client: &client,
            address: &server.address,
            seed: &seed,
            illness: Illness::Fault,
        };
        let (mut sent, mut decoded) = (Vec::new(), 0);
        for (picture, assignment) in hostile.into_iter().zip(&seed.assignments) {
            let todo = VecDeque::from([Deed::Report, Deed::Picture(0)]);
            let mut told = Told::new(assignment, vec![picture], todo);
            while !told.todo.is_empty() {
                assert_eq!(told.go_on(&line).await, End::Answered);
            }
            sent.push(told.id);
        }
        let deadline = Instant::now() + PATIENCE;
        for id in sent {
            loop {
                let path = format!("{}/api/v1/submissions/{id}", server.address);
                let shown = client
                    .get(path)
                    .bearer_auth(&seed.head_token)
                    .send()
                    .await
                    .unwrap();
                let shown: serde_json::Value = shown.json().await.unwrap();
                let checks = shown["checks"].as_array().unwrap();
                let brightness = checks.iter().find(|check| check["code"] == "brightness");
                if let Some(brightness) = brightness {
                    decoded += usize::from(brightness["outcome"] != "not_checked");
                    break;
                }
                assert!(Instant::now() < deadline, "not checked: {shown:#}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        assert_eq!(decoded, 4, "the giants that are no bombs were decoded");
    });
    let most = memory_mib(server.id(), "VmHWM");
    say(&format!("hostile pictures: {idle} MiB idle, {most} MiB at most"));
    assert!(most < idle + MOST_MIB, "{idle} MiB idle, {most} MiB at most");
    server.stop();
    prove(&data_dir);
}
