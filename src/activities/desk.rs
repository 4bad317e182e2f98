//! What is written for people: that one must look, and that an invoice was withdrawn.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::trouble::Trouble;
use crate::activities::{Situations, attended};
use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::notices::Notice;
use crate::workflows::contract::{self, AttentionInput, NoticeInput, NoticeKind, StepInput};

/// Writes small rows. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    situations: Situations,
}

#[activities]
impl Desk {
    /// Hands the invoice to a person.
    #[activity(definition = contract::RecordAttention)]
    pub async fn record_attention(
        self: Arc<Self>,
        ctx: ActivityContext,
        why: AttentionInput,
    ) -> Result<Situation, ActivityError> {
        attended(&ctx, self.hand_over(&why)).await
    }

    /// Tells somebody that the invoice rests.
    #[activity(definition = contract::Notify)]
    pub async fn notify(
        self: Arc<Self>,
        ctx: ActivityContext,
        notice: NoticeInput,
    ) -> Result<Situation, ActivityError> {
        attended(&ctx, self.tell(&notice)).await
    }

    /// Withdraws the invoice; one that came to another end keeps it.
    #[activity(definition = contract::Close)]
    pub async fn close(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: StepInput,
    ) -> Result<Situation, ActivityError> {
        attended(&ctx, self.withdraw(&step.invoice_id)).await
    }
}

impl Desk {
    /// Over these.
    pub(crate) fn new(situations: Situations) -> Self {
        Self { situations }
    }

    async fn hand_over(&self, why: &AttentionInput) -> Result<Situation, Trouble> {
        let (id, attention) = (&why.invoice_id, &why.attention);
        // These writes are tried without end, so what can never succeed must be told apart first.
        self.situations.of(id).await?;
        self.situations.ledger.record_attention(id, attention, Utc::now()).await?;
        self.situations.of(id).await
    }

    async fn withdraw(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        self.situations.of(id).await?;
        self.situations.ledger.enter(id, InvoiceStatus::Cancelled, Utc::now()).await?;
        self.situations.of(id).await
    }

    /// Tells of an invoice that still rests where the timer found it.
    async fn tell(&self, notice: &NoticeInput) -> Result<Situation, Trouble> {
        let situation = self.situations.of(&notice.invoice_id).await?;
        if situation.status != notice.status {
            return Ok(situation);
        }
        let approval = &self.situations.policy.approval;
        let (kind, recipient) = match notice.kind {
            NoticeKind::Reminder => ("reminder", None),
            NoticeKind::Escalation => ("escalation", approval.escalate_to.as_deref()),
        };
        let told = Notice {
            kind,
            status: situation.status,
            revision: situation.revision,
            recipient,
            count: notice.count,
        };
        self.situations.ledger.keep_notice(&notice.invoice_id, &told, Utc::now()).await?;
        Ok(situation)
    }
}
