//! The order of the work, and the verdict.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sha2::Digest;

use crate::models::case::Case;
use crate::models::invoice::InvoiceLine;
use crate::models::policy::MatchLevel;
use crate::models::refs::Sha256;
use crate::models::verdict::{
    Check, CheckCode, CheckVerdict, Hold, HoldCode, HoldSeverity, Outcome, Pairing, PairingStep,
    Reconciliation,
};
use crate::reconciliation::allocation;
use crate::reconciliation::checks::judged::Judged;
use crate::reconciliation::checks::{self, Checks};
use crate::reconciliation::credit;
use crate::reconciliation::document;
use crate::reconciliation::figures::Figures;
use crate::reconciliation::goods;
use crate::reconciliation::holds;
use crate::reconciliation::matched::{Matched, matched};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::pairing::{self, Fate, sum};
use crate::reconciliation::positions::{Positions, corrected};
use crate::reconciliation::prepayment;
use crate::reconciliation::release;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;
use crate::reconciliation::standing;
use crate::reconciliation::words::Words;

/// Runs all rules over one case.
pub(crate) fn run(case: &Case) -> Reconciliation {
    let scene = Scene::new(case);
    let by_total = !credit::gives_back(case) && !scene.is_prepayment();
    let found = if by_total { sum::find(&scene) } else { sum::Found::Nothing };
    let mut result = match found {
        sum::Found::Lines(lines, raised) => by_sum(case, lines, raised),
        sum::Found::Refused(hold) => settle(&scene, vec![*hold]),
        sum::Found::Nothing => settle(&scene, Vec::new()),
    };
    result.input_hash = input_hash(case);
    result
}

/// An invoice without lines, as if it had those that come to its total.
fn by_sum(case: &Case, lines: Vec<InvoiceLine>, raised: Vec<Hold>) -> Reconciliation {
    let mut case = case.clone();
    case.invoice.lines = lines;
    let mut result = settle(&Scene::new(&case), raised);
    for pairing in &mut result.pairing {
        pairing.step = PairingStep::Sum;
    }
    result
}

fn settle(scene: &Scene<'_>, known: Vec<Hold>) -> Reconciliation {
    let case = scene.case;
    let figures = figures(scene);
    let mut result = Reconciliation {
        input_hash: String::new(),
        policy_version: case.policy.version.clone(),
        outcome: Outcome::Matched,
        level: BTreeMap::new(),
        checks: Vec::new(),
        pairing: Vec::new(),
        allocations: Vec::new(),
        credits: Vec::new(),
        charges: Vec::new(),
        replaces: Vec::new(),
        po_lines: Vec::new(),
        holds: known,
        accepted_difference: None,
    };
    result.holds.extend(document::holds(scene));
    if credit::gives_back(case) {
        settle_credit(scene, &figures, &mut result);
    } else if scene.is_prepayment() {
        settle_prepayment(scene, &figures, &mut result);
    } else {
        settle_invoice(scene, &figures, &mut result);
    }
    release::apply(case, &mut result);
    result.outcome = outcome(&result.holds);
    result
}

