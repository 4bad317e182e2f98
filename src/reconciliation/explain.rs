//! The result in words, from the document down to each line.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::models::case::Case;
use crate::models::invoice::{InvoiceKind, InvoiceLine};
use crate::models::policy::MatchLevel;
use crate::models::verdict::{
    Check, CheckVerdict, HoldSeverity, Outcome, Pairing, PairingStep, Reconciliation,
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
    for check in checks.remove(&None).unwrap_or_default() {
        say(format!("  {}", of_check(check)));
    }
    for line in &case.invoice.lines {
        say(of_line(line, pairings.get(line.id.as_str()).copied(), result));
        for check in checks.remove(&Some(&line.id)).unwrap_or_default() {
            say(format!("  {}", of_check(check)));
        }
    }
    for hold in &result.holds {
        let severity = match hold.severity {
            HoldSeverity::Stop => "stop",
            HoldSeverity::Pay => "pay",
            HoldSeverity::Warn => "warn",
        };
        say(format!("hold ({severity}) {}: {}", code(&hold.code), hold.text));
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
        PairingStep::Explicit => "named by the invoice",
        PairingStep::ItemId => "by item id",
        PairingStep::PriceQuantityName => "by price, quantity and name",
    };
    let level = match result.level.get(&line.id) {
        Some(MatchLevel::ThreeWay) => "three-way",
        _ => "two-way",
    };
    let (order, order_line) = (show::name(&pairing.po), show::name(&pairing.po_line));
    format!("line {id}: order {order} line {order_line}, {step}, {level}")
}

fn of_check(check: &Check) -> String {
    let verdict = match check.verdict {
        CheckVerdict::Pass => "ok",
        CheckVerdict::PassWithin => "within",
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
