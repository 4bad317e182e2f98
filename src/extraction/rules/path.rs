//! Paths of the rule tables: `cac:Party/cbc:EndpointID/@schemeID`, with conditions in brackets.
//!
//! | condition | holds when |
//! |---|---|
//! | `[path]`, `[!path]` | something, nothing stands there |
//! | `[path=a,b]`, `[path!=a]` | one of the values there is, is not, one of these |
//! | `[path^=VAT]`, `[path^!=VAT]` | the same in capitals |
//! | `[path?false]` | the indicator there says so: `false` or `0` |

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use crate::extraction::tree::{Element, name};
use crate::extraction::xsd;

/// A path, taken apart once.
#[derive(Debug)]
pub(crate) struct Path {
    /// On the element itself, as in `.[ram:TypeCode^=VAT]`.
    conditions: Vec<Condition>,
    steps: Vec<Step>,
    attribute: Option<&'static str>,
    /// As written, for messages.
    pub(crate) text: &'static str,
}

/// One step down.
#[derive(Debug)]
pub(crate) struct Step {
    namespace: &'static str,
    /// The local name.
    pub(crate) local: &'static str,
    conditions: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    path: Path,
    test: Wanted,
}

#[derive(Debug)]
enum Wanted {
    Present,
    Absent,
    OneOf(Vec<&'static str>),
    NoneOf(Vec<&'static str>),
    Capitals(&'static str),
    NotCapitals(&'static str),
    Indicator(bool),
}

/// Paths that rules name in their code, each taken apart once: there are some two hundred.
static KNOWN: LazyLock<RwLock<HashMap<&'static str, &'static Path>>> =
    LazyLock::new(RwLock::default);

impl Path {
    /// A path that a rule names in its code, and asks for at each element anew.
    pub(crate) fn known(text: &'static str) -> &'static Self {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(text).copied();
        known.unwrap_or_else(|| {
            let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(text).or_insert_with(|| Box::leak(Box::new(Self::new(text))))
        })
    }

    /// Takes a path of a table apart; `.` is the element itself.
    pub(crate) fn new(text: &'static str) -> Self {
        let mut path = Self { conditions: Vec::new(), steps: Vec::new(), attribute: None, text };
        for step in split(text, '/') {
            if let Some(attribute) = step.strip_prefix('@') {
                path.attribute = Some(attribute);
            } else if let Some(on_itself) = step.strip_prefix('.') {
                path.conditions = conditions(on_itself);
            } else {
                path.steps.push(Step::new(step));
            }
        }
        path
    }

    /// Shows `visit` every element that the steps lead to, until it says that it has seen enough.
    fn each<'a, 'i: 'a>(
        &self,
        at: Element<'a, 'i>,
        visit: &mut dyn FnMut(Element<'a, 'i>) -> bool,
    ) -> bool {
        self.conditions.iter().all(|condition| condition.holds(at))
            && follow(&self.steps, at, visit)
    }

    /// Shows every element there.
    pub(crate) fn visit<'a, 'i: 'a>(
        &self,
        at: Element<'a, 'i>,
        mut visit: impl FnMut(Element<'a, 'i>),
    ) {
        self.each(at, &mut |found| {
            visit(found);
            false
        });
    }

    /// How many there are; counted to `enough` at most.
    pub(crate) fn count(&self, at: Element<'_, '_>, enough: usize) -> usize {
        let mut count = 0;
        self.each(at, &mut |found| {
            count += usize::from(self.attribute.is_none_or(|name| found.has_attribute(name)));
            count >= enough
        });
        count
    }

    /// Whether anything stands there, be it blank.
    pub(crate) fn exists(&self, at: Element<'_, '_>) -> bool {
        self.count(at, 1) > 0
    }

    /// Whether one of the values there passes `test`.
    pub(crate) fn any(&self, at: Element<'_, '_>, mut test: impl FnMut(&str) -> bool) -> bool {
        self.each(at, &mut |found| match self.attribute {
            None => test(&found.trimmed()),
            Some(name) if found.has_attribute(name) => {
                test(found.attribute(name).unwrap_or_default())
            }
            Some(_) => false,
        })
    }

    /// The first value there that fails `test`.
    pub(crate) fn first_not(
        &self,
        at: Element<'_, '_>,
        test: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let mut failed = None;
        self.any(at, |value| {
            if !test(value) {
                failed = Some(value.to_owned());
            }
            failed.is_some()
        });
        failed
    }

    /// The first value there.
    pub(crate) fn first<'a>(&self, at: Element<'a, '_>) -> Option<Cow<'a, str>> {
        let mut first = None;
        self.each(at, &mut |found| {
            first = match self.attribute {
                None => Some(found.trimmed()),
                Some(name) => found.attribute(name).map(Cow::Borrowed),
            };
            first.is_some()
        });
        first
    }
}

fn follow<'a, 'i: 'a>(
    steps: &[Step],
    at: Element<'a, 'i>,
    visit: &mut dyn FnMut(Element<'a, 'i>) -> bool,
) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return visit(at);
    };
    at.elements().any(|child| step.matches(child) && follow(rest, child, visit))
}

