//! Found, right, wrong and missing, by field, seller and confidence.

use std::collections::BTreeMap;
use std::fmt;

use ap_gateway::extraction::text::TextReading;
use ap_gateway::models::evidence::Evidence;
use rust_decimal::Decimal;

use super::truth::{Truth, decimal, normal};
use super::{HEADER, WHOLE};

/// How often a value was right.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// Documents that have the field.
    there: u32,
    /// Of these, the text layer has it.
    in_text: u32,
    right: u32,
    right_in_text: u32,
    wrong: u32,
}

impl Count {
    fn add(&mut self, in_text: bool, right: Option<bool>) {
        self.there += 1;
        self.in_text += u32::from(in_text);
        self.right += u32::from(right == Some(true));
        self.right_in_text += u32::from(right == Some(true) && in_text);
        self.wrong += u32::from(right == Some(false));
    }
}

/// The whole report.
#[derive(Debug, Default)]
pub(super) struct Score {
    fields: BTreeMap<&'static str, Count>,
    sellers: BTreeMap<String, Count>,
    seller_lines: BTreeMap<String, Count>,
    lines: BTreeMap<&'static str, Count>,
    /// By confidence: how many, and how many right.
    confidence: BTreeMap<u8, (u32, u32)>,
    /// The same, with the values that the XML has and the page has not.
    confidence_of_all: BTreeMap<u8, (u32, u32)>,
    whole: Count,
    /// Values of the page where the XML says something that the page does not.
    contradicted: u32,
    mistakes: Vec<String>,
    sure_mistakes: Vec<String>,
}

impl Score {
    pub(super) fn add(&mut self, truth: &Truth, reading: &TextReading) {
        let mut whole = true;
        let mut whole_in_text = true;
        for field in HEADER {
            let Some(wanted) = truth.fields.get(field) else { continue };
            let in_text = truth.in_text.get(field).copied().unwrap_or(false);
            let found = reading.evidence.iter().find(|evidence| evidence.field == field);
            let right = found.map(|found| normal(field, &found.value) == normal(field, wanted));
            self.fields.entry(field).or_default().add(in_text, right);
            self.sellers.entry(truth.seller()).or_default().add(in_text, right);
            self.count_all(found, right);
            self.judge(truth, found.filter(|_| in_text), right, wanted);
            if right == Some(false) && !in_text {
                self.contradicted += 1;
            }
            if right.is_none() {
                let found = if in_text { "missing" } else { "missing (not in the text)" };
                self.mistakes.push(format!("{}: {field}: {wanted:?} {found}", truth.path));
            }
            if WHOLE.contains(&field) {
                whole &= right == Some(true);
                whole_in_text &= in_text;
            }
        }
        self.whole.add(whole_in_text, Some(whole));
        self.add_lines(truth, reading);
    }

    fn count_all(&mut self, found: Option<&Evidence>, right: Option<bool>) {
        let (Some(found), Some(right)) = (found, right) else { return };
        let count = self.confidence_of_all.entry(found.confidence.hundredths()).or_default();
        count.0 += 1;
        count.1 += u32::from(right);
    }

    fn judge(
        &mut self,
        truth: &Truth,
        found: Option<&Evidence>,
        right: Option<bool>,
        wanted: &str,
    ) {
        let (Some(found), Some(right)) = (found, right) else { return };
        let confidence = found.confidence.hundredths();
        let count = self.confidence.entry(confidence).or_default();
        count.0 += 1;
        count.1 += u32::from(right);
        if !right {
            let Evidence { field, value, .. } = found;
            let said = format!("{}: {field}: {value:?} for {wanted:?} at {confidence}", truth.path);
            if confidence >= 80 {
                self.sure_mistakes.push(said.clone());
            }
            self.mistakes.push(said);
        }
    }

