//! A message's way to the desk, the answer's way back, and what is told on the way.

use minhchung::domain::{Role, TipSize};
use minhchung::services::tips::ListFilter;
use minhchung::tipbox::puzzle::{self, Unsolved};
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Informant, base64, bytes, framed, id_of, key_request, octets, officer, post_frame};
use crate::support::{Harness, answer};

#[tokio::test]
async fn a_message_reaches_the_desk_and_the_answer_reaches_whoever_has_the_receipt() {
    let harness = Harness::start().await;
    let closed = harness.get("/api/v1/tips/desk", "").await.expect(200);
    assert_eq!(closed["open"], false);
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant
        .send(&harness, "Có người bán hàng ở bến xe.", TipSize::OnePicture)
        .await;
    informant
        .send(&harness, "Tôi nhớ thêm: xe màu đỏ.", TipSize::Text)
        .await;

    let listed = officer.list(&harness, "").await;
    assert_eq!(listed.len(), 2);
    let thread = |mailbox: [u8; 16]| format!("?thread={}", base64(mailbox));
    assert_eq!(
        officer.list(&harness, &thread(informant.keys.mailbox.0)).await,
        listed
    );
    assert!(officer.list(&harness, &thread([0; 16])).await.is_empty());
    assert!(
        listed
            .iter()
            .all(|tip| tip["thread"] == base64(informant.keys.mailbox.0))
    );
    assert!(
        listed
            .iter()
            .all(|tip| tip["state"] == "new" && tip["channel"] == "web")
    );
    let big = listed.iter().find(|tip| tip["size"] == "one_picture").unwrap();
    assert_eq!(
        officer.read(&harness, &id_of(big)).await,
        "Có người bán hàng ở bến xe."
    );

    assert!(informant.answers(&harness).await.is_empty());
    let reply = informant.answer(&officer, "Đã nhận. Xe đi hướng nào?");
    let first = officer.reply(&harness, &id_of(big), reply.clone()).await;
    assert_eq!(first.expect(201), json!({ "replies": 1 }));
    let again = officer.reply(&harness, &id_of(big), reply).await;
    assert_eq!(again.expect(200), json!({ "replies": 1 }));
    assert_eq!(informant.answers(&harness).await, ["Đã nhận. Xe đi hướng nào?"]);
    assert_eq!(informant.mailbox(&harness).await.len(), 4);

    let path = format!("/api/v1/desk/tips/{}", id_of(big));
    let change = json!({ "state": "closed", "category": "selling" });
    let sorted = harness
        .patch(&path, &officer.person.token, change)
        .await
        .expect(200);
    assert_eq!(
        (&sorted["state"], &sorted["category"]),
        (&json!("closed"), &json!("selling"))
    );
    assert_eq!(officer.list(&harness, "?state=new").await.len(), 1);

    let harness = harness.restarted().await;
    assert_eq!(officer.list(&harness, "").await.len(), 2);
    assert_eq!(informant.answers(&harness).await, ["Đã nhận. Xe đi hướng nào?"]);
    let body = json!({ "mailbox": base64(informant.keys.mailbox.0) });
    let deleted = harness.post("/api/v1/tips/mailbox/delete", "", body).await;
    assert_eq!(deleted.expect(202), json!({}));
    assert!(officer.list(&harness, "").await.is_empty());
    assert!(informant.answers(&harness).await.is_empty());
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answer_and_other_bytes_under_them_do_not() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let _officer = officer(&harness).await;
    let informant = Informant::new();
    let frame = informant.frame(&harness, "Một lần thôi.", TipSize::Text).await;
    let first = post_frame(&harness, frame.clone()).await.expect(202);
    assert_eq!(first, json!({ "received_on": "2026-03-02" }));
    // At once from several sockets, a day later, and after a restart.
    let several = [frame.clone(), frame.clone()].map(|frame| post_frame(&harness, frame));
    for answer in futures_util::future::join_all(several).await {
        assert_eq!(answer.expect(202), first);
    }
    harness.wait(24 * 3600);
    let harness = harness.restarted().await;
    assert_eq!(post_frame(&harness, frame.clone()).await.expect(202), first);

    // The same box and nonce behind a new puzzle is still the same message.
    let nonce: [u8; 16] = frame[96..112].try_into().unwrap();
    let newly_solved = framed(&harness, &nonce, &frame[112..]).await;
    assert_eq!(post_frame(&harness, newly_solved).await.expect(202), first);

    // A puzzle that was used buys no second body without its solution.
    let mut unsolved = frame.clone();
    unsolved[64..96].fill(0);
    let refused = post_frame(&harness, unsolved).await;
    assert_eq!(refused.problem(), "422/tip-puzzle-refused");

    let other = informant.sealed(&harness, "Tin khác.", TipSize::Text).await;
    let same_challenge = [&frame[..96], &[7; 16], other.as_slice()].concat();
    let refused = post_frame(&harness, same_challenge).await;
    assert_eq!(refused.problem(), "422/tip-puzzle-refused");
    let same_nonce = framed(&harness, &nonce, &other).await;
    assert_eq!(
        post_frame(&harness, same_nonce).await.problem(),
        "422/tip-refused"
    );
    assert_eq!(harness.app.tips.list(ListFilter::default(), 10).0.len(), 1);
}

