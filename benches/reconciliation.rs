//! What comparing an invoice with its orders costs: `cargo bench --bench reconciliation`.
//!
//! All cases are made here: every line has quantity, price and net of its own, and some of them
//! stray from the order.

use std::hint::black_box;

use ap_gateway::models::case::Case;
use ap_gateway::models::decimal;
use ap_gateway::models::invoice::{Invoice, InvoiceLine};
use ap_gateway::models::money::Currency;
use ap_gateway::models::order::{LINES_MAX, OrderLine, PurchaseOrder};
use ap_gateway::models::policy::{LimitRule, Policy};
use ap_gateway::models::verdict::CheckVerdict;
use ap_gateway::reconciliation::{reconcile, verdicts};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::Decimal;

/// Lines that name their order lines: the time of an element is that of a line with all its
/// comparisons, without words.
fn named(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compare a line with its order line");
    group.sample_size(10);
    for lines in [10_000, 100_000, 1_000_000] {
        let case = many_lines(lines);
        group.throughput(Throughput::Elements(lines as u64));
        group.bench_with_input(BenchmarkId::from_parameter(lines), &case, |bencher, case| {
            bencher.iter(|| black_box(failing(case)));
        });
    }
    group.finish();
}

/// Lines under a policy that has a rule for each of many items, suppliers and order lines.
fn ruled(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compare lines under many rules");
    group.sample_size(10);
    for (rules, lines) in [(10, 100_000), (1_000, 100_000), (10_000, 100_000)] {
        let case = many_rules(rules, lines);
        group.throughput(Throughput::Elements(lines as u64));
        let id = BenchmarkId::from_parameter(format!("{rules} rules x {lines} lines"));
        group.bench_with_input(id, &case, |bencher, case| {
            bencher.iter(|| black_box(failing(case)));
        });
    }
    group.finish();
}

/// A third of the rules is for an item, a third for an order line, a third for other suppliers.
fn many_rules(rules: usize, lines: usize) -> Case {
    let mut case = many_lines(lines);
    let items = 1.max(rules / 3);
    for order in &mut case.purchase_orders {
        for (place, line) in order.lines.iter_mut().enumerate() {
            line.buyer_item_id = Some(format!("ITEM-{}", place % items));
        }
    }
    let tolerances = Policy::default().tolerances;
    case.policy.tolerance_rules = (0..rules)
        .map(|rule| LimitRule {
            vendor: (rule % 3 == 2).then(|| format!("DE{rule}")),
            item: (rule % 3 == 0).then(|| format!("ITEM-{}", rule / 3)),
            po: (rule % 3 == 1).then(|| "PO-0".to_owned()),
            po_line: (rule % 3 == 1).then(|| rule.to_string()),
            tolerances: tolerances.clone(),
        })
        .collect();
    case
}

/// The comparisons that end in a hold.
fn failing(case: &Case) -> usize {
    let mut failing = 0;
    verdicts(case, |_, verdict| failing += usize::from(verdict == CheckVerdict::Fail));
    failing
}

/// As many order lines as invoice lines, in orders of the longest length that is accepted.
fn many_lines(lines: usize) -> Case {
    let orders = (0..lines).step_by(LINES_MAX).enumerate();
    let purchase_orders = orders.map(|(order, first)| {
        let places = first..lines.min(first + LINES_MAX);
        order_of(&format!("PO-{order}"), places.map(order_line).collect())
    });
    let invoiced = (0..lines).map(|place| InvoiceLine {
        order_reference: Some(format!("PO-{}", place / LINES_MAX)),
        order_line_reference: Some(place.to_string()),
        ..invoice_line(place)
    });
    let lines = invoiced.collect();
    let currency = Some("EUR".to_owned());
    Case {
        invoice: Invoice { currency, lines, ..Invoice::default() },
        purchase_orders: purchase_orders.collect(),
        ..Case::default()
    }
}