    /// Lines by their order; those without an amount are notes of old profiles.
    fn add_lines(&mut self, truth: &Truth, reading: &TextReading) {
        let number = |value: Option<Decimal>| value.map(|value| value.normalize().to_string());
        let wanted = truth.lines.iter().filter(|line| line.net.is_some());
        for (at, wanted) in wanted.enumerate() {
            let line = reading.invoice.lines.get(at);
            for (term, found, wanted_value) in [
                ("BT-129", line.and_then(|line| number(line.quantity)), &wanted.quantity),
                ("BT-146", line.and_then(|line| number(line.price)), &wanted.price),
                ("BT-131", line.and_then(|line| number(line.net)), &wanted.net),
            ] {
                let Some(wanted_value) = wanted_value else { continue };
                let right = found.as_ref().map(|found| *found == decimal(wanted_value));
                self.lines.entry(term).or_default().add(wanted.net_in_text, right);
                self.seller_lines.entry(truth.seller()).or_default().add(wanted.net_in_text, right);
                let field = format!("BG-25[{}]/{term}", at + 1);
                let evidence = reading.evidence.iter().find(|evidence| evidence.field == field);
                self.count_all(evidence, right);
                let on_page = right.is_some() && wanted.net_in_text;
                self.judge(truth, evidence.filter(|_| on_page), right, wanted_value);
                if right.is_none() {
                    self.mistakes.push(format!("{}: {field}: {wanted_value} missing", truth.path));
                }
            }
        }
    }

    pub(super) fn header_share(&self) -> f64 {
        let sum = |of: fn(&Count) -> u32| self.fields.values().map(of).sum::<u32>();
        share(sum(|count| count.right_in_text), sum(|count| count.in_text))
    }

    /// Of all documents, also where the page does not have the value.
    fn shares_of_all(&self) -> (f64, f64) {
        let sum = |of: fn(&Count) -> u32| self.fields.values().map(of).sum::<u32>();
        let header = share(sum(|count| count.right), sum(|count| count.there));
        (header, share(self.whole.right, self.whole.there))
    }

    pub(super) fn whole_share(&self) -> f64 {
        share(self.whole.right_in_text, self.whole.in_text)
    }

    pub(super) fn line_share(&self) -> f64 {
        let sum = |of: fn(&Count) -> u32| self.lines.values().map(of).sum::<u32>();
        share(sum(|count| count.right_in_text), sum(|count| count.in_text))
    }

    /// Share of the values said to be at least this sure that are right.
    pub(super) fn share_right_from(&self, hundredths: u8) -> f64 {
        let sure = self.confidence.range(hundredths..).map(|(_, count)| *count);
        let (all, right) = sure.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        share(right, all)
    }

    pub(super) fn wrong_and_sure(&self) -> &[String] {
        &self.sure_mistakes
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |out: &mut fmt::Formatter<'_>, name: &str, count: &Count| {
            let Count { there, in_text, right, right_in_text, wrong } = *count;
            let missing = there - right - wrong;
            let of_text = share(right_in_text, in_text) * 100.0;
            writeln!(
                out,
                "{name:45} there {there:4}  right {right:4}  wrong {wrong:3}  missing {missing:3}  \
                 of {in_text:4} in text {of_text:5.1} %"
            )
        };
        for mistake in &self.mistakes {
            writeln!(out, "{mistake}")?;
        }
        for (field, count) in &self.fields {
            row(out, field, count)?;
        }
        for (field, count) in &self.lines {
            row(out, &format!("BG-25/{field}"), count)?;
        }
        for (seller, count) in &self.sellers {
            row(out, seller, count)?;
            if let Some(lines) = self.seller_lines.get(seller) {
                row(out, &format!("  lines of {seller}"), lines)?;
            }
        }
        row(out, "number, date, seller's VAT id and gross", &self.whole)?;
        for (confidence, (all, right)) in &self.confidence {
            let share = share(*right, *all) * 100.0;
            writeln!(out, "confidence {confidence:3}: {right:4} of {all:4} right, {share:5.1} %")?;
        }
        for (confidence, (all, right)) in &self.confidence_of_all {
            let share = share(*right, *all) * 100.0;
            writeln!(
                out,
                "confidence {confidence:3}, also where the page has another value than the XML: \
                 {right:4} of {all:4} right, {share:5.1} %"
            )?;
        }
        writeln!(
            out,
            "header {:.2} %, whole {:.2} %, lines {:.2} %, sure and wrong {}; the page contradicts \
             the XML in {} header fields",
            self.header_share() * 100.0,
            self.whole_share() * 100.0,
            self.line_share() * 100.0,
            self.sure_mistakes.len(),
            self.contradicted
        )?;
        let (header, whole) = self.shares_of_all();
        let (header, whole) = (header * 100.0, whole * 100.0);
        writeln!(out, "of all documents: header {header:.2} %, whole {whole:.2} %")
    }
}
