//! The test sets of CEN and OpenPEPPOL: fragments, each with what one rule must say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ap_gateway::validation::RuleSet;
use roxmltree::{Document, Node};

use crate::suites::differences::DIFFERENCES;
use crate::suites::{folder, judged};

const DIFI: &str = "http://difi.no/xsd/vefa/validator/1.0";

/// An expectation of a test: which rule, whether it must fire, how often when that is said.
struct Expected {
    case: String,
    rule: String,
    fires: bool,
    times: Option<usize>,
}

#[test]
#[cfg_attr(no_suite_en16931_units, ignore = "en16931/ubl-invoice-unit is not in the suites")]
fn unit_assertions_of_cen_are_answered_as_the_artefact_does() {
    let outcome = run("en16931/ubl-invoice-unit", RuleSet::Core);
    println!("{}", outcome.figures);
    outcome.hold();
}

#[test]
#[cfg_attr(no_suite_peppol_units, ignore = "peppol/unit-ubl is not in the suites")]
fn unit_assertions_of_peppol_are_answered_as_the_artefact_does() {
    let outcome = run("peppol/unit-ubl", RuleSet::Peppol);
    println!("{}", outcome.figures);
    outcome.hold();
}

/// What a suite came to.
struct Outcome {
    suite: &'static str,
    figures: String,
    assertions: usize,
    /// Differing cases by rule.
    differ: BTreeMap<String, Vec<String>>,
    /// Rules that some case expects to fire.
    seen: BTreeSet<String>,
}

/// Runs every test set below a folder.
fn run(suite: &'static str, rule_set: RuleSet) -> Outcome {
    let (mut assertions, mut tests) = (0_usize, 0_usize);
    let mut differ: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for path in sets(&folder(&format!("suites/{suite}"))) {
        let source = std::fs::read_to_string(&path).expect("a test set is UTF-8");
        let set = Document::parse(source.trim_start_matches('\u{feff}')).expect("XML");
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let all = set.descendants().filter(|node| node.has_tag_name((DIFI, "test")));
        for (index, test) in all.enumerate() {
            tests += 1;
            let said = judged(document_of(test).as_bytes(), rule_set);
            for expected in expectations(test, &format!("{name}, test {}", index + 1)) {
                assertions += 1;
                if expected.fires {
                    seen.insert(expected.rule.clone());
                }
                let fired = said.as_ref().map(|said| said.fired(&expected.rule));
                let agrees = match (&fired, expected.times) {
                    (Err(_), _) => false,
                    (Ok(fired), Some(times)) if expected.fires => *fired == times,
                    (Ok(fired), _) => (*fired > 0) == expected.fires,
                };
                if !agrees {
                    let Expected { case, rule, fires, .. } = expected;
                    let said = format!("{case}: fires {fires}, and we say {fired:?}");
                    differ.entry(rule).or_default().push(said);
                }
            }
        }
    }
    let differing: usize = differ.values().map(Vec::len).sum();
    let figures = format!(
        "{suite}: {tests} tests, {assertions} assertions, {} agree, {differing} differ",
        assertions - differing
    );
    Outcome { suite, figures, assertions, differ, seen }
}

impl Outcome {
    /// A difference that is not in the table fails, and so does one of the table that is gone.
    fn hold(&self) {
        assert!(self.assertions > 0, "{} asserts nothing", self.suite);
        let table = || DIFFERENCES.iter().filter(|known| known.suite == self.suite);
        let known = |rule: &str| table().any(|known| known.covers(rule));
        let new = self.differ.iter().filter(|(rule, _)| !known(rule));
        let new: Vec<String> =
            new.map(|(rule, cases)| format!("{rule}: {}", cases.join("; "))).collect();
        assert!(new.is_empty(), "new differences:\n{}", new.join("\n"));
        let gone = table().filter(|known| {
            let there = self.seen.iter().any(|rule| known.covers(rule));
            there && !self.differ.keys().any(|rule| known.covers(rule))
        });
        let gone: Vec<_> = gone.map(|known| known.rule).collect();
        assert!(gone.is_empty(), "differences that are gone, take them off the table: {gone:?}");
    }
}

/// All XML files below a folder, in order of their paths.
fn sets(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(sets(&path));
        } else if path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("xml")) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn expectations(test: Node<'_, '_>, case: &str) -> Vec<Expected> {
    let asserts = test.children().filter(|node| node.has_tag_name((DIFI, "assert")));
    let all = asserts.flat_map(|assert| assert.children()).filter(Node::is_element);
    all.filter_map(|expected| {
        let fires = match expected.tag_name().name() {
            "success" => false,
            "error" | "warning" => true,
            _ => return None,
        };
        let times = expected.attribute("number").and_then(|number| number.parse().ok());
        let rule = expected.text().expect("a rule").trim().to_owned();
        Some(Expected { case: case.to_owned(), rule, fires, times })
    })
    .collect()
}

/// The child that is no `assert`, as a document with the namespaces that are declared around it.
fn document_of(test: Node<'_, '_>) -> String {
    let mut elements = test.children().filter(Node::is_element);
    let fragment = elements.find(|node| !node.has_tag_name((DIFI, "assert")));
    let fragment = fragment.expect("a document");
    let source = &fragment.document().input_text()[fragment.range()];
    let name = source.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let (name, rest) = source.split_at(name.expect("a start tag"));
    let tag = &rest[..rest.find('>').expect("a start tag")];
    let missing = fragment.namespaces().filter_map(|namespace| {
        let attribute = match namespace.name() {
            Some("xml") => return None,
            Some(prefix) => format!("xmlns:{prefix}="),
            None => "xmlns=".to_owned(),
        };
        let uri = namespace.uri();
        (!tag.contains(&attribute)).then(|| format!(" {attribute}\"{uri}\""))
    });
    format!("{name}{}{rest}", missing.collect::<String>())
}
