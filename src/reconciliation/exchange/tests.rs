use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::rate::Rate;
use crate::reconciliation::exchange::{Rates, TaxConverted, convert, rate_missing};
use crate::reconciliation::units::fraction::Fraction;

fn decimal(text: &str) -> Decimal {
    decimal::parse(text).expect("a decimal")
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("a currency")
}

fn rates(rates: &[(&str, &str, &str)]) -> Rates {
    let rate = |&(from, to, rate): &(&str, &str, &str)| Rate {
        from: currency(from),
        to: currency(to),
        rate: decimal(rate),
    };
    Rates::new(&rates.iter().map(rate).collect::<Vec<_>>())
}

fn shown(rates: &Rates, from: &str, to: &str) -> String {
    let rate = rates.rate(currency(from), currency(to)).and_then(|rate| rate.round(6));
    rate.map_or("none".to_owned(), decimal::plain)
}

#[test]
fn only_allowed_ways_are_walked() {
    let file = rates(&[
        ("USD", "EUR", "0.92"),
        ("EUR", "JPY", "163.85"),
        ("EUR", "USD", "1.05"),
        ("GBP", "EUR", "1.2"),
        ("CHF", "EUR", "1.06"),
        ("CHF", "EUR", "1.07"),
        ("CHF", "JPY", "170"),
        ("SEK", "EUR", "0"),
        ("NOK", "EUR", "-1"),
    ]);
    let through = file.clone().through(currency("EUR"));
    let inverse = through.clone().with_inverse();
    for (from, to, stored, legs, either) in [
        ("EUR", "EUR", "1", "1", "1"),
        ("USD", "EUR", "0.92", "0.92", "0.92"),
        ("EUR", "USD", "1.05", "1.05", "1.05"),
        ("USD", "JPY", "none", "150.742", "150.742"),
        ("JPY", "EUR", "none", "none", "0.006103"),
        ("EUR", "GBP", "none", "none", "0.833333"),
        ("GBP", "USD", "none", "1.26", "1.26"),
        ("USD", "GBP", "none", "none", "0.766667"),
        ("JPY", "GBP", "none", "none", "0.005086"),
        // Two rates for one direction: nobody may choose, and nobody goes round it.
        ("CHF", "EUR", "none", "none", "none"),
        ("CHF", "USD", "none", "none", "none"),
        ("SEK", "EUR", "none", "none", "none"),
        ("NOK", "EUR", "none", "none", "none"),
        ("EUR", "PLN", "none", "none", "none"),
    ] {
        let found = [&file, &through, &inverse].map(|rates| shown(rates, from, to));
        assert_eq!(found, [stored, legs, either], "{from} to {to}");
    }
}

#[test]
fn amounts_are_rounded_once_to_the_minor_unit_that_comes_out() {
    for (amount, rate, to, expected) in [
        ("1000.00", "1.005", "USD", "1005.00"),
        ("12.50", "0.9002", "EUR", "11.25"),
        ("-12.50", "0.9002", "EUR", "-11.25"),
        ("99.99", "163.85", "JPY", "16383"),
        ("10.00", "0.3333", "KWD", "3.333"),
        ("0.01", "0.5", "EUR", "0.01"),
        ("-0.01", "0.5", "EUR", "-0.01"),
        ("0.01", "0.49", "EUR", "0.00"),
    ] {
        let converted = convert(decimal(amount), Fraction::of(decimal(rate)), currency(to));
        let converted = converted.map(|amount| amount.to_string());
        assert_eq!(converted.as_deref(), Some(expected), "{amount} at {rate} in {to}");
    }
    let most = decimal("9999999999999999999999999999");
    assert_eq!(convert(most, Fraction::of(most), currency("EUR")), None);
}

#[test]
fn two_legs_are_rounded_once() {
    let rates = rates(&[("USD", "EUR", "0.5"), ("EUR", "GBP", "0.5")]).through(currency("EUR"));
    let converted = rates.convert(decimal("0.01"), currency("USD"), currency("GBP"));
    assert_eq!(converted, Some(decimal("0.00")));
}

#[test]
fn tax_in_another_currency_may_differ_by_one_minor_unit_for_each_rate() {
    for (tax, rate, stated, to, tax_rates, agrees) in [
        ("190.00", "0.92", "174.80", "EUR", 1, true),
        ("190.00", "0.92", "174.81", "EUR", 1, true),
        ("190.00", "0.92", "174.79", "EUR", 1, true),
        ("190.00", "0.92", "174.82", "EUR", 1, false),
        ("190.00", "0.92", "174.82", "EUR", 2, true),
        ("190.00", "0.92", "174.82", "EUR", 0, false),
        ("-190.00", "0.92", "-174.82", "EUR", 1, false),
        ("10.00", "163.85", "1639", "JPY", 1, true),
        ("10.00", "163.85", "1640", "JPY", 1, false),
    ] {
        let rate = Fraction::of(decimal(rate));
        let checked =
            TaxConverted::new(decimal(tax), rate, decimal(stated), currency(to), tax_rates);
        assert_eq!(checked.map(|tax| tax.agrees()), Some(agrees), "{tax} {stated} {tax_rates}");
    }
}

#[test]
fn a_missing_rate_says_what_to_record() {
    let text = rate_missing("USD", "EUR");
    assert!(text.starts_with("no exchange rate from USD to EUR is on file"), "{text}");
    assert!(text.ends_with("; releases when the rate USD to EUR is recorded"), "{text}");
}

proptest! {
    #[test]
    fn an_inverse_leads_back(rate in 1_i64..10_000_000, scale in 0_u32..6) {
        let rate = Decimal::new(rate, scale).to_string();
        let rates = rates(&[("USD", "EUR", &rate)]).with_inverse();
        let there = rates.rate(currency("USD"), currency("EUR")).expect("stored");
        let back = rates.rate(currency("EUR"), currency("USD")).expect("allowed");
        prop_assert_eq!(there.checked_mul(back), Some(Fraction::ONE));
    }
}

#[test]
fn an_amount_is_converted_at_the_rate_that_is_found() {
    let rates = rates(&[("USD", "EUR", "0.92"), ("EUR", "JPY", "163.85")]).through(currency("EUR"));
    for (amount, from, to, converted) in [
        ("10.00", "USD", "EUR", Some("9.20")),
        ("0.05", "USD", "EUR", Some("0.05")),
        ("10.00", "USD", "JPY", Some("1507")),
        ("10.00", "EUR", "USD", None),
    ] {
        let found = rates.convert(decimal(amount), currency(from), currency(to));
        assert_eq!(found.map(|found| found.to_string()).as_deref(), converted, "{amount} {from}");
    }
}
