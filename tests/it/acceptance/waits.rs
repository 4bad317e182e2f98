//! 62: a wait lasts as long as was preferred, and never longer than half a minute.

use std::time::{Duration, Instant};

use ap_gateway::app::Role;
use futures::future::join_all;
use reqwest::Method;

use crate::harness::{Answer, Gateway, temporal_address, unique};
use crate::samples::{self, HUNDRED};

/// How much later than its wait an answer may come: what was asked for is done before the wait.
const GRACE: Duration = Duration::from_millis(500);

/// The same for the short waits. They begin while all the others begin too, on the two cores of
/// everybody; a submission may take so long whatever Temporal does (handbook §1.10).
const GRACE_OF_SHORT: Duration = Duration::from_millis(2_500);

/// No answer comes later than this.
const LONGEST: Duration = Duration::from_millis(30_500);

/// The lines of a request, what of them is applied, and for how many seconds that waits. The
/// longest come first, so that no short one is between them and their beginning.
const TABLE: &[(&[&str], Option<&str>, u64)] = &[
    (&["wait=30"], Some("wait=30"), 30),
    (&["wait=1000000000"], Some("wait=30"), 30),
    // Of a repeated preference the first counts, on two lines as on one.
    (&["wait=5", "wait=9"], Some("wait=5"), 5),
    (&["wait=x", "wait=9"], None, 0),
    (&["wait=5"], Some("wait=5"), 5),
    (&["wait=0"], Some("wait=0"), 0),
    (&["wait=x"], None, 0),
    (&["wait=-1"], None, 0),
];

/// Asks with these lines; a POST hands in an invoice that nobody sent before.
async fn preferring(
    gateway: &Gateway,
    (method, target): (&Method, &str),
    lines: &[&str],
) -> (Answer, Duration) {
    let mut headers: Vec<_> = lines.iter().map(|line| ("prefer", *line)).collect();
    let mut body = Vec::new();
    if *method == Method::POST {
        headers.push(("content-type", "application/xml"));
        body = samples::invoice(&unique("RE"), "PO-1", HUNDRED).into_bytes();
    }
    let begun = Instant::now();
    let answer = gateway.send(method.clone(), target, &headers, body).await;
    (answer, begun.elapsed())
}

/// What can be waited for, with the status while it goes on.
async fn targets(gateway: &Gateway) -> [(Method, String, u16); 3] {
    let (post, at_once) = ((&Method::POST, "/invoices"), ["respond-async"]);
    let (submitted, _) = preferring(gateway, post, &at_once).await;
    let invoice = submitted.header("location").expect("a place").to_owned();
    let headers = [("prefer", "respond-async")];
    let ping = gateway.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await;
    let run = ping.header("location").expect("a place").to_owned();
    [
        (Method::POST, "/invoices".to_owned(), 202),
        (Method::GET, invoice, 200),
        (Method::GET, format!("{run}/result"), 202),
    ]
}

/// Nobody works, so nothing that is waited for comes.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_62_a_wait_lasts_as_long_as_was_preferred_and_half_a_minute_at_most() {
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |_| {}).await;
    let targets = targets(&gateway).await;
    let all = TABLE.iter().flat_map(|row| targets.iter().map(move |target| (row, target)));
    join_all(all.map(async |((lines, applied, seconds), (method, target, status))| {
        let (answer, took) = preferring(&gateway, (method, target.as_str()), lines).await;
        let name = format!("{method} {target} {lines:?}");
        assert_eq!(answer.status, *status, "{name}: {}", answer.text());
        assert_eq!(answer.header("preference-applied"), *applied, "{name}");
        let wait = Duration::from_secs(*seconds);
        let grace = if *seconds < 30 { GRACE_OF_SHORT } else { GRACE };
        assert!((wait..=wait + grace).contains(&took), "{name}: {took:?}");
        assert!(took <= LONGEST, "{name}: {took:?}");
    }))
    .await;
}
