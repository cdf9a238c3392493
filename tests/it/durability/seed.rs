//! A data directory with people and places in it, made before any server runs there.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use minhchung::auth::Mode;
use minhchung::campaign::Campaign;
use minhchung::clock::Clock;
use minhchung::disk::FreeSpace;
use minhchung::domain::Role;
use minhchung::server::has_commune;
use minhchung::services::accounts::{AccountSettings, Accounts, LogIn, NewUser, OperatorsTotp};
use minhchung::services::planning::{Draft, Given, Planning};
use minhchung::store::{DataDirectory, Store};
use serde_json::json;

use crate::support::{COMMUNE, PASSWORD};

/// Who and what is in the directory.
#[derive(Debug, Clone)]
pub struct Seed {
    pub head_token: String,
    pub verifier_token: String,
    pub admin_token: String,
    /// All given to the village head.
    pub assignments: Vec<String>,
}

impl Seed {
    /// Fills a new data directory with three people and `places` assignments.
    pub fn plant(data_dir: &Path, places: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(plant(data_dir, places))
    }
}

impl Seed {
    /// New sessions for all three.
    pub async fn sign_in(&mut self, client: &reqwest::Client, address: &str) {
        let people = [
            ("truong.thon", &mut self.head_token),
            ("tham.dinh", &mut self.verifier_token),
            ("quan.tri", &mut self.admin_token),
        ];
        for (username, token) in people {
            let body = json!({ "username": username, "password": PASSWORD, "device_name": "test" });
            let request = client.post(format!("{address}/api/v1/auth/login")).json(&body);
            let opened = crate::support::answer(request).await.expect(200);
            opened["access_token"].as_str().unwrap().clone_into(token);
        }
    }
}

async fn plant(data_dir: &Path, places: usize) -> Seed {
    let directory = DataDirectory::open(data_dir, 0).unwrap();
    let store = Store::open(&directory, 8 << 20, &FreeSpace::new(data_dir, 0)).unwrap();
    let campaign = Arc::new(Campaign::shipped().unwrap());
    let settings = AccountSettings {
        mode: Mode::Live,
        public_url: String::new(),
        has_commune: has_commune(&campaign),
    };
    let accounts = Accounts::open(store.clone(), Clock::system(), settings)
        .await
        .unwrap();
    let (head, head_token) = person(&accounts, "truong.thon", Role::VillageHead, Some(COMMUNE)).await;
    let (_, verifier_token) = person(&accounts, "tham.dinh", Role::Verifier, None).await;
    let (_, admin_token) = person(&accounts, "quan.tri", Role::Admin, None).await;
    let admin = accounts.actor_of(&admin_token).await.unwrap();
    let planning = Planning::new(store, Clock::system(), campaign);
    let mut assignments = Vec::new();
    for number in 0..places {
        let draft = Draft {
            commune: Given::Value(COMMUNE.into()),
            village: Given::Value(format!("Thôn {}", number % 3)),
            place: Given::Value(format!("Nơi {number}")),
            cell: Given::Value(format!("banner.{}", 1 + number % 6)),
            due: Given::Value("2026-12-31".into()),
            assignee: Given::Value(head.clone()),
            ..Draft::default()
        };
        let (view, _) = planning.create(&admin, None, draft).await.unwrap();
        assignments.push(view.assignment.id.to_string());
    }
    Seed {
        head_token,
        verifier_token,
        admin_token,
        assignments,
    }
}

async fn person(accounts: &Accounts, username: &str, role: Role, commune: Option<&str>) -> (String, String) {
    let new = NewUser {
        id: None,
        username: username.into(),
        name: "Người Thử".into(),
        role,
        commune: commune.map(|code| code.parse().unwrap()),
        password: Some(PASSWORD.into()),
    };
    let user = accounts.add_user(new, OperatorsTotp::Exempt).await.unwrap();
    let log_in = LogIn {
        username: username.into(),
        password: PASSWORD.into(),
        totp: None,
        device_name: "test".into(),
        request_id: None,
    };
    let opened = accounts
        .log_in(log_in, IpAddr::V4(Ipv4Addr::LOCALHOST))
        .await
        .unwrap();
    (user.id.to_string(), opened.access_token)
}
