//! Orders and receipts.

use proptest::prelude::*;

use ap_gateway::models::order::{
    ChargeBasis, MatchBasis, OrderKind, OrderLine, OrderStatus, PlannedCharge, PurchaseOrder,
    ReceiptRule,
};
use ap_gateway::models::receipt::{Receipt, ReceiptKind, ReceiptLine};

use crate::reconciliation::properties::anything::{
    currency, day, level, maybe, number, party, said, text,
};

fn line() -> BoxedStrategy<OrderLine> {
    let numbers = (number(), number(), maybe(), maybe(), maybe(), maybe(), maybe());
    let more = (maybe(), maybe(), maybe(), maybe(), maybe(), day());
    let texts = (text(), said(), said(), said(), said(), said());
    let rules = (
        level(),
        prop::sample::select(vec![ReceiptRule::GoodsFirst, ReceiptRule::InvoiceFirst]),
        prop::sample::select(vec![MatchBasis::Quantity, MatchBasis::Quantity, MatchBasis::Amount]),
    );
    (numbers, more, texts, rules)
        .prop_map(|(numbers, more, texts, rules)| {
            let (quantity, unit_price, price_base_quantity, net, list_price, charges, discount) =
                numbers;
            let (price_quantity, tax_rate, closed_quantity, over, under, promised_date) = more;
            let (id, unit, description, item, price_unit, tax_category) = texts;
            let (match_level, receipt_rule, match_basis) = rules;
            OrderLine {
                id,
                quantity,
                unit,
                unit_price,
                price_base_quantity,
                net,
                list_price,
                charges,
                discount,
                price_quantity,
                price_unit,
                tax_category,
                tax_rate,
                promised_date,
                closed_quantity,
                over_delivery_percent: over,
                under_delivery_percent: under,
                description,
                buyer_item_id: item.clone(),
                standard_item_id: item,
                match_level,
                receipt_rule,
                match_basis,
                ..OrderLine::default()
            }
        })
        .boxed()
}

fn planned_charge() -> impl Strategy<Value = PlannedCharge> {
    let basis = prop::sample::select(vec![ChargeBasis::LumpSum, ChargeBasis::PerQuantity]);
    (text(), number(), basis, any::<bool>()).prop_map(|(code, amount, basis, allowance)| {
        PlannedCharge { code, amount, basis, allowance }
    })
}

pub(super) fn order() -> BoxedStrategy<PurchaseOrder> {
    let kind = prop::sample::select(vec![
        OrderKind::Standard,
        OrderKind::Blanket,
        OrderKind::Consignment,
        OrderKind::EvaluatedReceipt,
    ]);
    let status = prop::sample::select(vec![
        OrderStatus::Open,
        OrderStatus::Open,
        OrderStatus::Closed,
        OrderStatus::Cancelled,
    ]);
    let terms = (kind, status, maybe(), maybe(), maybe(), day(), day(), day());
    let charges = prop::collection::vec(planned_charge(), 0..3);
    let lines = prop::collection::vec(line(), 0..4);
    (text(), 0u32..3, currency(), (party(), party()), level(), terms, charges, lines)
        .prop_map(
            |(
                number,
                revision,
                currency,
                (buyer, supplier),
                match_level,
                terms,
                charges,
                lines,
            )| {
                let (kind, status, limit, rate_to_ledger, part, valid_from, valid_to, issue_date) =
                    terms;
                PurchaseOrder {
                    revision,
                    buyer,
                    supplier,
                    match_level,
                    kind,
                    status,
                    limit,
                    rate_to_ledger,
                    prepayment_percent: part,
                    valid_from,
                    valid_to,
                    issue_date,
                    charges,
                    lines,
                    ..PurchaseOrder::new(number, currency)
                }
            },
        )
        .boxed()
}

pub(super) fn receipt() -> BoxedStrategy<Receipt> {
    let numbers = (number(), maybe(), maybe(), maybe());
    let texts = (text(), text(), said(), said(), said(), said());
    let line = (numbers, texts, any::<bool>()).prop_map(|(numbers, texts, last)| {
        let (received, rejected, accepted, amount) = numbers;
        let (id, order_line, unit, returns_receipt, returns_line, despatch_reference) = texts;
        ReceiptLine {
            id,
            order_line,
            received,
            rejected,
            accepted,
            amount,
            returns_receipt,
            returns_line,
            despatch_reference,
            last,
            unit,
        }
    });
    let kind = prop::sample::select(vec![ReceiptKind::Receipt, ReceiptKind::Despatch]);
    (kind, text(), text(), day(), prop::collection::vec(line, 0..4))
        .prop_map(|(kind, number, purchase_order, date, lines)| Receipt {
            kind,
            number,
            revision: 1,
            purchase_order,
            date,
            lines,
        })
        .boxed()
}
