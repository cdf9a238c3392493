//! What only shows from inside: abandoned requests, memory of sessions, keys, and what the audit log must not say.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::auth::token;
use crate::disk::FreeSpace;
use crate::domain::{KeyPurpose, Moment, Role, User};
use crate::store::records::AuditLog;
use crate::store::{DataDirectory, Range, ReadTables, StoreError};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "một mật khẩu dài";
const DAY_MS: i64 = 24 * 3600 * 1000;

struct Office {
    accounts: Accounts,
    store: Store,
    clock: Clock,
    _directory: DataDirectory,
    _home: tempfile::TempDir,
}

async fn office() -> Office {
    let home = tempfile::tempdir().unwrap();
    let directory = DataDirectory::open(home.path(), 0).unwrap();
    let store = Store::open(&directory, 1 << 20, &FreeSpace::new(home.path(), 0)).unwrap();
    let clock = Clock::manual(Moment::from_millis(1_772_000_000_000));
    Office {
        accounts: Accounts::open(store.clone(), clock.clone(), settings())
            .await
            .unwrap(),
        store,
        clock,
        _directory: directory,
        _home: home,
    }
}

fn settings() -> AccountSettings {
    AccountSettings {
        mode: Mode::Live,
        public_url: "https://minhchung.example".into(),
        has_commune: Arc::new(|code| code.to_string() == "02647"),
    }
}

fn new_user(username: &str, role: Role) -> NewUser {
    NewUser {
        id: None,
        username: username.into(),
        name: String::new(),
        role,
        commune: role.is_of_a_commune().then(|| "02647".parse().unwrap()),
        password: Some(PASSWORD.into()),
    }
}

impl Office {
    async fn hire(&self, username: &str, role: Role) -> User {
        let new = new_user(username, role);
        self.accounts.add_user(new, OperatorsTotp::Exempt).await.unwrap()
    }

    async fn log_in(&self, username: &str) -> Opened {
        let log_in = LogIn {
            username: username.into(),
            password: PASSWORD.into(),
            totp: None,
            device_name: String::new(),
            request_id: None,
        };
        self.accounts.log_in(log_in, HERE).await.unwrap()
    }

    async fn is_in(&self, opened: &Opened) -> bool {
        self.accounts.session_of(&opened.access_token).await.is_ok()
    }

    fn wait(&self, milliseconds: i64) {
        self.clock.set(self.clock.now().plus_millis(milliseconds));
    }
}

#[tokio::test]
async fn a_removal_counts_at_once_also_when_whoever_asked_for_it_has_gone_away() {
    let office = office().await;
    let user = office.hire("phone", Role::Viewer).await;
    let opened = office.log_in("phone").await;
    assert!(office.is_in(&opened).await);
    assert!(office.accounts.known_session(&opened.access_token).is_some());
    // A writer that is busy with something else leaves both to wait in its queue.
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let mut busy = Box::pin(
        office
            .store
            .transact::<_, StoreError>(move |_| Ok(held.recv().is_ok())),
    );
    tokio::select! {
        biased;
        _ = &mut busy => panic!("the writer does not wait"),
        () = std::future::ready(()) => {}
    }
    let mut removal = Box::pin(
        office
            .accounts
            .remove_device(Keeper::OPERATOR, user.id, opened.actor.device),
    );
    // Polled once, so that it is on its way to the writer, and then abandoned, as a cut connection does.
    tokio::select! {
        biased;
        _ = &mut removal => panic!("it does not wait for the writer"),
        () = std::future::ready(()) => {}
    }
    drop(removal);
    let_go.send(()).unwrap();
    assert!(busy.await.unwrap());
    office.store.transact::<_, StoreError>(|_| Ok(())).await.unwrap();
    assert!(office.accounts.known_session(&opened.access_token).is_none());
    assert!(matches!(
        office.accounts.session_of(&opened.access_token).await,
        Err(SessionRefused::Invalid)
    ));
}

#[tokio::test]
async fn what_is_remembered_of_a_session_ends_with_its_token() {
    let office = office().await;
    office.hire("viewer", Role::Viewer).await;
    let opened = office.log_in("viewer").await;
    assert!(office.accounts.known_session(&opened.access_token).is_none());
    assert!(office.is_in(&opened).await);
    assert!(office.accounts.known_session(&opened.access_token).is_some());
    office.wait(token::MAX_TTL.as_millis().try_into().unwrap());
    office.wait(10_000);
    assert!(office.accounts.known_session(&opened.access_token).is_none());
    assert!(!office.is_in(&opened).await);
}

#[tokio::test]
async fn a_log_in_does_not_make_the_server_forget_everybody_elses_session() {
    let office = office().await;
    office.hire("one", Role::Viewer).await;
    office.hire("other", Role::Viewer).await;
    let one = office.log_in("one").await;
    assert!(office.is_in(&one).await);
    let other = office.log_in("other").await;
    office.accounts.refresh(&other.refresh_token, None).await.unwrap();
    drop(office.accounts.refresh("forged", None).await.unwrap_err());
    assert!(office.accounts.known_session(&one.access_token).is_some());
}

