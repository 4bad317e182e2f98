//! What a caller brought, compared without the ledger.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::task::spawn_blocking;

use crate::activities::attended;
use crate::activities::trouble::Trouble;
use crate::models::case::Case;
use crate::models::verdict::Reconciliation;
use crate::reconciliation::reconcile;
use crate::storage::artifacts::Artifacts;
use crate::workflows::contract::{self, CaseInput, Reconciled};

/// Compares cases out of the artifact store. Cheap to clone.
#[derive(Clone)]
pub struct Cases {
    artifacts: Artifacts,
}

#[activities]
impl Cases {
    /// Compares, and keeps the result. Done twice it keeps the same bytes under the same address.
    #[activity(definition = contract::ReconcileCase)]
    pub async fn reconcile_case(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: CaseInput,
    ) -> Result<Reconciled, ActivityError> {
        attended(&ctx, self.compare(&input)).await
    }
}

impl Cases {
    /// Over this store.
    pub(crate) fn new(artifacts: Artifacts) -> Self {
        Self { artifacts }
    }

    async fn compare(&self, input: &CaseInput) -> Result<Reconciled, Trouble> {
        let bytes = self.artifacts.get(&input.case).await?;
        let worked_out = spawn_blocking(move || {
            let case: Case = serde_json::from_slice(&bytes)?;
            let result: Reconciliation = reconcile(&case);
            Ok((serde_json::to_vec(&result)?, result.outcome))
        });
        let worked_out: serde_json::Result<_> = worked_out.await?;
        // It was read before it was kept, so what is unreadable now is a defect of ours.
        let (result, outcome) =
            worked_out.map_err(|error| Trouble::Defect(format!("a kept case: {error}")))?;
        let result = self.artifacts.put(result).await?;
        Ok(Reconciled { result, outcome })
    }
}
