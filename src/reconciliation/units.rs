//! How many of one unit is another? An exact factor or none: one is never assumed (handbook §6).
//!
//! The same code, or two words for one unit, are 1. Then what is on file decides, the narrowest
//! first: supplier and item, item, supplier, everyone. What is left are the fixed factors of
//! [`fixed`], and ways over several of these: a pallet of 40 boxes of 12 is 480 pieces.

pub(crate) mod fixed;
pub mod fraction;
mod route;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::models::conversion::Conversion;
use crate::reconciliation::item;
use crate::reconciliation::units::fixed::ONE_PIECE;
use crate::reconciliation::units::fraction::Fraction;
use crate::reconciliation::units::route::Edge;

/// The conversions on file, by item, and the words that mean the same unit.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// Item, or nothing for those that hold for every item.
    edges: BTreeMap<String, Vec<Edge>>,
    aliases: BTreeMap<String, String>,
}

impl Units {
    /// An alias is a word and the code it stands for: `STK` for `C62`. A code that is an alias of
    /// itself stands for nothing else: `XPP` for `XPP` makes a package no piece. A factor that is
    /// not more than zero is no conversion.
    pub fn new(conversions: &[Conversion], aliases: &BTreeMap<String, String>) -> Self {
        let aliases = aliases.iter().map(|(word, code)| (plain(word), plain(code)));
        let aliases = aliases.map(|(word, code)| (word.into_owned(), code.into_owned()));
        let mut units = Self { edges: BTreeMap::new(), aliases: aliases.collect() };
        for conversion in conversions {
            let factor = Fraction::of(conversion.factor);
            let (from, to) = (units.code(&conversion.from), units.code(&conversion.to));
            if factor <= Fraction::ZERO || from.is_empty() || to.is_empty() {
                continue;
            }
            let said =
                |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
            let edge = Edge {
                vendor: Some(said(&conversion.vendor)).filter(|vendor| !vendor.is_empty()),
                from: from.into_owned(),
                to: to.into_owned(),
                factor,
            };
            let item = said(&conversion.item);
            if let Some(gtin) = item::unpadded(&item) {
                units.edges.entry(gtin.to_owned()).or_default().push(edge.clone());
            }
            units.edges.entry(item).or_default().push(edge);
        }
        units
    }

    /// How many `to` one `from` is; `items` are all ids of the item. `None` is a `UOM_MISMATCH`: no way leads there, or two ways of
    /// equal right lead to different numbers. A unit that is not said is no unit: who calls knows
    /// whether silence means the other's.
    pub fn factor(
        &self,
        items: &[&str],
        vendor: Option<&str>,
        from: &str,
        to: &str,
    ) -> Option<Fraction> {
        let (from, to) = (self.code(from), self.code(to));
        if from.is_empty() || to.is_empty() {
            return None;
        }
        if from == to {
            return Some(Fraction::ONE);
        }
        route::find(&self.layers(items, vendor), &from, &to)
    }

    /// The conversions that may be used, the narrowest first.
    fn layers(&self, items: &[&str], vendor: Option<&str>) -> Vec<Vec<&Edge>> {
        let vendor = vendor.map(str::trim);
        let of_items = |items: &[&str]| -> Vec<&Edge> {
            items.iter().filter_map(|&item| self.edges.get(item)).flatten().collect()
        };
        let items: Vec<&str> =
            items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).collect();
        let layers = [of_items(&items), of_items(&[""])].map(|edges| {
            let theirs = |edge: &&Edge| edge.vendor.is_some() && edge.vendor.as_deref() == vendor;
            let anyones = |edge: &&Edge| edge.vendor.is_none();
            [
                edges.iter().copied().filter(theirs).collect(),
                edges.iter().copied().filter(anyones).collect(),
            ]
        });
        layers.into_iter().flatten().collect()
    }

    /// One code for each unit: `stk` and `EA` may both be `C62`. Empty when nothing is said.
    pub fn code<'a>(&'a self, unit: &'a str) -> Cow<'a, str> {
        let unit = plain(unit);
        if let Some(code) = self.aliases.get(unit.as_ref()) {
            return match self.is_piece(code) {
                true => Cow::Borrowed(ONE_PIECE[0]),
                false => Cow::Borrowed(code),
            };
        }
        match self.is_piece(&unit) {
            true => Cow::Borrowed(ONE_PIECE[0]),
            false => unit,
        }
    }

    fn is_piece(&self, code: &str) -> bool {
        let itself = self.aliases.get(code).is_some_and(|alias| alias == code);
        ONE_PIECE.contains(&code) && !itself
    }
}

/// Upper case, trimmed; most units are so already.
fn plain(unit: &str) -> Cow<'_, str> {
    let unit = unit.trim();
    match unit.chars().any(char::is_lowercase) {
        true => Cow::Owned(unit.to_uppercase()),
        false => Cow::Borrowed(unit),
    }
}

#[cfg(test)]
mod tests;
