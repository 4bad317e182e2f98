//! Who sends and who gets it: BG-4, BG-7, BG-10, BG-11.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::invoice::address::Address;
use crate::models::invoice::identifier::Identifier;

/// A seller (BG-4) or buyer (BG-7).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// BT-27 or BT-44.
    pub name: Option<String>,
    /// BT-28 or BT-45.
    pub trading_name: Option<String>,
    /// BT-31 or BT-48.
    pub vat_id: Option<String>,
    /// BT-32, seller only.
    pub tax_number: Option<String>,
    /// BT-30 or BT-47.
    pub legal_id: Option<Identifier>,
    /// BT-33, seller only.
    pub legal_information: Option<String>,
    /// BT-29 or BT-46, in the order of the document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Identifier>,
    /// BT-34 or BT-49.
    pub electronic_address: Option<Identifier>,
    /// BG-5 or BG-8.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub address: Address,
    /// BG-6 or BG-9.
    pub contact: Option<Contact>,
}

/// BG-6 or BG-9.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// BT-41 or BT-56.
    pub name: Option<String>,
    /// BT-42 or BT-57.
    pub telephone: Option<String>,
    /// BT-43 or BT-58.
    pub email: Option<String>,
}

/// BG-10: who is paid, where it is not the seller.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Payee {
    /// BT-59.
    pub name: Option<String>,
    /// BT-60.
    pub id: Option<Identifier>,
    /// BT-61.
    pub legal_id: Option<Identifier>,
}

/// BG-11: who answers for the seller's VAT.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaxRepresentative {
    /// BT-62.
    pub name: Option<String>,
    /// BT-63.
    pub vat_id: Option<String>,
    /// BG-12.
    #[serde(skip_serializing_if = "Address::is_empty")]
    pub address: Address,
}

/// Upper case without white space.
pub fn normalised(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

impl Party {
    /// Nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One key for the party: VAT id, else tax number, legal id, first own id or name; empty when
    /// nothing is known.
    pub fn key(&self) -> String {
        let id = |id: &Identifier| id.value.clone();
        let legal_id = self.legal_id.as_ref().map(id);
        let own = self.ids.first().map(id);
        let known =
            [self.vat_id.clone(), self.tax_number.clone(), legal_id, own, self.name.clone()];
        let known = known.into_iter().flatten();
        known.map(|text| normalised(&text)).find(|text| !text.is_empty()).unwrap_or_default()
    }
}
