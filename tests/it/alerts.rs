//! Alert rules, their tests, their manual and the metrics that exist speak of the same things. That
//! the rules fire is shown by `promtool test rules`, which `.ci/run alerts` calls.

use std::collections::BTreeSet;

use ap_gateway::metrics::Metrics;

const RULES: &str = include_str!("../../deploy/prometheus/alerts.yml");
const CASES: &str = include_str!("../../deploy/prometheus/alerts.test.yml");
const MANUAL: &str = include_str!("../../docs/operations.md");

/// What follows a word at the start of lines, such as `- alert: `.
fn after<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim().strip_prefix(word)).map(str::trim).collect()
}

#[test]
fn acceptance_57_each_alert_is_tested_and_has_its_place_in_the_manual() {
    let rules = after(RULES, "- alert: ");
    assert!(rules.len() > 20, "{rules:?}");
    let cases: BTreeSet<_> = after(CASES, "- name: ").into_iter().collect();
    let sections: Vec<_> = after(MANUAL, "### ");
    assert_eq!(rules, sections, "the manual has them in the same order");
    let untested: Vec<_> = rules.iter().filter(|rule| !cases.contains(*rule)).collect();
    assert!(untested.is_empty(), "{untested:?}");
    for runbook in after(RULES, "runbook: ") {
        let (file, anchor) = runbook.split_once('#').expect("an anchor");
        let known = rules.iter().any(|rule| rule.to_lowercase() == anchor);
        assert!(file == "docs/operations.md" && known, "{runbook}");
    }
}

#[test]
fn alerts_speak_of_metrics_that_exist() {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut seen = BTreeSet::new();
    for expression in after(RULES, "expr: ") {
        let names = expression.split(|c| !word(c));
        seen.extend(
            names.filter(|name| name.starts_with("ap_gateway_") || name.starts_with("http_")),
        );
    }
    // Labels of ours start alike.
    let labels = ["http_response_status_code"];
    let known = |name: &&str| {
        let plain = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
        Metrics::NAMES.contains(&plain.unwrap_or(name)) || labels.contains(name)
    };
    let strangers: Vec<_> = seen.iter().filter(|name| !known(name)).collect();
    assert!(seen.len() > 10 && strangers.is_empty(), "{strangers:?} of {seen:?}");
}
