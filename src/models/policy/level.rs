//! How much must agree, and where that may be said (reconciliation handbook §2).

use std::fmt;

use serde::de::{Error, MapAccess, Visitor, value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// How much must agree before an invoice passes; later levels include the earlier ones.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MatchLevel {
    /// No order is asked for: arithmetic, duplicates, supplier and ceilings only.
    None,
    /// The order: pairing, price, ordered quantity, totals.
    #[default]
    TwoWay,
    /// And the receipts: nothing is paid that did not come.
    ThreeWay,
    /// And the inspection: nothing is paid that was not accepted.
    FourWay,
}

/// Who wins when several places set a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Override {
    /// The highest of all that apply.
    #[default]
    RaiseOnly,
    /// The strongest place that is set: order line, item and supplier, item, supplier, entity.
    Any,
}

/// A level for a supplier, an item, or an order line; all that is said must fit.
// Its place is written out as in `LimitRule`, and not shared: flattened members would lose
// `deny_unknown_fields`, and a misspelt place would pass as a rule for everyone.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
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
    /// The level there.
    pub level: MatchLevel,
}

/// The entity's level, written as one word, or with the rules that differ from it.
#[derive(Debug, Clone, PartialEq, Eq, Default, ToSchema)]
pub struct MatchLevels {
    /// Where no rule says otherwise.
    #[schema(required = false)]
    pub entity: MatchLevel,
    /// Who wins when several places set a level.
    #[schema(rename = "override", required = false)]
    pub overriding: Override,
    /// Levels of suppliers, items and order lines.
    #[schema(required = false)]
    pub rules: Vec<LevelRule>,
}

/// A level alone, or with the rules that differ from it.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum MatchLevelSetting {
    /// The entity's level alone.
    Level(MatchLevel),
    /// With the rules that differ from it.
    Rules(MatchLevels),
}

/// The long form of [`MatchLevels`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    entity: MatchLevel,
    #[serde(default, rename = "override")]
    overriding: Override,
    #[serde(default)]
    rules: Vec<LevelRule>,
}

impl From<MatchLevel> for MatchLevels {
    fn from(entity: MatchLevel) -> Self {
        Self { entity, ..Self::default() }
    }
}

impl Serialize for MatchLevels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.rules.is_empty() && self.overriding == Override::default() {
            return self.entity.serialize(serializer);
        }
        let Self { entity, overriding, rules } = self.clone();
        Written { entity, overriding, rules }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MatchLevels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrRules)
    }
}

/// Tells the two forms apart by hand: an untagged enum would lose the place of a fault.
struct WordOrRules;

impl<'de> Visitor<'de> for WordOrRules {
    type Value = MatchLevels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a level such as \"two_way\", or entity, override and rules")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<MatchLevels, E> {
        MatchLevel::deserialize(value::StrDeserializer::new(word)).map(MatchLevels::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MatchLevels, A::Error> {
        let written = Written::deserialize(value::MapAccessDeserializer::new(map))?;
        let Written { entity, overriding, rules } = written;
        Ok(MatchLevels { entity, overriding, rules })
    }
}
