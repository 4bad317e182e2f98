//! `ground-truth.jsonl`: what the embedded XML says, and what of it the text layer has.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;

/// One document.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Truth {
    pub path: String,
    pub fields: BTreeMap<String, String>,
    #[serde(default)]
    pub in_text: BTreeMap<String, bool>,
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// One line of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Line {
    #[serde(rename = "BT-129")]
    pub quantity: Option<String>,
    #[serde(rename = "BT-146")]
    pub price: Option<String>,
    #[serde(rename = "BT-131")]
    pub net: Option<String>,
    #[serde(default)]
    pub net_in_text: bool,
}

impl Truth {
    /// Who sent it, for the report by seller.
    pub(super) fn seller(&self) -> String {
        let of = |field: &str| self.fields.get(field).cloned().unwrap_or_default();
        format!("{} {}", of("BT-27"), of("BT-31"))
    }
}

/// Every document of the folder that is a full invoice of a known form, and is there.
pub(super) fn all(folder: &Path) -> Vec<Truth> {
    let path = folder.join("ground-truth.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{} cannot be read ({error}): set AP_GATEWAY_SUITES", path.display())
    });
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    let truths = rows.map(|line| serde_json::from_str::<Truth>(line).expect("a row of the truth"));
    truths.filter(|truth| folder.join(&truth.path).is_file()).collect()
}

/// A value as a user would compare it.
pub(super) fn normal(field: &str, value: &str) -> String {
    let value = value.trim();
    match field {
        "BT-2" | "BT-9" | "BT-72" => value.chars().filter(char::is_ascii_digit).collect(),
        "BT-109" | "BT-110" | "BT-112" | "BT-115" | "BT-106" | "BT-113" => decimal(value),
        "BT-31" | "BT-48" | "BT-84" => {
            value.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
        }
        _ => value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(),
    }
}

/// A decimal without trailing zeros.
pub(super) fn decimal(value: &str) -> String {
    let value: Option<Decimal> = value.trim().parse().ok();
    value.map_or_else(|| "no decimal".to_owned(), |value| value.normalize().to_string())
}
