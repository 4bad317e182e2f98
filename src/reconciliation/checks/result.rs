//! One check, written out: the numbers, the verdict, and the words.

use rust_decimal::Decimal;

use crate::models::policy::Tolerance;
use crate::models::verdict::{Check, CheckCode, CheckVerdict};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::matched::Matched;
use crate::reconciliation::show;
use crate::reconciliation::tolerance::{Lower, judge};

/// How the numbers of a check are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// Quantities and prices.
    Number,
    /// Money, with the digits of its minor unit.
    Amount(u32),
}

impl Shown {
    /// The number as text.
    pub(super) fn text(self, value: Decimal) -> String {
        match self {
            Self::Number => show::number(value),
            Self::Amount(minor_digits) => show::amount(value, minor_digits),
        }
    }
}

/// A comparison that has been judged, ready for its words.
pub(super) struct Judged<'a> {
    /// Actual, as shown.
    pub(super) actual: String,
    /// Expected, as shown.
    pub(super) expected: String,
    variance: Decimal,
    shown: Shown,
    percent: Option<Decimal>,
    verdict: CheckVerdict,
    tolerance: Option<&'a Tolerance>,
    worse: Worse,
}

impl<'a> Judged<'a> {
    /// None when a number does not fit.
    pub(super) fn new(
        comparison: &Comparison,
        shown: Shown,
        tolerance: Option<&'a Tolerance>,
        lower: Lower,
    ) -> Option<Self> {
        let variance = comparison.variance()?;
        Some(Self {
            actual: shown.text(comparison.value(comparison.actual)?),
            expected: shown.text(comparison.value(comparison.expected)?),
            variance: comparison.value(variance)?,
            shown,
            percent: comparison.percent()?,
            verdict: judge(comparison, tolerance, lower)?,
            tolerance,
            worse: comparison.worse,
        })
    }

    /// `: 10 too many (11.11 %)`, and how it stands to the limits; empty when nothing differs.
    pub(super) fn difference(&self, more: &str, less: &str) -> String {
        if self.variance.is_zero() {
            return String::new();
        }
        let bad = !self.variance.is_sign_negative();
        let word = if bad == (self.worse == Worse::More) { more } else { less };
        let size = self.shown.text(self.variance.abs());
        let percent = match self.percent {
            Some(percent) => format!(" ({} %)", show::percent(percent.abs())),
            None => String::new(),
        };
        let limit = match self.verdict {
            CheckVerdict::Pass => ", more may follow",
            CheckVerdict::PassWithin => ", within the limits",
            CheckVerdict::NotChecked => ", no limit is set",
            _ => "",
        };
        format!(": {size} {word}{percent}{limit}")
    }

    /// The check itself.
    pub(super) fn check(self, code: CheckCode, line: Option<&Matched<'_>>, text: String) -> Check {
        let percent = self.percent.map_or_else(|| "unbounded".to_owned(), show::percent);
        Check {
            actual: Some(self.actual),
            expected: Some(self.expected),
            variance: Some(self.shown.text(self.variance)),
            percent: Some(percent),
            tolerance: self.tolerance.cloned(),
            ..bare(code, line, self.verdict, text)
        }
    }
}

/// A check without numbers.
pub(super) fn bare(
    code: CheckCode,
    line: Option<&Matched<'_>>,
    verdict: CheckVerdict,
    text: String,
) -> Check {
    Check {
        code,
        line: line.map(|line| line.line.id.clone()),
        po: line.map(|line| line.position.order.number.clone()),
        po_line: line.map(|line| line.position.line.id.clone()),
        actual: None,
        expected: None,
        variance: None,
        percent: None,
        tolerance: None,
        verdict,
        text,
    }
}

/// A check that something else stands in the way of.
pub(super) fn not_applicable(
    code: CheckCode,
    line: Option<&Matched<'_>>,
    reason: impl Into<String>,
) -> Check {
    bare(code, line, CheckVerdict::NotApplicable, reason.into())
}

/// The check, or the error that its numbers are too large for: it counts as a fail.
pub(super) fn or_error(check: Option<Check>, code: CheckCode, line: Option<&Matched<'_>>) -> Check {
    check.unwrap_or_else(|| {
        let text = "the numbers are too large to be compared";
        bare(code, line, CheckVerdict::Error, text.to_owned())
    })
}
