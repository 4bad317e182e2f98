//! An invoice beside what the ledger knows: the case that is compared, and where its result leads.
//!
//! Matching in earnest and the question what another policy would do build the same case here, so
//! they cannot come to differ. Nothing here writes.

pub mod what_if;

use chrono::{DateTime, NaiveDate, Utc};

use crate::models::case::Case;
use crate::models::duplicate::{Candidate, KnownInvoice, StoredKeys};
use crate::models::extraction::Extraction;
use crate::models::finding::Severity;
use crate::models::invoice::{Invoice, Party};
use crate::models::policy::Policy;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::{Hold, HoldSeverity, Outcome, Reconciliation};
use crate::reconciliation::duplicates::{candidate, search};
use crate::reconciliation::identity::{self, Identity, IdentityKind};
use crate::reconciliation::vendor;
use crate::storage::ledger::invoices::InvoiceRow;
use crate::storage::ledger::likeness::Likeness;
use crate::storage::ledger::matching::{Concerns, LedgerView};

/// An invoice as it is compared.
pub struct Subject {
    id: InvoiceId,
    invoice: Invoice,
    /// Each code once.
    fatal_findings: Vec<String>,
    candidate: Candidate,
    identities: Vec<String>,
    keys: StoredKeys,
}

/// What a subject names, in its own words.
pub struct Named<'s> {
    subject: &'s Subject,
    orders: Vec<&'s str>,
    seller: Option<String>,
    preceding: Vec<&'s str>,
}

impl Subject {
    /// Of what was read. The sender's hint counts where the document itself names no order.
    pub fn of(extraction: Extraction, row: &InvoiceRow) -> Self {
        let mut codes: Vec<String> = Vec::new();
        let mut fatal_findings: Vec<String> = Vec::new();
        for finding in extraction.findings {
            if finding.severity == Severity::Fatal && !codes.contains(&finding.code) {
                fatal_findings.push(finding.breach());
                codes.push(finding.code);
            }
        }
        let mut invoice = extraction.invoice;
        if invoice.order_references().is_empty() {
            invoice.order_reference = row.purchase_order.clone();
        }
        let candidate = candidate::of(&invoice, None, Some(row.sha256.clone()));
        let identities = identity::of_party(&invoice.seller, invoice.accounts());
        let identities = identities.iter().map(Identity::key).collect();
        let keys = search::keys(&candidate);
        Self { id: row.id.clone(), invoice, fatal_findings, candidate, identities, keys }
    }

    /// What finds the orders and invoices that it is compared with.
    pub fn named(&self) -> Named<'_> {
        let preceding = self.invoice.preceding_invoices.iter();
        Named {
            subject: self,
            orders: self.invoice.order_references(),
            seller: self.invoice.seller_key(),
            preceding: preceding.filter_map(|one| one.number.as_deref()).collect(),
        }
    }

    /// The case, under a policy. `today` counts where suppliers are on file: an account may be
    /// verified after the invoice came.
    pub fn case(self, mut view: LedgerView, policy: Policy, today: NaiveDate) -> Case {
        let invoice = self.invoice;
        let entity = view.suppliers.is_some().then(|| buyer(&invoice));
        let as_of = view.suppliers.is_some().then_some(today);
        let suppliers = view.suppliers.unwrap_or_default();
        if let Ok(supplier) = vendor::resolve(&invoice.seller, invoice.accounts(), &suppliers) {
            of_one_supplier(&invoice, supplier, &mut view.known_invoices);
        }
        Case {
            id: Some(self.id.to_string()),
            policy,
            entity,
            as_of,
            suppliers,
            invoice,
            purchase_orders: view.orders,
            receipts: view.receipts,
            billed_before: view.billed_before,
            charged_before: view.charged_before,
            preceding: view.preceding,
            credits: view.credits,
            known_invoices: view.known_invoices,
            decisions: view.decisions,
            duplicate_of: view.duplicate_of.map(|earlier| earlier.id.to_string()),
            fatal_findings: self.fatal_findings,
            ..Case::default()
        }
    }
}

impl<'s> Named<'s> {
    /// What of the ledger concerns it. `now` is the time of its first match, if this is that.
    pub fn concerns(&self, now: DateTime<Utc>) -> Concerns<'_> {
        let Subject { invoice, candidate, identities, keys, .. } = self.subject;
        let likeness = Likeness {
            candidate,
            keys,
            rank,
            same_amount_max: u32::try_from(search::SAME_AMOUNT_MAX).unwrap_or(u32::MAX),
            fetched_max: search::FETCHED_MAX,
            now,
        };
        Concerns {
            orders: &self.orders,
            seller: self.seller.as_deref(),
            number: invoice.number.as_deref(),
            preceding: &self.preceding,
            identities,
            likeness: Some(likeness),
        }
    }
}

