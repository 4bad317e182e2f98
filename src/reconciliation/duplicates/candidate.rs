//! What of an invoice is compared with others.

use std::collections::BTreeSet;

use crate::models::duplicate::Candidate;
use crate::models::invoice::{Invoice, InvoiceLine};
use crate::models::refs::Sha256;
use crate::reconciliation::duplicates::content;
use crate::reconciliation::identity::{self, IdentityKind};
use crate::reconciliation::reference::meaningful;

/// Takes what is compared. `vendor` is the supplier's id on file; without one the seller's own key
/// stands for it. `file` is the digest of the received bytes. Id, arrival and the amount in the
/// ledger currency are the caller's to add, and the pairing may name order lines better.
pub fn of(invoice: &Invoice, vendor: Option<&str>, file: Option<Sha256>) -> Candidate {
    let vendor = vendor.map(str::to_owned).or_else(|| invoice.seller_key());
    let identities = identity::of_party(&invoice.seller, invoice.accounts());
    let telling = identities.iter().filter(|identity| {
        // A name is compared by likeness, and an id without a scheme may be anybody's.
        identity.kind != IdentityKind::Alias
    });
    Candidate {
        kind: invoice.kind,
        type_code: invoice.type_code.clone(),
        number: invoice.number.clone(),
        date: invoice.issue_date,
        currency: invoice.currency.as_deref().map(|code| code.trim().to_uppercase()),
        gross: invoice.totals.gross.or(invoice.totals.payable),
        vendor_name: invoice.seller.name.clone(),
        identities: telling.map(identity::Identity::key).collect(),
        file,
        content: vendor.as_deref().and_then(|vendor| content::key(invoice, vendor)),
        vendor,
        period: invoice.period.clone(),
        despatch_advices: despatch_advices(invoice),
        preceding: preceding(invoice),
        order_lines: order_lines(invoice),
        texts: texts(invoice),
        ..Candidate::default()
    }
}

fn preceding(invoice: &Invoice) -> Vec<String> {
    let numbers = invoice.preceding_invoices.iter().filter_map(|one| one.number.as_deref());
    numbers.filter_map(|number| meaningful(Some(number))).map(str::to_owned).collect()
}

fn despatch_advices(invoice: &Invoice) -> Vec<String> {
    let lines = invoice.lines.iter().map(|line| line.despatch_advice_reference.as_deref());
    let all = [invoice.despatch_advice_reference.as_deref()].into_iter().chain(lines);
    sorted(all.filter_map(meaningful).map(str::to_owned))
}

/// Order and line; a line that names no order line says nothing.
fn order_lines(invoice: &Invoice) -> Vec<String> {
    let of = |line: &InvoiceLine| {
        let order = meaningful(line.order_reference.as_deref())
            .or(meaningful(invoice.order_reference.as_deref()))?;
        let line = meaningful(line.order_line_reference.as_deref())?;
        Some(format!("{order}/{line}"))
    };
    sorted(invoice.lines.iter().filter_map(of))
}

fn texts(invoice: &Invoice) -> Vec<String> {
    let names = invoice.lines.iter().filter_map(|line| line.name.as_deref());
    sorted(names.map(identity::name).filter(|name| !name.is_empty()))
}

fn sorted(all: impl Iterator<Item = String>) -> Vec<String> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}
