//! Official rules that need the document itself: what is empty and what is absent, what stands
//! twice, attributes, syntax. The rules crate sees none of these in its model.
//!
//! The rules are data, one table a syntax. A document is walked once; each element meets the rules
//! of its name alone, so the time is linear in the document.

mod assertion;
pub(crate) mod equation;
pub(crate) mod forbidden;
pub(crate) mod lists;
pub(crate) mod path;
pub(crate) mod vat;

use std::collections::HashMap;

pub(crate) use crate::extraction::rules::assertion::{Equation, List, Test};

use crate::extraction::rules::assertion::Breach;
use crate::extraction::rules::forbidden::{Forbidden, Node};
use crate::extraction::rules::path::{Context, Path};
use crate::extraction::tree::Element;
use crate::models::finding::{Finding, Severity, VALIDATION_ERROR};

/// Findings kept of one document. A person reads the first ten.
pub(crate) const FINDINGS_MAX: usize = 1_000;

/// Findings kept of one rule: a slip in a template stands on each of 10,000 lines.
pub(crate) const FINDINGS_OF_RULE_MAX: usize = 100;

/// Who says the rules of Peppol.
const PEPPOL: &str = "Peppol BIS Billing 3, May 2025";

/// A rule of an official artefact.
#[derive(Debug)]
pub(crate) struct Rule {
    /// As the artefact spells it.
    pub(crate) id: &'static str,
    /// Business terms, with blanks between them.
    pub(crate) terms: &'static str,
    /// Which elements it looks at; several with ` | ` between them.
    pub(crate) at: &'static str,
    /// What must be.
    pub(crate) test: Test,
    /// How bad a breach is.
    pub(crate) severity: Severity,
}

/// A fatal rule.
pub(crate) const fn fatal(
    id: &'static str,
    terms: &'static str,
    at: &'static str,
    test: Test,
) -> Rule {
    Rule { id, terms, at, test, severity: Severity::Fatal }
}

/// A rule whose breach is a warning.
pub(crate) const fn warning(
    id: &'static str,
    terms: &'static str,
    at: &'static str,
    test: Test,
) -> Rule {
    Rule { id, terms, at, test, severity: Severity::Warning }
}

