//! The contract, fulfilled: effects in one place, each of which may be done twice without harm.
//! The only place that says whether something may be tried again.
//!
//! What is wrong with a document is no error here: the activity writes it to the ledger and
//! answers a verdict. An error is a store that is away, or a defect of ours.

pub mod cases;
pub mod desk;
pub mod documents;
pub mod examiner;
pub mod lacking;
pub mod matching;
pub mod tasks;
mod trouble;

use std::future::Future;
use std::sync::Arc;

use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::{Instant, interval_at};

use crate::activities::cases::Cases;
use crate::activities::desk::Desk;
use crate::activities::documents::Documents;
use crate::activities::examiner::Examiner;
use crate::activities::matching::Matcher;
use crate::activities::trouble::Trouble;
use crate::models::attention::AttentionCode;
use crate::models::policy::Policy;
use crate::models::status::InvoiceStatus;
use crate::storage::artifacts::Artifacts;
use crate::storage::ledger::Ledger;
use crate::workflows::contract::{BEAT, Verdict};

/// Everything that a worker does. Cheap to clone.
#[derive(Clone)]
pub struct Activities {
    /// Reading documents.
    pub documents: Documents,
    /// Comparing with orders.
    pub matching: Matcher,
    /// Comparing what callers bring.
    pub cases: Cases,
    /// Handing over to people.
    pub desk: Desk,
}

impl Activities {
    /// Activities over these stores; `examiner` reads documents, `policy` is what the company
    /// tolerates.
    pub fn new(
        ledger: Ledger,
        artifacts: Artifacts,
        examiner: Arc<Examiner>,
        policy: Policy,
    ) -> Self {
        Self {
            documents: Documents::new(ledger.clone(), artifacts.clone(), examiner),
            cases: Cases::new(artifacts),
            matching: Matcher::new(ledger.clone(), policy),
            desk: Desk::new(ledger),
        }
    }
}

/// What a state means to the workflow, when a step leaves the invoice there or finds it there.
/// `why` is the reason of `needs_attention`.
fn verdict(status: InvoiceStatus, why: Option<AttentionCode>) -> Verdict {
    use InvoiceStatus as S;
    match status {
        S::Validated | S::Matching => Verdict::Validated,
        S::Approved => Verdict::Approved,
        S::Approval => Verdict::Approval,
        S::Held | S::Query | S::Review => Verdict::Held,
        // Between two steps no invoice rests in these: whoever finds one there found a defect.
        S::NeedsAttention | S::Received | S::Extracting => {
            let code = why.unwrap_or(AttentionCode::InternalError);
            Verdict::NeedsAttention { code }
        }
        S::Scheduled
        | S::PartPaid
        | S::Paid
        | S::Rejected
        | S::Duplicate
        | S::Superseded
        | S::Cancelled => Verdict::Settled { status },
    }
}

/// Does a step. While it lasts, the server hears that it still runs; when the workflow is
/// cancelled or the worker stops, the step is dropped where it waits, and its transaction with it.
async fn attended<T>(
    ctx: &ActivityContext,
    step: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, ActivityError> {
    let mut beats = interval_at(Instant::now() + BEAT, BEAT);
    tokio::pin!(step);
    loop {
        tokio::select! {
            biased;
            done = &mut step => return done.map_err(|trouble| trouble.into_error(ctx.info().attempt)),
            () = ctx.cancelled() => return Err(ActivityError::cancelled()),
            _ = beats.tick() => ctx.record_heartbeat(()).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use crate::models::status::InvoiceStatus as S;
    use crate::workflows::contract::Verdict;

    #[test]
    fn a_final_state_ends_the_workflow_and_a_resting_one_does_not() {
        for status in S::ALL.into_iter().filter(|status| status.is_final()) {
            assert_eq!(verdict(status, None), Verdict::Settled { status });
        }
        for status in [S::Held, S::Approval, S::NeedsAttention, S::Query, S::Review] {
            let ends = matches!(verdict(status, None), Verdict::Settled { .. } | Verdict::Approved);
            assert!(!ends, "{status:?}");
        }
    }
}
