use std::collections::BTreeSet;

use super::{BYTES_MAX, read};
use crate::extraction::draft::Drafted;
use crate::extraction::terms::{Field, INVOICE, Kind};
use crate::extraction::unreadable::Unreadable;
use crate::models::evidence::{Confidence, Source};
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{Identifier, Invoice, InvoiceKind};
use proptest::prelude::{any, proptest};
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

fn drafted(text: &str) -> Drafted {
    read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Code, place, actual.
fn brief(findings: &[Finding]) -> Vec<(&str, &str, &str)> {
    let text = |text: &Option<String>| -> &'static str {
        Box::leak(text.clone().unwrap_or_default().into_boxed_str())
    };
    findings.iter().map(|found| (&*found.code, text(&found.place), text(&found.actual))).collect()
}

const BY_NAME: &str = r#"{
    "invoice_number": "R-1", "issue_date": "2026-11-24", "type_code": "380", "currency": "EUR",
    "supplier": {"name": "Müller", "vat_id": "DE129273398", "ids": ["4711"],
                 "address": {"city": "Köln", "country": "DE"}},
    "payments": [{"accounts": [{"iban": "DE02120300000000202051"}]}],
    "allowances_and_charges": [{"charge": false, "amount": "1.00"}, {"charge": true, "amount": 2}],
    "totals": {"net": 11.00, "tax": "2.09", "gross": "13.09", "payable": "13.09"},
    "tax": [{"base": "11.00", "tax": "2.09", "category": "S", "rate": 19}],
    "lines": [{"id": "1", "quantity": 3, "unit": "C62", "net": "10.00", "unit_price": 3.33,
               "name": "Bolt", "standard_item_id": {"value": "40123", "scheme": "0160"}}]}"#;

const BY_TERM: &str = r#"{
    "BT-1": "R-1", "BT-2": "2026-11-24", "BT-3": "380", "BT-5": "EUR",
    "BG-4": {"BT-27": "Müller", "BT-31": "DE129273398", "BT-29": [{"value": "4711"}],
             "BG-5": {"BT-37": "Köln"}},
    "BT-40": "DE",
    "BG-16": [{"BG-17": [{"BT-84": "DE02120300000000202051"}]}],
    "BG-20": [{"BT-92": "1.00"}], "BG-21": [{"BT-99": "2"}],
    "BG-22": {"BT-109": "11.00", "BT-110": "2.09", "BT-112": "13.09"}, "BT-115": "13.09",
    "BG-23": [{"BT-116": "11.00", "BT-117": "2.09", "BT-118": "S", "BT-119": "19"}],
    "BG-25": [{"BT-126": "1", "BT-129": "3", "BT-130": "C62", "BT-131": "10.00",
               "BG-29": {"BT-146": "3.33"},
               "BG-31": {"BT-153": "Bolt", "BT-157": {"value": "40123", "scheme": "0160"}}}]}"#;

#[test]
fn names_and_terms_give_the_same_invoice() {
    let (by_name, by_term) = (drafted(BY_NAME), drafted(BY_TERM));
    assert_eq!(by_name.findings, []);
    assert_eq!(by_term.findings, []);
    assert_eq!(by_name.invoice, by_term.invoice);
    let invoice = by_name.invoice;
    assert_eq!(invoice.number.as_deref(), Some("R-1"));
    assert_eq!(invoice.seller.ids, [Identifier::from("4711")]);
    assert_eq!(invoice.totals.net.map(|net| net.to_string()).as_deref(), Some("11.00"));
    assert_eq!(invoice.allowances_and_charges.len(), 2);
    assert_eq!(invoice.lines[0].price.map(|price| price.to_string()).as_deref(), Some("3.33"));
}

