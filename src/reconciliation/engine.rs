//! The order of the work, and the verdict.

use std::collections::BTreeMap;

use sha2::Digest;

use crate::models::case::Case;
use crate::models::policy::MatchLevel;
use crate::models::refs::Sha256;
use crate::models::verdict::{Hold, HoldCode, HoldSeverity, Outcome, Pairing, Reconciliation};
use crate::reconciliation::allocation;
use crate::reconciliation::checks::{self, Checks};
use crate::reconciliation::document;
use crate::reconciliation::figures::Figures;
use crate::reconciliation::holds;
use crate::reconciliation::matched::{Matched, matched};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::pairing::{self, Fate, Pairs};
use crate::reconciliation::positions::Positions;

/// Runs all rules over one case.
pub(crate) fn run(case: &Case) -> Reconciliation {
    let minor_digits = checks::minor_digits(case);
    let invoiced = &case.invoice.lines;
    let figures: Vec<Figures> =
        invoiced.iter().map(|line| Figures::new(line, minor_digits)).collect();
    let orders = Orders::new(case);
    let positions = Positions::new(case, &orders);
    let pairs = pairing::pair(case, &orders, &positions, &figures);
    let mut result = Reconciliation {
        input_hash: input_hash(case),
        outcome: Outcome::Matched,
        level: levels(case, &positions, &pairs.fates),
        checks: Vec::new(),
        pairing: pairings(case, &positions, &pairs.fates),
        allocations: Vec::new(),
        holds: document::holds(case),
    };
    if let Some(hold) = document::for_a_person(case) {
        result.holds.push(hold);
    } else {
        let lines = matched(invoiced, &figures, &positions, &pairs.fates);
        result.checks = Checks::new(case, &orders).all(&pairs.orders, &lines);
        let missing = missing_data(case, &lines, &figures);
        let Pairs { holds, .. } = pairs;
        result.holds.extend(holds);
        result.holds.extend(missing);
        result.holds.extend(holds::of_checks(&result.checks));
        if outcome(&result.holds) != Outcome::Refused && case.duplicate_of.is_none() {
            result.allocations = allocation::rows(&lines, minor_digits);
            if outcome(&result.holds) == Outcome::Held {
                allocation::give_nothing_back(&mut result.allocations);
            }
        }
    }
    result.outcome = outcome(&result.holds);
    result
}

/// SHA-256 of the case as JSON: its members have a fixed order and its maps are sorted.
fn input_hash(case: &Case) -> String {
    let bytes = serde_json::to_vec(case).expect("a case is plain data with text keys");
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    Sha256::from_bytes(&digest).to_string()
}

/// The level of each line; an unpaired one has the entity's.
fn levels(case: &Case, positions: &Positions<'_>, fates: &[Fate]) -> BTreeMap<String, MatchLevel> {
    let mut levels = BTreeMap::new();
    for (line, fate) in case.invoice.lines.iter().zip(fates) {
        let level = match fate {
            Fate::Paired { position, .. } => positions.all[*position].level,
            _ => case.policy.match_level,
        };
        let known = levels.entry(line.id.clone()).or_insert(level);
        *known = level.max(*known);
    }
    levels
}

fn pairings(case: &Case, positions: &Positions<'_>, fates: &[Fate]) -> Vec<Pairing> {
    let lines = case.invoice.lines.iter().zip(fates);
    let paired = lines.filter_map(|(line, fate)| {
        let Fate::Paired { position, step } = fate else {
            return None;
        };
        let position = &positions.all[*position];
        Some(Pairing {
            line: line.id.clone(),
            po: position.order.number.clone(),
            po_line: position.line.id.clone(),
            step: *step,
        })
    });
    paired.collect()
}

/// What is missing on paired lines stands in the way of their checks; on the others it may be why
/// they are not paired.
fn missing_data(case: &Case, lines: &[Option<Matched<'_>>], figures: &[Figures]) -> Vec<Hold> {
    let lines = case.invoice.lines.iter().zip(lines).zip(figures);
    let raised = lines.flat_map(|((line, matched), figures)| match matched {
        Some(matched) => matched.holds(),
        None => {
            let text = figures.missing().map(|missing| {
                format!(
                    "{missing}; releases when a person supplies it or a corrected document arrives"
                )
            });
            let hold = text.map(|text| holds::stop_line(HoldCode::MissingData, &line.id, &text));
            hold.into_iter().collect()
        }
    });
    raised.collect()
}

/// Refused, held, to be paid later, or matched: the worst that was found.
fn outcome(holds: &[Hold]) -> Outcome {
    let refused = [HoldCode::AmbiguousPairing, HoldCode::PairingLimit];
    let has = |severity| holds.iter().any(|hold| hold.severity == severity);
    if holds.iter().any(|hold| refused.contains(&hold.code)) {
        Outcome::Refused
    } else if has(HoldSeverity::Stop) {
        Outcome::Held
    } else if has(HoldSeverity::Pay) {
        Outcome::MatchedUnpaid
    } else {
        Outcome::Matched
    }
}
