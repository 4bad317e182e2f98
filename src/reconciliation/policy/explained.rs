//! Which word of the policy decided what: a dry run over one case.

use std::fmt::Write;

use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::models::case::Case;
use crate::models::order::PurchaseOrder;
use crate::models::policy::{
    Combine, Limit, LimitKey, MatchLevel, Override, Policy, Tolerance, UNPLANNED, escaped,
};
use crate::models::receipt::ReceiptKind;
use crate::models::verdict::{Check, CheckCode, CheckVerdict, Pairing, Reconciliation};
use crate::reconciliation::levels::{Levels, Origin};
use crate::reconciliation::limits::Limits;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::policy::document::{PolicyDocument, path};
use crate::reconciliation::positions::{Position, Positions};
use crate::reconciliation::show;
use crate::reconciliation::units::Units;

/// What decided a case.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The version of the policy.
    pub policy_version: String,
    /// The level of each paired line.
    pub levels: Vec<LevelRow>,
    /// The limits of each check.
    pub checks: Vec<CheckRow>,
}

/// A level, and who set it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LevelRow {
    /// The invoice line.
    pub line: String,
    /// Its order.
    pub po: String,
    /// Its order line.
    pub po_line: String,
    /// The level.
    pub level: MatchLevel,
    /// A place in the policy such as `match_level.rules[0].level`, or who else set it.
    pub from: String,
    /// The line of the policy's document.
    pub policy_line: Option<usize>,
}

/// The limits of a check, and where they stand.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// The check.
    pub code: CheckCode,
    /// The invoice line; absent for the document.
    pub line: Option<String>,
    /// Of `CHARGE`: which one.
    pub charge: Option<String>,
    /// How it ended.
    pub verdict: CheckVerdict,
    /// The limits; absent where none are set.
    pub tolerance: Option<Tolerance>,
    /// A place in the policy such as `tolerances.UNIT_PRICE`; `default` for what the gateway
    /// asks where the policy says nothing.
    pub from: Option<String>,
    /// The line of the policy's document; absent too where the document leaves it out.
    pub policy_line: Option<usize>,
    /// The comparison in words.
    pub text: String,
}

/// What of the policy decided each level and check of a result. `document` is where the policy of
/// the case was read from.
pub fn explain_policy(
    case: &Case,
    result: &Reconciliation,
    document: Option<&PolicyDocument>,
) -> Explained {
    let orders = Orders::new(case);
    let units = Units::new(&case.conversions, &case.policy.unit_aliases);
    let limits = Limits::new(case);
    let positions = Positions::new(case, &orders, &units, &limits);
    let line_of = |pointer: &str| document.and_then(|document| document.line(pointer));
    let mut known = Levels::new(case);
    let levels = result.pairing.iter().filter_map(|pairing| {
        let (place, position) = paired(&orders, &positions, pairing)?;
        let of_order = known.of_order(position.order, booked_in(case, &orders, place));
        let (level, origin) = known.found(&of_order, position.line, &position.items);
        let (pointer, from) = said(&case.policy, position.order, &pairing.po_line, origin);
        Some(LevelRow {
            line: pairing.line.clone(),
            po: pairing.po.clone(),
            po_line: pairing.po_line.clone(),
            level,
            from,
            policy_line: pointer.as_deref().and_then(line_of),
        })
    });
    let levels = levels.collect();
    let checks = result.checks.iter().map(|check| {
        let pointer = limits_of(case, check);
        let from = pointer.as_deref().map(path);
        CheckRow {
            code: check.code,
            line: check.line.clone(),
            charge: check.charge.clone(),
            verdict: check.verdict,
            tolerance: check.tolerance.clone(),
            from: from.or_else(|| check.tolerance_from.clone()),
            policy_line: pointer.as_deref().and_then(line_of),
            text: check.text.clone(),
        }
    });
    let checks = checks.collect();
    Explained { policy_version: result.policy_version.clone(), levels, checks }
}

/// The order line that a line was paired with, and the place of its order.
fn paired<'p, 'a>(
    orders: &Orders<'_>,
    positions: &'p Positions<'a>,
    pairing: &Pairing,
) -> Option<(usize, &'p Position<'a>)> {
    orders.by_number(&pairing.po).iter().find_map(|&place| {
        let mut lines = positions.all[positions.of_order(place)].iter();
        Some((place, lines.find(|position| position.line.id == pairing.po_line)?))
    })
}

/// Whether goods are booked in for an order; despatch advices do not count.
fn booked_in(case: &Case, orders: &Orders<'_>, order: usize) -> bool {
    let mut booked = case.receipts.iter().filter(|one| one.kind == ReceiptKind::Receipt);
    booked.any(|receipt| orders.by_number(&receipt.purchase_order).contains(&order))
}

