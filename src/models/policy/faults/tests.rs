use crate::models::policy::Policy;

fn places(policy: &str) -> Vec<(String, String, Option<String>)> {
    let policy: Policy = serde_json::from_str(policy).expect("it can be read");
    let breaches = policy.breaches().into_iter();
    let place = |pointer: Option<String>| pointer.unwrap_or_default();
    breaches.map(|found| (place(found.fault.pointer), found.fault.code, found.with)).collect()
}

/// A policy; place, code and other half of its only fault.
const FAULTS: &[(&str, &str, &str, Option<&str>)] = &[
    (r#"{"version":" "}"#, "/version", "empty", None),
    (
        r#"{"tolerances":{"UNIT_PRICE":{"upper":{"percent":"-1"}}}}"#,
        "/tolerances/UNIT_PRICE/upper/percent",
        "out_of_range",
        None,
    ),
    (
        r#"{"tolerances":{"LINE_NET":{"lower":{"amount":"-0.01"}}}}"#,
        "/tolerances/LINE_NET/lower/amount",
        "out_of_range",
        None,
    ),
    (
        r#"{"tolerances":{"CURRENCY":{"upper":{"amount":"1"}}}}"#,
        "/tolerances/CURRENCY",
        "no_limit",
        None,
    ),
    (
        r#"{"tolerances":{"QTY_VALUE":{"upper":{"percent":"1"}}}}"#,
        "/tolerances/QTY_VALUE/upper/percent",
        "no_percent",
        None,
    ),
    (
        r#"{"tolerances":{"ITEM_AMOUNT":{"upper":{"percent":"1"}}}}"#,
        "/tolerances/ITEM_AMOUNT/upper/percent",
        "no_percent",
        None,
    ),
    (
        r#"{"tolerances":{"PO_LIMIT":{"lower":{"amount":"1"}}}}"#,
        "/tolerances/PO_LIMIT/lower",
        "no_lower",
        None,
    ),
    (
        r#"{"tolerances":{"CREDIT_QTY":{"lower":{"percent":"0"}}}}"#,
        "/tolerances/CREDIT_QTY/lower",
        "no_lower",
        None,
    ),
    (
        r#"{"tolerances":{"CHARGE:FC":{}},"charges_not_compared":["FC"]}"#,
        "/tolerances/CHARGE:FC",
        "contradiction",
        Some("/charges_not_compared"),
    ),
    (
        r#"{"tolerances":{"CHARGE:a/b":{"upper":{"amount":"-1"}}}}"#,
        "/tolerances/CHARGE:a~1b/upper/amount",
        "out_of_range",
        None,
    ),
    (
        r#"{"tolerance_rules":[{"tolerances":{"LINE_NET":{}}}]}"#,
        "/tolerance_rules/0",
        "no_place",
        None,
    ),
    (
        r#"{"tolerance_rules":[{"vendor":"V","tolerances":{}}]}"#,
        "/tolerance_rules/0/tolerances",
        "empty",
        None,
    ),
    (
        r#"{"tolerance_rules":[{"item":" ","tolerances":{"LINE_NET":{}}}]}"#,
        "/tolerance_rules/0/item",
        "empty",
        None,
    ),
    (
        r#"{"tolerance_rules":[{"po_line":"1","tolerances":{"LINE_NET":{}}}]}"#,
        "/tolerance_rules/0/po_line",
        "incomplete",
        None,
    ),
    (
        r#"{"tolerance_rules":[{"vendor":"De 1","tolerances":{"LINE_NET":{"upper":{"amount":"1"}}}},{"vendor":"DE1","tolerances":{"LINE_NET":{"upper":{"amount":"2"}}}}]}"#,
        "/tolerance_rules/1/tolerances/LINE_NET",
        "contradiction",
        Some("/tolerance_rules/0/tolerances/LINE_NET"),
    ),
    (
        r#"{"tolerance_rules":[{"item":"A","tolerances":{"TOTAL_TAX":{}}}]}"#,
        "/tolerance_rules/0/tolerances/TOTAL_TAX",
        "never_used",
        None,
    ),
    (r#"{"match_level":{"rules":[{"level":"none"}]}}"#, "/match_level/rules/0", "no_place", None),
    (
        r#"{"match_level":{"rules":[{"po_line":"1","level":"three_way"}]}}"#,
        "/match_level/rules/0/po_line",
        "incomplete",
        None,
    ),
    (
        r#"{"match_level":{"rules":[{"vendor":"V","level":"none"}]}}"#,
        "/match_level/rules/0/level",
        "contradiction",
        Some("/match_level/entity"),
    ),
    (
        r#"{"match_level":{"rules":[{"item":"A","vendor":"V","level":"two_way"},{"vendor":"V","level":"three_way"}]}}"#,
        "/match_level/rules/0/level",
        "contradiction",
        Some("/match_level/rules/1/level"),
    ),
    (
        r#"{"match_level":{"override":"any","rules":[{"item":"A","level":"two_way"},{"item":"A ","level":"none"}]}}"#,
        "/match_level/rules/1/level",
        "contradiction",
        Some("/match_level/rules/0/level"),
    ),
    (r#"{"small_difference":"-0.01"}"#, "/small_difference", "out_of_range", None),
    (r#"{"approval_limits":["100","0"]}"#, "/approval_limits/1", "out_of_range", None),
    (
        r#"{"sampling":{"threshold":"1","percent":"100.5"}}"#,
        "/sampling/percent",
        "out_of_range",
        None,
    ),
    (
        r#"{"sampling":{"threshold":"-1","percent":"5"}}"#,
        "/sampling/threshold",
        "out_of_range",
        None,
    ),
    (
        r#"{"currency_conversion":true,"currency_conversion_suppliers":["V"]}"#,
        "/currency_conversion_suppliers",
        "contradiction",
        Some("/currency_conversion"),
    ),
    (
        r#"{"unit_aliases":{"STK":"C62","stk":"XPP"}}"#,
        "/unit_aliases/stk",
        "contradiction",
        Some("/unit_aliases/STK"),
    ),
    (
        r#"{"unit_aliases":{"KARTON":"BX","BX":"XBX"}}"#,
        "/unit_aliases/KARTON",
        "contradiction",
        Some("/unit_aliases/BX"),
    ),
    (r#"{"charge_words":{"Fracht":" "}}"#, "/charge_words/Fracht", "empty", None),
];

#[test]
fn every_fault_is_found_at_its_place() {
    for &(policy, pointer, code, with) in FAULTS {
        let expected = (pointer.to_owned(), code.to_owned(), with.map(str::to_owned));
        assert_eq!(places(policy), [expected], "{policy}");
    }
}

#[test]
fn what_can_take_effect_is_no_fault() {
    for policy in [
        "{}",
        r#"{"match_level":{"override":"any","entity":"three_way","rules":[{"vendor":"V","level":"none"}]}}"#,
        r#"{"match_level":{"rules":[{"vendor":"V","level":"three_way"},{"vendor":"V","item":"A","level":"four_way"}]}}"#,
        r#"{"tolerance_rules":[{"vendor":"V","tolerances":{"TOTAL_TAX":{"upper":{"amount":"1"}}}},{"vendor":"V","item":"A","tolerances":{"LINE_NET":{}}}]}"#,
        r#"{"tolerance_rules":[{"item":"A","tolerances":{"LINE_NET":{}}},{"item":"A","tolerances":{"LINE_NET":{}}}]}"#,
        r#"{"tolerances":{"UNIT_PRICE":{"upper":{"percent":"250"}}},"unit_aliases":{"XPP":"XPP","STK":"C62"}}"#,
        r#"{"sampling":{"threshold":"0","percent":"100"},"small_difference":"0"}"#,
    ] {
        assert_eq!(places(policy), [], "{policy}");
    }
}

#[test]
fn all_faults_are_listed() {
    let policy = r#"{"small_difference":"-1","tolerances":{"LINE_NET":{"upper":{"percent":"-1","amount":"-1"}}},
        "match_level":{"rules":[{"level":"three_way"}]}}"#;
    let found: Vec<String> = places(policy).into_iter().map(|(place, ..)| place).collect();
    assert_eq!(
        found,
        [
            "/match_level/rules/0",
            "/tolerances/LINE_NET/upper/percent",
            "/tolerances/LINE_NET/upper/amount",
            "/small_difference",
        ]
    );
}
