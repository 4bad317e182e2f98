//! What came back, and what comes again.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Suggestion, Unmatched};
use ap_gateway::models::payment::{PaymentCase, Reason, RemittanceAdvice, Row, Settlement};
use ap_gateway::reconciliation::payments::remittance_advices;
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, item, payment, reasons, settled, with};

fn back(change: Value) -> Value {
    let back = json!({"direction": "in", "date": "2026-06-02", "reversal": true,
        "return_reason": "AC04", "end_to_end_id": "PAY-1", "text": ""});
    payment("T9", with(back, change))
}

fn paid() -> Value {
    payment("T1", json!({"end_to_end_id": "PAY-1", "references": ["KREF-5"]}))
}

#[test]
fn a_return_adds_negative_rows_and_the_item_reopens() {
    for how in [json!({}), json!({"end_to_end_id": null, "references": ["KREF-5"]})] {
        let items = [item("4711", json!({"end_to_end_ids": ["PAY-1"]}))];
        let settlement = settled(&case(&items, &[back(how), paid()], json!({})));
        let rows = settlement.rows.iter().map(|row| (row.taken.to_string(), row.reverses));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows, [("250.00".to_owned(), None), ("-250.00".to_owned(), Some(1))]);
        assert_eq!(settlement.open["4711"].to_string(), "250.00");
        assert_eq!(settlement.unallocated["T9"].to_string(), "0.00");
    }
}

#[test]
fn a_return_without_its_original_reopens_nothing() {
    let items = [item("4711", json!({}))];
    for (change, reason) in [
        (json!({"end_to_end_id": "PAY-2"}), Reason::OriginalMissing),
        (json!({"amount": "249.00"}), Reason::OriginalDiffers),
        (
            json!({"end_to_end_id": null, "references": ["KREF-5"], "amount": "249.00"}),
            Reason::OriginalMissing,
        ),
    ] {
        let settlement = settled(&case(&items, &[paid(), back(change)], json!({})));
        let made = settlement.decisions.last().expect("a decision");
        assert_eq!((made.verdict, reasons(made)), (Unmatched, vec![reason]));
        assert_eq!(settlement.open["4711"].to_string(), "0.00");
    }
}

#[test]
fn two_possible_originals_are_a_suggestion() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let both = json!({"end_to_end_id": "PAY-1", "references": ["KREF-5"], "text": "4712"});
    let again = payment("T2", both);
    for how in [json!({}), json!({"end_to_end_id": null, "references": ["KREF-5"]})] {
        let back = back(how.clone());
        let settlement = settled(&case(&items, &[paid(), again.clone(), back], json!({})));
        let made = settlement.decisions.last().expect("a decision");
        assert_eq!((made.verdict, made.candidates.len()), (Suggestion, 2), "{how}");
        assert_eq!(settlement.rows.len(), 2, "{how}");
    }
}

/// The end-to-end id is the stronger word: what the reference names beside it is not asked.
#[test]
fn the_end_to_end_id_says_which_original_is_meant() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let other = json!({"end_to_end_id": "PAY-2", "references": ["KREF-5"], "text": "4712"});
    let other = payment("T2", other);
    let back = back(json!({"references": ["KREF-5"]}));
    let settlement = settled(&case(&items, &[paid(), other, back], json!({})));
    let open = ["4711", "4712"].map(|id| settlement.open[id].to_string());
    assert_eq!(open, ["250.00", "0.00"], "{:?}", settlement.decisions);
}

#[test]
fn what_came_back_before_it_was_allocated_is_not_allocated_any_more() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let vague = with(paid(), json!({"text": ""}));
    let settlement = settled(&case(&items, &[vague, back(json!({}))], json!({})));
    let reasons: Vec<_> = settlement.decisions.iter().flat_map(reasons).collect();
    assert!(reasons.contains(&Reason::Returned) && reasons.contains(&Reason::NothingToReopen));
    assert!(settlement.rows.is_empty());
    // Where nothing was allocated nothing is: a person looks.
    assert_eq!(settlement.decisions.last().expect("two").verdict, Suggestion);
}

#[test]
fn the_original_may_be_one_of_an_earlier_run() {
    let items = [item("4711", json!({}))];
    let first = case(&items, &[paid()], json!({}));
    let rows = settled(&first).rows;
    let known = json!({"known_transactions": [paid()], "rows": rows});
    let second = settled(&case(&items, &[back(json!({}))], known.clone()));
    assert_eq!(second.decisions[0].verdict, Automatic);
    assert_eq!((second.rows[0].sequence, second.rows[0].reverses), (2, Some(1)));
    // Importing both again: nothing.
    let known = json!({"known_transactions": [paid(), back(json!({}))],
        "rows": rows.iter().chain(&second.rows).collect::<Vec<_>>()});
    let third = settled(&case(&items, &[paid(), back(json!({}))], known));
    assert!(third.rows.is_empty() && third.decisions.is_empty());
    assert_eq!(third.already_known, ["T1", "T9"]);
}

