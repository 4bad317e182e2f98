//! Whether a decision may be taken: the same rules before it is sent, where it is accepted, and
//! where it is written down.

use crate::models::attention::AttentionCode;
use crate::models::decision::legal::path;
use crate::models::decision::{Action, Asked, Refusal};
use crate::models::hold::Role as Duty;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus as S;

/// What is in doubt and a person may vouch for; anything else needs a value, not a word.
const VOUCHED_FOR: [AttentionCode; 3] =
    [AttentionCode::UncertainFields, AttentionCode::TableGuessed, AttentionCode::VisualMismatch];

/// The states that the decision leads through, none when the invoice stays where it is.
///
/// # Errors
/// Why it may not be taken; nothing was done.
pub fn judge(situation: &Situation, asked: &Asked) -> Result<Vec<S>, Refusal> {
    let (status, revision) = (situation.status, situation.revision);
    // What is over is over, whatever the caller saw before.
    let stale = asked.expected_revision.is_some_and(|expected| expected != revision);
    if stale && !status.is_final() {
        return Err(Refusal::Stale { revision });
    }
    let action = asked.action;
    let Some(path) = path(action, status) else {
        return Err(Refusal::NotNow { action, status, revision });
    };
    match action {
        Action::Approve => approve(situation, asked),
        Action::Release => {
            names_its_holds(situation, asked)?;
            may_release(asked).map(|()| path.to_vec())
        }
        Action::Correct if status == S::NeedsAttention => was_read(situation, path),
        Action::Confirm if status == S::NeedsAttention => {
            vouched_for(situation)?;
            was_read(situation, path)
        }
        Action::Retry => Ok(situation.came_from.into_iter().collect()),
        _ => Ok(path.to_vec()),
    }
}

/// Nobody approves what they brought in or smoothed the way of, and nobody counts twice.
fn approve(situation: &Situation, asked: &Asked) -> Result<Vec<S>, Refusal> {
    let (actor, approvals) = (&asked.actor, &situation.approvals);
    let four_eyes = |text: &str| Err(Refusal::FourEyes { text: text.to_owned() });
    if actor.is_anonymous() {
        if approvals.required > 1 {
            return four_eyes(
                "this amount takes approvals of different people, and without a login nobody can \
                 be told from another; switch a login on",
            );
        }
        return Ok(vec![S::Approved]);
    }
    if situation.barred.contains(actor) {
        return four_eyes(
            "whoever handed an invoice in, corrected its fields, released a hold on it or changed its \
             supplier's accounts lately does not approve it; somebody else must",
        );
    }
    if approvals.given.contains(actor) {
        return four_eyes("you have approved it already; another person must");
    }
    let given = u32::try_from(approvals.given.len()).unwrap_or(u32::MAX).saturating_add(1);
    Ok(if given >= approvals.required { vec![S::Approved] } else { Vec::new() })
}

fn names_its_holds(situation: &Situation, asked: &Asked) -> Result<(), Refusal> {
    let unknown = asked.holds.iter().find(|hold| !situation.holds.contains(hold));
    match unknown {
        Some(hold) if !situation.more_holds => {
            let place = hold.line.as_deref().map(|line| format!(" on line {line}"));
            let text = format!(
                "there is no hold {}{} that could be released",
                hold.code.as_str(),
                place.unwrap_or_default()
            );
            Err(Refusal::rejected("HOLD_UNKNOWN", text))
        }
        _ => Ok(()),
    }
}

/// Whoever approves is not by that the buyer, the warehouse or the tax department.
fn may_release(asked: &Asked) -> Result<(), Refusal> {
    let foreign = asked.holds.iter().find(|hold| !asked.duties.contains(&hold.code.released_by()));
    let Some(hold) = foreign else { return Ok(()) };
    let (code, whose) = (hold.code.as_str(), hold.code.released_by());
    let text = if whose == Duty::Nobody {
        format!("a hold {code} is released by nobody: it goes when its cause goes")
    } else {
        let whose = whose.as_str();
        format!(
            "a hold {code} is released by somebody with the duty `{whose}`, which you do not have"
        )
    };
    Err(Refusal::rejected("DUTY_MISSING", text))
}

fn was_read(situation: &Situation, path: &[S]) -> Result<Vec<S>, Refusal> {
    if situation.was_read {
        return Ok(path.to_vec());
    }
    let text = "nothing was read of the document, so there is nothing to correct or confirm; \
                retry, or reject it and ask for another document";
    Err(Refusal::rejected("NOTHING_READ", text))
}

fn vouched_for(situation: &Situation) -> Result<(), Refusal> {
    if situation.attention.is_some_and(|code| VOUCHED_FOR.contains(&code)) {
        return Ok(());
    }
    let text = "this needs a value, not a word: correct the field, retry, or reject it";
    Err(Refusal::rejected("NOT_IN_DOUBT", text))
}

#[cfg(test)]
mod tests {
    use super::{Action, Asked, AttentionCode, Duty, Refusal, S, Situation, judge};
    use crate::models::decision::HoldRef;
    use crate::models::hold::HoldCode;
    use crate::models::situation::{ANONYMOUS, Actor, Approvals};

    fn asked(action: Action, subject: &str) -> Asked {
        Asked {
            action,
            actor: Actor::of(subject),
            expected_revision: None,
            holds: Vec::new(),
            duties: vec![Duty::Buyer],
        }
    }

