//! The committed vectors: what Rust wrote and what the browser wrote, each opened here, and in the browser's tests too.
//!
//! `MINHCHUNG_WRITE_VECTORS=1` writes the entries of this side anew and leaves those of the browser alone.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use minhchung::domain::{MailboxId, TipCategory, TipSize};
use minhchung::tipbox::answer::{self, Answer};
use minhchung::tipbox::boxes::{self, OpenBox};
use minhchung::tipbox::desk_key::{self, Seeds};
use minhchung::tipbox::message::{self, Head, Message, Writer};
use minhchung::tipbox::puzzle::{self, Challenge};
use minhchung::tipbox::receipt::Receipt;
use minhchung::tipbox::{pin, suite};
use serde_json::{Value, json};

const TEXT: &str = "Nhà bỏ hoang cuối bản có người lạ tụ tập ban đêm. Tôi không muốn ai biết tên.";
const ANSWER: &str = "Đã nhận tin. Bác cho biết thêm: thường vào những ngày nào?";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec/tip-vectors.json")
}

fn text(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(URL_SAFE_NO_PAD.encode(bytes))
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

/// One chain: a receipt, a message of its holder to two officers and the recovery key, an answer of the first officer.
fn chain() -> Value {
    let receipt = Receipt::draw();
    let keys = receipt.keys().unwrap();
    let officers = [Seeds::draw(), Seeds::draw()];
    let recovery: [u8; 32] = suite::random();
    let mut recipients: Vec<_> = officers.iter().map(|seeds| seeds.seal_key().unwrap()).collect();
    recipients.push(suite::public_key(&recovery).unwrap());
    let pinned = officers.each_ref().map(Seeds::verify_key);
    let its_pin = pin::seal(&keys.pin_key, keys.mailbox, &pinned).unwrap();
    let open = OpenBox::new(TipSize::Text, keys.mailbox, &recipients).unwrap();
    let mut head = Head::new(
        TEXT,
        &keys.signing_seed,
        &keys.reply_seed,
        "2026-03-02".parse().unwrap(),
    )
    .unwrap();
    head.category = Some(TipCategory::Using);
    head.commune = Some("02647".into());
    let message = Message {
        head,
        pictures: Vec::new(),
    };
    let payload = message
        .write(TipSize::Text, open.header(), &keys.signing_seed)
        .unwrap();
    let sealed = open.close(&its_pin, &payload).unwrap();
    let reply_key = suite::public_key(&keys.reply_seed).unwrap();
    let said = Answer {
        number: 3,
        written_on: "2026-03-05".parse().unwrap(),
        text: ANSWER.to_owned(),
    };
    let reply = answer::seal(&reply_key, keys.mailbox, &officers[0].signing_seed, &said).unwrap();
    json!({
        "made_by": "rust",
        "receipt": receipt.digits(),
        "mailbox": text(keys.mailbox.0),
        "reply_seed": text(keys.reply_seed),
        "reply_key": text(reply_key),
        "signing_seed": text(keys.signing_seed),
        "pin_key": text(keys.pin_key),
        "officers": officers.each_ref().map(|seeds| json!({
            "seal_seed": text(seeds.seal_seed),
            "signing_seed": text(seeds.signing_seed),
            "seal_key": text(seeds.seal_key().unwrap()),
            "verify_key": text(seeds.verify_key()),
            "binding": text(seeds.binding().unwrap()),
            "fingerprint": desk_key::fingerprint(&seeds.seal_key().unwrap(), Some(&seeds.verify_key())),
        })),
        "recovery_seed": text(recovery),
        "box": text(sealed),
        "text": TEXT,
        "category": "using",
        "commune": "02647",
        "written_on": "2026-03-02",
        "reply": text(reply),
        "reply_text": ANSWER,
        "reply_number": said.number,
        "reply_written_on": said.written_on,
    })
}

fn wrapped() -> Value {
    let (seeds, passphrase) = (Seeds::draw(), "núi cao thì đường còn xa");
    json!({
        "made_by": "rust",
        "passphrase": passphrase,
        "seal_seed": text(seeds.seal_seed),
        "signing_seed": text(seeds.signing_seed),
        "wrapped": text(desk_key::wrap(&seeds, passphrase).unwrap()),
    })
}

fn puzzle() -> Value {
    let said = Challenge {
        level: 1,
        expires: 1_790_000_000,
    };
    let challenge = puzzle::challenge(&suite::random(), said, suite::random());
    json!({
        "made_by": "rust",
        "level": said.level,
        "challenge": text(challenge),
        "solution": text(puzzle::solve(&challenge, said.level).unwrap()),
    })
}

/// The vectors; ours made anew when somebody asked for it.
fn vectors() -> Value {
    let stored = fs::read_to_string(file()).ok();
    let mut vectors: Value = stored.map_or_else(|| json!({}), |text| serde_json::from_str(&text).unwrap());
    if std::env::var_os("MINHCHUNG_WRITE_VECTORS").is_some() {
        for (name, made) in [
            ("chains", chain()),
            ("desk_keys", wrapped()),
            ("puzzles", puzzle()),
        ] {
            let mut entries = vec![made];
            let others = vectors[name].as_array().cloned().unwrap_or_default();
            entries.extend(others.into_iter().filter(|entry| entry["made_by"] != "rust"));
            vectors[name] = Value::Array(entries);
        }
        fs::write(file(), serde_json::to_string_pretty(&vectors).unwrap() + "\n").unwrap();
    }
    vectors
}

fn entries<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    let entries = vectors[name].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["made_by"] == "rust"), "{name}");
    entries
}

