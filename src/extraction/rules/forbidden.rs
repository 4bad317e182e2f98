//! Elements and attributes that the syntax has and EN 16931 does not use, from the tables of
//! `en16931-formats`: some 1,200 paths, joined into one tree that is walked along the document.

use std::collections::HashMap;

use crate::extraction::tree::Element;
use crate::models::finding::Severity;

/// Rule, context, path below it: as the tables have it.
pub(crate) type Row = (&'static str, &'static str, &'static str);

/// All prohibitions of a syntax.
#[derive(Debug, Default)]
pub(crate) struct Forbidden {
    branches: Vec<Branch>,
    /// From the root, by the root's local name.
    anchored: HashMap<&'static str, usize>,
    /// From any element, by its local name.
    floating: HashMap<&'static str, usize>,
    attributes: &'static [(&'static str, &'static str)],
}

#[derive(Debug, Default)]
struct Branch {
    below: HashMap<&'static str, usize>,
    rules: Vec<&'static str>,
}

/// Where a walk stands: at several branches at once, since some paths start anywhere.
pub(crate) struct Node<'f> {
    forbidden: &'f Forbidden,
    at: Vec<usize>,
}

impl Forbidden {
    /// Joins the rows into a tree; `ours` names what our own tables say better.
    pub(crate) fn new(
        rows: &[Row],
        attributes: &'static [(&'static str, &'static str)],
        ours: impl Fn(&str) -> bool,
    ) -> Self {
        let mut all = Self { attributes, ..Self::default() };
        for (rule, context, path) in rows.iter().filter(|(rule, ..)| !ours(rule)) {
            let is_floating = context.starts_with("//") || !context.starts_with('/');
            let mut steps = context.trim_start_matches('/').split('/').chain(path.split('/'));
            let mut steps = steps.by_ref().map(local);
            let Some(first) = steps.next() else {
                continue;
            };
            let starts = if is_floating { &mut all.floating } else { &mut all.anchored };
            let mut at = *starts.entry(first).or_insert_with(|| {
                all.branches.push(Branch::default());
                all.branches.len() - 1
            });
            for step in steps {
                let next = all.branches.len();
                let below = *all.branches[at].below.entry(step).or_insert(next);
                if below == next {
                    all.branches.push(Branch::default());
                }
                at = below;
            }
            if !all.branches[at].rules.contains(rule) {
                all.branches[at].rules.push(rule);
            }
        }
        all
    }

    /// Ids of the rules.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        let of_elements = self.branches.iter().flat_map(|branch| branch.rules.iter().copied());
        of_elements.chain(self.attributes.iter().map(|(rule, _)| *rule))
    }

    /// Where a walk starts.
    pub(crate) fn start(&self, root: Element<'_, '_>) -> Node<'_> {
        let local = root.local();
        let at = self.anchored.get(local).into_iter().chain(self.floating.get(local));
        Node { forbidden: self, at: at.copied().collect() }
    }

    /// Forbidden attributes of an element, each with its rule.
    pub(crate) fn attributes(
        &self,
        at: Element<'_, '_>,
    ) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = at.attribute_names();
        all.filter_map(|name| {
            let mut rows = self.attributes.iter();
            rows.find(|(_, forbidden)| *forbidden == name).copied()
        })
    }
}

impl<'f> Node<'f> {
    /// Goes down to a child.
    pub(crate) fn step(&self, child: Element<'_, '_>) -> Self {
        let local = child.local();
        let branches = &self.forbidden.branches;
        let below = self.at.iter().filter_map(|at| branches[*at].below.get(local));
        let at = below.chain(self.forbidden.floating.get(local)).copied().collect();
        Self { forbidden: self.forbidden, at }
    }

    /// The rules that forbid the element that the walk stands at.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static str> + use<'f> {
        let forbidden = self.forbidden;
        let at = self.at.clone();
        at.into_iter().flat_map(move |at| forbidden.branches[at].rules.iter().copied())
    }
}

/// The name without prefix.
fn local(step: &'static str) -> &'static str {
    step.rsplit(':').next().unwrap_or(step)
}

/// Prohibitions are warnings, but for dates of periods and parts of addresses (CII) and two of the
/// invoiced object (UBL).
pub(crate) fn severity(id: &str) -> Severity {
    let number = id.strip_prefix("CII-DT-").and_then(|number| number.parse::<u32>().ok());
    match number {
        Some(68..=96) => Severity::Fatal,
        _ if matches!(id, "UBL-CR-666" | "UBL-CR-673") => Severity::Fatal,
        _ => Severity::Warning,
    }
}
