//! The comparison line by line: what the invoice says, what was ordered and received, and how each
//! check ended.

use serde_json::Value;

use crate::http::dashboard::cells::{said, words};
use crate::models::invoice::InvoiceLine;
use crate::models::verdict::{Check, CheckVerdict, LineStanding, Pairing, Reconciliation};

/// One comparison.
pub struct CheckRow {
    /// Which.
    pub code: &'static str,
    /// What the invoice says.
    pub actual: String,
    /// What it should say.
    pub expected: String,
    /// The difference, and what part of the expected it is.
    pub variance: String,
    /// How it ended, in words and as a class.
    pub verdict: String,
    /// Its class.
    pub class: &'static str,
    /// In a sentence.
    pub text: String,
}

/// One line of the invoice, with what it was compared with.
pub struct Line {
    /// Its id.
    pub id: String,
    /// What it bills.
    pub item: String,
    /// Quantity and unit.
    pub quantity: String,
    /// Net price of a unit.
    pub price: String,
    /// Net.
    pub net: String,
    /// Order and line, and how they were found.
    pub order: String,
    /// What stands on the order line.
    pub ordered: String,
    /// What came.
    pub received: String,
    /// What is billed, with this invoice.
    pub billed: String,
    /// What must agree.
    pub level: String,
    /// The worst of its checks, as a class.
    pub class: &'static str,
    /// Its checks.
    pub checks: Vec<CheckRow>,
}

/// The lines of an invoice.
pub fn lines(lines: &[InvoiceLine], result: &Reconciliation) -> Vec<Line> {
    lines.iter().map(|line| of(line, result)).collect()
}

/// The checks of the document as a whole.
pub fn of_document(result: &Reconciliation) -> Vec<CheckRow> {
    result.checks.iter().filter(|check| check.line.is_none()).map(CheckRow::of).collect()
}

fn of(line: &InvoiceLine, result: &Reconciliation) -> Line {
    let pairing = result.pairing.iter().find(|pairing| pairing.line == line.id);
    let is_its = |pairing: &Pairing, standing: &LineStanding| {
        standing.po == pairing.po && standing.po_line == pairing.po_line
    };
    let standing = pairing
        .and_then(|pairing| result.po_lines.iter().find(|standing| is_its(pairing, standing)));
    let of_line = result.checks.iter().filter(|check| check.line.as_deref() == Some(&line.id));
    let checks: Vec<CheckRow> = of_line.map(CheckRow::of).collect();
    let number =
        |number: Option<rust_decimal::Decimal>| number.map_or(String::new(), |one| one.to_string());
    let unit = line.unit.clone().unwrap_or_default();
    let count =
        |take: fn(&LineStanding) -> &String| standing.map(take).cloned().unwrap_or_default();
    Line {
        id: line.id.clone(),
        item: line.name.clone().or_else(|| line.description.clone()).unwrap_or_default(),
        quantity: format!("{} {unit}", number(line.quantity)).trim().to_owned(),
        price: number(line.price),
        net: number(line.net),
        order: pairing.map(found).unwrap_or_default(),
        ordered: count(|standing| &standing.ordered),
        received: count(|standing| &standing.received),
        billed: count(|standing| &standing.billed),
        level: result.level.get(&line.id).map(word).unwrap_or_default(),
        class: worst(&checks),
        checks,
    }
}

fn found(pairing: &Pairing) -> String {
    format!("{} line {} (by {})", pairing.po, pairing.po_line, word(&pairing.step))
}

/// The word of a closed set, for people.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    said(&words(&value))
}

fn worst(checks: &[CheckRow]) -> &'static str {
    let order = ["fails", "within", "agrees"];
    let has = |class: &&&str| checks.iter().any(|check| check.class == **class);
    order.iter().find(has).copied().unwrap_or("open")
}

impl CheckRow {
    fn of(check: &Check) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let percent = check.percent.as_ref().map(|percent| format!(" ({percent} %)"));
        Self {
            code: check.code.as_str(),
            actual: text(&check.actual),
            expected: text(&check.expected),
            variance: text(&check.variance) + percent.unwrap_or_default().as_str(),
            verdict: word(&check.verdict),
            class: class(check.verdict),
            text: check.text.clone(),
        }
    }
}

fn class(verdict: CheckVerdict) -> &'static str {
    match verdict {
        CheckVerdict::Pass => "agrees",
        CheckVerdict::PassWithin | CheckVerdict::PassAccepted => "within",
        CheckVerdict::Fail | CheckVerdict::Error => "fails",
        CheckVerdict::NotChecked | CheckVerdict::NotApplicable => "open",
    }
}
