//! Recorded histories against the present workflows: a change that running invoices cannot follow
//! fails here, not in production.
//!
//! The histories are recorded by the tests that run the workflows on a real server:
//! `AP_GATEWAY_HISTORIES=tests/histories cargo test --test it -- decisions:: invoice_workflow:: …`;
//! docs/lifecycle.md says when to record anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ap_gateway::workflows::{
    BatchWorkflow, EntryAnswerWorkflow, InvoiceWorkflow, PingWorkflow, ReconciliationWorkflow,
    StatementWorkflow, UpkeepWorkflow, WORKFLOW_TYPES, WebhookDeliveryWorkflow,
};
use futures::StreamExt;
use serde_json::Value;
use temporalio_client::{UntypedWorkflow, WorkflowExecutionInfo, WorkflowHandle, WorkflowHistory};
use temporalio_sdk::workflow_replayer::{
    WorkflowReplayError, WorkflowReplayFailure, WorkflowReplayer, WorkflowReplayerOptions,
};

use crate::bench::{Bench, until};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

/// Name and history of every recorded run.
fn recorded() -> Vec<(String, WorkflowHistory)> {
    let files = std::fs::read_dir(folder()).expect("tests/histories");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let history = WorkflowHistory::from_json(&std::fs::read(path).expect("a history"));
        (name, history.expect("a history as the SDK writes it"))
    };
    paths.iter().map(read).collect()
}

fn replayer() -> WorkflowReplayer {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<InvoiceWorkflow>()
        .expect("once")
        .register_workflow::<PingWorkflow>()
        .expect("once")
        .register_workflow::<ReconciliationWorkflow>()
        .expect("once")
        .register_workflow::<BatchWorkflow>()
        .expect("once")
        .register_workflow::<StatementWorkflow>()
        .expect("once")
        .register_workflow::<EntryAnswerWorkflow>()
        .expect("once")
        .register_workflow::<WebhookDeliveryWorkflow>()
        .expect("once")
        .register_workflow::<UpkeepWorkflow>()
        .expect("once")
        .build();
    WorkflowReplayer::new(options).expect("a replayer")
}

#[tokio::test]
async fn acceptance_50_running_invoices_can_follow_the_present_workflows() {
    let replayer = replayer();
    for (name, history) in recorded() {
        if let Err(error) = replayer.replay_workflow(history).await {
            panic!(
                "tests/histories/{name}.json does not replay: {error}\n\
                 A run that was begun before this change would stop for ever. Put the change behind \
                 `ctx.patched(\"…\")`, as docs/lifecycle.md shows (\"Changing a workflow\"); record \
                 the history anew only when no such run can exist."
            );
        }
    }
}

#[test]
fn every_workflow_has_a_recorded_history() {
    let names = recorded().into_iter().map(|(name, _)| name);
    let types: BTreeSet<String> =
        names.map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect();
    let missing: Vec<_> = WORKFLOW_TYPES.iter().filter(|name| !types.contains(**name)).collect();
    assert!(missing.is_empty(), "record a history of {missing:?}");
}

#[tokio::test]
async fn acceptance_51_a_change_that_runs_cannot_follow_is_caught() {
    let path = folder().join("InvoiceWorkflow.straight_through.json");
    let text = std::fs::read_to_string(path).expect("a history");
    // As if the code that recorded it had asked for its second step first.
    let changed = text.replace("ap.extract_and_validate", "ap.something_else");
    assert_ne!(changed, text);
    let history = WorkflowHistory::from_json(changed.as_bytes()).expect("a history");
    let error = replayer().replay_workflow(history).await.expect_err("it does not fit");
    let found =
        matches!(error, WorkflowReplayError::Replay(WorkflowReplayFailure::Nondeterminism { .. }));
    assert!(found, "{error}");
}

/// All that Temporal keeps of a run.
pub(crate) async fn history(bench: &Bench, workflow_id: &str) -> Value {
    let client = bench.client().await;
    let namespace = client.options().namespace.clone();
    let info =
        WorkflowExecutionInfo::builder().namespace(namespace).workflow_id(workflow_id).build();
    let handle = WorkflowHandle::<_, UntypedWorkflow>::new(client, info);
    let json = handle.fetch_history(Default::default()).to_json().await.expect("a history");
    serde_json::from_slice(&json).expect("JSON")
}

/// Keeps the history of a run, when that is asked for; nothing of this machine is kept with it.
pub(crate) async fn keep(bench: &Bench, workflow_id: &str, name: &str) {
    let Ok(folder) = std::env::var("AP_GATEWAY_HISTORIES") else {
        return;
    };
    let mut history = history(bench, workflow_id).await;
    redact(&mut history);
    let text = serde_json::to_string(&history).expect("JSON");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{name}.json"));
    std::fs::write(path, text + "\n").expect("written");
}

/// Keeps the history of some run of this type.
pub(crate) async fn keep_one_of(bench: &Bench, kind: &str, name: &str) {
    if std::env::var("AP_GATEWAY_HISTORIES").is_err() {
        return;
    }
    let client = bench.client().await;
    let query = format!("WorkflowType='{kind}' AND ExecutionStatus='Completed'");
    let id = until("a run is listed", async || {
        let mut runs = client.list_workflows(query.as_str(), Default::default());
        runs.next().await.and_then(Result::ok).map(|run| run.id().to_owned())
    })
    .await;
    keep(bench, &id, &format!("{kind}.{name}")).await;
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "identity" && member.is_string() {
                    *member = "ap-gateway".into();
                }
                redact(member);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}
