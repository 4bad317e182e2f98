//! Policies as documents: where their faults are, what the ready-made ones decide, how the schema
//! describes them, and which line of them decided what.

use serde_json::{Value, json};

use ap_gateway::models::case::Case;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::verdict::{CheckCode, Outcome};
use ap_gateway::reconciliation::policy::document::{FAULTS_MAX, PolicyDocument, PolicyFaults};
use ap_gateway::reconciliation::policy::explained::{explain_policy, text};
use ap_gateway::reconciliation::policy::ready_made::{READY_MADE, ready_made};
use ap_gateway::reconciliation::policy::schema::{schema, schema_text};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::sample;

fn document(text: &str) -> PolicyDocument {
    PolicyDocument::parse(text).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// The faults of a text that is no policy, as `line:column path code`.
fn faults(text: &str) -> Vec<String> {
    let PolicyFaults(faults) = PolicyDocument::parse(text).expect_err("it has faults");
    let said = faults.iter().map(|fault| {
        assert!(!fault.detail.is_empty() && !fault.detail.contains('\n'), "{fault}");
        format!("{}:{} {} {}", fault.line, fault.column, fault.path, fault.code)
    });
    said.collect()
}

/// A document, and its faults in the order of the text.
const FAULTY: &[(&str, &[&str])] = &[
    ("", &["1:1 version missing"]),
    ("version = \"1\"\nversion = \"2\"\n", &["2:1  not_toml"]),
    ("version = \"1\"\n[tolerances\n", &["2:12  not_toml"]),
    ("version = \"1\"\nfoo = 1\nbar = 2\n", &["2:1 foo invalid", "3:1 bar invalid"]),
    (
        "version = \"1\"\nledger_currency = \"EUX\"\nsmall_difference = 0.05\n",
        &["2:1 ledger_currency invalid", "3:1 small_difference invalid"],
    ),
    (
        "version = \"1\"\n[tolerances]\nUNIT_PRIZE = {}\nLINE_NET = { upper = { percent = \"1%\" } }\n",
        &["3:1 tolerances.UNIT_PRIZE invalid", "4:24 tolerances.LINE_NET.upper.percent invalid"],
    ),
    ("version = \"1\"\nmatch_level = \"two-way\"\n", &["2:1 match_level invalid"]),
    (
        "version = \"1\"\n[match_level]\n[[match_level.rules]]\nvendor = \"Ä\"\n",
        &["3:1 match_level.rules[0] invalid"],
    ),
    (
        "version = \"1\"\n# Umlauts: äöü\n\"tolerances\".\"LINE_NET\".upper.amount = \"-1\"\n",
        &["3:31 tolerances.LINE_NET.upper.amount out_of_range"],
    ),
    (
        "version = \"1\"\nmatch_level = { entity = \"three_way\", rules = [\n  { vendor = \"V\", level = \"two_way\" },\n] }\n",
        &["3:19 match_level.rules[0].level contradiction"],
    ),
    (
        "version = \"1\"\n[[tolerance_rules]]\nitem = \"A\"\ntolerances.LINE_NET.upper.amount = \"1\"\n\n[[tolerance_rules]]\nitem = \"A\"\ntolerances.LINE_NET.upper.amount = \"2\"\n",
        &["8:12 tolerance_rules[1].tolerances.LINE_NET contradiction"],
    ),
    (
        "[[tolerance_rules]]\ntolerances.LINE_NET = {}\n[sampling]\nthreshold = \"1\"\npercent = \"101\"\n",
        &[
            "1:1 version missing",
            "1:1 tolerance_rules[0] no_place",
            "5:1 sampling.percent out_of_range",
        ],
    ),
    ("{\"version\": \"1\"", &["1:15  not_json"]),
    ("{\n \"version\": \"1\",\n \"small_difference\": 5}", &["3:22 small_difference invalid"]),
    (
        "{\"version\": \"1\", \"tolerances\": {\n \"LINE_NET\": {},\n \"LINE_NET\": {\"upper\": {\"amount\": \"1\"}}}}",
        &["3:14  duplicate"],
    ),
    (
        "{\"version\": \"1\",\n\"approval_limits\": [\"5\",\n\"-1\"]}",
        &["3:1 approval_limits[1] out_of_range"],
    ),
];

#[test]
fn every_fault_has_line_column_and_path() {
    let wrong = FAULTY.iter().filter(|(text, expected)| faults(text) != *expected);
    let wrong: Vec<_> = wrong.map(|(text, _)| (text, faults(text))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_contradiction_names_both_sides() {
    let text = "version = \"1\"\n[[tolerance_rules]]\nvendor = \"DE 1\"\ntolerances.LINE_NET = {}\n\
                [[tolerance_rules]]\nvendor = \"de1\"\ntolerances.LINE_NET.upper.amount = \"2\"\n";
    let faults = PolicyDocument::parse(text).expect_err("it contradicts itself");
    assert_eq!(
        faults.to_string(),
        "7:12: tolerance_rules[1].tolerances.LINE_NET: another rule sets other limits for the same \
         place (the other: tolerance_rules[0].tolerances.LINE_NET, line 4)"
    );
}

#[test]
fn hostile_documents_are_refused_and_never_a_panic() {
    let deep = format!("{{\"charge_words\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_toml = format!("version = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let large = "#".repeat(5 << 20);
    for text in [&deep, &deep_toml, &large] {
        PolicyDocument::parse(text).expect_err("it is no policy");
    }
    let text = READY_MADE[0].text;
    for end in text.char_indices().map(|(at, _)| at) {
        let _ = PolicyDocument::parse(&text[..end]);
        let _ = PolicyDocument::parse(&format!("{{{}", &text[end..]));
    }
}

#[test]
fn many_faults_are_cut_off_and_counted() {
    let rule = "[[tolerance_rules]]\ntolerances.LINE_NET = {}\n";
    let text = format!("version = \"1\"\n{}", rule.repeat(FAULTS_MAX + 7));
    let PolicyFaults(faults) = PolicyDocument::parse(&text).expect_err("no rule has a place");
    assert_eq!(faults.len(), FAULTS_MAX + 1);
    let last = faults.last().expect("the last");
    assert!(last.detail.contains("7 more"), "{last}");
}

#[test]
fn toml_and_json_say_the_same() {
    for known in READY_MADE {
        let policy = document(known.text).policy;
        let json = serde_json::to_string_pretty(&policy).expect("JSON");
        assert_eq!(document(&json).policy, policy, "{}", known.name);
        assert!(policy.version.starts_with(known.name), "{}", policy.version);
    }
}

/// One line of a ready-made policy that starts with `# Example:`.
fn example(policy: &Policy, example: &str) -> Case {
    let (mut order_line, mut lines, mut charges) = (json!({"id": "1"}), json!([]), json!([]));
    let (mut receipts, mut before) = (json!([]), json!([]));
    let (mut net, mut payable) = (sample::number("0"), sample::number("0"));
    for part in example.split(';') {
        let words: Vec<&str> = part.split_whitespace().collect();
        match *words {
            ["ordered", quantity, "at", price] => {
                order_line = json!({"id": "1", "quantity": quantity, "unit_price": price});
            }
            ["ordered", "for", amount] => {
                order_line = json!({"id": "1", "quantity": "1", "unit_price": amount,
                    "net": amount, "match_basis": "amount"});
            }
            ["received", quantity] => {
                receipts = json!([{"number": "G", "purchase_order": "P",
                    "lines": [{"id": "1", "order_line": "1", "received": quantity}]}]);
            }
            ["billed", "before", amount] => {
                before = json!([{"invoice": "0", "line": "1", "po": "P", "po_line": "1",
                    "quantity": "0", "amount": amount}]);
            }
            ["billed", quantity, "at", price] => {
                net = sample::number(quantity) * sample::number(price);
                lines = json!([{"id": "1", "order_line_reference": "1", "quantity": quantity,
                    "price": price, "net": net.to_string()}]);
            }
            ["billed", amount] => {
                net = sample::number(amount);
                lines = json!([{"id": "1", "order_line_reference": "1", "quantity": "1",
                    "price": amount, "net": amount}]);
            }
            ["freight", amount] => {
                payable = sample::number(amount);
                charges = json!([{"charge": true, "amount": amount, "reason_code": "FC"}]);
            }
            _ => panic!("{part:?} says nothing that is known"),
        }
    }
    payable += net;
    let case = json!({
        "invoice": {"number": "R-1", "currency": "EUR", "order_reference": "P",
            "totals": {"lines": net.to_string(), "payable": payable.to_string()},
            "allowances_and_charges": charges, "lines": lines},
        "purchase_orders": [{"number": "P", "currency": "EUR", "lines": [order_line]}],
        "receipts": receipts, "billed_before": before, "policy": policy,
    });
    serde_json::from_value(case).expect("a case")
}

#[test]
fn ready_made_policies_decide_as_their_comments_say() {
    for known in READY_MADE {
        let policy = document(known.text).policy;
        let mut examples = 0;
        for line in known.text.lines().filter_map(|line| line.strip_prefix("# Example: ")) {
            examples += 1;
            let (said, outcome) = line.split_once(": ").expect("an outcome");
            let result = reconcile(&example(&policy, said));
            let mut holds: Vec<String> = result
                .holds
                .iter()
                .map(|hold| json!(hold.code).as_str().unwrap_or_default().to_owned())
                .collect();
            holds.sort();
            holds.dedup();
            let mut expected: Vec<&str> = match outcome.strip_prefix("held by ") {
                Some(codes) => codes.split(", ").collect(),
                None => Vec::new(),
            };
            expected.sort_unstable();
            assert_eq!(holds, expected, "{}: {line}", known.name);
            assert_eq!(result.outcome == Outcome::Matched, outcome == "matched", "{line}");
        }
        assert!(examples >= 3, "{}", known.name);
    }
}

/// The committed file is what editors and programs read.
#[test]
fn the_committed_schema_is_the_present_one() {
    let committed = include_str!("../../../openapi/policy.schema.json");
    assert!(
        committed == schema_text(),
        "openapi/policy.schema.json is not what the types say; run `ap-gateway policy schema > \
         openapi/policy.schema.json`"
    );
}

/// Holds a value against a schema, as far as ours goes; the places where it does not fit.
fn misfits(schema: &Value, part: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(reference) = part["$ref"].as_str() {
        let target = schema.pointer(&reference[1..]).expect("a reference that leads somewhere");
        return misfits(schema, target, value, place);
    }
    for list in ["oneOf", "anyOf"] {
        if let Some(choices) = part[list].as_array() {
            let tried = choices.iter().map(|choice| misfits(schema, choice, value, place));
            return tried.min_by_key(Vec::len).unwrap_or_default();
        }
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::Null => "null",
    };
    let wanted = &part["type"];
    let fits = wanted.is_null()
        || *wanted == kind
        || wanted.as_array().is_some_and(|kinds| kinds.contains(&json!(kind)));
    let mut found = Vec::new();
    if !fits {
        found.push(format!("{place}: {kind}, not {wanted}"));
    }
    if part["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{place}: {value} is no choice"));
    }
    for member in part["required"].as_array().into_iter().flatten() {
        if value.get(member.as_str().unwrap_or_default()).is_none() {
            found.push(format!("{place}: {member} is missing"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let below = format!("{place}/{name}");
        match (&part["properties"][name], &part["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{below}: not described")),
            (Value::Null, other) => found.extend(misfits(schema, other, member, &below)),
            (known, _) => found.extend(misfits(schema, known, member, &below)),
        }
        let names = part["propertyNames"]["anyOf"][0]["enum"].as_array();
        if names.is_some_and(|names| !names.contains(&json!(name)) && !name.starts_with("CHARGE:"))
        {
            found.push(format!("{below}: no such name"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(misfits(schema, &part["items"], item, &format!("{place}/{index}")));
    }
    found
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let schema = schema();
    let all = json!({
        "version": "1",
        "approval": {"touchless_up_to": "500", "tiers": [{"above": "1000", "approvals": 2}],
            "limits": [{"subject": "user:anna", "up_to": "5000"}], "default_limit": "100",
            "remind_after_seconds": 86400, "escalate_after_seconds": 172800,
            "escalate_to": "group:heads"},
        "match_level": {"entity": "two_way", "override": "any",
            "rules": [{"vendor": "V", "level": "three_way"}]},
        "tolerances": {"CHARGE:FC": {"upper": {"percent": "1", "amount": "2"}, "combine": "any"}},
        "tolerance_rules": [{"po": "P", "po_line": "1", "tolerances": {"LINE_NET": {}}}],
        "ledger_currency": "EUR", "small_difference": "0.05", "currency_conversion": false,
        "currency_conversion_suppliers": ["V"], "inverse_rates": true,
        "charges_not_compared": ["PC"], "charge_words": {"Fracht": "FC"}, "selected_only": true,
        "approval_limits": ["1000"], "fuzzy_duplicates": true, "sampling": {"threshold": "1", "percent": "5"},
        "unit_aliases": {"STK": "C62"},
    });
    document(&all.to_string());
    let members = all.as_object().expect("an object").keys();
    let described = schema["properties"].as_object().expect("properties");
    assert!(members.eq(described.keys()), "a member is not tried here");
    assert_eq!(misfits(&schema, &schema, &all, ""), Vec::<String>::new());
    for known in READY_MADE {
        let value: Value = toml::from_str(known.text).expect("TOML");
        assert_eq!(misfits(&schema, &schema, &value, ""), Vec::<String>::new(), "{}", known.name);
    }
    for (bad, place) in [
        (json!({}), "\"version\" is missing"),
        (json!({"version": "1", "polcy": 1}), "/polcy"),
        (json!({"version": "1", "match_level": "two-way"}), "/match_level"),
        (json!({"version": "1", "tolerances": {"CURRENCY": {}}}), "/tolerances/CURRENCY"),
        (json!({"version": "1", "small_difference": 1}), "/small_difference"),
    ] {
        let found = misfits(&schema, &schema, &bad, "").join("; ");
        assert!(found.contains(place), "{bad}: {found}");
        PolicyDocument::parse(&bad.to_string()).expect_err("the reader refuses it too");
    }
}

#[test]
fn a_dry_run_names_the_line_of_the_policy() {
    let policy = "version = \"2026-03\"\n\
        [match_level]\n\
        entity = \"two_way\"\n\
        rules = [\n  { item = \"A\", level = \"four_way\" },\n]\n\
        [tolerances]\n\
        UNIT_PRICE = { upper = { percent = \"2\" } }\n\
        CHARGE = { upper = { amount = \"0\" } }\n\
        \"CHARGE:FC\" = { upper = { amount = \"5\" } }\n\
        [[tolerance_rules]]\n\
        vendor = \"DE111111111\"\n\
        tolerances.LINE_NET = { upper = { amount = \"1\" } }\n";
    let document = document(policy);
    let mut case = sample::case();
    case.policy = document.policy.clone();
    case.purchase_orders[0].lines[1].buyer_item_id = Some("A".to_owned());
    case.invoice.allowances_and_charges = serde_json::from_value(json!([
        {"charge": true, "amount": "4", "reason_code": "FC"},
        {"charge": true, "amount": "4", "reason_code": "PC"},
    ]))
    .expect("charges");
    let result = reconcile(&case);
    let explained = explain_policy(&case, &result, Some(&document));
    let levels: Vec<_> =
        explained.levels.iter().map(|row| (row.from.as_str(), row.policy_line)).collect();
    assert_eq!(
        levels,
        [("a receipt for order PO-1", None), ("match_level.rules[0].level", Some(5))]
    );
    let row = |code: CheckCode, charge: Option<&str>| {
        let mut rows = explained.checks.iter();
        let row = rows.find(|row| row.code == code && row.charge.as_deref() == charge);
        let row = row.expect("the check appears");
        (row.from.as_deref(), row.policy_line)
    };
    assert_eq!(row(CheckCode::UnitPrice, None), (Some("tolerances.UNIT_PRICE"), Some(8)));
    assert_eq!(
        row(CheckCode::LineNet, None),
        (Some("tolerance_rules[0].tolerances.LINE_NET"), Some(13))
    );
    assert_eq!(row(CheckCode::Charge, Some("FC")), (Some("tolerances.CHARGE:FC"), Some(10)));
    assert_eq!(row(CheckCode::Charge, Some("PC")), (Some("tolerances.CHARGE"), Some(9)));
    assert_eq!(row(CheckCode::QtyOrdered, None), (None, None), "the policy sets no limit");
    let text = text(&explained);
    for line in [
        "policy 2026-03",
        "line 2: four_way, from match_level.rules[0].level (line 5)",
        "  pass           UNIT_PRICE: upper 2 %; from tolerances.UNIT_PRICE (line 8)",
        "  fail           CHARGE PC: upper 0; from tolerances.CHARGE (line 9)",
        "  not_checked    QTY_ORDERED: the policy sets no limit",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    // A policy that was not read from a document has places and no lines.
    let explained = explain_policy(&case, &result, None);
    assert!(explained.checks.iter().all(|row| row.policy_line.is_none()));
    assert!(explained.checks.iter().any(|row| row.from.is_some()));
}

#[test]
fn ready_made_policies_are_found_by_name() {
    for known in READY_MADE {
        assert_eq!(ready_made(known.name), Some(&known));
    }
    assert_eq!(ready_made("strict"), None);
}
