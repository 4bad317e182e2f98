//! Amounts and ids that nobody should send: an error with its words, never a panic.

use ap_gateway::models::payment::PaymentVerdict::{self, Error};
use ap_gateway::models::payment::{PaymentCase, Reason};
use serde_json::json;

use crate::reconciliation::payments::{case, item, payment, reasons, settled};

#[test]
fn payments_that_cannot_be_used_are_errors() {
    for (change, reason) in [
        (json!({"amount": "0"}), Reason::Unusable),
        (json!({"amount": "-250.00"}), Reason::Unusable),
        (json!({"currency": null}), Reason::Unusable),
    ] {
        let settlement =
            settled(&case(&[item("4711", json!({}))], &[payment("T1", change)], json!({})));
        let made = &settlement.decisions[0];
        assert_eq!((made.verdict, reasons(made)), (Error, vec![reason]));
    }
}

#[test]
fn amounts_of_28_digits_are_errors_and_the_others_are_settled() {
    let most = "9".repeat(28);
    let discount = json!({"percent": "99", "until": "2026-06-01"});
    let items = [
        item("8001", json!({"amount": most, "discount": discount})),
        item("8002", json!({"amount": most})),
        item("8003", json!({"amount": most, "currency": "USD", "booked": most})),
        item("4711", json!({})),
    ];
    let payments = [
        payment("T1", json!({"amount": most, "text": "8001 8002"})),
        payment("T2", json!({"amount": most, "text": "8003"})),
        payment("T3", json!({"amount": most, "text": "", "charges": most})),
        payment("T4", json!({})),
    ];
    let settlement = settled(&case(&items, &payments, json!({"ledger_currency": "EUR"})));
    let verdict = |id: &str| {
        settlement.decisions.iter().find(|one| one.transaction == id).map(|one| one.verdict)
    };
    assert_eq!(verdict("T1"), Some(Error));
    assert_eq!(verdict("T4"), Some(PaymentVerdict::Automatic));
}

#[test]
fn items_that_cannot_be_used_are_said_with_their_place_and_left_out() {
    let discount = json!({"percent": "101", "until": "2026-06-01"});
    let items = [
        item("4711", json!({})),
        item("4711", json!({})),
        item("4712", json!({"amount": "-1.00"})),
        item("4713", json!({"discount": discount})),
    ];
    let settlement = settled(&case(&items, &[payment("T1", json!({}))], json!({})));
    let faults = settlement.faults.iter().map(|fault| (fault.place.as_str(), fault.code.as_str()));
    let faults: Vec<_> = faults.collect();
    assert_eq!(
        faults,
        [
            ("/open_items/0", "twice"),
            ("/open_items/1", "twice"),
            ("/open_items/2", "negative"),
            ("/open_items/3", "percent"),
        ]
    );
    assert!(settlement.rows.is_empty());
}

#[test]
fn what_is_misspelt_is_refused() {
    for wrong in [
        json!({"open_item": []}),
        json!({"policy": {"fee": "1"}}),
        json!({"policy": {"fee_limit": 1}}),
        json!({"transactions": [payment("T1", json!({"amount": "1e3"}))]}),
    ] {
        assert!(serde_json::from_value::<PaymentCase>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn a_number_that_everybody_has_is_no_evidence() {
    let items: Vec<_> = (0..100)
        .map(|at| {
            let supplier = json!({"number": "4711", "supplier": format!("V{at}"),
                "verified_ibans": null});
            item(&format!("I{at}"), supplier)
        })
        .collect();
    let settlement = settled(&case(&items, &[payment("T1", json!({}))], json!({})));
    let made = &settlement.decisions[0];
    assert_ne!(made.verdict, PaymentVerdict::Automatic);
    assert!(reasons(made).contains(&Reason::TooManyAlike), "{made:?}");
}
