//! Runs as Temporal itself counts them: one that no ledger knows of is among them.

use std::time::Duration;

use ap_gateway::config;
use ap_gateway::temporal::connect::connect;
use ap_gateway::workflows::PingWorkflow;
use temporalio_client::{Client, WorkflowStartOptions};

use crate::harness::{PATIENCE, seldom, unique};

/// A client of the server at an address such as `http://127.0.0.1:7233`.
pub(crate) async fn client(temporal: &str) -> Client {
    let port = temporal.rsplit(':').next().and_then(|port| port.parse().ok());
    let settings = config::Temporal::local(port.expect("a port")).expect("settings");
    let connected = connect(&settings, None, Duration::from_secs(5)).await;
    connected.unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that as many runs of this type were ever started on this task queue, and not one more.
/// Temporal's list lags behind and is written in the order of what happened: when it has a run that
/// is started only now, it has all that were started before.
pub(crate) async fn assert_runs(client: &Client, task_queue: &str, kind: &str, expected: usize) {
    let runs = format!("TaskQueue = '{task_queue}' AND WorkflowType = '{kind}'");
    are_listed(client, &runs, expected).await;
    let last = unique("last");
    // Nobody polls its queue, so it is done when its time is over.
    let options =
        WorkflowStartOptions::new(unique("nobody"), last.clone()).execution_timeout(PATIENCE);
    let started = client.start_workflow(PingWorkflow::run, (), options.build()).await;
    started.expect("started");
    are_listed(client, &format!("WorkflowId = '{last}'"), 1).await;
    are_listed(client, &runs, expected).await;
}

/// Waits until so many are listed; more are never right.
async fn are_listed(client: &Client, query: &str, expected: usize) {
    let what = format!("{expected} runs with {query}");
    seldom(PATIENCE, &what, async || {
        // All tests together may ask ten such questions a second; who is refused asks again.
        let count = client.count_workflows(query, Default::default()).await.ok()?.count();
        assert!(count <= expected, "{count} runs instead of {expected} with {query}");
        (count == expected).then_some(())
    })
    .await;
}
