//! What a company tolerates: match levels, limits and the rules around them, as one versioned
//! document (reconciliation handbook §2, §5, §7, §9).

mod approval;
mod faults;
mod level;
mod limit;
mod number;
mod takes;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::sampling::Sampling;
use crate::models::verdict::CheckCode;

pub use approval::{APPROVALS_MAX, ApprovalRules, ApprovalTier, ApproverLimit, COOLING_DAYS_MAX};
pub use faults::{Breach, RULES_MAX, escaped};
pub use level::{LevelRule, MatchLevel, MatchLevelSetting, MatchLevels, Override};
pub use limit::{Combine, Limit, LimitKey, LimitRule, Tolerance, UNPLANNED};
pub use number::{Part, PolicyNumber, Side};
pub use takes::{Counts, Takes, takes};

/// What decides: levels, limits by check, and the rules of charges, currencies and receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Names this text of the policy in every result and decision, such as `2026-03`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The entity's level, alone or with rules by supplier, item and order line. An order or its
    /// line may raise it, and a receipt on file raises it to three-way.
    #[schema(value_type = MatchLevelSetting)]
    pub match_level: MatchLevels,
    /// The entity's limits by check; a check without an entry is not tested.
    #[schema(value_type = BTreeMap<String, Tolerance>)]
    pub tolerances: BTreeMap<LimitKey, Tolerance>,
    /// Limits that replace the entity's for a supplier, an item or an order line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerance_rules: Vec<LimitRule>,
    /// Currency of amount limits; the invoice's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_currency: Option<Currency>,
    /// A payable amount this far from the expected one is accepted once all lines agree, in the
    /// ledger currency; the difference is posted apart.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.05")]
    pub small_difference: Option<Decimal>,
    /// An invoice in another currency than its order is compared at the rate of BT-2.
    #[serde(skip_serializing_if = "is_false")]
    pub currency_conversion: bool,
    /// Suppliers (id, VAT id or name) that may do so when `currency_conversion` is off.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub currency_conversion_suppliers: BTreeSet<String>,
    /// A rate that is stored in the other direction may be turned round.
    #[serde(skip_serializing_if = "is_false")]
    pub inverse_rates: bool,
    /// Codes of charges that are shown and never held.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub charges_not_compared: BTreeSet<String>,
    /// Words in a text or item name that mean a charge, and its code (UNTDID 7161 such as `FC`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub charge_words: BTreeMap<String, String>,
    /// Receipts that an invoice line names are the only ones it may use.
    #[serde(skip_serializing_if = "is_false")]
    pub selected_only: bool,
    /// Limits of approval that a purchase may be split to stay under, in the ledger currency.
    #[serde(with = "decimal::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub approval_limits: Vec<Decimal>,
    /// Whether invoices of one supplier with the same amount, and near dates or numbers, are held as
    /// copies of each other (`DUP_FUZZY`). Off where a supplier bills one price day by day.
    #[serde(skip_serializing_if = "is_true")]
    pub fuzzy_duplicates: bool,
    /// How many invoices a person looks at although nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Unit codes that mean another one, such as `STK` for `C62`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unit_aliases: BTreeMap<String, String>,
    /// Who must approve what, and who hears of it when nobody does.
    #[serde(skip_serializing_if = "ApprovalRules::is_empty")]
    pub approval: ApprovalRules,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_true(value: &bool) -> bool {
    *value
}

impl Default for Policy {
    /// Nothing over order or receipt passes; prices and totals may differ by rounding alone.
    fn default() -> Self {
        let limit = |text: &str| Limit { amount: decimal::parse(text).ok(), percent: None };
        let upper = |text: &str| Tolerance { upper: limit(text), ..Tolerance::default() };
        let both = |text: &str| Tolerance {
            upper: limit(text),
            lower: limit(text),
            combine: Combine::All,
        };
        let tolerances = [
            (CheckCode::QtyOrdered, upper("0")),
            (CheckCode::QtyReceived, upper("0")),
            (CheckCode::QtyAccepted, upper("0")),
            (CheckCode::AmtOrdered, upper("0")),
            (CheckCode::AmtReceived, upper("0")),
            (CheckCode::UnitPrice, upper("0")),
            (CheckCode::LineNet, upper("0.01")),
            (CheckCode::PriceUomRatio, upper("0")),
            (CheckCode::TotalLines, both("0.05")),
            (CheckCode::TotalTax, both("0.05")),
            (CheckCode::Charge, upper("0")),
            (CheckCode::PoLimit, upper("0")),
            (CheckCode::PoValidity, upper("0")),
        ];
        let tolerances =
            tolerances.into_iter().map(|(code, limits)| (LimitKey::from(code), limits));
        Self {
            version: String::new(),
            match_level: MatchLevels::default(),
            tolerances: tolerances.collect(),
            tolerance_rules: Vec::new(),
            ledger_currency: None,
            small_difference: None,
            currency_conversion: false,
            currency_conversion_suppliers: BTreeSet::new(),
            inverse_rates: false,
            charges_not_compared: BTreeSet::new(),
            charge_words: BTreeMap::new(),
            selected_only: false,
            approval_limits: Vec::new(),
            fuzzy_duplicates: true,
            sampling: None,
            unit_aliases: BTreeMap::new(),
            approval: ApprovalRules::default(),
        }
    }
}
