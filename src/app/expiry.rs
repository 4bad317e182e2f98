//! When credentials end: what alerts look at, so that nobody finds out by an outage.
//!
//! The certificate of the port tells it itself, because it may be replaced while it is served
//! ([`Certificate`](crate::http::Certificate)).

use chrono::Utc;
use tokio::time::timeout;

use crate::app::watch::{LOOK_TIMEOUT, Watch};
use crate::config;
use crate::http::chain_ends;
use crate::metrics::Metrics;

/// Shows when what we show to Temporal ends: at the start, and when it was replaced.
pub(super) fn tell_of_temporal(settings: &config::Temporal, metrics: &Metrics) {
    let certificate = settings.client_certificate().and_then(chain_ends);
    for (credential, end) in [
        ("temporal_certificate", certificate.map(|end| end.timestamp())),
        ("temporal_api_key", settings.api_key_end()),
    ] {
        if let Some(end) = end {
            metrics.credential_expiry.with_label_values(&[credential]).set(end as f64);
        }
    }
}

impl Watch {
    /// Shows when the first caller has no key left; a ledger that is away keeps what was shown.
    pub(super) async fn tell_of_keys(&self) {
        let expiry = &self.metrics.credential_expiry;
        match timeout(LOOK_TIMEOUT, self.ledger.next_key_end(Utc::now())).await {
            Ok(Ok(Some(end))) => {
                expiry.with_label_values(&["api_key"]).set(end.timestamp() as f64);
            }
            // It was never shown, if it cannot be removed.
            Ok(Ok(None)) => drop(expiry.remove_label_values(&["api_key"])),
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tell_of_temporal;
    use crate::config::{Environment, Temporal};
    use crate::metrics::Metrics;

    fn shown(pairs: &[(&str, &str)]) -> String {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment: Environment = pairs.collect();
        let settings = Temporal::load(&Default::default(), &environment).expect("settings");
        let metrics = Metrics::new();
        tell_of_temporal(&settings, &metrics);
        let text = String::from_utf8(metrics.render().expect("renders")).expect("UTF-8");
        let lines = text.lines().filter(|line| line.starts_with("ap_gateway_credential_expiry"));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn ends_are_shown_where_there_are_any() {
        let made = rcgen::generate_simple_self_signed(["gateway".to_owned()]);
        let made = made.expect("a certificate");
        let folder = tempfile::TempDir::new().expect("a folder");
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let text = |path: &std::path::Path| path.display().to_string();
        let with_certificate = [
            ("TEMPORAL_ADDRESS", "https://temporal.example:7233"),
            ("TEMPORAL_TLS_CLIENT_CERT_PATH", &text(&certificate)),
            ("TEMPORAL_TLS_CLIENT_KEY_PATH", &text(&key)),
        ];
        let shown_of_it = shown(&with_certificate);
        // rcgen's certificates end with the year 4096.
        let series = "ap_gateway_credential_expiry_timestamp_seconds{credential=";
        assert_eq!(shown_of_it, format!("{series}\"temporal_certificate\"}} 67090118400"));
        // {"exp":1900000000}
        let key = [
            ("TEMPORAL_ADDRESS", "x:7233"),
            ("TEMPORAL_API_KEY", "e30.eyJleHAiOjE5MDAwMDAwMDB9.s"),
        ];
        assert_eq!(shown(&key), format!("{series}\"temporal_api_key\"}} 1900000000"));
        for key in ["opaque", "a.b.c"] {
            assert_eq!(shown(&[("TEMPORAL_ADDRESS", "x:7233"), ("TEMPORAL_API_KEY", key)]), "");
        }
    }
}
