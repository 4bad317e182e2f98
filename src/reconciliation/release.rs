//! What a person released stays released while its check shows the same values (handbook §13).

use crate::models::case::Case;
use crate::models::verdict::{Check, CheckVerdict, Hold, HoldCode, Reconciliation, Release};

/// Marks the holds that a person released on these very values.
pub(crate) fn apply(case: &Case, result: &mut Reconciliation) {
    for hold in &mut result.holds {
        let said = case.decisions.releases.iter().filter(|release| {
            release.code == hold.code
                && release.line == hold.line
                && release.charge == hold.charge
                && release.po == hold.po
        });
        let said: Vec<&Release> = said.collect();
        if !said.is_empty() {
            let check = check_of(hold, &result.checks);
            hold.released = said.into_iter().find(|one| same_values(one, check)).cloned();
        }
    }
}

/// A person's word that the hold may go, bound to the values of its check.
pub fn release_of(hold: &Hold, checks: &[Check], by: &str, reason: &str) -> Release {
    let check = check_of(hold, checks);
    Release {
        code: hold.code,
        line: hold.line.clone(),
        charge: hold.charge.clone(),
        po: hold.po.clone(),
        actual: check.and_then(|check| check.actual.clone()),
        expected: check.and_then(|check| check.expected.clone()),
        by: by.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The check that the hold repeats. One code may be checked for several orders of a document; a
/// line has one order, which its holds do not repeat.
fn check_of<'a>(hold: &Hold, checks: &'a [Check]) -> Option<&'a Check> {
    // What waits for goods repeats the check of the quantity that came.
    let codes: &[&str] = match hold.code {
        HoldCode::ReceiptPending => &["QTY_RECEIVED", "QTY_ACCEPTED", "AMT_RECEIVED"],
        code => &[code.as_str()],
    };
    let mut of_place = checks.iter().filter(|check| {
        codes.contains(&check.code.as_str())
            && check.line == hold.line
            && check.charge == hold.charge
            && (hold.line.is_some() || check.po == hold.po)
    });
    let first = of_place.clone().next();
    of_place.find(|check| check.verdict == CheckVerdict::Fail).or(first)
}

/// A hold without a check has no values that could change.
fn same_values(release: &Release, check: Option<&Check>) -> bool {
    let values = check.map(|check| (check.actual.as_ref(), check.expected.as_ref()));
    values.is_none_or(|values| values == (release.actual.as_ref(), release.expected.as_ref()))
}
