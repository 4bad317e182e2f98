//! Each hold from the smallest change of a case that matches.

use ap_gateway::models::case::{BilledBefore, Case, Preceding};
use ap_gateway::models::invoice::{AllowanceCharge, InvoiceKind, Party, PrecedingInvoice};
use ap_gateway::models::policy::MatchLevel;
use ap_gateway::models::receipt::ReceiptKind;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::sample::{self, check, codes, number};

fn with(change: impl FnOnce(&mut Case)) -> Case {
    let mut case = sample::case();
    change(&mut case);
    case
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_sample_matches() {
    let result = reconcile(&sample::case());
    assert_eq!((codes(&result), result.outcome), (vec![], Outcome::Matched));
    assert!(result.level.values().all(|&level| level == MatchLevel::ThreeWay));
}

/// A hold, words of its text, and the change that raises it.
type Cause = (HoldCode, &'static str, fn(&mut Case));

const CAUSES: &[Cause] = &[
    (HoldCode::Charge, "(BG-21) OTHER 5000.00, none ordered", |case| {
        let amount = number("5000.00");
        let charge = AllowanceCharge { charge: true, amount, ..AllowanceCharge::default() };
        case.invoice.allowances_and_charges.push(charge);
    }),
    (HoldCode::VendorMismatch, "another supplier", |case| {
        let named = |name: &str| Party { name: text(name), ..Party::default() };
        case.invoice.seller = named("Evil GmbH");
        case.purchase_orders[0].supplier = named("Schrauben Meier AG");
    }),
    (HoldCode::InvalidInvoice, "BR-CO-10, BR-S-08", |case| {
        case.fatal_findings = ["BR-CO-10", "BR-S-08", "BR-CO-10"].map(str::to_owned).into();
    }),
    (HoldCode::DupExact, "inv_7", |case| case.duplicate_of = text("inv_7")),
    (HoldCode::MissingData, "BT-129", |case| case.invoice.lines[1].quantity = None),
    (HoldCode::MissingData, "BT-131", |case| {
        case.invoice.lines[1].net = None;
        case.invoice.lines[1].price = None;
    }),
    (HoldCode::VendorMismatch, "PO-1", |case| {
        case.purchase_orders[0].supplier.vat_id = text("DE222222222");
    }),
    (HoldCode::PoRequired, "BT-13", |case| case.invoice.order_reference = text(" NA ")),
    (HoldCode::PoNotFound, "releases when order PO-2 arrives", |case| {
        case.invoice.order_reference = text("PO-2");
        case.purchase_orders.clear();
    }),
    (HoldCode::PoLineNotFound, "no line 30", |case| {
        case.invoice.lines[1].order_line_reference = text("30");
    }),
    (HoldCode::ItemMismatch, "item B (BT-156)", |case| {
        case.invoice.lines[1].buyer_item_id = text("B");
        case.purchase_orders[0].lines[1].buyer_item_id = text("A");
    }),
    (HoldCode::UomMismatch, "billed in XBX, ordered in KGM", |case| {
        case.invoice.lines[1].unit = text("XBX");
    }),
    (HoldCode::QtyOrdered, "is raised by 1", |case| {
        case.billed_before.push(BilledBefore {
            po: "PO-1".to_owned(),
            po_line: "20".to_owned(),
            quantity: number("1"),
            ..BilledBefore::default()
        });
        case.receipts[1].lines[0].received = number("3");
    }),
    (HoldCode::QtyReceived, "a receipt of 0.5 arrives", |case| {
        case.receipts[1].lines[0].rejected = Some(number("0.5"));
    }),
    (HoldCode::ReceiptMissing, "nothing received", |case| {
        case.receipts.remove(1);
    }),
    (HoldCode::UnitPrice, "0.01", |case| case.invoice.lines[1].net = Some(number("96.52"))),
    (HoldCode::TotalLines, "0.06", |case| {
        case.invoice.totals.lines = Some(number("221.56"));
    }),
    (HoldCode::Currency, "billed in USD, order PO-1 is in EUR", |case| {
        case.invoice.currency = text("USD");
    }),
    (HoldCode::MatchError, "too large", |case| {
        case.invoice.lines[1].net = Some("79228162514264337593543950335".parse().expect("MAX"));
        case.purchase_orders[0].lines[1].price_base_quantity = Some(number("1000"));
    }),
];

/// The cases of all causes.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    CAUSES.iter().map(|(_, _, change)| with(change))
}

#[test]
fn each_cause_raises_its_hold_and_says_the_number_it_is_about() {
    for (code, words, change) in CAUSES {
        let result = reconcile(&with(change));
        let hold = result.holds.iter().find(|hold| hold.code == *code);
        let hold = hold.unwrap_or_else(|| panic!("no {code:?} in {:?}", result.holds));
        assert!(hold.text.contains(words), "{code:?}: {}", hold.text);
        assert!(hold.text.contains("releases when"), "{code:?}: {}", hold.text);
        assert_eq!(result.outcome, Outcome::Held, "{code:?}");
    }
}

#[test]
fn a_missing_receipt_is_the_only_hold_for_what_did_not_come() {
    let result = reconcile(&with(|case| {
        case.receipts.remove(1);
    }));
    assert_eq!(codes(&result), [HoldCode::ReceiptMissing]);
    let received = check(&result, CheckCode::QtyReceived, Some("2"));
    assert_eq!(received.verdict, CheckVerdict::Fail);
    assert_eq!(received.percent.as_deref(), Some("unbounded"));
}

#[test]
fn a_despatch_advice_is_no_receipt() {
    let result = reconcile(&with(|case| {
        for receipt in &mut case.receipts {
            receipt.kind = ReceiptKind::Despatch;
        }
    }));
    assert!(result.level.values().all(|&level| level == MatchLevel::TwoWay));
    assert_eq!(result.outcome, Outcome::Matched);
    let result = reconcile(&with(|case| {
        case.policy.match_level = MatchLevel::ThreeWay.into();
        case.receipts[0].kind = ReceiptKind::Despatch;
    }));
    assert_eq!(codes(&result), [HoldCode::ReceiptMissing]);
}

#[test]
fn a_receipt_in_another_unit_is_not_counted() {
    let result = reconcile(&with(|case| case.receipts[1].lines[0].unit = text("XBX")));
    assert_eq!(codes(&result), [HoldCode::UomMismatch]);
    let received = check(&result, CheckCode::QtyReceived, Some("2"));
    assert_eq!(received.verdict, CheckVerdict::NotApplicable);
}

#[test]
fn money_in_another_currency_is_not_compared_but_quantities_are_kept() {
    let result = reconcile(&with(|case| case.invoice.currency = text("USD")));
    assert_eq!(codes(&result), [HoldCode::Currency]);
    for (code, line) in [
        (CheckCode::UnitPrice, Some("1")),
        (CheckCode::LineNet, Some("1")),
        (CheckCode::TotalLines, None),
    ] {
        assert_eq!(check(&result, code, line).verdict, CheckVerdict::NotApplicable);
    }
    assert_eq!(result.allocations.len(), 2);
}

#[test]
fn an_invoice_counts_from_its_first_run_unless_it_is_a_copy() {
    let held = reconcile(&with(|case| case.fatal_findings = vec!["BR-01".to_owned()]));
    assert_eq!((held.outcome, held.allocations.len()), (Outcome::Held, 2));
    let copy = reconcile(&with(|case| case.duplicate_of = text("inv_1")));
    assert_eq!((copy.outcome, copy.allocations.len()), (Outcome::Held, 0));
}

#[test]
fn what_gives_money_back_names_the_invoice_that_it_changes() {
    let named = |case: &mut Case| {
        case.invoice.kind = InvoiceKind::CreditNote;
        case.invoice.preceding_invoices =
            vec![PrecedingInvoice { number: Some("R-0".to_owned()), issue_date: None }];
    };
    for (words, change) in [
        (
            "names no invoice",
            (|case: &mut Case| case.invoice.kind = InvoiceKind::CreditNote) as fn(&mut Case),
        ),
        ("names no invoice", |case| {
            case.invoice.totals.payable = Some(number("-1"));
            case.invoice.order_reference = None;
        }),
        ("R-0, which this credit note names (BG-3), is not known", |_| {}),
        ("is another supplier's", |case| case.preceding = preceding(r#"{"same_vendor":false}"#)),
        ("is in another currency", |case| case.preceding = preceding(r#"{"currency":"USD"}"#)),
        ("a circle of corrections", |case| case.preceding = preceding(r#"{"corrects":["R-1"]}"#)),
    ] {
        let result = reconcile(&with(|case| {
            if words != "names no invoice" {
                named(case);
            }
            change(case);
        }));
        assert_eq!(codes(&result), [HoldCode::CreditRefMissing], "{words}");
        assert!(result.holds[0].text.contains(words), "{}", result.holds[0].text);
        assert_eq!((result.allocations.len(), result.credits.len()), (0, 0), "{words}");
    }
}

#[test]
fn a_negative_invoice_for_an_order_is_settled_by_a_person() {
    let result = reconcile(&with(|case| case.invoice.totals.payable = Some(number("-1"))));
    assert_eq!(codes(&result), [HoldCode::Manual]);
    assert!(result.holds[0].text.contains("names order PO-1"), "{}", result.holds[0].text);
    assert!(result.allocations.is_empty() && result.credits.is_empty());
}

fn preceding(more: &str) -> Vec<Preceding> {
    let mut one: serde_json::Value = serde_json::from_str(more).expect("JSON");
    one["number"] = "R-0".into();
    vec![serde_json::from_value(one).expect("a preceding invoice")]
}

#[test]
fn an_invoice_without_lines_or_currency_is_not_matched_by_having_nothing_to_compare() {
    let result = reconcile(&with(|case| {
        case.invoice.lines.clear();
        case.invoice.totals.lines = Some(number("221.53"));
    }));
    assert_eq!((codes(&result), result.outcome), (vec![HoldCode::MissingData], Outcome::Held));
    let result = reconcile(&with(|case| case.invoice.currency = None));
    assert_eq!((codes(&result), result.outcome), (vec![HoldCode::MissingData], Outcome::Held));
}

#[test]
fn an_order_that_contradicts_itself_is_taken_at_its_net_and_said_so() {
    let result = reconcile(&with(|case| {
        case.purchase_orders[0].lines[1].net = Some(number("96.52"));
        case.invoice.lines[1].net = Some(number("96.52"));
        case.invoice.totals.lines = Some(number("221.52"));
    }));
    assert_eq!(
        (codes(&result), result.outcome),
        (vec![HoldCode::PoInconsistent], Outcome::Matched)
    );
}

#[test]
fn too_little_counts_once_nothing_more_is_to_come() {
    let short = |case: &mut Case| {
        let tolerance = case.policy.tolerances.get_mut(&CheckCode::QtyOrdered.into());
        tolerance.expect("a default").lower.percent = Some(number("1"));
        case.invoice.lines[1].quantity = Some(number("1"));
        case.invoice.lines[1].net = Some(number("48.25"));
        case.invoice.totals.lines = None;
    };
    let part = reconcile(&with(short));
    assert_eq!(part.outcome, Outcome::Matched);
    let last = reconcile(&with(|case| {
        short(case);
        case.invoice.type_code = text("877");
    }));
    assert_eq!(codes(&last), [HoldCode::QtyOrdered]);
}

#[test]
fn lines_of_one_invoice_add_up_on_one_order_line() {
    let result = reconcile(&with(|case| {
        let mut again = case.invoice.lines[1].clone();
        again.id = "3".to_owned();
        case.invoice.lines.push(again);
        case.invoice.totals.lines = None;
    }));
    assert_eq!(check(&result, CheckCode::QtyOrdered, Some("2")).verdict, CheckVerdict::Pass);
    let third = check(&result, CheckCode::QtyOrdered, Some("3"));
    assert_eq!(third.verdict, CheckVerdict::Fail);
    assert_eq!(third.variance.as_deref(), Some("2"));
}

#[test]
fn a_line_that_gives_back_is_worse_when_it_gives_less() {
    let returned = |net: &str| {
        let result = reconcile(&with(|case| {
            let mut back = case.invoice.lines[1].clone();
            back.id = "3".to_owned();
            back.quantity = Some(number("-1"));
            back.net = Some(number(net));
            case.invoice.lines.push(back);
            case.invoice.totals.lines = None;
        }));
        check(&result, CheckCode::UnitPrice, Some("3")).clone()
    };
    let less = returned("-40.00");
    assert_eq!((less.verdict, less.variance.as_deref()), (CheckVerdict::Fail, Some("8.25")));
    assert_eq!((less.actual.as_deref(), less.expected.as_deref()), (Some("40"), Some("48.25")));
    assert_eq!(returned("-48.25").verdict, CheckVerdict::Pass);
    assert_eq!(returned("-50.00").verdict, CheckVerdict::PassWithin);
}

/// Otherwise the quantity that it frees could be billed and approved a second time.
#[test]
fn a_held_invoice_gives_nothing_back() {
    let result = reconcile(&with(|case| {
        let mut back = case.invoice.lines[1].clone();
        back.id = "3".to_owned();
        back.quantity = Some(number("-1"));
        back.net = Some(number("-48.25"));
        case.invoice.lines.push(back);
        case.invoice.lines[0].order_line_reference = text("99");
        case.invoice.lines[0].name = text("something else");
        case.invoice.totals.lines = None;
    }));
    assert_eq!(result.outcome, Outcome::Held, "{:?}", result.holds);
    let taken: Vec<_> = result.allocations.iter().map(|row| row.quantity.as_str()).collect();
    assert!(!taken.is_empty() && taken.iter().all(|taken| !taken.starts_with('-')), "{taken:?}");
}
