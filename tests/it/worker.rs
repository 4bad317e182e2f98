//! The worker against a real server: it answers, and it goes on whatever ends around it.

use std::time::{Duration, Instant};

use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::temporal::gateway::{RunStatus, TaskType};
use ap_gateway::temporal::sdk_metrics::SdkMetrics;
use ap_gateway::temporal::{Gateway, GatewayError, WorkerSupervisor};
use ap_gateway::workflows::{InvoiceWorkflow, PingWorkflow};
use axum::http::StatusCode;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use temporalio_client::{WorkflowCancelOptions, WorkflowTerminateOptions};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::bench::{Bench, invoice, until};
use crate::edge::Edge;
use crate::harness::{PATIENCE, temporal_address, within};
use crate::observed::process::{Process, Wanted};
use crate::replay;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_pings_are_answered_and_the_worker_drains() {
    let bench = Bench::start().await;
    for task_type in TaskType::ALL {
        assert_eq!(bench.gateway.pollers(task_type).await, Ok(0));
    }
    let worker = bench.worker().await;
    for n in 0..50 {
        let id = format!("ping-{n}");
        assert_eq!(bench.ping(&id).await.as_deref(), Some("ok"));
    }
    // The same id again: the answer of its run, and no second run.
    replay::keep(&bench, "ping-7", "PingWorkflow.answered").await;
    let first = bench.gateway.workflow("ping-7").await.expect("described");
    assert_eq!(bench.ping("ping-7").await.as_deref(), Some("ok"));
    let again = bench.gateway.workflow("ping-7").await.expect("described");
    assert_eq!((first.run_id, again.status), (again.run_id, RunStatus::Completed));
    assert_eq!(again.workflow_type, "PingWorkflow");
    let long = "x".repeat(1_001);
    for id in ["nope", "", &long] {
        assert_eq!(bench.gateway.workflow(id).await, Err(GatewayError::NotFound));
    }
    for task_type in TaskType::ALL {
        assert_eq!(bench.gateway.pollers(task_type).await, Ok(1));
    }
    let namespace = bench.gateway.describe_namespace().await.expect("described");
    assert!(namespace.retention.is_some());
    assert!(worker.drain(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_activities_counts_for_workflows_alone() {
    let bench = Bench::start().await;
    let options = WorkerOptions::new("ap-default").register_workflow::<PingWorkflow>();
    let options = options.expect("once").build();
    let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
    let mut worker = Worker::new(&runtime, bench.client().await, options).expect("a worker");
    let stop = worker.shutdown_handle();
    let seen = async {
        until("it polls", async || {
            (bench.gateway.pollers(TaskType::Workflow).await == Ok(1)).then_some(())
        })
        .await;
        let activities = bench.gateway.pollers(TaskType::Activity).await;
        stop();
        activities
    };
    let (ran, activities) = tokio::join!(worker.run(), seen);
    ran.expect("ran");
    assert_eq!(activities, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_namespace_is_named() {
    let bench = Bench::start().await;
    let mut settings = bench.server.settings();
    settings.namespace = "elsewhere".to_owned();
    let gateway = Gateway::new(&settings, "ap-default", None);
    let missing = GatewayError::NamespaceMissing("elsewhere".to_owned());
    assert_eq!(gateway.describe_namespace().await, Err(missing.clone()));
    let pinged = gateway.ping("p", Duration::from_secs(1)).await;
    assert_eq!(pinged.err(), Some(missing.clone()));
    assert_eq!(gateway.workflow("p").await.err(), Some(missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_46_no_worker_is_no_error() {
    let bench = Bench::start().await;
    let ping = bench.gateway.ping("lonely", Duration::from_millis(300)).await;
    let ping = ping.expect("started");
    assert_eq!(ping.result, None);
    assert!(ping.took < Duration::from_secs(2), "{ping:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_outlives_cancellations_terminations_and_clients() {
    let bench = Bench::start().await;
    let worker = bench.worker().await;
    let client = bench.client().await;
    for n in 0..20 {
        let id = bench.submit(&invoice(&format!("I-{n}"), "PO-NONE")).await;
        let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
        if n % 2 == 0 {
            handle.terminate(WorkflowTerminateOptions::default()).await.expect("terminated");
        } else {
            handle.cancel(WorkflowCancelOptions::default()).await.expect("cancelled");
        }
        let ended = until("the run ends", async || {
            let row = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
            Some(row.status).filter(|status| *status != RunStatus::Running)
        })
        .await;
        let wanted = [RunStatus::Terminated, RunStatus::Canceled][n % 2];
        assert_eq!(ended, wanted);
    }
    drop(client);
    let second = Gateway::new(&bench.server.settings(), "ap-default", None);
    let answer = second.ping("after", Duration::from_secs(10)).await.expect("started");
    assert_eq!(answer.result.as_deref(), Some("ok"));
    assert_eq!(worker.restarts(), 0);
    assert!(worker.drain(Duration::from_secs(5)).await);
}

/// The SDK keeps something of each task until its worker is gone, so workers do not grow old.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_relieved_after_so_many_tasks_and_nobody_notices() {
    let bench = Bench::start().await;
    let mut parts = bench.parts();
    parts.worker.tasks_max = 10;
    let worker = WorkerSupervisor::start(parts).expect("a thread");
    bench.polling().await;
    let held = InvoiceStatus::Held;
    let first = bench.submit(&invoice("I-first", "PO-1")).await;
    bench.comes_to(&first, held).await;
    let mut workers = 1;
    for round in 0..100 {
        let submit = async |n| bench.submit(&invoice(&format!("I-{round}-{n}"), "PO-NONE")).await;
        let ids = join_all((0..5).map(submit)).await;
        for id in ids {
            bench.comes_to(&id, held).await;
            assert!(bench.worker_ready());
        }
        // The server remembers those that polled lately.
        workers = bench.gateway.pollers(TaskType::Activity).await.expect("told");
        if workers > 2 {
            break;
        }
    }
    assert!(workers > 2, "{workers} workers for {} tasks", worker.tally().ended());
    assert_eq!((worker.restarts(), worker.tally().failed()), (0, 0));
    // What rested with the first worker goes on with the one that polls now.
    bench.order("PO-1").await;
    bench.gateway.wake_invoice(&first).await.expect("woken");
    bench.comes_to(&first, InvoiceStatus::Approved).await;
    assert!(worker.drain(Duration::from_secs(5)).await, "those that were relieved ended, too");
}

/// The SDK measures the machine in a thread of each worker: it is there for as long as anything of
/// the worker is.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_worker_that_was_relieved_nothing_stays() {
    let process = Process::start(&Wanted {
        role: "all",
        temporal: temporal_address(),
        settings: "",
        environment: &[("AP_GATEWAY_WORKER_TASKS_MAX", "10")],
    })
    .await;
    let relieved = || {
        let log = process.log();
        log.iter().filter(|line| line["message"] == "worker relieved").count()
    };
    let headers = [("content-type", "application/xml"), ("prefer", "wait=30")];
    let mut number = 0;
    within(PATIENCE, "three are relieved", async || {
        number += 1;
        let document = invoice(&format!("I-{number}"), "PO-NONE");
        let answer = process.send(Method::POST, "/invoices", &headers, document).await;
        answer.expect(StatusCode::OK);
        (relieved() >= 3).then_some(())
    })
    .await;
    within(PATIENCE, "the one that polls is alone", async || {
        (process.threads("temporal-real-s") == 1).then_some(())
    })
    .await;
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_outlives_its_server() {
    let mut bench = Bench::start().await;
    let worker = bench.worker().await;
    assert_eq!(bench.ping("before").await.as_deref(), Some("ok"));
    bench.server.kill();
    let begun = Instant::now();
    let down = bench.gateway.ping("down", Duration::from_secs(1)).await;
    // Of two connections one was made: the other one has nobody to be made to.
    use GatewayError::{NotConnected, Timeout, Unavailable};
    assert!(matches!(down, Err(NotConnected(_) | Unavailable(_) | Timeout)), "{down:?}");
    // The start, and one look whether it was made all the same.
    assert!(begun.elapsed() < Duration::from_millis(8_500));
    until("readiness falls", async || (!bench.worker_ready()).then_some(())).await;
    bench.server.again();
    let begun = Instant::now();
    let client = until("temporal is back", async || {
        bench.gateway.probe().await.ok()?;
        Some(bench.client().await)
    })
    .await;
    assert_eq!(bench.ping("after").await.as_deref(), Some("ok"));
    println!("answered {:?} after the restart", begun.elapsed());
    let before = client.get_workflow_handle::<PingWorkflow>("before");
    let before = before.get_result(Default::default()).await.expect("kept");
    assert_eq!(before, "ok");
    bench.polling().await;
    assert!(worker.drain(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_48_a_worker_that_cannot_begin_begins_when_it_can() {
    let mut bench = Bench::start().await;
    let edge = Edge::over(&bench);
    bench.server.kill();
    let worker = WorkerSupervisor::start(bench.parts()).expect("a thread");
    until("it tried", async || (worker.restarts() >= 2).then_some(())).await;
    assert!(!bench.worker_ready());
    // Whoever asks at the edge is told, and served.
    let probe = edge.get("/readyz").await;
    assert_eq!(probe.problem(), (503, "no-worker".to_owned()));
    assert_eq!(probe.json()["failed"], json!(["worker"]));
    assert_eq!(edge.get("/invoices").await.status, 200);
    bench.server.again();
    bench.polling().await;
    assert_eq!(edge.get("/readyz").await.status, 200);
    assert_eq!(bench.ping("late").await.as_deref(), Some("ok"));
    assert!(worker.drain(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_shows_its_figures_beside_ours() {
    let bench = Bench::start().await;
    let registry = prometheus::Registry::new();
    let metrics = SdkMetrics::register(&registry).expect("registered");
    let mut parts = bench.parts();
    parts.metrics = Some(metrics.clone());
    let worker = WorkerSupervisor::start(parts).expect("a thread");
    bench.polling().await;
    let meter = metrics.for_connections();
    let gateway = Gateway::new(&bench.server.settings(), "ap-default", meter);
    let pinged = gateway.ping("figures", Duration::from_secs(10)).await;
    assert_eq!(pinged.expect("started").result.as_deref(), Some("ok"));
    let parts = [
        "temporal_request_total{namespace=\"default\",operation=\"StartWorkflowExecution\"",
        "temporal_workflow_completed_total{",
        "temporal_num_pollers{",
        "temporal_workflow_task_execution_latency_seconds_bucket{",
        "workflow_type=\"PingWorkflow\"",
    ];
    let encoder = prometheus::TextEncoder::new();
    let text = until("all figures are there", async || {
        let text = encoder.encode_to_string(&registry.gather()).expect("text");
        parts.iter().all(|part| text.contains(part)).then_some(text)
    })
    .await;
    let types: Vec<&str> = text.lines().filter(|l| l.starts_with("# TYPE ")).collect();
    let once: std::collections::HashSet<&&str> = types.iter().collect();
    assert_eq!(types.len(), once.len(), "{types:?}");
    assert!(worker.drain(Duration::from_secs(5)).await);
}