#[tokio::test]
async fn two_sockets_at_once_make_one_message() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let frame = Informant::new()
        .frame(&harness, "Hai lần cùng lúc.", TipSize::Text)
        .await;
    let both = [frame.clone(), frame].map(|frame| post_frame(&harness, frame));
    let answers = futures_util::future::join_all(both).await;
    // The later one has the place; the earlier one keeps it only if all of it had come.
    assert!(answers.iter().any(|answer| answer.status == 202), "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| [202, 408].contains(&answer.status.as_u16())),
        "{answers:?}"
    );
    assert_eq!(officer.list(&harness, "").await.len(), 1);
}

/// Puts a number in the place of a solution's last that does not solve it. One in 32 solves a part of the lowest level.
fn spoil_last_part(frame: &mut [u8]) {
    let challenge: [u8; 64] = frame[..64].try_into().unwrap();
    loop {
        frame[95] = frame[95].wrapping_add(1);
        let solution: [u8; 32] = frame[64..96].try_into().unwrap();
        if puzzle::verify(&challenge, &solution, 0) == Err(Unsolved { right_parts: 7 }) {
            return;
        }
    }
}

#[tokio::test]
async fn a_puzzle_runs_out_of_time_is_good_once_and_grows_harder_with_what_comes() {
    let harness = Harness::with(
        minhchung::clock::Clock::manual("2026-03-02T10:00:00+07:00".parse().unwrap()),
        |settings| {
            settings.limits.tips_per_minute = 1;
            settings.limits.tips_burst = 4;
        },
    )
    .await;
    let _officer = officer(&harness).await;
    let late = Informant::new().frame(&harness, "Quá giờ.", TipSize::Text).await;
    harness.wait(30 * 60);
    assert_eq!(
        post_frame(&harness, late.clone()).await.problem(),
        "422/tip-puzzle-refused"
    );
    let mut unsolved = Informant::new()
        .frame(&harness, "Không giải.", TipSize::Text)
        .await;
    unsolved[64..96].fill(0xFF);
    assert_eq!(
        post_frame(&harness, unsolved).await.problem(),
        "422/tip-puzzle-refused"
    );

    // One that is wrong only at its end spoils its challenge: looking through it costs as much as through a right one.
    let right = Informant::new()
        .frame(&harness, "Sai chỗ cuối.", TipSize::Text)
        .await;
    let mut wrong_at_the_end = right.clone();
    spoil_last_part(&mut wrong_at_the_end);
    for spoiled in [wrong_at_the_end, right] {
        assert_eq!(
            post_frame(&harness, spoiled).await.problem(),
            "422/tip-puzzle-refused"
        );
    }

    // Also to one who is still sending a megabyte and a half.
    let mut long = late;
    long.truncate(112);
    long.resize(112 + TipSize::ThreePictures.box_bytes(), 0);
    assert_eq!(
        post_frame(&harness, long).await.problem(),
        "422/tip-puzzle-refused"
    );

    let early = Informant::new()
        .frame(&harness, "Từ lúc còn dễ.", TipSize::Text)
        .await;
    let (mut levels, mut nearly) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        nearly.push(
            Informant::new()
                .frame(&harness, "Gần đủ khó.", TipSize::Text)
                .await,
        );
        Informant::new().send(&harness, "Nhiều.", TipSize::Text).await;
        // The level changes with the next five minutes, not with the message.
        for wait in [0, 5 * 60] {
            harness.wait(wait);
            let fresh = harness
                .send(Method::POST, "/api/v1/tips/challenges", "", None)
                .await;
            levels.push(fresh.expect(201)["level"].as_u64().unwrap());
        }
    }
    assert_eq!(levels, [0, 0, 0, 1, 1, 1, 1, 2]);
    assert_eq!(
        post_frame(&harness, early).await.problem(),
        "422/tip-puzzle-refused"
    );

    // One level less is let pass.
    post_frame(&harness, nearly.pop().unwrap()).await.expect(202);
    // Once the bucket is empty, there is room for one a minute later.
    for _ in 0..3 {
        Informant::new().send(&harness, "Dồn dập.", TipSize::Text).await;
    }
    let frame = Informant::new().frame(&harness, "Đợi.", TipSize::Text).await;
    let shed = post_frame(&harness, frame.clone()).await;
    assert_eq!(shed.problem(), "429/too-many-requests");
    assert!(shed.headers.contains_key("retry-after"));
    harness.wait(60);
    post_frame(&harness, frame).await.expect(202);

    // The officer's first session is over by now.
    let token = &harness.sign_in(Role::TipOfficer, None).await;
    let flood = harness.get("/api/v1/desk/flood", token).await.expect(200);
    assert_eq!(
        (&flood["least_level"], &flood["received_last_hour"]),
        (&json!(0), &json!("few"))
    );
    let set = harness
        .patch("/api/v1/desk/flood", token, json!({ "least_level": 5 }))
        .await;
    assert_eq!(set.expect(200)["level"], 5);
    let harness = harness.restarted().await;
    assert_eq!(
        harness.get("/api/v1/desk/flood", token).await.expect(200)["level"],
        5
    );
    let wrong = harness
        .patch("/api/v1/desk/flood", token, json!({ "least_level": 7 }))
        .await;
    assert_eq!(wrong.problem(), "422/validation-failed");
}

