//! What a person released stays released while its check shows the same values (handbook §13).

use crate::models::case::Case;
use crate::models::verdict::{Check, Hold, Reconciliation, Release};

/// Marks the holds that a person released on these very values.
pub(crate) fn apply(case: &Case, result: &mut Reconciliation) {
    for hold in &mut result.holds {
        let check = check_of(hold, &result.checks);
        let release = case.decisions.releases.iter().find(|release| {
            release.code == hold.code
                && release.line == hold.line
                && release.charge == hold.charge
                && same_values(release, check)
        });
        hold.released = release.cloned();
    }
}

fn check_of<'a>(hold: &Hold, checks: &'a [Check]) -> Option<&'a Check> {
    checks.iter().find(|check| {
        check.code.as_str() == hold.code.as_str()
            && check.line == hold.line
            && check.charge == hold.charge
    })
}

/// A hold without a check has no values that could change.
fn same_values(release: &Release, check: Option<&Check>) -> bool {
    let values = check.map(|check| (check.actual.as_ref(), check.expected.as_ref()));
    values.is_none_or(|values| values == (release.actual.as_ref(), release.expected.as_ref()))
}