#[test]
fn every_value_has_its_evidence() {
    let read = drafted(BY_NAME);
    let of = |field: &str| {
        let found = read.evidence.iter().find(|evidence| evidence.field == field);
        found.unwrap_or_else(|| panic!("{field} in {:#?}", read.evidence))
    };
    for (field, value, place) in [
        ("BT-1", "R-1", "/invoice_number"),
        ("BT-40", "DE", "/supplier/address/country"),
        ("BT-109", "11.00", "/totals/net"),
        ("BT-29[1]", "4711", "/supplier/ids/0"),
        ("BG-16[1]/BG-17[1]/BT-84", "DE02120300000000202051", "/payments/0/accounts/0/iban"),
        ("BG-20[1]/BT-92", "1.00", "/allowances_and_charges/0/amount"),
        ("BG-21[1]/BT-99", "2", "/allowances_and_charges/1/amount"),
        ("BG-25[1]/BT-157", "40123", "/lines/0/standard_item_id"),
    ] {
        let evidence = of(field);
        assert_eq!((&*evidence.value, evidence.place.as_deref()), (value, Some(place)));
        assert_eq!((evidence.source, evidence.confidence), (Source::Json, Confidence::CERTAIN));
    }
}

#[test]
fn what_is_wrong_or_unknown_is_listed_with_its_pointer() {
    let read = drafted(
        r#"{"number": 4711, "issue_date": "24.11.2026", "colour": {"a": [1]}, "BT-84": "DE",
            "seller": "Müller", "totals": {"gross": 1E100, "net": null, "tax": "1,00"},
            "lines": [{"net": 12345678901234567890123456789, "a/b~c": 1}, "x"],
            "allowances_and_charges": [{"amount": "1"}, {"charge": 1, "amount": "1"}],
            "BG-21": [{"BT-104": "freight"}, {"BT-99": "x"}], "payee": {"id": {"scheme": "0088"}}}"#,
    );
    let malformed = "MALFORMED_VALUE";
    let expected = [
        (malformed, "/number", "4711"),
        (malformed, "/issue_date", "\"24.11.2026\""),
        ("UNKNOWN_KEY", "/colour", "{\"a\": [1]}"),
        ("UNKNOWN_KEY", "/BT-84", "\"DE\""),
        (malformed, "/seller", "\"Müller\""),
        (malformed, "/totals/gross", "1E100"),
        (malformed, "/totals/tax", "\"1,00\""),
        (malformed, "/lines/0/net", "12345678901234567890123456789"),
        ("UNKNOWN_KEY", "/lines/0/a~1b~0c", "1"),
        (malformed, "/lines/1", "\"x\""),
        ("MISSING_VALUE", "/allowances_and_charges/0/charge", ""),
        (malformed, "/allowances_and_charges/1/charge", "1"),
        ("MISSING_VALUE", "/BG-21/0/amount", ""),
        (malformed, "/BG-21/1/BT-99", "\"x\""),
        ("MISSING_VALUE", "/payee/id/value", ""),
    ];
    assert_eq!(brief(&read.findings), expected);
    for found in &read.findings {
        let fatal = found.severity == Severity::Fatal;
        assert_eq!(fatal, found.code != "UNKNOWN_KEY", "{found:#?}");
        assert_eq!(fatal, found.expected.is_some(), "{found:#?}");
        assert!(found.remedy.is_some(), "{found:#?}");
    }
    let misplaced = &read.findings[3].remedy;
    assert_eq!(misplaced.as_deref(), Some("BT-84 stands in BG-17: put it there"));
    assert_eq!(read.invoice.lines.len(), 1);
    assert!(read.invoice.allowances_and_charges.is_empty());
}

