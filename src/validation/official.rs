//! EN 16931, XRechnung and Peppol rules, through the rules crate.

use std::panic::{AssertUnwindSafe, catch_unwind};

use en16931::bt::Group;
use en16931::profiles::{self, Declaration};
use en16931::validation::{Check, rules};
use en16931::{Profile, ValidationReport};

use crate::models::finding::{Finding, Severity};
use crate::validation::{OURS, finding};

/// The rules crate and its release; `Cargo.toml` pins it.
pub(crate) const SOURCE: &str = "en16931 0.8.0";

/// Rules in which the crate differs from the official artefacts, and what we do about each.
/// The measurement in `tests/it/validation.rs` fails when this table is too long or too short.
const NOT_RUN: [(&str, &str); 1] = [(
    "BR-CO-25",
    "a due date or payment terms when something is payable: in the text of the standard, and \
     removed from the official artefacts by CEN on 2026-04-04 (release 1.3.16)",
)];

/// Runs the rules of the profile that the document declares (BT-24), else the core rules.
pub(crate) fn judge(document: &Result<en16931::Invoice, String>, decided: &[&str]) -> Vec<Finding> {
    let document = match document {
        Ok(document) => document,
        Err(why) => return vec![engine_error(why)],
    };
    let declaration = profiles::classify(document.specification_id.as_deref());
    let profile = declaration.profile().unwrap_or(&profiles::EN16931);
    // A defect of a library must not take the process along, and never counts as passed.
    match catch_unwind(AssertUnwindSafe(|| run(profile, document))) {
        Ok(report) if report.rules_checked() == 0 => vec![engine_error("no rule was run")],
        Ok(report) => {
            let unknown = unknown_profile(&declaration);
            let said = report
                .findings()
                .iter()
                .filter(|f| decided.binary_search(&f.rule.as_str()).is_err())
                .map(|found| translate(found, document));
            unknown.into_iter().chain(said).collect()
        }
        Err(_) => vec![engine_error("the rules panicked on this document")],
    }
}

/// The releases of the official artefacts that the core rules follow.
pub(crate) fn releases() -> Vec<String> {
    let artefacts = profiles::EN16931.artefacts.iter();
    artefacts.map(ToString::to_string).collect()
}

fn run(profile: &'static Profile, document: &en16931::Invoice) -> ValidationReport {
    let check = Check::new(profile);
    let check = NOT_RUN.iter().fold(check, |check, (rule, _)| check.without(*rule));
    check.run(document)
}

fn engine_error(why: &str) -> Finding {
    let message = format!("the official rules could not judge the document: {why}");
    let mut found = finding("ENGINE_ERROR", Severity::Fatal, &[], message);
    found.remedy = Some("a person has to check the document; report it as a defect".to_owned());
    found
}

/// Core rules pass, profile unknown: worth a look, and no reason to refuse (handbook §13).
fn unknown_profile(declaration: &Declaration) -> Option<Finding> {
    let (Declaration::Unknown(Some(name)) | Declaration::WrongProcess(name)) = declaration else {
        return None;
    };
    let message = "the document claims rules that are not known here; the core rules of EN 16931 \
                   were applied";
    let mut found = finding("PROFILE_UNKNOWN", Severity::Warning, &["BT-24"], message.to_owned());
    found.actual = Some(name.chars().take(200).collect());
    Some(found)
}

fn translate(found: &en16931::Finding, document: &en16931::Invoice) -> Finding {
    let detail = found.detail.as_ref();
    let own = found.rule.starts_with("EN-");
    Finding {
        code: found.rule.clone(),
        severity: severity(found.severity),
        source: if own { format!("{OURS}, through {SOURCE}") } else { SOURCE.to_owned() },
        place: Some(place(found)),
        terms: terms(found),
        message: message(found, document),
        actual: detail.map(|detail| detail.actual.clone()),
        expected: detail.map(|detail| detail.expected.clone()),
        remedy: found.hint.clone().or_else(|| remedy(found)),
    }
}

fn severity(severity: en16931::Severity) -> Severity {
    match severity {
        en16931::Severity::Fatal => Severity::Fatal,
        en16931::Severity::Warning => Severity::Warning,
        en16931::Severity::Info => Severity::Information,
    }
}

/// `BG-25[3]/BT-131`: groups are counted from 1 here, as people and XPath do.
fn place(found: &en16931::Finding) -> String {
    let mut path = found.path;
    path.index = path.index.map(|index| index + 1);
    path.to_string()
}

/// The place's own group and term first, then every term that the rule touches.
fn terms(found: &en16931::Finding) -> Vec<String> {
    let rule = rules::explain(&found.rule);
    let of_rule = rule.iter().flat_map(|rule| rule.terms).map(ToString::to_string);
    let group = found.path.group.bg().map(|group| group.to_string());
    let term = found.path.term.map(|term| term.to_string());
    let mut terms: Vec<String> = Vec::new();
    for term in term.into_iter().chain(group).chain(of_rule) {
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// The authority's wording, and for a line its id: a clerk does not count lines.
fn message(found: &en16931::Finding, document: &en16931::Invoice) -> String {
    let index = found.path.index.filter(|_| found.path.group == Group::Line);
    let line = index.and_then(|index| document.lines.get(index));
    match line {
        Some(line) if !line.id.is_empty() => format!("line {}: {}", line.id, found.message),
        _ => found.message.clone(),
    }
}

fn remedy(found: &en16931::Finding) -> Option<String> {
    let expected = &found.detail.as_ref()?.expected;
    let term = found.path.term?;
    Some(format!("state {expected} as {term}, or correct the amounts that it follows from"))
}

#[cfg(test)]
mod tests {
    use super::{NOT_RUN, SOURCE, judge, releases};
    use crate::models::finding::Severity;

    #[test]
    fn the_release_that_is_named_is_the_one_that_is_built_in() {
        let pinned = include_str!("../../Cargo.toml");
        let version = SOURCE.split_once(' ').expect("a version").1;
        for name in ["en16931", "en16931-formats"] {
            let line = format!("\n{name} = {{ version = \"={version}\"");
            assert!(pinned.contains(&line), "{line}");
        }
        assert_eq!(releases(), ["CEN validation-1.3.16"]);
    }

    #[test]
    fn who_cannot_judge_says_so_fatally() {
        let found = judge(&Err("no reader".to_owned()), &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code.as_str(), found[0].severity), ("ENGINE_ERROR", Severity::Fatal));
        assert!(found[0].message.contains("no reader"), "{}", found[0].message);
    }

    #[test]
    fn an_empty_document_breaks_many_rules_and_none_that_is_not_run() {
        let found = judge(&Ok(en16931::Invoice::default()), &[]);
        assert!(found.len() > 5);
        for finding in found {
            assert!(NOT_RUN.iter().all(|(rule, _)| *rule != finding.code));
            assert!(finding.place.is_some() && !finding.message.is_empty());
        }
    }
}
