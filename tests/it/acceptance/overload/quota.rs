//! 20: one subject asks ten times as often as its quota lets it, and another one does not notice.
//!
//! Without the quota it would: the flood alone is more than the places take. As in 17 Temporal is
//! far away, so that what an invoice takes is known to some milliseconds on a machine that everybody
//! here shares, and a fifth more of it means something. With Temporal beside it the p99 would be some
//! ten milliseconds, and another one at each look.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::models::access::Role;
use ap_gateway::storage::Ledger;
use futures::future::join_all;
use reqwest::Method;
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval};

use crate::acceptance::link::{Line, Link};
use crate::acceptance::overload::percentile_99;
use crate::harness::{Answer, PATIENCE, temporal_address, unique, within};
use crate::http_auth::{keep, new_key};
use crate::observed::process::{Process, Wanted};
use crate::samples::{self, HUNDRED};

/// From Temporal and back: much longer than what the machine adds, and than it stands still. Until
/// a request is refused for the quota it has a place, so a machine that stands still for as long as
/// this has none left.
const WAY: Duration = Duration::from_millis(300);

/// What one subject may hand in in a second, and in one burst (ten seconds of it).
const QUOTA: usize = 5;
const BURST: usize = 10 * QUOTA;

/// How often the greedy one asks in a second.
const FLOOD: usize = 10 * QUOTA;

/// So many at a time, each for longer than [`WAY`], are 50 a second at best: less than the flood and
/// what the polite one hands in.
const PLACES: usize = 15;

/// How many times the polite one asks, by itself and beside the flood. It uses up its own quota.
const POLITE: usize = 200;

/// How much slower it may be (p99).
const GROWTH_MAX: f64 = 1.2;

/// A gateway that asks who comes, behind a long line; and who comes.
struct Stand {
    process: Arc<Process>,
    greedy: String,
    polite: String,
    _link: Link,
    _folder: TempDir,
}

impl Stand {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
        let settings = config::Ledger { url: url.clone().into(), ..config::Ledger::default() };
        let ledger = Ledger::open(&settings).await.expect("a ledger");
        let greedy = keep(&ledger, &new_key("key:greedy", &[Role::Submitter])).await;
        let polite = keep(&ledger, &new_key("key:polite", &[Role::Submitter])).await;
        drop(ledger);
        let link = Link::to(temporal_address()).await;
        // A connection that is idle for a while is used again, and not closed meanwhile.
        let settings = format!(
            "[http]\nin_flight_max = {PLACES}\nquota_write = {QUOTA}\nheader_read_seconds = 120\n"
        );
        let process = Process::start(&Wanted {
            role: "http",
            temporal: &link.address(),
            settings: &settings,
            environment: &[
                ("AP_GATEWAY_AUTH", "required"),
                ("AP_GATEWAY_LEDGER_URL", url.as_str()),
            ],
        })
        .await;
        link.becomes(Line::Late(WAY));
        Self { process: Arc::new(process), greedy, polite, _link: link, _folder: folder }
    }

    /// How often the polite one is told what, and how long its invoices take (p99).
    async fn polite(&self) -> (BTreeMap<u16, usize>, Duration) {
        let mut ticks = interval(Duration::from_secs(1) / QUOTA as u32);
        let mut sent = Vec::new();
        for _ in 0..POLITE {
            ticks.tick().await;
            let (process, bearer) = (Arc::clone(&self.process), self.polite.clone());
            sent.push(tokio::spawn(async move { submit(&process, &bearer).await }));
        }
        let (mut told, mut times) = (BTreeMap::new(), Vec::new());
        for answer in join_all(sent).await {
            let (answer, took) = answer.expect("no panic");
            *told.entry(answer.status.as_u16()).or_default() += 1;
            times.push(took);
        }
        (told, percentile_99(times))
    }
}

/// Hands in an invoice; how long it took.
async fn submit(process: &Process, bearer: &str) -> (Answer, Duration) {
    let document = samples::invoice(&unique("RE-20"), "PO-20", HUNDRED);
    let headers = [("content-type", "application/xml"), ("authorization", bearer)];
    let begun = Instant::now();
    let answer = process.send(Method::POST, "/invoices", &headers, document).await;
    (answer, begun.elapsed())
}

/// How it goes with a flood.
#[derive(Default)]
struct Flood {
    over: AtomicBool,
    /// What was refused for the quota so far.
    refused: AtomicUsize,
}

impl Flood {
    /// What is due is sent, whether or not anything came back, until it is over; the answers, and
    /// how long it lasted.
    async fn pour(self: Arc<Self>, process: Arc<Process>, bearer: String) -> (Vec<Answer>, f64) {
        let mut ticks = interval(Duration::from_secs(1) / FLOOD as u32);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (begun, mut sent) = (Instant::now(), Vec::new());
        while !self.over.load(Ordering::Relaxed) {
            ticks.tick().await;
            let (flood, process, bearer) =
                (Arc::clone(&self), Arc::clone(&process), bearer.clone());
            sent.push(tokio::spawn(async move {
                let (answer, _) = submit(&process, &bearer).await;
                if answer.status == 429 {
                    flood.refused.fetch_add(1, Ordering::Relaxed);
                }
                answer
            }));
        }
        let lasted = begun.elapsed().as_secs_f64();
        let answers = join_all(sent).await.into_iter().map(|answer| answer.expect("no panic"));
        (answers.collect(), lasted)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "more than a minute, and wants a machine to itself: `.ci/run lives`"]
async fn acceptance_20_one_subject_at_ten_times_its_quota_slows_nobody_else() {
    let stand = Stand::start().await;
    for _ in 0..5 {
        let (answer, _) = submit(&stand.process, &stand.polite).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let (told_alone, alone) = stand.polite().await;

    let flood = Arc::new(Flood::default());
    let pouring = Arc::clone(&flood).pour(Arc::clone(&stand.process), stand.greedy.clone());
    let pouring = tokio::spawn(pouring);
    // A second after the burst is used up, and what it let in is done.
    within(PATIENCE, "its burst is used up", async || {
        (flood.refused.load(Ordering::Relaxed) >= FLOOD).then_some(())
    })
    .await;
    let (told_beside, beside) = stand.polite().await;
    flood.over.store(true, Ordering::Relaxed);
    let (answers, lasted) = pouring.await.expect("no panic");

    let told = |status: u16| answers.iter().filter(move |answer| answer.status == status);
    let (sent, taken, refused) = (answers.len(), told(202).count(), told(429).count());
    // Seen with `cargo test -- --nocapture`; what was measured stands in docs/serving.md.
    eprintln!(
        "alone {told_alone:?} in {alone:?}, beside a flood {told_beside:?} in {beside:?} (p99); of \
         {sent} in {lasted:.0} s {taken} were taken, {refused} refused"
    );
    for answer in told(429) {
        assert_eq!(answer.problem(), "quota-exceeded");
        assert!(answer.header("retry-after").is_some(), "{}", answer.text());
    }
    let all = BTreeMap::from([(202, POLITE)]);
    assert_eq!((told_alone, told_beside), (all.clone(), all));
    assert!(sent as f64 > 0.9 * FLOOD as f64 * lasted, "no flood: {sent} in {lasted:.0} s");
    assert!(refused * 4 > sent * 3, "{refused} of {sent} refused");
    let most = BURST + QUOTA * (lasted as usize + 1);
    assert!(taken <= most, "{taken} taken, where the quota lets {most} in");
    assert!(beside <= alone.mul_f64(GROWTH_MAX), "{alone:?} alone, {beside:?} beside a flood");
}
