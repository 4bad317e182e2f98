//! Invoices.

use proptest::prelude::*;

use ap_gateway::models::invoice::{
    AllowanceCharge, Delivery, Invoice, InvoiceKind, InvoiceLine, Period, PrecedingInvoice,
    TaxSubtotal, Totals,
};

use crate::reconciliation::properties::anything::{day, maybe, number, party, said, text};

pub(super) fn allowance_charge() -> impl Strategy<Value = AllowanceCharge> {
    let reason = prop::option::of(prop::sample::select(vec!["Freight", "1", ""]));
    (any::<bool>(), number(), maybe(), said(), reason).prop_map(
        |(charge, amount, tax_rate, reason_code, reason)| AllowanceCharge {
            charge,
            amount,
            tax_rate,
            reason_code,
            reason: reason.map(str::to_owned),
            ..AllowanceCharge::default()
        },
    )
}

fn line() -> BoxedStrategy<InvoiceLine> {
    let numbers = (maybe(), maybe(), maybe(), maybe(), maybe());
    let texts = (text(), said(), said(), said(), said(), said());
    let more = (said(), said(), said(), said(), said());
    let parts = prop::collection::vec(allowance_charge(), 0..3);
    (numbers, texts, more, parts)
        .prop_map(|(numbers, texts, more, parts)| {
            let (quantity, net, price, price_base_quantity, tax_rate) = numbers;
            let (id, unit, order_reference, order_line_reference, name, item) = texts;
            let (price_base_unit, tax_category, receiving, despatch, buyer_item_id) = more;
            InvoiceLine {
                id,
                quantity,
                unit,
                net,
                price,
                price_base_quantity,
                price_base_unit,
                tax_rate,
                tax_category,
                order_reference,
                order_line_reference,
                receiving_advice_reference: receiving,
                despatch_advice_reference: despatch,
                name,
                standard_item_id: item.as_deref().map(Into::into),
                seller_item_id: item,
                buyer_item_id,
                allowances_and_charges: parts,
                ..InvoiceLine::default()
            }
        })
        .boxed()
}

fn totals() -> BoxedStrategy<Totals> {
    let first = (maybe(), maybe(), maybe(), maybe(), maybe());
    let more = (maybe(), maybe(), maybe(), maybe(), maybe(), prop::bool::weighted(0.1));
    (first, more)
        .prop_map(|((lines, allowances, charges, net, tax), more)| {
            let (tax_in_tax_currency, gross, paid, rounding, payable, negative) = more;
            // Mostly invoices: who gives money back is looked at elsewhere.
            let positive = |amount: Option<rust_decimal::Decimal>| match negative {
                true => amount,
                false => amount.map(|amount| amount.abs()),
            };
            Totals {
                lines,
                allowances,
                charges,
                net: positive(net),
                tax,
                tax_in_tax_currency,
                gross: positive(gross),
                paid,
                rounding,
                payable: positive(payable),
            }
        })
        .boxed()
}

fn money() -> impl Strategy<Value = Option<String>> {
    prop::option::of(
        prop_oneof![3 => Just("EUR".to_owned()), 1 => Just("JPY".to_owned()), 1 => text()],
    )
}

pub(super) fn invoice() -> BoxedStrategy<Invoice> {
    let codes = ["380", "381", "383", "384", "386", "877", "326", " "];
    let kind = (
        prop::bool::weighted(0.1),
        prop::option::of(prop::sample::select(codes.to_vec())),
        prop::collection::vec(said(), 0..3),
    );
    let texts = (said(), said(), money(), money(), said(), said());
    let dates = (day(), day(), day());
    let parts = prop::collection::vec(allowance_charge(), 0..3);
    let lines = prop::collection::vec(line(), 0..5);
    let tax = prop::collection::vec(Just(TaxSubtotal::default()), 0..3);
    (kind, texts, dates, (party(), party()), totals(), parts, lines, tax)
        .prop_map(
            |(kind, texts, (issue_date, delivered, ended), parties, totals, parts, lines, tax)| {
                let (credit, type_code, named) = kind;
                let (number, order_reference, currency, tax_currency, receiving, despatch) = texts;
                let named = named.into_iter();
                Invoice {
                    kind: if credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
                    type_code: type_code.map(str::to_owned),
                    preceding_invoices: named
                        .map(|number| PrecedingInvoice { number, issue_date: None })
                        .collect(),
                    number,
                    order_reference,
                    currency,
                    tax_currency,
                    receiving_advice_reference: receiving,
                    despatch_advice_reference: despatch,
                    issue_date,
                    delivery: delivered
                        .map(|day| Delivery { date: Some(day), ..Delivery::default() }),
                    period: ended.map(|day| Period { end: Some(day), ..Period::default() }),
                    seller: parties.0,
                    buyer: parties.1,
                    totals,
                    tax,
                    allowances_and_charges: parts,
                    lines,
                    ..Invoice::default()
                }
            },
        )
        .boxed()
}
