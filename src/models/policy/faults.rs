//! What is wrong with a policy that can be read: values without meaning, and contradictions.

mod approvals;
mod limits;
mod place;
mod rules;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::fault::Fault;
use crate::models::policy::Policy;

/// Rules of one kind that a policy may have; a policy that is longer is generated, and belongs
/// into several.
pub const RULES_MAX: usize = 10_000;

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Where, and what.
    pub fault: Fault,
    /// JSON pointer of the other half of a contradiction.
    pub with: Option<String>,
}

/// Gathers faults.
#[derive(Default)]
struct Breaches(Vec<Breach>);

impl Breaches {
    fn add(&mut self, pointer: &str, code: &str, detail: &str) {
        self.0.push(Breach { fault: Fault::at(pointer, code, detail), with: None });
    }

    fn contradiction(&mut self, pointer: &str, with: &str, detail: &str) {
        let fault = Fault::at(pointer, "contradiction", detail);
        self.0.push(Breach { fault, with: Some(with.to_owned()) });
    }

    fn not_negative(&mut self, pointer: &str, value: Option<Decimal>) {
        if value.is_some_and(|value| value < Decimal::ZERO) {
            self.add(pointer, "out_of_range", "must not be negative");
        }
    }

    fn text(&mut self, pointer: &str, text: &str) {
        let mut faults = Vec::new();
        Fault::text(&mut faults, pointer, text);
        self.0.extend(faults.into_iter().map(|fault| Breach { fault, with: None }));
    }
}

/// A member's name as a JSON pointer writes it (RFC 6901).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl Policy {
    /// All faults of the content, each with its place; none means that every word of it can take
    /// effect.
    pub fn faults(&self) -> Vec<Fault> {
        self.breaches().into_iter().map(|breach| breach.fault).collect()
    }

    /// [`faults`](Self::faults), with the other half of each contradiction.
    pub fn breaches(&self) -> Vec<Breach> {
        let mut found = Breaches::default();
        if !self.version.is_empty() {
            found.text("/version", &self.version);
        }
        rules::of_levels(&self.match_level, &mut found);
        for (key, tolerance) in &self.tolerances {
            limits::check(self, "/tolerances", (key, tolerance), &mut found);
        }
        rules::of_limits(self, &mut found);
        self.amounts(&mut found);
        self.conversion(&mut found);
        self.words(&mut found);
        approvals::check(&self.approval, &mut found);
        found.0
    }

    fn amounts(&self, found: &mut Breaches) {
        found.not_negative("/small_difference", self.small_difference);
        for (place, &limit) in self.approval_limits.iter().enumerate() {
            if limit <= Decimal::ZERO {
                let pointer = format!("/approval_limits/{place}");
                found.add(&pointer, "out_of_range", "must be more than zero");
            }
        }
        if let Some(sampling) = &self.sampling {
            found.not_negative("/sampling/threshold", Some(sampling.threshold));
            if sampling.percent < Decimal::ZERO || sampling.percent > Decimal::ONE_HUNDRED {
                found.add("/sampling/percent", "out_of_range", "must be from 0 to 100");
            }
        }
    }

    fn conversion(&self, found: &mut Breaches) {
        // A set does not know where each of its words was written.
        for supplier in &self.currency_conversion_suppliers {
            found.text("/currency_conversion_suppliers", supplier);
        }
        if self.currency_conversion && !self.currency_conversion_suppliers.is_empty() {
            found.contradiction(
                "/currency_conversion_suppliers",
                "/currency_conversion",
                "names single suppliers, and all others may do it too; take one of the two away",
            );
        }
    }

    fn words(&self, found: &mut Breaches) {
        for (word, code) in &self.charge_words {
            found.text(&format!("/charge_words/{}", escaped(word)), code);
        }
        let plain = |text: &str| text.trim().to_uppercase();
        let mut known: BTreeMap<String, (&str, String)> = BTreeMap::new();
        for (word, code) in &self.unit_aliases {
            let pointer = format!("/unit_aliases/{}", escaped(word));
            found.text(&pointer, code);
            match known.get(&plain(word)) {
                Some((other, meant)) if *meant != plain(code) => {
                    let with = format!("/unit_aliases/{}", escaped(other));
                    let detail = "means another unit when it is written in other letters";
                    found.contradiction(&pointer, &with, detail);
                }
                Some(_) => {}
                None => {
                    known.insert(plain(word), (word, plain(code)));
                }
            }
        }
        for (word, code) in known.values() {
            if let Some((next, meant)) = known.get(code).filter(|(_, meant)| meant != code) {
                let pointer = format!("/unit_aliases/{}", escaped(word));
                let with = format!("/unit_aliases/{}", escaped(next));
                let detail = format!(
                    "stands for {code}, which stands for {meant} itself; one step is looked up: \
                     write {meant}"
                );
                found.contradiction(&pointer, &with, &detail);
            }
        }
    }
}

#[cfg(test)]
mod tests;
