//! What the checks keep: the doctor sees what is missing, the smaller copies come back, and a kill costs nothing.

use std::fs;

use minhchung::domain::{CheckJob, IndexedLook, Moment, PhotoLook, Sha256, Submission, SubmissionId};
use minhchung::services::completion::recount::recount;
use minhchung::store::records::{CheckJobs, Checked, LookHashes, Looks, QueueByRisk, Submissions};
use minhchung::store::{Range, ReadTables, StoreError, Transaction};

use super::Stage;
use super::scene::{Shot, banner, check, honest, undecodable};
use crate::support::COMMUNE;

/// A stage with one checked submission and one that waits.
async fn stage() -> (Stage, String, crate::field::Picture) {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let picture = honest(&banner(40));
    let id = stage
        .send(&stage.field.head, &place, &picture, &Shot::default())
        .await;
    stage.field.harness.check_all().await;
    let waits = stage.field.picture();
    stage
        .send(&stage.field.head, &place, &waits, &Shot::default())
        .await;
    (stage, id, picture)
}

async fn differences(
    stage: &Stage,
    spoil: impl FnOnce(&mut Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Vec<&'static str> {
    let store = &stage.field.harness.app.store;
    store.transact(spoil).await.unwrap();
    let found = store
        .read(|view| Ok::<_, StoreError>(recount(view)))
        .await
        .unwrap()
        .unwrap();
    found
        .differences
        .iter()
        .map(|difference| difference.table)
        .collect()
}

#[tokio::test]
async fn the_doctor_names_everything_that_the_checks_left_inconsistent() {
    let (stage, id, _) = stage().await;
    let id: SubmissionId = id.parse().unwrap();
    assert_eq!(differences(&stage, |_| Ok(())).await, Vec::<&str>::new());

    let lost_job = |tx: &mut Transaction<'_>| {
        let jobs: Vec<_> = tx.keys::<CheckJobs>(Range::all()).collect::<Result<_, _>>()?;
        jobs.iter().for_each(|key| tx.remove::<CheckJobs>(key));
        Ok(())
    };
    assert_eq!(differences(&stage, lost_job).await, ["Checked"]);
    let orphan = move |tx: &mut Transaction<'_>| {
        let job = CheckJob {
            since: Moment::from_millis(0),
            failures: 0,
        };
        tx.put::<CheckJobs>(
            &(Moment::from_millis(0), SubmissionId(uuid::Uuid::now_v7())),
            &job,
        )
    };
    assert_eq!(differences(&stage, orphan).await, ["CheckJobs", "Checked"]);
    let other_risk = move |tx: &mut Transaction<'_>| {
        let submission = tx.get::<Submissions>(&id)?.unwrap();
        let changed = Submission {
            risk: submission.risk + 1,
            ..submission
        };
        tx.put::<Submissions>(&id, &changed)
    };
    let found = differences(&stage, other_risk).await;
    assert!(
        found.contains(&"QueueByRisk") && found.contains(&"Submissions"),
        "{found:?}"
    );
    let unlisted = |tx: &mut Transaction<'_>| {
        let number = tx.keys::<LookHashes>(Range::all()).next().unwrap()?;
        tx.remove::<LookHashes>(&number);
        let look = PhotoLook {
            sharpness: 1,
            brightness: 1,
            kept: None,
        };
        tx.put::<Looks>(&1_000, &look)?;
        let indexed = IndexedLook {
            sha256: Sha256([7; 32]),
            hash: Some(1),
        };
        tx.put::<LookHashes>(&1_000, &indexed)?;
        let key = tx.keys::<QueueByRisk>(Range::all()).next().unwrap()?;
        tx.remove::<QueueByRisk>(&key);
        tx.remove::<Checked>(&SubmissionId(uuid::Uuid::now_v7()));
        Ok(())
    };
    let found = differences(&stage, unlisted).await;
    assert!(
        ["LookHashes", "LookNumbers", "Looks"]
            .iter()
            .all(|table| found.contains(table)),
        "{found:?}"
    );
}

#[tokio::test]
async fn smaller_copies_are_made_before_anybody_asks_and_again_when_they_are_gone_or_cut() {
    let (stage, _, picture) = stage().await;
    let harness = &stage.field.harness;
    for (size, folder, edge) in [("thumb", "320", 320), ("screen", "1600", 1600)] {
        let file = harness
            .data_dir()
            .join("renditions")
            .join(folder)
            .join(&picture.sha256);
        let made = fs::read(&file).unwrap();
        let path = format!("/api/v1/photos/{}?size={size}", picture.sha256);
        let show = async || {
            let request = harness.request(reqwest::Method::GET, &path, &stage.field.admin.token);
            request.send().await.unwrap().bytes().await.unwrap()
        };
        assert_eq!(show().await, made);
        let decoded = image::load_from_memory(&made).unwrap();
        assert_eq!(decoded.width().max(decoded.height()), edge);
        assert!(
            !made.windows(4).any(|four| four == b"Exif"),
            "no notes of the camera"
        );
        fs::remove_file(&file).unwrap();
        assert!(!show().await.is_empty() && file.is_file());
        // A power cut may leave a name without its bytes.
        fs::write(&file, &made[..made.len() / 2]).unwrap();
        let again = show().await;
        assert!(again.ends_with(&[0xff, 0xd9]));
        assert_eq!(fs::read(&file).unwrap(), again);
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_decoded_is_evidence_all_the_same() {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let picture = crate::field::Picture::of(undecodable());
    let id = stage
        .send(&stage.field.head, &place, &picture, &Shot::default())
        .await;
    let seen = stage.checked(&id).await;
    assert_eq!(seen["state"], "pending");
    let checks = seen["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 16);
    for code in ["sharpness", "brightness", "similar_photo"] {
        assert_eq!(check(&seen, code)["data"]["reason"], "unreadable", "{code}");
    }
    // It weighs something: else it would be the surest way past all that looks at pixels.
    assert_eq!(check(&seen, "resolution")["outcome"], "warn");
    assert!(seen["risk"]["score"].as_u64().unwrap() > 0);
    stage.field.assert_clean().await;
}

#[tokio::test]
async fn a_picture_without_smaller_copies_is_shown_as_it_was_sent_and_a_list_says_so_in_words() {
    let stage = Stage::set().await;
    let harness = &stage.field.harness;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let picture = crate::field::Picture::of(undecodable());
    stage
        .send(&stage.field.head, &place, &picture, &Shot::default())
        .await;
    harness.check_all().await;
    let path = |size: &str| format!("/api/v1/photos/{}?size={size}", picture.sha256);
    for _ in 0..2 {
        let request = harness.request(reqwest::Method::GET, &path("screen"), &stage.field.admin.token);
        let shown = request.send().await.unwrap();
        assert_eq!(shown.status(), 200);
        assert_eq!(shown.headers()["content-type"], "image/png");
        // A copy may be made one day, by a program that can.
        assert_eq!(shown.headers()["cache-control"], "private, max-age=3600");
        assert_eq!(shown.bytes().await.unwrap(), picture.bytes);
    }
    let listed = harness.get(&path("thumb"), &stage.field.admin.token).await;
    assert_eq!(listed.problem(), "422/picture-has-no-copy");
    let kept = harness.data_dir().join("renditions/1600").join(&picture.sha256);
    assert!(!kept.exists(), "the original is no copy of itself");
}
