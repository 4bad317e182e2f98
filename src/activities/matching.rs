//! An invoice against what the ledger knows, in one ledger transaction.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::task::spawn_blocking;

use crate::activities::trouble::Trouble;
use crate::activities::{Situations, attended};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::case::Case;
use crate::models::duplicate::{Candidate, KnownInvoice};
use crate::models::extraction::Extraction;
use crate::models::finding::Severity;
use crate::models::invoice::{Invoice, Party};
use crate::models::policy::Policy;
use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus;
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::{Hold, HoldSeverity, Outcome, Reconciliation};
use crate::reconciliation::duplicates::{candidate, search};
use crate::reconciliation::identity::{self, Identity, IdentityKind};
use crate::reconciliation::reconcile;
use crate::reconciliation::vendor;
use crate::storage::ledger::dispatch::waits;
use crate::storage::ledger::invoices::InvoiceRow;
use crate::storage::ledger::likeness::Likeness;
use crate::storage::ledger::matching::{Concerns, LedgerView};
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
        let (invoice, fatal_findings) = subject(extraction, &row);
        let (orders, seller) = (invoice.order_references(), invoice.seller_key());
        let named = invoice.preceding_invoices.iter();
        let named: Vec<&str> = named.filter_map(|one| one.number.as_deref()).collect();
        let candidate = candidate::of(&invoice, None, Some(row.sha256.clone()));
        let identities = identity::of_party(&invoice.seller, invoice.accounts());
        let identities: Vec<String> = identities.iter().map(Identity::key).collect();
        let keys = search::keys(&candidate);
        let likeness = Likeness {
            candidate: &candidate,
            keys: &keys,
            rank,
            same_amount_max: u32::try_from(search::SAME_AMOUNT_MAX).unwrap_or(u32::MAX),
            fetched_max: search::FETCHED_MAX,
            now: Utc::now(),
        };
        let concerns = Concerns {
            orders: &orders,
            seller: seller.as_deref(),
            number: invoice.number.as_deref(),
            preceding: &named,
            identities: &identities,
            likeness: Some(likeness),
        };
        let (matching, view) = ledger.matching(id, concerns).await?;
        let case = case(invoice, fatal_findings, view, Utc::now().date_naive());
        let case = Case { id: Some(id.to_string()), ..case };
        let case = Case { policy: Policy::clone(policy), ..case };
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

/// The invoice as it is compared, and its fatal findings, each code once. The sender's hint counts
/// where the document itself names no order.
fn subject(extraction: Extraction, row: &InvoiceRow) -> (Invoice, Vec<String>) {
    let mut codes: Vec<String> = Vec::new();
    let mut fatal: Vec<String> = Vec::new();
    for finding in extraction.findings {
        if finding.severity == Severity::Fatal && !codes.contains(&finding.code) {
            fatal.push(finding.breach());
            codes.push(finding.code);
        }
    }
    let mut invoice = extraction.invoice;
    if invoice.order_references().is_empty() {
        invoice.order_reference = row.purchase_order.clone();
    }
    (invoice, fatal)
}

/// `today` counts where suppliers are on file: an account may be verified after the invoice came.
fn case(
    invoice: Invoice,
    fatal_findings: Vec<String>,
    mut view: LedgerView,
    today: NaiveDate,
) -> Case {
    let entity = view.suppliers.is_some().then(|| buyer(&invoice));
    let as_of = view.suppliers.is_some().then_some(today);
    let suppliers = view.suppliers.unwrap_or_default();
    if let Ok(supplier) = vendor::resolve(&invoice.seller, invoice.accounts(), &suppliers) {
        of_one_supplier(&invoice, supplier, &mut view.known_invoices);
    }
    Case {
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
        fatal_findings,
        ..Case::default()
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

/// Without any hold, and within the limit, nobody has to approve; where a person released a stop
/// hold, another one must (handbook §14). A refusal holds the invoice until it can be paired.
fn next(result: &Reconciliation, within_the_limit: bool) -> InvoiceStatus {
    let was_released = |hold: &Hold| hold.severity == HoldSeverity::Stop && hold.released.is_some();
    let touchless = within_the_limit && !result.holds.iter().any(was_released);
    match result.outcome {
        Outcome::Matched if touchless => InvoiceStatus::Approved,
        Outcome::Matched | Outcome::MatchedUnpaid => InvoiceStatus::Approval,
        Outcome::Held | Outcome::Refused => InvoiceStatus::Held,
    }
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
    use super::{may_be_compared, next, waits};
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
