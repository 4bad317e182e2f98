//! Log lines: format and filter.

use serde::Deserialize;

/// Log lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `AP_GATEWAY_LOG_FORMAT`: `json` or `text`.
    pub format: LogFormat,
    /// `AP_GATEWAY_LOG`: a filter such as `info,ap_gateway=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        let filter =
            "info,temporalio_sdk_core=warn,temporalio_sdk=warn,temporalio_client=warn".to_owned();
        Self { format: LogFormat::Text, filter }
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}
