//! Who gets in, who waits and for how long, and when a rush is over; the last on a clock that is moved by hand.

use std::task::Poll;

use futures_util::poll;

use super::super::watch::{AGAIN, FEW};
use super::*;

/// A gate before which everybody waits as long as it takes.
fn patient(places: usize, kept: usize) -> Arc<Gate> {
    let places = Places {
        calm: places,
        pressed: places,
        strained: places,
        kept,
    };
    Gate::with(places, &Pressure::new(), LONG, LONG)
}

const LONG: Duration = Duration::from_mins(1);

/// As if so many had been turned away so long ago.
fn turn_away(gate: &Gate, count: u64, ago: Duration) {
    let watch = &mut gate.state().watch;
    watch.since = Instant::now().checked_sub(ago).unwrap();
    watch.turned_away = count;
}

#[tokio::test]
async fn a_burst_is_waited_out_until_many_are_turned_away() {
    let places = Places {
        calm: 4,
        pressed: 4,
        strained: 2,
        kept: 1,
    };
    let gate = Gate::with(places, &Pressure::new(), LONG, Duration::ZERO);
    let enter = || gate.enter(Standing::New);
    let mut at_work = vec![enter().await.unwrap(), enter().await.unwrap()];
    let mut waiting = Box::pin(enter());
    assert!(poll!(&mut waiting).is_pending(), "half of the places are kept");
    turn_away(&gate, FEW, Duration::ZERO);
    let mut patient = Box::pin(enter());
    assert!(poll!(&mut patient).is_pending(), "a few are no rush");
    turn_away(&gate, FEW + 1, Duration::ZERO);
    at_work.pop();
    assert!(
        poll!(&mut waiting).is_pending(),
        "one at a time now, beside the kept place"
    );
    let begun = gate.enter(Standing::Begun).await.unwrap();
    assert!(poll!(&mut waiting).is_pending(), "which is taken too");
    at_work.pop();
    let Poll::Ready(Ok(waited)) = poll!(&mut waiting) else {
        panic!("who waits since before comes in")
    };
    assert!(poll!(&mut patient).is_pending());
    turn_away(&gate, 0, WATCHED);
    drop((waited, begun));
    let Poll::Ready(Ok(patient)) = poll!(&mut patient) else {
        panic!("calm again")
    };
    let mut more = vec![patient, enter().await.unwrap()];
    let (mut first, mut second) = (Box::pin(enter()), Box::pin(enter()));
    assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
    more.clear();
    assert!(poll!(&mut first).is_ready() && poll!(&mut second).is_ready());
}

#[tokio::test]
async fn nobody_waits_before_a_line_that_stands_but_what_has_begun() {
    let places = Places {
        calm: 1,
        pressed: 1,
        strained: 1,
        kept: 0,
    };
    let gate = Gate::with(places, &Pressure::new(), LONG, Duration::ZERO);
    let at_work = gate.enter(Standing::New).await.unwrap();
    // As if so many had waited, the last of them so long ago.
    let waited = |waits: u64, ago: Duration| {
        let watch = &mut gate.state().watch;
        watch.waits = waits;
        watch.waited = Instant::now().checked_sub(ago);
        watch.waiting_since = Instant::now().checked_sub(LONG).unwrap();
    };
    // As if things had been watched for so long, and there had been no place for so long of it.
    let watched = |ago: Duration, full: Duration| {
        let watch = &mut gate.state().watch;
        watch.since = Instant::now().checked_sub(ago).unwrap();
        (watch.full, watch.full_since) = (full, None);
    };
    let at_once = |entering| timeout(LONG / 10, entering);
    let mut first = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut first).is_pending(), "a line begins");
    waited(FEW, AGAIN);
    let mut second = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut second).is_pending(), "nobody waited of late");
    waited(FEW + 1, Duration::ZERO);
    let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
    assert!(refused.expect("it stands").is_err());
    assert!(at_once(first).await.expect("also for who came before").is_err());
    assert!(at_once(second).await.expect("and before").is_err());
    waited(FEW + 1, AGAIN);
    watched(WATCHED, WATCHED / 4);
    let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
    assert!(refused.expect("a pause is not its end").is_err());
    for (waits, full, what) in [
        (FEW, WATCHED / 4, "few who wait are"),
        (FEW + 1, WATCHED / 10, "places are"),
    ] {
        waited(waits, AGAIN);
        watched(WATCHED, full);
        let mut third = Box::pin(gate.enter(Standing::New));
        assert!(poll!(&mut third).is_pending(), "{what}");
        drop(third);
        // It stands again for the next.
        waited(FEW + 1, Duration::ZERO);
        let refused = at_once(Box::pin(gate.enter(Standing::New))).await;
        assert!(refused.expect("it stands").is_err());
    }
    let mut begun = Box::pin(gate.enter(Standing::Begun));
    assert!(poll!(&mut begun).is_pending());
    drop(at_work);
    assert!(poll!(&mut begun).is_ready());
}

