use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{AllowanceCharge, Invoice, InvoiceLine, TaxSubtotal, Totals};
use crate::validation::arithmetic::judge;

fn dec(text: &str) -> Decimal {
    decimal::parse(text).expect("a decimal")
}

fn some(text: &str) -> Option<Decimal> {
    Some(dec(text))
}

fn side(charge: bool, amount: &str) -> AllowanceCharge {
    AllowanceCharge { charge, amount: dec(amount), ..AllowanceCharge::default() }
}

fn line(quantity: &str, price: &str, base: Option<&str>, net: &str) -> InvoiceLine {
    InvoiceLine {
        id: "1".to_owned(),
        quantity: some(quantity),
        price: some(price),
        price_base_quantity: base.map(dec),
        net: some(net),
        ..InvoiceLine::default()
    }
}

/// Two lines of 100, 10 off, 5 on top, 19 %, 20 paid.
fn sound() -> Invoice {
    Invoice {
        currency: Some("EUR".to_owned()),
        allowances_and_charges: vec![side(false, "10"), side(true, "5")],
        totals: Totals {
            lines: some("200.00"),
            allowances: some("10"),
            charges: some("5"),
            net: some("195"),
            tax: some("37.05"),
            gross: some("232.05"),
            paid: some("20"),
            rounding: some("-0.05"),
            payable: some("212.00"),
            ..Totals::default()
        },
        tax: vec![TaxSubtotal {
            base: some("195"),
            tax: some("37.05"),
            rate: some("19"),
            ..TaxSubtotal::default()
        }],
        lines: vec![line("10", "10", None, "100"), line("3", "100", Some("3"), "100.00")],
        ..Invoice::default()
    }
}

fn codes(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

#[test]
fn a_sound_invoice_adds_up() {
    assert_eq!(judge(&sound(), &[]), []);
    assert_eq!(judge(&Invoice::default(), &[]), []);
}

#[test]
fn each_amount_that_is_a_cent_off_is_found_with_both_values() {
    type Spoil = fn(&mut Invoice) -> &mut Option<Decimal>;
    let cases: [(Spoil, &[&str]); 8] = [
        (|i| &mut i.lines[0].net, &["ARITHMETIC_LINE_NET", "ARITHMETIC_LINES_TOTAL"]),
        (|i| &mut i.totals.lines, &["ARITHMETIC_LINES_TOTAL", "ARITHMETIC_NET_TOTAL"]),
        (|i| &mut i.totals.allowances, &["ARITHMETIC_ALLOWANCES_TOTAL", "ARITHMETIC_NET_TOTAL"]),
        (|i| &mut i.totals.charges, &["ARITHMETIC_CHARGES_TOTAL", "ARITHMETIC_NET_TOTAL"]),
        (|i| &mut i.totals.net, &["ARITHMETIC_NET_TOTAL", "ARITHMETIC_GROSS_TOTAL"]),
        (|i| &mut i.tax[0].tax, &["ARITHMETIC_TAX_SUBTOTAL", "ARITHMETIC_TAX_TOTAL"]),
        (|i| &mut i.totals.gross, &["ARITHMETIC_GROSS_TOTAL", "ARITHMETIC_PAYABLE"]),
        (|i| &mut i.totals.payable, &["ARITHMETIC_PAYABLE"]),
    ];
    for (amount, expected) in cases {
        let mut invoice = sound();
        let amount = amount(&mut invoice);
        *amount = amount.map(|amount| amount + dec("0.01"));
        let found = judge(&invoice, &[]);
        assert_eq!(codes(&found), expected);
        for found in found {
            assert_eq!(found.severity, Severity::Warning);
            assert!(found.actual != found.expected && found.place.is_some());
        }
    }
}

#[test]
fn rounding_is_half_away_from_zero_at_the_minor_unit_of_the_currency() {
    for (currency, quantity, price, net) in [
        ("EUR", "1", "1.005", "1.01"),
        ("EUR", "-1", "1.005", "-1.01"),
        ("EUR", "3", "0.335", "1.01"),
        ("JPY", "3", "0.5", "2"),
        ("KWD", "1", "1.0005", "1.001"),
        ("???", "1", "1.005", "1.01"),
    ] {
        let invoice = Invoice {
            currency: Some(currency.to_owned()),
            lines: vec![line(quantity, price, None, net)],
            ..Invoice::default()
        };
        assert_eq!(judge(&invoice, &[]), [], "{currency} {quantity} × {price}");
    }
}

#[test]
fn allowances_of_the_line_count_and_a_base_of_zero_is_not_divided_by() {
    let mut with_sides = line("2", "50", None, "97");
    with_sides.allowances_and_charges = vec![side(false, "5"), side(true, "2")];
    let lines = vec![with_sides, line("2", "50", Some("0"), "1"), line("2", "50", Some("-1"), "1")];
    let invoice = Invoice { lines, ..Invoice::default() };
    assert_eq!(judge(&invoice, &[]), []);
}

#[test]
fn what_an_official_rule_said_is_not_said_twice() {
    let mut invoice = sound();
    invoice.totals.payable = some("1");
    let mut known = judge(&invoice, &[]);
    known[0].code = "BR-CO-16".to_owned();
    assert_eq!(judge(&invoice, &known), []);
}

#[test]
fn numbers_too_large_to_compute_with_are_fatal() {
    let nines = "9".repeat(27);
    let invoice = Invoice { lines: vec![line(&nines, &nines, None, "1")], ..Invoice::default() };
    let found = judge(&invoice, &[]);
    assert_eq!(codes(&found), ["ENGINE_ERROR"]);
    assert_eq!(found[0].severity, Severity::Fatal);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// An invoice that is computed by the formulas has no findings.
    #[test]
    fn computed_invoices_add_up(
        goods in proptest::collection::vec((any::<i32>(), 1..100_000_i64, 1..1_000_i64), 1..20),
        rate in 0..30_i64,
        paid in any::<i32>(),
    ) {
        let lines: Vec<_> = goods.iter().map(|(quantity, price, base)| {
            let (quantity, price) = (Decimal::new(i64::from(*quantity), 3), Decimal::new(*price, 4));
            let base = Decimal::from(*base);
            let net = decimal::round(quantity * price / base, 2);
            InvoiceLine {
                quantity: Some(quantity),
                price: Some(price),
                price_base_quantity: Some(base),
                net: Some(net),
                ..InvoiceLine::default()
            }
        }).collect();
        let net: Decimal = lines.iter().filter_map(|line| line.net).sum();
        let rate = Decimal::from(rate);
        let tax = decimal::round(net * rate / Decimal::ONE_HUNDRED, 2);
        let paid = Decimal::new(i64::from(paid), 2);
        let invoice = Invoice {
            currency: Some("EUR".to_owned()),
            totals: Totals {
                lines: Some(net),
                net: Some(net),
                tax: Some(tax),
                gross: Some(net + tax),
                paid: Some(paid),
                payable: Some(net + tax - paid),
                ..Totals::default()
            },
            tax: vec![TaxSubtotal {
                base: Some(net), tax: Some(tax), rate: Some(rate), ..TaxSubtotal::default()
            }],
            lines,
            ..Invoice::default()
        };
        prop_assert_eq!(judge(&invoice, &[]), []);
    }
}
