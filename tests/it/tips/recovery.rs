//! The recovery key: made offline, shown once, and good for every message that came after it.

use std::path::Path;
use std::process::Output;

use minhchung::domain::TipSize;
use minhchung::tipbox::boxes;
use minhchung::tipbox::message::{Message, Writer};

use super::scene::{Informant, bytes, id_of, officer};
use crate::durability::process::minhchung;
use crate::support::Harness;

fn recovery_key(home: &Path, more: &[&str]) -> Output {
    let mut command = minhchung();
    command
        .args(["desk", "recovery-key", "--data"])
        .arg(home.join("data"));
    command.args(more).output().unwrap()
}

fn seed(output: &Output) -> [u8; 32] {
    assert!(output.status.success(), "{output:?}");
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert_eq!(
        (text.trim().len(), text.split_whitespace().count()),
        (79, 16),
        "{text}"
    );
    let digits: String = text.split_whitespace().collect();
    let pairs = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

#[tokio::test]
async fn the_recovery_key_opens_what_came_after_it_and_is_replaced_only_on_demand() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    assert!(
        !recovery_key(harness.data_dir().parent().unwrap(), &[])
            .status
            .success(),
        "a served directory"
    );
    let mut seeds = Vec::new();
    let harness = harness
        .restarted_after(|home| {
            seeds.push(seed(&recovery_key(home, &[])));
            let refused = recovery_key(home, &[]);
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            assert!(refused.stdout.is_empty());
            seeds.push(seed(&recovery_key(home, &["--replace"])));
            std::future::ready(())
        })
        .await;
    let desk = harness.get("/api/v1/tips/desk", "").await.expect(200);
    let kinds: Vec<_> = desk["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kind"])
        .collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "recovery").count(), 1);
    Informant::new()
        .send(&harness, "Nếu quên mật khẩu.", TipSize::Text)
        .await;
    let id = id_of(&officer.list(&harness, "").await[0]);
    let path = format!("/api/v1/desk/tips/{id}");
    let sealed = bytes(&harness.get(&path, &officer.person.token).await.expect(200)["box"]);
    let opened = boxes::open(&seeds[1], &sealed).unwrap();
    let message = Message::read(&opened.payload, &opened.header, Writer::Informant).unwrap();
    assert_eq!(message.head.text, "Nếu quên mật khẩu.");
    assert!(
        boxes::open(&seeds[0], &sealed).is_err(),
        "the retired one is sealed to no more"
    );
}
