//! What is written for people: that one must look, and that an invoice was withdrawn.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::trouble::Trouble;
use crate::activities::{attended, verdict};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::Ledger;
use crate::workflows::contract::{self, AttentionInput, StepInput, Verdict};

/// Writes small rows. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    ledger: Ledger,
}

#[activities]
impl Desk {
    /// Hands the invoice to a person.
    #[activity(definition = contract::RecordAttention)]
    pub async fn record_attention(
        self: Arc<Self>,
        ctx: ActivityContext,
        why: AttentionInput,
    ) -> Result<Verdict, ActivityError> {
        attended(&ctx, self.hand_over(&why)).await
    }

    /// Withdraws the invoice; one that came to another end keeps it.
    #[activity(definition = contract::Close)]
    pub async fn close(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: StepInput,
    ) -> Result<Verdict, ActivityError> {
        attended(&ctx, self.withdraw(&step.invoice_id)).await
    }
}

impl Desk {
    /// Over this ledger.
    pub(crate) fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    async fn hand_over(&self, why: &AttentionInput) -> Result<Verdict, Trouble> {
        let (id, attention) = (&why.invoice_id, &why.attention);
        self.known(id).await?;
        let recorded = self.ledger.record_attention(id, attention, Utc::now());
        Ok(verdict(recorded.await?, Some(attention.code)))
    }

    async fn withdraw(&self, id: &InvoiceId) -> Result<Verdict, Trouble> {
        self.known(id).await?;
        let status = self.ledger.enter(id, InvoiceStatus::Cancelled, Utc::now());
        Ok(verdict(status.await?, None))
    }

    /// These writes are tried without end, so what can never succeed must be told apart.
    async fn known(&self, id: &InvoiceId) -> Result<(), Trouble> {
        match self.ledger.invoice(id).await? {
            Some(_) => Ok(()),
            None => Err(Trouble::InvoiceMissing),
        }
    }
}
