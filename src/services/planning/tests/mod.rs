//! Planning on a real store, with the time set by hand.

mod counting;
mod lists;
mod proposals;
mod rules;
mod tables;

use std::future::Future;
use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::auth::Actor;
use crate::disk::FreeSpace;
use crate::domain::{
    CommuneCode, DeviceId, HistoryEvent, Moment, Report, Role, Sha256, Submission, SubmissionId,
    SubmissionState, User, UserId, Verdict, fold,
};
use crate::services::ledger::{self, Entry};
use crate::store::records::{Assignments, Submissions, Users, UsersByName};
use crate::store::{DataDirectory, ReadTables};

/// Lào Cai.
const HERE: &str = "02647";
/// Cam Đường.
const THERE: &str = "02671";

struct Office {
    runtime: tokio::runtime::Runtime,
    planning: Planning,
    store: Store,
    clock: Clock,
    _home: tempfile::TempDir,
}

fn office() -> Office {
    let home = tempfile::tempdir().unwrap();
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let store = Store::open(&directory, 8 << 20, &FreeSpace::new(home.path(), 0)).unwrap();
    let clock = Clock::manual("2026-07-01T08:00:00+07:00".parse().unwrap());
    let campaign = Arc::new(Campaign::shipped().unwrap());
    Office {
        runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        planning: Planning::new(store.clone(), clock.clone(), campaign),
        store,
        clock,
        _home: home,
    }
}

impl Office {
    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A new account, as an actor.
    fn account(&self, role: Role, commune: Option<&str>, username: &str) -> Actor {
        let commune: Option<CommuneCode> = commune.map(|code| code.parse().unwrap());
        let user = User {
            id: UserId(Uuid::new_v4()),
            username: username.into(),
            name: format!("Người thử {username}"),
            role,
            commune,
            password: None,
            totp: None,
            totp_exempt: false,
            disabled: false,
            created_at: self.clock.now(),
            made_from: Sha256([0; 32]),
            invitation: None,
            last_log_in: None,
        };
        let actor = Actor {
            user: user.id,
            name: user.name.clone(),
            role,
            commune,
            device: DeviceId(Uuid::new_v4()),
        };
        self.put_user(user);
        actor
    }

    fn put_user(&self, user: User) {
        let put = move |tx: &mut crate::store::Transaction<'_>| {
            tx.put::<UsersByName>(&fold(&user.username), &user.id)?;
            tx.put::<Users>(&user.id, &user)
        };
        self.store.transact_now::<(), StoreError>(put).unwrap();
    }

    fn shut(&self, actor: &Actor) {
        let found = self
            .store
            .read_now(|rows| rows.get::<Users>(&actor.user))
            .unwrap();
        let mut user = found.unwrap();
        user.disabled = true;
        self.put_user(user);
    }

    fn admin(&self) -> Actor {
        self.account(Role::Admin, None, "quan-tri")
    }

    fn officer(&self) -> Actor {
        self.account(Role::CommuneOfficer, Some(HERE), "can-bo")
    }

    fn head(&self, username: &str) -> Actor {
        self.account(Role::VillageHead, Some(HERE), username)
    }

    fn make(&self, actor: &Actor, draft: Draft) -> AssignmentView {
        self.run(self.planning.create(actor, None, draft)).unwrap().0
    }

    fn change(
        &self,
        actor: &Actor,
        view: &AssignmentView,
        draft: Draft,
    ) -> Result<AssignmentView, PlanningError> {
        let (id, version) = (view.assignment.id, view.assignment.version);
        self.run(self.planning.change(actor, id, version, draft, Given::Absent))
    }

    fn accept(&self, actor: &Actor, view: &AssignmentView) -> Result<AssignmentView, PlanningError> {
        let (id, version) = (view.assignment.id, view.assignment.version);
        let open = Given::Value("open".to_owned());
        self.run(self.planning.change(actor, id, version, Draft::default(), open))
    }

    fn cancel(&self, actor: &Actor, view: &AssignmentView) -> Result<AssignmentView, PlanningError> {
        self.run(
            self.planning
                .cancel(actor, view.assignment.id, view.assignment.version),
        )
    }

    fn see(&self, actor: &Actor, id: AssignmentId) -> Result<AssignmentView, PlanningError> {
        self.run(self.planning.assignment(actor, id))
    }

    /// Evidence for an assignment in `state`, captured on the clock's day.
    fn evidence(&self, id: AssignmentId, state: SubmissionState, verdict: Option<Verdict>) -> SubmissionId {
        let (at, by) = (self.clock.now(), UserId(Uuid::nil()));
        let new_id = SubmissionId(Uuid::new_v4());
        let put = move |tx: &mut crate::store::Transaction<'_>| {
            let assignment = tx.get::<Assignments>(&id)?.unwrap();
            let submission = Submission {
                id: new_id,
                report: Report {
                    assignment: id,
                    captured_at: at,
                    location: None,
                    note: None,
                    signed_count: Some(12),
                },
                commune: assignment.commune,
                cell: assignment.cell,
                submitter: by,
                device: None,
                state,
                received_at: at,
                photos: Vec::new(),
                client: None,
                marks: Vec::new(),
                decision: verdict.map(|verdict| (by, at, verdict)),
                receipt: None,
                phone_ahead_s: None,
                risk: 0,
                warned: crate::domain::Warned::default(),
                version: 1,
            };
            let event = HistoryEvent {
                at,
                by: None,
                from: None,
                to: state,
                verdict: None,
            };
            let entry = Entry {
                at,
                by: None,
                action: "submission.tested",
            };
            ledger::put_submission(tx, None, &submission, Some(event), entry)
        };
        self.store.transact_now(put).unwrap();
        new_id
    }

    fn submission(&self, id: SubmissionId) -> Submission {
        self.store
            .read_now(|rows| rows.get::<Submissions>(&id))
            .unwrap()
            .unwrap()
    }
}

/// A draft of a banner here.
fn draft(place: &str) -> Draft {
    Draft {
        commune: Given::Value(HERE.into()),
        village: Given::Value("Thôn 1".into()),
        place: Given::Value(place.into()),
        cell: Given::Value("banner.2".into()),
        due: Given::Value("2026-07-10".into()),
        ..Draft::default()
    }
}

fn assigned_to(actor: &Actor) -> Draft {
    Draft {
        assignee: Given::Value(actor.user.to_string()),
        ..Draft::default()
    }
}

/// The pointer and code of every wrong field.
fn wrong<T: std::fmt::Debug>(result: Result<T, PlanningError>) -> Vec<(String, &'static str)> {
    match result {
        Err(PlanningError::Invalid(fields)) => fields
            .into_iter()
            .map(|field| (field.pointer, field.code))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}
