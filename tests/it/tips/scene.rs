//! A desk with keys and an informant, both doing what their browsers would do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minhchung::domain::{Role, TipSize};
use minhchung::tipbox::boxes::{self, OpenBox};
use minhchung::tipbox::desk_key::{self, Seeds};
use minhchung::tipbox::message::{Head, Message, Writer};
use minhchung::tipbox::receipt::{Receipt, ReceiptKeys};
use minhchung::tipbox::{answer, pin, puzzle, suite};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, Harness, Person, answer as answer_of};

/// What an officer's browser has.
#[derive(Debug, Clone)]
pub struct Officer {
    pub person: Person,
    pub seeds: Seeds,
}

/// What a citizen's browser has, and the paper.
#[derive(Debug, Clone)]
pub struct Informant {
    pub receipt: Receipt,
    pub keys: ReceiptKeys,
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

/// The body that adds a key to the desk. Its passphrase is not derived, which takes a while: the server cannot look
/// into it anyway.
pub fn key_request(seeds: &Seeds) -> Value {
    json!({
        "seal_key": base64(seeds.seal_key().unwrap()),
        "verify_key": base64(seeds.verify_key()),
        "wrapped": base64(suite::random::<{ desk_key::WRAPPED_BYTES }>()),
        "signature": base64(seeds.binding().unwrap()),
    })
}

/// A tip officer with a key.
pub async fn officer(harness: &Harness) -> Officer {
    let person = harness.person(Role::TipOfficer, None).await;
    let seeds = Seeds::draw();
    harness
        .post("/api/v1/desk/keys", &person.token, key_request(&seeds))
        .await
        .expect(201);
    Officer { person, seeds }
}

impl Informant {
    pub fn new() -> Self {
        let receipt = Receipt::draw();
        Self {
            keys: receipt.keys().unwrap(),
            receipt,
        }
    }

    /// A box with these words, sealed to every key that the desk shows.
    pub async fn sealed(&self, harness: &Harness, words: &str, size: TipSize) -> Vec<u8> {
        let desk = harness.get("/api/v1/tips/desk", "").await.expect(200);
        let keys = desk["keys"].as_array().unwrap();
        let recipients: Vec<Vec<u8>> = keys.iter().map(|key| bytes(&key["seal_key"])).collect();
        let officers = keys.iter().filter(|key| !key["verify_key"].is_null());
        let pinned: Vec<[u8; 32]> = officers
            .map(|key| bytes(&key["verify_key"]).try_into().unwrap())
            .collect();
        let open = OpenBox::new(size, self.keys.mailbox, &recipients).unwrap();
        let today = desk["today"].as_str().unwrap().parse().unwrap();
        let head = Head::new(words, &self.keys.signing_seed, &self.keys.reply_seed, today).unwrap();
        let pictures = match size {
            TipSize::Text => Vec::new(),
            _ => vec![vec![0xD8; 300_000]],
        };
        let message = Message { head, pictures };
        let payload = message
            .write(size, open.header(), &self.keys.signing_seed)
            .unwrap();
        let pin = pin::seal(&self.keys.pin_key, self.keys.mailbox, &pinned).unwrap();
        open.close(&pin, &payload).unwrap()
    }

    /// A frame with these words and a solved puzzle.
    pub async fn frame(&self, harness: &Harness, words: &str, size: TipSize) -> Vec<u8> {
        let sealed = self.sealed(harness, words, size).await;
        framed(harness, &suite::random(), &sealed).await
    }

    /// Sends these words.
    pub async fn send(&self, harness: &Harness, words: &str, size: TipSize) {
        let frame = self.frame(harness, words, size).await;
        post_frame(harness, frame).await.expect(202);
    }

    pub async fn mailbox(&self, harness: &Harness) -> Vec<Vec<u8>> {
        let body = json!({ "mailbox": base64(self.keys.mailbox.0) });
        let answer = harness.post("/api/v1/tips/mailbox", "", body).await.expect(200);
        answer["items"].as_array().unwrap().iter().map(bytes).collect()
    }

    /// The answers that a mailbox shows to the holder of the receipt.
    pub async fn answers(&self, harness: &Harness) -> Vec<String> {
        let answers = self.numbered_answers(harness).await;
        answers.into_iter().map(|(_, words)| words).collect()
    }

