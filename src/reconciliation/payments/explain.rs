//! A settlement in words, payment by payment.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::models::payment::{
    Candidate, Direction, OpenItem, PaymentCase, PaymentDecision, PaymentVerdict, Row, Settlement,
    Shape, StepResult, Transaction,
};
use crate::reconciliation::payments::amount::shown;
use crate::reconciliation::show;

/// One paragraph for each step and payment.
pub(crate) fn text(case: &PaymentCase, settlement: &Settlement) -> String {
    let words = Words {
        items: case.open_items.iter().map(|item| (item.id.as_str(), item)).collect(),
        transactions: case.transactions.iter().map(|one| (one.id.as_str(), one)).collect(),
    };
    let mut text = String::new();
    let mut say = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    for step in &settlement.steps {
        words.of_step(step, &mut say);
    }
    for decision in &settlement.decisions {
        words.of_decision(decision, &mut say);
    }
    for id in &settlement.already_known {
        say(format!("payment {}: known before, nothing changes", show::name(id)));
    }
    for fault in &settlement.faults {
        say(format!("not used {}: {}", fault.place, fault.detail));
    }
    text
}

struct Words<'a> {
    items: BTreeMap<&'a str, &'a OpenItem>,
    transactions: BTreeMap<&'a str, &'a Transaction>,
}

impl Words<'_> {
    fn of_step(&self, step: &StepResult, say: &mut impl FnMut(String)) {
        match &step.fault {
            Some(fault) => say(format!("step {}: refused: {fault}", show::name(&step.step))),
            None => say(format!("step {}: carried out", show::name(&step.step))),
        }
        for row in &step.rows {
            say(format!("  {}", self.row(row)));
        }
    }

    fn of_decision(&self, decision: &PaymentDecision, say: &mut impl FnMut(String)) {
        let outcome = match decision.verdict {
            PaymentVerdict::Automatic => "allocated",
            PaymentVerdict::Suggestion => "suggestion, a person decides",
            PaymentVerdict::Unmatched => "not matched",
            PaymentVerdict::Error => "ERROR",
        };
        say(format!("{}: {outcome}", self.payment(&decision.transaction)));
        for candidate in &decision.candidates {
            self.of_candidate(candidate, say);
        }
        for row in &decision.rows {
            say(format!("  {}", self.row(row)));
        }
        for remark in &decision.remarks {
            say(format!("  note: {}", remark.text));
        }
    }

    fn of_candidate(&self, candidate: &Candidate, say: &mut impl FnMut(String)) {
        let shape = match candidate.shape {
            Shape::One => "pays",
            Shape::Several => "pays together",
            Shape::Partial => "pays a part of",
            Shape::SumDiffers => "names",
            Shape::OnAccount => "could go to",
            Shape::Return => "reopens",
        };
        let names: Vec<String> = candidate.items.iter().map(|item| self.item(&item.item)).collect();
        say(format!("  {shape} {} ({} of 1000)", names.join(", "), candidate.score));
        for item in &candidate.items {
            if candidate.items.len() > 1 {
                say(format!("    {}: {} of 1000", self.item(&item.item), item.score));
            }
            for piece in &item.evidence {
                say(format!("    {:+}: {}", piece.points, show::name(&piece.text)));
            }
        }
    }

    fn payment(&self, id: &str) -> String {
        let Some(one) = self.transactions.get(id) else { return show::name(id) };
        let way = match one.direction {
            Direction::Out => "paid",
            Direction::In => "received",
        };
        let amount = one.currency.map_or(one.amount.to_string(), |code| shown(one.amount, code));
        let date = one.date.map(|date| format!(" on {date}")).unwrap_or_default();
        format!("payment {}, {amount} {way}{date}", show::name(id))
    }

    fn item(&self, id: &str) -> String {
        show::name(self.items.get(id).map_or(id, |item| item.called()))
    }

    fn row(&self, row: &Row) -> String {
        let currency = self.items.get(row.item.as_str()).map(|item| item.currency);
        let said = |amount| currency.map_or(format!("{amount}"), |code| shown(amount, code));
        let parts = [
            (row.settles(), "paid"),
            (row.discount, "discount"),
            (row.fee, "bank fee"),
            (row.write_off, "written off"),
            (row.offset, "set off"),
        ];
        let parts = parts.iter().filter(|(amount, _)| !amount.is_zero());
        let mut parts: Vec<String> =
            parts.map(|(amount, word)| format!("{word} {}", said(*amount))).collect();
        if let Some(exchange) = &row.exchange {
            let (paid, lost) = (row.paid, exchange.difference);
            let code = exchange.currency;
            let text = format!("for {}, exchange {}", shown(paid, code), shown(lost, code));
            parts.push(text);
        }
        let back = if row.reverses.is_some() { "taken back: " } else { "" };
        format!("{back}{}: {}", self.item(&row.item), parts.join(", "))
    }
}
