//! What a matching comes to: written in the transaction that read what was compared.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;

use crate::models::hold::Hold;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::models::verdict::Reconciliation;
use crate::storage::ledger::allocations::Shares;
use crate::storage::ledger::fields::to_json;
use crate::storage::ledger::matching::{Matching, may_be_matched};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

impl Matching {
    /// Writes the result: replaces the rows this invoice took before, keeps the result and its
    /// holds, moves the invoice through `matching` to `next`. The same input hash again changes
    /// nothing. Commits.
    ///
    /// An invoice that may be approved or is, and is not paid yet, is compared again while a hold
    /// keeps it from being paid: it goes straight to `next`, or stays with the holds that it has
    /// now; approved it stays approved. An invoice that may not be matched any more (cancelled,
    /// paid …), or not come to `next`, stays as it is and takes nothing; its state is the answer.
    pub async fn record(
        mut self,
        result: &Reconciliation,
        next: InvoiceStatus,
        at: DateTime<Utc>,
    ) -> Result<InvoiceStatus, LedgerError> {
        let present = self.now.status;
        let known = self.write.recorded(&self.now.id).await?;
        if known.as_ref() == Some(&result.input_hash) && Way::is_there(present, next) {
            return Ok(present);
        }
        let Some(way) = Way::of(present, next) else {
            return Ok(present);
        };
        let shares = Shares::of(&self.now.id, result, &self.credits)?;
        let changed = self.write.allocate(&self.now.id, &shares, &result.input_hash, at).await?;
        self.write.charge(&self.now.id, &result.charges).await?;
        for replaced in &result.replaces {
            self.replace(replaced, &result.input_hash, at).await?;
        }
        self.conclude(result, at).await?;
        self.write.keep_sellers(&self.now.id, &self.identities).await?;
        self.write.await_supplier(&self.now.id, &self.identities, &result.holds).await?;
        if way == Way::Matching && present != InvoiceStatus::Matching {
            self.write.step(&mut self.now, InvoiceStatus::Matching, json!({}), at).await?;
        }
        let open = result.holds.iter().filter(|hold| hold.released.is_none());
        let holds: Vec<_> = open.map(|hold| hold.code).collect();
        let why = json!({
            "holds": holds,
            "outcome": result.outcome,
            "input_hash": result.input_hash,
            "policy_version": result.policy_version,
        });
        match way {
            Way::Matching | Way::Straight => self.write.step(&mut self.now, next, why, at).await?,
            Way::Stay => self.write.remark(&mut self.now, "hold", &why, at).await?,
        }
        // What was credited is matched again, and who waits for room on its order: a hold may go.
        for credit in &result.credits {
            self.write.wake(&credit.invoice).await?;
            self.write.wake_waiting(&credit.po).await?;
        }
        if changed || known.is_none() {
            self.write.wake_naming(&self.now.id).await?;
        }
        self.write.commit().await?;
        self.notices.tell(&self.now.id);
        Ok(self.now.status)
    }

    /// Keeps the result, the holds with the time of each, and whose invoice it is.
    async fn conclude(
        &mut self,
        result: &Reconciliation,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO reconciliation (invoice_id, input_hash, content) \
                   VALUES ($1, $2, $3) ON CONFLICT (invoice_id) DO UPDATE \
                   SET input_hash = excluded.input_hash, content = excluded.content";
        let query = sqlx::query(sql).bind(self.now.id.as_str()).bind(&result.input_hash);
        query.bind(to_json(result)?).execute(self.write.on()).await?;
        let holds = dated(&result.holds, &self.now.holds, at);
        let sql = "UPDATE invoice SET holds = $2, \
                   supplier_id = (SELECT id FROM supplier WHERE number_key = $3) WHERE id = $1";
        let query = sqlx::query(sql).bind(self.now.id.as_str()).bind(to_json(&holds)?);
        let query = query.bind(self.supplier_number.as_deref().map(texts::order_key));
        query.execute(self.write.on()).await?;
        Ok(())
    }

    /// A corrected invoice takes nothing any more; it is superseded where its state allows that.
    async fn replace(
        &mut self,
        replaced: &str,
        input_hash: &str,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let Ok(id) = InvoiceId::parse(replaced) else {
            return Ok(());
        };
        self.write.allocate(&id, &Shares::default(), input_hash, at).await?;
        self.write.charge(&id, &[]).await?;
        let mut standing = self.write.standing(&id).await?;
        if standing.status.may_become(InvoiceStatus::Superseded) {
            let why = json!({ "by": self.now.id });
            let superseded = InvoiceStatus::Superseded;
            self.write.step_from_outside(&mut standing, superseded, why, at).await?;
        }
        Ok(())
    }
}

/// How an invoice comes to the state that its result asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Through `matching`.
    Matching,
    /// It may be approved already, and goes on or back.
    Straight,
    /// Its holds change, its state does not.
    Stay,
}

impl Way {
    /// `None` when it may not come there.
    fn of(present: InvoiceStatus, next: InvoiceStatus) -> Option<Self> {
        use InvoiceStatus::{Approval, Approved, Held, Matching};
        match (present, next) {
            (Approval, Approval) | (Approved, Approval | Approved) => Some(Self::Stay),
            (Approval, Approved | Held) => Some(Self::Straight),
            _ if may_be_matched(present) && Matching.may_become(next) => Some(Self::Matching),
            _ => None,
        }
    }

    /// Whether the result of before led to where the invoice stands.
    fn is_there(present: InvoiceStatus, next: InvoiceStatus) -> bool {
        present == next || Self::of(present, next) == Some(Self::Stay)
    }
}

impl Write {
    /// The input hash of the last result.
    pub(super) async fn recorded(&mut self, id: &InvoiceId) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT input_hash FROM reconciliation WHERE invoice_id = $1";
        Ok(sqlx::query_scalar(sql).bind(id.as_str()).fetch_optional(self.on()).await?)
    }
}

/// The holds with the time since when each is there; one that was there before keeps its own. What
/// another version kept and this one cannot read tells no time.
fn dated(holds: &[Hold], before: &str, at: DateTime<Utc>) -> Vec<Hold> {
    fn name(hold: &Hold) -> (&'static str, [Option<&str>; 3]) {
        let place = [hold.line.as_deref(), hold.charge.as_deref(), hold.po.as_deref()];
        (hold.code.as_str(), place)
    }
    let before: Vec<Hold> = serde_json::from_str(before).unwrap_or_default();
    let before: BTreeMap<_, _> = before.iter().map(|hold| (name(hold), hold.since)).collect();
    // Milliseconds, as all times that are told.
    let now = Some(at.trunc_subsecs(3));
    let since = |hold: &Hold| before.get(&name(hold)).copied().unwrap_or(now);
    holds.iter().map(|hold| Hold { since: since(hold), ..hold.clone() }).collect()
}
