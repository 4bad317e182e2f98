//! What an invoice is asked before any order is: was it here before, who sent it, is it drawn for
//! a look (handbook §11, §12)?

use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::duplicate::{Candidate, DuplicateCode, DuplicateFinding};
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::Hold;
use crate::reconciliation::duplicates::{self, candidate};
use crate::reconciliation::sampling;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::vendor::{self, Arrival, Examined};

/// The holds of duplicates, supplier and sampling, as far as the case knows anything to compare.
pub(crate) fn holds(scene: &Scene<'_>) -> Vec<Hold> {
    let case = scene.case;
    let examined = examined(case);
    let supplier = examined.as_ref().and_then(|examined| examined.supplier);
    let mut raised = of_duplicates(scene, supplier);
    raised.extend(examined.into_iter().flat_map(|examined| examined.holds));
    raised.extend(sampled(scene));
    raised
}

/// Without master records nobody is unknown: there is nothing to know them by.
fn examined(case: &Case) -> Option<Examined<'_>> {
    let entity: &Entity = case.entity.as_ref()?;
    let on = case.as_of.or(case.invoice.issue_date)?;
    Some(vendor::examine(&Arrival {
        invoice: &case.invoice,
        suppliers: &case.suppliers,
        entity,
        sender: case.sender.as_deref(),
        on,
    }))
}

fn of_duplicates(scene: &Scene<'_>, supplier: Option<&Supplier>) -> Vec<Hold> {
    let case = scene.case;
    if case.known_invoices.is_empty() {
        return Vec::new();
    }
    let vendor = supplier.map(|supplier| supplier.id.as_str());
    let own = candidate::of(&case.invoice, vendor, None);
    let candidate = Candidate {
        id: case.id.clone().unwrap_or_default(),
        ledger_gross: own.gross.and_then(|gross| gross.checked_mul(scene.ledger_rate?)),
        ..own
    };
    let findings =
        duplicates::judge(&candidate, &case.known_invoices, &case.policy.approval_limits);
    let wanted = |finding: &&DuplicateFinding| {
        case.policy.fuzzy_duplicates || finding.code != DuplicateCode::DupFuzzy
    };
    findings.iter().filter(wanted).filter_map(duplicates::hold).collect()
}

/// Drawn by month: the same invoice is drawn or not on every run of one month.
fn sampled(scene: &Scene<'_>) -> Option<Hold> {
    let case = scene.case;
    let (policy, id) = case.policy.sampling.as_ref().zip(case.id.as_deref())?;
    let totals = &case.invoice.totals;
    let payable = totals.payable.or(totals.gross).or(totals.net)?;
    let amount = payable.checked_mul(scene.ledger_rate?).unwrap_or(Decimal::MAX).abs();
    let period = case.as_of.map(|day| day.format("%Y-%m").to_string()).unwrap_or_default();
    sampling::hold(policy, amount, &period, id)
}