/// Every comparison of an invoice, as numbers and verdicts, without words: for who counts them.
pub(crate) fn verdicts(case: &Case, out: &mut impl FnMut(CheckCode, CheckVerdict)) {
    let scene = Scene::new(case);
    let figures = figures(&scene);
    let orders = Orders::new(case);
    let positions = Positions::new(case, &orders, &scene.units, &scene.limits);
    let pairs = pairing::pair(&scene, &orders, &positions, &figures);
    let lines = matched(&scene, &figures, &positions, &pairs.fates);
    let checks = Checks {
        scene: &scene,
        orders: &orders,
        named: &pairs.orders,
        positions: &positions,
        fates: &pairs.fates,
        lines: &lines,
        figures: &figures,
    };
    checks.all(&checks.charges(), &mut |judged: Judged<'_>| out(judged.code, judged.verdict));
}

/// The numbers of each line. A debit note adds money and no quantity (§10).
fn figures(scene: &Scene<'_>) -> Vec<Figures> {
    let lines = scene.case.invoice.lines.iter();
    let mut figures: Vec<Figures> =
        lines.map(|line| Figures::new(line, scene.minor_digits)).collect();
    if scene.is_debit_note() {
        for figures in &mut figures {
            figures.quantity = figures.quantity.map(|_| Decimal::ZERO);
        }
    }
    figures
}

fn settle_invoice(scene: &Scene<'_>, figures: &[Figures], result: &mut Reconciliation) {
    let case = scene.case;
    let orders = Orders::new(case);
    let positions = Positions::new(case, &orders, &scene.units, &scene.limits);
    let pairs = pairing::pair(scene, &orders, &positions, figures);
    let lines = matched(scene, figures, &positions, &pairs.fates);
    let checks = Checks {
        scene,
        orders: &orders,
        named: &pairs.orders,
        positions: &positions,
        fates: &pairs.fates,
        lines: &lines,
        figures,
    };
    let mut judged: Vec<Judged<'_>> = Vec::new();
    let charges = checks.charges();
    checks.all(&charges, &mut |check| judged.push(check));
    let words = Words { scene, orders: &orders, lines: &lines };
    result.level = levels(scene, &positions, &pairs.fates);
    result.pairing = pairings(case, &positions, &pairs.fates);
    result.checks = judged.iter().map(|check| words.check(check)).collect();
    result.accepted_difference = accepted_difference(&checks, &judged);
    result.po_lines = standing::of_lines(&lines);
    if scene.is_correction() {
        result.holds.extend(credit::references(scene));
    }
    result.holds.extend(pairs.holds);
    result.holds.extend(document::of_orders(scene, &orders, &pairs.orders));
    result.holds.extend(missing_data(case, &lines, figures));
    result.holds.extend(holds::of_checks(&result.checks, &lines));
    result.holds.extend(goods::holds(&lines, &result.holds));
    let copy = result.holds.iter().any(|hold| hold.code == HoldCode::DupExact);
    if outcome(&result.holds) != Outcome::Refused && !copy {
        result.charges = checks.charged(&charges);
        result.allocations = allocation::rows(scene, &lines);
        // A held document may turn out to be wrong: it reserves, and takes nothing away.
        match outcome(&result.holds) {
            Outcome::Held => allocation::give_nothing_back(&mut result.allocations),
            _ => result.replaces = replaced(case),
        }
    }
}

/// Our ids of the invoices that a correction replaces.
fn replaced(case: &Case) -> Vec<String> {
    let numbers = corrected(case);
    let named = case.preceding.iter().filter(|one| numbers.contains(&one.number.as_str()));
    named.filter_map(|one| one.id.clone()).collect()
}

/// A credit note runs its own checks and the totals; its quantity shows in the next run of the
/// invoice that it names (§10).
fn settle_credit(scene: &Scene<'_>, figures: &[Figures], result: &mut Reconciliation) {
    let references = credit::references(scene);
    let unusable = !references.is_empty();
    result.holds.extend(references);
    if unusable {
        return;
    }
    let (lines, raised) = credit::lines(scene, figures);
    let orders = Orders::new(scene.case);
    let words = Words { scene, orders: &orders, lines: &[] };
    let mut checks: Vec<Check> = Vec::new();
    checks::credit::checks(scene, &lines, figures, &mut |judged| {
        checks.push(words.check(&judged));
    });
    result.checks = checks;
    result.holds.extend(raised);
    result.holds.extend(holds::of_checks(&result.checks, &[]));
    let counts = outcome(&result.holds) != Outcome::Held;
    if counts && scene.case.duplicate_of.is_none() {
        result.credits = credit::rows(scene, &lines);
    }
}

/// A payment in advance is compared by amount with the plan of its order; nothing is taken from
/// order lines or receipts (§10, BT-3 386).
fn settle_prepayment(scene: &Scene<'_>, figures: &[Figures], result: &mut Reconciliation) {
    let case = scene.case;
    let orders = Orders::new(case);
    let positions = Positions::new(case, &orders, &scene.units, &scene.limits);
    let (scopes, raised) = orders.scopes(case, scene.level);
    let named = prepayment::named(&scopes);
    result.holds.extend(raised);
    result.holds.extend(document::of_orders(scene, &orders, &named));
    let Some(planned) = prepayment::planned(scene, &orders, &positions, &named) else {
        let text = "a payment in advance is asked for, and no order that the invoice names plans \
                    one; releases when a person settles it";
        result.holds.push(holds::document(HoldCode::Manual, text));
        return;
    };
    let own = || figures.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.net?));
    let totals = &case.invoice.totals;
    let own = totals.net.or(totals.lines).or_else(own);
    let nothing = Some((Decimal::ZERO, Decimal::ZERO));
    let paid = prepayment::paid(scene, &orders, &named).unwrap_or(nothing);
    let words = Words { scene, orders: &orders, lines: &[] };
    let asked = checks::prepaid::asked(scene, planned, paid, own);
    let currency = named.iter().map(|&order| checks::currency::of(scene, &orders, order));
    result.checks = currency.chain([asked]).map(|check| words.check(&check)).collect();
    result.holds.extend(holds::of_checks(&result.checks, &[]));
}

