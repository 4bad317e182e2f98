//! An invoice against what the ledger knows, in one ledger transaction.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::task::spawn_blocking;

use crate::activities::trouble::Trouble;
use crate::activities::{Situations, attended};
use crate::matching::{Subject, next, supplier_number};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::policy::Policy;
use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus;
use crate::reconciliation::reconcile;
use crate::storage::ledger::dispatch::waits;
use crate::workflows::contract::{self, StepInput};

/// Compares invoices with orders and receipts. Cheap to clone.
#[derive(Clone)]
pub struct Matcher {
    situations: Situations,
}

#[activities]
impl Matcher {
    /// Compares, and takes from the orders, or gives back, what the result says.
    #[activity(definition = contract::Reconcile)]
    pub async fn reconcile(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: StepInput,
    ) -> Result<Situation, ActivityError> {
        attended(&ctx, self.compare(&step.invoice_id)).await
    }
}

impl Matcher {
    /// Over these.
    pub(crate) fn new(situations: Situations) -> Self {
        Self { situations }
    }

    async fn compare(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        let (ledger, policy) = (&self.situations.ledger, &self.situations.policy);
        let row = ledger.invoice(id).await?.ok_or(Trouble::InvoiceMissing)?;
        if !may_be_compared(row.status) && !waits(row.status, &row.holds) {
            return self.situations.of(id).await;
        }
        let Some(extraction) = ledger.extraction(id).await? else {
            return self.hand_over(id, &not_read(row.status)).await;
        };
        let subject = Subject::of(extraction, &row);
        let (matching, view) = ledger.matching(id, subject.named().concerns(Utc::now())).await?;
        let case = subject.case(view, Policy::clone(policy), Utc::now().date_naive());
        let matching = matching.of_supplier(supplier_number(&case));
        // The transaction is open meanwhile; a panic drops it, and nothing was taken.
        let result = spawn_blocking(move || reconcile(&case)).await?;
        let next = next(&result, policy.approval.is_touchless(row.ledger_total(policy)));
        matching.record(&result, next, Utc::now()).await?;
        self.situations.of(id).await
    }

    async fn hand_over(&self, id: &InvoiceId, why: &Attention) -> Result<Situation, Trouble> {
        self.situations.ledger.record_attention(id, why, Utc::now()).await?;
        self.situations.of(id).await
    }
}

fn may_be_compared(status: InvoiceStatus) -> bool {
    status == InvoiceStatus::Matching || status.may_become(InvoiceStatus::Matching)
}

fn not_read(status: InvoiceStatus) -> Attention {
    let status = status.as_str();
    Attention {
        code: AttentionCode::InternalError,
        text: format!("the invoice is {status}, but what was read of it is gone; retry it"),
        retryable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::{may_be_compared, waits};
    use crate::models::status::InvoiceStatus as S;

    #[test]
    fn what_people_decided_is_compared_again_only_while_it_may_not_be_paid() {
        for status in [S::Approval, S::Approved, S::Paid, S::Cancelled, S::Rejected] {
            assert!(!may_be_compared(status) && !waits(status, &[]), "{status:?}");
        }
        for status in [S::Validated, S::Matching, S::Held, S::NeedsAttention] {
            assert!(may_be_compared(status), "{status:?}");
        }
    }
}
