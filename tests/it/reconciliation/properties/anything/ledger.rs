//! What the ledger knows: earlier claims and charges, credits, advances, suppliers, decisions.

use proptest::prelude::*;

use ap_gateway::models::case::{
    BilledBefore, BilledLine, ChargedBefore, ChosenLine, CreditReceived, Decisions, ExpectedTotals,
    NamedReceipt, Preceding, Prepayment,
};
use ap_gateway::models::duplicate::{Candidate, KnownInvoice};
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::models::supplier::{Entity, Supplier, SupplierAccount};
use ap_gateway::models::verdict::{HoldCode, Release};

use crate::reconciliation::properties::anything::{day, level, maybe, number, said, text};

pub(super) fn billed_before() -> BoxedStrategy<BilledBefore> {
    let receipt = (text(), said()).prop_map(|(receipt, line)| NamedReceipt { receipt, line });
    let receipts = prop::collection::vec(receipt, 0..2);
    (said(), said(), text(), text(), number(), maybe(), receipts)
        .prop_map(|(invoice, line, po, po_line, quantity, amount, receipts)| BilledBefore {
            invoice,
            line,
            po,
            po_line,
            quantity,
            amount,
            receipts,
        })
        .boxed()
}

pub(super) fn charged_before() -> impl Strategy<Value = ChargedBefore> {
    let allowance = prop::option::of(any::<bool>());
    (said(), text(), text(), allowance, number()).prop_map(
        |(invoice, po, code, allowance, amount)| ChargedBefore {
            invoice,
            po,
            code,
            allowance,
            amount,
        },
    )
}

pub(super) fn prepayment() -> impl Strategy<Value = Prepayment> {
    (text(), number(), number()).prop_map(|(po, paid, used)| Prepayment { po, paid, used })
}

pub(super) fn credit() -> impl Strategy<Value = CreditReceived> {
    (text(), number(), number()).prop_map(|(line, quantity, amount)| CreditReceived {
        line,
        quantity,
        amount,
    })
}

pub(super) fn preceding() -> BoxedStrategy<Preceding> {
    let line = (text(), (said(), said(), said()), number(), number(), number(), number());
    let line =
        line.prop_map(|(line, (po, po_line, item), quantity, net, back, back_net)| BilledLine {
            line,
            po,
            po_line,
            items: item.iter().cloned().collect(),
            unit: item,
            quantity,
            net,
            credited_quantity: back,
            credited_net: back_net,
        });
    let lines = prop::collection::vec(line, 0..3);
    let corrects = prop::collection::vec(text(), 0..2);
    let currency = prop::option::of(Just("EUR".to_owned()));
    (text(), said(), currency, prop::bool::weighted(0.9), corrects, lines)
        .prop_map(|(number, id, currency, same_vendor, corrects, lines)| Preceding {
            number,
            id,
            currency,
            paid: false,
            same_vendor,
            corrects,
            lines,
        })
        .boxed()
}

pub(super) fn expected_totals() -> BoxedStrategy<ExpectedTotals> {
    (maybe(), maybe(), maybe(), maybe(), maybe(), maybe())
        .prop_map(|(lines, allowances, charges, tax, rounding, payable)| ExpectedTotals {
            lines,
            allowances,
            charges,
            tax,
            rounding,
            payable,
        })
        .boxed()
}

pub(super) fn decisions() -> BoxedStrategy<Decisions> {
    let chosen =
        (text(), text(), text()).prop_map(|(line, po, po_line)| ChosenLine { line, po, po_line });
    let code = prop::sample::select(HoldCode::ALL.to_vec());
    let release = (code, said(), said(), said(), said(), said()).prop_map(
        |(code, line, charge, po, actual, expected)| Release {
            code,
            line,
            charge,
            po,
            actual,
            expected,
            by: String::new(),
            reason: String::new(),
        },
    );
    let price_credits = prop::collection::vec(text(), 0..2);
    let releases = prop::collection::vec(release, 0..3);
    (prop::collection::vec(chosen, 0..3), price_credits, level(), releases)
        .prop_map(|(pairings, price_credits, match_level, releases)| Decisions {
            pairings,
            price_credits,
            match_level,
            releases,
        })
        .boxed()
}

/// A company of ours and suppliers on file.
pub(super) fn master() -> BoxedStrategy<(Option<Entity>, Vec<Supplier>)> {
    let texts = || prop::collection::vec(text(), 0..2);
    let entity =
        (text(), texts(), texts()).prop_map(|(id, names, vat_ids)| Entity { id, names, vat_ids });
    let account =
        (text(), day()).prop_map(|(id, verified_since)| SupplierAccount { id, verified_since });
    let accounts = prop::collection::vec(account, 0..2);
    let supplier = (text(), said(), texts(), texts(), accounts, any::<bool>(), texts()).prop_map(
        |(id, name, vat_ids, aliases, accounts, blocked, senders)| Supplier {
            id,
            name,
            vat_ids,
            aliases,
            accounts,
            blocked_for_posting: blocked,
            senders,
            ..Supplier::default()
        },
    );
    (prop::option::of(entity), prop::collection::vec(supplier, 0..3)).boxed()
}

pub(super) fn known_invoices() -> BoxedStrategy<Vec<KnownInvoice>> {
    let status = prop::sample::select(vec![
        InvoiceStatus::Approved,
        InvoiceStatus::Held,
        InvoiceStatus::Rejected,
    ]);
    let texts = (text(), said(), said(), prop::collection::vec(text(), 0..2));
    let known = (status, texts, prop::option::of(any::<i64>()), maybe(), maybe(), day()).prop_map(
        |(status, (id, number, vendor, texts), arrival, gross, ledger_gross, date)| KnownInvoice {
            status,
            invoice: Candidate {
                id,
                number,
                vendor,
                order_lines: texts.clone(),
                texts,
                arrival,
                gross,
                ledger_gross,
                date,
                currency: Some("EUR".to_owned()),
                ..Candidate::default()
            },
        },
    );
    prop::collection::vec(known, 0..3).boxed()
}
