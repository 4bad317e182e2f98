//! 17, whole: the program itself, five times as much as its places take, for a minute. Temporal is
//! as far away as another region, so that the places are what runs out and not the machine that
//! the callers share. And 19: meanwhile whoever watches it is answered at once.

mod quota;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use tokio::time::{MissedTickBehavior, interval};

use crate::acceptance::link::{Line, Link};
use crate::harness::{Answer, temporal_address, unique, within};
use crate::observed::process::{Process, Wanted};
use crate::samples::{self, HUNDRED};

/// From Temporal and back: much longer than what the machine adds.
const WAY: Duration = Duration::from_millis(150);

const PLACES: usize = 8;
const TIMES: f64 = 5.0;
const LONG: Duration = Duration::from_secs(60);

/// Until everything is as before.
const CALM: Duration = Duration::from_secs(5);

/// How much more memory the second half may take than the first.
const GROWTH_MAX: f64 = 1.1;

/// What is asked for on the port for probes.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// How long a probe may take (p99).
const PROBE_MAX: Duration = Duration::from_millis(100);

/// What was seen while more came than could be done.
struct Seen {
    answers: Vec<(Answer, Duration)>,
    /// Megabytes, once a second.
    memory: Vec<f64>,
    /// How long each probe took.
    probes: Vec<Duration>,
}

/// Hands in an invoice; how long it took.
async fn submit(process: &Process) -> (Answer, Duration) {
    let document = samples::invoice(&unique("RE-17"), "PO-17", HUNDRED);
    let headers = [("content-type", "application/xml")];
    let begun = Instant::now();
    let answer = process.send(Method::POST, "/invoices", &headers, document).await;
    (answer, begun.elapsed())
}

/// So many callers, one invoice after the other; how long each took.
async fn in_turn(process: &Process, callers: usize, each: usize) -> Vec<Duration> {
    let caller = async || {
        let mut times = Vec::new();
        for _ in 0..each {
            let (answer, took) = submit(process).await;
            assert_eq!(answer.status, 202, "{}", answer.text());
            times.push(took);
        }
        times
    };
    join_all((0..callers).map(|_| caller())).await.concat()
}

/// Looks at it as a balancer and Prometheus do; how long each look took.
async fn probe(process: Arc<Process>) -> Vec<Duration> {
    let mut times = Vec::new();
    for path in PROBES {
        let begun = Instant::now();
        let answer = process.probe(path).await;
        times.push(begun.elapsed());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    times
}

/// What is due is sent, whether or not anything came back; meanwhile the memory and the probes, once
/// a second.
async fn at_rate(process: &Arc<Process>, rate: f64) -> Seen {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (begun, mut sent, mut memory) = (Instant::now(), Vec::new(), Vec::new());
    let mut probes = Vec::new();
    while begun.elapsed() < LONG {
        ticks.tick().await;
        let process_of_call = Arc::clone(process);
        sent.push(tokio::spawn(async move { submit(&process_of_call).await }));
        if begun.elapsed().as_secs() as usize > memory.len() {
            memory.push(process.resident_megabytes());
            probes.push(tokio::spawn(probe(Arc::clone(process))));
        }
    }
    let answers = join_all(sent).await.into_iter().map(|answer| answer.expect("no panic"));
    let probes = join_all(probes).await.into_iter().flat_map(|probe| probe.expect("answered"));
    Seen { answers: answers.collect(), memory, probes: probes.collect() }
}

fn percentile_99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[(times.len() * 99).div_ceil(100) - 1]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute, and wants a machine to itself: `.ci/run lives`"]
async fn acceptance_17_and_19_for_a_minute_what_is_taken_is_done_as_quickly_as_ever() {
    let link = Link::to(temporal_address()).await;
    let settings = format!("[http]\nin_flight_max = {PLACES}\n");
    let process = Process::start(&Wanted {
        role: "http",
        temporal: &link.address(),
        settings: &settings,
        environment: &[("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0")],
    })
    .await;
    let process = Arc::new(process);
    assert_ne!(process.ops, process.base, "probes have a port of their own");
    link.becomes(Line::Late(WAY));
    in_turn(&process, 1, 5).await;
    let unloaded = percentile_99(in_turn(&process, 2, 15).await);
    let begun = Instant::now();
    let capacity = in_turn(&process, PLACES, 15).await.len() as f64 / begun.elapsed().as_secs_f64();

    let Seen { answers, memory, probes } = at_rate(&process, TIMES * capacity).await;
    let after = within(CALM, "it is as before", async || {
        let times = percentile_99(in_turn(&process, 4, 5).await);
        (times <= 2 * unloaded).then_some(times)
    })
    .await;

    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(answer, _)| answer.status == 202);
    for (answer, _) in &refused {
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "overloaded"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    let (done, shed) = (taken.len(), refused.len());
    let loaded = percentile_99(taken.into_iter().map(|(_, took)| took).collect());
    let refusal = percentile_99(refused.into_iter().map(|(_, took)| took).collect());
    let looks = probes.len();
    let look = percentile_99(probes);
    let (first, second) = memory.split_at(memory.len() / 2);
    let (first, second) = (mean(first), mean(second));
    // Seen with `cargo test -- --nocapture`; what was measured stands in docs/serving.md.
    eprintln!(
        "{capacity:.0} a second can be done in {unloaded:?}; of five times as many {done} were \
         taken in {loaded:?}, {shed} refused in {refusal:?} (p99); {after:?} afterwards; memory \
         {first:.0} MB, then {second:.0}; {looks} probes in {look:?}"
    );
    assert!(looks > 100 && look < PROBE_MAX, "{looks} probes in {look:?} (p99)");
    assert!(loaded <= 2 * unloaded, "{unloaded:?} unloaded, {loaded:?} under load");
    assert!(done as f64 > 0.8 * capacity * LONG.as_secs_f64(), "the places were used: {done}");
    assert!(shed > 2 * done, "{done} taken, {shed} refused");
    assert!(second <= GROWTH_MAX * first, "memory: {first:.0} MB, then {second:.0}");
}
