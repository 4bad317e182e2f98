//! EN 16931, XRechnung and Peppol rules, through the rules crate.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use en16931::Profile;
use en16931::bt::Group;
use en16931::profiles::{self, Declaration};
use en16931::validation::profile::Core;
use en16931::validation::{rules, validate_with};

use crate::models::finding::{Finding, Severity, VALIDATION_ERROR};
use crate::validation::{Document, OURS, Subject, finding};

/// The rules crate and its release; `Cargo.toml` pins it.
pub(crate) const SOURCE: &str = "en16931 0.8.0";

/// Rules of the crate that are not run, and why.
const NOT_RUN: [(&str, &str); 1] = [(
    "BR-CO-25",
    "a due date or payment terms when something is payable: in the text of the standard, and \
     removed from the official artefacts by CEN on 2026-04-04 (release 1.3.16)",
)];

/// Which rules a document is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuleSet {
    /// Those of the profile that it declares (BT-24), else the core rules.
    #[default]
    Declared,
    /// The core rules of EN 16931, whatever it declares.
    Core,
    /// Peppol BIS Billing 3.
    Peppol,
    /// XRechnung 3.
    XRechnung,
}

/// What the official rules say.
pub(crate) struct Official {
    pub(crate) findings: Vec<Finding>,
    /// Rules of the crate that ran and were not decided before.
    pub(crate) rules_run: usize,
    /// Rules in force that reading decided.
    pub(crate) rules_decided: usize,
    pub(crate) not_run: Vec<String>,
    /// Empty when they had nothing to judge.
    pub(crate) judged_by: Vec<String>,
    pub(crate) profile: Option<&'static Profile>,
}

/// Runs the rules of the crate, but for those that were decided on the document itself.
pub(crate) fn judge(subject: &Subject<'_>) -> Official {
    let nothing = Official {
        findings: Vec::new(),
        rules_run: 0,
        rules_decided: 0,
        not_run: Vec::new(),
        judged_by: Vec::new(),
        profile: None,
    };
    let document = match subject.document {
        Document::NotTheirs => return nothing,
        Document::Read(document) => Ok(document),
        Document::Unread(why) => Err(why),
    };
    let specification = document.ok().and_then(|document| document.specification_id.as_deref());
    let declaration = profiles::classify(specification);
    let profile = chosen(subject.rule_set, &declaration);
    let asked = Asked::of(profile, subject.decided);
    let mut official = Official {
        judged_by: judged_by(profile),
        profile: Some(profile),
        rules_run: asked.ids.len(),
        rules_decided: asked.decided,
        ..nothing
    };
    let unknown = unknown_profile(&declaration).filter(|_| subject.rule_set == RuleSet::Declared);
    official.findings.extend(unknown);
    match document {
        Err(why) => {
            official.findings.push(engine_error(why));
            official.rules_run = 0;
            official.not_run = asked.ids.iter().map(|id| (*id).to_owned()).collect();
        }
        Ok(document) => {
            let (found, failed) = run(asked, document);
            let is_asked = |id: &str| is_asked(id, profile, subject.decided);
            let found = found.into_iter().filter(|found| is_asked(&found.rule));
            official.findings.extend(found.map(|found| translate(&found, document)));
            for id in failed.into_iter().filter(|id| is_asked(id)) {
                official.rules_run -= 1;
                official.findings.push(not_evaluated(id));
                official.not_run.push(id.to_owned());
            }
        }
    }
    official
}

/// What the crate is asked of a profile: the rules that nobody decided before.
struct Asked {
    ids: &'static [&'static str],
    /// The profile with no other rules; restrictions stay, for they cannot be taken apart.
    profile: Profile,
    /// How many of the rules that reading decided are in force.
    decided: usize,
}

/// One for each profile and each list of decided rules: a dozen. Comparing the hundreds of ids takes
/// a tenth of the time of a whole document.
static ASKED: Mutex<BTreeMap<(&str, usize, usize), &Asked>> = Mutex::new(BTreeMap::new());

