//! What a process says of itself: its halves, what is built into it, how long Temporal remembers, and
//! what of its settings does not last.

use std::time::Duration;

use ap_gateway::app::Role;
use ap_gateway::metrics::BUILD;
use ap_gateway::readiness::Part;
use serde_json::{Value, json};

use crate::edge::Edge;
use crate::harness::{Gateway, PATIENCE, seldom, temporal_address, within};
use crate::observed::process::{Process, Wanted};

/// So long the dev server keeps runs, in seconds.
const DAY: u64 = 86_400;

/// `/readyz?verbose` once Temporal has said how long it keeps runs.
async fn told(gateway: &Gateway) -> Value {
    seldom(PATIENCE, "the retention is known", async || {
        let told = gateway.get("/readyz?verbose").await.json();
        told["retention_seconds"].is_u64().then_some(told)
    })
    .await
}

/// The metrics once everything was looked at twice: what comes of the first look is in them.
async fn looked_at_twice(gateway: &Gateway) -> String {
    let looks = "ap_gateway_storage_duration_seconds_count\
                 {operation=\"probe\",result=\"ok\",store=\"artifacts\"} ";
    seldom(PATIENCE, "a second look", async || {
        let text = gateway.get("/metrics").await.text();
        let count = text.lines().find_map(|line| line.strip_prefix(looks))?;
        (count.parse::<u64>().expect("a number") >= 2).then_some(text)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_speaks_of_the_halves_that_it_has_and_of_no_other() {
    for (role, roles, has_worker) in [
        (Role::All, json!(["http", "worker"]), true),
        (Role::Http, json!(["http"]), false),
        (Role::Worker, json!(["worker"]), true),
    ] {
        let gateway = Gateway::start_with(role, temporal_address(), |_| {}).await;
        let told = told(&gateway).await;
        assert_eq!((&told["roles"], &told["retention_seconds"]), (&roles, &json!(DAY)), "{role:?}");
        let metrics = looked_at_twice(&gateway).await;
        // An alert that looks for a worker that is down must find none where there is none.
        for series in ["\nap_gateway_worker_up ", "\nap_gateway_ready{check=\"worker\"} "] {
            assert_eq!(metrics.contains(series), has_worker, "{role:?}: {series}");
        }
        gateway.stop().await;
    }
}

fn says_what_runs(told: &Value) {
    let built = [("version", BUILD.version), ("revision", BUILD.revision), ("sdk", BUILD.sdk)];
    for (name, value) in built {
        assert_eq!(told[name], value, "{told}");
    }
    assert_eq!((&told["roles"], &told["retention_seconds"]), (&json!(["http"]), &json!(DAY)));
}

#[tokio::test]
async fn a_process_that_is_not_ready_says_the_same_of_itself_as_one_that_is() {
    let edge = Edge::start().await;
    let readiness = &edge.state.readiness;
    readiness.plays(Role::Http.halves());
    readiness.keeps_runs_for(Duration::from_secs(DAY));
    let ready = edge.get("/readyz?verbose").await.json();
    assert_eq!(ready["status"], "ready");
    says_what_runs(&ready);
    readiness.fail(Part::Temporal);
    let answer = edge.get("/readyz?verbose").await;
    assert_eq!(answer.problem(), (503, "upstream-unavailable".to_owned()));
    let problem = answer.json();
    says_what_runs(&problem);
    assert_eq!(problem["status"], 503);
    assert_eq!(problem["checks"][0]["name"], "temporal");
    // Who does not ask is not told.
    let plain = edge.get("/readyz").await.json();
    for name in ["checks", "version", "revision", "sdk", "roles", "retention_seconds"] {
        assert!(plain.get(name).is_none(), "{name}: {plain}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_warns_of_a_ledger_in_a_file_and_of_a_temporal_that_forgets_early() {
    let wanted =
        Wanted { role: "http", temporal: temporal_address(), settings: "", environment: &[] };
    let process = Process::start(&wanted).await;
    let warnings = |words: &str| {
        let log = process.log();
        let warnings = log.iter().filter(|line| line["level"] == "WARN");
        let texts = warnings.filter_map(|line| line["message"].as_str());
        texts.filter(|text| text.contains(words)).count()
    };
    // It stands before the line that says where it serves.
    assert_eq!(warnings("set AP_GATEWAY_LEDGER_URL to a PostgreSQL database"), 1);
    let early = "ended runs are kept for 1 day, which is less than 7 days";
    within(PATIENCE, "it is told", async || (warnings(early) > 0).then_some(())).await;
    assert_eq!(warnings(early), 1);
    process.stop().await;
}
