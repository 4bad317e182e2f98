//! The result in words, from the document down to each line.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::models::case::Case;
use crate::models::invoice::{InvoiceKind, InvoiceLine};
use crate::models::policy::MatchLevel;
use crate::models::verdict::{
    Check, CheckCode, CheckVerdict, HoldSeverity, Outcome, Pairing, PairingStep, Reconciliation,
};
use crate::reconciliation::show;

/// One line of text for each thing that was found.
pub(crate) fn text(case: &Case, result: &Reconciliation) -> String {
    let mut text = String::new();
    let mut say = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    say(headline(case, result));
    let mut checks: BTreeMap<Option<&str>, Vec<&Check>> = BTreeMap::new();
    for check in &result.checks {
        let of_place = checks.entry(check.line.as_deref()).or_default();
        of_place.push(check);
    }
    let pairings = result.pairing.iter().map(|pairing| (pairing.line.as_str(), pairing));
    let pairings: BTreeMap<&str, &Pairing> = pairings.collect();
    for check in checks.remove(&None).unwrap_or_default().into_iter().filter(worth_saying) {
        say(format!("  {}", of_check(check)));
    }
    for line in &case.invoice.lines {
        say(of_line(line, pairings.get(line.id.as_str()).copied(), result));
        let of_line = checks.remove(&Some(&line.id)).unwrap_or_default();
        for check in of_line.into_iter().filter(worth_saying) {
            say(format!("  {}", of_check(check)));
        }
    }
    // An invoice without lines was compared by the order lines that come to its total.
    for pairing in result.pairing.iter().filter(|pairing| pairing.step == PairingStep::Sum) {
        let (order, line) = (show::name(&pairing.po), show::name(&pairing.po_line));
        say(format!("part {}: order {order} line {line}, by the sum of the invoice", pairing.line));
        let of_part = checks.remove(&Some(&pairing.line)).unwrap_or_default();
        for check in of_part.into_iter().filter(worth_saying) {
            say(format!("  {}", of_check(check)));
        }
    }
    for hold in &result.holds {
        let severity = match hold.severity {
            HoldSeverity::Stop => "stop",
            HoldSeverity::Pay => "pay",
            HoldSeverity::Warn => "warn",
        };
        let released = match &hold.released {
            Some(release) => {
                let (by, reason) = (show::name(&release.by), show::name(&release.reason));
                format!(" (released by {by}: {reason})")
            }
            None => String::new(),
        };
        say(format!("hold ({severity}) {}: {}{released}", code(&hold.code), hold.text));
    }
    text
}

fn headline(case: &Case, result: &Reconciliation) -> String {
    let what = match case.invoice.kind {
        InvoiceKind::Invoice => "invoice",
        InvoiceKind::CreditNote => "credit note",
    };
    let number = show::name(case.invoice.number.as_deref().unwrap_or_default());
    let outcome = match result.outcome {
        Outcome::Matched => "matched",
        Outcome::MatchedUnpaid => "matched, payment waits",
        Outcome::Held => "held",
        Outcome::Refused => "refused: its lines can be paired in more than one way",
    };
    format!("{what} {number}: {outcome}")
}

fn of_line(line: &InvoiceLine, pairing: Option<&Pairing>, result: &Reconciliation) -> String {
    let id = show::name(&line.id);
    let Some(pairing) = pairing else {
        return format!("line {id}: not paired with an order line");
    };
    let step = match pairing.step {
        PairingStep::Decision => "paired by a person",
        PairingStep::Explicit => "named by the invoice",
        PairingStep::Receipt => "by the receipt that it names",
        PairingStep::Sum => "by the sum of the invoice",
        PairingStep::ItemId => "by item id",
        PairingStep::PriceQuantityName => "by price, quantity and name",
    };
    let level = match result.level.get(&line.id) {
        Some(MatchLevel::FourWay) => "four-way",
        Some(MatchLevel::ThreeWay) => "three-way",
        Some(MatchLevel::None) => "not compared",
        _ => "two-way",
    };
    let (order, order_line) = (show::name(&pairing.po), show::name(&pairing.po_line));
    format!("line {id}: order {order} line {order_line}, {step}, {level}")
}

/// Checks that say in another way what quantity and price say already; without a limit they are
/// left to the result.
const SAID_OTHERWISE: [CheckCode; 4] =
    [CheckCode::QtyValue, CheckCode::LineTotal, CheckCode::ItemAmount, CheckCode::TaxLine];

/// What was compared, and what differs without a limit; the rest stands in the result alone.
fn worth_saying(check: &&Check) -> bool {
    let differs =
        check.variance.as_deref().is_some_and(|text| text.contains(|c| ('1'..='9').contains(&c)));
    match check.verdict {
        CheckVerdict::NotChecked => differs && !SAID_OTHERWISE.contains(&check.code),
        CheckVerdict::NotApplicable => false,
        _ => true,
    }
}

fn of_check(check: &Check) -> String {
    let verdict = match check.verdict {
        CheckVerdict::Pass => "ok",
        CheckVerdict::PassWithin => "within",
        CheckVerdict::PassAccepted => "small",
        CheckVerdict::Fail => "FAIL",
        CheckVerdict::Error => "ERROR",
        CheckVerdict::NotChecked => "unset",
        CheckVerdict::NotApplicable => "-",
    };
    format!("{verdict:<6} {}: {}", code(&check.code), check.text)
}

/// The code as it stands in JSON, so that text and result can be laid side by side.
fn code(code: &impl serde::Serialize) -> String {
    let code = serde_json::to_value(code).expect("a code is plain text");
    code.as_str().unwrap_or_default().to_owned()
}
