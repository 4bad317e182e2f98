//! Laws of allocation, credit, tolerance and release.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rust_decimal::Decimal;

use ap_gateway::models::case::{
    BilledBefore, BilledLine, Case, CreditReceived, NamedReceipt, Preceding,
};
use ap_gateway::models::decimal;
use ap_gateway::models::invoice::{InvoiceKind, PrecedingInvoice};
use ap_gateway::models::policy::Limit;
use ap_gateway::models::verdict::{Hold, HoldSeverity, Outcome, Reconciliation, Release};
use ap_gateway::reconciliation::{explain, reconcile, standing};

use crate::reconciliation::properties::plausible;

fn number(text: &str) -> Decimal {
    decimal::parse(text).expect("a decimal")
}

/// Claims of invoices in their sequence on the order lines of a plausible case.
fn claims() -> impl Strategy<Value = (Case, Vec<BilledBefore>)> {
    let claim = (any::<prop::sample::Index>(), -5i64..30, any::<prop::sample::Index>(), 0u8..3);
    (plausible::case(), prop::collection::vec(claim, 0..12)).prop_map(|(case, claims)| {
        let lines = case.purchase_orders.iter();
        let lines: Vec<(&str, &str)> = lines
            .flat_map(|order| order.lines.iter().map(|line| (&*order.number, &*line.id)))
            .collect();
        let claims = claims.iter().enumerate().map(|(place, (line, quantity, named, names))| {
            let (po, po_line) = line.get(&lines);
            let receipts = case.receipts.get(named.index(case.receipts.len().max(1)));
            let receipt = receipts
                .filter(|_| *names == 0)
                .map(|receipt| NamedReceipt { receipt: receipt.number.clone(), line: None });
            BilledBefore {
                invoice: Some(format!("inv_{place}")),
                line: Some("1".to_owned()),
                po: (*po).to_owned(),
                po_line: (*po_line).to_owned(),
                quantity: (*quantity).into(),
                receipts: receipt.into_iter().collect(),
                ..BilledBefore::default()
            }
        });
        let claims = claims.collect();
        (case, claims)
    })
}

/// The holds that are in the way of approval or payment.
fn in_the_way(result: &Reconciliation) -> BTreeSet<String> {
    let holds = result.holds.iter().filter(|hold| hold.severity != HoldSeverity::Warn);
    holds
        .map(|hold| format!("{:?} {:?} {:?} {:?}", hold.code, hold.line, hold.charge, hold.po))
        .collect()
}

/// What a person says of a hold that is seen with the values of its check.
fn release(result: &Reconciliation, hold: &Hold) -> Release {
    let check = result.checks.iter().find(|check| {
        check.code.as_str() == hold.code.as_str()
            && check.line == hold.line
            && check.charge == hold.charge
            && (hold.line.is_some() || check.po == hold.po)
    });
    Release {
        code: hold.code,
        line: hold.line.clone(),
        charge: hold.charge.clone(),
        po: hold.po.clone(),
        actual: check.and_then(|check| check.actual.clone()),
        expected: check.and_then(|check| check.expected.clone()),
        by: "a person".to_owned(),
        reason: "agreed".to_owned(),
    }
}

