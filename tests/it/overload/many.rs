//! Ten times what the server can do, offered without waiting for answers.
//!
//! `MINHCHUNG_TEST_OVERLOAD_SECONDS=300` (`./scripts/soak overload`) is the whole proof: only there the ratios of time
//! are judged, and its figures are printed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::asking::{Asked, Crowd, End, Kind};
use super::{memory_mib, until};
use crate::durability::load::{client, runtime};
use crate::durability::process::{ROOMY, Server, prove, serve};
use crate::durability::seed::Seed;
use crate::durability::told::Told;
use crate::durability::{count_from_environment, say};

/// The whole proof judges times too.
const WHOLE: u32 = 120;
/// Connections of the measuring crowd.
const TOGETHER: usize = 32;
/// More requests under way than that are not offered: the crowd has to live too, and says so.
const UNDER_WAY: usize = 1_500;
/// What the server may take beyond its idle memory, MiB.
const MEMORY_MIB: u64 = 256;

/// What came of many requests.
#[derive(Default)]
struct Outcome {
    asked: usize,
    served: usize,
    shed: usize,
    closed: usize,
    wrong: Vec<String>,
    latencies: [Vec<Duration>; 3],
    refused_in: Vec<Duration>,
    told: Vec<Told>,
}

impl Outcome {
    fn take(&mut self, asked: Asked) {
        self.asked += 1;
        match asked.end {
            End::Served => {
                self.served += 1;
                let kind = Kind::ALL.iter().position(|kind| *kind == asked.kind).unwrap();
                self.latencies[kind].push(asked.took);
            }
            End::Shed => {
                self.shed += 1;
                self.refused_in.push(asked.took);
            }
            End::Closed => self.closed += 1,
            End::Wrong(what) => self.wrong.push(what),
        }
        self.told.extend(asked.told);
    }

    fn of(&self, kind: usize, percent: usize) -> Duration {
        percentile(&self.latencies[kind], percent)
    }
}

fn percentile(latencies: &[Duration], percent: usize) -> Duration {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    sorted
        .get(sorted.len().saturating_sub(1) * percent / 100)
        .copied()
        .unwrap_or_default()
}

/// `connections` askers, each asking again when it is answered, for `long`.
async fn closed_loop(crowd: Crowd<'_>, connections: usize, long: Duration, number: &AtomicUsize) -> Outcome {
    let mut outcome = Outcome::default();
    let next = || crowd.ask(number.fetch_add(1, Ordering::Relaxed));
    let end = Instant::now() + long;
    let mut asking: FuturesUnordered<_> = (0..connections).map(|_| next()).collect();
    while let Some(asked) = asking.next().await {
        outcome.take(asked);
        if Instant::now() < end {
            asking.push(next());
        }
    }
    outcome
}

