//! The way from one unit to another over the conversions that may be used.

use std::collections::BTreeMap;

use crate::reconciliation::units::fixed;
use crate::reconciliation::units::fraction::Fraction;

/// Units that one search visits: an item has a handful, and a file of thousands is a mistake.
const UNITS_MAX: usize = 64;

/// One `from` is `factor` `to`.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub vendor: Option<String>,
    pub from: String,
    pub to: String,
    pub factor: Fraction,
}

impl Edge {
    /// How many `to` one `from` is, when the edge joins these two.
    fn between(&self, from: &str, to: &str) -> Option<Fraction> {
        if self.from == from && self.to == to {
            return Some(self.factor);
        }
        if self.from == to && self.to == from {
            return self.factor.inverse();
        }
        None
    }
}

/// A conversion of these two units on file, the narrowest layer first; else the fixed factor; else
/// a way over several.
pub(super) fn find(layers: &[Vec<&Edge>], from: &str, to: &str) -> Option<Fraction> {
    for layer in layers {
        let mut known = layer.iter().filter_map(|edge| edge.between(from, to));
        if let Some(factor) = known.next() {
            // Two different numbers with equal right: nobody may choose.
            return known.all(|other| other == factor).then_some(factor);
        }
    }
    let ((from, one), (to, other)) = (fixed::measured(from), fixed::measured(to));
    let between = if from == to { Fraction::ONE } else { over_several(layers, from, to)? };
    one.checked_mul(between)?.checked_div(other)
}

/// Walks from unit to unit, the nearest first, with fixed factors in between. Of the conversions
/// that join the same two units only those of the narrowest layer count. None when two ways to a
/// unit disagree.
fn over_several(layers: &[Vec<&Edge>], from: &str, to: &str) -> Option<Fraction> {
    let edges = joined(layers);
    let mut known: BTreeMap<&str, Fraction> = [(from, Fraction::ONE)].into();
    let mut open = vec![from];
    while let Some(unit) = open.pop() {
        for (&(one, other), &factor) in &edges {
            let (next, step) = match unit {
                _ if unit == one => (other, factor),
                _ if unit == other => (one, factor.and_then(Fraction::inverse)),
                _ => continue,
            };
            let reached = known[unit].checked_mul(step?)?;
            match known.get(next) {
                Some(&before) if before == reached => {}
                Some(_) => return None,
                None if known.len() >= UNITS_MAX => return None,
                None => {
                    known.insert(next, reached);
                    open.push(next);
                }
            }
        }
    }
    known.get(to).copied()
}

/// Conversions between measures, each pair once, as `smaller name → larger name`; a pair on which
/// two of one layer disagree has no factor.
fn joined<'a>(layers: &[Vec<&'a Edge>]) -> BTreeMap<(&'a str, &'a str), Option<Fraction>> {
    let mut all = BTreeMap::new();
    for layer in layers {
        let mut of_layer: BTreeMap<(&str, &str), Option<Fraction>> = BTreeMap::new();
        for edge in layer {
            let (from, one) = fixed::measured(&edge.from);
            let (to, other) = fixed::measured(&edge.to);
            // Within one measure the fixed factor holds.
            if from == to {
                continue;
            }
            let factor = edge.factor.checked_mul(other).and_then(|all| all.checked_div(one));
            let (pair, factor) = match from < to {
                true => ((from, to), factor),
                false => ((to, from), factor.and_then(Fraction::inverse)),
            };
            let before = of_layer.entry(pair).or_insert(factor);
            if *before != factor {
                *before = None;
            }
        }
        for (pair, factor) in of_layer {
            all.entry(pair).or_insert(factor);
        }
    }
    all
}
