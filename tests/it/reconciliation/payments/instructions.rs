//! What a person says is carried out as said, or refused as a whole.

use ap_gateway::models::payment::{PaymentCase, StepResult};
use ap_gateway::reconciliation::payments::remittance_advices;
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, item, payment, settled, with};

fn steps(instructions: &[Value]) -> (PaymentCase, Vec<StepResult>) {
    let items = [
        item("A", json!({"amount": "100.00"})),
        item("B", json!({"amount": "200.00"})),
        item("C", json!({"amount": "50.00", "kind": "credit_note"})),
        item("U", json!({"amount": "50.00", "currency": "USD"})),
    ];
    let payments = [payment("T1", json!({"text": ""})), payment("T2", json!({"pending": true}))];
    let case = case(&items, &payments, json!({"instructions": instructions}));
    let settlement = settled(&case);
    let named = instructions.iter().any(|step| step["transaction"] == "T1");
    assert_eq!(settlement.decisions.iter().any(|one| one.transaction == "T1"), !named);
    (case, settlement.steps)
}

#[test]
fn a_payment_goes_to_items_in_their_order() {
    for (items, other, rows, open) in [
        (json!(["A", "B"]), json!({}), vec![("A", "100.00"), ("B", "150.00")], ["0.00", "50.00"]),
        (json!(["B", "A"]), json!({}), vec![("B", "200.00"), ("A", "50.00")], ["50.00", "0.00"]),
        (
            json!(["A", "B", "C"]),
            json!({}),
            vec![("A", "100.00"), ("B", "200.00"), ("C", "-50.00")],
            ["0.00", "0.00"],
        ),
        (
            json!(["A", "B"]),
            json!({"discount": "40.00", "fee": "10.00"}),
            vec![("A", "100.00"), ("B", "150.00")],
            ["0.00", "0.00"],
        ),
        (
            json!(["A", "B"]),
            json!({"offset_by": ["C"]}),
            vec![("A", "50.00"), ("B", "200.00"), ("C", "0.00")],
            ["0.00", "0.00"],
        ),
    ] {
        let step = with(json!({"step": "1", "transaction": "T1", "items": items}), other);
        let (_, steps) = steps(std::slice::from_ref(&step));
        assert_eq!(steps[0].fault, None, "{step}");
        let made = steps[0].rows.iter().map(|row| (row.item.as_str(), row.paid.to_string()));
        let made: Vec<_> = made.collect();
        let rows: Vec<_> = rows.iter().map(|(item, paid)| (*item, (*paid).to_owned())).collect();
        assert_eq!(made, rows, "{step}");
        let left = ["A", "B"].map(|id| steps[0].open[id].to_string());
        assert_eq!(left, open, "{step}");
    }
}

/// C is 50.00 and D is 30.00; an item is set against one credit note, and nothing against none.
#[test]
fn each_credit_note_goes_to_the_next_item_that_has_none() {
    let items = [
        item("A", json!({"amount": "100.00"})),
        item("B", json!({"amount": "200.00"})),
        item("C", json!({"amount": "50.00", "kind": "credit_note"})),
        item("D", json!({"amount": "30.00", "kind": "credit_note"})),
    ];
    for (offset_by, expected) in [
        (json!(["C"]), vec![("A", "50.00", Some("C")), ("C", "50.00", Some("A"))]),
        (
            json!(["C", "D"]),
            vec![
                ("A", "50.00", Some("C")),
                ("B", "30.00", Some("D")),
                ("C", "50.00", Some("A")),
                ("D", "30.00", Some("B")),
            ],
        ),
    ] {
        let step = json!({"step": "1", "items": ["A", "B"], "offset_by": offset_by});
        let settlement = settled(&case(&items, &[], json!({"instructions": [step]})));
        let [step] = &settlement.steps[..] else { panic!("one step") };
        assert_eq!(step.fault, None);
        let rows = step
            .rows
            .iter()
            .map(|row| (row.item.as_str(), row.offset.to_string(), row.offset_by.as_deref()));
        let expected = expected.iter().map(|(item, offset, by)| (*item, (*offset).to_owned(), *by));
        assert_eq!(rows.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
    // With money the item that nothing is set against has no offset.
    let step = json!({"step": "1", "transaction": "T1", "items": ["A", "B"], "offset_by": ["C"]});
    let (_, steps) = steps(&[step]);
    let second = steps[0].rows.iter().find(|row| row.item == "B").expect("a row");
    assert_eq!((second.offset.to_string(), second.offset_by.as_deref()), ("0.00".into(), None));
}

#[test]
fn what_cannot_be_done_is_refused_as_a_whole_and_says_why() {
    for (step, words) in [
        (json!({"items": ["X"]}), "not among the open items"),
        (json!({"items": []}), "names no item"),
        (json!({"transaction": "T7", "items": ["A"]}), "not among the transactions"),
        (json!({"transaction": "T2", "items": ["A"]}), "not booked"),
        (json!({"transaction": "T1", "items": ["U"]}), "another currency"),
        (json!({"transaction": "T1", "items": ["C"]}), "the other way"),
        (json!({"items": ["A"], "write_off": "0.40"}), "closes its item"),
        (json!({"items": ["A"], "write_off": "100.01"}), "cannot be taken"),
        (json!({"items": ["A"], "offset_by": ["B"]}), "goes the other way"),
        (json!({"items": ["A"]}), "nothing is left"),
        (json!({"undo": "7"}), "no step 7"),
    ] {
        let (_, steps) = steps(&[with(json!({"step": "1"}), step.clone())]);
        let fault = steps[0].fault.as_deref().unwrap_or_default();
        assert!(fault.contains(words), "{step}: {fault}");
        assert!(steps[0].rows.is_empty());
    }
}

#[test]
fn a_step_is_taken_back_once_and_leaves_the_others() {
    let (_, steps) = steps(&[
        json!({"step": "1", "transaction": "T1", "items": ["A"]}),
        json!({"step": "2", "transaction": "T1", "items": ["B"]}),
        json!({"step": "3", "undo": "1"}),
        json!({"step": "4", "undo": "1"}),
        json!({"step": "4", "transaction": "T1", "items": ["A"]}),
        json!({"step": "2", "items": ["A"]}),
    ]);
    let open = |at: usize, id: &str| steps[at].open[id].to_string();
    assert_eq!((open(2, "A"), open(1, "B")), ("100.00".into(), "50.00".into()));
    assert_eq!(steps[2].unallocated["T1"].to_string(), "100.00");
    assert!(steps[3].fault.as_deref().is_some_and(|fault| fault.contains("before")));
    assert_eq!(open(4, "A"), "0.00");
    assert!(steps[5].fault.is_some());
}

#[test]
fn the_advice_has_a_line_for_each_item_with_what_was_kept_back_and_why() {
    let step = json!({"step": "1", "transaction": "T1", "items": ["A", "B"],
        "discount": "4.00", "fee": "1.50", "offset_by": ["C"]});
    let (case, _) = steps(&[step]);
    let advices = remittance_advices(&case, &settled(&case));
    assert_eq!(advices.len(), 1);
    let lines = advices[0].lines.iter();
    let lines: Vec<_> = lines
        .map(|line| {
            format!(
                "{} {} {} {} {} {}",
                line.number,
                line.paid,
                line.discount,
                line.deduction,
                line.open,
                line.reason.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        lines,
        ["A 50.00 0.00 50.00 0.00 set against C", "B 194.50 4.00 1.50 0.00 bank fee"]
    );
    assert_eq!(advices[0].total.to_string(), "244.50");
}
