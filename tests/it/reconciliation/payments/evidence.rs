//! Each piece of evidence at its boundary, below it and above it.

use ap_gateway::models::payment::EvidenceCode::{self, *};
use ap_gateway::models::payment::PaymentVerdict::{self, Automatic, Suggestion, Unmatched};
use ap_gateway::models::payment::Reason;
use serde_json::{Value, json};

use crate::reconciliation::payments::{
    IBAN, case, codes, decided, item, payment, reasons, settled,
};

/// What the payment changes, what the item changes, which code is there, which is not.
type Row = (Value, Value, &'static [EvidenceCode], &'static [EvidenceCode]);

fn check(rows: Vec<Row>) {
    for (of_payment, of_item, there, not_there) in rows {
        let made = decided(
            &[item("4711", of_item.clone())],
            &[payment("T1", of_payment.clone())],
            json!({"ledger_currency": "EUR"}),
        );
        let found = codes(&made);
        let what = format!("{of_payment} {of_item}: {found:?}");
        assert!(there.iter().all(|code| found.contains(code)), "{what}");
        assert!(!not_there.iter().any(|code| found.contains(code)), "{what}");
    }
}

#[test]
fn what_is_named() {
    check(vec![
        (json!({}), json!({}), &[InvoiceNumber], &[StructuredReference, EndToEndId]),
        (json!({"text": "47110"}), json!({}), &[], &[InvoiceNumber]),
        (json!({"text": "A 4711."}), json!({}), &[InvoiceNumber], &[]),
        (json!({"text": "471"}), json!({"number": "471"}), &[], &[InvoiceNumber]),
        (json!({"text": "ABCD"}), json!({"number": "ABCD"}), &[], &[InvoiceNumber]),
        (json!({"text": "ABC1"}), json!({"number": "ABC1"}), &[InvoiceNumber], &[]),
        (
            json!({"references": ["RF18 5390 0754 7034"]}),
            json!({"references": ["rf18539007547034"]}),
            &[StructuredReference, InvoiceNumber],
            &[],
        ),
        (
            json!({"references": ["RF18539007547035"]}),
            json!({"references": ["RF18539007547034"]}),
            &[],
            &[StructuredReference],
        ),
        (
            json!({"references": ["000000000000000000000004711"]}),
            json!({}),
            &[StructuredReference],
            &[],
        ),
        (
            json!({"end_to_end_id": "PAY-1"}),
            json!({"end_to_end_ids": ["PAY-1"]}),
            &[EndToEndId],
            &[],
        ),
        (
            json!({"end_to_end_id": "PAY-2"}),
            json!({"end_to_end_ids": ["PAY-1"]}),
            &[],
            &[EndToEndId],
        ),
    ]);
}

#[test]
fn accounts_and_names() {
    check(vec![
        (json!({}), json!({}), &[Iban], &[]),
        (json!({"counterparty_iban": "de02 1203 0000 0000 2020 51"}), json!({}), &[Iban], &[]),
        (json!({"counterparty_iban": null}), json!({}), &[], &[Iban]),
        (json!({"counterparty_iban": "DE89370400440532013000"}), json!({}), &[], &[Iban]),
        (json!({}), json!({"verified_ibans": null}), &[], &[Iban]),
        // 2 × 9 of 20 letters, and of 21.
        (
            json!({"counterparty_name": "abcdefghix"}),
            json!({"supplier_name": "abcdefghiy"}),
            &[NameEqual],
            &[NameAlike],
        ),
        (
            json!({"counterparty_name": "abcdefghixz"}),
            json!({"supplier_name": "abcdefghiy"}),
            &[NameAlike],
            &[NameEqual],
        ),
        // 2 × 3 of 8 letters, and of 9.
        (json!({"counterparty_name": "abcx"}), json!({"supplier_name": "abcy"}), &[NameAlike], &[]),
        (
            json!({"counterparty_name": "abcxz"}),
            json!({"supplier_name": "abcy"}),
            &[],
            &[NameAlike, NameEqual],
        ),
    ]);
}

