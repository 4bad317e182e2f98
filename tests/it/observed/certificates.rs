//! A certificate between us and Temporal that is wrong, or over: the gateway lives, is not ready,
//! and its log says what is wrong and where to look.

use std::path::Path;

use rcgen::DnType;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PATIENCE, temporal_address, within};
use crate::observed::front::{Front, Made, made, made_with};
use crate::observed::process::{Process, Wanted};
use crate::observed::rotation::ready;

/// What a gateway has, and what it meets.
struct Meeting {
    what: &'static str,
    front: Front,
    /// By what it trusts the front, in PEM.
    authority: String,
    /// What it shows there.
    shown: Option<Made>,
    /// One of these tells what is wrong: where a server refuses us, the connection may break before
    /// its alert is read.
    words: &'static [&'static str],
}

impl Meeting {
    async fn with_another_authority() -> Self {
        let named = |parameters: &mut rcgen::CertificateParams| {
            parameters.distinguished_name.push(DnType::CommonName, "Another Authority");
        };
        Self {
            what: "a front of another authority",
            front: Front::before(temporal_address()).await,
            authority: made_with("localhost", named).cert.pem(),
            shown: None,
            words: &["invalid peer certificate: UnknownIssuer"],
        }
    }

    async fn with_an_expired_certificate() -> Self {
        let over = |parameters: &mut rcgen::CertificateParams| {
            parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
        };
        let front = Front::showing(made_with("localhost", over), temporal_address()).await;
        Self {
            what: "a front whose certificate is over",
            authority: front.authority(),
            front,
            shown: None,
            words: &["invalid peer certificate: certificate expired"],
        }
    }

    async fn as_a_stranger() -> Self {
        let front = Front::before(temporal_address()).await;
        front.trust(&[&made("known")]);
        Self {
            what: "a front that does not trust us",
            authority: front.authority(),
            front,
            shown: Some(made("stranger")),
            words: &["received fatal alert", "the server hung up; it may want"],
        }
    }

    /// A gateway whose files lie in `folder`.
    async fn start(&self, folder: &Path) -> Process {
        let put = |name: &str, pem: &str| {
            let path = folder.join(name);
            std::fs::write(&path, pem).expect("written");
            path.display().to_string()
        };
        let mut paths = vec![("TEMPORAL_TLS_SERVER_CA_CERT_PATH", put("ca.pem", &self.authority))];
        if let Some(shown) = &self.shown {
            let key = shown.signing_key.serialize_pem();
            paths.push(("TEMPORAL_TLS_CLIENT_CERT_PATH", put("shown.pem", &shown.cert.pem())));
            paths.push(("TEMPORAL_TLS_CLIENT_KEY_PATH", put("key.pem", &key)));
        }
        let environment: Vec<_> = paths.iter().map(|(name, path)| (*name, path.as_str())).collect();
        let temporal = format!("localhost:{}", self.front.port);
        let wanted =
            Wanted { role: "all", temporal: &temporal, settings: "", environment: &environment };
        Process::start(&wanted).await
    }

    /// Whether a warning says what is wrong, with whom, and where to look.
    fn is_told(&self, log: &[Value]) -> bool {
        let with_whom = format!("no TLS with https://localhost:{}/: ", self.front.port);
        let warnings = log.iter().filter(|line| line["level"] == "WARN");
        let told = warnings.flat_map(|line| [line["error"].as_str(), line["reason"].as_str()]);
        told.flatten().any(|told| {
            told.contains(&with_whom)
                && told.contains("look at TEMPORAL_TLS and TEMPORAL_TLS_*")
                && self.words.iter().any(|words| told.contains(words))
        })
    }

    /// The lines of our files, which have no place in a log. The last of a file may be so short
    /// that it stands anywhere.
    fn lines(&self) -> Vec<String> {
        let both = |shown: &Made| [shown.cert.pem(), shown.signing_key.serialize_pem()].concat();
        let shown = self.shown.as_ref().map(both).unwrap_or_default();
        let lines = self.authority.lines().chain(shown.lines());
        lines.filter(|line| line.len() > 20).map(str::to_owned).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_37_a_wrong_or_expired_certificate_is_not_ready_and_the_log_says_why() {
    for meeting in [
        Meeting::with_another_authority().await,
        Meeting::with_an_expired_certificate().await,
        Meeting::as_a_stranger().await,
    ] {
        let folder = TempDir::new().expect("a folder");
        let process = meeting.start(folder.path()).await;
        within(PATIENCE, meeting.what, async || meeting.is_told(&process.log()).then_some(()))
            .await;
        let answer = process.get("/readyz").await.expect(StatusCode::SERVICE_UNAVAILABLE);
        let failed = answer.json()["failed"].as_array().cloned().unwrap_or_default();
        assert!(failed.contains(&json!("temporal")), "{}: {failed:?}", meeting.what);
        process.get("/livez").await.expect(StatusCode::OK);
        if let Some(shown) = &meeting.shown {
            // Nothing else was wrong.
            meeting.front.trust(&[shown]);
            ready(&process).await;
        }
        let log = serde_json::to_string(&process.log()).expect("JSON");
        for line in meeting.lines() {
            assert!(!log.contains(&line), "{}: the log has {line}", meeting.what);
        }
        process.stop().await;
    }
}
