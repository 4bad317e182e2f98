//! Alerts of what is wrong with the gateway itself: its code, and what it was given to log in with.

use std::time::Duration;

use ap_gateway::http::layers;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::temporal::gateway::RunStatus;
use ap_gateway::workflows::contract::InvoiceInput;
use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::Utc;
use reqwest::Method;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use temporalio_workflow::{
    TimerOptions, WorkflowContext, WorkflowResult, workflow, workflow_methods,
};
use tokio::net::TcpListener;

use crate::bench::{Bench, invoice, until};
use crate::edge::Edge;
use crate::harness::{temporal_address, unique};
use crate::observed::faults::{quiet, until_firing};
use crate::observed::process::{Process, Wanted};
use crate::observed::prometheus::Prometheus;
use crate::observed::relay::narrow;

/// No route of the gateway panics, so one is put beside them, behind the same layers.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_handler_that_panics() {
    async fn boom() {
        panic!("the test asked for it");
    }
    let edge = Edge::start().await;
    let defect = layers::outer(Router::new().route("/boom", get(boom)), &edge.state);
    let routes = Router::new().nest("/defect", defect).fallback_service(edge.router.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async { axum::serve(listener, routes).await });
    let prometheus = Prometheus::over(&address).await;
    quiet(&prometheus, &["Panic"]).await;
    until_firing(&prometheus, &["Panic"], async || {
        let answer =
            reqwest::get(format!("http://{address}/defect/boom")).await.expect("an answer");
        assert_eq!(answer.status(), 500);
    })
    .await;
}

/// A key of Temporal Cloud is a token that says itself when it ends.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_key_that_ends_tomorrow() {
    let end = Utc::now().timestamp() + 86_400;
    let part = |json: String| BASE64_URL_SAFE_NO_PAD.encode(json);
    let head = part(r#"{"alg":"ES256","typ":"JWT"}"#.to_owned());
    let key = format!("{head}.{}.{}", part(format!(r#"{{"exp":{end}}}"#)), part("x".to_owned()));
    let environment = [("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0"), ("TEMPORAL_API_KEY", &key)];
    // Nothing listens there: a key is read at the start, and sent to TLS alone.
    let temporal = "127.0.0.1:1";
    let wanted = Wanted { role: "http", temporal, settings: "", environment: &environment };
    let process = Process::start(&wanted).await;
    let prometheus = Prometheus::over(&process.ops).await;
    until_firing(&prometheus, &["CredentialEnds", "CredentialExpiring"], async || {}).await;
}

/// A workflow that goes by the name of an invoice's and is another program: it waits first.
#[workflow]
#[derive(Default)]
struct Another;

#[workflow_methods]
impl Another {
    #[run(name = "InvoiceWorkflow")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: InvoiceInput) -> WorkflowResult<String> {
        // Long enough for the worker to be gone by then, on a loaded machine too.
        ctx.timer(TimerOptions::builder(Duration::from_secs(5)).build()).await;
        Ok("later".to_owned())
    }
}

/// Runs a worker with that program until it has begun with an invoice, which waits from then on.
async fn begun_with_another(bench: &Bench) -> InvoiceId {
    let options = WorkerOptions::new("ap-default");
    let options = options.register_workflow::<Another>().expect("once").build();
    let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
    let mut worker = Worker::new(&runtime, bench.client().await, options).expect("a worker");
    let stop = worker.shutdown_handle();
    let begun = async {
        let id = bench.submit(&invoice("I-1", "PO-1")).await;
        until("its timer is set", async || {
            let run = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
            (run.history_length >= 5).then_some(())
        })
        .await;
        stop();
        id
    };
    let (ran, id) = tokio::join!(worker.run(), begun);
    ran.expect("ran");
    id
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn acceptance_51_workflow_code_that_does_not_fit_an_invoice_that_waits() {
    let bench = Bench::start().await;
    let id = begun_with_another(&bench).await;
    let before = bench.row(&id).await;
    let settings = bench.server.settings();
    let address = settings.address().trim_end_matches('/');
    let temporal = address.rsplit('/').next().unwrap_or(address);
    let folder = bench.server.folder.path();
    let ledger = format!("sqlite:{}", folder.join("ledger.db").display());
    let artifacts = folder.join("artifacts").display().to_string();
    let environment = [
        ("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0"),
        ("AP_GATEWAY_TASK_QUEUE", "ap-default"),
        ("AP_GATEWAY_LEDGER_URL", ledger.as_str()),
        ("AP_GATEWAY_ARTIFACTS", artifacts.as_str()),
    ];
    let wanted = Wanted { role: "all", temporal, settings: "", environment: &environment };
    let process = Process::start(&wanted).await;
    let prometheus = Prometheus::over(&process.ops).await;
    until_firing(&prometheus, &["NonDeterminism"], async || {}).await;
    // It waits for a program that fits: its run goes on, and nobody has given the invoice up.
    let run = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
    assert_eq!(run.status, RunStatus::Running);
    assert_eq!(bench.row(&id).await, before);
    let seen = process.get(&format!("/invoices/{id}")).await.json();
    assert_eq!(seen["status"], "received", "{seen}");
    assert_eq!(seen.get("attention"), None, "{seen}");
}

/// Larger than what a worker says when it polls (180), smaller than its answer to a ping (375).
const NARROW: usize = 280;

/// No workflow of ours sends much, so the worker's way to Temporal is made narrower than an answer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_workflow_that_sends_more_than_a_proxy_takes() {
    let queue = unique("narrow");
    let environment =
        [("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0"), ("AP_GATEWAY_TASK_QUEUE", queue.as_str())];
    let wanted =
        |role, temporal| Wanted { role, temporal, settings: "", environment: &environment };
    let http = Process::start(&wanted("http", temporal_address())).await;
    let proxy = narrow(temporal_address(), NARROW).await;
    let worker = Process::start(&wanted("worker", &proxy)).await;
    let prometheus = Prometheus::over(&worker.ops).await;
    quiet(&prometheus, &["MessageTooLarge"]).await;
    let ping = http.send(Method::POST, "/workflows/ping", &[("prefer", "wait=0")], Vec::new());
    assert_eq!(ping.await.status, 202);
    until_firing(&prometheus, &["MessageTooLarge"], async || {}).await;
}
