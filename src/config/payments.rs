//! Payments: what passes without a person, and how banks' CSV files are read.

use std::path::PathBuf;

use serde::Deserialize;

use crate::models::money::Currency;
use crate::models::payment::PaymentPolicy;

/// Payments.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// The currency of the books, ISO 4217; needed only for payments in another currency than the
    /// invoice's.
    pub ledger_currency: Option<Currency>,
    /// `AP_GATEWAY_STATEMENT_PROFILES`: a folder of mapping profiles (`NAME.toml`) for the CSV
    /// files of banks.
    pub statement_profiles: Option<PathBuf>,
    /// `[payments.policy]`: limits of differences, and the scores from which a match is recorded
    /// or proposed. A limit that is not set allows nothing.
    pub policy: PaymentPolicy,
}