    fn waiting(required: u32, given: &[&str], barred: &[&str]) -> Situation {
        let actors = |names: &[&str]| names.iter().map(|name| Actor::of(name)).collect();
        let approvals = Approvals { required, given: actors(given) };
        Situation { approvals, barred: actors(barred), ..Situation::at(S::Approval, 7) }
    }

    #[test]
    fn the_last_approval_that_is_needed_approves() {
        let by_anna = asked(Action::Approve, "anna");
        assert_eq!(judge(&waiting(1, &[], &[]), &by_anna), Ok(vec![S::Approved]));
        assert_eq!(judge(&waiting(2, &[], &[]), &by_anna), Ok(vec![]));
        assert_eq!(judge(&waiting(2, &["ben"], &[]), &by_anna), Ok(vec![S::Approved]));
    }

    #[test]
    fn nobody_approves_twice_or_what_they_brought_in() {
        for situation in [waiting(2, &["anna"], &[]), waiting(1, &[], &["anna"])] {
            let judged = judge(&situation, &asked(Action::Approve, "anna"));
            assert!(matches!(judged, Err(Refusal::FourEyes { .. })), "{judged:?}");
        }
    }

    #[test]
    fn without_a_login_one_approval_is_taken_and_two_are_not() {
        let unknown = asked(Action::Approve, ANONYMOUS);
        assert_eq!(judge(&waiting(1, &[], &[ANONYMOUS]), &unknown), Ok(vec![S::Approved]));
        let judged = judge(&waiting(2, &[], &[]), &unknown);
        assert!(matches!(judged, Err(Refusal::FourEyes { .. })), "{judged:?}");
    }

    #[test]
    fn a_screen_that_is_out_of_date_decides_nothing() {
        let on = |revision| Asked {
            expected_revision: Some(revision),
            ..asked(Action::Approve, "anna")
        };
        assert_eq!(judge(&waiting(1, &[], &[]), &on(6)), Err(Refusal::Stale { revision: 7 }));
        assert!(judge(&waiting(1, &[], &[]), &on(7)).is_ok());
        // What is over is called so, and not out of date: to look again would not help.
        let judged = judge(&Situation::at(S::Cancelled, 7), &on(6));
        assert!(matches!(judged, Err(Refusal::NotNow { .. })), "{judged:?}");
    }

    #[test]
    fn a_hold_that_is_not_there_is_not_released() {
        let hold = |line: &str| HoldRef {
            code: HoldCode::UnitPrice,
            line: Some(line.to_owned()),
            charge: None,
            po: None,
        };
        let held = Situation { holds: vec![hold("1")], ..Situation::at(S::Held, 3) };
        let release = |line| Asked { holds: vec![hold(line)], ..asked(Action::Release, "anna") };
        assert_eq!(judge(&held, &release("1")), Ok(vec![S::Matching]));
        let judged = judge(&held, &release("2"));
        assert!(matches!(judged, Err(Refusal::Rejected { .. })), "{judged:?}");
        // A situation that does not name all of them cannot say so.
        let more = Situation { more_holds: true, ..held };
        assert_eq!(judge(&more, &release("2")), Ok(vec![S::Matching]));
    }

    #[test]
    fn a_hold_is_released_by_those_whose_duty_it_is() {
        let hold = |code| HoldRef { code, line: None, charge: None, po: None };
        let cases = [
            (HoldCode::UnitPrice, vec![Duty::Buyer], true),
            (HoldCode::UnitPrice, vec![Duty::Clerk, Duty::Lead], false),
            (HoldCode::UnitPrice, vec![], false),
        ];
        for (code, duties, may) in cases {
            let held = Situation { holds: vec![hold(code)], ..Situation::at(S::Held, 3) };
            let release = Asked {
                holds: vec![hold(code)],
                duties: duties.clone(),
                ..asked(Action::Release, "anna")
            };
            let judged = judge(&held, &release);
            assert_eq!(judged.is_ok(), may, "{code:?} {duties:?}: {judged:?}");
        }
    }

    #[test]
    fn only_doubt_is_confirmed_and_only_what_was_read_is_corrected() {
        let stuck = |code, was_read| Situation {
            attention: Some(code),
            was_read,
            ..Situation::at(S::NeedsAttention, 3)
        };
        let doubt = stuck(AttentionCode::UncertainFields, true);
        let through = vec![S::Review, S::Validated];
        assert_eq!(judge(&doubt, &asked(Action::Confirm, "anna")), Ok(through.clone()));
        let broken = stuck(AttentionCode::MalformedValue, true);
        assert!(judge(&broken, &asked(Action::Confirm, "anna")).is_err());
        assert_eq!(judge(&broken, &asked(Action::Correct, "anna")), Ok(through));
        let unread = stuck(AttentionCode::UnreadableDocument, false);
        assert!(judge(&unread, &asked(Action::Correct, "anna")).is_err());
    }

    #[test]
    fn a_retry_goes_back_to_where_it_came_from() {
        let stuck =
            Situation { came_from: Some(S::Extracting), ..Situation::at(S::NeedsAttention, 3) };
        assert_eq!(judge(&stuck, &asked(Action::Retry, "anna")), Ok(vec![S::Extracting]));
        let refused = judge(&Situation::at(S::Held, 3), &asked(Action::Retry, "anna"));
        assert!(matches!(refused, Err(Refusal::NotNow { .. })), "{refused:?}");
    }
}
