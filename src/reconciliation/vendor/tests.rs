use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::models::invoice::Invoice;
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::{Hold, HoldCode, HoldSeverity};
use crate::reconciliation::vendor::{Arrival, examine};

fn suppliers() -> Vec<Supplier> {
    let suppliers = json!([
        {"id": "V1", "name": "Schrauben Meier GmbH", "aliases": ["Meier Schrauben", "70001"],
         "vat_ids": ["DE111111111"], "tax_numbers": ["12/345/67890"], "glns": ["4000001000005"],
         "accounts": [{"id": "DE02120300000000202051", "verified_since": "2024-01-01"},
                      {"id": "DE02500105170137075030"},
                      {"id": "DE02100500000054540402", "verified_since": "2025-01-01"}],
         "senders": ["Billing@meier.example"]},
        {"id": "V2", "name": "Zwei AG", "vat_ids": ["DE222222222"], "glns": ["4000002000004"]},
        {"id": "V3", "name": "Zwei AG", "vat_ids": ["DE 222 222 222"], "blocked_for_posting": true},
        {"id": "V4", "vat_ids": ["DE444444444"], "blocked_for_payment": true},
        {"id": "V5", "vat_ids": ["DE555555555"], "blocked_for_payment": true,
         "blocked_for_posting": true},
    ]);
    serde_json::from_value(suppliers).expect("suppliers")
}

fn entity() -> Entity {
    let entity = json!({"id": "E1", "names": ["Wir GmbH"], "vat_ids": ["DE999999999"]});
    serde_json::from_value(entity).expect("an entity")
}

fn examined(invoice: Value, sender: Option<&str>) -> (Option<String>, Vec<Hold>) {
    let invoice: Invoice = serde_json::from_value(invoice).expect("an invoice");
    let (suppliers, entity) = (suppliers(), entity());
    let on = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a day");
    let arrival = Arrival { invoice: &invoice, suppliers: &suppliers, entity: &entity, sender, on };
    let examined = examine(&arrival);
    (examined.supplier.map(|supplier| supplier.id.clone()), examined.holds)
}

fn codes(holds: &[Hold]) -> Vec<HoldCode> {
    holds.iter().map(|hold| hold.code).collect()
}

#[test]
fn the_strongest_identity_on_file_decides() {
    let account = |id: &str| json!([{"accounts": [{"id": id}]}]);
    let unknown = vec![HoldCode::VendorUnknown];
    let ambiguous = vec![HoldCode::VendorAmbiguous];
    for (seller, payments, supplier, holds) in [
        (json!({"vat_id": "de 111.111.111"}), json!([]), Some("V1"), vec![]),
        // The VAT id says V1: what the name says is not asked.
        (json!({"vat_id": "DE111111111", "name": "Zwei AG"}), json!([]), Some("V1"), vec![]),
        (json!({"tax_number": "1234567890"}), json!([]), Some("V1"), vec![]),
        (
            json!({"tax_number": "000", "ids": [{"value": "4000002000004", "scheme": "0088"}]}),
            json!([]),
            Some("V2"),
            vec![],
        ),
        (
            json!({"electronic_address": {"value": "4000002000004", "scheme": "0088"}}),
            json!([]),
            Some("V2"),
            vec![],
        ),
        (json!({}), account("DE02 1203 0000 0000 2020 51"), Some("V1"), vec![]),
        // Never verified: it tells nothing.
        (json!({}), account("DE02500105170137075030"), None, unknown.clone()),
        (json!({"name": "MEIER, Schrauben"}), json!([]), Some("V1"), vec![]),
        (json!({"ids": ["70001"]}), json!([]), Some("V1"), vec![]),
        (json!({"ids": ["v1"]}), json!([]), Some("V1"), vec![]),
        (json!({"vat_id": "DE222222222"}), json!([]), None, ambiguous.clone()),
        (json!({"name": "Zwei AG"}), json!([]), None, ambiguous),
        (json!({"name": "Drei AG", "vat_id": " "}), json!([]), None, unknown.clone()),
        (json!({}), json!([]), None, unknown),
    ] {
        let invoice = json!({"seller": seller, "payments": payments});
        let (found, found_holds) = examined(invoice.clone(), None);
        assert_eq!(found.as_deref(), supplier, "{invoice}");
        assert_eq!(codes(&found_holds), holds, "{invoice}");
    }
}

#[test]
fn a_stronger_id_that_differs_is_not_outvoted_by_a_weaker_one_that_agrees() {
    let gln = |vat_id: &str| json!({"vat_id": vat_id, "ids": [{"value": "4000002000004", "scheme": "0088"}]});
    let account = json!([{"accounts": [{"id": "DE02120300000000202051"}]}]);
    for (seller, payments, told) in [
        (gln("DE000"), json!([]), Some("has the GLN of supplier V2 and another VAT id")),
        (
            json!({"vat_id": "DE000", "name": "Meier Schrauben"}),
            json!([]),
            Some("has the name or id of supplier V1 and another VAT id"),
        ),
        (json!({"vat_id": "DE000"}), account.clone(), Some("has the account of supplier V1")),
        (
            json!({"tax_number": "9", "ids": ["70001"]}),
            json!([]),
            Some("has the name or id of supplier V1 and another tax number"),
        ),
        // The VAT id is that of V4: what the name says is not asked.
        (json!({"vat_id": "DE444444444", "name": "Zwei AG"}), json!([]), None),
        // The VAT id agrees: a weaker one that differs is no contradiction.
        (json!({"vat_id": "DE111111111", "tax_number": "9"}), account, None),
    ] {
        let invoice = json!({"seller": seller, "payments": payments});
        let (_, found) = examined(invoice.clone(), None);
        let unknown = found.iter().find(|hold| hold.code == HoldCode::VendorUnknown);
        match (unknown, told) {
            (Some(hold), Some(told)) => assert!(hold.text.contains(told), "{}", hold.text),
            (unknown, told) => assert_eq!(unknown.is_some(), told.is_some(), "{invoice}"),
        }
    }
}