#[test]
fn amounts() {
    let discount = json!({"amount": "1000.00",
        "discount": {"percent": "2", "until": "2026-05-25"}});
    let amount = |amount: &str| json!({"amount": amount});
    let big = |amount: &str| json!({"amount": amount, "date": "2026-05-28"});
    check(vec![
        (amount("250.00"), json!({}), &[AmountExact], &[]),
        (amount("250"), json!({}), &[AmountExact], &[]),
        (amount("250.01"), json!({}), &[AmountFee], &[AmountExact]),
        (amount("245.00"), json!({}), &[AmountFee], &[]),
        (amount("255.00"), json!({}), &[AmountFee], &[]),
        (amount("244.99"), json!({}), &[AmountPartial], &[AmountFee]),
        (amount("255.01"), json!({}), &[], &[AmountFee, AmountPartial, AmountExact]),
        (json!({"amount": "262.50", "charges": "12.50"}), json!({}), &[AmountFee], &[]),
        (json!({"amount": "262.50", "charges": "12.49"}), json!({}), &[], &[AmountFee]),
        // The last day of grace, and the day after.
        (big("980.00"), discount.clone(), &[AmountDiscount], &[]),
        (
            json!({"amount": "980.00", "date": "2026-05-29"}),
            discount.clone(),
            &[AmountPartial],
            &[AmountDiscount],
        ),
        (json!({"amount": "980.00", "date": null}), discount.clone(), &[], &[AmountDiscount]),
        // A discount and a fee count as the fee.
        (big("975.00"), discount.clone(), &[AmountFee], &[AmountDiscount]),
        (big("974.99"), discount, &[AmountPartial], &[AmountFee]),
    ]);
}

#[test]
fn write_offs_where_no_fee_is_allowed() {
    for (amount, code, verdict) in [
        ("249.50", AmountWriteOff, Automatic),
        ("250.50", AmountWriteOff, Automatic),
        ("249.49", AmountWriteOff, Suggestion),
        ("249.00", AmountWriteOff, Suggestion),
        ("248.99", AmountPartial, Suggestion),
    ] {
        let policy = json!({"write_off_limit": "1.00", "auto_write_off": "0.50"});
        let payments = [payment("T1", json!({"amount": amount}))];
        let made = decided(&[item("4711", json!({}))], &payments, json!({"policy": policy}));
        assert!(codes(&made).contains(&code), "{amount} {made:?}");
        assert_eq!(made.verdict, verdict, "{amount} {made:?}");
    }
}

#[test]
fn dates() {
    let on = |date: &str| json!({"date": date});
    check(vec![
        (on("2026-05-01"), json!({}), &[], &[DateFits, DateLate]),
        (on("2026-05-02"), json!({}), &[DateFits], &[]),
        (on("2026-06-15"), json!({}), &[DateFits], &[]),
        (on("2026-06-16"), json!({}), &[], &[DateFits, DateLate]),
        (on("2026-07-31"), json!({}), &[], &[DateFits, DateLate]),
        (on("2026-08-01"), json!({}), &[DateLate], &[DateFits]),
        (on("2026-05-28"), json!({"due": null}), &[], &[DateFits, DateLate]),
    ]);
}

#[test]
fn currencies() {
    let booked = json!({"currency": "USD", "amount": "270.00", "booked": "250.00"});
    let amount = |amount: &str| json!({"amount": amount});
    let ordered = |amount: &str, ordered: &str| json!({"amount": amount, "instructed": {"amount": ordered, "currency": "USD"}});
    check(vec![
        (json!({}), json!({}), &[SameCurrency], &[OtherCurrency]),
        (amount("255.00"), booked.clone(), &[OtherCurrency, AmountExact], &[SameCurrency]),
        (amount("245.00"), booked.clone(), &[OtherCurrency], &[]),
        (amount("255.01"), booked.clone(), &[], &[OtherCurrency, AmountExact]),
        (amount("244.99"), booked.clone(), &[], &[OtherCurrency]),
        (ordered("255.00", "270.00"), booked.clone(), &[OtherCurrency, AmountExact], &[]),
        (ordered("255.01", "270.00"), booked.clone(), &[AmountExact], &[OtherCurrency]),
        (ordered("127.50", "135.00"), booked.clone(), &[OtherCurrency, AmountPartial], &[]),
        // More was ordered than is open, and nothing at all.
        (ordered("252.50", "300.00"), booked.clone(), &[OtherCurrency], &[AmountExact]),
        (ordered("252.50", "0.00"), booked, &[], &[OtherCurrency, AmountPartial]),
    ]);
}

