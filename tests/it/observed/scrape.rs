//! One scrape: ours, those of the business, the worker's and Temporal's; and whatever speaks of
//! metrics, rules and dashboard, speaks of those that are in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Stdio;

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Gateway, eventually, unique};
use crate::observed::prometheus::program;
use crate::samples::{self, HUNDRED};

const RULES: &str = include_str!("../../../deploy/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../../deploy/grafana/ap-gateway.json");

/// What the SDK shows only once it has happened, with its labels; and what is there only where
/// callers log in or a credential ends.
const LATER: [(&str, &[&str]); 6] = [
    ("ap_gateway_credential_expiry_timestamp_seconds", &["credential"]),
    ("ap_gateway_auth_failures_total", &["reason"]),
    ("temporal_workflow_task_execution_failed_total", &["failure_reason", "workflow_type"]),
    ("temporal_request_failure_total", &["operation", "status_code"]),
    ("temporal_sticky_cache_total_forced_eviction_total", &[]),
    ("temporal_activity_execution_failed_total", &["activity_type"]),
];

/// What Prometheus adds.
const ADDED: [&str; 2] = ["instance", "job"];

/// Words of PromQL that are no metrics.
const WORDS: [&str; 19] = [
    "sum",
    "rate",
    "increase",
    "max",
    "min",
    "histogram_quantile",
    "by",
    "on",
    "unless",
    "and",
    "or",
    "time",
    "clamp_min",
    "avg",
    "ignoring",
    "group_left",
    "topk",
    "vector",
    "count",
];

/// Names of series, each with its labels.
type Seen = BTreeMap<String, BTreeSet<String>>;

/// The scrape of a gateway that took two invoices, approved one and holds the other.
async fn scraped() -> String {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway.post_json("/purchase-orders", &samples::order(&order)).await;
    let receipt = samples::receipt(&unique("GR"), &order, "100");
    gateway.post_json("/receipts", &receipt).await;
    for order in [order, unique("PO")] {
        gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await;
    }
    gateway.send(Method::GET, "/nowhere", &[], Vec::new()).await;
    // Those that are read from the ledger every two seconds.
    let text = eventually(async || {
        let text = gateway.get("/metrics").await.text();
        let counted = text.contains("ap_gateway_invoices{status=\"held\"} 1");
        if counted { Ok(text) } else { Err(text) }
    })
    .await;
    assert!(gateway.stop().await, "drained in time");
    text
}

fn series(text: &str) -> Seen {
    let mut seen = Seen::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once(['{', ' ']).expect("a value");
        let labels = seen.entry(name.to_owned()).or_default();
        let inside = rest.split_once('}').map_or("", |(inside, _)| inside);
        labels.extend(labels_of(inside));
    }
    for (name, labels) in LATER {
        let known = seen.entry(name.to_owned()).or_default();
        known.extend(labels.iter().map(|label| (*label).to_owned()));
    }
    seen.insert("up".to_owned(), BTreeSet::new());
    for labels in seen.values_mut() {
        labels.extend(ADDED.map(str::to_owned));
    }
    seen
}

/// The names before `=` in what stands between braces; values may hold anything but quotes.
fn labels_of(inside: &str) -> Vec<String> {
    let outside = inside.split('"').step_by(2);
    let names = outside.map(|part| part.trim_matches([',', ' ', '=', '~', '!']).to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// What is wrong with an expression: metrics and labels that nobody has seen.
fn strangers(expression: &str, seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut asked = Vec::new();
    let mut rest = expression;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '[') {
        // Ranges such as [5m] hold no names.
        if rest[start..].starts_with('[') {
            rest = rest[start..].split_once(']').map_or("", |(_, rest)| rest);
            continue;
        }
        let name = &rest[start..];
        let name = &name[..name.find(|c| !word(c)).unwrap_or(name.len())];
        rest = &rest[start + name.len()..];
        if ["by", "on", "ignoring"].contains(&name) {
            let (inside, after) = rest.split_once(')').expect("a list");
            asked.extend(inside.trim_start_matches([' ', '(']).split(", ").map(str::to_owned));
            rest = after;
            continue;
        }
        if WORDS.contains(&name) {
            continue;
        }
        let Some(labels) = seen.get(name) else {
            wrong.push(format!("{name} is in no scrape"));
            continue;
        };
        known.extend(labels.iter().map(String::as_str));
        if let Some(inside) = rest.strip_prefix('{') {
            let (inside, after) = inside.split_once('}').expect("it ends");
            for label in labels_of(inside) {
                if !labels.contains(&label) {
                    wrong.push(format!("{name} has no label {label}"));
                }
            }
            rest = after;
        }
    }
    let unknown = asked.into_iter().filter(|label| !label.is_empty());
    wrong.extend(
        unknown
            .filter(|label| !known.contains(label.as_str()))
            .map(|label| format!("none of its metrics has the label {label}")),
    );
    wrong
}

/// Everything below a member of this name, however deep.
fn members<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(text) if key == name => found.push(text),
                    _ => members(value, name, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, name, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_dashboard_speak_of_what_is_in_the_scrape() {
    let text = scraped().await;
    for line in [
        "ap_gateway_decisions_total{decision=\"approved\",way=\"straight_through\"} 1",
        "ap_gateway_time_to_decision_seconds_count{way=\"straight_through\"} 1",
        "ap_gateway_extraction_confidence_ratio_count{syntax=\"ubl-invoice\"} 2",
        "ap_gateway_invoices{status=\"held\"} 1",
        "ap_gateway_held_value{currency=\"EUR\"} ",
        "ap_gateway_holds{code=\"PO_NOT_FOUND\"} 1",
        "ap_gateway_holds{code=\"UNIT_PRICE\"} 0",
        "ap_gateway_attention{code=\"OCR_UNAVAILABLE\"} 0",
        "ap_gateway_figures_up 1",
        "ap_gateway_task_queue_pollers{task_type=\"workflow\"} ",
        "ap_gateway_task_queue_pollers{task_type=\"activity\"} ",
        "temporal_num_pollers{",
        "temporal_worker_task_slots_available{",
        "temporal_request_latency_seconds_bucket{",
        "temporal_workflow_task_schedule_to_start_latency_seconds_bucket{",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    let seen = series(&text);
    let rules = RULES.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let rules: Vec<_> = rules.map(|rule| rule.trim_matches('\'')).collect();
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let mut shown = Vec::new();
    members(&dashboard, "expr", &mut shown);
    assert!(rules.len() > 20 && shown.len() > 20, "{} {}", rules.len(), shown.len());
    let wrong: Vec<_> = rules
        .iter()
        .chain(&shown)
        .flat_map(|expression| {
            let wrong = strangers(expression, &seen).into_iter();
            wrong.map(move |why| format!("{expression}\n    {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stranger_is_found() {
    let seen = series("a_total{x=\"1\",le=\"+Inf\"} 1\nb 2\n");
    assert!(strangers("sum by (x) (rate(a_total{x=~\"a|b\"}[5m])) / b > 0.5", &seen).is_empty());
    for (bad, why) in [
        ("c > 1", "c is in no scrape"),
        ("rate(a_total{y=\"1\"}[5m])", "a_total has no label y"),
        ("sum by (z) (b)", "none of its metrics has the label z"),
    ] {
        assert_eq!(strangers(bad, &seen), [why]);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs promtool: `.ci/run alerts` brings it"]
async fn promtool_has_nothing_to_say_about_it() {
    let text = scraped().await;
    let mut child = std::process::Command::new(program("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool runs");
    let mut pipe = child.stdin.take().expect("piped");
    pipe.write_all(text.as_bytes()).expect("it reads");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
