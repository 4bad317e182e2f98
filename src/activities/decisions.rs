//! A decision of a person: its effect worked out, then judged and written down in one transaction.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::task::spawn_blocking;

use crate::activities::corrections::correct;
use crate::activities::trouble::Trouble;
use crate::activities::{Situations, attended};
use crate::models::decision::{Action, Refusal, Said};
use crate::models::refs::InvoiceId;
use crate::reconciliation::release_of;
use crate::storage::artifacts::Artifacts;
use crate::storage::ledger::decide::{Decided, NewDecision, Revised};
use crate::storage::ledger::decisions::Effect;
use crate::workflows::contract::{self, DecideAnswer, DecideInput};

/// Takes decisions. Cheap to clone.
#[derive(Clone)]
pub struct Decider {
    situations: Situations,
    artifacts: Artifacts,
    own_vat_ids: Arc<[String]>,
}

#[activities]
impl Decider {
    /// Takes a decision, or says why not.
    #[activity(definition = contract::Decide)]
    pub async fn decide(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DecideInput,
    ) -> Result<DecideAnswer, ActivityError> {
        attended(&ctx, self.take(input)).await
    }
}

impl Decider {
    /// Over these stores; `own_vat_ids` are ours.
    pub(crate) fn new(
        situations: Situations,
        artifacts: Artifacts,
        own_vat_ids: Vec<String>,
    ) -> Self {
        Self { situations, artifacts, own_vat_ids: own_vat_ids.into() }
    }

    async fn take(&self, input: DecideInput) -> Result<DecideAnswer, Trouble> {
        let Some(said) = self.said(&input).await? else {
            let text = "no gateway has vouched for who said this; decide by its own routes";
            return Ok(refused(Refusal::rejected("NOT_VOUCHED_FOR", text)));
        };
        // What was judged on the way here must be what is written down.
        if said.asked() != input.asked {
            let text = "the decision is not the one that was announced";
            return Ok(refused(Refusal::rejected("NOT_AS_ANNOUNCED", text)));
        }
        let mut new = NewDecision {
            id: input.decision_id,
            invoice: input.invoice_id,
            fingerprint: input.fingerprint,
            said,
            input_hash: None,
            effect: Effect { words: Some(input.content), ..Effect::default() },
            revised: None,
        };
        if let Err(refusal) = self.work_out(&mut new).await? {
            return Ok(refused(refusal));
        }
        let policy = &self.situations.policy;
        match self.situations.ledger.decide(&new, policy, Utc::now()).await? {
            Decided::Refused(refusal) => Ok(refused(refusal)),
            Decided::Taken(row, facts) => Ok(DecideAnswer::Taken {
                fingerprint: row.fingerprint,
                situation: facts.situation(policy),
            }),
        }
    }

    /// What was said, if it was: anybody who reaches Temporal can send an update.
    async fn said(&self, input: &DecideInput) -> Result<Option<Said>, Trouble> {
        let kept = self.artifacts.get(&input.content).await?;
        Ok(self.situations.ledger.vouched(&kept, &input.invoice_id, &input.decision_id))
    }

    /// What the decision does, beyond the steps that it leads through.
    async fn work_out(&self, new: &mut NewDecision) -> Result<Result<(), Refusal>, Trouble> {
        match new.said.decision.action {
            Action::Release => self.releases(new).await,
            Action::Correct | Action::Confirm => self.revised(new).await,
            _ => Ok(Ok(())),
        }
    }

    /// A release counts while the values stay that the person saw.
    async fn releases(&self, new: &mut NewDecision) -> Result<Result<(), Refusal>, Trouble> {
        let Some(result) = self.situations.ledger.reconciliation(&new.invoice).await? else {
            let text = "the invoice was not compared with anything yet, so it has no holds";
            return Ok(Err(Refusal::rejected("HOLD_UNKNOWN", text)));
        };
        let decision = &new.said.decision;
        let reason = decision.reason.as_deref().unwrap_or_default();
        for named in &decision.holds {
            let held = result.holds.iter().filter(|hold| named.names(hold));
            let releases =
                held.map(|hold| release_of(hold, &result.checks, &new.said.subject, reason));
            new.effect.releases.extend(releases);
        }
        new.input_hash = Some(result.input_hash);
        Ok(Ok(()))
    }

    async fn revised(&self, new: &mut NewDecision) -> Result<Result<(), Refusal>, Trouble> {
        let Some(read) = self.situations.ledger.extraction(&new.invoice).await? else {
            return Ok(Err(not_read(&new.invoice)));
        };
        let corrections = new.said.decision.corrections.clone();
        let (today, own) = (Utc::now().date_naive(), Arc::clone(&self.own_vat_ids));
        let corrected = spawn_blocking(move || correct(&read, &corrections, today, &own)).await?;
        Ok(corrected.map(|corrected| {
            new.effect.before = corrected.before;
            let (extraction, doubt) = (corrected.extraction, corrected.doubt);
            new.revised = Some(Revised { extraction, doubt });
        }))
    }
}

fn refused(refusal: Refusal) -> DecideAnswer {
    DecideAnswer::Refused { refusal }
}

fn not_read(id: &InvoiceId) -> Refusal {
    let text = format!("nothing was read of {id} yet, so there is nothing to correct or confirm");
    Refusal::rejected("NOTHING_READ", text)
}
