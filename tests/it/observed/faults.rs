//! Each alert fired once for real: a gateway is hurt, Prometheus watches it by the rules that are
//! shipped, and the alert fires. docs/operations.md says which ones have, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::temporal::Gateway;
use chrono::NaiveDate;
use reqwest::Method;
use serde_json::json;
use sqlx::{AnyConnection, Connection};
use tokio::net::TcpStream;

use crate::harness::{temporal_address, unique, within};
use crate::http_webhooks::{Act, Receiver};
use crate::observed::process::{Process, Wanted};
use crate::observed::prometheus::Prometheus;
use crate::observed::relay::{Failing, Relay, Way};
use crate::samples::{self, HUNDRED};

const RULES: &str = include_str!("../../../deploy/prometheus/alerts.yml");
const MANUAL: &str = include_str!("../../../docs/operations.md");

/// Scrapes, ranges and waits together, on a loaded machine.
pub(super) const LONG: Duration = Duration::from_secs(150);

/// No quota stands between a test and the fault that it makes.
const NO_QUOTAS: &str = "quota_read = 0\nquota_write = 0\nquota_list = 0\n";

#[test]
fn acceptance_58_each_alert_has_a_fault_that_fires_it() {
    let faults =
        concat!(include_str!("faults.rs"), include_str!("defects.rs"), include_str!("unpolled.rs"));
    let rules = RULES.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let never: Vec<_> = rules.filter(|rule| !faults.contains(&format!("\"{rule}\""))).collect();
    assert!(never.is_empty(), "no fault fires {never:?}");
    let said = MANUAL.split_once("each was fired for real").expect("the manual says it").1;
    let day = said.split_once("; last ").and_then(|(_, rest)| rest.get(..10)).expect("a day");
    NaiveDate::parse_from_str(day, "%Y-%m-%d").expect("a day");
}

async fn start(role: &str, temporal: &str, settings: &str) -> Process {
    let environment = [("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0")];
    Process::start(&Wanted { role, temporal, settings, environment: &environment }).await
}

/// Makes the fault again and again until all of these alerts fire.
pub(super) async fn until_firing(prometheus: &Prometheus, alerts: &[&str], again: impl AsyncFn()) {
    let wanted: BTreeSet<String> = alerts.iter().map(|alert| (*alert).to_owned()).collect();
    let fired = std::cell::RefCell::new(BTreeSet::new());
    let what = format!("{wanted:?} fire");
    within(LONG, &what, async || {
        again().await;
        let firing = prometheus.firing().await;
        fired.borrow_mut().extend(firing);
        fired.borrow().is_superset(&wanted).then_some(())
    })
    .await;
}

pub(super) async fn quiet(prometheus: &Prometheus, alerts: &[&str]) {
    let firing = prometheus.firing().await;
    let early: Vec<_> = alerts.iter().filter(|alert| firing.contains(**alert)).collect();
    assert!(early.is_empty(), "before the fault: {early:?}");
}

/// Asks for something that Temporal must answer; the answers do not matter.
async fn ask_temporal(process: &Process) {
    let key = unique("k");
    let headers = [("idempotency-key", key.as_str())];
    let ping = process.send(Method::POST, "/workflows/ping", &headers, Vec::new());
    let look = process.get("/workflows/ap-ping-1");
    tokio::join!(ping, look);
}

async fn submit(process: &Process, wait: &str) {
    let headers = [("content-type", "application/xml"), ("prefer", wait)];
    let xml = samples::invoice(&unique("RE"), "PO-1", HUNDRED);
    process.send(Method::POST, "/invoices", &headers, xml).await;
}