#[tokio::test]
async fn where_many_are_turned_away_the_others_let_fewer_in_but_go_on_waiting() {
    let places = Places {
        calm: 2,
        pressed: 1,
        strained: 1,
        kept: 0,
    };
    let pressure = Pressure::new();
    let [rushed, other] = [(); 2].map(|()| Gate::with(places, &pressure, LONG, Duration::ZERO));
    let at_work = [
        other.enter(Standing::New).await.unwrap(),
        other.enter(Standing::New).await.unwrap(),
    ];
    drop(at_work);
    let _rushing = [
        rushed.enter(Standing::New).await.unwrap(),
        rushed.enter(Standing::New).await.unwrap(),
    ];
    turn_away(&rushed, FEW + 1, Duration::ZERO);
    assert!(poll!(&mut Box::pin(rushed.enter(Standing::New))).is_pending());
    let first = other.enter(Standing::New).await.unwrap();
    let mut second = Box::pin(other.enter(Standing::New));
    assert!(
        poll!(&mut second).is_pending(),
        "one place, and patience as before"
    );
    pressure.until.store(0, Ordering::Relaxed);
    let mut third = Box::pin(other.enter(Standing::New));
    assert!(poll!(&mut third).is_pending(), "behind the second");
    drop(first);
    assert!(poll!(&mut second).is_ready() && poll!(&mut third).is_ready());
}

#[tokio::test]
async fn what_has_begun_goes_before_what_is_new_and_has_places_of_its_own() {
    let gate = patient(3, 1);
    let first = gate.enter(Standing::New).await.unwrap();
    let second = gate.enter(Standing::New).await.unwrap();
    let mut new = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut new).is_pending(), "the last place is kept");
    let third = gate.enter(Standing::Begun).await.unwrap();
    let mut begun = Box::pin(gate.enter(Standing::Begun));
    assert!(poll!(&mut begun).is_pending());
    drop(first);
    let Poll::Ready(Ok(fourth)) = poll!(&mut begun) else {
        panic!("whoever has begun is first")
    };
    assert!(poll!(&mut new).is_pending());
    drop((second, third));
    assert!(poll!(&mut new).is_ready());
    drop(fourth);
}

#[tokio::test]
async fn what_is_new_comes_in_however_many_say_that_they_have_begun() {
    let gate = patient(1, 0);
    let mut at_work = gate.enter(Standing::New).await.unwrap();
    let mut new = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut new).is_pending());
    let mut begun: Vec<_> = (0..5).map(|_| Box::pin(gate.enter(Standing::Begun))).collect();
    for waiting in &mut begun {
        assert!(poll!(waiting).is_pending());
    }
    for waiting in begun.iter_mut().take(3) {
        drop(at_work);
        let Poll::Ready(Ok(next)) = poll!(waiting) else {
            panic!("what has begun is first")
        };
        at_work = next;
    }
    drop(at_work);
    let Poll::Ready(Ok(next)) = poll!(&mut new) else {
        panic!("three in a row are enough")
    };
    drop(next);
    assert!(poll!(&mut begun[3]).is_ready());
}

/// So many at once, each of whom takes two milliseconds of a place; how many were served.
async fn burst(gate: &Arc<Gate>, count: usize) -> usize {
    let asking = (0..count).map(|_| async {
        let place = gate.enter(Standing::New).await?;
        tokio::time::sleep(Duration::from_millis(2)).await;
        drop(place);
        Ok::<_, TurnedAway>(())
    });
    let answers = futures_util::future::join_all(asking).await;
    answers.iter().filter(|answer| answer.is_ok()).count()
}

#[tokio::test(start_paused = true)]
async fn a_rush_that_is_over_is_not_kept_alive_by_bursts_that_could_be_served() {
    let places = Places {
        calm: 32,
        pressed: 8,
        strained: 1,
        kept: 0,
    };
    let gate = Gate::new(places, &Pressure::new(), Duration::from_millis(5));
    let began = Instant::now();
    let (mut asked, mut served) = (0, 0);
    while began.elapsed() < WATCHED * 5 {
        served += burst(&gate, 1_000).await;
        asked += 1_000;
    }
    assert!(
        served * 2 < asked,
        "a rush, of which {served} of {asked} were served"
    );
    for _ in 0..3 {
        tokio::time::sleep(WATCHED * 9 / 10).await;
        served = burst(&gate, 60).await;
    }
    assert_eq!(served, 60);
}

