//! Prices at their edges: rounding, lines that give back, other units and bases, credits of prices.

use ap_gateway::models::verdict::{Check, CheckCode, CheckVerdict, HoldCode, HoldSeverity};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::{nothing_more, with};
use crate::reconciliation::sample::{check, codes};

fn of_line(code: CheckCode, line: &str, changes: &[(&str, &str)]) -> Check {
    check(&reconcile(&with(changes)), code, Some(line)).clone()
}

/// Two at 24.1275 are 48.255: less than half a cent off is rounding, and so is 48.26.
#[test]
fn half_a_minor_unit_is_a_variance_unless_it_is_rounded_as_agreed() {
    for (net, verdict) in [
        ("48.26", CheckVerdict::Pass),
        ("48.25", CheckVerdict::Fail),
        ("48.2501", CheckVerdict::Pass),
        ("48.2599", CheckVerdict::Pass),
        ("48.27", CheckVerdict::Fail),
    ] {
        let found = of_line(
            CheckCode::LineNet,
            "2",
            &[
                (
                    "policy/tolerances/LINE_NET",
                    r#"{"upper":{"amount":"0"},"lower":{"amount":"0"}}"#,
                ),
                ("purchase_orders/0/lines/1/unit_price", r#""24.1275""#),
                ("invoice/lines/1/net", &format!("{net:?}")),
            ],
        );
        assert_eq!(found.verdict, verdict, "{net}: {}", found.text);
    }
}

#[test]
fn a_line_that_gives_back_has_the_price_of_one_and_less_of_it_is_worse() {
    for (net, price, variance, verdict) in
        [("-96.50", "48.25", "0", CheckVerdict::Pass), ("-80.00", "40", "8.25", CheckVerdict::Fail)]
    {
        let found = of_line(
            CheckCode::UnitPrice,
            "2",
            &[
                ("invoice/lines/1/quantity", r#""-2""#),
                ("invoice/lines/1/net", &format!("{net:?}")),
            ],
        );
        let numbers = [&found.actual, &found.expected, &found.variance].map(Option::as_deref);
        assert_eq!(numbers, [Some(price), Some("48.25"), Some(variance)]);
        assert_eq!(found.verdict, verdict);
    }
}

/// A dozen is ordered at 48.25, and twelve pieces are billed at 48.25 for twelve.
#[test]
fn the_base_of_a_price_is_told_in_the_unit_of_the_order() {
    let changes = [
        ("purchase_orders/0/lines/1/unit", r#""DZN""#),
        ("purchase_orders/0/lines/1/quantity", r#""1""#),
        ("receipts/1/lines/0/received", r#""1""#),
        ("invoice/lines/1/unit", r#""C62""#),
        ("invoice/lines/1/quantity", r#""12""#),
        ("invoice/lines/1/price_base_quantity", r#""12""#),
        ("invoice/lines/1/net", r#""48.25""#),
        ("invoice/totals/lines", r#""173.25""#),
        nothing_more!("PRICE_BASE"),
    ];
    assert_eq!(codes(&reconcile(&with(&changes))), []);
    let found = of_line(CheckCode::PriceBase, "2", &changes);
    assert_eq!([found.actual.as_deref(), found.expected.as_deref()], [Some("1"), Some("1")]);
}

/// A hundred rolls, ordered as so many kilograms at so much for ten of them.
#[test]
fn rolls_by_the_kilogram_are_compared_by_the_money_of_the_line() {
    for (price, ordered, base, net) in [
        ("12.5", "12.5", "10", "157.50"),
        // A third of a cent more than ordered is rounding.
        ("3", "2.9999", "1", "100.00"),
    ] {
        let [price, ordered, base, net] =
            [price, ordered, base, net].map(|text| format!("{text:?}"));
        let found = of_line(
            CheckCode::LineNet,
            "1",
            &[
                ("purchase_orders/0/lines/0/price_quantity", r#""120""#),
                ("purchase_orders/0/lines/0/price_unit", r#""KGM""#),
                ("purchase_orders/0/lines/0/unit_price", &ordered),
                ("purchase_orders/0/lines/0/price_base_quantity", &base),
                ("invoice/lines/0/price_base_unit", r#""KGM""#),
                ("invoice/lines/0/price", &price),
                ("invoice/lines/0/price_base_quantity", &base),
                ("invoice/lines/0/net", &net),
            ],
        );
        assert_eq!(found.verdict, CheckVerdict::Pass, "{}", found.text);
        assert_eq!(found.actual.map(|actual| format!("{actual:?}")), Some(net));
    }
}

#[test]
fn what_has_no_price_of_one_is_an_error_and_never_a_silent_pass() {
    for (line, code, changes) in [
        ("2", CheckCode::ListPrice, &[("invoice/lines/1/price_base_quantity", r#""0""#)][..]),
        (
            "2",
            CheckCode::LineDiscount,
            &[
                ("purchase_orders/0/lines/1/quantity", r#""0""#),
                ("purchase_orders/0/lines/1/discount", r#""5""#),
            ],
        ),
        (
            "1",
            CheckCode::PriceUomRatio,
            &[
                ("purchase_orders/0/lines/0/price_quantity", r#""120""#),
                ("purchase_orders/0/lines/0/price_unit", r#""KGM""#),
                ("invoice/lines/0/price_base_unit", r#""KGM""#),
                ("invoice/lines/0/quantity", r#""0""#),
            ],
        ),
    ] {
        let result = reconcile(&with(changes));
        assert_eq!(check(&result, code, Some(line)).verdict, CheckVerdict::Error, "{code:?}");
        let mut held = result.holds.iter().filter(|hold| hold.code == HoldCode::MatchError);
        assert!(held.any(|hold| hold.line.as_deref() == Some(line)), "{:?}", result.holds);
    }
}

#[test]
fn why_prices_of_another_currency_are_not_compared_is_said() {
    let dollars = ("purchase_orders/0/currency", r#""USD""#);
    let conversion = ("policy/currency_conversion", "true");
    for (changes, text) in [
        (&[dollars][..], "invoice and order are not in the same currency"),
        (&[dollars, conversion], "there is no exchange rate"),
    ] {
        let found = of_line(CheckCode::UnitPrice, "2", changes);
        assert_eq!((found.verdict, found.text.as_str()), (CheckVerdict::NotApplicable, text));
    }
}

/// Two kilograms, ordered at 48.25 each: what credit notes gave back of them.
#[test]
fn only_what_is_worth_more_than_the_goods_that_came_back_lowers_the_price() {
    for (net, quantity, amount, held) in [
        ("96.51", "0", "0", true),
        // One cent off the price is one cent off.
        ("96.51", "0", "0.01", false),
        // Less than the goods were worth leaves the price as it is, and so does more than all.
        ("96.50", "1", "40.00", false),
        ("96.50", "3", "150.00", false),
    ] {
        let credits = format!(r#"[{{"line":"2","quantity":"{quantity}","amount":"{amount}"}}]"#);
        let net = format!("{net:?}");
        let mut result = reconcile(&with(&[
            ("invoice/lines/1/net", &net),
            ("invoice/totals/lines", "null"),
            ("credits", &credits),
        ]));
        result.holds.retain(|hold| hold.severity == HoldSeverity::Stop);
        assert_eq!(!codes(&result).is_empty(), held, "{net} {quantity} {amount}: {result:#?}");
    }
}

#[test]
fn a_credit_of_the_price_lowers_the_list_price_too() {
    let list = |credits: &str| {
        of_line(
            CheckCode::ListPrice,
            "2",
            &[
                nothing_more!("LIST_PRICE"),
                ("invoice/lines/1/price", r#""50.00""#),
                ("invoice/lines/1/net", r#""100.00""#),
                ("credits", credits),
            ],
        )
    };
    let dear = list("[]");
    assert_eq!((dear.actual.as_deref(), dear.verdict), (Some("50"), CheckVerdict::Fail));
    let lowered = list(r#"[{"line":"2","quantity":"0","amount":"3.50"}]"#);
    assert_eq!((lowered.actual.as_deref(), lowered.verdict), (Some("48.25"), CheckVerdict::Pass));
}

#[test]
fn a_category_of_tax_is_the_same_however_it_is_written() {
    for (billed, ordered, verdict) in [
        (r#""S""#, r#""S""#, CheckVerdict::Pass),
        (r#"" s""#, r#""S""#, CheckVerdict::Pass),
        (r#""E""#, r#""S""#, CheckVerdict::Fail),
        // What one side leaves open proves nothing.
        ("null", r#""S""#, CheckVerdict::Pass),
    ] {
        let found = of_line(
            CheckCode::TaxRate,
            "2",
            &[
                ("invoice/lines/1/tax_category", billed),
                ("invoice/lines/1/tax_rate", r#""19""#),
                ("purchase_orders/0/lines/1/tax_category", ordered),
                ("purchase_orders/0/lines/1/tax_rate", r#""19""#),
            ],
        );
        assert_eq!(found.verdict, verdict, "{billed} {ordered}");
    }
}

#[test]
fn a_small_difference_is_one_of_the_amount_due() {
    for (payable, verdict) in [
        ("221.53", CheckVerdict::PassAccepted),
        ("221.55", CheckVerdict::PassAccepted),
        ("221.56", CheckVerdict::Fail),
    ] {
        let result = reconcile(&with(&[
            nothing_more!("TOTAL_PAYABLE"),
            ("policy/small_difference", r#""0.05""#),
            ("invoice/totals/payable", &format!("{payable:?}")),
        ]));
        let found = check(&result, CheckCode::TotalPayable, None);
        assert_eq!(found.verdict, verdict, "{payable}");
        let apart = found.text.contains("small enough to be posted apart");
        assert_eq!(apart, verdict == CheckVerdict::PassAccepted, "{}", found.text);
    }
}
