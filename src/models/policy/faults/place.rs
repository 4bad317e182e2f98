//! Where a rule applies, as a key: rules for the same place have the same key.

use crate::models::invoice::normalised;
use crate::models::policy::faults::Breaches;
use crate::models::policy::{LevelRule, LimitRule};

/// Names of the parts of a place, as they are written.
const PARTS: [&str; 4] = ["vendor", "item", "po", "po_line"];

/// Supplier, item, order, order line, as the engine compares them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place([Option<String>; 4]);

impl From<&LevelRule> for Place {
    fn from(rule: &LevelRule) -> Self {
        let LevelRule { vendor, item, po, po_line, .. } = rule;
        Self::new([vendor, item, po, po_line])
    }
}

impl From<&LimitRule> for Place {
    fn from(rule: &LimitRule) -> Self {
        let LimitRule { vendor, item, po, po_line, .. } = rule;
        Self::new([vendor, item, po, po_line])
    }
}

impl Place {
    fn new([vendor, item, po, po_line]: [&Option<String>; 4]) -> Self {
        let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_owned());
        let vendor = vendor.as_deref().map(normalised);
        Self([vendor, trimmed(item), trimmed(po), trimmed(po_line)])
    }

    /// A supplier and nothing narrower: it reaches checks of the whole document.
    pub(super) fn is_supplier(&self) -> bool {
        matches!(self.0, [Some(_), None, None, None])
    }

    /// The places that hold this one: each with less said than here, and something.
    pub(super) fn wider(&self) -> impl Iterator<Item = Self> {
        let said = (0..4_usize).filter(|&part| self.0[part].is_some());
        let all = said.fold(0_usize, |mask, part| mask | 1 << part);
        let masks = (1..all).filter(move |mask| mask & !all == 0);
        masks.map(|mask| {
            let mut parts = self.0.clone();
            for (part, text) in parts.iter_mut().enumerate() {
                if mask >> part & 1 == 0 {
                    *text = None;
                }
            }
            Self(parts)
        })
    }

    /// Adds what is wrong with the place; whether it is one at all.
    pub(super) fn check(&self, pointer: &str, found: &mut Breaches) -> bool {
        for (name, text) in PARTS.iter().zip(&self.0) {
            if let Some(text) = text {
                found.text(&format!("{pointer}/{name}"), text);
            }
        }
        let [_, _, po, po_line] = &self.0;
        if po_line.is_some() && po.is_none() {
            let detail = "an order line without its order: add po";
            found.add(&format!("{pointer}/po_line"), "incomplete", detail);
        }
        let said = self.0.iter().any(Option::is_some);
        if !said {
            let detail = "the rule names no place: add vendor, item, po, or po and po_line; what \
                          holds everywhere is written outside of rules";
            found.add(pointer, "no_place", detail);
        }
        said
    }
}
