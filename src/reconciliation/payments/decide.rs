//! From explanations to a decision: automatic only when nothing speaks against it (handbook §17).

use std::cmp::Reverse;

use rust_decimal::Decimal;

use crate::models::payment::{
    Candidate, CandidateItem, EvidenceCode, PaymentDecision, PaymentPolicy, PaymentVerdict, Reason,
    Remark,
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
    let others = all.split_off(1);
    let near = |one: &Candidate| lead(&all[0], one) < i32::from(policy.lead);
    let near: Vec<Candidate> = others.into_iter().filter(near).collect();
    let rivals = near.len();
    all.extend(near);
    let given_up = remarks.iter().any(|remark| gives_up(remark.code));
    let best = &all[0];
    // A payment for what is closed must not go to something else by itself: it was paid twice.
    let stray = remarks.iter().any(|remark| names_other(remark.code)) && !is_named(best);
    let mut verdict = if score < policy.suggestion_score {
        PaymentVerdict::Unmatched
    } else if score < policy.automatic_score
        || given_up
        || stray
        || rivals > 0
        || !best.remarks.is_empty()
    {
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
    all.truncate(SHOWN_MAX);
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

/// Score, whether the payment names it, and its points beyond the score; the best first.
type Worth = Reverse<(u16, bool, i32)>;

/// The order of explanations: total, so that no two runs differ.
fn rank(one: &Candidate) -> (Worth, usize, Vec<&str>) {
    let items = one.items.iter().map(|item| item.item.as_str()).collect();
    let worth = (one.score, is_named(one), strength(one));
    (Reverse(worth), usize::from(!one.remarks.is_empty()), items)
}

/// By how much the best leads another one. Where both have more than 1000 points, one that the
/// payment does not name is behind by all of them: else everything that is known of a supplier
/// would bring its other items nearer. One that it names too is behind by the scores alone.
fn lead(best: &Candidate, other: &Candidate) -> i32 {
    if is_named(best) && !is_named(other) {
        return strength(best) - strength(other);
    }
    i32::from(best.score) - i32::from(other.score)
}

/// The points of the weakest item, without an upper bound.
fn strength(one: &Candidate) -> i32 {
    let sum = |item: &CandidateItem| item.evidence.iter().map(|piece| piece.points).sum();
    one.items.iter().map(sum).min().unwrap_or_default()
}

/// What it names is not what it could pay.
fn names_other(code: Reason) -> bool {
    matches!(code, Reason::Closed | Reason::WrongDirection)
}

/// The payment names each of its items.
fn is_named(one: &Candidate) -> bool {
    let names = |code| {
        matches!(
            code,
            EvidenceCode::EndToEndId
                | EvidenceCode::StructuredReference
                | EvidenceCode::InvoiceNumber
        )
    };
    one.items.iter().all(|item| item.evidence.iter().any(|piece| names(piece.code)))
}

/// Nobody knows whether there is another explanation.
fn gives_up(code: Reason) -> bool {
    matches!(code, Reason::SearchLimit | Reason::TooManyAlike)
}
