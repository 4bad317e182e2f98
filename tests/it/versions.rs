//! Versions of the worker by build id: who takes up an invoice that waited when the next version
//! was made the current one. As docs/operations.md tells it, with the same commands.

use std::process::Stdio;
use std::time::Duration;

use ap_gateway::config::Versioning;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::worker::WorkerSupervisor;
use ap_gateway::workflows::InvoiceWorkflow;
use serde_json::Value;
use temporalio_client::WorkflowHandle;
use tokio::process::Command;

use crate::bench::{Bench, invoice};
use crate::harness;
use crate::life::dispatch;

const MANUAL: &str = include_str!("../../docs/operations.md");

const DEPLOYMENT: &str = "ap-gateway";

/// A version is found a moment after its worker first polled, and the server looks for it once a
/// second.
const FOUND: Duration = Duration::from_secs(60);

impl Bench {
    /// A worker of this build, polling.
    async fn build(&self, build_id: &str, versioning: Versioning) -> WorkerSupervisor {
        let mut parts = self.parts();
        parts.worker.deployment = DEPLOYMENT.to_owned();
        parts.worker.build_id = build_id.to_owned();
        parts.worker.versioning = versioning;
        parts.worker.check().expect("a legal version");
        let worker = WorkerSupervisor::start(parts).expect("a thread");
        self.polling().await;
        worker
    }

    async fn make_current(&self, build_id: &str) {
        let command = "temporal worker deployment set-current-version --deployment-name ap-gateway";
        self.type_in(&format!("{command} --build-id {build_id} --yes")).await;
    }

    /// What an operator types, until it is done: what it says.
    async fn type_in(&self, command: &str) -> String {
        let program = harness::temporal_cli().await;
        let settings = self.server.settings();
        let address = settings.address().trim_end_matches('/');
        let address = address.rsplit('/').next().unwrap_or(address);
        harness::seldom(FOUND, command, async || {
            let done = Command::new(&program)
                .args(command.split_whitespace().skip(1))
                .args(["--address", address])
                .stdin(Stdio::null())
                .output()
                .await
                .expect("the CLI runs");
            done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
        })
        .await
    }

    /// The build that is the current one, as the server says.
    async fn current(&self) -> Option<String> {
        let told = "temporal worker deployment describe --name ap-gateway -o json";
        let told: Value = serde_json::from_str(&self.type_in(told).await).expect("JSON");
        let build = told.pointer("/routingConfig/currentVersionBuildID")?;
        build.as_str().map(str::to_owned)
    }

    /// The builds that took up the invoice's tasks, in their order.
    async fn builds(&self, id: &InvoiceId) -> Vec<String> {
        let client = self.client().await;
        let handle: WorkflowHandle<_, _> =
            client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
        let history = handle.fetch_history(Default::default()).to_json().await;
        let history: Value = serde_json::from_slice(&history.expect("a history")).expect("JSON");
        let events = history["events"].as_array().expect("events").iter();
        let done = events
            .filter_map(|event| event["attributes"].get("WorkflowTaskCompletedEventAttributes"));
        let build = |done: &Value| {
            let build = done["deployment_version"]["build_id"].as_str();
            build.unwrap_or("none").to_owned()
        };
        let mut builds: Vec<_> = done.map(build).collect();
        builds.dedup();
        builds
    }