/// Lines that name nothing and stand in another order than ordered: they are found by price,
/// quantity and name. The whole result, with its words.
fn unlabelled(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reconcile shuffled lines without references");
    for lines in [100, 800] {
        let case = shuffled(lines);
        group.throughput(Throughput::Elements(lines as u64));
        group.bench_with_input(BenchmarkId::from_parameter(lines), &case, |bencher, case| {
            bencher.iter(|| black_box(reconcile(case)));
        });
    }
    group.finish();
}

/// The worst that is accepted: every line could be every order line, and long names that share most
/// of their characters have to tell them apart.
fn alike(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reconcile lines of one price");
    group.sample_size(10);
    group.bench_function("800", |bencher| {
        let mut case = shuffled(800);
        let screw = "stainless hexagon socket head cap screw ".repeat(2);
        let named = |name: &mut Option<String>| *name = name.take().map(|own| screw.clone() + &own);
        for line in &mut case.invoice.lines {
            (line.quantity, line.price) = (Some(Decimal::ONE), Some(Decimal::ONE));
            line.net = Some(Decimal::ONE);
            named(&mut line.name);
        }
        for line in &mut case.purchase_orders[0].lines {
            (line.quantity, line.unit_price) = (Decimal::ONE, Decimal::ONE);
            named(&mut line.description);
        }
        bencher.iter(|| black_box(reconcile(&case)));
    });
    group.finish();
}

fn shuffled(lines: usize) -> Case {
    // Steps of a prime that does not divide the count visit each place once.
    const STEP: usize = 619;
    let places = (0..lines).map(|step| step * STEP % lines);
    let invoiced = places
        .enumerate()
        .map(|(line, place)| InvoiceLine { id: (line + 1).to_string(), ..plain_line(place) });
    Case {
        invoice: Invoice {
            currency: Some("EUR".to_owned()),
            order_reference: Some("PO-1".to_owned()),
            lines: invoiced.collect(),
            ..Invoice::default()
        },
        purchase_orders: vec![order_of("PO-1", (0..lines).map(order_line).collect())],
        ..Case::default()
    }
}

fn order_of(number: &str, lines: Vec<OrderLine>) -> PurchaseOrder {
    let currency = Currency::parse("EUR").expect("a currency");
    PurchaseOrder { lines, ..PurchaseOrder::new(number.to_owned(), currency) }
}

/// Few prices, so that many names have to be compared.
fn price(place: usize) -> Decimal {
    Decimal::new(1_25 + place as i64 % 7, 2)
}

fn quantity(place: usize) -> Decimal {
    Decimal::from(1 + place % 48)
}

fn name(place: usize) -> String {
    let things = ["Hex bolt", "Washer", "Cable gland", "Pipe clamp", "Bearing"];
    format!("{} {:x} DIN {}", things[place % things.len()], place * 7_919, 900 + place % 89)
}

fn order_line(place: usize) -> OrderLine {
    OrderLine {
        id: place.to_string(),
        quantity: quantity(place),
        unit: Some("C62".to_owned()),
        unit_price: price(place),
        description: Some(name(place)),
        ..OrderLine::default()
    }
}

fn plain_line(place: usize) -> InvoiceLine {
    let (quantity, price) = (quantity(place), price(place));
    InvoiceLine {
        id: place.to_string(),
        quantity: Some(quantity),
        unit: Some("C62".to_owned()),
        price: Some(price),
        net: Some(decimal::round(quantity * price, 2)),
        name: Some(name(place)),
        ..InvoiceLine::default()
    }
}

/// One in 50 asks for a piece too many, one in 70 for a higher price.
fn invoice_line(place: usize) -> InvoiceLine {
    let mut line = plain_line(place);
    if place.is_multiple_of(50) {
        line.quantity = line.quantity.map(|quantity| quantity + Decimal::ONE);
    }
    if place.is_multiple_of(70) {
        line.price = line.price.map(|price| price + Decimal::new(5, 2));
    }
    let product = line.quantity.zip(line.price);
    line.net = product.map(|(quantity, price)| decimal::round(quantity * price, 2));
    line
}

criterion_group!(benches, named, ruled, unlabelled, alike);
criterion_main!(benches);
