//! Official rules that need the document itself: what is empty and what is absent, what stands
//! twice, attributes, syntax. The rules crate sees none of these in its model.
//!
//! The rules are data, one table a syntax. A document is walked once; each element meets the rules
//! of its name alone, so the time is linear in the document.

pub(crate) mod equation;
pub(crate) mod forbidden;
pub(crate) mod lists;
pub(crate) mod path;
pub(crate) mod vat;

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::extraction::notes::shown;
use crate::extraction::rules::forbidden::{Forbidden, Node};
use crate::extraction::rules::path::{Context, Path};
use crate::extraction::tree::Element;
use crate::models::finding::{Finding, Severity, VALIDATION_ERROR};

/// Findings kept of one document. A person reads the first ten.
pub(crate) const FINDINGS_MAX: usize = 1_000;

/// Findings kept of one rule: a slip in a template stands on each of 10,000 lines.
pub(crate) const FINDINGS_OF_RULE_MAX: usize = 100;

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

/// What a rule asks of an element. Paths start at the element.
#[derive(Debug)]
pub(crate) enum Test {
    /// Stands there and is not blank.
    Filled(&'static str),
    /// One of them stands there and is not blank.
    OneFilled(&'static [&'static str]),
    /// Stands there, be it blank.
    Exists(&'static str),
    /// One of them stands there.
    OneExists(&'static [&'static str]),
    /// Stands there so often at most.
    AtMost(usize, &'static str),
    /// Stands there once.
    Once(&'static str),
    /// Does not stand there.
    Absent(&'static str),
    /// Two decimals at most.
    Cents(&'static str),
    /// A code of the list, where it stands.
    Code(&'static str, &'static List),
    /// An equation of amounts, said in words.
    Adds(fn(Element<'_, '_>) -> Equation, &'static str),
    /// Something else, said in words: what must be, and what to do.
    Holds(Check, &'static str, &'static str),
}

/// How an equation turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equation {
    /// Both sides are there and equal.
    Holds,
    /// They are not; an absent side equals nothing.
    Breaks {
        /// What the document says.
        actual: Option<Decimal>,
        /// What it follows to be.
        expected: Option<Decimal>,
    },
    /// The numbers are too large to compute with: never taken as right.
    TooLarge,
}

/// A condition that no path can say.
pub(crate) type Check = fn(Element<'_, '_>) -> bool;

/// A list of codes.
#[derive(Debug)]
pub(crate) struct List {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its codes, one list after the other.
    pub(crate) codes: &'static [&'static [&'static str]],
    /// Codes of these lists that do not count.
    pub(crate) without: &'static [&'static str],
    /// Whether small letters count as capitals.
    pub(crate) any_case: bool,
}

impl List {
    /// Whether the code is on the list.
    pub(crate) fn has(&self, code: &str) -> bool {
        let code =
            if self.any_case { Cow::Owned(code.to_ascii_uppercase()) } else { Cow::Borrowed(code) };
        let on = |list: &&[&str]| list.contains(&code.as_ref());
        self.codes.iter().any(on) && !self.without.contains(&code.as_ref())
    }
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
    by_ending: Vec<Placed>,
    forbidden: Forbidden,
    /// Ids of all rules, sorted, each once.
    pub(crate) ids: Vec<&'static str>,
}

/// A rule at one of its contexts.
struct Placed {
    rule: &'static Rule,
    context: Context,
    paths: Vec<Path>,
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
            set.ids.push(rule.id);
            for at in rule.at.split(" | ") {
                let context = Context::new(at);
                let of = match context.local() {
                    Some(local) => set.by_name.entry(local).or_default(),
                    None if context.ending.is_some() => &mut set.by_ending,
                    None => &mut set.of_root,
                };
                of.push(Placed { rule, context, paths: rule.test.paths() });
            }
        }
        set.ids.sort_unstable();
        set.ids.dedup();
        set
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
        let named = self.by_name.get(at.local()).map_or(&[][..], Vec::as_slice);
        for placed in named.iter().chain(&self.by_ending) {
            if placed.context.matches(at, depth) {
                placed.check(at, found);
            }
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
        let Err(breach) = self.rule.test.run(&self.paths, at) else {
            return;
        };
        found.add(self.rule, at, breach);
    }
}

/// What is wrong, in words.
struct Breach {
    message: String,
    actual: Option<String>,
    expected: Option<String>,
    remedy: String,
    /// The rule could not be evaluated, which counts as broken.
    is_error: bool,
}

impl Breach {
    fn new(message: String, remedy: String) -> Self {
        Self { message, actual: None, expected: None, remedy, is_error: false }
    }
}

impl Test {
    fn paths(&self) -> Vec<Path> {
        match self {
            Self::Filled(path)
            | Self::Exists(path)
            | Self::AtMost(_, path)
            | Self::Once(path)
            | Self::Absent(path)
            | Self::Cents(path)
            | Self::Code(path, _) => vec![Path::new(path)],
            Self::OneFilled(paths) | Self::OneExists(paths) => {
                paths.iter().map(|path| Path::new(path)).collect()
            }
            Self::Adds(..) | Self::Holds(..) => Vec::new(),
        }
    }

    fn run(&self, paths: &[Path], at: Element<'_, '_>) -> Result<(), Breach> {
        let is_filled = |path: &Path| path.any(at, |text| !text.is_empty());
        let or_else = |holds: bool, breach: &dyn Fn() -> Breach| {
            if holds { Ok(()) } else { Err(breach()) }
        };
        let names = || paths.iter().map(|path| path.text).collect::<Vec<_>>().join(" or ");
        match self {
            Self::Filled(_) | Self::OneFilled(_) => or_else(paths.iter().any(is_filled), &|| {
                let names = names();
                Breach::new(format!("{names} is missing or empty"), format!("state {names}"))
            }),
            Self::Exists(_) | Self::OneExists(_) => {
                or_else(paths.iter().any(|path| path.exists(at)), &|| {
                    let names = names();
                    Breach::new(format!("{names} is missing"), format!("state {names}"))
                })
            }
            Self::AtMost(max, _) => at_most(*max, &paths[0], at),
            Self::Once(_) if paths[0].count(at, 1) == 0 => {
                let name = paths[0].text;
                Err(Breach::new(format!("{name} is missing"), format!("state {name}")))
            }
            Self::Once(_) => at_most(1, &paths[0], at),
            Self::Absent(_) => or_else(!paths[0].exists(at), &|| {
                let name = paths[0].text;
                Breach::new(format!("{name} may not stand here"), format!("leave out {name}"))
            }),
            Self::Cents(_) => cents(&paths[0], at),
            Self::Code(_, list) => code(&paths[0], list, at),
            Self::Adds(equation, text) => adds(equation(at), text),
            Self::Holds(check, message, remedy) => {
                let breach = || Breach::new((*message).to_owned(), (*remedy).to_owned());
                or_else(check(at), &breach)
            }
        }
    }
}

fn adds(equation: Equation, text: &str) -> Result<(), Breach> {
    let (actual, expected) = match equation {
        Equation::Holds => return Ok(()),
        Equation::Breaks { actual, expected } => (actual, expected),
        Equation::TooLarge => {
            let message = format!("{text} could not be computed: number out of range");
            let mut breach = Breach::new(message, "correct the amounts".to_owned());
            breach.is_error = true;
            return Err(breach);
        }
    };
    let said = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
    let (actual, expected) = (said(actual), said(expected));
    let absent = || "absent".to_owned();
    let found = actual.clone().unwrap_or_else(absent);
    let follows = expected.clone().unwrap_or_else(absent);
    let message = format!("{text}: found {found}, and it follows {follows}");
    let remedy = format!("state {follows}, or correct the amounts that it follows from");
    Err(Breach { message, actual, expected, remedy, is_error: false })
}

fn at_most(max: usize, path: &Path, at: Element<'_, '_>) -> Result<(), Breach> {
    if path.count(at, max + 1) <= max {
        return Ok(());
    }
    let (name, count) = (path.text, path.count(at, usize::MAX));
    let message = format!("{name} stands {count} times and may stand {max} times at most");
    let mut breach = Breach::new(message, format!("keep {max} of {name}"));
    breach.actual = Some(count.to_string());
    breach.expected = Some(max.to_string());
    Err(breach)
}

fn cents(path: &Path, at: Element<'_, '_>) -> Result<(), Breach> {
    let fits = |text: &str| text.split_once('.').is_none_or(|(_, cents)| cents.len() <= 2);
    let Some(actual) = path.first_not(at, fits) else {
        return Ok(());
    };
    let message = format!("{:?} has more than two decimals", shown(&actual));
    let mut breach = Breach::new(message, "round the amount to two decimals".to_owned());
    breach.actual = Some(shown(&actual));
    Err(breach)
}

fn code(path: &Path, list: &List, at: Element<'_, '_>) -> Result<(), Breach> {
    let Some(actual) = path.first_not(at, |code| list.has(code)) else {
        return Ok(());
    };
    let List { name, .. } = list;
    let message = format!("{:?} is no code of {name}", shown(&actual));
    let mut breach = Breach::new(message, format!("use a code of {name}"));
    breach.actual = Some(shown(&actual));
    breach.expected = Some(format!("a code of {name}"));
    Err(breach)
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
            source: self.source.to_owned(),
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