    /// The same with the numbers that the officers signed.
    pub async fn numbered_answers(&self, harness: &Harness) -> Vec<(u32, String)> {
        let items = self.mailbox(harness).await;
        let pins = items
            .iter()
            .filter_map(|item| pin::open(&self.keys.pin_key, self.keys.mailbox, item).ok());
        let pinned: Vec<[u8; 32]> = pins.flatten().collect();
        let open =
            |item: &Vec<u8>| answer::open(&self.keys.reply_seed, self.keys.mailbox, &pinned, item).ok();
        let opened = items.iter().filter_map(open);
        opened.map(|answer| (answer.number, answer.text)).collect()
    }

    /// The first sealed answer of `officer` to this informant.
    pub fn answer(&self, officer: &Officer, words: &str) -> Vec<u8> {
        self.numbered_answer(officer, 1, words)
    }

    /// A sealed answer with its number in the thread.
    pub fn numbered_answer(&self, officer: &Officer, number: u32, words: &str) -> Vec<u8> {
        let key = suite::public_key(&self.keys.reply_seed).unwrap();
        let said = answer::Answer {
            number,
            written_on: "2026-03-02".parse().unwrap(),
            text: words.to_owned(),
        };
        answer::seal(&key, self.keys.mailbox, &officer.seeds.signing_seed, &said).unwrap()
    }
}

/// A message that the server takes.
pub async fn frame(harness: &Harness) -> Vec<u8> {
    Informant::new().frame(harness, "Thử.", TipSize::Text).await
}

/// A frame around a box, with a puzzle that was asked for and solved now.
pub async fn framed(harness: &Harness, nonce: &[u8; 16], sealed: &[u8]) -> Vec<u8> {
    let fresh = harness
        .send(Method::POST, "/api/v1/tips/challenges", "", None)
        .await
        .expect(201);
    let challenge: [u8; 64] = bytes(&fresh["challenge"]).try_into().unwrap();
    let level = u8::try_from(fresh["level"].as_u64().unwrap()).unwrap();
    let solution = tokio::task::spawn_blocking(move || puzzle::solve(&challenge, level).unwrap())
        .await
        .unwrap();
    [challenge.as_slice(), &solution, nonce, sealed].concat()
}

pub fn frame_request(harness: &Harness, frame: Vec<u8>) -> RequestBuilder {
    octets(harness, "/api/v1/tips", "", frame)
}

pub async fn post_frame(harness: &Harness, frame: Vec<u8>) -> Answer {
    answer_of(frame_request(harness, frame)).await
}

pub fn octets(harness: &Harness, path: &str, token: &str, body: Vec<u8>) -> RequestBuilder {
    harness
        .request(Method::POST, path, token)
        .header("content-type", "application/octet-stream")
        .body(body)
}

impl Officer {
    pub async fn list(&self, harness: &Harness, query: &str) -> Vec<Value> {
        let path = format!("/api/v1/desk/tips{query}");
        let page = harness.get(&path, &self.person.token).await.expect(200);
        page["items"].as_array().unwrap().clone()
    }

    /// The words of a message, as this officer's browser would show them.
    pub async fn read(&self, harness: &Harness, id: &str) -> String {
        let path = format!("/api/v1/desk/tips/{id}");
        let tip = harness.get(&path, &self.person.token).await.expect(200);
        let opened = boxes::open(&self.seeds.seal_seed, &bytes(&tip["box"])).unwrap();
        Message::read(&opened.payload, &opened.header, Writer::Informant)
            .unwrap()
            .head
            .text
    }

    /// Sends an answer under the number that the server expects, whatever is sealed inside.
    pub async fn reply(&self, harness: &Harness, id: &str, sealed: Vec<u8>) -> Answer {
        let tips = self.list(harness, "?limit=200").await;
        let listed = tips.iter().find(|tip| tip["id"] == id);
        let number = listed.map_or(1, |tip| tip["next_answer"].as_u64().unwrap());
        self.reply_as(harness, id, number, sealed).await
    }

    pub async fn reply_as(&self, harness: &Harness, id: &str, number: u64, sealed: Vec<u8>) -> Answer {
        let path = format!("/api/v1/desk/tips/{id}/replies?number={number}");
        answer_of(octets(harness, &path, &self.person.token, sealed)).await
    }
}

pub fn id_of(tip: &Value) -> String {
    tip["id"].as_str().unwrap().to_owned()
}
