//! Decisions about many through a real server: each goes the way of a single one.

use ap_gateway::models::batch::{BatchKind, BatchStatus, ItemState, Known};
use ap_gateway::models::bulk::{BulkFilter, BulkOrder};
use ap_gateway::models::decision::{Action, Decision, Said};
use ap_gateway::models::refs::{BatchId, InvoiceId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::batches::{BatchAcceptance, NewBatch};
use chrono::Utc;
use uuid::Uuid;

use crate::bench::{Bench, invoice, until};

impl Bench {
    /// Orders one decision about these invoices, and has it carried out.
    async fn decides(&self, action: Action, invoices: &[InvoiceId]) -> BatchId {
        let decision = Decision { reason: Some("a test".to_owned()), ..Decision::of(action) };
        let subject = "key:operator".to_owned();
        let said = Said { subject, duties: Vec::new(), decision };
        let order = BulkOrder { said, filter: BulkFilter::default(), limit: 500 };
        let order = serde_json::to_vec(&order).expect("JSON");
        let new = NewBatch {
            id: BatchId::new(Uuid::now_v7()),
            kind: BatchKind::of_decision(action).expect("a batch decides so"),
            subject: "key:operator".to_owned(),
            key: Uuid::now_v7().to_string(),
            known: Known::New,
            source: Some(self.artifacts.put(order).await.expect("kept")),
            created_at: Utc::now(),
        };
        let opened = self.ledger.open_bulk(new, invoices, "a test").await.expect("opened");
        let BatchAcceptance::New(row, ()) = opened else { panic!("{opened:?}") };
        self.gateway.start_batch(&row.id).await.expect("started");
        until("the batch is carried out", async || {
            let row = self.ledger.batch(&row.id).await.expect("read").expect("a batch");
            (row.status == BatchStatus::Accepted).then_some(())
        })
        .await;
        row.id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_possible_is_done_and_what_is_not_says_why() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let held = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&held, S::Held).await;
    let unread = bench.submit("<Invoice>").await;
    bench.comes_to(&unread, S::NeedsAttention).await;
    let ended = bench.submit(&invoice("I-2", "PO-1")).await;
    bench.comes_to(&ended, S::Held).await;
    // One whose workflow was ended from outside is carried by another.
    let client = bench.client().await;
    let handle =
        client.get_workflow_handle::<ap_gateway::workflows::InvoiceWorkflow>(ended.workflow_id());
    handle.terminate(Default::default()).await.expect("terminated");
    let batch = bench.decides(Action::Retry, &[held.clone(), unread.clone()]).await;
    let items = bench.ledger.batch_items(&batch, None, 0, 10).await.expect("items");
    assert_eq!((items[0].state, items[1].state), (ItemState::Refused, ItemState::Accepted));
    let problem = items[0].problem.as_ref().expect("why");
    assert_eq!((problem.status, problem.members["status_now"].as_str()), (409, Some("held")));
    let batch = bench.decides(Action::Cancel, &[held.clone(), ended.clone(), unread]).await;
    let items = bench.ledger.batch_items(&batch, None, 0, 10).await.expect("items");
    assert!(items.iter().all(|item| item.state == ItemState::Accepted), "{items:?}");
    for id in [&held, &ended] {
        bench.comes_to(id, S::Cancelled).await;
        let decisions = bench.ledger.decisions(id).await.expect("decisions");
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].subject, "key:operator");
    }
}
