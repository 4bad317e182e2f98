//! The tables of docs/duplicates.md are what the code does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use ap_gateway::models::decimal;
use ap_gateway::models::duplicate::{DuplicateCode, DuplicateFinding};
use ap_gateway::reconciliation::duplicates::number::{exact_key, near, normalised_key};
use ap_gateway::reconciliation::duplicates::{FINDINGS_MAX, hold, search};
use ap_gateway::reconciliation::units::Units;

const MANUAL: &str = include_str!("../../../docs/duplicates.md");

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
fn each_kind_of_duplicate_holds_as_documented() {
    let rows = table("| code | the later invoice has | holds | what a clerk does |");
    let mut last = None;
    for row in &rows {
        let code: DuplicateCode = serde_json::from_value(json!(row[0])).expect("a code");
        assert!(last < Some(code), "{}: the strongest stands first", row[0]);
        last = Some(code);
        let finding = DuplicateFinding { code, against: vec![], text: String::new() };
        let held = hold(&finding).map_or(json!("no"), |hold| {
            assert_eq!(json!(hold.code), json!(row[0]));
            json!(hold.severity)
        });
        assert_eq!(held, json!(row[2]), "{}", row[0]);
    }
    assert_eq!(last, Some(DuplicateCode::ResentAfterRejection));
    assert_eq!(rows.len(), 8);
    assert!(MANUAL.contains(&format!("{FINDINGS_MAX} at most")));
}

#[test]
fn numbers_are_compared_as_documented() {
    for row in table("| number | exactly | normalised |") {
        assert_eq!((exact_key(row[0]).as_str(), normalised_key(row[0]).as_str()), (row[1], row[2]));
    }
    for row in table("| one | other | near |") {
        assert_eq!(near(row[0], row[1]), row[2] == "yes", "{row:?}");
    }
}

#[test]
fn limits_of_the_search_are_as_documented() {
    for limit in [
        format!("{} entries before", search::SAME_AMOUNT_MAX),
        format!("the {} that are most like", search::FETCHED_MAX),
        format!("Of one purchase {} invoices", search::SAME_PURCHASE_MAX),
    ] {
        assert!(MANUAL.contains(&limit), "{limit}");
    }
}

#[test]
fn fixed_units_are_as_documented() {
    let units = Units::new(&[], &BTreeMap::new());
    let mut known = BTreeSet::new();
    for row in table("| one | is |") {
        let (count, unit) = row[1].split_once(' ').expect("a count and a unit");
        let unit = unit.trim_matches('`');
        let factor = units.factor(&[], None, row[0], unit).and_then(|factor| factor.round(6));
        assert_eq!(factor, decimal::parse(count).ok(), "{row:?}");
        known.extend([row[0], unit]);
    }
    for unit in ["DAY", "MON", "XBX", "XPX", "XPK"] {
        for known in &known {
            assert_eq!(units.factor(&[], None, unit, known), None, "{unit} {known}");
        }
    }
}
