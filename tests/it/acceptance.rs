//! The acceptance list of the HTTP handbook (§10). A test that bears a number of it has the number
//! in its name, wherever it stands; those that belong to no one area are here.

mod at_once;
mod histories;
mod idempotency;
mod killed;
mod ledger_away;
mod link;
mod outages;
mod overload;
mod refusals;
mod replicas;
mod runtimes;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

use crate::tidy;

/// The numbers of the list.
const NUMBERS: RangeInclusive<u8> = 1..=64;

/// Numbers that a step or a job of `.ci/run` bears, alone or besides a test: where, and the words
/// that call it.
const STEPS: &[(u8, &str, &str)] = &[
    (17, ".ci/run", "acceptance::overload::"),
    (20, ".ci/run", "acceptance::overload::"),
    (24, ".ci/hostile", "attack slow-head"),
    (37, ".ci/hostile", "testssl"),
    (38, ".ci/contract", "schemathesis"),
    (42, ".ci/client", "openapi-python-client"),
    (55, ".ci/run", "-- --ignored observed::"),
    (57, ".ci/run", "test rules deploy/prometheus/alerts.test.yml"),
    (58, ".ci/run", "-- --ignored observed::"),
    (59, ".ci/run", ".ci/soak"),
    (60, "fuzz/Cargo.toml", "path = \"targets/last_event_id.rs\""),
    (64, ".ci/run", "--ignored http_dashboard::browser"),
];

/// The numbers in the name of a test: `acceptance_12_and_14_…` bears two.
fn borne(name: &str) -> Vec<u8> {
    let Some(rest) = name.strip_prefix("acceptance_") else {
        return Vec::new();
    };
    let words = rest.split('_').take_while(|word| *word == "and" || word.parse::<u8>().is_ok());
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Names of the functions that are tests and not ignored.
fn tests(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let function = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
        let Some(name) = function.and_then(|rest| rest.split('(').next()) else { continue };
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        let above: Vec<_> = above.collect();
        let test = above.iter().any(|line| line.contains("test]") || line.contains("::test("));
        if test && above.iter().all(|line| !line.starts_with("#[ignore")) {
            found.push(name);
        }
    }
    found
}

#[test]
fn each_number_is_borne_by_a_test_or_a_step() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    tidy::collect(&root.join("tests/it"), &mut files);
    let mut by_number: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        for name in tests(&text) {
            for number in borne(name) {
                by_number.entry(number).or_default().push(name.to_owned());
            }
        }
    }
    let tested: BTreeSet<u8> = by_number.keys().copied().collect();
    let strangers: Vec<_> = tested.iter().filter(|number| !NUMBERS.contains(number)).collect();
    assert!(strangers.is_empty(), "the list has no number {strangers:?}");
    for (number, file, words) in STEPS {
        let text = std::fs::read_to_string(root.join(file)).expect("a step");
        assert!(text.contains(words), "{file} does not bear {number}: it lacks {words:?}");
    }
    let stepped: BTreeSet<u8> = STEPS.iter().map(|(number, ..)| *number).collect();
    let nobody: Vec<_> =
        NUMBERS.filter(|number| !tested.contains(number) && !stepped.contains(number)).collect();
    assert!(nobody.is_empty(), "no test has these numbers in its name: {nobody:?}");
}

#[test]
fn numbers_are_read_from_names() {
    let table: [(&str, &[u8]); 5] = [
        ("acceptance_07_slow", &[7]),
        ("acceptance_12_and_14_keys", &[12, 14]),
        ("acceptance_50_and_51", &[50, 51]),
        ("acceptance_of_what", &[]),
        ("row_61_streams", &[]),
    ];
    for (name, numbers) in table {
        assert_eq!(borne(name), numbers, "{name}");
    }
    let text = "#[tokio::test]\nasync fn a() {}\n#[test]\n#[ignore = \"long\"]\nfn b() {}\n\
                fn c() {}\n#[tokio::test(flavor = \"multi_thread\")]\n#[rustfmt::skip]\nasync fn d() {}";
    assert_eq!(tests(text), ["a", "d"]);
}