impl Step {
    fn new(text: &'static str) -> Self {
        let mut parts = text.split('[');
        let (namespace, local) = name(parts.next().unwrap_or_default());
        let whole = text.find('[').map_or("", |at| &text[at..]);
        Self { namespace, local, conditions: conditions(whole) }
    }

    /// Whether an element has this name and keeps the conditions.
    pub(crate) fn matches(&self, at: Element<'_, '_>) -> bool {
        at.is(self.namespace, self.local)
            && self.conditions.iter().all(|condition| condition.holds(at))
    }
}

/// `[a=1][b]`, whose paths hold no brackets themselves.
fn conditions(text: &'static str) -> Vec<Condition> {
    let inside = text.split('[').skip(1).map(|part| part.trim_end_matches(']'));
    inside.map(Condition::new).collect()
}

impl Condition {
    fn new(text: &'static str) -> Self {
        let list = |values: &'static str| values.split(',').collect();
        let (path, test) = if let Some(path) = text.strip_prefix('!') {
            (path, Wanted::Absent)
        } else if let Some((path, value)) = text.split_once("^!=") {
            (path, Wanted::NotCapitals(value))
        } else if let Some((path, values)) = text.split_once("!=") {
            (path, Wanted::NoneOf(list(values)))
        } else if let Some((path, value)) = text.split_once("^=") {
            (path, Wanted::Capitals(value))
        } else if let Some((path, values)) = text.split_once('=') {
            (path, Wanted::OneOf(list(values)))
        } else if let Some((path, value)) = text.split_once('?') {
            (path, Wanted::Indicator(value == "true"))
        } else {
            (text, Wanted::Present)
        };
        Self { path: Path::new(path), test }
    }

    fn holds(&self, at: Element<'_, '_>) -> bool {
        match &self.test {
            Wanted::Present => self.path.exists(at),
            Wanted::Absent => !self.path.exists(at),
            Wanted::OneOf(values) => self.path.any(at, |value| values.contains(&value)),
            Wanted::NoneOf(values) => self.path.any(at, |value| !values.contains(&value)),
            Wanted::Capitals(wanted) => {
                self.path.any(at, |value| value.eq_ignore_ascii_case(wanted))
            }
            Wanted::NotCapitals(other) => {
                self.path.any(at, |value| !value.eq_ignore_ascii_case(other))
            }
            Wanted::Indicator(wanted) => {
                self.path.any(at, |value| xsd::boolean(value) == Some(*wanted))
            }
        }
    }
}

/// Parts between separators that stand outside brackets.
fn split(text: &'static str, separator: char) -> Vec<&'static str> {
    let mut depth = 0_usize;
    text.split(move |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    })
    .filter(|part| !part.is_empty())
    .collect()
}

/// Which elements a rule looks at: `cac:Party/cbc:EndpointID` anywhere, `/cac:Delivery` below the
/// root, `/` the root itself, `*Amount` every element of the syntax whose name ends so.
#[derive(Debug)]
pub(crate) struct Context {
    /// From the element upwards.
    steps: Vec<Step>,
    anchored: bool,
    /// Where the name is known by its ending alone.
    pub(crate) ending: Option<&'static str>,
}

impl Context {
    /// Takes one context of a table apart.
    pub(crate) fn new(text: &'static str) -> Self {
        if let Some(ending) = text.strip_prefix('*') {
            return Self { steps: Vec::new(), anchored: false, ending: Some(ending) };
        }
        let anchored = text.starts_with('/');
        let mut steps: Vec<_> = split(text, '/').into_iter().map(Step::new).collect();
        steps.reverse();
        Self { steps, anchored, ending: None }
    }

    /// The local name of the element; none for the root and for endings.
    pub(crate) fn local(&self) -> Option<&'static str> {
        self.steps.first().map(|step| step.local)
    }

    /// Whether the element is meant; `depth` is 0 for the root.
    pub(crate) fn matches(&self, at: Element<'_, '_>, depth: usize) -> bool {
        if self.anchored && depth != self.steps.len() {
            return false;
        }
        let mut at = Some(at);
        self.steps.iter().all(|step| {
            let fits = at.is_some_and(|at| step.matches(at));
            at = at.and_then(Element::parent);
            fits
        })
    }
}
