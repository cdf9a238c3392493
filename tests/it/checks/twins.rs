//! Pictures that were used before, at another place or at the same one.

use super::Stage;
use super::scene::{Shot, banner, bare, check, cropped, honest, image_of, screenshot, warned};
use crate::support::{COMMUNE, OTHER_COMMUNE};

#[tokio::test]
async fn of_two_submissions_with_one_picture_the_later_one_is_warned_about_whichever_is_checked_first() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let first_place = stage.place(COMMUNE, &field.head, None).await;
    let second_place = stage.place(OTHER_COMMUNE, &field.stranger, None).await;
    let picture = honest(&banner(10));
    let first = stage
        .send(&field.head, &first_place, &picture, &Shot::default())
        .await;
    field.harness.wait(1);
    let second = stage
        .send(&field.stranger, &second_place, &picture, &Shot::default())
        .await;
    // The later one is checked first and knows nothing; checking the earlier one has it looked at again.
    let mut waiting = field.harness.app.checking.waiting(10).await.unwrap();
    waiting.reverse();
    for each in waiting {
        let checking = field.harness.app.checking.clone();
        tokio::task::spawn_blocking(move || checking.check(each).unwrap())
            .await
            .unwrap();
    }
    field.harness.check_all().await;
    assert!(!warned(&stage.show(&first).await).contains(&"same_photo".to_owned()));
    let later = stage.show(&second).await;
    let found = check(&later, "same_photo");
    assert_eq!(found["outcome"], "warn");
    assert_eq!(found["data"]["twins"][0]["submission"], first.as_str());
    // Its sender learns that the picture was used, and not by whom, where or in which record.
    let path = format!("/api/v1/submissions/{second}");
    let theirs = field.harness.get(&path, &field.stranger.token).await.expect(200);
    assert_eq!(
        check(&theirs, "same_photo")["data"]["twins"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let told = theirs.to_string();
    assert!(
        !told.contains(first.as_str()) && !told.contains(&first_place),
        "{told}"
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn a_cropped_copy_names_its_twin_and_another_picture_of_such_a_banner_does_not() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let first_place = stage.place(COMMUNE, &field.head, None).await;
    let second_place = stage.place(COMMUNE, &field.neighbour, None).await;
    let third_place = stage.place(COMMUNE, &field.neighbour, None).await;
    let pixels = banner(20);
    let first = stage
        .send(&field.head, &first_place, &honest(&pixels), &Shot::default())
        .await;
    field.harness.wait(1);
    let cut = image::imageops::crop_imm(&image_of(&pixels), 90, 60, 1400, 1050).to_image();
    let copy = stage
        .send(&field.neighbour, &second_place, &bare(&cut, 70), &Shot::default())
        .await;
    let other = stage
        .send(
            &field.neighbour,
            &third_place,
            &honest(&banner(21)),
            &Shot::default(),
        )
        .await;
    field.harness.check_all().await;
    let copy = stage.show(&copy).await;
    let found = check(&copy, "similar_photo");
    assert_eq!(found["outcome"], "warn", "{copy:#}");
    assert_eq!(found["data"]["twins"][0]["submission"], first.as_str());
    assert!(found["data"]["twins"][0]["likeness_percent"].as_u64().unwrap() >= 98);
    let other = stage.show(&other).await;
    assert_eq!(check(&other, "similar_photo")["outcome"], "ok");
}

#[tokio::test]
async fn a_picture_taken_back_and_sent_again_for_its_place_is_nothing_out_of_the_ordinary() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let place = stage.place(COMMUNE, &field.head, None).await;
    let picture = honest(&banner(30));
    let first = stage.send(&field.head, &place, &picture, &Shot::default()).await;
    field
        .harness
        .delete(&format!("/api/v1/submissions/{first}"), &field.head.token)
        .await
        .expect(200);
    field.harness.wait(1);
    let again = stage.send(&field.head, &place, &picture, &Shot::default()).await;
    let again = stage.checked(&again).await;
    let twins = ["same_photo", "similar_photo"].map(|code| check(&again, code)["outcome"].clone());
    assert_eq!(twins, ["ok", "ok"]);
}

#[tokio::test]
async fn what_was_sent_and_taken_back_many_times_hides_no_twin() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let theirs = stage.place(COMMUNE, &field.head, None).await;
    let own = stage.place(COMMUNE, &field.neighbour, None).await;
    let pixels = banner(31);
    let picture = honest(&pixels);
    let first = stage.send(&field.head, &theirs, &picture, &Shot::default()).await;
    field.harness.wait(1);
    // Ids are the phone's: these come before every other one in the list of who shows the picture.
    for number in 0..21_u128 {
        let id = uuid::Uuid::from_u128((1_000_000_000_000 << 80) | (7 << 76) | (2 << 62) | number);
        let id = stage
            .send_as(id, &field.neighbour, &own, &picture, &Shot::default())
            .await;
        let path = format!("/api/v1/submissions/{id}");
        field
            .harness
            .delete(&path, &field.neighbour.token)
            .await
            .expect(200);
    }
    field.harness.wait(1);
    let again = stage
        .send(&field.neighbour, &own, &picture, &Shot::default())
        .await;
    let copy = bare(&image_of(&pixels), 60);
    let alike = stage.send(&field.neighbour, &own, &copy, &Shot::default()).await;
    field.harness.check_all().await;
    let again = stage.show(&again).await;
    let twins = &check(&again, "same_photo")["data"]["twins"];
    assert_eq!(twins[0]["submission"], first.as_str(), "{twins:#}");
    let alike = stage.show(&alike).await;
    let twins = &check(&alike, "similar_photo")["data"]["twins"];
    assert_eq!(twins[0]["submission"], first.as_str(), "{twins:#}");
}

