//! Limits that are negative, or that can never take effect.

use rust_decimal::Decimal;

use crate::models::policy::faults::{Breaches, escaped};
use crate::models::policy::{Limit, LimitKey, Policy, Tolerance, takes};

/// Adds the faults of one set of limits. `parent` is the table that it stands in.
pub(super) fn check(
    policy: &Policy,
    parent: &str,
    (key, tolerance): (&LimitKey, &Tolerance),
    found: &mut Breaches,
) {
    let name = String::from(key.clone());
    let pointer = format!("{parent}/{}", escaped(&name));
    let code = key.code.as_str();
    let Some(takes) = takes(key.code) else {
        return found.add(
            &pointer,
            "no_limit",
            &format!("no limit helps {code}: it is equal or held"),
        );
    };
    if let Some(charge) = &key.charge
        && policy.charges_not_compared.contains(charge)
    {
        let detail = format!("limits for charges {charge}, which are never compared");
        found.contradiction(&pointer, "/charges_not_compared", &detail);
    }
    if key.charge.as_deref().is_some_and(|charge| charge.trim() != charge) {
        let detail = "codes of charges are compared without the blanks around them";
        found.add(&pointer, "never_used", detail);
    }
    for (side, limit) in [("upper", &tolerance.upper), ("lower", &tolerance.lower)] {
        let side = format!("{pointer}/{side}");
        for (name, value) in [("percent", limit.percent), ("amount", limit.amount)] {
            found.not_negative(&format!("{side}/{name}"), value);
        }
        // Zero is said by an amount too, and a percentage of nothing is nothing.
        if !takes.percent && limit.percent.is_some_and(|percent| percent > Decimal::ZERO) {
            let detail =
                format!("{code} has no expected value to take a percentage of: use amount");
            found.add(&format!("{side}/percent"), "no_percent", &detail);
        }
    }
    if !takes.lower && is_set(&tolerance.lower) {
        let detail = format!("{code} is never too little: only upper is tested");
        found.add(&format!("{pointer}/lower"), "no_lower", &detail);
    }
}

fn is_set(limit: &Limit) -> bool {
    limit.percent.is_some() || limit.amount.is_some()
}
