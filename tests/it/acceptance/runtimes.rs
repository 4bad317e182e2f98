//! 49: HTTP and worker stand on runtimes of their own: one that is blocked does not stop the other.

use std::time::Duration;

use ap_gateway::temporal::Gateway;

use crate::bench::{Bench, until};
use crate::edge::Edge;

/// Runs a future on a runtime of its own.
fn elsewhere<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work)
    })
}

/// One thread serves HTTP here, and this test holds it until the worker has answered.
#[tokio::test]
async fn acceptance_49_a_blocked_http_runtime_does_not_stop_the_worker() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let settings = bench.server.settings();
    let answered = elsewhere(async move {
        let gateway = Gateway::new(&settings, "ap-default", None);
        gateway.ping("while-blocked", Duration::from_secs(30)).await
    });
    // Nothing else runs on this runtime meanwhile: no timer, no socket, no other task.
    let answered = answered.join().expect("no panic").expect("started");
    assert_eq!(answered.result.as_deref(), Some("ok"));
}

/// The worker's thread, held from the inside by a step that never gives way.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_49_a_blocked_worker_does_not_stop_http() {
    crate::invoice_steps::while_the_worker_is_blocked(async |bench: &Bench| {
        let edge = Edge::over(bench);
        for target in ["/livez", "/invoices", "/purchase-orders"] {
            assert_eq!(edge.get(target).await.status, 200, "{target}");
        }
        let submitted = edge.post("/invoices", "application/xml", "<a/>").await;
        assert_eq!(submitted.status, 202);
        let pinged = edge.post("/workflows/ping", "application/json", "{}").await;
        assert_eq!(pinged.status, 202, "it waits for a worker that does not come");
        until("it is shown as running", async || {
            let run = edge.get(pinged.header("location")).await.json();
            (run["status"] == "running").then_some(())
        })
        .await;
    })
    .await;
}