#[test]
fn every_committed_vector_opens_whoever_made_it() {
    let vectors = vectors();
    for entry in entries(&vectors, "chains") {
        check_chain(entry);
    }
    for entry in entries(&vectors, "desk_keys") {
        let passphrase = entry["passphrase"].as_str().unwrap();
        let seeds = desk_key::unwrap(&bytes(&entry["wrapped"]), passphrase).unwrap();
        assert_eq!(seeds.seal_seed, array(&entry["seal_seed"]));
        assert_eq!(seeds.signing_seed, array(&entry["signing_seed"]));
        assert!(desk_key::unwrap(&bytes(&entry["wrapped"]), "another").is_err());
    }
    for entry in entries(&vectors, "puzzles") {
        let level = u8::try_from(entry["level"].as_u64().unwrap()).unwrap();
        let (challenge, mut solution) = (array(&entry["challenge"]), array(&entry["solution"]));
        assert_eq!(puzzle::verify(&challenge, &solution, level), Ok(()));
        solution[0] ^= 1;
        assert!(puzzle::verify(&challenge, &solution, level).is_err());
    }
}

fn check_chain(entry: &Value) {
    let keys = Receipt::read(entry["receipt"].as_str().unwrap())
        .unwrap()
        .keys()
        .unwrap();
    assert_eq!(keys.mailbox, MailboxId(array(&entry["mailbox"])));
    assert_eq!(keys.reply_seed, array(&entry["reply_seed"]));
    assert_eq!(keys.signing_seed, array(&entry["signing_seed"]));
    assert_eq!(keys.pin_key, array(&entry["pin_key"]));
    assert_eq!(
        suite::public_key(&keys.reply_seed).unwrap(),
        bytes(&entry["reply_key"])
    );

    let verify_key = SigningKey::from_bytes(&keys.signing_seed)
        .verifying_key()
        .to_bytes();

    let sealed = bytes(&entry["box"]);
    let mut seeds = vec![array(&entry["recovery_seed"])];
    let mut verify_keys: Vec<[u8; 32]> = Vec::new();
    for officer in entry["officers"].as_array().unwrap() {
        let own = Seeds {
            seal_seed: array(&officer["seal_seed"]),
            signing_seed: array(&officer["signing_seed"]),
        };
        assert_eq!(own.seal_key().unwrap(), bytes(&officer["seal_key"]));
        assert_eq!(own.verify_key(), array(&officer["verify_key"]));
        let binding = array(&officer["binding"]);
        assert!(desk_key::is_bound(
            &own.seal_key().unwrap(),
            &own.verify_key(),
            &binding
        ));
        assert!(!desk_key::is_bound(&[0; 1_216], &own.verify_key(), &binding));
        let print = desk_key::fingerprint(&own.seal_key().unwrap(), Some(&own.verify_key()));
        assert_eq!(print, officer["fingerprint"].as_str().unwrap());
        verify_keys.push(own.verify_key());
        seeds.push(own.seal_seed);
    }
    assert_eq!(seeds.len(), 3);
    for seed in &seeds {
        let opened = boxes::open(seed, &sealed).unwrap();
        let message = Message::read(&opened.payload, &opened.header, Writer::Informant).unwrap();
        assert_eq!(message.head.text, entry["text"].as_str().unwrap());
        assert_eq!(
            message.head.category.map(TipCategory::name),
            entry["category"].as_str()
        );
        assert_eq!(message.head.commune.as_deref(), entry["commune"].as_str());
        assert_eq!(
            message.head.written_on.to_string(),
            entry["written_on"].as_str().unwrap()
        );
        assert_eq!(message.head.reply_key, entry["reply_key"].as_str().unwrap());
        assert_eq!(
            message::mailbox_of(&verify_key, &bytes(&entry["reply_key"])),
            keys.mailbox
        );
        let as_note = |key| Message::read(&opened.payload, &opened.header, Writer::Officer(key));
        assert!(as_note(&verify_keys[0]).is_err());
        assert!(as_note(&verify_key).is_ok());
    }
    assert!(boxes::open(&[7; 32], &sealed).is_err());
    for place in [40, 70, 10_000, 20_000, sealed.len() - 1] {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        let opens = seeds
            .iter()
            .filter(|seed| boxes::open(seed, &altered).is_ok())
            .count();
        assert_eq!(opens, 0, "byte {place}");
    }
    let pinned = pin::open(&keys.pin_key, keys.mailbox, boxes::pin(&sealed).unwrap()).unwrap();
    assert_eq!(pinned, verify_keys);
    let reply = bytes(&entry["reply"]);
    let answer = answer::open(&keys.reply_seed, keys.mailbox, &pinned, &reply).unwrap();
    assert_eq!(answer.text, entry["reply_text"].as_str().unwrap());
    assert_eq!(u64::from(answer.number), entry["reply_number"].as_u64().unwrap());
    assert_eq!(
        answer.written_on.to_string(),
        entry["reply_written_on"].as_str().unwrap()
    );
    assert!(answer::open(&keys.reply_seed, keys.mailbox, &[[0; 32]], &reply).is_err());
}
