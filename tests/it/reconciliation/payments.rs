//! Payments against open items, from outside: a case in, an explained settlement out.

mod bad_input;
mod documented;
mod evidence;
mod instructions;
mod limits;
mod properties;
mod record;
mod returns;
mod rivals;
mod search;
mod sets;
mod shapes;
mod statements;
mod told;

use serde_json::{Value, json};

use ap_gateway::models::payment::{
    EvidenceCode, PaymentCase, PaymentDecision, PaymentVerdict, Reason, Settlement,
};
use ap_gateway::reconciliation::payments::{explain, settle};

const IBAN: &str = "DE02120300000000202051";

/// An item of 250.00 of supplier V1, with some members set otherwise.
fn item(id: &str, other: Value) -> Value {
    let item = json!({"id": id, "kind": "invoice", "supplier": "V1",
        "supplier_name": "Muster Maschinenbau GmbH", "amount": "250.00", "currency": "EUR",
        "date": "2026-05-02", "due": "2026-06-01", "verified_ibans": [IBAN]});
    with(item, other)
}

/// A payment of 250.00 that names 4711, with some members set otherwise.
fn payment(id: &str, other: Value) -> Value {
    let payment = json!({"id": id, "direction": "out", "amount": "250.00", "currency": "EUR",
        "date": "2026-05-28", "text": "Rechnung 4711", "counterparty_iban": IBAN});
    with(payment, other)
}

/// Members are set; null takes one out.
fn with(mut value: Value, other: Value) -> Value {
    let members = value.as_object_mut().expect("an object");
    for (name, value) in other.as_object().expect("an object") {
        members.remove(name);
        if !value.is_null() {
            members.insert(name.clone(), value.clone());
        }
    }
    value
}

fn policy() -> Value {
    json!({"fee_limit": "5.00", "write_off_limit": "1.00", "auto_write_off": "0.50",
        "discount_grace_days": 3, "fx_percent": "2"})
}

fn case(items: &[Value], payments: &[Value], other: Value) -> PaymentCase {
    let case = json!({"open_items": items, "transactions": payments, "policy": policy()});
    serde_json::from_value(with(case, other)).expect("a case")
}

/// Settles, and holds what holds for every settlement.
fn settled(case: &PaymentCase) -> Settlement {
    let settlement = settle(case);
    assert_eq!(settlement, settle(case), "the same case, another settlement");
    assert!(settlement.rows.iter().all(|row| row.adds_up()));
    let text = explain(case, &settlement);
    for decision in &settlement.decisions {
        assert!(text.contains(&decision.transaction), "{text}");
    }
    settlement
}

/// The only decision of a case.
fn decided(items: &[Value], payments: &[Value], other: Value) -> PaymentDecision {
    let mut settlement = settled(&case(items, payments, other));
    assert_eq!(settlement.decisions.len(), 1, "{settlement:?}");
    settlement.decisions.remove(0)
}

/// What the best explanation says of its first item.
fn codes(decision: &PaymentDecision) -> Vec<EvidenceCode> {
    let first = decision.candidates.first().and_then(|best| best.items.first());
    first.map(|item| item.evidence.iter().map(|piece| piece.code).collect()).unwrap_or_default()
}

fn reasons(decision: &PaymentDecision) -> Vec<Reason> {
    decision.remarks.iter().map(|remark| remark.code).collect()
}

fn items_of(decision: &PaymentDecision) -> Vec<Vec<&str>> {
    let items = decision.candidates.iter().map(|one| &one.items);
    items.map(|items| items.iter().map(|item| item.item.as_str()).collect()).collect()
}

#[test]
fn the_text_tells_a_clerk_why() {
    let case = case(&[item("4711", json!({}))], &[payment("T1", json!({}))], json!({}));
    let settlement = settled(&case);
    assert_eq!(settlement.decisions[0].verdict, PaymentVerdict::Automatic);
    insta::assert_snapshot!(explain(&case, &settlement), @r"
    payment T1, 250.00 EUR paid on 2026-05-28: allocated
      pays 4711 (1000 of 1000)
        +350: the text names 4711
        +300: the account is a verified account of the supplier
        +250: the amount is what is open
        +50: paid on 2026-05-28, due on 2026-06-01
        +50: both in EUR
      4711: paid 250.00 EUR
    ");
}