/// The rules of a syntax, ready to run.
pub(crate) struct RuleSet {
    source: &'static str,
    of_root: Vec<Placed>,
    by_name: HashMap<&'static str, Vec<Placed>>,
    /// Rules of all elements whose names end so; there are few endings.
    by_ending: Vec<(&'static str, Vec<Placed>)>,
    forbidden: Forbidden,
    /// Ids of all rules, sorted, each once.
    pub(crate) ids: Vec<&'static str>,
}

/// Rules that look at the same elements, as they follow each other in the tables.
struct Placed {
    at: &'static str,
    context: Context,
    rules: Vec<(&'static Rule, Vec<Path>)>,
}

impl RuleSet {
    /// Sorts rules by the elements that they look at.
    pub(crate) fn new(
        source: &'static str,
        tables: &[&'static [Rule]],
        forbidden: Forbidden,
    ) -> Self {
        let mut set = Self {
            source,
            of_root: Vec::new(),
            by_name: HashMap::new(),
            by_ending: Vec::new(),
            ids: forbidden.ids().collect(),
            forbidden,
        };
        for rule in tables.iter().copied().flatten() {
            // What has no id of the artefact is ours, and nobody else's to decide.
            set.ids.extend(Some(rule.id).filter(|id| id.contains('-')));
            for at in rule.at.split(" | ") {
                let context = Context::new(at);
                let of = match (context.local(), context.ending) {
                    (Some(local), _) => set.by_name.entry(local).or_default(),
                    (None, Some(ending)) => set.of_ending(ending),
                    (None, None) => &mut set.of_root,
                };
                if of.last().is_none_or(|last| last.at != at) {
                    of.push(Placed { at, context, rules: Vec::new() });
                }
                let placed = of.last_mut().expect("it was pushed above");
                placed.rules.push((rule, rule.test.paths()));
            }
        }
        set.ids.sort_unstable();
        set.ids.dedup();
        set
    }

    fn of_ending(&mut self, ending: &'static str) -> &mut Vec<Placed> {
        let at = self.by_ending.iter().position(|(other, _)| *other == ending);
        let at = at.unwrap_or_else(|| {
            self.by_ending.push((ending, Vec::new()));
            self.by_ending.len() - 1
        });
        &mut self.by_ending[at].1
    }

    /// Holds the document against every rule.
    pub(crate) fn check(&self, root: Element<'_, '_>) -> Vec<Finding> {
        let mut found = Found { source: self.source, kept: Vec::new(), times: HashMap::new() };
        self.visit(root, 0, &self.forbidden.start(root), &mut found);
        found.kept
    }

    /// Recursion is as deep as the document, which is bounded before it is parsed.
    fn visit(&self, at: Element<'_, '_>, depth: usize, node: &Node<'_>, found: &mut Found) {
        if depth == 0 {
            self.of_root.iter().for_each(|placed| placed.check(at, found));
        }
        let name = at.local();
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        for placed in named.iter().filter(|placed| placed.context.matches(at, depth)) {
            placed.check(at, found);
        }
        for (_, ended) in self.by_ending.iter().filter(|(ending, _)| name.ends_with(ending)) {
            ended.iter().for_each(|placed| placed.check(at, found));
        }
        for rule in self.forbidden.attributes(at) {
            found.add_forbidden(rule.0, at, rule.1);
        }
        for child in at.elements() {
            let below = node.step(child);
            for rule in below.rules() {
                found.add_forbidden(rule, child, "");
            }
            self.visit(child, depth + 1, &below, found);
        }
    }
}

impl Placed {
    fn check(&self, at: Element<'_, '_>, found: &mut Found) {
        for (rule, paths) in &self.rules {
            if let Err(breach) = rule.test.run(paths, at) {
                found.add(rule, at, breach);
            }
        }
    }
}

/// Findings, within limits.
struct Found {
    source: &'static str,
    kept: Vec<Finding>,
    times: HashMap<&'static str, usize>,
}

impl Found {
    /// Asked before a place is worked out, which takes time.
    fn has_room(&mut self, id: &'static str) -> bool {
        let times = self.times.entry(id).or_default();
        *times += 1;
        // The first of each rule is kept always: no rule is silent for what others found.
        *times == 1 || (*times <= FINDINGS_OF_RULE_MAX && self.kept.len() < FINDINGS_MAX)
    }

    fn add(&mut self, rule: &'static Rule, at: Element<'_, '_>, breach: Breach) {
        if !self.has_room(rule.id) {
            return;
        }
        let (code, message) = if breach.is_error {
            (VALIDATION_ERROR.to_owned(), format!("{}: {}", rule.id, breach.message))
        } else {
            (rule.id.to_owned(), breach.message)
        };
        self.kept.push(Finding {
            code,
            severity: if breach.is_error { Severity::Fatal } else { rule.severity },
            source: if rule.id.starts_with("PEPPOL-") { PEPPOL } else { self.source }.to_owned(),
            place: Some(at.xpath()),
            terms: rule.terms.split_whitespace().map(str::to_owned).collect(),
            message,
            actual: breach.actual,
            expected: breach.expected,
            remedy: Some(breach.remedy),
        });
    }

    fn add_forbidden(&mut self, id: &'static str, at: Element<'_, '_>, attribute: &str) {
        if !self.has_room(id) {
            return;
        }
        let (what, place) = match attribute {
            "" => (at.local().to_owned(), at.xpath()),
            name => (format!("@{name}"), format!("{}/@{name}", at.xpath())),
        };
        self.kept.push(Finding {
            code: id.to_owned(),
            severity: forbidden::severity(id),
            source: self.source.to_owned(),
            place: Some(place),
            terms: Vec::new(),
            message: format!("{what} is outside of EN 16931: receivers need not read it"),
            actual: None,
            expected: None,
            remedy: Some(format!("leave out {what}, or agree with the receiver on it")),
        });
    }
}

#[cfg(test)]
mod tests;
