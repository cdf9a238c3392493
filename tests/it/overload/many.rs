//! Ten times what the server can do, offered whatever becomes of it, while four phones send reports with pictures.
//!
//! `MINHCHUNG_TEST_OVERLOAD_SECONDS=300` is the whole proof: only there the ratios of time are judged.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Client;

use super::flood::{Kind, Outcome, Plan, count, flood};
use super::{memory_mib, until};
use crate::durability::load::{client, runtime};
use crate::durability::pictures::picture;
use crate::durability::process::{ROOMY, Server, prove, serve};
use crate::durability::seed::Seed;
use crate::durability::told::{Deed, End, Illness, Line, Told};
use crate::durability::{count_from_environment, say};

/// From so many seconds on times are judged too.
const WHOLE: u32 = 120;
/// Connections that find out what the server can do.
const TOGETHER: usize = 32;
/// Connections of the flood.
const FLOOD: usize = 1_000;
/// Connections that ask for the same as the flood and measure how long it takes. The flood cannot: with a thousand
/// connections on one thread it would measure how long an answer waits for that thread.
const WATCHERS: usize = 16;
/// Fewer answers of a kind than this prove nothing about their time.
const LEAST: usize = 50;
/// Phones that send pictures meanwhile.
const PHONES: usize = 4;
/// What the server may take beyond its idle memory, MiB.
const MEMORY_MIB: u64 = 256;
/// What each report that is kept may take of it beside that, bytes: the store's table of pages.
const MEMORY_A_REPORT: usize = 512;