#[tokio::test]
async fn the_twenty_first_session_puts_the_most_silent_one_out() {
    let office = office().await;
    office.hire("busy", Role::Viewer).await;
    let mut sessions = Vec::new();
    for _ in 0..20 {
        sessions.push(office.log_in("busy").await);
        office.wait(1000);
    }
    // The first one speaks up, so the second one is the most silent.
    sessions[0] = office
        .accounts
        .refresh(&sessions[0].refresh_token, None)
        .await
        .unwrap();
    office.wait(1000);
    assert!(office.is_in(&sessions[1]).await);
    let last = office.log_in("busy").await;
    assert!(!office.is_in(&sessions[1]).await);
    for opened in [&sessions[0], &sessions[2], &last] {
        assert!(office.is_in(opened).await);
    }
}

#[tokio::test]
async fn a_replaced_session_key_verifies_for_a_day_and_is_gone_then() {
    let office = office().await;
    office.hire("viewer", Role::Viewer).await;
    office.wait(30 * DAY_MS - 1000);
    let old = office.log_in("viewer").await;
    office.wait(1000);
    let new = office.log_in("viewer").await;
    assert!(office.is_in(&old).await, "signed by the old key a second ago");
    assert!(office.is_in(&new).await);
    assert_eq!(
        office.accounts.receipt_keys().jwks(KeyPurpose::Session)["keys"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    office.wait(DAY_MS);
    office.log_in("viewer").await;
    let ring = office.accounts.receipt_keys();
    assert_eq!(
        ring.jwks(KeyPurpose::Session)["keys"].as_array().unwrap().len(),
        1
    );
    assert_eq!(
        ring.jwks(KeyPurpose::Receipt)["keys"].as_array().unwrap().len(),
        2
    );
    // What is on disk is the same.
    let again = Accounts::open(office.store.clone(), office.clock.clone(), settings())
        .await
        .unwrap();
    for purpose in [KeyPurpose::Session, KeyPurpose::Receipt] {
        assert_eq!(again.receipt_keys().jwks(purpose), ring.jwks(purpose));
    }
}

#[tokio::test]
async fn an_account_that_is_there_is_left_as_it_is() {
    let office = office().await;
    let made = office
        .accounts
        .ensure_user(new_user("demo", Role::Viewer))
        .await
        .unwrap();
    let again = office
        .accounts
        .ensure_user(new_user("DEMO", Role::Verifier))
        .await
        .unwrap();
    assert_eq!(made, again);
}

#[tokio::test]
async fn an_exemption_is_the_operators_alone_and_ends_with_the_role() {
    let office = office().await;
    let exempt = office.hire("first", Role::Admin).await;
    let plain = office
        .accounts
        .ensure_user(new_user("second", Role::Admin))
        .await
        .unwrap();
    let viewer = office.hire("viewer", Role::Viewer).await;
    assert!(exempt.totp_exempt && !plain.totp_exempt && !viewer.totp_exempt);
    let admin = office.log_in("first").await.actor;
    let change = |role| UserChange {
        role: Some(role),
        ..UserChange::default()
    };
    for role in [Role::Viewer, Role::Admin] {
        for user in [exempt.id, viewer.id] {
            office
                .accounts
                .change_user(&admin, user, change(role))
                .await
                .unwrap();
        }
    }
    assert_eq!(office.log_in("first").await.duty, TotpDuty::SetUpFirst);
    let promoted = office.log_in("viewer").await;
    assert_eq!(promoted.duty, TotpDuty::SetUpFirst);
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_and_no_secret() {
    let office = office().await;
    office.hire("admin", Role::Admin).await;
    let head = office.hire("head", Role::VillageHead).await;
    let admin = office.log_in("admin").await;
    let keeper = Keeper::of(&admin.actor);
    let invited = office.accounts.invite(keeper, head.id).await.unwrap();
    let phone = office
        .accounts
        .enrol(&invited.code, "phone".into(), None, HERE)
        .await
        .unwrap();
    let offer = office.accounts.offer_totp(&admin.actor).await.unwrap();
    let change = UserChange {
        password: Some("ein anderes Passwort".into()),
        ..UserChange::default()
    };
    office
        .accounts
        .change_user(&admin.actor, head.id, change)
        .await
        .unwrap();
    office.accounts.log_out(&admin.actor).await.unwrap();
    let look = |view: &crate::store::View<'_>| {
        let entries = view
            .scan::<AuditLog>(Range::all())
            .map(|row| row.map(|(_, entry)| entry));
        entries.collect::<Result<Vec<_>, StoreError>>()
    };
    let entries = office.store.read(look).await.unwrap();
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "key.made",
            "key.made",
            "user.made",
            "user.made",
            "session.opened",
            "user.invited",
            "session.opened",
            "user.changed",
            "session.ended",
        ]
    );
    let log = format!("{entries:?}");
    let digits = invited.code.replace(' ', "");
    let tokens = [&admin.access_token, &admin.refresh_token, &phone.refresh_token];
    let secrets = [
        PASSWORD,
        "ein anderes Passwort",
        "argon2",
        &invited.code,
        &digits,
        &offer.secret,
    ];
    for secret in secrets.into_iter().chain(tokens.into_iter().map(String::as_str)) {
        assert!(!log.contains(secret), "{secret}");
    }
}