#[tokio::test]
async fn variants_that_were_taken_back_crowd_out_no_twin() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let theirs = stage.place(COMMUNE, &field.head, None).await;
    let own = stage.place(COMMUNE, &field.neighbour, None).await;
    let pixels = banner(32);
    let first = stage
        .send(&field.head, &theirs, &honest(&pixels), &Shot::default())
        .await;
    field.harness.wait(1);
    // More than are compared, each nearer to what follows than the first one is.
    let cut = cropped(&pixels, 60);
    for quality in 40..58 {
        let id = stage
            .send(&field.neighbour, &own, &bare(&cut, quality), &Shot::default())
            .await;
        field.harness.check_all().await;
        let path = format!("/api/v1/submissions/{id}");
        field
            .harness
            .delete(&path, &field.neighbour.token)
            .await
            .expect(200);
    }
    let last = stage
        .send(&field.neighbour, &own, &bare(&cut, 70), &Shot::default())
        .await;
    let last = stage.checked(&last).await;
    let twins = &check(&last, "similar_photo")["data"]["twins"];
    assert_eq!(twins[0]["submission"], first.as_str(), "{twins:#}");
}

#[tokio::test]
async fn one_that_names_a_picture_which_is_then_taken_back_at_its_place_is_checked_again() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let place = stage.place(COMMUNE, &field.head, None).await;
    let picture = honest(&banner(33));
    let first = stage.send(&field.head, &place, &picture, &Shot::default()).await;
    field.harness.wait(1);
    let second = stage.send(&field.head, &place, &picture, &Shot::default()).await;
    assert!(warned(&stage.checked(&second).await).contains(&"same_photo".to_owned()));
    let path = format!("/api/v1/submissions/{first}");
    field.harness.delete(&path, &field.head.token).await.expect(200);
    let second = stage.checked(&second).await;
    assert_eq!(check(&second, "same_photo")["outcome"], "ok", "{second:#}");
    field.assert_clean().await;
}

#[tokio::test]
async fn the_original_of_a_copy_that_was_sent_before_it_names_the_copy() {
    let stage = Stage::set().await;
    let field = &stage.field;
    let copies = [
        ("5% cut off", bare(&cropped(&banner(34), 50), 80), banner(34)),
        ("7% cut off", bare(&cropped(&banner(35), 70), 80), banner(35)),
        ("a screenshot", bare(&screenshot(&banner(37)), 80), banner(37)),
    ];
    let mut missed = Vec::new();
    for (what, copy, original) in &copies {
        let theirs = stage.place(COMMUNE, &field.neighbour, None).await;
        let own = stage.place(COMMUNE, &field.head, None).await;
        let first = stage
            .send(&field.neighbour, &theirs, copy, &Shot::default())
            .await;
        field.harness.check_all().await;
        field.harness.wait(1);
        let second = stage
            .send(&field.head, &own, &honest(original), &Shot::default())
            .await;
        let second = stage.checked(&second).await;
        let found = check(&second, "similar_photo");
        if found["data"]["twins"][0]["submission"] != first.as_str() {
            missed.push(format!("{what}: {found}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    field.assert_clean().await;
}
