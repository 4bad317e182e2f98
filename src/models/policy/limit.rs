//! Limits of a check, and where they apply (reconciliation handbook §5.1).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::verdict::CheckCode;

/// Limits of one side of a check. A limit that is not set is not tested; a limit of zero allows
/// no variance; a variance equal to the limit passes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// Percent of the expected value.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "5")]
    pub percent: Option<Decimal>,
    /// Money in the ledger currency, prices in the document's per priced unit, quantities in the
    /// order's unit, dates in days.
    #[serde(with = "decimal::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.05")]
    pub amount: Option<Decimal>,
}

/// How two limits of one side join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Both must hold.
    #[default]
    All,
    /// One is enough.
    Any,
}

/// Limits of one check. `upper` is the side of the buyer's disadvantage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerance {
    /// The invoice asks for more than expected.
    pub upper: Limit,
    /// The invoice asks for less than expected.
    pub lower: Limit,
    /// Percent and amount both set.
    pub combine: Combine,
}

/// Charges that the order does not name have limits of their own under `CHARGE:unplanned`.
pub const UNPLANNED: &str = "unplanned";

/// A check, or the charges of one code: `UNIT_PRICE`, `CHARGE:FC`, `CHARGE:unplanned`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LimitKey {
    /// The check.
    pub code: CheckCode,
    /// Of `CHARGE`: the code of the charge, or [`UNPLANNED`].
    pub charge: Option<String>,
}

impl From<CheckCode> for LimitKey {
    fn from(code: CheckCode) -> Self {
        Self { code, charge: None }
    }
}

impl From<LimitKey> for String {
    fn from(key: LimitKey) -> Self {
        match key.charge {
            Some(charge) => format!("{}:{charge}", key.code.as_str()),
            None => key.code.as_str().to_owned(),
        }
    }
}

impl TryFrom<String> for LimitKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (code, charge) = match text.split_once(':') {
            Some((code, charge)) => (code, Some(charge)),
            None => (&*text, None),
        };
        let known = CheckCode::ALL.into_iter().find(|known| known.as_str() == code);
        let Some(code) = known else {
            let names: Vec<&str> = CheckCode::ALL.into_iter().map(CheckCode::as_str).collect();
            let text: String = text.chars().take(64).collect();
            return Err(format!("unknown check {text:?}; checks are {}", names.join(", ")));
        };
        match charge {
            Some(charge) if code == CheckCode::Charge && !charge.is_empty() => {
                Ok(Self { code, charge: Some(charge.to_owned()) })
            }
            Some(_) => {
                Err(format!("only CHARGE has limits by code, as in CHARGE:FC; not {text:?}"))
            }
            None => Ok(code.into()),
        }
    }
}

/// Limits for a supplier, an item, or an order line; all that is said must fit. A set is taken
/// whole: its empty sides do not fall through to the entity's.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    /// The supplier's id, VAT id or name.
    #[serde(default)]
    pub vendor: Option<String>,
    /// An item id of the order line.
    #[serde(default)]
    pub item: Option<String>,
    /// The order's number.
    #[serde(default)]
    pub po: Option<String>,
    /// The order line's id.
    #[serde(default)]
    pub po_line: Option<String>,
    /// Limits by check.
    #[schema(value_type = BTreeMap<String, Tolerance>)]
    pub tolerances: BTreeMap<LimitKey, Tolerance>,
}
