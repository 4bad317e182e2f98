//! Rules of approval that mean nothing, or contradict each other.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::policy::faults::Breaches;
use crate::models::policy::{APPROVALS_MAX, ApprovalRules, COOLING_DAYS_MAX};

/// A time to remind below this would be noise; Temporal's timers are a second coarse.
const SECONDS_MIN: u64 = 1;

/// A year: nobody is reminded of what they should have decided so long ago, and sums of times stay
/// far from their end.
const SECONDS_MAX: u64 = 366 * 24 * 60 * 60;

pub(super) fn check(rules: &ApprovalRules, found: &mut Breaches) {
    found.not_negative("/approval/touchless_up_to", rules.touchless_up_to);
    found.not_negative("/approval/default_limit", rules.default_limit);
    tiers(rules, found);
    limits(rules, found);
    let times = [
        ("remind_after_seconds", rules.remind_after_seconds),
        ("escalate_after_seconds", rules.escalate_after_seconds),
    ];
    for (member, seconds) in times {
        if seconds.is_some_and(|seconds| !(SECONDS_MIN..=SECONDS_MAX).contains(&seconds)) {
            let text = format!("must be from {SECONDS_MIN} to {SECONDS_MAX}");
            found.add(&format!("/approval/{member}"), "out_of_range", &text);
        }
    }
    if rules.bank_cooling_days.is_some_and(|days| days > COOLING_DAYS_MAX) {
        let text = format!("must be from 0 to {COOLING_DAYS_MAX}");
        found.add("/approval/bank_cooling_days", "out_of_range", &text);
    }
    match &rules.escalate_to {
        Some(to) => found.text("/approval/escalate_to", to),
        None if rules.escalate_after_seconds.is_some() => {
            let text = "says when, and nothing says to whom; set escalate_to too";
            found.contradiction("/approval/escalate_after_seconds", "/approval", text);
        }
        None => {}
    }
}

fn tiers(rules: &ApprovalRules, found: &mut Breaches) {
    let mut known: BTreeMap<Decimal, usize> = BTreeMap::new();
    for (place, tier) in rules.tiers.iter().enumerate() {
        let pointer = format!("/approval/tiers/{place}");
        found.not_negative(&format!("{pointer}/above"), Some(tier.above));
        if !(1..=APPROVALS_MAX).contains(&tier.approvals) {
            let text = format!("must be from 1 to {APPROVALS_MAX}");
            found.add(&format!("{pointer}/approvals"), "out_of_range", &text);
        }
        if let Some(other) = known.insert(tier.above, place) {
            let with = format!("/approval/tiers/{other}");
            found.contradiction(&pointer, &with, "two tiers begin at this amount");
        }
    }
    let fewer = known.values().zip(known.values().skip(1));
    for (&lower, &higher) in fewer {
        if rules.tiers[higher].approvals < rules.tiers[lower].approvals {
            found.contradiction(
                &format!("/approval/tiers/{higher}"),
                &format!("/approval/tiers/{lower}"),
                "asks for fewer approvals than a tier of smaller amounts",
            );
        }
    }
}

fn limits(rules: &ApprovalRules, found: &mut Breaches) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, limit) in rules.limits.iter().enumerate() {
        let pointer = format!("/approval/limits/{place}");
        found.text(&format!("{pointer}/subject"), &limit.subject);
        found.not_negative(&format!("{pointer}/up_to"), Some(limit.up_to));
        if let Some(other) = known.insert(&limit.subject, place) {
            let with = format!("/approval/limits/{other}");
            found.contradiction(&pointer, &with, "this subject has a limit already");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::models::policy::Policy;

    fn places(toml: &str) -> Vec<(String, String)> {
        let policy: Policy = toml::from_str(toml).expect("a policy");
        let faults = policy.faults().into_iter();
        faults.map(|fault| (fault.pointer.expect("a place"), fault.code)).collect()
    }

    #[test]
    fn contradictions_and_impossible_values_are_found_with_their_places() {
        let found = places(
            "[approval]\nbank_cooling_days = 367\nescalate_after_seconds = 0\nremind_after_seconds = 31622401\n\
             tiers = [{ above = \"10\", approvals = 2 }, { above = \"20\", approvals = 1 },\n\
             { above = \"10\", approvals = 9 }]\n\
             limits = [{ subject = \"a\", up_to = \"1\" }, { subject = \"a\", up_to = \"-2\" }]",
        );
        let at = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        for expected in [
            at("/approval/bank_cooling_days", "out_of_range"),
            at("/approval/escalate_after_seconds", "out_of_range"),
            at("/approval/escalate_after_seconds", "contradiction"),
            at("/approval/remind_after_seconds", "out_of_range"),
            at("/approval/tiers/1", "contradiction"),
            at("/approval/tiers/2", "contradiction"),
            at("/approval/tiers/2/approvals", "out_of_range"),
            at("/approval/limits/1", "contradiction"),
            at("/approval/limits/1/up_to", "out_of_range"),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
    }
}
