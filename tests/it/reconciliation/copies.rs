//! Copies of what is known, and lines that pass for each other.

use ap_gateway::models::verdict::HoldCode;
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::codes;

const EXACT: &str =
    r#"[{"status":"approved","invoice":{"id":"inv_9","number":"R-1","vendor":"DE111111111"}}]"#;
const ALIKE: &str = r#"[{"status":"approved","invoice":{"id":"inv_9","number":"X-77",
    "vendor":"DE111111111","gross":"221.50","currency":"EUR","date":"2026-03-03"}}]"#;

fn copies(known: &str, more: &[(&str, &str)]) -> Vec<HoldCode> {
    let mut changes = vec![
        ("known_invoices", known),
        ("invoice/totals/gross", r#""221.50""#),
        ("invoice/issue_date", r#""2026-03-01""#),
    ];
    changes.extend(more);
    codes(&reconcile(&with(&changes)))
}

#[test]
fn an_invoice_is_no_copy_of_itself() {
    assert_eq!(copies(EXACT, &[("id", r#""inv_1""#)]), [HoldCode::DupExact]);
    assert_eq!(copies(EXACT, &[("id", r#""inv_9""#)]), []);
}

#[test]
fn a_policy_without_likeness_still_minds_the_same_number() {
    for (likeness, exact, alike) in [
        ("true", vec![HoldCode::DupExact], vec![HoldCode::DupFuzzy]),
        ("false", vec![HoldCode::DupExact], vec![]),
    ] {
        let policy = [("policy/fuzzy_duplicates", likeness)];
        assert_eq!(copies(EXACT, &policy), exact, "{likeness}");
        assert_eq!(copies(ALIKE, &policy), alike, "{likeness}");
    }
}

/// Named by our id or by its number.
#[test]
fn a_correction_may_be_a_copy_of_what_it_replaces_and_of_nothing_else() {
    let run = |type_code: &str, copy: &str| {
        let result = reconcile(&with(&[
            ("invoice/type_code", type_code),
            ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#),
            ("preceding", r#"[{"number":"R-0","id":"inv_0"}]"#),
            ("duplicate_of", copy),
        ]));
        codes(&result).contains(&HoldCode::DupExact)
    };
    for copy in [r#""inv_0""#, r#""R-0""#] {
        assert!(!run(r#""384""#, copy), "{copy}");
        assert!(run(r#""380""#, copy), "{copy}");
    }
    assert!(run(r#""384""#, r#""inv_7""#));
}

#[test]
fn two_lines_of_one_id_are_told_as_such() {
    let result = reconcile(&with(&[("invoice/lines/1/id", r#"" 1""#)]));
    assert_eq!(codes(&result), [HoldCode::MissingData]);
    assert!(result.holds[0].text.contains("several lines have the id 1"), "{:?}", result.holds);
}