#[test]
fn a_value_that_is_said_twice_is_reported() {
    for (text, fatal, number) in [
        (r#"{"number": "1", "number": "1"}"#, false, "1"),
        (r#"{"number": "1", "number": "2"}"#, true, "1"),
        (r#"{"BT-1": "1", "invoice_number": "2"}"#, true, "1"),
        (r#"{"number": "1", "seller": {"vat_id": "A"}, "BT-31": "B"}"#, true, "1"),
        (r#"{"number": "1", "lines": [{"id": "1"}], "BG-25": [{"id": "2"}]}"#, true, "1"),
        (r#"{"number": "1", "totals": {"net": "1"}, "totals": {"net": "2"}}"#, true, "1"),
        (r#"{"number": "1", "payee": {"id": {"value": "1", "value": "2"}}}"#, true, "1"),
    ] {
        let read = drafted(text);
        let [found] = &read.findings[..] else { panic!("{text}: {:#?}", read.findings) };
        assert_eq!(found.code, "DUPLICATE_KEY");
        assert_eq!(found.severity == Severity::Fatal, fatal, "{text}");
        assert_eq!(read.invoice.number.as_deref(), Some(number));
        assert!(read.invoice.lines.len() <= 1);
    }
}

#[test]
fn the_direction_follows_from_the_type() {
    for (text, kind, mismatch) in [
        (r#"{"number": "1"}"#, InvoiceKind::Invoice, false),
        (r#"{"type_code": "380"}"#, InvoiceKind::Invoice, false),
        (r#"{"type_code": "381"}"#, InvoiceKind::CreditNote, false),
        (r#"{"kind": "credit_note", "type_code": "381"}"#, InvoiceKind::CreditNote, false),
        (r#"{"kind": "credit_note", "type_code": "380"}"#, InvoiceKind::CreditNote, true),
        (r#"{"kind": "invoice", "type_code": "381"}"#, InvoiceKind::Invoice, true),
    ] {
        let read = drafted(text);
        assert_eq!(read.invoice.kind, kind, "{text}");
        let found = read.findings.iter().any(|found| found.code == "KIND_MISMATCH");
        assert_eq!(found, mismatch, "{text}");
    }
}

#[test]
fn one_invoice_in_a_list_or_under_a_name_is_read() {
    for (text, place) in [
        (r#"[{"number": "1"}]"#, "/0/number"),
        (r#"{"invoice": {"number": "1"}}"#, "/invoice/number"),
        (r#"{"invoices": [{"number": "1"}]}"#, "/invoices/0/number"),
        ("\u{feff}\n{\"number\": \"1\"}\n", "/number"),
    ] {
        let read = drafted(text);
        assert_eq!(read.evidence[0].place.as_deref(), Some(place));
    }
}

#[test]
fn what_is_no_single_invoice_is_refused_and_says_why() {
    let many_lines = format!(r#"{{"lines": [{}{{}}]}}"#, "{},".repeat(5_000));
    let many_notes = format!(r#"{{"notes": [{}{{}}]}}"#, "{},".repeat(1_000));
    let many_keys = format!("{{{}\"number\": \"1\"}}", "\"x\": 1,".repeat(1_000));
    let deep = format!("{{\"x\": {}", "[".repeat(200_000));
    let huge = format!("{{\"number\": \"{}\"}}", "x".repeat(BYTES_MAX));
    for (text, expected) in [
        ("", "the document is empty"),
        ("  \n", "the document is empty"),
        (r#"[{"number": "1"}, {"number": "2"}]"#, "2 documents in one file (items of the list"),
        ("{\"number\": \"1\"}\n{\"number\": \"2\"}", "2 documents in one file (one JSON value"),
        (r#"{"invoices": [{}, {}, {}]}"#, "3 documents in one file"),
        ("[]", "an empty list is not supported"),
        ("{}", "JSON without a single term of an invoice"),
        (r#"{"a": 1}"#, "JSON without a single term of an invoice"),
        ("[1]", "JSON that is no object"),
        ("\"x\"", "JSON that is no object"),
        ("{\"number\": \"1\",\n \"a\": 01}", "not well-formed JSON at line 2, column 8"),
        ("{\"number\": NaN}", "not well-formed JSON at line 1, column 12"),
        ("{\"number\": \"1\"", "not well-formed JSON at line 1"),
        ("{\"number\": \"1\"} x", "not well-formed JSON at line 1, column 17"),
        (&many_lines, "too large: 5001 lines, and at most 5000"),
        (&many_notes, "too large: 1001 items of one list"),
        (&many_keys, "too large: 1001 members of one object"),
        (&deep, "too large: 200001 levels"),
        (&huge, "too large: 52428814 bytes of JSON"),
    ] {
        let error = read(text).expect_err(expected);
        let said = error.to_string();
        assert!(said.starts_with(expected), "{said:?} for {expected:?}");
        assert!(said.len() < 400, "{said}");
    }
    let several = read(r#"[{}, {}]"#).expect_err("refused");
    assert!(matches!(several, Unreadable::Several { found: 2, .. }));
}

/// A value of each kind, chosen by `pick`; lists have as many items as it says.
fn sample(group: &'static [Field], pick: &mut dyn FnMut(u64) -> u64, full: bool) -> Value {
    let mut members = Map::new();
    for field in group {
        if matches!(field.kind, Kind::Side(..) | Kind::Inline) {
            continue;
        }
        let needed = matches!(field.name, "charge" | "amount" | "kind");
        if !full && !needed && pick(3) == 0 {
            continue;
        }
        let value = match field.kind {
            Kind::Word => json!(format!("Wörd {} €", pick(1000))),
            Kind::Prose => json!(format!("a\n \"b\" \\ {}\u{1F4A1}", pick(1000))),
            Kind::Decimal => {
                let sign = ["", "-"][usize::try_from(pick(2)).expect("small")];
                json!(format!("{sign}{}.{:02}", pick(u64::MAX), pick(100)))
            }
            Kind::Date => json!(format!("20{:02}-{:02}-28", pick(100), pick(12) + 1)),
            Kind::Count(max) => json!(pick(max)),
            Kind::Flag => json!(pick(2) == 0),
            Kind::Direction => json!("invoice"),
            Kind::Identifier => json!({"value": "a 1", "scheme": "0088"}),
            Kind::Identifiers => json!(["b", {"value": "c", "scheme": "d"}]),
            Kind::Group(fields) => sample(fields, pick, full),
            Kind::List(fields) | Kind::Mixed([(_, fields), _]) => {
                let count = if full { 2 } else { pick(3) };
                (0..count).map(|_| sample(fields, pick, full)).collect()
            }
            Kind::Side(..) | Kind::Inline => continue,
        };
        members.insert(field.name.to_owned(), value);
    }
    Value::Object(members)
}

fn any_invoice(seed: u64, full: bool) -> Invoice {
    let mut state = seed;
    // SplitMix64: the value is all that a failing case needs to be seen again.
    let mut pick = |below: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    };
    let mut invoice = sample(INVOICE, &mut pick, full);
    invoice["type_code"] = json!("380");
    serde_json::from_value(invoice).expect("the table has the types of the model")
}

proptest! {
    #[test]
    fn any_invoice_comes_back_as_it_was(seed in any::<u64>(), full in any::<bool>()) {
        let invoice = any_invoice(seed, full);
        let text = serde_json::to_string(&invoice).expect("JSON");
        let read = drafted(&text);
        assert_eq!(read.findings, []);
        assert_eq!(read.invoice, invoice);
    }

    #[test]
    fn cut_and_spoilt_text_never_panics(seed in any::<u64>(), at in any::<usize>(), with in "[\\[\\]{}\",:0e-]") {
        let text = serde_json::to_string(&any_invoice(seed, false)).expect("JSON");
        let at = text.floor_char_boundary(at % text.len());
        let _ = read(&text[..at]);
        let next = text.ceil_char_boundary(at + 1);
        let _ = read(&format!("{}{with}{}", &text[..at], &text[next..]));
    }
}

/// Names of the members of a model's type, out of its schema.
fn properties(schema: &Value) -> BTreeSet<String> {
    let own = schema["properties"].as_object();
    own.into_iter().flat_map(Map::keys).cloned().collect()
}

/// The first reference below a schema that is no identifier.
fn referred(schema: &Value) -> Option<String> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(key, value)| match value {
            Value::String(name) if key == "$ref" => name.rsplit('/').next().map(str::to_owned),
            other => referred(other),
        }),
        Value::Array(items) => items.iter().find_map(referred),
        _ => None,
    }
}

#[test]
fn no_member_of_the_model_is_without_its_row() {
    let mut schemas = Vec::new();
    <Invoice as utoipa::ToSchema>::schemas(&mut schemas);
    let schemas: Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).expect("JSON")))
        .collect();
    fn check(group: &'static [Field], schema: &Value, schemas: &Map<String, Value>) -> usize {
        let rows = group.iter().filter(|field| !matches!(field.kind, Kind::Inline));
        let names: BTreeSet<_> = rows.map(|field| field.name.to_owned()).collect();
        assert_eq!(names, properties(schema));
        let mut count = names.len();
        for field in group {
            let Some(groups) = field.members() else { continue };
            let name = referred(&schema["properties"][field.name]).expect("a type of its own");
            count += check(groups, &schemas[&name], schemas);
        }
        count
    }
    let root = serde_json::to_value(Invoice::schema()).expect("JSON");
    assert!(check(INVOICE, &root, &schemas) > 200);
}