/// The difference that a failing total was accepted for; zero where nothing differs.
fn accepted_difference(checks: &Checks<'_, '_>, judged: &[Judged<'_>]) -> Option<String> {
    let lines_fail = judged
        .iter()
        .any(|check| check.failed() && matches!(check.at, checks::judged::At::Line(_)));
    let payable = judged.iter().find(|check| check.code == CheckCode::TotalPayable)?;
    let difference = checks.small_difference(&payable.numbers?)?;
    (!lines_fail).then(|| show::amount(difference, checks.scene.minor_digits))
}

/// SHA-256 of the case as JSON: its members have a fixed order and its maps are sorted.
fn input_hash(case: &Case) -> String {
    let bytes = serde_json::to_vec(case).expect("a case is plain data with text keys");
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    Sha256::from_bytes(&digest).to_string()
}

/// The level of each line; an unpaired one has the entity's.
fn levels(
    scene: &Scene<'_>,
    positions: &Positions<'_>,
    fates: &[Fate<'_>],
) -> BTreeMap<String, MatchLevel> {
    let mut levels = BTreeMap::new();
    for (line, fate) in scene.case.invoice.lines.iter().zip(fates) {
        let level = match fate {
            Fate::Paired { position, .. } => positions.all[*position].level,
            _ => scene.level,
        };
        let known = levels.entry(line.id.clone()).or_insert(level);
        *known = level.max(*known);
    }
    levels
}

fn pairings(case: &Case, positions: &Positions<'_>, fates: &[Fate<'_>]) -> Vec<Pairing> {
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
        Some(matched) => goods::incomparable(matched),
        None => {
            let text = figures.missing().map(|missing| {
                format!(
                    "{missing}; releases when a person supplies it or a corrected document arrives"
                )
            });
            let hold = text.map(|text| holds::line(HoldCode::MissingData, &line.id, &text));
            hold.into_iter().collect()
        }
    });
    raised.collect()
}

/// Refused, held, to be paid later, or matched: the worst that was found and not released.
fn outcome(holds: &[Hold]) -> Outcome {
    let refused = [HoldCode::AmbiguousPairing, HoldCode::PairingLimit];
    let counts = || holds.iter().filter(|hold| hold.released.is_none());
    let has = |severity| counts().any(|hold| hold.severity == severity);
    if counts().any(|hold| refused.contains(&hold.code)) {
        Outcome::Refused
    } else if has(HoldSeverity::Stop) {
        Outcome::Held
    } else if has(HoldSeverity::Pay) {
        Outcome::MatchedUnpaid
    } else {
        Outcome::Matched
    }
}
