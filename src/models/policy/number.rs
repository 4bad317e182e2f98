//! The numbers of a policy, each by its place: what may be asked with another value.

use rust_decimal::Decimal;

use crate::models::policy::{Limit, LimitKey, Policy, Tolerance, UNPLANNED, escaped, takes};
use crate::models::verdict::CheckCode;

/// A number of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyNumber {
    /// A limit of the entity's tolerances.
    Limit(LimitKey, Side, Part),
    /// `small_difference`.
    SmallDifference,
    /// `touchless_up_to` of the approval rules.
    TouchlessUpTo,
}

/// A side of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Too much.
    Upper,
    /// Too little.
    Lower,
}

/// A part of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Of the expected value.
    Percent,
    /// Absolute.
    Amount,
}

impl PolicyNumber {
    /// All that have a meaning in this policy: the limits that each check takes, and those of
    /// charges that it names by their code.
    pub fn all(policy: &Policy) -> Vec<Self> {
        let unplanned = LimitKey { code: CheckCode::Charge, charge: Some(UNPLANNED.to_owned()) };
        let mut keys: Vec<LimitKey> = CheckCode::ALL.into_iter().map(LimitKey::from).collect();
        keys.push(unplanned);
        keys.extend(policy.tolerances.keys().cloned());
        keys.sort();
        keys.dedup();
        let mut all = vec![Self::SmallDifference, Self::TouchlessUpTo];
        for key in keys {
            let Some(takes) = takes(key.code) else {
                continue;
            };
            let sides = [Side::Upper, Side::Lower];
            for side in sides.into_iter().filter(|side| *side == Side::Upper || takes.lower) {
                let parts = [Part::Percent, Part::Amount];
                for part in parts.into_iter().filter(|part| *part == Part::Amount || takes.percent)
                {
                    all.push(Self::Limit(key.clone(), side, part));
                }
            }
        }
        all
    }

    /// The one at this place.
    pub fn at(policy: &Policy, pointer: &str) -> Option<Self> {
        Self::all(policy).into_iter().find(|number| number.pointer() == pointer)
    }

    /// Its place in the document (RFC 6901).
    pub fn pointer(&self) -> String {
        match self {
            Self::SmallDifference => "/small_difference".to_owned(),
            Self::TouchlessUpTo => "/approval/touchless_up_to".to_owned(),
            Self::Limit(key, side, part) => {
                let key = escaped(&String::from(key.clone()));
                format!("/tolerances/{key}/{}/{}", side.word(), part.word())
            }
        }
    }

    /// What it is now; none where it is not set.
    pub fn of(&self, policy: &Policy) -> Option<Decimal> {
        match self {
            Self::SmallDifference => policy.small_difference,
            Self::TouchlessUpTo => policy.approval.touchless_up_to,
            Self::Limit(key, side, part) => {
                let tolerance = policy.tolerances.get(key)?;
                let limit = match side {
                    Side::Upper => &tolerance.upper,
                    Side::Lower => &tolerance.lower,
                };
                match part {
                    Part::Percent => limit.percent,
                    Part::Amount => limit.amount,
                }
            }
        }
    }

    /// The policy with another value in this place; [`Policy::faults`] says whether it can take
    /// effect.
    #[must_use]
    pub fn set(&self, policy: &Policy, value: Option<Decimal>) -> Policy {
        let mut changed = policy.clone();
        match self {
            Self::SmallDifference => changed.small_difference = value,
            Self::TouchlessUpTo => changed.approval.touchless_up_to = value,
            Self::Limit(key, side, part) => {
                let tolerance = changed.tolerances.entry(key.clone()).or_default();
                set(tolerance, *side, *part, value);
                if tolerance.upper == Limit::default() && tolerance.lower == Limit::default() {
                    // It would say what no entry says: the check is not tested.
                    changed.tolerances.remove(key);
                }
            }
        }
        changed
    }
}

fn set(tolerance: &mut Tolerance, side: Side, part: Part, value: Option<Decimal>) {
    let limit = match side {
        Side::Upper => &mut tolerance.upper,
        Side::Lower => &mut tolerance.lower,
    };
    match part {
        Part::Percent => limit.percent = value,
        Part::Amount => limit.amount = value,
    }
}

impl Side {
    /// Its word in the document.
    pub fn word(self) -> &'static str {
        match self {
            Self::Upper => "upper",
            Self::Lower => "lower",
        }
    }
}

impl Part {
    /// Its word in the document.
    pub fn word(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Amount => "amount",
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::{Value, json};

    use super::PolicyNumber;
    use crate::models::policy::Policy;

    /// Each is where its pointer says, in the document that people write.
    #[test]
    fn a_number_stands_where_its_place_says() {
        let mut policy = Policy::default();
        policy.tolerances.insert(
            "CHARGE:F~C".to_owned().try_into().expect("a charge"),
            serde_json::from_value(json!({"upper": {"amount": "3"}})).expect("limits"),
        );
        let seven = Decimal::from(7);
        let all = PolicyNumber::all(&policy);
        assert!(all.len() > 60, "{}", all.len());
        for number in all {
            let pointer = number.pointer();
            assert_eq!(PolicyNumber::at(&policy, &pointer).as_ref(), Some(&number));
            let changed = number.set(&policy, Some(seven));
            assert_eq!(number.of(&changed), Some(seven), "{pointer}");
            let written = serde_json::to_value(&changed).expect("JSON");
            assert_eq!(written.pointer(&pointer), Some(&json!("7")), "{pointer}");
            let back = number.set(&changed, number.of(&policy));
            assert_eq!(back, policy, "{pointer}");
            let none = serde_json::to_value(number.set(&policy, None)).expect("JSON");
            assert_eq!(none.pointer(&pointer).unwrap_or(&Value::Null), &Value::Null, "{pointer}");
        }
        assert_eq!(PolicyNumber::at(&policy, "/tolerances/TAX_RATE/upper/percent"), None);
    }
}