#[tokio::test]
async fn what_is_kept_has_a_limit_and_says_so() {
    let harness = Harness::with(minhchung::clock::Clock::system(), |settings| {
        settings.limits.tips_bytes = 70_000;
    })
    .await;
    let officer = officer(&harness).await;
    for _ in 0..2 {
        Informant::new()
            .send(&harness, "Vừa đủ chỗ.", TipSize::Text)
            .await;
    }
    let frame = Informant::new().frame(&harness, "Hết chỗ.", TipSize::Text).await;
    let full = post_frame(&harness, frame.clone()).await;
    assert_eq!(full.problem(), "507/tip-store-full");
    assert!(full.headers.contains_key("retry-after"));
    let token = &officer.person.token;
    assert_eq!(
        harness.get("/api/v1/desk/flood", token).await.expect(200)["quota_used_percent"],
        93
    );
    let purged = harness
        .post("/api/v1/desk/tips/purge", token, json!({ "size": "text" }))
        .await;
    assert_eq!(purged.expect(200), json!({ "shredded": 2 }));
    post_frame(&harness, frame).await.expect(202);
    let nothing = harness.post("/api/v1/desk/tips/purge", token, json!({})).await;
    assert_eq!(nothing.problem(), "422/validation-failed");
}

#[tokio::test]
async fn an_unknown_mailbox_looks_like_any_other_and_stays_as_it_is() {
    let harness = Harness::start().await;
    let _officer = officer(&harness).await;
    let (known, unknown) = (Informant::new(), Informant::new());
    known.send(&harness, "Có.", TipSize::Text).await;
    let mut lengths = Vec::new();
    for informant in [&known, &unknown] {
        let first = informant.mailbox(&harness).await;
        assert_eq!(first, informant.mailbox(&harness).await);
        assert!(first.iter().all(|item| item.len() == 4_096));
        // What fills up has the form of answers: the last bit of what HPKE sends ahead is never set.
        assert!(first[1..].iter().all(|item| item[1_119] & 0x80 == 0));
        let body = json!({ "mailbox": base64(informant.keys.mailbox.0) });
        let request = harness
            .request(Method::POST, "/api/v1/tips/mailbox", "")
            .json(&body);
        let response = request.header("accept-encoding", "gzip").send().await.unwrap();
        assert!(
            response
                .headers()
                .get("content-encoding")
                .is_none_or(|coding| coding == "identity")
        );
        lengths.push(response.bytes().await.unwrap().len());
    }
    assert_eq!(lengths[0], lengths[1]);
    let (fillers, others) = (unknown.mailbox(&harness).await, known.mailbox(&harness).await);
    assert!(fillers.iter().all(|item| !others.contains(item)));
}

