//! Which decision is possible in which state, and the states that it leads through
//! (reconciliation handbook §14, §16).

use crate::models::decision::Action as A;
use crate::models::status::InvoiceStatus as S;

/// Action, the states in which it is possible, and where it leads; an empty path leaves the
/// invoice where it is. What depends on more than the state is in `judge`.
const LEGAL: &[(A, &[S], &[S])] = &[
    (A::Approve, &[S::Approval], &[]),
    (
        A::Reject,
        &[S::Review, S::Validated, S::Held, S::Query, S::Approval, S::NeedsAttention],
        &[S::Rejected],
    ),
    (A::Release, &[S::Held], &[S::Matching]),
    (A::Release, &[S::Approval], &[S::Held, S::Matching]),
    (A::Pair, &[S::Held], &[S::Matching]),
    (A::PriceCredit, &[S::Held], &[S::Matching]),
    (A::RaiseLevel, &[S::Held], &[S::Matching]),
    (A::RaiseLevel, &[S::Approval], &[S::Held, S::Matching]),
    (A::RequestInformation, &[S::Held], &[S::Query]),
    (A::RequestInformation, &[S::Approval], &[S::Held, S::Query]),
    (A::Answer, &[S::Query], &[S::Matching]),
    (A::Correct, &[S::NeedsAttention], &[S::Review, S::Validated]),
    (A::Correct, &[S::Review], &[S::Validated]),
    (A::Correct, &[S::Held, S::Query], &[S::Matching]),
    (A::Confirm, &[S::NeedsAttention], &[S::Review, S::Validated]),
    (A::Confirm, &[S::Review], &[S::Validated]),
    (A::Delegate, &[S::Review, S::Held, S::Query, S::Approval, S::NeedsAttention], &[]),
    (A::Reopen, &[S::Approved], &[S::Approval]),
    (A::MarkDuplicate, &[S::Held], &[S::Duplicate]),
    (A::Retry, &[S::NeedsAttention], &[]),
    (
        A::Cancel,
        &[
            S::Received,
            S::Extracting,
            S::Review,
            S::Validated,
            S::Matching,
            S::Held,
            S::Query,
            S::Approval,
            S::Approved,
            S::NeedsAttention,
        ],
        &[S::Cancelled],
    ),
];

/// The states that an action leads through from this one; `None` when it is not possible there.
pub(super) fn path(action: A, from: S) -> Option<&'static [S]> {
    let row = LEGAL.iter().find(|(of, states, _)| *of == action && states.contains(&from));
    row.map(|(_, _, path)| *path)
}

/// What people may do while an invoice is in this state.
pub fn legal_actions(status: S) -> Vec<A> {
    A::ALL.iter().copied().filter(|action| path(*action, status).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::{A, LEGAL, S, legal_actions, path};

    #[test]
    fn every_step_of_every_path_is_legal() {
        for (action, states, path) in LEGAL {
            for from in *states {
                let steps = std::iter::once(from).chain(path.iter());
                let steps: Vec<&S> = steps.collect();
                for step in steps.windows(2) {
                    assert!(step[0].may_become(*step[1]), "{action:?} from {from:?}: {step:?}");
                }
            }
        }
    }

    #[test]
    fn no_state_has_two_paths_for_one_action() {
        for action in A::ALL {
            for status in S::ALL {
                let rows = LEGAL.iter().filter(|row| row.0 == *action && row.1.contains(&status));
                assert!(rows.count() <= 1, "{action:?} in {status:?}");
            }
        }
    }

    #[test]
    fn cancelling_is_possible_where_the_states_say_so() {
        for status in S::ALL {
            let possible = path(A::Cancel, status).is_some();
            assert_eq!(possible, status.may_become(S::Cancelled), "{status:?}");
        }
    }

    #[test]
    fn nothing_is_decided_about_a_finished_or_paid_invoice() {
        for status in S::ALL.into_iter().filter(|status| status.is_final()) {
            assert_eq!(legal_actions(status), [], "{status:?}");
        }
        for status in [S::Scheduled, S::PartPaid, S::Paid] {
            assert_eq!(legal_actions(status), [], "{status:?}");
        }
    }

    #[test]
    fn every_resting_state_before_payment_has_a_way_on() {
        for status in [S::Review, S::Held, S::Query, S::Approval, S::NeedsAttention] {
            assert!(legal_actions(status).len() > 2, "{status:?}");
        }
    }
}
