//! Who may come in.

use serde::Deserialize;

/// Login.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// `AP_GATEWAY_AUTH`: `none` or `required`.
    pub mode: AuthMode,
    /// `AP_GATEWAY_FAILED_LOGINS_MAX`: failed logins of one address in a minute that are answered
    /// 401; those after them are 429. More than ten are no mistakes (HTTP handbook §5.1).
    pub failed_logins_max: u32,
}

impl Default for Auth {
    fn default() -> Self {
        Self { mode: AuthMode::default(), failed_logins_max: 10 }
    }
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