/// The place in the policy, when it is there, and how it is told.
fn said(
    policy: &Policy,
    order: &PurchaseOrder,
    line: &str,
    origin: Origin,
) -> (Option<String>, String) {
    let number = show::name(&order.number);
    let elsewhere = |text: String| (None, text);
    let place = |pointer: String| {
        let from = path(&pointer);
        (Some(pointer), from)
    };
    match origin {
        Origin::Entity => {
            let levels = &policy.match_level;
            let word = levels.rules.is_empty() && levels.overriding == Override::default();
            place(if word { "/match_level" } else { "/match_level/entity" }.to_owned())
        }
        Origin::Rule(rule) => place(format!("/match_level/rules/{rule}/level")),
        Origin::Order => elsewhere(format!("order {number}")),
        Origin::OrderLine => elsewhere(format!("order {number} line {}", show::name(line))),
        Origin::Receipt => elsewhere(format!("a receipt for order {number}")),
        Origin::Person => elsewhere("a person, for this invoice".to_owned()),
    }
}

/// The pointer to the limits that a check used; none when it used none of the policy's.
fn limits_of(case: &Case, check: &Check) -> Option<String> {
    let policy = &case.policy;
    let from = check.tolerance_from.as_deref()?;
    let rule = from.strip_prefix("tolerance_rules[").and_then(|rest| rest.strip_suffix(']'));
    let (parent, limits) = match rule.map(str::parse::<usize>) {
        None if from == "entity" => ("/tolerances".to_owned(), &policy.tolerances),
        Some(Ok(rule)) => {
            let limits = &policy.tolerance_rules.get(rule)?.tolerances;
            (format!("/tolerance_rules/{rule}/tolerances"), limits)
        }
        _ => return None,
    };
    let used =
        |key: &LimitKey| limits.get(key).is_some_and(|set| check.tolerance.as_ref() == Some(set));
    let key = keys(case, check).into_iter().find(used)?;
    Some(format!("{parent}/{}", escaped(&String::from(key))))
}

/// The keys that the limits of a check may stand under, the strongest first.
fn keys(case: &Case, check: &Check) -> Vec<LimitKey> {
    let all = LimitKey::from(check.code);
    let Some(charge) = &check.charge else {
        return vec![all];
    };
    let named = |charge: &str| LimitKey { code: check.code, charge: Some(charge.to_owned()) };
    let mut planned = case.purchase_orders.iter().flat_map(|order| &order.charges);
    let planned = planned.any(|planned| planned.code.trim() == charge);
    let unplanned = (!planned).then(|| named(UNPLANNED));
    unplanned.into_iter().chain([named(charge), all]).collect()
}

/// The same as text: each level, and below it the checks of its line.
pub fn text(explained: &Explained) -> String {
    let mut text = String::new();
    let mut say = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    let version = &explained.policy_version;
    say(format!("policy {}", if version.is_empty() { "without a version" } else { version }));
    for check in explained.checks.iter().filter(|check| check.line.is_none()) {
        say(of_check(check));
    }
    let mut last = None;
    for check in explained.checks.iter().filter(|check| check.line.is_some()) {
        if last != check.line.as_ref() {
            last = check.line.as_ref();
            say(of_level(explained, check.line.as_deref().unwrap_or_default()));
        }
        say(of_check(check));
    }
    text
}

fn of_level(explained: &Explained, line: &str) -> String {
    let name = show::name(line);
    match explained.levels.iter().find(|row| row.line == line) {
        Some(row) => {
            let level = serde_json::to_value(row.level).expect("a level is plain text");
            let level = level.as_str().unwrap_or_default();
            let place = at(row.policy_line);
            format!("line {name}: {level}, from {}{place}", show::name(&row.from))
        }
        None => format!("line {name}: not paired with an order line"),
    }
}

fn of_check(check: &CheckRow) -> String {
    let verdict = serde_json::to_value(check.verdict).expect("a verdict is plain text");
    let verdict = verdict.as_str().unwrap_or_default();
    let code = check.code.as_str();
    let charge = check.charge.as_deref().map(|charge| format!(" {}", show::name(charge)));
    let charge = charge.unwrap_or_default();
    let limits = match (&check.tolerance, &check.from) {
        (Some(tolerance), Some(from)) => {
            let place = at(check.policy_line);
            format!("{}; from {}{place}", limits(tolerance), show::name(from))
        }
        _ if check.verdict == CheckVerdict::NotApplicable => check.text.clone(),
        _ if check.verdict == CheckVerdict::NotChecked => "the policy sets no limit".to_owned(),
        _ => "no limit helps".to_owned(),
    };
    format!("  {verdict:<14} {code}{charge}: {limits}")
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

fn limits(tolerance: &Tolerance) -> String {
    let join = match tolerance.combine {
        Combine::All => " and ",
        Combine::Any => " or ",
    };
    let side = |name: &str, limit: &Limit| {
        let percent = limit.percent.map(|percent| format!("{} %", show::number(percent)));
        let amount = limit.amount.map(|amount| amount.to_string());
        let both: Vec<String> = percent.into_iter().chain(amount).collect();
        (!both.is_empty()).then(|| format!("{name} {}", both.join(join)))
    };
    let sides = [side("upper", &tolerance.upper), side("lower", &tolerance.lower)];
    let sides: Vec<String> = sides.into_iter().flatten().collect();
    if sides.is_empty() { "no limits".to_owned() } else { sides.join(", ") }
}