#[test]
fn blocks_stop_posting_or_payment() {
    for (vat_id, severity) in [
        ("DE111111111", None),
        ("DE444444444", Some(HoldSeverity::Pay)),
        ("DE555555555", Some(HoldSeverity::Stop)),
    ] {
        let (_, holds) = examined(json!({"seller": {"vat_id": vat_id}}), None);
        let found = holds.iter().find(|hold| hold.code == HoldCode::VendorBlocked);
        assert_eq!(found.map(|hold| hold.severity), severity, "{vat_id}");
    }
}

#[test]
fn money_goes_to_verified_accounts_alone() {
    for (kind, account, changed) in [
        ("invoice", "de02 1203 0000 0000 2020 51", false),
        ("invoice", "DE02500105170137075030", true),
        ("invoice", "DE02100500000054540402", true),
        ("invoice", "DE75512108001245126199", true),
        ("invoice", " ", false),
        ("credit_note", "DE75512108001245126199", false),
    ] {
        let invoice = json!({"kind": kind, "seller": {"vat_id": "DE111111111"},
                             "payments": [{"accounts": [{"id": "DE02120300000000202051"}]},
                                          {"accounts": [{"id": account}]}]});
        let (_, holds) = examined(invoice, None);
        let expected = if changed { vec![HoldCode::BankChanged] } else { vec![] };
        assert_eq!(codes(&holds), expected, "{kind} {account}");
        assert!(holds.iter().all(|hold| hold.severity == HoldSeverity::Pay));
    }
}

#[test]
fn a_sender_never_seen_warns() {
    for (sender, warns) in [
        (None, false),
        (Some("billing@MEIER.example "), false),
        (Some("billing@meier.example.org"), true),
        (Some(" "), false),
    ] {
        let (_, holds) = examined(json!({"seller": {"vat_id": "DE111111111"}}), sender);
        let expected = if warns { vec![HoldCode::SenderUnverified] } else { vec![] };
        assert_eq!(codes(&holds), expected, "{sender:?}");
        assert!(holds.iter().all(|hold| hold.severity == HoldSeverity::Warn));
    }
}

#[test]
fn the_invoice_has_to_be_for_us_and_not_from_us() {
    let seller = json!({"vat_id": "DE111111111"});
    for (seller, buyer, holds) in [
        (&seller, json!({"vat_id": "de 999 999 999"}), vec![]),
        (&seller, json!({"vat_id": "DE1"}), vec![HoldCode::NotAddressedToUs]),
        (&seller, json!({"vat_id": "DE1", "name": "Wir GmbH"}), vec![HoldCode::NotAddressedToUs]),
        (&seller, json!({"name": "WIR GmbH & Co"}), vec![]),
        (&seller, json!({"name": "Andere AG"}), vec![HoldCode::NotAddressedToUs]),
        (&seller, json!({}), vec![]),
        (
            &json!({"vat_id": "DE 999999999"}),
            json!({}),
            vec![HoldCode::OwnVat, HoldCode::VendorUnknown],
        ),
    ] {
        let invoice = json!({"seller": seller, "buyer": buyer});
        let (_, found) = examined(invoice.clone(), None);
        assert_eq!(codes(&found), holds, "{invoice}");
    }
}

#[test]
fn a_company_without_a_vat_id_on_file_says_nothing_of_the_buyers() {
    let invoice = json!({"seller": {"vat_id": "DE111111111"}, "buyer": {"vat_id": "DE1"}});
    let invoice: Invoice = serde_json::from_value(invoice).expect("an invoice");
    let entity = Entity { vat_ids: Vec::new(), ..entity() };
    let on = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a day");
    let suppliers = suppliers();
    let arrival =
        Arrival { invoice: &invoice, suppliers: &suppliers, entity: &entity, sender: None, on };
    assert_eq!(codes(&examine(&arrival).holds), []);
}

#[test]
fn five_records_are_listed_and_the_others_counted() {
    for (count, told) in [(5, "S3, S4; releases"), (6, "S3, S4, 1 more; releases")] {
        let records = (0..count).map(|at| json!({"id": format!("S{at}"), "vat_ids": ["DE7"]}));
        let suppliers: Vec<Supplier> =
            serde_json::from_value(records.collect()).expect("suppliers");
        let invoice = json!({"seller": {"vat_id": "DE7"}});
        let invoice: Invoice = serde_json::from_value(invoice).expect("an invoice");
        let (entity, on) = (entity(), NaiveDate::from_ymd_opt(2024, 6, 1).expect("a day"));
        let arrival =
            Arrival { invoice: &invoice, suppliers: &suppliers, entity: &entity, sender: None, on };
        let holds = examine(&arrival).holds;
        assert!(holds[0].text.contains(told), "{}", holds[0].text);
    }
}

#[test]
fn every_hold_says_what_is_wrong_and_what_releases_it() {
    let invoice = json!({"seller": {"vat_id": "DE444444444"}, "buyer": {"vat_id": "DE1"},
                         "payments": [{"accounts": [{"id": "DE75512108001245126199"}]}]});
    let (_, holds) = examined(invoice, Some("x@y.example"));
    assert_eq!(
        codes(&holds),
        [
            HoldCode::NotAddressedToUs,
            HoldCode::VendorBlocked,
            HoldCode::BankChanged,
            HoldCode::SenderUnverified
        ]
    );
    for hold in &holds {
        assert!(hold.text.contains("; releases when "), "{}", hold.text);
        assert_eq!(hold.line, None);
    }
}