/// `rate` requests a second for `long`, whatever becomes of them. Also answers how many could not be offered, and the
/// most memory that the server was seen to take.
async fn open_loop(
    crowd: Crowd<'_>,
    rate: f64,
    long: Duration,
    number: &AtomicUsize,
    server: u32,
) -> (Outcome, usize, u64) {
    let (mut outcome, mut not_offered, mut peak) = (Outcome::default(), 0, 0);
    let began = Instant::now();
    let (mut due, mut looked) = (0_usize, Instant::now());
    let mut asking = FuturesUnordered::new();
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    while began.elapsed() < long {
        tokio::select! {
            Some(asked) = asking.next(), if !asking.is_empty() => outcome.take(asked),
            _ = tick.tick() => {
                let until_now = (began.elapsed().as_secs_f64() * rate) as usize;
                while due < until_now {
                    due += 1;
                    if asking.len() < UNDER_WAY {
                        asking.push(crowd.ask(number.fetch_add(1, Ordering::Relaxed)));
                    } else {
                        not_offered += 1;
                    }
                }
                if looked.elapsed() > Duration::from_millis(200) {
                    looked = Instant::now();
                    peak = peak.max(memory_mib(server, "VmRSS"));
                }
            }
        }
    }
    while let Some(asked) = asking.next().await {
        outcome.take(asked);
    }
    (outcome, not_offered, peak)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[test]
fn ten_times_what_can_be_done_is_shed_and_everything_acknowledged_stays() {
    let seconds = count_from_environment("MINHCHUNG_TEST_OVERLOAD_SECONDS", 5);
    let whole = seconds >= WHOLE;
    let measured = Duration::from_secs(if whole { 20 } else { 2 });
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 8);
    let flags = [&ROOMY[..], &["--trusted-proxy", "127.0.0.1"]].concat();
    let server = Server::start(serve(&data, &flags));
    let runtime = runtime();
    runtime.block_on(async {
        // The crowd steps back for the server: both share the machine. On Linux this is the thread's own.
        rustix::process::nice(10).unwrap();
        let client = client();
        let crowd = Crowd { client: &client, address: &server.address, seed: &seed };
        let number = AtomicUsize::new(1);
        closed_loop(crowd, 4, measured / 4, &number).await;
        let idle = memory_mib(server.id(), "VmRSS");
        let alone = closed_loop(crowd, 1, measured, &number).await;
        let full = closed_loop(crowd, TOGETHER, measured, &number).await;
        let capacity = full.served as f64 / measured.as_secs_f64();

        let long = Duration::from_secs(seconds.into());
        let (mut load, not_offered, peak) =
            open_loop(crowd, capacity * 10.0, long, &number, server.id()).await;
        let over = Instant::now();
        let mut recovered = None;
        until("the server does as much as before", async || {
            let again = closed_loop(crowd, TOGETHER, Duration::from_millis(500), &number).await;
            // In the short run it is enough that nobody is turned away any more.
            let back = again.shed == 0 && (!whole || again.served as f64 * 2.0 >= capacity * 0.8);
            load.told.extend(again.told);
            recovered = back.then(|| over.elapsed());
            back
        })
        .await;
        let recovered = recovered.unwrap();

        say(&format!(
            "overload: {seconds} s, capacity {capacity:.0}/s, offered {:.0}/s ({} not offered), served {:.0}/s, shed {}, \
             closed {}, wrong {}; refused in p50 {:.1} ms p99 {:.1} ms; memory idle {idle} MiB, peak {peak} MiB; \
             recovered in {:.1} s",
            load.asked as f64 / long.as_secs_f64(),
            not_offered,
            load.served as f64 / long.as_secs_f64(),
            load.shed,
            load.closed,
            load.wrong.len(),
            ms(percentile(&load.refused_in, 50)),
            ms(percentile(&load.refused_in, 99)),
            recovered.as_secs_f64(),
        ));
        for (place, kind) in Kind::ALL.iter().enumerate() {
            let ratio = ms(load.of(place, 99)) / ms(alone.of(place, 99));
            say(&format!(
                "overload: {kind:?}: unloaded p50 {:.1} p99 {:.1} ms; {TOGETHER} together p99 {:.1} ms; overloaded: {} \
                 served, p50 {:.1} p99 {:.1} ms, ratio {ratio:.1}",
                ms(alone.of(place, 50)),
                ms(alone.of(place, 99)),
                ms(full.of(place, 99)),
                load.latencies[place].len(),
                ms(load.of(place, 50)),
                ms(load.of(place, 99)),
            ));
            assert!(!whole || ratio <= 5.0, "{kind:?} is answered too late under load: {ratio:.1} times");
        }
        assert!(!whole || recovered < Duration::from_secs(10), "{recovered:?}");
        assert_eq!(load.wrong, Vec::<String>::new());
        assert!(load.served > 0 && load.shed > 0, "{} served, {} shed", load.served, load.shed);
        assert!(peak <= idle + MEMORY_MIB, "{peak} MiB of memory, {idle} when idle");
        for told in load.told.iter().chain(&full.told).chain(&alone.told) {
            told.verify(&crowd.line()).await;
        }
        say(&format!("overload: {} acknowledged submissions are there, byte for byte", load.told.len() + full.told.len() + alone.told.len()));
    });
    server.stop();
    prove(&data);
}
