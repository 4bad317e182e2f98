//! Waiting until an invoice rests: by notices of the ledger, without a call to Temporal.

use crate::http::Edge;
use crate::http::layers::shed::Place;
use crate::http::prefer::Wait;
use crate::http::waiting::Waited;
use crate::storage::Ledger;
use crate::storage::ledger::invoices::InvoiceRow;

/// Waits while the invoice moves, at most as long as preferred; leaves its newest row in `row`.
pub async fn wait(edge: &Edge, wait: &Wait, place: &Place, row: &mut InvoiceRow) -> Waited<()> {
    let ledger = &edge.parts.ledger;
    edge.waiters.wait(wait.at_most, place, until_rest(ledger, row)).await
}

async fn until_rest(ledger: &Ledger, row: &mut InvoiceRow) {
    let mut changes = ledger.follow(&row.id);
    loop {
        // A ledger that is away for a moment does not end the wait: what was promised stands.
        if let Ok(Some(newest)) = ledger.invoice_gathered(&row.id).await {
            *row = newest;
        }
        if !row.status.moves() {
            return;
        }
        changes.changed().await;
    }
}
