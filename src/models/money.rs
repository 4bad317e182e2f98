//! Money: a decimal and its currency. Rounding lives in [`super::decimal`].

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::decimal;

/// An ISO 4217 currency code that exists; its minor digits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "EUR", pattern = "^[A-Z]{3}$")]
pub struct Currency(iso_currency::Currency);

/// The text is no ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ISO 4217 currency code such as \"EUR\"")]
pub struct NotACurrency(String);

impl Currency {
    /// # Errors
    /// Anything but three capital letters that ISO 4217 knows.
    pub fn parse(code: &str) -> Result<Self, NotACurrency> {
        let refuse = || NotACurrency(code.chars().take(16).collect());
        iso_currency::Currency::from_code(code).map(Self).ok_or_else(refuse)
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits of the minor unit: JPY 0, EUR 2, KWD 3; 2 where ISO 4217 names none (XAU).
    pub fn minor_digits(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;
    fn try_from(code: String) -> Result<Self, NotACurrency> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// An amount as other systems see it: `{"amount":"1190.00","currency":"EUR"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Decimal string; a JSON number is refused.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "1190.00")]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}
