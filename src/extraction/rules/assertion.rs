//! What a rule asks of an element, and how a breach is told.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use rust_decimal::Decimal;

use crate::extraction::notes::shown;
use crate::extraction::rules::path::Path;
use crate::extraction::tree::Element;

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
    /// All codes that count, made when first asked: some lists have two thousand.
    pub(crate) index: OnceLock<HashSet<&'static str>>,
}

impl List {
    /// Whether the code is on the list.
    pub(crate) fn has(&self, code: &str) -> bool {
        let code = match self.any_case {
            true => Cow::Owned(code.to_ascii_uppercase()),
            false => Cow::Borrowed(code),
        };
        let index = self.index.get_or_init(|| {
            let all = self.codes.iter().copied().flatten().copied();
            all.filter(|code| !self.without.contains(code)).collect()
        });
        index.contains(code.as_ref())
    }
}

/// What is wrong, in words.
pub(crate) struct Breach {
    pub(crate) message: String,
    pub(crate) actual: Option<String>,
    pub(crate) expected: Option<String>,
    pub(crate) remedy: String,
    /// The rule could not be evaluated, which counts as broken.
    pub(crate) is_error: bool,
}

impl Breach {
    fn new(message: String, remedy: String) -> Self {
        Self { message, actual: None, expected: None, remedy, is_error: false }
    }
}

impl Test {
    /// Its paths, taken apart.
    pub(crate) fn paths(&self) -> Vec<Path> {
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

    /// Holds it against an element.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn run(&self, paths: &[Path], at: Element<'_, '_>) -> Result<(), Breach> {
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