#[test]
fn what_came_back_in_an_earlier_run_does_not_come_back_again() {
    let items = [item("4711", json!({}))];
    let rows = settled(&case(&items, &[paid(), back(json!({}))], json!({}))).rows;
    let known = json!({"known_transactions": [paid(), back(json!({}))], "rows": rows});
    let again = with(back(json!({})), json!({"id": "T10", "date": "2026-06-03"}));
    let settlement = settled(&case(&items, &[again], known));
    let made = &settlement.decisions[0];
    assert_eq!((made.verdict, reasons(made)), (Unmatched, vec![Reason::OriginalMissing]));
    assert!(settlement.rows.is_empty());
}

#[test]
fn two_transactions_of_one_id_count_once_when_equal_and_never_when_different() {
    let items = [item("4711", json!({}))];
    let once = settled(&case(&items, &[paid(), paid()], json!({})));
    assert_eq!((once.decisions.len(), once.rows.len()), (1, 1));
    let other = with(paid(), json!({"amount": "1.00"}));
    let none = settled(&case(&items, &[paid(), other], json!({})));
    assert_eq!((none.decisions.len(), none.faults[0].code.as_str()), (0, "twice"));
}

#[test]
fn rows_that_do_not_fit_stop_everything() {
    let items = [item("4711", json!({}))];
    let mut rows = settled(&case(&items, &[paid()], json!({}))).rows;
    rows[0].paid += rust_decimal::Decimal::ONE;
    let case: PaymentCase = case(
        &items,
        &[payment("T2", json!({}))],
        json!({"known_transactions": [paid()], "rows": rows}),
    );
    let settlement = settled(&case);
    assert_eq!(settlement.faults[0].code, "rows");
    assert!(settlement.rows.is_empty() && settlement.decisions.is_empty());
}

#[test]
fn what_cannot_be_the_original_is_none() {
    let items = [item("4711", json!({}))];
    for change in [
        json!({"currency": "USD"}),
        json!({"direction": "out"}),
        json!({"end_to_end_id": "PAY-2", "references": ["KREF-6"]}),
    ] {
        let settlement = settled(&case(&items, &[paid(), back(change.clone())], json!({})));
        assert_eq!(settlement.rows.len(), 1, "{change}: {:?}", settlement.decisions);
    }
    // What came back once does not come back again.
    let again = with(back(json!({})), json!({"id": "T10", "date": "2026-06-03"}));
    let settlement = settled(&case(&items, &[paid(), back(json!({})), again], json!({})));
    assert_eq!(settlement.rows.len(), 2, "{:?}", settlement.decisions);
    assert_eq!(settlement.decisions.last().expect("three").verdict, Unmatched);
}

/// Each payment settles the whole item: at a discount, with a fee, and in another currency.
#[test]
fn a_return_takes_back_every_part_of_what_was_booked() {
    let discount = json!({"discount": {"percent": "2", "until": "2026-06-01"}});
    let abroad = json!({"currency": "USD", "amount": "270.00", "booked": "250.00"});
    for (of_item, amount) in [(json!({}), "250.00"), (discount, "245.00"), (abroad, "252.50")] {
        let items = [item("4711", with(of_item, json!({"end_to_end_ids": ["PAY-1"]})))];
        let paid = with(paid(), json!({"amount": amount}));
        let back = back(json!({"amount": amount}));
        let ledger = json!({"ledger_currency": "EUR"});
        let settlement = settled(&case(&items, &[paid, back], ledger));
        let [first, second] = &settlement.rows[..] else {
            panic!("{amount}: {:?}", settlement.decisions)
        };
        let parts = |row: &Row| {
            let exchange = row.exchange.as_ref();
            let exchange = exchange.map(|one| [one.settles, one.booked, one.difference]);
            let own = [row.paid, row.discount, row.fee, row.write_off, row.offset, row.taken];
            own.into_iter().chain(exchange.unwrap_or_default()).collect::<Vec<_>>()
        };
        let sums: Vec<_> = parts(first).into_iter().zip(parts(second)).collect();
        assert!(sums.iter().all(|(one, other)| (*one + *other).is_zero()), "{amount}: {sums:?}");
        assert_eq!(settlement.open["4711"], first.taken, "{amount}");
        assert!(remittance_advices_of(&items, &settlement).is_empty());
    }
}

fn remittance_advices_of(items: &[Value], settlement: &Settlement) -> Vec<RemittanceAdvice> {
    remittance_advices(&case(items, &[], json!({})), settlement)
}

#[test]
fn an_advice_tells_what_a_payment_pays_and_not_what_came_back() {
    let items = [item("4711", json!({})), item("4712", json!({"end_to_end_ids": ["PAY-1"]}))];
    let other = payment("T2", json!({"text": "4711"}));
    let first = with(paid(), json!({"text": "4712"}));
    let settlement = settled(&case(&items, &[first, other, back(json!({}))], json!({})));
    let advices = remittance_advices_of(&items, &settlement);
    let told = advices.iter().map(|one| (one.transaction.as_str(), one.total.to_string()));
    assert_eq!(told.collect::<Vec<_>>(), [("T2", "250.00".to_owned())]);
}
