//! Cases as they come: a few orders, lines that are named, known by item or by name, part
//! deliveries, part invoices.

use proptest::prelude::*;
use rust_decimal::Decimal;

use ap_gateway::models::case::{BilledBefore, Case};
use ap_gateway::models::decimal;
use ap_gateway::models::invoice::{Invoice, InvoiceLine};
use ap_gateway::models::money::Currency;
use ap_gateway::models::order::{OrderLine, PurchaseOrder};
use ap_gateway::models::policy::{Limit, MatchLevel, Policy};
use ap_gateway::models::receipt::{Receipt, ReceiptKind, ReceiptLine};

const NAMES: [&str; 4] = ["Hex bolt M8", "Washer set 8 mm", "Cable A", "Cable B"];

fn quantity() -> impl Strategy<Value = Decimal> {
    (1i64..5_000, 0u32..=3).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn price() -> impl Strategy<Value = Decimal> {
    (0i64..1_000_000, 0u32..=5).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn order(number: &str, lines: Vec<OrderLine>) -> PurchaseOrder {
    let currency = Currency::parse("EUR").expect("a currency");
    PurchaseOrder { lines, ..PurchaseOrder::new(number.to_owned(), currency) }
}

fn order_line() -> impl Strategy<Value = OrderLine> {
    let base = prop_oneof![Just(None), Just(Some(100)), Just(Some(3))];
    (quantity(), price(), base).prop_map(|(quantity, unit_price, base)| OrderLine {
        quantity,
        unit_price,
        price_base_quantity: base.map(Decimal::from),
        ..OrderLine::default()
    })
}

/// A line that few values tell from others: several may stand for each other.
fn similar_order_line() -> impl Strategy<Value = OrderLine> {
    let item = prop::option::of(prop::sample::select(vec!["A", "B"]));
    let values = (1i64..20, 1i64..3, item, prop::sample::select(&NAMES[..]));
    (order_line(), values).prop_map(|(line, (quantity, price, item, name))| OrderLine {
        quantity: quantity.into(),
        unit_price: price.into(),
        price_base_quantity: None,
        buyer_item_id: item.map(str::to_owned),
        description: Some(name.to_owned()),
        ..line
    })
}

fn billed(line: &OrderLine, quantity: Decimal) -> InvoiceLine {
    let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
    InvoiceLine {
        quantity: Some(quantity),
        price: Some(line.unit_price),
        price_base_quantity: line.price_base_quantity,
        net: Some(decimal::round(quantity * line.unit_price / base, 2)),
        name: line.description.clone(),
        buyer_item_id: line.buyer_item_id.clone(),
        ..InvoiceLine::default()
    }
}

fn receipt(place: usize, order: &str, line: &str, received: Decimal) -> Receipt {
    Receipt {
        kind: ReceiptKind::Receipt,
        number: format!("G{place}"),
        revision: 1,
        purchase_order: order.to_owned(),
        date: None,
        lines: vec![ReceiptLine {
            id: "1".to_owned(),
            order_line: line.to_owned(),
            received,
            ..ReceiptLine::default()
        }],
    }
}

fn invoice(mut lines: Vec<InvoiceLine>) -> Invoice {
    for (place, line) in lines.iter_mut().enumerate() {
        line.id = (place + 1).to_string();
    }
    Invoice {
        currency: Some("EUR".to_owned()),
        order_reference: Some("P1".to_owned()),
        lines,
        ..Invoice::default()
    }
}

/// One order, billed in full in up to three parts a line, received in full.
pub(super) fn exact() -> impl Strategy<Value = Case> {
    let line = (order_line(), 0u8..=100, 0u8..=100, 0u8..2);
    prop::collection::vec(line, 1..8).prop_map(|lines| {
        let (mut ordered, mut invoiced, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (mut line, first, second, naming)) in lines.into_iter().enumerate() {
            line.id = (place + 1).to_string();
            line.buyer_item_id = Some(format!("item {place}"));
            let first = line.quantity * Decimal::new(first.into(), 2);
            let second = (line.quantity - first) * Decimal::new(second.into(), 2);
            let parts = [first, second, line.quantity - first - second];
            for part in parts.into_iter().filter(|part| !part.is_zero()) {
                let mut billed = billed(&line, part);
                if naming == 0 {
                    billed.order_line_reference = Some(line.id.clone());
                }
                invoiced.push(billed);
            }
            receipts.push(receipt(place, "P1", &line.id, line.quantity));
            ordered.push(line);
        }
        let mut invoice = invoice(invoiced);
        let nets = invoice.lines.iter().filter_map(|line| line.net);
        invoice.totals.lines = Some(nets.sum());
        Case { invoice, purchase_orders: vec![order("P1", ordered)], receipts, ..Case::default() }
    })
}

/// How one invoice line strays from the order line it is made from.
type Strayed = (prop::sample::Index, i64, i64, u8);

/// Two orders of similar lines and an invoice that strays from them.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let lines = || prop::collection::vec(similar_order_line(), 1..6);
    let strayed = (any::<prop::sample::Index>(), -2i64..20, 0i64..3, 0u8..6);
    let strayed = prop::collection::vec(strayed, 0..8);
    let came = prop::collection::vec((any::<prop::sample::Index>(), -3i64..20), 0..8);
    let before = prop::collection::vec((any::<prop::sample::Index>(), 0i64..9), 0..4);
    let policy = (any::<bool>(), 0i64..20, prop::option::of(0i64..20));
    (lines(), lines(), strayed, came, before, policy).prop_map(
        |(first, second, strayed, came, before, (three_way, upper, lower))| {
            let orders = vec![order("P1", numbered(first)), order("P2", numbered(second))];
            let places: Vec<(&str, &OrderLine)> = orders
                .iter()
                .flat_map(|order| order.lines.iter().map(|line| (order.number.as_str(), line)))
                .collect();
            let lines = strayed.iter().map(|strayed| stray(&places, strayed)).collect();
            let receipts = came.iter().enumerate().map(|(place, (at, received))| {
                let (order, line) = at.get(&places);
                receipt(place, order, &line.id, (*received).into())
            });
            let billed_before = before.iter().map(|(at, quantity)| {
                let (po, line) = at.get(&places);
                BilledBefore {
                    po: (*po).to_owned(),
                    po_line: line.id.clone(),
                    quantity: (*quantity).into(),
                    ..BilledBefore::default()
                }
            });
            let mut policy = Policy::default();
            if three_way {
                policy.match_level = MatchLevel::ThreeWay.into();
            }
            for tolerance in policy.tolerances.values_mut() {
                tolerance.upper = percent(Some(upper));
                tolerance.lower = percent(lower);
            }
            Case {
                invoice: invoice(lines),
                receipts: receipts.collect(),
                billed_before: billed_before.collect(),
                policy,
                purchase_orders: orders,
                ..Case::default()
            }
        },
    )
}

fn percent(percent: Option<i64>) -> Limit {
    Limit { percent: percent.map(Decimal::from), amount: None }
}

fn numbered(mut lines: Vec<OrderLine>) -> Vec<OrderLine> {
    for (place, line) in lines.iter_mut().enumerate() {
        line.id = ((place + 1) * 10).to_string();
    }
    lines
}

fn stray(places: &[(&str, &OrderLine)], (at, quantity, dearer, naming): &Strayed) -> InvoiceLine {
    let (number, line) = at.get(places);
    let mut billed = billed(line, (*quantity).into());
    billed.net = billed.net.map(|net| net + Decimal::from(*dearer));
    billed.order_reference = (naming % 2 == 0).then(|| (*number).to_owned());
    billed.order_line_reference = (naming % 3 == 0).then(|| line.id.clone());
    if *naming == 4 {
        billed.buyer_item_id = None;
    }
    billed
}

/// A case, and the same with its lines, orders and receipts in another order.
pub(super) fn shuffled() -> impl Strategy<Value = (Case, Case)> {
    case().prop_flat_map(|case| {
        let lines = Just(case.invoice.lines.clone()).prop_shuffle();
        let orders = Just(case.purchase_orders.clone()).prop_shuffle();
        let first = Just(case.purchase_orders[0].lines.clone()).prop_shuffle();
        let receipts = Just(case.receipts.clone()).prop_shuffle();
        (Just(case), lines, orders, first, receipts).prop_map(
            |(case, lines, mut purchase_orders, first, receipts)| {
                let mut shuffled = case.clone();
                for order in &mut purchase_orders {
                    if order.number == "P1" {
                        order.lines.clone_from(&first);
                    }
                }
                shuffled.invoice.lines = lines;
                shuffled.purchase_orders = purchase_orders;
                shuffled.receipts = receipts;
                (case, shuffled)
            },
        )
    })
}

/// Each receipt as two, of this share and of the rest.
pub(super) fn split_receipts(mut case: Case, share: Decimal) -> Case {
    let halves = case.receipts.into_iter().flat_map(|receipt| {
        let (mut one, mut other) = (receipt.clone(), receipt);
        other.number.push_str(" (rest)");
        for (one, other) in one.lines.iter_mut().zip(&mut other.lines) {
            one.received *= share;
            other.received -= one.received;
        }
        [one, other]
    });
    case.receipts = halves.collect();
    case
}
