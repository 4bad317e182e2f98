//! Batches through a real server and real stores: what becomes of each item, whatever dies.

pub(crate) mod archives;
mod killed;

use std::collections::BTreeMap;
use std::time::Duration;

use ap_gateway::models::batch::{BatchKind, BatchStatus, Known};
use ap_gateway::models::refs::{BatchId, Sha256};
use ap_gateway::storage::ledger::batches::{BatchAcceptance, BatchRow, ItemRow, NewBatch};
use ap_gateway::storage::ledger::invoices::InvoiceFilter;
use ap_gateway::temporal::gateway::RunStatus;
use ap_gateway::workflows::BatchWorkflow;
use bytes::Bytes;
use chrono::Utc;
use serde_json::json;
use temporalio_client::WorkflowCancelOptions;
use uuid::Uuid;

use crate::bench::{Bench, invoice, until};
use crate::replay;

impl Bench {
    async fn keep(&self, bytes: &[u8]) -> Sha256 {
        let mut upload = self.artifacts.upload().await.expect("an upload");
        upload.write(Bytes::copy_from_slice(bytes)).await.expect("written");
        upload.finish().await.expect("kept").sha256
    }

    /// Promises a batch over a source, and starts its workflow.
    async fn batch(&self, kind: BatchKind, source: &[u8]) -> BatchId {
        let id = self.promise(kind, source).await;
        self.gateway.start_batch(&id).await.expect("started");
        id
    }

    async fn promise(&self, kind: BatchKind, source: &[u8]) -> BatchId {
        let new = NewBatch {
            id: BatchId::new(Uuid::now_v7()),
            kind,
            subject: "test".to_owned(),
            key: Uuid::now_v7().to_string(),
            known: Known::New,
            source: Some(self.keep(source).await),
            created_at: Utc::now(),
        };
        let opened = self.ledger.open_batch(new).await.expect("opened");
        let BatchAcceptance::New(row, ()) = opened else { panic!("{opened:?}") };
        row.id
    }

    /// A manifest of so many invoices; one of them is not in the store.
    async fn manifest(&self, documents: usize, missing: usize) -> Vec<u8> {
        let mut list = Vec::new();
        for n in 0..documents {
            let bytes = invoice(&format!("I-{n}"), "PO-1");
            let sha256 = if n == missing {
                Sha256::from_bytes(&[0; 32])
            } else {
                self.keep(bytes.as_bytes()).await
            };
            list.push(json!({"sha256": sha256, "media_type": "application/xml", "name": format!("{n}.xml")}));
        }
        json!({ "documents": list }).to_string().into_bytes()
    }

    async fn batch_row(&self, id: &BatchId) -> BatchRow {
        self.ledger.batch(id).await.expect("read").expect("a batch")
    }

    async fn ends(&self, id: &BatchId, status: BatchStatus) -> BatchRow {
        let what = format!("{id} is {}", status.as_str());
        // Thousands of items on a machine that does much else.
        let limit = Duration::from_secs(180);
        crate::harness::within(limit, &what, async || {
            Some(self.batch_row(id).await).filter(|row| row.status == status)
        })
        .await
    }

    async fn items(&self, id: &BatchId) -> Vec<ItemRow> {
        self.ledger.batch_items(id, None, 0, 20_000).await.expect("read")
    }