#[test]
fn what_was_learned() {
    let pair = |confirmed: u32, declined: Option<&str>| {
        json!({"counterparty": IBAN, "supplier": "V1", "confirmed": confirmed,
            "declined": declined})
    };
    for (pairs, as_of, there, not_there) in [
        (json!([pair(1, None)]), "2026-05-28", None, Some(Confirmed)),
        (json!([pair(2, None)]), "2026-05-28", Some(Confirmed), None),
        (json!([pair(0, Some("2026-05-28"))]), "2026-08-26", Some(Declined), None),
        (json!([pair(0, Some("2026-05-28"))]), "2026-08-27", None, Some(Declined)),
    ] {
        let memory = json!({"version": 3, "pairs": pairs});
        let other = json!({"memory": memory, "as_of": as_of});
        let made = decided(&[item("4711", json!({}))], &[payment("T1", json!({}))], other);
        let found = codes(&made);
        assert!(there.is_none_or(|code| found.contains(&code)), "{pairs} {as_of} {found:?}");
        assert!(!not_there.is_some_and(|code| found.contains(&code)), "{pairs} {as_of} {found:?}");
    }
}

#[test]
fn what_was_learned_of_another_supplier_or_item_says_nothing_of_this_one() {
    let pair = |supplier: &str, item: Option<&str>| {
        json!({"counterparty": IBAN, "supplier": supplier, "item": item, "confirmed": 2,
            "declined": "2026-05-01"})
    };
    for (pair, counts) in [
        (pair("V1", None), true),
        (pair("V1", Some("4711")), true),
        (pair("V1", Some("4712")), false),
        (pair("V2", None), false),
        (pair("V2", Some("4711")), false),
    ] {
        let memory = json!({"memory": {"version": 1, "pairs": [pair]}});
        let made = decided(&[item("4711", json!({}))], &[payment("T1", json!({}))], memory);
        let found = codes(&made);
        let both = [Confirmed, Declined].map(|code| found.contains(&code));
        assert_eq!(both, [counts; 2], "{pair}: {found:?}");
    }
}

#[test]
fn the_thresholds_are_the_policy_s_and_include_their_boundary() {
    // Number, amount, date and currency: 700. With the account: 1000.
    let unknown = json!({"counterparty_iban": null});
    for (policy, change, verdict) in [
        (json!({}), json!({}), Automatic),
        (json!({}), unknown.clone(), Suggestion),
        (json!({"automatic_score": 700}), unknown.clone(), Automatic),
        (json!({"automatic_score": 701}), unknown.clone(), Suggestion),
        (json!({"suggestion_score": 700}), unknown.clone(), Suggestion),
        (json!({"suggestion_score": 701}), unknown, Unmatched),
    ] {
        let payments = [payment("T1", change.clone())];
        let other = json!({"policy": policy.clone()});
        let made = decided(&[item("4711", json!({}))], &payments, other);
        assert_eq!(made.verdict, verdict, "{policy} {change} {}", made.score);
        let low = reasons(&made).contains(&Reason::ScoreLow);
        assert_eq!(low, verdict != Automatic, "{policy} {change}");
    }
}

#[test]
fn a_lead_of_150_is_enough_and_less_is_not() {
    // The other one is 350 points behind, for the number.
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let verdict = |lead: u16| -> PaymentVerdict {
        let other = json!({"policy": {"lead": lead}});
        settled(&case(&items, &[payment("T1", json!({}))], other)).decisions[0].verdict
    };
    assert_eq!(verdict(150), Automatic);
    assert_eq!(verdict(350), Automatic);
    assert_eq!(verdict(351), Suggestion);
}
