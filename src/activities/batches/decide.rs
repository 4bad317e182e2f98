//! One decision about many invoices: each goes the way of a single one, under a key of its own.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::time::sleep;

use crate::activities::batches::{Batches, source};
use crate::activities::outside::{CallError, Outside};
use crate::activities::trouble::Trouble;
use crate::models::batch::{BatchStatus, ItemProblem, Refusal};
use crate::models::bulk::BulkOrder;
use crate::models::decision::{Action, Asked, judge};
use crate::models::refs::{DecisionId, InvoiceId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::batches::{BatchRow, ItemRow, Settled};
use crate::storage::ledger::vouched::About;
use crate::workflows::contract::{DecideAnswer, DecideInput};

/// Decisions on their way at once: each waits for Temporal and for an activity of its own, of
/// which the worker does sixteen at once.
const PARALLEL: usize = 8;

/// Looks at the ledger for a decision that was accepted, and the pause between them: together as
/// long as a transaction may wait for its turn.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// What is the same for all items.
struct Order<'b> {
    batch: &'b BatchRow,
    outside: &'b Outside,
    asked: Asked,
    /// Where the words of the decision are kept.
    content: Sha256,
}

impl Batches {
    /// Decides about these items, some at once; what was done before stays done.
    pub(super) async fn decide(
        &self,
        batch: &BatchRow,
        rows: Vec<ItemRow>,
    ) -> Result<BatchStatus, Trouble> {
        let outside = self.outside.as_ref();
        let outside = outside.ok_or_else(|| Trouble::Defect("no way to workflows".to_owned()))?;
        let kept = self.artifacts.get(source(batch)?).await?;
        let unreadable = |error| Trouble::Defect(format!("{}: its order: {error}", batch.id));
        let order: BulkOrder = serde_json::from_slice(&kept).map_err(unreadable)?;
        let about = About::Batch(batch.id.clone());
        let said = self.ledger.vouch(about, &order.said).map_err(unreadable)?;
        let content = self.artifacts.put(said).await?;
        let order = Order { batch, outside, asked: order.said.asked(), content };
        let mut status = batch.status;
        for rows in rows.chunks(PARALLEL) {
            let decisions = FuturesUnordered::new();
            for row in rows {
                decisions.push(self.decide_item(&order, row));
            }
            let decided: Vec<_> = decisions.collect().await;
            // One that must be tried again does not take the others with it.
            let (done, failed): (Vec<_>, Vec<_>) = decided.into_iter().partition(Result::is_ok);
            let done: Vec<_> = done.into_iter().flatten().collect();
            status = self.ledger.settle_items(&batch.id, &done).await?;
            if let Some(Err(trouble)) = failed.into_iter().next() {
                return Err(trouble);
            }
            if status != BatchStatus::Accepting {
                break;
            }
        }
        Ok(status)
    }

    async fn decide_item(&self, order: &Order<'_>, row: &ItemRow) -> Result<Settled, Trouble> {
        Ok((row.position, self.decide_one(order, &row.item_key).await?))
    }

    async fn decide_one(
        &self,
        order: &Order<'_>,
        invoice: &str,
    ) -> Result<Result<InvoiceId, ItemProblem>, Trouble> {
        let unknown = |error| Trouble::Defect(format!("{invoice} is no invoice: {error}"));
        let id = InvoiceId::parse(invoice).map_err(unknown)?;
        let decision_id = order.batch.id.decision(&id);
        if self.ledger.decision(&decision_id).await?.is_some() {
            return Ok(Ok(id));
        }
        let Some(facts) = self.ledger.facts(&id).await? else {
            return Ok(Err(Refusal::Missing.because(format!("There is no invoice {id}."))));
        };
        let withdrawn = facts.row.status == InvoiceStatus::Cancelled;
        if withdrawn && order.asked.action == Action::Cancel {
            return Ok(Ok(id));
        }
        if let Err(refusal) = judge(&facts.situation(&self.policy), &order.asked) {
            return Ok(Err(ItemProblem::from(&refusal)));
        }
        let input = DecideInput {
            invoice_id: id.clone(),
            decision_id: decision_id.clone(),
            fingerprint: order.content.clone(),
            content: order.content.clone(),
            asked: order.asked.clone(),
        };
        match (order.outside.carry)(input).await {
            Ok(Some(DecideAnswer::Taken { .. })) => Ok(Ok(id)),
            Ok(Some(DecideAnswer::Refused { refusal })) => Ok(Err(ItemProblem::from(&refusal))),
            // The same decision would get the same answer for ever.
            Ok(Some(DecideAnswer::Failed { text })) => Ok(Err(not_decided(&text))),
            Ok(None) => self.taken(&decision_id).await.map(|()| Ok(id)),
            Err(CallError::Away(text)) => Err(Trouble::StoreAway(text)),
            Err(CallError::Refused(text)) => Ok(Err(not_decided(&text))),
        }
    }

    /// Waits until a decision that was accepted is in the ledger. One that is not there in time
    /// is asked for again under the same id.
    async fn taken(&self, id: &DecisionId) -> Result<(), Trouble> {
        for _ in 0..LOOKS {
            if self.ledger.decision(id).await?.is_some() {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
        Err(Trouble::StoreAway(format!("{id} was accepted, and is not taken yet")))
    }
}

fn not_decided(text: &str) -> ItemProblem {
    Refusal::Defect.because(format!(
        "Nothing was decided about this invoice: {text}. Tell whoever runs the gateway, and send \
         it again under a new Idempotency-Key."
    ))
}
