//! BT-106 against what order prices and invoiced quantities come to.

use rust_decimal::Decimal;

use crate::models::verdict::{Check, CheckCode};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::result::{Judged, Shown, not_applicable, or_error};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::{Billed, Matched};
use crate::reconciliation::tolerance::Lower;

impl Checks<'_> {
    /// `TOTAL_LINES`; only where every line is paired and priced.
    pub(super) fn total_check(&self, lines: &[Option<Matched<'_>>]) -> Check {
        let code = CheckCode::TotalLines;
        let priced: Option<Vec<Billed>> = lines
            .iter()
            .map(|line| line.as_ref().and_then(|line| self.priced(line).ok()))
            .collect();
        match priced.filter(|lines| !lines.is_empty()) {
            Some(lines) => or_error(self.total_lines(&lines), code, None),
            None => not_applicable(code, None, "not every line can be compared with an order"),
        }
    }

    fn total_lines(&self, lines: &[Billed]) -> Option<Check> {
        let code = CheckCode::TotalLines;
        let expected = sum(lines.iter().map(|line| self.expected_net(line)))?;
        let (actual, source) = match self.case.invoice.totals.lines {
            Some(total) => (total, "total of the lines (BT-106)"),
            None => (sum(lines.iter().map(|line| Some(line.net)))?, "sum of the lines"),
        };
        let comparison = Comparison::plain(actual, expected);
        let shown = Shown::Amount(self.minor_digits);
        let judged = Judged::new(&comparison, shown, self.tolerance(code), Lower::Counts)?;
        let text = format!(
            "{source} {}, expected {} at order prices{}",
            judged.actual,
            judged.expected,
            judged.difference("too much", "less")
        );
        Some(judged.check(code, None, text))
    }
}

fn sum(mut values: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    values.try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
}
