//! Matching in one transaction: what an invoice is compared with is read, and what it takes is
//! written, while no other invoice of the same orders can do either.
//!
//! Sequence numbers are given under the locks: among invoices that name the same order, or claim
//! the same supplier's number, whoever was matched first has the smaller one. Invoices that have
//! no lock in common may have equal numbers; nothing compares those. So matching has no counter
//! that all invoices wait for.

use std::collections::BTreeSet;

use sqlx::Row;

use crate::models::case::{BilledBefore, ChargedBefore, CreditReceived, Decisions, Preceding};
use crate::models::duplicate::KnownInvoice;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::models::supplier::Supplier;
use crate::storage::ledger::changes::Notices;
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
    /// The suppliers that its seller may be; none when no supplier is on file at all.
    pub suppliers: Option<Vec<Supplier>>,
    /// An earlier invoice of the same supplier with the same number.
    pub duplicate_of: Option<EarlierInvoice>,
    /// What people decided about the comparison.
    pub decisions: Decisions,
}

/// An open matching transaction. Dropped, it is rolled back.
pub struct Matching {
    pub(super) write: Write,
    pub(super) now: Standing,
    pub(super) credits: Vec<CreditReceived>,
    pub(super) identities: Vec<String>,
    pub(super) supplier_number: Option<String>,
    pub(super) notices: Notices,
}

impl Matching {
    /// Whose invoice it is, by our number of the supplier: recorded with the result. Without it the
    /// invoice is nobody's on file.
    #[must_use]
    pub fn of_supplier(self, supplier_number: Option<String>) -> Self {
        Self { supplier_number, ..self }
    }
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
    /// What its seller is known by, such as `vat:DE123`.
    pub identities: &'a [String],
    /// What of it is compared with others that may be the same one.
    pub likeness: Option<Likeness<'a>>,
}

impl<'a> Concerns<'a> {
    /// Those of an invoice that names orders, and nothing else that is known.
    pub fn orders(orders: &'a [&'a str]) -> Self {
        Self { orders, ..Self::default() }
    }

    /// Keys of the orders, and of supplier and number.
    pub(super) fn keys(&self) -> (BTreeSet<String>, Option<(String, String)>) {
        let orders = self.orders.iter().map(|order| texts::order_lookup(order));
        let orders = orders.filter(|key| !key.is_empty()).collect();
        (orders, self.seller.map(texts::key).zip(self.number.map(texts::claim_number)))
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
        let Concerns { seller, preceding, likeness, .. } = concerns;
        let (mut orders, claim) = concerns.keys();
        let seller_key = seller.map(texts::key);
        // Those that it names too: what they took, and whether they are there at all, must not
        // change before this transaction is over.
        let mut locks: BTreeSet<String> = BTreeSet::new();
        if let Some(seller) = &seller_key {
            let named = preceding.iter().map(|number| texts::claim_number(number));
            locks.extend(named.map(|number| claim_lock(seller, &number)));
        }
        locks.extend(claim.iter().map(|(seller, number)| claim_lock(seller, number)));
        locks.extend(likeness.as_ref().and_then(Likeness::lock));
        let mut write = self.write().await?;
        if !concerns.identities.is_empty() {
            write.suppliers_stay().await?;
        }
        let newest = write.lock_all(&locks).await?;
        orders.extend(write.orders_of_named(id, seller, preceding).await?);
        let of_orders = orders.iter().map(|key| order_lock(key)).collect();
        let newest = write.lock_all(&of_orders).await?.max(newest);
        locks.extend(of_orders);
        let now = write.standing(id).await?;
        let (sequence, kind) = write.sequence(&now, newest + 1, &locks).await?;
        let place = Place { sequence, kind, orders, claim };
        let mut view = write.whole_view(id, &place, &concerns).await?;
        if let Some(likeness) = &likeness {
            let kept_at = write.keep_likeness(id, likeness).await?;
            view.known_invoices = write.known_invoices(id, kept_at, likeness).await?;
        }
        let (credits, notices) = (view.credits.clone(), self.notices.clone());
        let identities = concerns.identities.to_vec();
        let supplier_number = None;
        Ok((Matching { write, now, credits, identities, supplier_number, notices }, view))
    }
}

/// Whether a result may be recorded through `matching`.
pub(super) fn may_be_matched(status: InvoiceStatus) -> bool {
    status == InvoiceStatus::Matching || status.may_become(InvoiceStatus::Matching)
}

impl Write {
    /// Everything but the invoices that may be the same one.
    pub(super) async fn whole_view(
        &mut self,
        id: &InvoiceId,
        place: &Place,
        concerns: &Concerns<'_>,
    ) -> Result<LedgerView, LedgerError> {
        let mut view = self.view(place).await?;
        let (seller, preceding) = (concerns.seller, concerns.preceding);
        view.preceding = self.preceding(id, seller, preceding, &view.orders).await?;
        view.credits = self.credits_of(id).await?;
        view.decisions = self.decided(id).await?;
        if !concerns.identities.is_empty() {
            view.suppliers = self.suppliers_known_by(concerns.identities).await?;
        }
        Ok(view)
    }

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
}
