//! Picture files that no row speaks of: what a crash between the shelf and the row leaves.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use minhchung::domain::{Role, SubmissionId};
use uuid::Uuid;

use super::office::{Office, actor, draft};
use super::pictures::picture;
use crate::support::COMMUNE;

/// Lets the file look as if it had been written `hours` ago.
fn age(path: &Path, hours: u64) {
    let file = File::options().write(true).open(path).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_hours(hours)).unwrap();
}

#[test]
fn a_picture_without_a_row_is_removed_after_a_day_and_one_with_a_row_never() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let office = Office::open(&data, "2026-07-20T09:00:00+07:00");
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
    let (kept, old, young) = (picture(100), picture(200), picture(300));
    let report = draft(
        SubmissionId(Uuid::now_v7()),
        place,
        office.clock.now(),
        std::slice::from_ref(&kept),
    );
    office
        .run(office.send_whole(&officer, report, std::slice::from_ref(&kept)))
        .unwrap();
    // These came as far as the shelf; the process died before their rows.
    for picture in [&old, &young] {
        office.run(office.receive(picture)).unwrap();
    }
    let shelf = data.join("photos/2026-07");
    age(&shelf.join(&kept.sha256), 48);
    age(&shelf.join(&old.sha256), 25);
    // The same picture on the shelf of another month, where its row does not look.
    fs::create_dir(data.join("photos/2026-06")).unwrap();
    let elsewhere = data.join("photos/2026-06").join(&kept.sha256);
    fs::copy(shelf.join(&kept.sha256), &elsewhere).unwrap();
    age(&elsewhere, 25);

    assert_eq!(
        office.evidence.sweep_orphans(&|| true).unwrap(),
        0,
        "a stop interrupts it"
    );
    assert_eq!(office.evidence.sweep_orphans(&|| false).unwrap(), 2);
    assert_eq!(fs::read(shelf.join(&kept.sha256)).unwrap(), kept.bytes);
    assert!(shelf.join(&young.sha256).exists(), "its row may be on its way");
    assert!(!shelf.join(&old.sha256).exists());
    assert!(!elsewhere.exists());
    assert_eq!(office.evidence.sweep_orphans(&|| false).unwrap(), 0);
}
