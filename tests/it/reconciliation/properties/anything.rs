//! Cases that nobody would send: numbers at the edge of what fits, any text anywhere.

use proptest::prelude::*;
use rust_decimal::Decimal;

use ap_gateway::models::case::{BilledBefore, Case};
use ap_gateway::models::invoice::{AllowanceCharge, Invoice, InvoiceKind, InvoiceLine, Party};
use ap_gateway::models::money::Currency;
use ap_gateway::models::order::{OrderLine, PurchaseOrder};
use ap_gateway::models::policy::{Combine, Limit, MatchLevel, Policy, Tolerance};
use ap_gateway::models::receipt::{Receipt, ReceiptKind, ReceiptLine};
use ap_gateway::models::verdict::CheckCode;

fn number() -> impl Strategy<Value = Decimal> {
    let parts = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0u32..=28);
    let any = parts.prop_map(|(low, middle, high, negative, scale)| {
        Decimal::from_parts(low, middle, high, negative, scale)
    });
    let edges = [
        Decimal::ZERO,
        Decimal::NEGATIVE_ONE,
        Decimal::ONE,
        Decimal::MAX,
        Decimal::MIN,
        Decimal::from_parts(1, 0, 0, false, 28),
        Decimal::from_parts(0, 0, 0, true, 28),
    ];
    prop_oneof![prop::sample::select(edges.to_vec()), any, (0i64..10).prop_map(Decimal::from)]
}

fn maybe() -> impl Strategy<Value = Option<Decimal>> {
    prop::option::of(number())
}

/// Short texts meet each other often; long ones are anything at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[012 ]{0,2}", 1 => any::<String>()]
}

fn said() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn level() -> impl Strategy<Value = Option<MatchLevel>> {
    prop::option::of(prop::sample::select(vec![MatchLevel::TwoWay, MatchLevel::ThreeWay]))
}

fn party() -> impl Strategy<Value = Party> {
    (said(), prop::collection::vec(text(), 0..2)).prop_map(|(vat_id, ids)| Party {
        vat_id,
        ids: ids.iter().map(|id| id.as_str().into()).collect(),
        ..Party::default()
    })
}

fn invoice_line() -> impl Strategy<Value = InvoiceLine> {
    let numbers = (maybe(), maybe(), maybe(), maybe(), maybe());
    let texts = (text(), said(), said(), said(), said(), said());
    (numbers, texts).prop_map(|(numbers, texts)| {
        let (quantity, net, price, price_base_quantity, charge) = numbers;
        let (id, unit, order_reference, order_line_reference, name, item) = texts;
        let charge = charge.map(|amount| AllowanceCharge {
            charge: true,
            amount,
            ..AllowanceCharge::default()
        });
        InvoiceLine {
            id,
            quantity,
            unit,
            net,
            price,
            price_base_quantity,
            order_reference,
            order_line_reference,
            name,
            standard_item_id: item.as_deref().map(Into::into),
            seller_item_id: item,
            allowances_and_charges: charge.into_iter().collect(),
            ..InvoiceLine::default()
        }
    })
}

fn order_line() -> impl Strategy<Value = OrderLine> {
    let numbers = (number(), number(), maybe(), maybe());
    (numbers, text(), said(), said(), said(), level()).prop_map(
        |(numbers, id, unit, description, item, match_level)| {
            let (quantity, unit_price, price_base_quantity, net) = numbers;
            OrderLine {
                id,
                quantity,
                unit,
                unit_price,
                price_base_quantity,
                net,
                description,
                buyer_item_id: item.clone(),
                standard_item_id: item,
                match_level,
                ..OrderLine::default()
            }
        },
    )
}

fn order() -> impl Strategy<Value = PurchaseOrder> {
    let currency = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
    let lines = prop::collection::vec(order_line(), 0..4);
    (text(), 0u32..3, currency, party(), party(), level(), lines).prop_map(
        |(number, revision, currency, buyer, supplier, match_level, lines)| PurchaseOrder {
            revision,
            buyer,
            supplier,
            match_level,
            lines,
            ..PurchaseOrder::new(number, Currency::parse(currency).expect("a currency"))
        },
    )
}

fn receipt() -> impl Strategy<Value = Receipt> {
    let line =
        (text(), number(), maybe(), said()).prop_map(|(order_line, received, rejected, unit)| {
            ReceiptLine {
                id: "1".to_owned(),
                order_line,
                received,
                rejected,
                unit,
                ..ReceiptLine::default()
            }
        });
    let kind = prop::sample::select(vec![ReceiptKind::Receipt, ReceiptKind::Despatch]);
    (kind, text(), text(), prop::collection::vec(line, 0..4)).prop_map(
        |(kind, number, purchase_order, lines)| Receipt {
            kind,
            number,
            revision: 1,
            purchase_order,
            date: None,
            lines,
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let code = prop::sample::select(vec![
        CheckCode::QtyOrdered,
        CheckCode::QtyReceived,
        CheckCode::UnitPrice,
        CheckCode::LineNet,
        CheckCode::TotalLines,
    ]);
    let limit = || (maybe(), maybe()).prop_map(|(percent, amount)| Limit { percent, amount });
    let combine = prop::sample::select(vec![Combine::All, Combine::Any]);
    let tolerance = (limit(), limit(), combine).prop_map(|(upper, lower, combine)| Tolerance {
        upper,
        lower,
        combine,
    });
    let tolerances = prop::collection::btree_map(code, tolerance, 0..5);
    (level(), tolerances).prop_map(|(level, tolerances)| Policy {
        match_level: level.unwrap_or_default().into(),
        tolerances: tolerances
            .into_iter()
            .map(|(code, limits): (CheckCode, _)| (code.into(), limits))
            .collect(),
        ..Policy::default()
    })
}

fn invoice() -> impl Strategy<Value = Invoice> {
    let credit = prop::bool::weighted(0.1);
    let texts = (said(), said(), prop::option::of(prop_oneof![Just("EUR".to_owned()), text()]));
    let lines = prop::collection::vec(invoice_line(), 0..5);
    (credit, texts, party(), maybe(), maybe(), lines).prop_map(
        |(credit, (number, order_reference, currency), seller, total, payable, lines)| {
            let mut invoice =
                Invoice { number, order_reference, currency, seller, lines, ..Invoice::default() };
            if credit {
                invoice.kind = InvoiceKind::CreditNote;
            }
            invoice.totals.lines = total;
            invoice.totals.payable = payable.map(|payable| payable.abs());
            invoice
        },
    )
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let before = (text(), text(), number()).prop_map(|(po, po_line, quantity)| BilledBefore {
        po,
        po_line,
        quantity,
        ..BilledBefore::default()
    });
    (
        invoice(),
        prop::collection::vec(order(), 0..4),
        prop::collection::vec(receipt(), 0..4),
        prop::collection::vec(before, 0..3),
        said(),
        prop::collection::vec(text(), 0..3),
        policy(),
    )
        .prop_map(
            |(invoice, purchase_orders, receipts, billed_before, duplicate_of, fatal, policy)| {
                Case {
                    invoice,
                    purchase_orders,
                    receipts,
                    billed_before,
                    duplicate_of,
                    fatal_findings: fatal,
                    policy,
                    ..Case::default()
                }
            },
        )
}