/// As many places as reports and their pictures have on two processors.
const EVIDENCE: Places = Places {
    calm: 48,
    pressed: 48,
    strained: 6,
    kept: 2,
};

/// What one heard who asked again and again.
#[derive(Default)]
struct Heard {
    served: usize,
    /// In the last second.
    turned_away: usize,
}

/// Asks until `until`: again at once when served, after so much `work`, and a third of a second later when turned away.
async fn insist(gate: &Arc<Gate>, standing: Standing, work: Duration, until: Instant) -> Heard {
    let mut heard = Heard::default();
    while Instant::now() < until {
        match gate.enter(standing).await {
            Ok(place) => {
                tokio::time::sleep(work).await;
                drop(place);
                heard.served += 1;
            }
            Err(hearing) => {
                heard.turned_away += usize::from(until.duration_since(Instant::now()) < WATCHED);
                tokio::time::sleep(Duration::from_millis(350)).await;
                drop(hearing);
            }
        }
    }
    heard
}

/// So many who insist for so long. Their work takes 30 to 50 milliseconds: they must not all come at the same moments.
async fn rush(gate: &Arc<Gate>, standing: Standing, count: usize, long: Duration) -> Vec<Heard> {
    let until = Instant::now() + long;
    let all: Vec<_> = (0..count)
        .map(|which| {
            let work = Duration::from_millis(30 + u64::try_from(which % 21).unwrap());
            insist(gate, standing, work, until)
        })
        .collect();
    futures_util::future::join_all(all).await
}

fn turned_away(heard: &[Heard]) -> usize {
    heard.iter().map(|one| one.turned_away).sum()
}

fn served(heard: &[Heard]) -> usize {
    heard.iter().map(|one| one.served).sum()
}

#[tokio::test(start_paused = true)]
async fn nor_by_as_many_as_there_are_places_who_ask_again_at_once() {
    for (standing, places) in [(Standing::New, 32), (Standing::Begun, 48)] {
        let gate = Gate::new(EVIDENCE, &Pressure::new(), Duration::from_millis(3));
        let heard = rush(&gate, standing, 4_000, WATCHED * 5).await;
        assert!(turned_away(&heard) > 1_000, "a rush");
        let heard = rush(&gate, standing, places, WATCHED * 4).await;
        assert_eq!(turned_away(&heard), 0, "{standing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn neither_standing_shuts_out_the_other_by_being_many() {
    for many in [40, 60, 100, 1_000] {
        for (standing, other) in [(Standing::Begun, Standing::New), (Standing::New, Standing::Begun)] {
            let gate = Gate::new(EVIDENCE, &Pressure::new(), Duration::from_millis(3));
            let long = WATCHED * 10;
            let (rushing, few) =
                futures_util::future::join(rush(&gate, standing, many, long), rush(&gate, other, 10, long))
                    .await;
            let (rushing, few) = (served(&rushing), served(&few));
            assert!(
                few > 0 && few * 10 >= rushing,
                "{other:?} beside {many} {standing:?}: {few} and {rushing}"
            );
        }
    }
}

#[tokio::test]
async fn a_place_is_not_lost_with_somebody_who_left_the_line() {
    let gate = patient(1, 0);
    let at_work = gate.enter(Standing::New).await.unwrap();
    let mut gone = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut gone).is_pending());
    let mut offered = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut offered).is_pending());
    let mut patient = Box::pin(gate.enter(Standing::New));
    assert!(poll!(&mut patient).is_pending());
    drop(gone);
    drop(at_work);
    // It has been offered the place and goes without taking it.
    drop(offered);
    assert!(poll!(&mut patient).is_ready());
    assert!(gate.enter(Standing::New).await.is_ok(), "and it was given back");
}

#[tokio::test]
async fn the_line_is_bounded_and_a_pause_gives_the_place_to_others() {
    let gate = patient(1, 0);
    let at_work = gate.enter(Standing::New).await.unwrap();
    let mut line: Vec<_> = (0..LINE_PER_PLACE)
        .map(|_| Box::pin(gate.enter(Standing::New)))
        .collect();
    for waiting in &mut line {
        assert!(poll!(waiting).is_pending());
    }
    assert!(gate.enter(Standing::New).await.is_err(), "the line is full");
    drop(at_work);
    let Poll::Ready(Ok(first)) = poll!(&mut line[0]) else {
        panic!("the first in line is next")
    };
    let back = gate.enter_again(Standing::New);
    drop(first);
    assert!(poll!(&mut line[1]).is_pending(), "who comes back is counted");
    drop(back);
    assert!(poll!(&mut line[1]).is_ready());
}