/// The company of ours that the invoice says it is for: no master record of our own is kept.
fn buyer(invoice: &Invoice) -> Entity {
    let Party { name, trading_name, vat_id, .. } = &invoice.buyer;
    Entity {
        id: String::new(),
        names: name.iter().chain(trading_name).cloned().collect(),
        vat_ids: vat_id.iter().cloned().collect(),
    }
}

/// What was kept of earlier invoices names their seller as they do, and so does the key of their
/// content; those of the supplier on file are its own, also under another of its ids.
fn of_one_supplier(invoice: &Invoice, supplier: &Supplier, known: &mut [KnownInvoice]) {
    let as_stored = candidate::of(invoice, None, None);
    let on_file = candidate::of(invoice, Some(&supplier.id), None);
    let known_by = identity::of_supplier(supplier);
    let known_by = known_by.iter().filter(|one| one.kind != IdentityKind::Alias);
    let known_by: Vec<String> = known_by.map(Identity::key).collect();
    for KnownInvoice { invoice: earlier, .. } in known {
        let same_id = earlier.identities.iter().any(|one| known_by.contains(one));
        if same_id || (earlier.vendor.is_some() && earlier.vendor == as_stored.vendor) {
            earlier.vendor.clone_from(&on_file.vendor);
        }
        if earlier.content.is_some() && earlier.content == as_stored.content {
            earlier.content.clone_from(&on_file.content);
        }
    }
}

/// Near numbers first, then near dates.
fn rank(candidate: &Candidate, number: Option<&str>, date: Option<NaiveDate>) -> Option<u64> {
    /// More days than any two dates are apart.
    const BY_DATE: u64 = 1 << 32;
    let (reason, days) = search::rank(candidate, number, date)?;
    Some(match reason {
        search::Reason::Number => days.min(BY_DATE - 1),
        search::Reason::Date => BY_DATE.saturating_add(days),
    })
}

/// Our number of the one supplier on file whose invoice it is.
pub fn supplier_number(case: &Case) -> Option<String> {
    let Case { invoice, suppliers, .. } = case;
    let supplier = vendor::resolve(&invoice.seller, invoice.accounts(), suppliers);
    supplier.ok().map(|supplier| supplier.id.clone())
}

/// Where a result leads. Without any hold, and within the limit, nobody has to approve; where a person released a stop
/// hold, another one must (handbook §14). A refusal holds the invoice until it can be paired.
pub fn next(result: &Reconciliation, within_the_limit: bool) -> InvoiceStatus {
    let was_released = |hold: &Hold| hold.severity == HoldSeverity::Stop && hold.released.is_some();
    let touchless = within_the_limit && !result.holds.iter().any(was_released);
    match result.outcome {
        Outcome::Matched if touchless => InvoiceStatus::Approved,
        Outcome::Matched | Outcome::MatchedUnpaid => InvoiceStatus::Approval,
        Outcome::Held | Outcome::Refused => InvoiceStatus::Held,
    }
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::models::case::Case;
    use crate::models::status::InvoiceStatus as S;
    use crate::models::verdict::{Outcome, Reconciliation};
    use crate::reconciliation::{reconcile, release_of};

    /// Of an invoice without lines: one stop hold.
    fn result(outcome: Outcome) -> Reconciliation {
        Reconciliation { outcome, ..reconcile(&Case::default()) }
    }

    #[test]
    fn every_outcome_leads_to_a_legal_state() {
        for outcome in [Outcome::Matched, Outcome::MatchedUnpaid, Outcome::Held, Outcome::Refused] {
            for within_the_limit in [true, false] {
                let next = next(&result(outcome), within_the_limit);
                assert!(S::Matching.may_become(next), "{outcome:?}");
            }
        }
    }

    #[test]
    fn a_large_invoice_and_one_with_a_released_hold_wait_for_an_approval() {
        let mut matched = result(Outcome::Matched);
        assert_eq!(next(&matched, true), S::Approved);
        assert_eq!(next(&matched, false), S::Approval);
        matched.holds[0].released =
            Some(release_of(&matched.holds[0], &[], "user:anna", "seen on paper"));
        assert_eq!(next(&matched, true), S::Approval);
    }
}
