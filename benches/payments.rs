//! What settling a day of payments costs: `cargo bench --bench payments`.
//!
//! A statement of 10,000 lines against 50,000 open invoices (the handbook's bound: 3 s), and
//! smaller ones of the same make, to see that it grows no faster. `docs/payments.md` has the
//! figures with their date.

use std::hint::black_box;

use ap_gateway::models::money::Currency;
use ap_gateway::models::payment::{
    Direction, Discount, ItemKind, OpenItem, PaymentCase, PaymentPolicy, PaymentVerdict,
    Transaction,
};
use ap_gateway::reconciliation::payments::settle;
use chrono::NaiveDate;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::Decimal;

/// Invoices of one supplier; every hundredth supplier has fifty times as many.
const OF_SUPPLIER: usize = 10;

fn day(after: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a day");
    first + chrono::TimeDelta::days(i64::try_from(after % 28).expect("few"))
}

fn euro() -> Currency {
    Currency::parse("EUR").expect("a currency")
}

/// Amounts between 10.00 and 5,000.00, unlike each other, and the same in each run.
fn cents(at: usize) -> Decimal {
    let mixed = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    Decimal::new(i64::try_from(mixed % 499_000).expect("small") + 1_000, 2)
}

fn supplier(at: usize, items: usize) -> usize {
    // A tenth of all invoices are those of a few large suppliers.
    if at.is_multiple_of(10) { at / 10 % (items / 5_000).max(1) } else { 100 + at / OF_SUPPLIER }
}

fn item(at: usize, items: usize) -> OpenItem {
    let supplier = supplier(at, items);
    OpenItem {
        id: format!("I{at}"),
        kind: if at % 50 == 7 { ItemKind::CreditNote } else { ItemKind::Invoice },
        number: Some(format!("RE-2026-{at:06}")),
        supplier: Some(format!("V{supplier}")),
        supplier_name: Some(format!("Supplier {supplier} of machines and spare parts GmbH")),
        amount: cents(at),
        currency: euro(),
        date: Some(day(at)),
        due: Some(day(at) + chrono::TimeDelta::days(30)),
        references: vec![format!("RF{at:020}")],
        end_to_end_ids: vec![format!("PAY-{at}")],
        verified_ibans: vec![format!("DE{supplier:020}")],
        discount: at.is_multiple_of(3).then(|| Discount {
            percent: Decimal::TWO,
            until: day(at) + chrono::TimeDelta::days(14),
        }),
        pay_hold: false,
        booked: None,
    }
}

/// Of ten payments four name a number, two a reference, one our order, one names two invoices,
/// and two name nothing: one of one invoice, one of three.
fn payment(at: usize, items: &[OpenItem]) -> Transaction {
    let paid = &items[at * 5 % items.len()];
    let mut made = Transaction::of(&format!("T{at:06}"), Direction::Out, paid.amount, Some(euro()));
    made.date = Some(day(at + 20));
    made.counterparty_iban = paid.verified_ibans.first().cloned();
    made.counterparty_name = paid.supplier_name.clone();
    let theirs = || {
        let after = items.iter().skip(at * 5 % items.len()).take(100);
        after.filter(|item| item.supplier == paid.supplier && item.kind == paid.kind)
    };
    match at % 10 {
        0..=3 => made.text = format!("Rechnung {} vom {} danke", paid.called(), day(at)),
        4 | 5 => made.references = paid.references.clone(),
        6 => made.end_to_end_id = paid.end_to_end_ids.first().cloned(),
        7 => {
            let two: Vec<&OpenItem> = theirs().take(2).collect();
            made.amount = two.iter().map(|item| item.amount).sum();
            let numbers: Vec<&str> = two.iter().map(|item| item.called()).collect();
            made.text = numbers.join(" ");
        }
        8 => made.amount = theirs().take(3).map(|item| item.amount).sum(),
        _ => made.text = "Zahlung laut Vereinbarung".to_owned(),
    }
    made
}

fn case(items: usize, payments: usize) -> PaymentCase {
    let open_items: Vec<OpenItem> = (0..items).map(|at| item(at, items)).collect();
    let transactions = (0..payments).map(|at| payment(at, &open_items)).collect();
    let limit = |cents: i64| Some(Decimal::new(cents, 2));
    PaymentCase {
        open_items,
        transactions,
        policy: PaymentPolicy {
            fee_limit: limit(500),
            write_off_limit: limit(100),
            auto_write_off: limit(50),
            discount_grace_days: 3,
            ..PaymentPolicy::default()
        },
        ..PaymentCase::default()
    }
}

fn statements(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("settle a statement");
    group.sample_size(10);
    for (items, payments) in [(500, 100), (5_000, 1_000), (50_000, 10_000)] {
        let case = case(items, payments);
        let made = settle(&case).decisions;
        let automatic = made.iter().filter(|one| one.verdict == PaymentVerdict::Automatic).count();
        // Seven of ten name what they pay: fewer would mean that the case is not what it says.
        let share = automatic * 10 / payments;
        assert!((6..=8).contains(&share), "{automatic} of {payments} are automatic");
        group.throughput(Throughput::Elements(payments as u64));
        let name = format!("{payments} lines, {items} open");
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(settle(&case)));
        });
    }
    group.finish();
}

/// What is open of one supplier, and no payment of which any set is the sum: the search goes to
/// its limit each time.
fn sums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a payment that names nothing");
    for open in [10, 20, 40] {
        let mut case = case(open, 1);
        for (at, item) in (0_i64..).zip(&mut case.open_items) {
            item.supplier = Some("V".to_owned());
            item.kind = ItemKind::Invoice;
            item.verified_ibans = vec!["DE1".to_owned()];
            let unlike = (at + 1).pow(3) * 7_919_003 % 999_999_999_989;
            item.amount = Decimal::new(unlike + 100_000_000_000, 2);
        }
        let all: Decimal = case.open_items.iter().map(|item| item.amount).sum();
        let one = &mut case.transactions[0];
        one.counterparty_iban = Some("DE1".to_owned());
        one.amount = (all / Decimal::TWO).trunc() + Decimal::new(1, 2);
        one.text = String::new();
        group.bench_function(BenchmarkId::from_parameter(open), |bencher| {
            bencher.iter(|| black_box(settle(&case)));
        });
    }
    group.finish();
}

criterion_group!(benches, statements, sums);
criterion_main!(benches);
