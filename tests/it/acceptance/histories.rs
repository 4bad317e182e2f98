//! 36: what Temporal keeps of a run has ids and figures, never what a document says.

use ap_gateway::models::status::InvoiceStatus;
use futures::StreamExt;

use crate::bench::{Bench, invoice, until};
use crate::replay;

/// All that Temporal keeps of a run, payloads included, as bytes.
async fn raw(bench: &Bench, workflow_id: &str) -> Vec<u8> {
    let history = replay::history(bench, workflow_id).await;
    let mut bytes = Vec::new();
    payloads(&history, &mut bytes);
    assert!(bytes.len() > 100, "payloads were found");
    bytes.extend(history.to_string().into_bytes());
    bytes
}

/// The content of each payload.
fn payloads(value: &serde_json::Value, found: &mut Vec<u8>) {
    use base64::Engine;
    match value {
        serde_json::Value::Object(members) => {
            if let Some(data) = members.get("data").and_then(serde_json::Value::as_str) {
                found.extend(base64::prelude::BASE64_STANDARD.decode(data).expect("base64"));
            }
            members.values().for_each(|member| payloads(member, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| payloads(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_36_no_text_name_or_account_of_a_document_is_in_a_history() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    bench.order("PO-1").await;
    bench.order("PO-2").await;
    let held = invoice("RE-36-CANARY", "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
    let approved = invoice("RE-37-CANARY", "PO-2");
    let unreadable = "<Invoice>CANARY of Schrauben Meier</Invoice".to_owned();
    let mut ids = Vec::new();
    for (document, status) in [
        (held, InvoiceStatus::Held),
        (approved, InvoiceStatus::Approved),
        (unreadable, InvoiceStatus::NeedsAttention),
    ] {
        let id = bench.submit(&document).await;
        bench.comes_to(&id, status).await;
        ids.push(id);
    }
    let client = bench.client().await;
    // The list lags behind the runs.
    until("all runs are listed", async || {
        let runs = client.list_workflows("", Default::default());
        (runs.count().await >= ids.len()).then_some(())
    })
    .await;
    let words = ["Schrauben", "Meier", "Muster AG", "DE02120300000000202051", "CANARY", "Screw M4"];
    for id in &ids {
        let kept = raw(&bench, &id.workflow_id()).await;
        for word in words {
            let said = kept.windows(word.len()).any(|bytes| bytes == word.as_bytes());
            assert!(!said, "the history of {id} says {word}");
        }
    }
}