    async fn come(&self, order: &str) {
        self.order(order).await;
        dispatch(self).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_waited_goes_on_with_the_version_that_is_made_current() {
    let bench = Bench::start().await;
    let auto = Versioning::AutoUpgrade;
    let old = bench.build("v1", auto).await;
    bench.make_current("v1").await;
    let [first, second] = ["1", "2"].map(|n| invoice(&format!("I-{n}"), &format!("PO-{n}")));
    let first = bench.submit(&first).await;
    let second = bench.submit(&second).await;
    for id in [&first, &second] {
        bench.comes_to(id, S::Held).await;
    }
    // The new one polls, and gets nothing until it is told to be the one.
    let _new = bench.build("v2", auto).await;
    bench.come("PO-1").await;
    bench.comes_to(&first, S::Approved).await;
    assert_eq!(bench.builds(&first).await, ["v1"]);
    bench.make_current("v2").await;
    assert!(old.drain(Duration::from_secs(10)).await);
    bench.come("PO-2").await;
    bench.comes_to(&second, S::Approved).await;
    assert_eq!(bench.builds(&second).await, ["v1", "v2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_invoice_waits_for_the_version_that_it_began_with() {
    let bench = Bench::start().await;
    let pinned = Versioning::Pinned;
    let old = bench.build("v1", pinned).await;
    bench.make_current("v1").await;
    let waits = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&waits, S::Held).await;
    let _new = bench.build("v2", pinned).await;
    bench.make_current("v2").await;
    assert!(old.drain(Duration::from_secs(10)).await);
    bench.come("PO-1").await;
    // Whatever comes now is the new one's, and what waits is not.
    let next = bench.submit(&invoice("I-2", "PO-2")).await;
    bench.comes_to(&next, S::Held).await;
    assert_eq!(bench.builds(&next).await, ["v2"]);
    assert_eq!(bench.row(&waits).await.status, S::Held);
    let _old = bench.build("v1", pinned).await;
    bench.comes_to(&waits, S::Approved).await;
    assert_eq!(bench.builds(&waits).await, ["v1"]);
}

/// The example of the manual, line by line: workers are started, the commands of Temporal typed.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_the_manual_does_what_it_says() {
    let section =
        MANUAL.split("\n## ").find(|section| section.starts_with("Versions of the worker"));
    let block = section.and_then(|section| section.split("```").nth(1)).expect("an example");
    let bench = Bench::start().await;
    let (mut builds, mut said) = (Vec::new(), Vec::new());
    for line in block.lines().skip(1).map(|line| line.split(" #").next().unwrap_or(line).trim()) {
        let after = |name: &str| line.split(name).nth(1)?.split_whitespace().next();
        if line.starts_with("temporal ") {
            said.push((line, bench.type_in(line).await));
            if line.contains(" set-current-version ") {
                assert_eq!(bench.current().await.as_deref(), after("--build-id "), "{line}");
            }
        } else if let Some(build_id) = after("AP_GATEWAY_WORKER_BUILD_ID=") {
            assert_eq!(after("AP_GATEWAY_WORKER_DEPLOYMENT="), Some(DEPLOYMENT));
            assert!(line.ends_with("ap-gateway serve --role worker &"), "{line}");
            builds.push((build_id, bench.build(build_id, Versioning::AutoUpgrade).await));
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "nobody runs {line:?}");
        }
    }
    assert_eq!(builds.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["1.4.0", "1.5.0"]);
    let of = |command: &str| {
        let mut all = said.iter().filter(|(line, _)| line.contains(command));
        all.next().unwrap_or_else(|| panic!("{command} is not in the example")).1.clone()
    };
    let versions = of("deployment describe ");
    assert!(builds.iter().all(|(id, _)| versions.contains(id)), "{versions}");
    assert!(of("deployment describe-version ").contains("1.4.0"));
    assert_eq!(said.len(), 5, "{said:?}");
    // It ends where it goes back to.
    assert_eq!(bench.current().await.as_deref(), Some("1.4.0"));
}

/// What ran before versions were told apart is taken up by the first version too.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_a_worker_without_a_version_goes_on_with_the_first_one() {
    let bench = Bench::start().await;
    let plain = bench.worker().await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&id, S::Held).await;
    let _first = bench.build("v1", Versioning::AutoUpgrade).await;
    bench.make_current("v1").await;
    assert!(plain.drain(Duration::from_secs(10)).await);
    bench.come("PO-1").await;
    bench.comes_to(&id, S::Approved).await;
    assert_eq!(bench.builds(&id).await, ["none", "v1"]);
}