#[tokio::test]
async fn the_desk_registers_what_came_otherwise_once_and_its_notes_stay_with_the_desk() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let token = &officer.person.token;
    let informant = Informant::new();
    informant.send(&harness, "Từ mạng.", TipSize::Text).await;
    let sealed = informant
        .sealed(&harness, "Ghi của bàn trực.", TipSize::Text)
        .await;
    let body = [&[3; 16], sealed.as_slice()].concat();
    let path = "/api/v1/desk/tips?channel=desk_note";
    let note = answer(octets(&harness, path, token, body.clone()))
        .await
        .expect(201);
    let again = answer(octets(&harness, path, token, body.clone()))
        .await
        .expect(201);
    assert_eq!(
        (&note["channel"], &note["id"]),
        (&json!("desk_note"), &again["id"])
    );
    assert_eq!(officer.read(&harness, &id_of(&note)).await, "Ghi của bàn trực.");
    assert_eq!(officer.list(&harness, "").await.len(), 2);
    let pins = informant.mailbox(&harness).await;
    let opened = pins.iter().filter(|item| {
        minhchung::tipbox::pin::open(&informant.keys.pin_key, informant.keys.mailbox, item).is_ok()
    });
    assert_eq!(opened.count(), 1, "a note of the desk is none of the informant's");
    for wrong in ["web", "pigeon", ""] {
        let path = format!("/api/v1/desk/tips?channel={wrong}");
        let refused = answer(octets(&harness, &path, token, body.clone())).await;
        assert_eq!(refused.problem(), "422/validation-failed", "{wrong}");
    }
    let short = answer(octets(&harness, path, token, body[1..].to_vec())).await;
    assert_eq!(short.problem(), "422/tip-refused");
}

