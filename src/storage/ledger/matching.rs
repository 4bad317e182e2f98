//! Matching in one transaction: what an invoice is compared with is read, and what it takes is
//! written, while no other invoice of the same orders can do either.
//!
//! Sequence numbers are given under the locks: among invoices that name the same order, or claim
//! the same supplier's number, whoever was matched first has the smaller one. Invoices that have
//! no lock in common may have equal numbers; nothing compares those. So matching has no counter
//! that all invoices wait for.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::Row;

use crate::models::case::{BilledBefore, ChargedBefore, CreditReceived, Decisions, Preceding};
use crate::models::duplicate::KnownInvoice;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::models::verdict::Reconciliation;
use crate::storage::ledger::allocations::Shares;
use crate::storage::ledger::changes::Notices;
use crate::storage::ledger::fields::to_json;
use crate::storage::ledger::likeness::Likeness;
use crate::storage::ledger::steps::Standing;
use crate::storage::ledger::write::{Write, claim_lock, order_lock};
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// An earlier invoice with the same supplier and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierInvoice {
    /// Its id.
    pub id: InvoiceId,
}

/// Everything in the ledger that concerns an invoice, as one consistent view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerView {
    /// The orders that were asked for and exist, newest revision of each.
    pub orders: Vec<PurchaseOrder>,
    /// Receipts (not despatch advices' quantities: the kind is in each) of those orders.
    pub receipts: Vec<Receipt>,
    /// What earlier invoices took, in their sequence.
    pub billed_before: Vec<BilledBefore>,
    /// What earlier invoices charged on the orders.
    pub charged_before: Vec<ChargedBefore>,
    /// The invoices that this document names (BG-3).
    pub preceding: Vec<Preceding>,
    /// What credit notes gave back of this invoice.
    pub credits: Vec<CreditReceived>,
    /// Invoices that were matched before and may be this one, or parts of one purchase.
    pub known_invoices: Vec<KnownInvoice>,
    /// An earlier invoice of the same supplier with the same number.
    pub duplicate_of: Option<EarlierInvoice>,
    /// What people decided about the comparison.
    pub decisions: Decisions,
}

/// An open matching transaction. Dropped, it is rolled back.
pub struct Matching {
    write: Write,
    now: Standing,
    credits: Vec<CreditReceived>,
    notices: Notices,
}

/// What of an invoice finds the others that it is compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Concerns<'a> {
    /// The orders that it names.
    pub orders: &'a [&'a str],
    /// The seller's key.
    pub seller: Option<&'a str>,
    /// BT-1.
    pub number: Option<&'a str>,
    /// The invoices that it names (BG-3).
    pub preceding: &'a [&'a str],
    /// What of it is compared with others that may be the same one.
    pub likeness: Option<Likeness<'a>>,
}

impl<'a> Concerns<'a> {
    /// Those of an invoice that names orders, and nothing else that is known.
    pub fn orders(orders: &'a [&'a str]) -> Self {
        Self { orders, ..Self::default() }
    }
}

/// One invoice's place among those that concern the same orders or the same claim.
pub(super) struct Place {
    pub(super) sequence: i64,
    /// Invoice or credit note.
    pub(super) kind: Option<String>,
    /// Keys of the orders, sorted.
    pub(super) orders: BTreeSet<String>,
    /// Supplier and number, as they are compared.
    pub(super) claim: Option<(String, String)>,
}

