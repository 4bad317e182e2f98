//! From explanations to a decision: automatic only when nothing speaks against it (handbook §17).

use rust_decimal::Decimal;

use crate::models::payment::{
    Candidate, PaymentDecision, PaymentPolicy, PaymentVerdict, Reason, Remark,
};
use crate::reconciliation::payments::candidates::Candidates;

/// Competing explanations that are shown; a person does not read more.
const SHOWN_MAX: usize = 10;

/// Decides one payment by its explanations.
pub(crate) fn decide(
    transaction: &str,
    policy: &PaymentPolicy,
    found: Candidates,
    left: Decimal,
) -> PaymentDecision {
    let Candidates { mut all, remarks, .. } = found;
    let mut remarks: Vec<Remark> = remarks.into_iter().collect();
    all.sort_by(|one, other| rank(one).cmp(&rank(other)));
    let Some(score) = all.first().map(|best| best.score) else {
        return decision(transaction, PaymentVerdict::Unmatched, (remarks, left));
    };
    let near = |one: &Candidate| score.saturating_sub(one.score) < policy.lead;
    let rivals = all.iter().skip(1).filter(|one| near(one)).count();
    let given_up = remarks.iter().any(|remark| gives_up(remark.code));
    let best = &all[0];
    let mut verdict = if score < policy.suggestion_score {
        PaymentVerdict::Unmatched
    } else if score < policy.automatic_score || given_up || !best.remarks.is_empty() || rivals > 0 {
        PaymentVerdict::Suggestion
    } else {
        PaymentVerdict::Automatic
    };
    if best.rows.is_empty() && verdict == PaymentVerdict::Automatic {
        verdict = PaymentVerdict::Suggestion;
    }
    remarks.extend(best.remarks.iter().cloned());
    if rivals > 0 {
        let text = format!(
            "{} explanations are within {} points of each other: a person chooses",
            rivals + 1,
            policy.lead
        );
        remarks.push(Remark { code: Reason::Rival, text });
    }
    if score < policy.automatic_score {
        let text = format!(
            "its score is {score}: {} are needed to allocate it, {} to suggest it",
            policy.automatic_score, policy.suggestion_score
        );
        remarks.push(Remark { code: Reason::ScoreLow, text });
    }
    let proposes = rivals == 0 && verdict != PaymentVerdict::Unmatched;
    let rows = if proposes { best.rows.clone() } else { Vec::new() };
    all.truncate((rivals + 1).min(SHOWN_MAX));
    PaymentDecision {
        score,
        candidates: all,
        rows,
        ..decision(transaction, verdict, (remarks, left))
    }
}

/// A decision without an explanation.
pub(crate) fn decision(
    transaction: &str,
    verdict: PaymentVerdict,
    (mut remarks, left): (Vec<Remark>, Decimal),
) -> PaymentDecision {
    remarks.sort();
    remarks.dedup();
    PaymentDecision {
        transaction: transaction.to_owned(),
        verdict,
        score: 0,
        candidates: Vec::new(),
        rows: Vec::new(),
        unallocated: Some(left),
        remarks,
    }
}

/// The order of explanations: total, so that no two runs differ.
fn rank(one: &Candidate) -> (std::cmp::Reverse<u16>, usize, Vec<&str>) {
    let items = one.items.iter().map(|item| item.item.as_str()).collect();
    (std::cmp::Reverse(one.score), usize::from(!one.remarks.is_empty()), items)
}

/// Nobody knows whether there is another explanation.
fn gives_up(code: Reason) -> bool {
    matches!(code, Reason::SearchLimit | Reason::TooManyAlike)
}
