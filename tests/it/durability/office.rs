//! The services on a real store, in this process, under a clock that is moved by hand.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use minhchung::auth::{Actor, KeyRing, SigningKey};
use minhchung::campaign::Campaign;
use minhchung::clock::Clock;
use minhchung::config::Limits;
use minhchung::disk::FreeSpace;
use minhchung::domain::{
    AssignmentId, DeviceId, KeyPurpose, Moment, Report, Role, Sha256, Submission, SubmissionId, UserId,
};
use minhchung::photos::Photos;
use minhchung::services::completion::Completion;
use minhchung::services::completion::recount::recount;
use minhchung::services::evidence::{
    ArrivedPicture, Draft, DraftPhoto, Evidence, EvidenceError, PhotoList, Recorded,
};
use minhchung::services::planning::{self, Given, Planning};
use minhchung::services::review::Review;
use minhchung::store::{DataDirectory, Store};
use uuid::Uuid;

use super::pictures::Picture;

pub struct Office {
    pub runtime: tokio::runtime::Runtime,
    pub evidence: Evidence,
    pub review: Review,
    pub planning: Planning,
    pub completion: Completion,
    pub clock: Clock,
    pub store: Store,
    _directory: DataDirectory,
}

impl Office {
    /// Everything over `data_dir`, at `moment`.
    pub fn open(data_dir: &Path, moment: &str) -> Self {
        Self::with_reserve(data_dir, moment, 0)
    }

    /// The same where `min_free_bytes` have to stay free.
    pub fn with_reserve(data_dir: &Path, moment: &str, min_free_bytes: u64) -> Self {
        let directory = DataDirectory::open(data_dir, 0).unwrap();
        let space = FreeSpace::new(data_dir, min_free_bytes);
        let store = Store::open(&directory, 8 << 20, &space).unwrap();
        let clock = Clock::manual(moment.parse().unwrap());
        let campaign = Arc::new(Campaign::shipped().unwrap());
        let key = SigningKey::generate(KeyPurpose::Receipt, clock.now());
        let keys = Arc::new(KeyRing::from_stored([key.to_stored()]).unwrap());
        Self {
            runtime: super::load::runtime(),
            evidence: Evidence::new(
                store.clone(),
                Photos::new(data_dir),
                clock.clone(),
                space,
                Arc::new(move || Arc::clone(&keys)),
                &Limits::default(),
            ),
            review: Review::new(store.clone(), clock.clone()),
            planning: Planning::new(store.clone(), clock.clone(), Arc::clone(&campaign)),
            completion: Completion::new(store.clone(), clock.clone(), campaign),
            clock,
            store,
            _directory: directory,
        }
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn wait(&self, hours: i64) {
        self.clock.set(Moment::from_millis(
            self.clock.now().as_millis() + hours * 3_600_000,
        ));
    }

    /// A place in the plan of `commune`.
    pub fn plan(&self, commune: &str, cell: &str, due: &str) -> AssignmentId {
        let draft = planning::Draft {
            commune: Given::Value(commune.into()),
            village: Given::Value("Thôn Hoà Bình".into()),
            place: Given::Value("Cổng chợ".into()),
            cell: Given::Value(cell.into()),
            due: Given::Value(due.into()),
            ..planning::Draft::default()
        };
        self.run(self.planning.create(&actor(Role::Admin, None), None, draft))
            .unwrap()
            .0
            .assignment
            .id
    }

    /// One picture, received and on its shelf.
    pub async fn receive(&self, picture: &Picture) -> Result<ArrivedPicture, EvidenceError> {
        let length = u64::try_from(picture.bytes.len()).unwrap();
        let mut reception = self.evidence.begin_picture(Some(length))?;
        reception.write(&picture.bytes).await?;
        reception.finish(Some(sha256(picture))).await
    }

    /// A whole submission in one request.
    pub async fn send_whole(
        &self,
        by: &Actor,
        draft: Draft,
        pictures: &[Picture],
    ) -> Result<Recorded, EvidenceError> {
        let mut arrived = Vec::new();
        for picture in pictures {
            arrived.push(self.receive(picture).await?);
        }
        self.evidence.receive_report(by, draft, arrived).await
    }

    /// Everything that is kept and does not equal the records.
    pub fn differences(&self) -> Vec<String> {
        let found = self.store.read_now(|view| recount(view)).unwrap();
        found.differences.iter().map(ToString::to_string).collect()
    }

    pub fn submission(&self, id: SubmissionId) -> Option<Submission> {
        let admin = actor(Role::Admin, None);
        self.run(self.evidence.submission(&admin, id))
            .ok()
            .map(|seen| seen.submission)
    }
}

pub fn sha256(picture: &Picture) -> Sha256 {
    picture.sha256.parse().unwrap()
}

/// Somebody of `role`.
pub fn actor(role: Role, commune: Option<&str>) -> Actor {
    Actor {
        user: UserId(Uuid::new_v4()),
        name: "Người Thử".into(),
        role,
        commune: commune.map(|code| code.parse().unwrap()),
        device: DeviceId(Uuid::new_v4()),
    }
}

/// A report of `pictures` for `assignment`.
pub fn draft(id: SubmissionId, assignment: AssignmentId, captured_at: Moment, pictures: &[Picture]) -> Draft {
    let photo = |picture: &Picture| DraftPhoto {
        sha256: sha256(picture),
        bytes: u64::try_from(picture.bytes.len()).unwrap(),
    };
    Draft {
        id,
        report: Report {
            assignment,
            captured_at,
            location: None,
            note: None,
            signed_count: None,
        },
        photos: PhotoList::Announced(pictures.iter().map(photo).collect()),
        client: None,
    }
}