fn percentile(latencies: &[Duration], percent: usize) -> f64 {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    let rank = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(rank).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

/// A server under test, and what was heard from it.
struct Trial {
    server: Server,
    seed: Seed,
    client: Client,
    told: RefCell<Vec<Told>>,
    /// Reports of the flood that were acknowledged.
    stored: RefCell<Vec<String>>,
}

/// What became of a flood, and of those beside it.
struct Seen {
    flood: Outcome,
    watched: Outcome,
    /// How long the phones' acknowledged reports took.
    phones: Vec<Duration>,
    /// The server's memory at its highest, MiB.
    peak: u64,
}

impl Trial {
    fn line(&self) -> Line<'_> {
        Line {
            client: &self.client,
            address: &self.server.address,
            seed: &self.seed,
            illness: Illness::Expected,
        }
    }

    /// Lets the flood come, and watchers and phones beside it.
    async fn under(&self, plan: Plan, watchers: usize, phones: usize) -> Seen {
        let flooding = flood(&self.server.address, &self.seed, plan);
        let watching = Plan {
            connections: watchers,
            rate: None,
            gives_way: false,
            ..plan
        };
        let watchers = flood(&self.server.address, &self.seed, watching);
        let took = RefCell::new(Vec::new());
        let peak = RefCell::new(0);
        let sending = join_all((0..phones).map(|phone| self.send(phone, &flooding, &took)));
        let weighing = async {
            while !flooding.is_finished() {
                let now = memory_mib(self.server.id(), "VmRSS").max(*peak.borrow());
                peak.replace(now);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::join!(sending, weighing);
        let (flood, watched) = (flooding.join().unwrap(), watchers.join().unwrap());
        for outcome in [&flood, &watched] {
            self.stored.borrow_mut().extend(outcome.stored.iter().cloned());
        }
        Seen {
            flood,
            watched,
            phones: took.into_inner(),
            peak: peak.into_inner(),
        }
    }

    /// One phone: what is not acknowledged is sent again a moment later, word for word.
    async fn send(
        &self,
        phone: usize,
        flood: &std::thread::JoinHandle<Outcome>,
        took: &RefCell<Vec<Duration>>,
    ) {
        let place = &self.seed.assignments[phone % self.seed.assignments.len()];
        while !flood.is_finished() {
            let mut told = Told::new(place, vec![picture(20_000)], [Deed::Whole].into());
            loop {
                let sent = Instant::now();
                if told.go_on(&self.line()).await == End::Answered {
                    took.borrow_mut().push(sent.elapsed());
                    break;
                }
                if flood.is_finished() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.told.borrow_mut().push(told);
        }
    }

    /// Everything acknowledged is there; what is in doubt is done again.
    async fn verify(&self) {
        let line = Line {
            illness: Illness::Fault,
            ..self.line()
        };
        let (mut told, stored) = (self.told.take(), self.stored.take());
        for told in &mut told {
            told.settle(&line).await;
        }
        for id in &stored {
            let url = format!("{}/api/v1/submissions/{id}", self.server.address);
            let shown = self
                .client
                .get(url)
                .bearer_auth(&self.seed.head_token)
                .send()
                .await;
            let shown: serde_json::Value = shown.unwrap().json().await.unwrap();
            assert_eq!(
                shown["state"], "incomplete",
                "an acknowledged report is gone: {shown:#}"
            );
        }
        say(&format!(
            "overload: {} reports with pictures and {} without are there as they were acknowledged",
            told.len(),
            stored.len()
        ));
    }
}

#[test]
fn ten_times_what_can_be_done_is_shed_and_everything_acknowledged_stays() {
    let seconds = count_from_environment("MINHCHUNG_TEST_OVERLOAD_SECONDS", 5);
    let whole = seconds >= WHOLE;
    let measured = Duration::from_secs(if whole { 20 } else { 2 });
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    // As in a province, where a place has a report or two: what a place's reports cost grows with their number.
    let seed = Seed::plant(&data, if whole { 5_000 } else { 100 });
    let flags = [&ROOMY[..], &["--trusted-proxy", "127.0.0.1"]].concat();
    let trial = Trial {
        server: Server::start(serve(&data, &flags)),
        seed,
        client: client(),
        told: RefCell::default(),
        stored: RefCell::default(),
    };
    let closed = |connections, long| Plan {
        connections,
        rate: None,
        long,
        gives_way: true,
    };
    runtime().block_on(async {
        trial.under(closed(4, measured / 4), 0, 1).await;
        let idle = memory_mib(trial.server.id(), "VmRSS");
        let phone_alone = trial.under(closed(0, measured), 0, 1).await.phones;
        let alone = trial.under(closed(0, measured), 1, 0).await.watched;
        let full = trial.under(closed(TOGETHER, measured), 0, 0).await.flood;
        let capacity = count(full.served()) / measured.as_secs_f64();
        // More log-ins than can be done are among them.
        let turned_away = count(full.shed.len()) / count(full.asked);

        let long = Duration::from_secs(seconds.into());
        let plan = Plan {
            connections: FLOOD,
            rate: Some(capacity * 10.0),
            long,
            gives_way: true,
        };
        let Seen { flood: load, watched, phones, peak } = trial.under(plan, WATCHERS, PHONES).await;
        let over = Instant::now();
        let window = if whole { Duration::from_secs(2) } else { Duration::from_millis(500) };
        for (when, outcome, long) in
            [("alone", &alone, measured), ("full", &full, measured), ("flood", &load, long), ("watched", &watched, long)]
        {
            say(&format!("overload: {when}: {}", outcome.says(long)));
        }
        let mut recovered = Duration::ZERO;
        until("the server does as much as before", async || {
            let again = trial.under(closed(TOGETHER, window), 0, 0).await.flood;
            recovered = over.elapsed();
            // In the short run it is enough that no more are turned away than before.
            let enough = !whole || count(again.served()) / window.as_secs_f64() >= capacity * 0.8;
            enough && count(again.shed.len()) / count(again.asked) <= turned_away + 0.05
        })
        .await;

        say(&format!(
            "overload: {seconds} s; capacity {capacity:.0}/s; offered {:.0}/s ({} turns missed); served {:.0}/s, shed {}, \
             closed {}; turned away in p50 {:.1} p99 {:.1} ms; memory idle {idle} peak {peak} MiB; recovered in {:.1} s",
            count(load.asked) / long.as_secs_f64(),
            load.missed,
            count(load.served()) / long.as_secs_f64(),
            load.shed.len(),
            load.closed,
            percentile(&load.shed, 50),
            percentile(&load.shed, 99),
            recovered.as_secs_f64(),
        ));
        // What is let in is worth nothing when it is next to nothing.
        assert!(!whole || count(load.served()) / long.as_secs_f64() >= capacity / 2.0, "too few are served");
        let mut late = Vec::new();
        let mut compare = |what: &str, alone: &[Duration], loaded: &[Duration]| {
            let ratio = percentile(loaded, 99) / percentile(alone, 99);
            say(&format!(
                "overload: {what}: alone p50 {:.1} p99 {:.1} ms ({}); overloaded p50 {:.1} p99 {:.1} ms ({}); {ratio:.1} times",
                percentile(alone, 50),
                percentile(alone, 99),
                alone.len(),
                percentile(loaded, 50),
                percentile(loaded, 99),
                loaded.len(),
            ));
            let answers = alone.len().min(loaded.len());
            if answers < LEAST || ratio > 5.0 {
                late.push(format!("{what}: {ratio:.1} times, {answers} answers"));
            }
        };
        compare("report with picture", &phone_alone, &phones);
        for (place, kind) in Kind::ALL.iter().enumerate() {
            compare(&format!("{kind:?}"), &alone.served[place], &watched.served[place]);
        }
        let wrong = [&load.wrong[..], &watched.wrong].concat();
        assert_eq!(wrong, Vec::<String>::new());
        assert!(load.served() > 0 && !load.shed.is_empty(), "{} served", load.served());
        assert!(!phones.is_empty(), "no phone came through");
        let kept = trial.stored.borrow().len() + trial.told.borrow().len();
        let rows = u64::try_from((kept * MEMORY_A_REPORT) >> 20).unwrap();
        assert!(
            peak <= idle + MEMORY_MIB + rows,
            "{peak} MiB of memory, {idle} when idle, {kept} reports"
        );
        trial.verify().await;
        assert!(!whole || late.is_empty(), "answered too late under load: {late:?}");
        assert!(!whole || recovered < Duration::from_secs(10), "{recovered:?}");
    });
    trial.server.stop();
    prove(&data);
}