impl Ledger {
    /// Opens the transaction: locks the supplier's number and those of the invoices that it names,
    /// then the named orders (missing ones too, by number, so that two invoices of one order wait
    /// for each other) and those of the invoices that it names; gives the invoice its sequence
    /// number if it has none, reads the view.
    pub async fn matching(
        &self,
        id: &InvoiceId,
        concerns: Concerns<'_>,
    ) -> Result<(Matching, LedgerView), LedgerError> {
        let Concerns { seller, number, preceding, likeness, .. } = concerns;
        let orders = concerns.orders.iter().map(|order| texts::order_lookup(order));
        let mut orders: BTreeSet<String> = orders.filter(|key| !key.is_empty()).collect();
        let seller_key = seller.map(texts::key);
        let claim = seller_key.clone().zip(number.map(texts::claim_number));
        // Those that it names too: what they took, and whether they are there at all, must not
        // change before this transaction is over.
        let mut locks: BTreeSet<String> = BTreeSet::new();
        for seller in &seller_key {
            let named = preceding.iter().map(|number| texts::claim_number(number));
            locks.extend(named.map(|number| claim_lock(seller, &number)));
        }
        locks.extend(claim.iter().map(|(seller, number)| claim_lock(seller, number)));
        locks.extend(likeness.as_ref().and_then(Likeness::lock));
        let mut write = self.write().await?;
        let newest = write.lock_all(&locks).await?;
        orders.extend(write.orders_of_named(id, seller, preceding).await?);
        let of_orders = orders.iter().map(|key| order_lock(key)).collect();
        let newest = write.lock_all(&of_orders).await?.max(newest);
        locks.extend(of_orders);
        let now = write.standing(id).await?;
        let (sequence, kind) = write.sequence(&now, newest + 1, &locks).await?;
        let place = Place { sequence, kind, orders, claim };
        let mut view = write.view(&place).await?;
        view.preceding = write.preceding(id, seller, preceding, &view.orders).await?;
        view.credits = write.credits_of(id).await?;
        view.decisions = write.decided(id).await?;
        if let Some(likeness) = &likeness {
            let kept_at = write.keep_likeness(id, likeness).await?;
            view.known_invoices = write.known_invoices(id, kept_at, likeness).await?;
        }
        let (credits, notices) = (view.credits.clone(), self.notices.clone());
        Ok((Matching { write, now, credits, notices }, view))
    }
}

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
        self.write.conclude(&self.now.id, result).await?;
        if way == Way::Matching && present != InvoiceStatus::Matching {
            self.write.step(&mut self.now, InvoiceStatus::Matching, json!({}), at).await?;
        }
        let holds: Vec<_> = result.holds.iter().map(|hold| hold.code).collect();
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
            self.write.step(&mut standing, InvoiceStatus::Superseded, why, at).await?;
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

fn may_be_matched(status: InvoiceStatus) -> bool {
    status == InvoiceStatus::Matching || status.may_become(InvoiceStatus::Matching)
}

impl Write {
    /// The sequence number of an invoice and its kind. The first time `next` is given and kept;
    /// the locks remember it, so that whoever comes later gets a greater one.
    async fn sequence(
        &mut self,
        now: &Standing,
        next: i64,
        locks: &BTreeSet<String>,
    ) -> Result<(i64, Option<String>), LedgerError> {
        let sql = "SELECT sequence, kind FROM invoice WHERE id = $1";
        let row = sqlx::query(sql).bind(now.id.as_str()).fetch_one(self.on()).await?;
        let (kept, kind): (Option<i64>, _) = (row.try_get("sequence")?, row.try_get("kind")?);
        let sequence = kept.unwrap_or(next);
        if !may_be_matched(now.status) {
            return Ok((sequence, kind));
        }
        if kept.is_none() {
            let sql = "UPDATE invoice SET sequence = $2 WHERE id = $1";
            let query = sqlx::query(sql).bind(now.id.as_str()).bind(sequence);
            query.execute(self.on()).await?;
        }
        for lock in locks {
            let sql = "UPDATE matching_lock SET sequence = $2 WHERE name = $1 AND sequence < $2";
            sqlx::query(sql).bind(lock).bind(sequence).execute(self.on()).await?;
        }
        Ok((sequence, kind))
    }

    /// The input hash of the last result.
    pub(super) async fn recorded(&mut self, id: &InvoiceId) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT input_hash FROM reconciliation WHERE invoice_id = $1";
        Ok(sqlx::query_scalar(sql).bind(id.as_str()).fetch_optional(self.on()).await?)
    }

    /// Keeps the result and its holds.
    async fn conclude(
        &mut self,
        id: &InvoiceId,
        result: &Reconciliation,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO reconciliation (invoice_id, input_hash, content) \
                   VALUES ($1, $2, $3) ON CONFLICT (invoice_id) DO UPDATE \
                   SET input_hash = excluded.input_hash, content = excluded.content";
        let query = sqlx::query(sql).bind(id.as_str()).bind(&result.input_hash);
        query.bind(to_json(result)?).execute(self.on()).await?;
        let sql = "UPDATE invoice SET holds = $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(to_json(&result.holds)?);
        query.execute(self.on()).await?;
        Ok(())
    }
}
