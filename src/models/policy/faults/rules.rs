//! Rules that say two things of one place, or that can never take effect.

use std::collections::HashMap;

use crate::models::policy::faults::place::Place;
use crate::models::policy::faults::{Breaches, RULES_MAX, escaped, limits};
use crate::models::policy::{LevelRule, LimitKey, MatchLevels, Override, Policy, takes};

/// Adds the faults of level rules.
pub(super) fn of_levels(levels: &MatchLevels, found: &mut Breaches) {
    count("/match_level/rules", levels.rules.len(), found);
    let mut first: HashMap<Place, usize> = HashMap::new();
    for (index, rule) in levels.rules.iter().enumerate() {
        first.entry(Place::from(rule)).or_insert(index);
    }
    for (index, rule) in levels.rules.iter().enumerate() {
        let place = Place::from(rule);
        if !place.check(&format!("/match_level/rules/{index}"), found) {
            continue;
        }
        let other = first[&place];
        if levels.rules[other].level != rule.level {
            let detail = "another rule sets another level for the same place";
            found.contradiction(&at(index), &at(other), detail);
        } else if levels.overriding == Override::RaiseOnly {
            lowered(levels, (index, rule), &first, found);
        }
    }
}

/// Under `raise_only` the highest level wins: a rule that says less than a wider place never does.
fn lowered(
    levels: &MatchLevels,
    (index, rule): (usize, &LevelRule),
    first: &HashMap<Place, usize>,
    found: &mut Breaches,
) {
    let never = "can never take effect: override is \"raise_only\", and ";
    if rule.level < levels.entity {
        let detail = format!(
            "{never}the entity's level is higher; write override = \"any\" to let rules lower it"
        );
        return found.contradiction(&at(index), "/match_level/entity", &detail);
    }
    let wider = Place::from(rule).wider().collect::<Vec<_>>();
    let mut wider = wider.iter().filter_map(|place| first.get(place).copied());
    if let Some(other) = wider.find(|&other| levels.rules[other].level > rule.level) {
        let detail = format!("{never}a wider rule sets a higher level");
        found.contradiction(&at(index), &at(other), &detail);
    }
}

fn at(index: usize) -> String {
    format!("/match_level/rules/{index}/level")
}

/// Adds the faults of rules with limits.
pub(super) fn of_limits(policy: &Policy, found: &mut Breaches) {
    let rules = &policy.tolerance_rules;
    count("/tolerance_rules", rules.len(), found);
    let mut first: HashMap<(Place, &LimitKey), usize> = HashMap::new();
    for (index, rule) in rules.iter().enumerate() {
        let pointer = format!("/tolerance_rules/{index}");
        let place = Place::from(rule);
        let placed = place.check(&pointer, found);
        let parent = format!("{pointer}/tolerances");
        if rule.tolerances.is_empty() {
            found.add(&parent, "empty", "the rule sets no limits");
        }
        for (key, tolerance) in &rule.tolerances {
            limits::check(policy, &parent, (key, tolerance), found);
            if !placed {
                continue;
            }
            let name = escaped(&String::from(key.clone()));
            let own = format!("{parent}/{name}");
            let other = *first.entry((place.clone(), key)).or_insert(index);
            if rules[other].tolerances[key] != *tolerance {
                let with = format!("/tolerance_rules/{other}/tolerances/{name}");
                let detail = "another rule sets other limits for the same place";
                found.contradiction(&own, &with, detail);
            }
            let of_line = takes(key.code).is_none_or(|takes| takes.of_line);
            if !of_line && !place.is_supplier() {
                let detail = format!(
                    "can never take effect: {} is of the whole document, which only rules for a \
                     vendor alone reach",
                    key.code.as_str()
                );
                found.add(&own, "never_used", &detail);
            }
        }
    }
}

fn count(pointer: &str, count: usize, found: &mut Breaches) {
    if count > RULES_MAX {
        found.add(pointer, "too_many", &format!("{count} rules; at most {RULES_MAX} are taken"));
    }
}
