//! What an item may say, how many one key may lead to, and which explanation comes first.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Unmatched};
use ap_gateway::models::payment::Reason;
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, decided, item, items_of, payment, reasons, settled};

/// So many items of different suppliers, none of which has an account on file.
fn of_strangers(count: usize, more: &Value) -> Vec<Value> {
    let items = (0..count).map(|at| {
        let supplier = format!("S{at}");
        let own = json!({"supplier": supplier, "supplier_name": format!("Firma {at}"),
                         "verified_ibans": null});
        let item = item(&format!("X-{at:03}"), own);
        super::with(item, more.clone())
    });
    items.collect()
}

/// So many items of the supplier whose account pays.
fn of_one(count: usize, more: &Value) -> Vec<Value> {
    let items = (0..count).map(|at| {
        let item =
            item(&format!("X-{at:03}"), json!({"date": format!("2026-05-{:02}", at % 28 + 1)}));
        super::with(item, more.clone())
    });
    items.collect()
}

fn unnamed() -> [Value; 1] {
    [payment("T1", json!({"text": "Zahlung"}))]
}

#[test]
fn an_amount_that_a_few_strangers_have_is_a_hint_and_one_that_many_have_is_none() {
    let candidates = |count| decided(&of_strangers(count, &json!({})), &unnamed(), json!({}));
    let few = candidates(20);
    assert_eq!((few.verdict, few.candidates.len()), (Unmatched, 10), "{few:?}");
    assert!(reasons(&few).contains(&Reason::Rival));
    let one = candidates(1);
    assert_eq!((one.verdict, items_of(&one)), (Unmatched, vec![vec!["X-000"]]), "{one:?}");
    let many = candidates(21);
    assert_eq!((many.verdict, items_of(&many)), (Unmatched, Vec::new()), "{many:?}");
}

#[test]
fn an_amount_that_too_many_items_of_the_supplier_have_is_said_to_be() {
    for (count, said) in [(64, false), (65, true)] {
        let found = decided(&of_one(count, &json!({})), &unnamed(), json!({}));
        assert_eq!(reasons(&found).contains(&Reason::TooManyAlike), said, "{count}");
        assert_ne!(found.verdict, Automatic, "{count}");
    }
}

#[test]
fn a_number_that_too_many_items_have_tells_nothing_unless_the_account_does() {
    let named = json!({"number": "4711"});
    let run = |items: &[Value]| decided(items, &[payment("T1", json!({}))], json!({}));
    let strangers =
        |count| of_strangers(count, &super::with(named.clone(), json!({"amount": "7.00"})));
    assert!(!reasons(&run(&strangers(64))).contains(&Reason::TooManyAlike));
    assert!(reasons(&run(&strangers(65))).contains(&Reason::TooManyAlike));
    // The account tells which of them is meant.
    let mut items = strangers(65);
    items.push(item("4711", named.clone()));
    let found = run(&items);
    assert_eq!((found.verdict, items_of(&found)), (Automatic, vec![vec!["4711"]]), "{found:?}");
}

/// Of all that have the number only those of the payer count, and of these only open ones.
#[test]
fn of_the_items_of_the_payer_no_more_than_sixty_four_are_looked_at() {
    let named = json!({"number": "4711", "amount": "7.00"});
    for (own, said) in [(64, false), (65, true)] {
        let mut items = of_one(own, &named);
        items.extend(of_strangers(5, &super::with(named.clone(), json!({"date": "2026-05-01"}))));
        for (at, item) in items.iter_mut().enumerate() {
            item["id"] = json!(format!("Y-{at:03}"));
        }
        let found = decided(&items, &[payment("T1", json!({}))], json!({}));
        assert_eq!(reasons(&found).contains(&Reason::TooManyAlike), said, "{own}");
    }
    let mut items = of_strangers(65, &named);
    items.push(item("4711", json!({})));
    items.push(item("4712", json!({"number": "4711", "amount": "0"})));
    let found = decided(&items, &[payment("T1", json!({}))], json!({}));
    assert_eq!((found.verdict, reasons(&found)), (Automatic, vec![]), "{found:?}");
}

#[test]
fn what_an_item_may_not_say_is_told_at_its_place() {
    for (other, code) in [
        (json!({"amount": "0"}), None),
        (json!({"amount": "-0.01"}), Some("negative")),
        (json!({"booked": "0"}), None),
        (json!({"booked": "-0.01"}), Some("negative")),
        (json!({"discount": {"percent": "0", "until": "2026-06-01"}}), None),
        (json!({"discount": {"percent": "100", "until": "2026-06-01"}}), None),
        (json!({"discount": {"percent": "-0.1", "until": "2026-06-01"}}), Some("percent")),
        (json!({"discount": {"percent": "100.1", "until": "2026-06-01"}}), Some("percent")),
    ] {
        let settlement = settled(&case(&[item("4711", other.clone())], &[], json!({})));
        let faults: Vec<_> = settlement.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(faults, Vec::from_iter(code), "{other}");
        assert!(settlement.faults.iter().all(|fault| fault.place == "/open_items/0"));
    }
}

#[test]
fn the_better_explanation_comes_first_whichever_is_found_first() {
    for [near, exact] in [["4801", "4802"], ["4802", "4801"]] {
        let items = [item(near, json!({"amount": "249.50"})), item(exact, json!({}))];
        let made = decided(&items, &unnamed(), json!({}));
        assert_eq!(items_of(&made)[0], [exact], "{made:?}");
        let items = [item(near, json!({"amount": "250.50"})), item(exact, json!({}))];
        let made = decided(&items, &unnamed(), json!({}));
        assert_eq!(items_of(&made)[0], [exact], "{made:?}");
    }
}

/// The first payment is too small to settle the item by itself; the second does.
#[test]
fn what_was_suggested_is_looked_at_again_when_its_item_was_paid_since() {
    let small = payment("T1", json!({"amount": "100.00", "date": "2026-05-20"}));
    let alone = settled(&case(&[item("4711", json!({}))], std::slice::from_ref(&small), json!({})));
    assert_eq!(items_of(&alone.decisions[0]), [["4711"]]);
    let whole = payment("T2", json!({"date": "2026-05-21"}));
    let both = settled(&case(&[item("4711", json!({}))], &[small, whole], json!({})));
    let of = |id: &str| both.decisions.iter().find(|one| one.transaction == id).expect("decided");
    assert_eq!(of("T2").verdict, Automatic);
    assert_eq!(items_of(of("T1")), Vec::<Vec<&str>>::new(), "{:?}", of("T1"));
    assert!(reasons(of("T1")).contains(&Reason::Closed), "{:?}", of("T1"));
}
