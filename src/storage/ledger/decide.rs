//! A decision written down: judged under the invoice's lock, in one transaction with the steps
//! that it leads through.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::models::attention::Attention;
use crate::models::decision::{Action, Refusal, Said, judge};
use crate::models::extraction::Extraction;
use crate::models::policy::Policy;
use crate::models::refs::{DecisionId, InvoiceId, Sha256};
use crate::models::status::InvoiceStatus;
use crate::models::webhook::Topic;
use crate::storage::ledger::decisions::{self, DecisionRow, Effect};
use crate::storage::ledger::fields::to_json;
use crate::storage::ledger::situation::{self, Facts};
use crate::storage::ledger::steps::{Standing, event};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// What was read, with the fields that a person corrected or vouched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Revised {
    /// The record as it is now.
    pub extraction: Extraction,
    /// Why a person must look still.
    pub doubt: Option<Attention>,
}

/// A decision about to be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDecision {
    /// Follows from the subject and its key.
    pub id: DecisionId,
    /// About which invoice.
    pub invoice: InvoiceId,
    /// Digest of what was sent.
    pub fingerprint: Sha256,
    /// What was sent, and by whom.
    pub said: Said,
    /// The comparison that its effect was worked out on; none where it needs no comparison.
    pub input_hash: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Of `correct` and `confirm`: what is kept from now on.
    pub revised: Option<Revised>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It was taken, now or before: the row, and what is known of the invoice since.
    Taken(Box<DecisionRow>, Box<Facts>),
    /// Nothing was done.
    Refused(Refusal),
}

impl Ledger {
    /// Takes a decision. The same id again answers what was taken, and changes nothing.
    ///
    /// # Errors
    /// Those of the ledger. What the rules say no to is no error.
    pub async fn decide(
        &self,
        new: &NewDecision,
        policy: &Policy,
        at: DateTime<Utc>,
    ) -> Result<Decided, LedgerError> {
        let mut write = self.write().await?;
        let mut now = write.standing(&new.invoice).await?;
        let facts = write.facts(&new.invoice).await?;
        if let Some(known) = decisions::one(write.on(), &new.id).await? {
            return Ok(repeated(new, known, facts));
        }
        let path = match judged(new, &facts, policy) {
            Ok(path) => path,
            Err(refusal) => return Ok(Decided::Refused(refusal)),
        };
        if new.input_hash.is_some() && write.recorded(&new.invoice).await? != new.input_hash {
            return Ok(Decided::Refused(Refusal::Stale { revision: now.revision }));
        }
        let row = write.take(new, policy, &mut now, at).await?;
        write.follow(new, &path, &mut now, at).await?;
        let place = (now.status, now.revision);
        write.announce_invoice(Topic::InvoiceDecided, &new.invoice, place, at).await?;
        let facts = write.facts(&new.invoice).await?;
        write.commit().await?;
        self.notices.tell(&new.invoice);
        Ok(Decided::Taken(Box::new(row), Box::new(facts)))
    }
}

/// The rules of the invoice's life, and the limit of whoever approves.
fn judged(
    new: &NewDecision,
    facts: &Facts,
    policy: &Policy,
) -> Result<Vec<InvoiceStatus>, Refusal> {
    let path = judge(&facts.situation(policy), &new.said.asked())?;
    let total = facts.row.ledger_total(policy);
    let approves = new.said.decision.action == Action::Approve;
    if approves
        && !in_names_of(new, facts).iter().all(|who| policy.approval.may_approve(who, total))
    {
        let text = "the total is above what you may approve; ask somebody whose limit is higher";
        return Err(Refusal::rejected("APPROVAL_LIMIT", text));
    }
    Ok(path)
}

/// In whose names the subject decides: its own, and that of whoever delegated to it. The smallest
/// limit of them counts.
fn in_names_of<'a>(new: &'a NewDecision, facts: &'a Facts) -> Vec<&'a str> {
    let subject = new.said.subject.as_str();
    let delegated = facts.decisions.iter().filter(|row| {
        row.decision.action == Action::Delegate && row.decision.to.as_deref() == Some(subject)
    });
    std::iter::once(subject).chain(delegated.map(|row| row.subject.as_str())).collect()
}

fn repeated(new: &NewDecision, known: DecisionRow, facts: Facts) -> Decided {
    if known.fingerprint == new.fingerprint && known.invoice == new.invoice {
        return Decided::Taken(Box::new(known), Box::new(facts));
    }
    let text = "this Idempotency-Key was sent with another decision";
    Decided::Refused(Refusal::rejected("KEY_REUSED", text))
}

impl Write {
    /// The row is locked already.
    async fn facts(&mut self, id: &InvoiceId) -> Result<Facts, LedgerError> {
        let found = situation::facts(self.on(), id).await?;
        found.ok_or_else(|| LedgerError::Missing(format!("invoice {id}")))
    }

    /// Writes the decision and its event.
    async fn take(
        &mut self,
        new: &NewDecision,
        policy: &Policy,
        now: &mut Standing,
        at: DateTime<Utc>,
    ) -> Result<DecisionRow, LedgerError> {
        now.revision += 1;
        let row = DecisionRow {
            id: new.id.clone(),
            invoice: new.invoice.clone(),
            revision: now.revision,
            subject: new.said.subject.clone(),
            fingerprint: new.fingerprint.clone(),
            input_hash: new.input_hash.clone(),
            policy_version: policy.version.clone(),
            decision: new.said.decision.clone(),
            effect: new.effect.clone(),
            at,
        };
        self.keep_decision(&row).await?;
        let data = json!({
            "id": row.id, "action": row.decision.action, "by": row.subject,
            "reason_code": row.decision.reason_code, "policy_version": row.policy_version,
        });
        event(self.on(), (&new.invoice, now.revision), "decision", &data, at).await?;
        let sql = "UPDATE invoice SET revision = $2, updated_at = $3 WHERE id = $1";
        let query = sqlx::query(sql).bind(new.invoice.as_str()).bind(now.revision);
        query.bind(at.timestamp_micros()).execute(self.on()).await?;
        Ok(row)
    }

    /// The steps that the decision leads through. What is in doubt still stays in `review`.
    async fn follow(
        &mut self,
        new: &NewDecision,
        path: &[InvoiceStatus],
        now: &mut Standing,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let doubt = new.revised.as_ref().and_then(|revised| revised.doubt.as_ref());
        if let Some(revised) = &new.revised {
            self.keep_extraction(&new.invoice, &revised.extraction).await?;
        }
        for &next in path {
            if next == InvoiceStatus::Validated && doubt.is_some() {
                break;
            }
            if now.status != next {
                self.step(now, next, json!({ "decision": new.id }), at).await?;
            }
        }
        if let Some(doubt) = doubt.filter(|_| now.status == InvoiceStatus::Review) {
            let sql = "UPDATE invoice SET attention = $2 WHERE id = $1";
            let query = sqlx::query(sql).bind(new.invoice.as_str()).bind(to_json(doubt)?);
            query.execute(self.on()).await?;
        }
        if now.status.is_final() {
            self.wake_neighbours(&new.invoice).await?;
        }
        Ok(())
    }
}