    /// How many items were accepted; each must be an invoice of its own, and no other is there.
    async fn each_once(&self, id: &BatchId) -> usize {
        let mut invoices: Vec<_> =
            self.items(id).await.into_iter().filter_map(|item| item.invoice).collect();
        invoices.sort_by(|one, other| one.0.cmp(&other.0));
        invoices.dedup_by(|one, other| one.0 == other.0);
        let all = self.ledger.invoices(&InvoiceFilter::default(), None, 20_000).await;
        assert_eq!(all.expect("a list").len(), invoices.len(), "none lost, none twice");
        invoices.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_with_a_bad_item_goes_on_to_its_end() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let manifest = bench.manifest(250, 120).await;
    let id = bench.batch(BatchKind::Manifest, &manifest).await;
    let row = bench.ends(&id, BatchStatus::Accepted).await;
    assert_eq!(row.items, Some(250));
    replay::keep(&bench, &id.workflow_id(), "BatchWorkflow.manifest").await;
    assert_eq!(bench.each_once(&id).await, 249);
    let items = bench.items(&id).await;
    let bad = &items[120];
    assert_eq!((bad.position, &*bad.item_key, bad.name.as_deref()), (121, "121", Some("120.xml")));
    let problem = bad.problem.as_ref().expect("a reason");
    assert_eq!((problem.status, &*problem.kind), (404, "/docs/problems/not-found"));
    // Started again by a dispatcher that does not know: nothing is done twice.
    bench.gateway.start_batch(&id).await.expect("known");
    assert_eq!(bench.each_once(&id).await, 249);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_says_what_may_be_wrong_with_each_document() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let (xml, empty) = (bench.keep(b"<a/>").await, bench.keep(b"").await);
    let manifest = json!({"documents": [
        {"sha256": xml, "media_type": "application/xml", "purchase_order": "PO-9"},
        {"sha256": "ABC", "media_type": "application/xml"},
        {"sha256": xml, "media_type": "no/such"},
        {"sha256": xml, "media_type": "application/pdf"},
        {"sha256": empty, "media_type": "text/csv"},
        {"sha256": xml, "media_type": "application/octet-stream", "purchase_order": "\u{7}"},
        {"sha256": xml, "media_type": "application/octet-stream", "item_key": "mine"},
    ]});
    let id = bench.batch(BatchKind::Manifest, manifest.to_string().as_bytes()).await;
    bench.ends(&id, BatchStatus::Accepted).await;
    let items = bench.items(&id).await;
    let status = |item: &ItemRow| item.problem.as_ref().map_or(202, |problem| problem.status);
    let statuses: Vec<_> = items.iter().map(status).collect();
    assert_eq!(statuses, [202, 422, 415, 415, 400, 422, 202]);
    assert_eq!(items[6].item_key, "mine");
    let (first, _) = items[0].invoice.as_ref().expect("an invoice");
    assert_eq!(bench.row(first).await.purchase_order.as_deref(), Some("PO-9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_in_the_middle_is_followed_by_another_and_each_item_is_there_once() {
    let bench = Bench::start().await;
    let manifest = bench.manifest(1_200, 700).await;
    let id = bench.batch(BatchKind::Manifest, &manifest).await;
    // Each is ended as soon as it has taken something up, with no time for what it is at.
    for _ in 0..3 {
        let before = accepted(&bench, &id).await;
        let worker = bench.worker().await;
        until("more items are taken up", async || {
            (accepted(&bench, &id).await > before
                || bench.batch_row(&id).await.status != BatchStatus::Accepting)
                .then_some(())
        })
        .await;
        worker.drain(Duration::ZERO).await;
    }
    let _worker = bench.worker().await;
    bench.ends(&id, BatchStatus::Accepted).await;
    assert_eq!(bench.each_once(&id).await, 1_199);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_left_behind_and_the_new_run_goes_on_where_it_was() {
    let bench = Bench::start().await;
    // Documents that cannot be right cost the ledger least: it is the history that must grow.
    let document = json!({"sha256": "x", "media_type": "application/xml"});
    let manifest = json!({"documents": vec![document; 2_000]}).to_string();
    let id = bench.batch(BatchKind::Manifest, manifest.as_bytes()).await;
    let first = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
    let _worker = bench.worker().await;
    bench.ends(&id, BatchStatus::Accepted).await;
    let counts = bench.ledger.batch_counts(&id).await.expect("counted");
    assert_eq!(counts, [("refused".to_owned(), 2_000)].into());
    until("the run ends", async || {
        let last = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
        let ended = last.status == RunStatus::Completed && last.run_id != first.run_id;
        // The server of the bench asks for a new run at 60 events; a round makes some more.
        (ended && last.history_length < 120).then_some(())
    })
    .await;
}

async fn accepted(bench: &Bench, id: &BatchId) -> i64 {
    let counts: BTreeMap<String, i64> = bench.ledger.batch_counts(id).await.expect("counted");
    counts.iter().filter(|(word, _)| *word != "pending").map(|(_, count)| count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_cancelled_in_the_middle_keeps_what_it_has_and_takes_no_more() {
    let bench = Bench::start().await;
    let manifest = bench.manifest(2_000, 0).await;
    let id = bench.batch(BatchKind::Manifest, &manifest).await;
    let _worker = bench.worker().await;
    until("something is taken up", async || (accepted(&bench, &id).await > 0).then_some(())).await;
    let (before, row) = bench
        .ledger
        .end_batch(&id, BatchStatus::Cancelled, None, Utc::now())
        .await
        .expect("cancelled");
    assert_eq!((before, row.status), (BatchStatus::Accepting, BatchStatus::Cancelled));
    let kept = bench.each_once(&id).await;
    until("the workflow ends", async || {
        let run = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
        (run.status == RunStatus::Completed).then_some(())
    })
    .await;
    assert_eq!(bench.each_once(&id).await, kept, "nothing after the answer");
    let counts = bench.ledger.batch_counts(&id).await.expect("counted");
    // The missing document was refused, or was among those that nobody looked at any more.
    let of = |state: &str| usize::try_from(counts.get(state).copied().unwrap_or(0)).expect("few");
    assert_eq!(of("cancelled") + of("refused") + kept, 2_000, "{counts:?}");
    assert!(of("cancelled") > 0 && of("refused") <= 1, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_is_cancelled_from_outside_ends_its_batch() {
    let bench = Bench::start().await;
    let manifest = bench.manifest(10, 99).await;
    let id = bench.batch(BatchKind::Manifest, &manifest).await;
    let client = bench.client().await;
    let handle = client.get_workflow_handle::<BatchWorkflow>(id.workflow_id());
    handle.cancel(WorkflowCancelOptions::default()).await.expect("cancelled");
    let _worker = bench.worker().await;
    bench.ends(&id, BatchStatus::Cancelled).await;
    assert_eq!(bench.each_once(&id).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_was_ended_from_outside_is_started_anew_from_where_it_was() {
    let bench = Bench::start().await;
    let manifest = bench.manifest(300, 7).await;
    let id = bench.batch(BatchKind::Manifest, &manifest).await;
    let client = bench.client().await;
    let handle = client.get_workflow_handle::<BatchWorkflow>(id.workflow_id());
    handle.terminate(Default::default()).await.expect("terminated");
    let due = bench.ledger.unstarted_batches(Utc::now(), 10).await.expect("read");
    assert_eq!(due, std::slice::from_ref(&id));
    bench.gateway.start_batch(&id).await.expect("started anew");
    let _worker = bench.worker().await;
    bench.ends(&id, BatchStatus::Accepted).await;
    assert_eq!(bench.each_once(&id).await, 299);
    assert!(bench.ledger.unstarted_batches(Utc::now(), 10).await.expect("read").is_empty());
}
