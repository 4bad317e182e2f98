//! Orders, invoices, batches and statements, as they come in.

use ap_gateway::models::batch::{BatchKind, Known};
use ap_gateway::models::refs::{BatchId, InvoiceId, OrderId, StatementId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::batches::NewBatch;
use ap_gateway::storage::ledger::invoices::{Acceptance, NewInvoice};
use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use super::World;
use crate::bank_files::{Booked, camt053};
use crate::batch_workflow::archives::archive;
use crate::bench::invoice;
use crate::harness::seldom;
use crate::ledger::{new_invoice, new_statement};
use crate::redelivered::killed::LONG;

/// An order that never comes, for this invoice alone: what happens to one wakes the others of its
/// order, and who is there by then differs from world to world.
pub(super) fn unknown_order(number: &str) -> String {
    format!("PO-of-{number}")
}

impl World {
    pub(super) async fn submit(&self, document: &str) -> InvoiceId {
        let sha256 = self.artifacts.put(document.to_owned()).await.expect("kept");
        let new = NewInvoice { sha256, ..new_invoice(document) };
        let accepted = self.fixture.ledger.accept_invoice(new).await.expect("accepted");
        let Acceptance::New(row) = accepted else { panic!("{accepted:?}") };
        self.gateway.start_invoice(&row.id).await.expect("started");
        row.id
    }

    pub(super) async fn comes_to(&self, id: &InvoiceId, status: S) {
        seldom(LONG, status.as_str(), async || {
            (self.fixture.row(id).await.status == status).then_some(())
        })
        .await;
    }

    pub(super) async fn order(&self, number: &str) {
        let order = json!({
            "number": number, "currency": "EUR",
            "supplier": {"name": "Schrauben Meier GmbH", "vat_id": "DE123456789"},
            "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": "5.00",
                       "seller_item_id": "A-1"}]
        });
        let order = serde_json::from_value(order).expect("an order");
        let id = OrderId::new(Uuid::now_v7());
        self.fixture.ledger.register_order(id, &order, Utc::now()).await.expect("kept");
    }

    pub(super) async fn batch(&self, key: &str, number: &str) -> BatchId {
        let document = invoice(number, &unknown_order(number));
        let source = archive(&[("one.xml", document.as_bytes())]);
        let source = Some(self.artifacts.put(source).await.expect("kept"));
        let id = BatchId::new(Uuid::now_v7());
        let (kind, known, subject) = (BatchKind::Archive, Known::New, "key:erp".to_owned());
        let key = key.to_owned();
        let created_at = Utc::now();
        let new = NewBatch { id: id.clone(), kind, subject, key, known, source, created_at };
        self.fixture.ledger.open_batch(new).await.expect("promised");
        id
    }

    pub(super) async fn statement(&self, entry: Booked<'_>) -> StatementId {
        let file = camt053(entry.reference, "2026-11-20", 10_000, &[entry]);
        let bytes = file.len() as u64;
        let new = new_statement(self.artifacts.put(file).await.expect("kept"), bytes);
        self.fixture.ledger.accept_statement(&new).await.expect("accepted");
        new.id
    }
}