impl Asked {
    fn of(profile: &'static Profile, decided: &'static [&'static str]) -> &'static Self {
        let mut known = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        // What is static stands in its place for ever.
        let key = (profile.id, decided.as_ptr().addr(), decided.len());
        known.entry(key).or_insert_with(|| Box::leak(Box::new(Self::new(profile, decided))))
    }

    fn new(profile: &'static Profile, decided: &'static [&'static str]) -> Self {
        let is_asked = |id: &str| is_asked(id, profile, decided);
        let ids: Vec<_> = profile.check_ids().filter(|id| is_asked(id)).collect();
        let ids: &'static [_] = ids.leak();
        let extra = profile.extra_rules.iter().copied();
        let extra: Vec<_> = extra.filter(|rule| is_asked(rule.id.as_str())).collect();
        let decided = in_force(decided, profile);
        let core = Core::Only(ids);
        Self { ids, profile: Profile { core, extra_rules: extra.leak(), ..*profile }, decided }
    }
}

/// Whether the crate has to run a rule.
fn is_asked(id: &str, profile: &'static Profile, decided: &[&'static str]) -> bool {
    !is_decided(id, decided, profile) && NOT_RUN.iter().all(|(rule, _)| *rule != id)
}

/// Whether reading decided a rule that the profile has. XRechnung has some rules of Peppol with
/// another slack, which the crate knows and reading does not.
fn is_decided(id: &str, decided: &[&'static str], profile: &'static Profile) -> bool {
    let in_force = !is_of_peppol(id) || std::ptr::eq(profile, &profiles::PEPPOL_BIS_3);
    in_force && decided.binary_search_by(|other| (*other).cmp(id)).is_ok()
}

/// Peppol's own rules, and those for sellers of one country.
fn is_of_peppol(id: &str) -> bool {
    !["BR-", "UBL-", "CII-"].iter().any(|of_core| id.starts_with(of_core))
}

/// How many of the rules that reading decided are in force.
fn in_force(decided: &[&'static str], profile: &'static Profile) -> usize {
    let of_peppol = decided.iter().filter(|id| is_of_peppol(id)).count();
    let dropped = if std::ptr::eq(profile, &profiles::PEPPOL_BIS_3) { 0 } else { of_peppol };
    decided.len() - dropped
}

/// Drops what the profile does not ask for, and takes less seriously what it takes less seriously.
pub(crate) fn fit(
    broken: &mut Vec<Finding>,
    decided: &[&'static str],
    profile: Option<&'static Profile>,
) {
    let Some(profile) = profile else {
        return;
    };
    // What has no id of an official rule says that something is wrong in itself.
    let in_force = |id: &str| {
        decided.binary_search_by(|other| (*other).cmp(id)).is_err()
            || is_decided(id, decided, profile)
    };
    broken.retain(|found| in_force(&found.code));
    for found in broken {
        let level = profile.levels.iter().find(|(rule, _)| *rule == found.code);
        if let Some((_, level)) = level {
            found.severity = severity(*level);
        }
    }
}

/// Whether the specification (BT-24) is that of an invoice, and not of a booking aid.
pub(crate) fn is_invoice(specification: Option<&str>) -> bool {
    profiles::classify(specification).profile().is_none_or(Profile::is_en16931_invoice)
}

/// A booking aid is held to all core rules, as the artefacts do: that it breaks some is known, and
/// what it comes to is undefined.
fn chosen(rule_set: RuleSet, declaration: &Declaration) -> &'static Profile {
    match rule_set {
        RuleSet::Core => &profiles::EN16931,
        RuleSet::Peppol => &profiles::PEPPOL_BIS_3,
        RuleSet::XRechnung => &profiles::XRECHNUNG,
        RuleSet::Declared => declaration
            .profile()
            .filter(|profile| profile.is_en16931_invoice())
            .unwrap_or(&profiles::EN16931),
    }
}

fn judged_by(profile: &Profile) -> Vec<String> {
    let artefacts = profile.artefacts.iter().map(ToString::to_string);
    [SOURCE.to_owned()].into_iter().chain(artefacts).collect()
}

/// Findings of a profile, and the rules that could not be evaluated. A defect of a library must
/// not take the process along, and never counts as passed.
fn run(asked: &Asked, document: &en16931::Invoice) -> (Vec<en16931::Finding>, Vec<&'static str>) {
    let profile = &asked.profile;
    let whole = catch_unwind(AssertUnwindSafe(|| profile.validate(document)));
    if let Ok(report) = whole {
        return (report.findings().to_vec(), Vec::new());
    }
    // One by one, to know which.
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    let core = rules::CORE.iter().chain(profile.extra_rules).copied();
    for rule in core {
        match catch_unwind(AssertUnwindSafe(|| validate_with(document, &[rule]))) {
            Ok(report) => found.extend(report.findings().to_vec()),
            Err(_) => failed.push(rule.id.as_str()),
        }
    }
    failed.extend(profile.restrictions.iter().map(|restriction| restriction.id()));
    (found, failed)
}

fn not_evaluated(id: &str) -> Finding {
    let message = format!("{id}: the rule could not be evaluated on this document");
    let mut found = finding(VALIDATION_ERROR, Severity::Fatal, &[], message);
    found.remedy = Some("a person has to check the rule; report it as a defect".to_owned());
    found
}

pub(crate) fn engine_error(why: &str) -> Finding {
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
    found.place = Some("BT-24".to_owned());
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
    use super::{NOT_RUN, SOURCE, judge};
    use crate::models::extraction::Syntax;
    use crate::models::finding::Severity;
    use crate::models::invoice::Invoice;
    use crate::validation::{Document, Subject};

    #[test]
    fn the_release_that_is_named_is_the_one_that_is_built_in() {
        let pinned = include_str!("../../Cargo.toml");
        let version = SOURCE.split_once(' ').expect("a version").1;
        for name in ["en16931", "en16931-formats"] {
            let line = format!("\n{name} = {{ version = \"={version}\"");
            assert!(pinned.contains(&line), "{line}");
        }
        let invoice = Invoice::default();
        let document = en16931::Invoice::default();
        let subject = Subject::new(Syntax::Cii, &invoice, Document::Read(&document));
        assert_eq!(judge(&subject).judged_by, [SOURCE, "CEN validation-1.3.16"]);
    }

    #[test]
    fn who_cannot_judge_says_so_fatally_and_names_the_rules_that_did_not_run() {
        let invoice = Invoice::default();
        let subject = Subject::new(Syntax::Cii, &invoice, Document::Unread("no reader"));
        let official = judge(&subject);
        let found = &official.findings;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code.as_str(), found[0].severity), ("ENGINE_ERROR", Severity::Fatal));
        assert!(found[0].message.contains("no reader"), "{}", found[0].message);
        assert!(official.rules_run == 0 && official.not_run.len() > 200);
    }

    #[test]
    fn an_empty_document_breaks_many_rules_and_none_that_is_not_run() {
        let invoice = Invoice::default();
        let document = en16931::Invoice::default();
        let mut subject = Subject::new(Syntax::Cii, &invoice, Document::Read(&document));
        let all = judge(&subject);
        assert!(all.findings.len() > 5);
        for finding in &all.findings {
            assert!(NOT_RUN.iter().all(|(rule, _)| *rule != finding.code));
            assert!(finding.place.is_some() && !finding.message.is_empty());
        }
        subject.decided = &["BR-02"];
        let fewer = judge(&subject);
        assert!(fewer.findings.iter().all(|finding| finding.code != "BR-02"));
        assert_eq!(fewer.rules_run + 1, all.rules_run);
    }
}
