//! The alert of a task queue that nobody polls, as a process with HTTP alone sees it.

use crate::harness::{temporal_address, unique, within};
use crate::observed::faults::{LONG, until_firing};
use crate::observed::process::{Process, Wanted};
use crate::observed::prometheus::Prometheus;
use crate::observed::relay::{Relay, Way};

async fn start(role: &str, temporal: &str, queue: &str) -> Process {
    let environment = [("AP_GATEWAY_OPS_LISTEN", "127.0.0.1:0"), ("AP_GATEWAY_TASK_QUEUE", queue)];
    Process::start(&Wanted { role, temporal, settings: "", environment: &environment }).await
}

async fn until_over(prometheus: &Prometheus, known: &str) {
    within(LONG, known, async || {
        let seen = prometheus.query(known).await?;
        let over = !prometheus.firing().await.contains("NoPollers");
        (over && !seen.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus: `.ci/run alerts` brings it"]
async fn a_task_queue_that_nobody_polls() {
    let queue = unique("unpolled");
    let relay = Relay::to(temporal_address()).await;
    let _elsewhere = start("worker", temporal_address(), &unique("elsewhere")).await;
    let http = start("http", &relay.address, &queue).await;
    let prometheus = Prometheus::over(&http.ops).await;
    until_firing(&prometheus, &["NoPollers"], async || {}).await;
    // It has no worker of its own that could be down: the one alert says all of it.
    let firing = prometheus.firing().await;
    assert!(!firing.contains("WorkerDown"), "{firing:?}");
    // A Temporal that is away says nothing, and that is no zero.
    relay.set(Way::Cut);
    until_over(&prometheus, "absent(ap_gateway_task_queue_pollers)").await;
    relay.set(Way::Open);
    until_firing(&prometheus, &["NoPollers"], async || {}).await;
    let _worker = start("worker", temporal_address(), &queue).await;
    until_over(&prometheus, "count(ap_gateway_task_queue_pollers == 1) == 2").await;
}
