//! The rules of the VAT categories (BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O, BR-AF, BR-AG, BR-B).
//!
//! They are alike: ten for each category, on who has an id, which rate stands where, and that the
//! breakdown adds up. Each syntax collects the facts in one pass; what the two artefacts hold
//! against them differs in places, and is told apart by [`Artefact`].

mod breakdown;
mod families;
mod usage;

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::extraction::rules::{FINDINGS_MAX, FINDINGS_OF_RULE_MAX};
use crate::extraction::tree::Element;
use crate::models::finding::{Finding, Severity, VALIDATION_ERROR};

pub(crate) use crate::extraction::rules::vat::families::ids;

/// Whose reading of a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Artefact {
    /// CEN's for UBL.
    Ubl,
    /// CEN's for CII.
    Cii,
}

/// A category with its rate, where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Taxed<'a, 'i> {
    pub(crate) at: Element<'a, 'i>,
    /// Empty when it is missing.
    pub(crate) code: String,
    /// Whether the tax is VAT.
    pub(crate) is_vat: bool,
    pub(crate) rate: Option<Decimal>,
    /// Whether a rate stands there, be it no number.
    pub(crate) has_rate: bool,
}

/// A category of an allowance or charge.
#[derive(Debug, Clone)]
pub(crate) struct Side<'a, 'i> {
    pub(crate) tax: Taxed<'a, 'i>,
    pub(crate) is_charge: bool,
    pub(crate) of_document: bool,
}

/// A row of the VAT breakdown.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a, 'i> {
    pub(crate) tax: Taxed<'a, 'i>,
    pub(crate) base: Option<Decimal>,
    pub(crate) amount: Option<Decimal>,
    pub(crate) has_reason: bool,
}

/// Ids that the parties have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ids {
    /// A VAT id or a tax number.
    pub(crate) seller_any: bool,
    pub(crate) seller: bool,
    pub(crate) representative: bool,
    pub(crate) buyer: bool,
    pub(crate) buyer_legal: bool,
}

/// Net amounts of lines, charges and allowances.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) lines: Decimal,
    pub(crate) charges: Decimal,
    pub(crate) allowances: Decimal,
    /// Whether a line, or an allowance or charge of any level, is in them.
    pub(crate) any: bool,
    /// A sum was too large to hold.
    pub(crate) too_large: bool,
}

/// Which of the sums an amount belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Line,
    Charge,
    Allowance,
}

/// All that the rules ask for.
pub(crate) struct Facts<'a, 'i> {
    pub(crate) root: Element<'a, 'i>,
    pub(crate) lines: Vec<Taxed<'a, 'i>>,
    pub(crate) sides: Vec<Side<'a, 'i>>,
    pub(crate) rows: Vec<Row<'a, 'i>>,
    pub(crate) ids: Ids,
    pub(crate) has_lines: bool,
    /// By category, and by category and rate.
    pub(crate) sums: HashMap<(String, Option<Decimal>), Sums>,
    /// A delivery date or an invoicing period is stated.
    pub(crate) has_delivery_date: bool,
    pub(crate) has_delivery_country: bool,
    /// A country other than Italy is stated.
    pub(crate) has_foreign_country: bool,
}

impl<'a, 'i: 'a> Facts<'a, 'i> {
    /// Nothing known yet.
    pub(crate) fn of(root: Element<'a, 'i>) -> Self {
        Self {
            root,
            lines: Vec::new(),
            sides: Vec::new(),
            rows: Vec::new(),
            ids: Ids::default(),
            has_lines: false,
            sums: HashMap::new(),
            has_delivery_date: false,
            has_delivery_country: false,
            has_foreign_country: false,
        }
    }

    /// Adds an amount to the sums of the categories that it stands with, each once; and to those of
    /// category and rate, where the artefacts look for both apart.
    pub(crate) fn add(&mut self, taxes: &[Taxed<'_, '_>], part: Part, amount: Option<Decimal>) {
        let mut keys: Vec<(&str, Option<Decimal>)> = Vec::new();
        for tax in taxes {
            let rates = taxes.iter().filter_map(|tax| tax.rate).map(Some);
            for key in [None].into_iter().chain(rates).map(|rate| (tax.code.as_str(), rate)) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        for (code, rate) in keys {
            let sums = self.sums.entry((code.to_owned(), rate)).or_default();
            sums.any = true;
            let sum = match part {
                Part::Line => &mut sums.lines,
                Part::Charge => &mut sums.charges,
                Part::Allowance => &mut sums.allowances,
            };
            match sum.checked_add(amount.unwrap_or_default()) {
                Some(total) => *sum = total,
                None => sums.too_large = true,
            }
        }
    }

    /// The sums of a category, at one rate or at all.
    pub(crate) fn sums(&self, code: &str, rate: Option<Decimal>) -> Sums {
        self.sums.get(&(code.to_owned(), rate)).copied().unwrap_or_default()
    }
}

/// Holds the facts against every rule.
pub(crate) fn check(
    facts: &Facts<'_, '_>,
    artefact: Artefact,
    source: &'static str,
) -> Vec<Finding> {
    let mut fired = Fired { source, kept: Vec::new(), times: HashMap::new() };
    for family in families::ALL {
        usage::judge(facts, family, artefact, &mut fired);
        breakdown::judge(facts, family, artefact, &mut fired);
    }
    usage::split_payment(facts, artefact, &mut fired);
    fired.kept
}

/// Findings, within limits.
pub(crate) struct Fired {
    source: &'static str,
    kept: Vec<Finding>,
    times: HashMap<&'static str, usize>,
}

impl Fired {
    /// A rule is broken at an element.
    pub(crate) fn add(&mut self, rule: &'static str, at: Element<'_, '_>, message: &str) {
        let times = self.times.entry(rule).or_default();
        *times += 1;
        if *times > 1 && (*times > FINDINGS_OF_RULE_MAX || self.kept.len() >= FINDINGS_MAX) {
            return;
        }
        self.kept.push(Finding {
            code: rule.to_owned(),
            severity: Severity::Fatal,
            source: self.source.to_owned(),
            place: Some(at.xpath()),
            terms: families::terms(rule),
            message: message.to_owned(),
            actual: None,
            expected: None,
            remedy: None,
        });
    }

    /// As [`Self::add`], with both amounts.
    pub(crate) fn differs(
        &mut self,
        rule: &'static str,
        at: Element<'_, '_>,
        (actual, expected): (Option<Decimal>, Decimal),
        what: &str,
    ) {
        let said = actual.map_or_else(|| "absent".to_owned(), |actual| actual.to_string());
        let before = self.kept.len();
        self.add(rule, at, &format!("{what}: found {said}, and it follows {expected}"));
        if let Some(added) = self.kept.get_mut(before) {
            added.actual = actual.map(|actual| actual.to_string());
            added.expected = Some(expected.to_string());
        }
    }

    /// A rule could not be evaluated.
    pub(crate) fn too_large(&mut self, rule: &'static str, at: Element<'_, '_>) {
        let before = self.kept.len();
        self.add(rule, at, &format!("{rule}: number out of range"));
        if let Some(added) = self.kept.get_mut(before) {
            added.code = VALIDATION_ERROR.to_owned();
        }
    }
}