proptest! {
    #[test]
    fn a_line_is_billed_as_much_as_is_bound_and_waits(case in plausible::case()) {
        let result = reconcile(&case);
        prop_assume!(result.outcome != Outcome::Refused);
        for line in &case.invoice.lines {
            let rows = result.allocations.iter().filter(|row| row.line == line.id);
            let rows: Vec<(Decimal, Decimal)> =
                rows.map(|row| (number(&row.quantity), number(&row.amount))).collect();
            if rows.is_empty() {
                continue;
            }
            let (quantity, amount) = rows.iter().fold((Decimal::ZERO, Decimal::ZERO), |sum, row| {
                (sum.0 + row.0, sum.1 + row.1)
            });
            prop_assert_eq!(Some(quantity), line.quantity, "line {}", line.id);
            prop_assert_eq!(Some(amount), line.net, "line {}", line.id);
        }
    }

    #[test]
    fn no_receipt_is_consumed_twice((case, claims) in claims()) {
        let (rows, _) = standing(&case.purchase_orders, &case.receipts, &claims, &case.policy);
        let mut taken: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
        let mut of_claim: BTreeMap<&str, Decimal> = BTreeMap::new();
        for (invoice, row) in &rows {
            *of_claim.entry(invoice).or_default() += number(&row.quantity);
            if let (Some(receipt), Some(line)) = (&row.receipt, &row.receipt_line) {
                *taken.entry((receipt, line)).or_default() += number(&row.quantity);
            }
        }
        for receipt in &case.receipts {
            for line in &receipt.lines {
                let offer = line.received - line.rejected.unwrap_or_default();
                let taken = taken.get(&(&*receipt.number, &*line.id)).copied().unwrap_or_default();
                prop_assert!(taken >= Decimal::ZERO && taken <= offer.max(Decimal::ZERO));
            }
        }
        for claim in &claims {
            let rows = of_claim.get(claim.invoice.as_deref().expect("named")).copied();
            prop_assert_eq!(rows.unwrap_or_default(), claim.quantity);
        }
    }

    #[test]
    fn what_came_is_bound_before_anything_waits((case, claims) in claims()) {
        let (rows, _) = standing(&case.purchase_orders, &case.receipts, &claims, &case.policy);
        for order in &case.purchase_orders {
            for line in &order.lines {
                let of_line = |row: &&(String, ap_gateway::models::verdict::Allocation)| {
                    (&row.1.po, &row.1.po_line) == (&order.number, &line.id)
                        && !row.1.quantity.starts_with('-')
                };
                let asked: Decimal =
                    rows.iter().filter(of_line).map(|row| number(&row.1.quantity)).sum();
                let bound = rows.iter().filter(of_line).filter(|row| row.1.receipt.is_some());
                let bound: Decimal = bound.map(|row| number(&row.1.quantity)).sum();
                let came = case.receipts.iter().filter(|one| one.purchase_order == order.number);
                let came = came.flat_map(|receipt| &receipt.lines);
                let came = came.filter(|came| came.order_line == line.id);
                let came: Decimal = came.map(|came| came.received).sum();
                prop_assert_eq!(bound, asked.min(came.max(Decimal::ZERO)));
            }
        }
    }

    #[test]
    fn a_wider_tolerance_never_adds_a_hold(case in plausible::case(), more in 0i64..30) {
        let mut wider = case.clone();
        let widen = |limit: &mut Limit| {
            for value in [&mut limit.percent, &mut limit.amount].into_iter().flatten() {
                *value += Decimal::from(more);
            }
        };
        for tolerance in wider.policy.tolerances.values_mut() {
            widen(&mut tolerance.upper);
            widen(&mut tolerance.lower);
        }
        let (narrow, wide) = (in_the_way(&reconcile(&case)), in_the_way(&reconcile(&wider)));
        prop_assert!(wide.is_subset(&narrow), "{:?}", wide.difference(&narrow));
    }

    #[test]
    fn a_credit_of_everything_returns_to_the_start(mut case in plausible::exact()) {
        case.invoice.number = Some("R-1".to_owned());
        let billed = reconcile(&case);
        let lines = billed.pairing.iter().map(|pair| {
            let line = case.invoice.lines.iter().find(|line| line.id == pair.line);
            let line = line.expect("a paired line is a line");
            BilledLine {
                line: line.id.clone(),
                po: Some(pair.po.clone()),
                po_line: Some(pair.po_line.clone()),
                items: Vec::new(),
                unit: None,
                quantity: line.quantity.expect("a quantity"),
                net: line.net.expect("a net"),
                credited_quantity: Decimal::ZERO,
                credited_net: Decimal::ZERO,
            }
        });
        let preceding = Preceding {
            paid: false,
            number: "R-1".to_owned(),
            id: Some("inv_1".to_owned()),
            currency: Some("EUR".to_owned()),
            same_vendor: true,
            corrects: Vec::new(),
            lines: lines.collect(),
        };
        let mut credit = case.clone();
        credit.preceding = vec![preceding];
        credit.invoice.kind = InvoiceKind::CreditNote;
        credit.invoice.number = Some("C-1".to_owned());
        let named = PrecedingInvoice { number: Some("R-1".to_owned()), issue_date: None };
        credit.invoice.preceding_invoices = vec![named];
        for line in &mut credit.invoice.lines {
            // Only its own id says which line it gives back.
            (line.buyer_item_id, line.order_line_reference) = (None, None);
        }
        let result = reconcile(&credit);
        prop_assert_eq!(result.outcome, Outcome::Matched, "{}", explain(&credit, &result));
        let received = result.credits.iter().map(|credit| CreditReceived {
            line: credit.invoice_line.clone(),
            quantity: number(&credit.quantity),
            amount: number(&credit.amount),
        });
        case.credits = received.collect();
        let again = reconcile(&case);
        prop_assert!(again.po_lines.iter().all(|line| line.billed == "0"), "{:?}", again.po_lines);
        let left: Decimal = again.allocations.iter().map(|row| number(&row.quantity)).sum();
        let money: Decimal = again.allocations.iter().map(|row| number(&row.amount)).sum();
        prop_assert_eq!((left, money), (Decimal::ZERO, Decimal::ZERO));
    }

    #[test]
    fn released_holds_do_not_count_and_lapse_with_their_values(mut case in plausible::case()) {
        let held = reconcile(&case);
        prop_assume!(held.outcome == Outcome::Held);
        case.decisions.releases = held.holds.iter().map(|hold| release(&held, hold)).collect();
        let released = reconcile(&case);
        prop_assert_eq!(released.outcome, Outcome::Matched, "{:?}", released.holds);
        prop_assert!(released.holds.iter().all(|hold| hold.released.is_some()));
        for release in &mut case.decisions.releases {
            release.actual = release.actual.take().map(|actual| format!("{actual}1"));
        }
        let lapsed = reconcile(&case);
        for hold in &lapsed.holds {
            let valued = release(&lapsed, hold).actual.is_some();
            prop_assert_eq!(hold.released.is_none(), valued, "{:?}", hold);
        }
    }
}