async fn healthy(process: &Process) {
    within(LONG, "it is ready", async || {
        (process.get("/readyz").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_gateway_that_was_killed() {
    let mut process = start("http", temporal_address(), "").await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["GatewayDown"]).await;
    process.child.kill().await.expect("killed");
    until_firing(&prometheus, &["GatewayDown"], async || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_temporal_that_goes_away() {
    let relay = Relay::to(temporal_address()).await;
    let process = start("all", &relay.address, &format!("[http]\n{NO_QUOTAS}")).await;
    healthy(&process).await;
    let prometheus = Prometheus::over(&process.ops).await;
    let alerts = ["GatewayNotReady", "WorkerDown", "DispatchStuck", "ErrorRateHigh"];
    quiet(&prometheus, &alerts).await;
    relay.set(Way::Cut);
    until_firing(&prometheus, &alerts, async || {
        ask_temporal(&process).await;
        submit(&process, "wait=0").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_temporal_that_falls_silent() {
    let relay = Relay::to(temporal_address()).await;
    let process = start("http", &relay.address, "").await;
    healthy(&process).await;
    let prometheus = Prometheus::over(&process.ops).await;
    let alerts = ["LatencyHigh", "OutcomeUnknown"];
    quiet(&prometheus, &alerts).await;
    relay.set(Way::Silent);
    until_firing(&prometheus, &alerts, async || ask_temporal(&process).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_temporal_that_refuses_and_throttles() {
    let temporal = Failing::start(5, Duration::ZERO).await;
    let process = start("http", &temporal.address, &format!("[http]\n{NO_QUOTAS}")).await;
    let prometheus = Prometheus::over(&process.ops).await;
    for (code, alert) in [(16, "UpstreamCredentials"), (8, "TemporalThrottles")] {
        quiet(&prometheus, &[alert]).await;
        temporal.set(code);
        until_firing(&prometheus, &[alert], async || ask_temporal(&process).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_temporal_that_breaks_down() {
    // It knows no GetSystemInfo either, as one that is too old: that alone is broken.
    let temporal = Failing::start(13, Duration::ZERO).await;
    let process = start("http", &temporal.address, &format!("[http]\n{NO_QUOTAS}")).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["TemporalFailures"]).await;
    until_firing(&prometheus, &["TemporalBroken", "TemporalFailures"], async || {
        let calls = (0..20).map(|_| ask_temporal(&process));
        futures::future::join_all(calls).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_temporal_that_is_slow() {
    let temporal = Failing::start(5, Duration::from_secs(3)).await;
    let process = start("http", &temporal.address, "").await;
    let prometheus = Prometheus::over(&process.ops).await;
    until_firing(&prometheus, &["TemporalSlow"], async || ask_temporal(&process).await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn more_requests_than_there_are_places() {
    let temporal = Failing::start(5, Duration::from_secs(3)).await;
    let settings = format!("[http]\nin_flight_max = 2\n{NO_QUOTAS}");
    let process = start("http", &temporal.address, &settings).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["Shedding"]).await;
    until_firing(&prometheus, &["Shedding"], async || {
        let calls = (0..20).map(|_| ask_temporal(&process));
        futures::future::join_all(calls).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn more_connections_than_there_are_places() {
    let settings = "[http]\nconnections_max = 10\nheader_read_seconds = 300\n";
    let process = start("http", temporal_address(), settings).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["ConnectionsFull"]).await;
    let address = process.base.trim_start_matches("http://");
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(TcpStream::connect(address).await.expect("a connection"));
    }
    until_firing(&prometheus, &["ConnectionsFull"], async || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn more_who_wait_than_there_are_places() {
    let process = start("http", temporal_address(), "[http]\nwaiters_max = 3\n").await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["WaitersFull"]).await;
    let waiting = async {
        loop {
            futures::future::join_all((0..4).map(|_| submit(&process, "wait=30"))).await;
        }
    };
    tokio::select! {
        () = waiting => {}
        () = until_firing(&prometheus, &["WaitersFull"], async || {}) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn many_who_are_refused() {
    let process = start("http", temporal_address(), "[auth]\nmode = \"required\"\n").await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["AuthFailures"]).await;
    until_firing(&prometheus, &["AuthFailures"], async || {
        for _ in 0..10 {
            let headers = [("authorization", "Bearer apg_000000000000_x")];
            process.send(Method::GET, "/invoices", &headers, Vec::new()).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_document_that_nobody_can_read_and_receivers_that_do_not_listen() {
    let settings = "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\nretry_seconds = [0, 600]\n";
    let process = start("all", temporal_address(), settings).await;
    healthy(&process).await;
    let prometheus = Prometheus::over(&process.ops).await;
    let alerts = ["NeedsAttention", "WebhookDisabled", "WebhookBacklog"];
    quiet(&prometheus, &alerts).await;
    let gone = Receiver::start([Act::Answer(410)]).await;
    let broken = Receiver::start(std::iter::repeat_n(Act::Answer(500), 50)).await;
    for receiver in [&gone, &broken] {
        let hook = json!({"url": receiver.url, "events": ["invoice.received"]});
        process.post_json("/webhooks", &hook).await;
    }
    let headers = [("content-type", "application/xml")];
    let broken = format!("<?xml version=\"1.0\"?><Invoice>{}", unique("never ends"));
    process.send(Method::POST, "/invoices", &headers, broken).await;
    until_firing(&prometheus, &alerts, async || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn tasks_that_wait_for_a_worker() {
    let queue = unique("slow");
    let environment =
        [("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0"), ("AP_GATEWAY_TASK_QUEUE", queue.as_str())];
    let wanted = |role| Wanted {
        role,
        temporal: temporal_address(),
        settings: "",
        environment: &environment,
    };
    let http = Process::start(&wanted("http")).await;
    let headers = [("prefer", "wait=0")];
    for _ in 0..20 {
        http.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await;
    }
    // As long as a worker is away that is being replaced.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let worker = Process::start(&wanted("worker")).await;
    let prometheus = Prometheus::over(&worker.ops).await;
    let more = async || {
        http.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await;
    };
    until_firing(&prometheus, &["TaskQueueSlow"], more).await;
}

/// Another program keeps the database to itself, so each step waits in its slot.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn steps_that_all_wait_for_the_ledger() {
    let process = start("all", temporal_address(), &format!("[http]\n{NO_QUOTAS}")).await;
    healthy(&process).await;
    futures::future::join_all((0..60).map(|_| submit(&process, "wait=30"))).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["SlotsExhausted"]).await;
    let list = process.get("/invoices?page_size=100").await.json();
    let ids: Vec<InvoiceId> = serde_json::from_value(
        list["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()).collect(),
    )
    .expect("ids");
    assert!(ids.len() >= 50, "{} invoices", ids.len());
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}", process.folder.path().join("ledger.db").display());
    let mut other = AnyConnection::connect(&url).await.expect("the ledger's file");
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("locked");
    let port = temporal_address().rsplit(':').next().and_then(|port| port.parse().ok());
    let settings = config::Temporal::local(port.expect("a port")).expect("settings");
    let gateway = Gateway::new(&settings, "ap-default", None);
    for id in &ids {
        gateway.wake_invoice(id).await.expect("woken");
    }
    until_firing(&prometheus, &["SlotsExhausted"], async || {}).await;
}

/// The worker keeps a thousand workflows at hand, and each of these waits for a person.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn more_workflows_than_the_worker_keeps_at_hand() {
    let process = start("all", temporal_address(), &format!("[http]\n{NO_QUOTAS}")).await;
    healthy(&process).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["WorkflowCacheTooSmall"]).await;
    until_firing(&prometheus, &["WorkflowCacheTooSmall"], async || {
        futures::future::join_all((0..100).map(|_| submit(&process, "wait=0"))).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn activities_whose_workflow_was_ended() {
    let settings = "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\nretry_seconds = [0]\n";
    let process = start("all", temporal_address(), settings).await;
    healthy(&process).await;
    let prometheus = Prometheus::over(&process.ops).await;
    quiet(&prometheus, &["RespondNotFound"]).await;
    let silent = Receiver::start(std::iter::repeat_n(Act::Hang, 10_000)).await;
    let hook = json!({"url": silent.url, "events": ["invoice.received"]});
    process.post_json("/webhooks", &hook).await;
    until_firing(&prometheus, &["RespondNotFound"], async || {
        submit(&process, "wait=0").await;
        let running = "/workflows?type=WebhookDeliveryWorkflow&status=running";
        let list = process.get(running).await.json();
        for run in list["items"].as_array().into_iter().flatten() {
            let id = run["workflow_id"].as_str().expect("an id");
            let path = format!("/workflows/{id}/terminate");
            process.post_json(&path, &json!({"reason": "a test"})).await;
        }
    })
    .await;
}
