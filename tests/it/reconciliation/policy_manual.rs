//! The tables of docs/policy.md are what the code does.

use ap_gateway::models::policy::{Limit, LimitKey, MatchLevel, Policy, Tolerance, takes};
use ap_gateway::models::verdict::CheckCode;
use ap_gateway::reconciliation::policy::document::PolicyDocument;
use ap_gateway::reconciliation::policy::ready_made::READY_MADE;
use ap_gateway::reconciliation::policy::schema::schema;

const MANUAL: &str = include_str!("../../../docs/policy.md");

/// The rows of the table that has this head, as cells without their code marks.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let mut lines = MANUAL.lines().skip_while(|line| *line != head);
    assert!(lines.next().is_some(), "no table {head}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let rows = rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().trim_matches('`')).collect()
    });
    rows.collect()
}

#[test]
fn every_member_is_documented() {
    let schema = schema();
    let members = schema["properties"].as_object().expect("properties").keys();
    let mut members: Vec<&str> = members.map(String::as_str).collect();
    let mut rows: Vec<&str> =
        table("| member | says | default |").into_iter().map(|row| row[0]).collect();
    members.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, members);
}

/// Default limits as the manual says them.
fn said(tolerance: Option<&Tolerance>) -> String {
    let Some(Tolerance { upper, lower, .. }) = tolerance else {
        return "not checked".to_owned();
    };
    let amount = |limit: &Limit| {
        assert_eq!(limit.percent, None, "the manual has no words for it");
        limit.amount.map(|amount| amount.to_string())
    };
    match (amount(upper), amount(lower)) {
        (Some(upper), None) => format!("upper {upper}"),
        (Some(upper), Some(lower)) if upper == lower => format!("{upper} either way"),
        other => panic!("the manual has no words for {other:?}"),
    }
}

#[test]
fn every_check_is_documented_with_the_limits_it_takes() {
    let rows = table("| check | compares | amount in | percent | lower | default |");
    let codes: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(codes, CheckCode::ALL.map(CheckCode::as_str));
    let default = Policy::default();
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    for (row, code) in rows.iter().zip(CheckCode::ALL) {
        let expected = match takes(code) {
            None => ["–"; 4].map(str::to_owned),
            Some(takes) => [
                takes.amount.text().to_owned(),
                yes(takes.percent),
                yes(takes.lower),
                said(default.tolerances.get(&LimitKey::from(code))),
            ],
        };
        assert_eq!(row[2..], expected, "{}", row[0]);
    }
}

#[test]
fn levels_and_ready_made_policies_are_documented() {
    let levels: Vec<&str> = table("| level | adds |").into_iter().map(|row| row[0]).collect();
    let known = [MatchLevel::None, MatchLevel::TwoWay, MatchLevel::ThreeWay, MatchLevel::FourWay];
    let known = known.map(|level| serde_json::json!(level));
    assert_eq!(serde_json::json!(levels), serde_json::json!(known));
    let rows: Vec<(&str, &str)> =
        table("| ready made | for |").into_iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(rows, READY_MADE.map(|known| (known.name, known.purpose)));
}

#[test]
fn every_example_is_a_policy() {
    let examples = MANUAL.split("```toml").skip(1);
    let examples: Vec<&str> =
        examples.map(|rest| rest.split("```").next().expect("its end")).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        PolicyDocument::parse(example).unwrap_or_else(|faults| panic!("{faults}"));
    }
}

/// The lines that the dry run of the manual names are those of the ready-made policy.
#[test]
fn the_dry_run_shows_lines_that_are_there() {
    let strict = PolicyDocument::parse(READY_MADE[0].text).expect("a policy");
    for (pointer, said) in [
        ("/match_level", "from match_level (line "),
        ("/tolerances/UNIT_PRICE", "from tolerances.UNIT_PRICE (line "),
    ] {
        let line = strict.line(pointer).expect("it is written");
        assert!(MANUAL.contains(&format!("{said}{line})")), "{pointer} stands on line {line}");
    }
}

/// What the gateway finds without a policy that says the words.
#[test]
fn defaults_that_are_told_in_words_hold() {
    let default = Policy::default();
    assert_eq!(default.match_level, MatchLevel::TwoWay.into());
    assert_eq!(default.small_difference, None);
    assert!(!default.currency_conversion && !default.inverse_rates && !default.selected_only);
    assert_eq!(default.faults(), []);
}
