//! Who may come in.

use serde::Deserialize;

/// Login.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// `AP_GATEWAY_AUTH`: `none` or `required`.
    pub mode: AuthMode,
}

/// Whether callers are asked who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Nobody is asked; only loopback addresses are served.
    #[default]
    None,
    /// Everybody is.
    Required,
}