#[tokio::test]
async fn keys_are_seven_at_most_and_a_retired_one_is_sealed_to_no_more() {
    let harness = Harness::start().await;
    let first = officer(&harness).await;
    let second = officer(&harness).await;
    let token = &first.person.token;
    let add = |request: Value| harness.post("/api/v1/desk/keys", token, request);
    let seeds = minhchung::tipbox::desk_key::Seeds::draw();
    let request = key_request(&seeds);
    let made = add(request.clone()).await.expect(201);
    assert_eq!(add(request.clone()).await.expect(201)["id"], made["id"]);
    let stolen = harness
        .post("/api/v1/desk/keys", &second.person.token, request.clone())
        .await;
    assert_eq!(stolen.problem(), "422/validation-failed");
    let mut unbound = key_request(&minhchung::tipbox::desk_key::Seeds::draw());
    unbound["signature"] = request["signature"].clone();
    assert_eq!(add(unbound).await.problem(), "422/validation-failed");
    for _ in 0..4 {
        add(key_request(&minhchung::tipbox::desk_key::Seeds::draw()))
            .await
            .expect(201);
    }
    let eighth = key_request(&minhchung::tipbox::desk_key::Seeds::draw());
    assert_eq!(add(eighth.clone()).await.problem(), "409/tip-keys-full");

    let keys = harness.get("/api/v1/desk/keys", token).await.expect(200);
    let of = |name: &str, keys: &Value| -> Vec<Value> {
        keys["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key[name].clone())
            .collect()
    };
    let hidden = of("wrapped", &keys)
        .iter()
        .filter(|wrapped| wrapped.is_null())
        .count();
    assert_eq!(
        (of("id", &keys).len(), hidden),
        (7, 1),
        "a colleague's wrapped key is not shown"
    );
    let path = format!("/api/v1/desk/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(harness.delete(&path, &second.person.token).await.status, 204);
    assert_eq!(harness.delete(&path, &second.person.token).await.status, 204);
    let shown = harness.get("/api/v1/tips/desk", "").await.expect(200);
    assert!(
        shown["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["id"] != made["id"])
    );
    let keys = harness.get("/api/v1/desk/keys", token).await.expect(200);
    let retired = keys["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["id"] == made["id"])
        .unwrap();
    assert!(retired["retired_on"].is_string());
    assert_eq!(
        bytes(&retired["wrapped"]),
        bytes(&request["wrapped"]),
        "old messages still need it"
    );
    add(eighth).await.expect(201);
}

#[tokio::test]
async fn nobody_seals_to_the_key_of_an_officer_who_may_not_come_in_and_there_are_never_nine_readers() {
    let harness = Harness::start().await;
    let (first, second) = (officer(&harness).await, officer(&harness).await);
    let admin = harness.sign_in(Role::Admin, None).await;
    let shown = || async {
        let desk = harness.get("/api/v1/tips/desk", "").await.expect(200);
        let keys = desk["keys"].as_array().unwrap().iter();
        keys.map(|key| key["verify_key"].clone()).collect::<Vec<_>>()
    };
    let its_key = json!(base64(second.seeds.verify_key()));
    let account = format!("/api/v1/users/{}", second.person.id);
    let disable = |disabled: bool| harness.patch(&account, &admin, json!({ "disabled": disabled }));
    let active = || async {
        let keys = harness
            .get("/api/v1/desk/keys", &first.person.token)
            .await
            .expect(200);
        let keys = keys["items"].as_array().unwrap().clone();
        keys.into_iter().find(|key| key["verify_key"] == its_key).unwrap()["active"].clone()
    };
    assert!(shown().await.contains(&its_key) && active().await == true);
    disable(true).await.expect(200);
    assert!(!shown().await.contains(&its_key) && active().await == false);
    let missed = Informant::new();
    missed.send(&harness, "Không cho người ấy.", TipSize::Text).await;
    let tip = &first.list(&harness, "").await[0];
    let path = format!("/api/v1/desk/tips/{}", id_of(tip));
    let sealed = harness.get(&path, &first.person.token).await.expect(200);
    let opens = |officer: &super::scene::Officer| {
        minhchung::tipbox::boxes::open(&officer.seeds.seal_seed, &bytes(&sealed["box"])).is_ok()
    };
    assert!(opens(&first) && !opens(&second));

    // The place is kept meanwhile, so that letting them in again makes no ninth reader.
    let add = || {
        let request = key_request(&minhchung::tipbox::desk_key::Seeds::draw());
        harness.post("/api/v1/desk/keys", &first.person.token, request)
    };
    for _ in 0..5 {
        add().await.expect(201);
    }
    assert_eq!(add().await.problem(), "409/tip-keys-full");
    disable(false).await.expect(200);
    assert!(shown().await.contains(&its_key));
    assert_eq!(shown().await.len(), 7);
}

#[tokio::test]
async fn answers_bear_their_numbers_and_whoever_is_slower_seals_anew() {
    let harness = Harness::start().await;
    let (one, other) = (officer(&harness).await, officer(&harness).await);
    let informant = Informant::new();
    informant.send(&harness, "Hai cán bộ.", TipSize::Text).await;
    informant.send(&harness, "Viết thêm.", TipSize::Text).await;
    let tips = one.list(&harness, "").await;
    let ids: Vec<String> = tips.iter().map(id_of).collect();
    assert!(tips.iter().all(|tip| tip["next_answer"] == 1));
    let first = informant.numbered_answer(&one, 1, "Thư một.");
    one.reply_as(&harness, &ids[0], 1, first.clone())
        .await
        .expect(201);
    one.reply_as(&harness, &ids[0], 1, first).await.expect(200);
    // The numbers are the thread's, whichever of its messages an answer hangs on.
    let late = informant.numbered_answer(&other, 1, "Chậm hơn.");
    let refused = other.reply_as(&harness, &ids[1], 1, late).await;
    assert_eq!(refused.problem(), "409/version-conflict");
    let second = informant.numbered_answer(&other, 2, "Thư hai.");
    other.reply_as(&harness, &ids[1], 2, second).await.expect(201);
    assert!(
        one.list(&harness, "")
            .await
            .iter()
            .all(|tip| tip["next_answer"] == 3)
    );
    let harness = harness.restarted().await;
    let answers = informant.numbered_answers(&harness).await;
    assert_eq!(answers, [(1, "Thư một.".to_owned()), (2, "Thư hai.".to_owned())]);
}

#[tokio::test]
#[ignore = "prints figures"]
async fn figures() {
    use std::time::Instant;
    let harness = Harness::with(minhchung::clock::Clock::system(), |settings| {
        settings.limits.tips_burst = 500
    })
    .await;
    let _officer = officer(&harness).await;
    let said = puzzle::Challenge { level: 0, expires: 1 };
    let challenge = puzzle::challenge(&[1; 32], said, [2; 24]);
    let began = Instant::now();
    let solution = puzzle::solve(&challenge, 0).unwrap();
    let solved = began.elapsed();
    let began = Instant::now();
    for _ in 0..20 {
        puzzle::verify(&challenge, &solution, 0).unwrap();
    }
    eprintln!("solve {solved:?}, verify {:?}", began.elapsed() / 20);
    for size in TipSize::ALL.iter().copied() {
        let informant = Informant::new();
        let mut frames = Vec::new();
        for _ in 0..10 {
            frames.push(informant.frame(&harness, "Đo.", size).await);
        }
        let mut took = Vec::new();
        for frame in frames {
            let began = Instant::now();
            post_frame(&harness, frame).await.expect(202);
            took.push(began.elapsed());
        }
        took.sort();
        eprintln!(
            "POST {}: median {:?}, slowest {:?}",
            size.name(),
            took[5],
            took[9]
        );
        let began = Instant::now();
        informant.mailbox(&harness).await;
        eprintln!("mailbox of ten: {:?}", began.elapsed());
    }
}
