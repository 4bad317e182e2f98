//! How far a flow came.

use ap_gateway::models::batch::BatchStatus;
use ap_gateway::models::payment::StatementStatus;
use ap_gateway::models::refs::StatementId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::webhook::DeliveryState;

use super::World;
use super::flow::Flow;

impl World {
    /// Its transaction is over.
    pub(in crate::redelivered::killed) async fn has_committed(&self, flow: Flow) -> bool {
        let (ledger, things) = (&self.fixture.ledger, self.things());
        let status = async |id| self.fixture.row(id).await.status;
        match flow {
            Flow::Retention => {
                ledger.paper_removed(things.old_batch.as_str()).await.expect("read").is_some()
            }
            Flow::Allocation => !ledger.rows_of(&things.paid).await.expect("read").is_empty(),
            Flow::Statement => {
                let entries = ledger.entries_of(&things.statement, &[], 0, 10).await;
                !entries.expect("read").is_empty()
            }
            Flow::Chunk => {
                let items = ledger.batch_items(&things.batch, None, 0, 10).await.expect("read");
                items.iter().any(|item| item.invoice.is_some())
            }
            Flow::Decision => status(&things.decided).await == S::Rejected,
            Flow::Comparison => status(&things.compared).await == S::Approved,
            Flow::Extraction => ledger.extraction(&things.read).await.expect("read").is_some(),
            Flow::Delivery => {
                let row =
                    ledger.delivery(&things.delivery.id).await.expect("read").expect("a message");
                row.state == DeliveryState::Delivered
            }
            Flow::Import => ledger.statements(None, None, 10).await.expect("read").len() == 3,
        }
    }

    /// All that it leads to is done.
    pub(in crate::redelivered::killed) async fn is_done(&self, flow: Flow) -> bool {
        let (ledger, things) = (&self.fixture.ledger, self.things());
        let read = async |id: &StatementId| {
            let row = ledger.statement(id).await.expect("read").expect("a statement");
            row.status == StatementStatus::Done
        };
        match flow {
            Flow::Allocation => {
                read(&things.payment).await
                    && self.fixture.row(&things.paid).await.status == S::Paid
            }
            Flow::Statement => read(&things.statement).await,
            Flow::Chunk => {
                let row = ledger.batch(&things.batch).await.expect("read").expect("a batch");
                row.status == BatchStatus::Accepted
            }
            Flow::Extraction => self.fixture.row(&things.read).await.status == S::Held,
            Flow::Import => {
                let all = ledger.statements(None, None, 10).await.expect("read");
                let moved = self.inbox().join("done/S-3.xml").exists();
                moved && all.iter().all(|row| row.status == StatementStatus::Done)
            }
            _ => self.has_committed(flow).await,
        }
    }
}
