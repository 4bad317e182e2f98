//! Policies.

use proptest::prelude::*;

use ap_gateway::models::policy::{
    Combine, LevelRule, Limit, LimitKey, LimitRule, MatchLevels, Override, Policy, Tolerance,
};
use ap_gateway::models::sampling::Sampling;
use ap_gateway::models::verdict::CheckCode;

use crate::reconciliation::properties::anything::{currency, level, maybe, number, said, text};

fn tolerances() -> BoxedStrategy<std::collections::BTreeMap<LimitKey, Tolerance>> {
    let code = prop::sample::select(CheckCode::ALL.to_vec());
    let charge = prop::option::of(prop::sample::select(vec!["FC", "1", "unplanned"]));
    let key = (code, charge).prop_map(|(code, charge)| match code {
        CheckCode::Charge => LimitKey { code, charge: charge.map(str::to_owned) },
        code => code.into(),
    });
    let limit = || (maybe(), maybe()).prop_map(|(percent, amount)| Limit { percent, amount });
    let combine = prop::sample::select(vec![Combine::All, Combine::Any]);
    let tolerance = (limit(), limit(), combine).prop_map(|(upper, lower, combine)| Tolerance {
        upper,
        lower,
        combine,
    });
    prop::collection::btree_map(key, tolerance, 0..12).boxed()
}

pub(super) fn policy() -> BoxedStrategy<Policy> {
    let level_rule =
        (said(), said(), said(), said(), level()).prop_map(|(vendor, item, po, po_line, level)| {
            LevelRule { vendor, item, po, po_line, level: level.unwrap_or_default() }
        });
    let limit_rule = (said(), said(), said(), said(), tolerances()).prop_map(
        |(vendor, item, po, po_line, tolerances)| LimitRule {
            vendor,
            item,
            po,
            po_line,
            tolerances,
        },
    );
    let overriding = prop::sample::select(vec![Override::RaiseOnly, Override::Any]);
    let levels = (level(), overriding, prop::collection::vec(level_rule, 0..3));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let money = (prop::option::of(currency()), maybe(), prop::collection::vec(number(), 0..3));
    let words = (
        prop::collection::btree_set(text(), 0..3),
        prop::collection::btree_set(text(), 0..3),
        prop::collection::btree_map(text(), text(), 0..3),
        prop::collection::btree_map(text(), text(), 0..3),
    );
    let sampling = prop::option::of((number(), number()));
    (levels, tolerances(), prop::collection::vec(limit_rule, 0..3), flags, money, words, sampling)
        .prop_map(|(levels, tolerances, tolerance_rules, flags, money, words, sampling)| {
            let (entity, overriding, rules) = levels;
            let (currency_conversion, inverse_rates, selected_only) = flags;
            let (ledger_currency, small_difference, approval_limits) = money;
            let (converting, not_compared, charge_words, unit_aliases) = words;
            Policy {
                match_level: MatchLevels { entity: entity.unwrap_or_default(), overriding, rules },
                tolerances,
                tolerance_rules,
                ledger_currency,
                small_difference,
                currency_conversion,
                currency_conversion_suppliers: converting,
                inverse_rates,
                charges_not_compared: not_compared,
                charge_words,
                selected_only,
                approval_limits,
                sampling: sampling.map(|(threshold, percent)| Sampling { threshold, percent }),
                unit_aliases,
                ..Policy::default()
            }
        })
        .boxed()
}
