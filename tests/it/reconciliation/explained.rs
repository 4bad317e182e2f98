//! What a clerk reads.

use ap_gateway::reconciliation::{explain, reconcile};

use crate::reconciliation::sample;

#[test]
fn a_match_is_explained_line_by_line() {
    let case = sample::case();
    let result = reconcile(&case);
    insta::assert_snapshot!(explain(&case, &result), @r#"
    invoice R-1: matched
      ok     CURRENCY: invoice and order PO-1 are in EUR
      ok     TOTAL_LINES: total of the lines (BT-106) 221.50, expected 221.50 at order prices
    line 1: order PO-1 line 10, named by the invoice, three-way
      ok     QTY_ORDERED: billed 100, ordered 100
      ok     QTY_RECEIVED: billed 100, received 100
      ok     RECEIPT_MISSING: received 100
      ok     UNIT_PRICE: price 1.25 for one, ordered at 1.25
      ok     LINE_NET: net 125.00, expected 100 × 1.25 = 125.00
    line 2: order PO-1 line 20, named by the invoice, three-way
      ok     QTY_ORDERED: billed 2, ordered 2
      ok     QTY_RECEIVED: billed 2, received 2
      ok     RECEIPT_MISSING: received 2
      ok     UNIT_PRICE: price 48.25 for one, ordered at 48.25
      ok     LINE_NET: net 96.50, expected 2 × 48.25 = 96.50
    "#);
}

#[test]
fn holds_say_what_is_wrong_where_and_what_releases_them() {
    let mut case = sample::case();
    case.invoice.lines[0].quantity = Some(sample::number("120"));
    case.invoice.lines[0].net = Some(sample::number("156.00"));
    case.invoice.totals.lines = Some(sample::number("252.50"));
    case.receipts.remove(1);
    let result = reconcile(&case);
    insta::assert_snapshot!(explain(&case, &result), @r#"
    invoice R-1: held
      ok     CURRENCY: invoice and order PO-1 are in EUR
      FAIL   TOTAL_LINES: total of the lines (BT-106) 252.50, expected 246.50 at order prices: 6.00 too much (2.43 %)
    line 1: order PO-1 line 10, named by the invoice, three-way
      FAIL   QTY_ORDERED: billed 120, ordered 100: 20 too many (20.00 %)
      FAIL   QTY_RECEIVED: billed 120, received 100: 20 too many (20.00 %)
      ok     RECEIPT_MISSING: received 100
      FAIL   UNIT_PRICE: price 1.3 for one, ordered at 1.25: 0.05 too much (4.00 %)
      FAIL   LINE_NET: net 156.00, expected 120 × 1.25 = 150.00: 6.00 too much (4.00 %)
    line 2: order PO-1 line 20, named by the invoice, three-way
      ok     QTY_ORDERED: billed 2, ordered 2
      FAIL   QTY_RECEIVED: billed 2, received 0: 2 too many
      FAIL   RECEIPT_MISSING: billed 2, nothing received
      ok     UNIT_PRICE: price 48.25 for one, ordered at 48.25
      ok     LINE_NET: net 96.50, expected 2 × 48.25 = 96.50
    hold (stop) QTY_ORDERED: line 1: billed 120, ordered 100: 20 too many (20.00 %); releases when order PO-1 is raised by 20
    hold (stop) QTY_RECEIVED: line 1: billed 120, received 100: 20 too many (20.00 %); releases when a receipt of 20 arrives
    hold (stop) UNIT_PRICE: line 1: price 1.3 for one, ordered at 1.25: 0.05 too much (4.00 %); releases when the price of order PO-1 changes
    hold (stop) LINE_NET: line 1: net 156.00, expected 120 × 1.25 = 150.00: 6.00 too much (4.00 %); releases when the price of order PO-1 changes
    hold (stop) RECEIPT_MISSING: line 2: billed 2, nothing received; releases when a receipt for order PO-1 arrives
    hold (stop) TOTAL_LINES: total of the lines (BT-106) 252.50, expected 246.50 at order prices: 6.00 too much (2.43 %); releases when the lines and the order agree, or a person accepts the difference
    "#);
}

#[test]
fn the_result_is_plain_json_with_strings_for_numbers() {
    let mut case = sample::case();
    case.invoice.lines.truncate(1);
    case.invoice.totals.lines = None;
    let mut result = serde_json::to_value(reconcile(&case)).expect("a result is JSON");
    let hash = result["input_hash"].take();
    assert_eq!(hash.as_str().map(str::len), Some(64));
    let checks = result["checks"].take();
    let price = checks.as_array().expect("checks are a list").iter();
    let price = price.clone().find(|check| check["code"] == "UNIT_PRICE");
    insta::assert_json_snapshot!(price, @r#"
    {
      "actual": "1.25",
      "code": "UNIT_PRICE",
      "expected": "1.25",
      "line": "1",
      "percent": "0.00",
      "po": "PO-1",
      "po_line": "10",
      "text": "price 1.25 for one, ordered at 1.25",
      "tolerance": {
        "combine": "all",
        "lower": {},
        "upper": {
          "amount": "0"
        }
      },
      "tolerance_from": "entity",
      "variance": "0",
      "verdict": "pass"
    }
    "#);
    insta::assert_json_snapshot!(result, @r#"
    {
      "allocations": [
        {
          "amount": "125.00",
          "line": "1",
          "po": "PO-1",
          "po_line": "10",
          "quantity": "100",
          "receipt": "GR-1",
          "receipt_line": "1"
        }
      ],
      "checks": null,
      "holds": [],
      "input_hash": null,
      "level": {
        "1": "three_way"
      },
      "outcome": "matched",
      "pairing": [
        {
          "line": "1",
          "po": "PO-1",
          "po_line": "10",
          "step": "explicit"
        }
      ],
      "po_lines": [
        {
          "billed": "100",
          "ordered": "100",
          "po": "PO-1",
          "po_line": "10",
          "received": "100"
        }
      ]
    }
    "#);
}
