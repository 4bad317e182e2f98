//! What we show to Temporal is replaced in its files while clients ask on and on.

use std::path::{Path, PathBuf};

use reqwest::Method;

use crate::harness::{self, PATIENCE, temporal_address, unique, within};
use crate::observed::front::{Front, Made, made};
use crate::observed::process::{Process, Wanted};
use crate::observed::relay::{Relay, Way};
use crate::rotated::Load;

/// No quota stands between a test and its load.
const NO_QUOTAS: &str = "[http]\nquota_read = 0\nquota_write = 0\nquota_list = 0\n";

/// The files that our credentials are read from.
struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new(front: &Front) -> Self {
        let files = Self { folder: tempfile::TempDir::new().expect("a folder") };
        std::fs::write(files.path("ca.pem"), front.authority()).expect("written");
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file that every Temporal tool reads.
    fn settings(&self, more: &str) {
        let place = |name: &str| self.path(name).display().to_string();
        let text = format!(
            "[profile.default]\n{more}\n[profile.default.tls]\nserver_ca_cert_path = \"{}\"\n",
            place("ca.pem")
        );
        let beside = self.path("beside");
        std::fs::write(&beside, text).expect("written");
        std::fs::rename(beside, self.path("temporal.toml")).expect("renamed");
    }

    /// Replaces both files at once, as a mounted secret is replaced.
    fn put(&self, certificate: &str, key: &str) {
        let folder = self.path(&unique("version"));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("certificate.pem"), certificate).expect("written");
        std::fs::write(folder.join("key.pem"), key).expect("written");
        let beside = self.path("beside");
        std::os::unix::fs::symlink(folder, &beside).expect("linked");
        std::fs::rename(beside, self.path("now")).expect("renamed");
    }

    fn show(&self, certificate: &Made) {
        self.put(&certificate.cert.pem(), &certificate.signing_key.serialize_pem());
    }
}

/// A gateway whose Temporal is behind `port`, ready.
async fn start(files: &Files, port: u16, more: &[(&str, &Path)]) -> Process {
    let settings = files.path("temporal.toml").display().to_string();
    let more = more.iter().map(|(name, path)| (*name, path.display().to_string()));
    let environment: Vec<_> = more.chain([("TEMPORAL_CONFIG_FILE", settings)]).collect();
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let temporal = format!("localhost:{port}");
    let wanted =
        Wanted { role: "all", temporal: &temporal, settings: NO_QUOTAS, environment: &environment };
    let process = Process::start(&wanted).await;
    ready(&process).await;
    process
}

pub(super) async fn ready(process: &Process) {
    harness::eventually(async || match process.get("/readyz").await {
        answer if answer.status == 200 => Ok(()),
        answer => {
            let warned = process.log().into_iter().rfind(|line| line["level"] == "WARN");
            Err(format!("{} {warned:?}", answer.text()))
        }
    })
    .await;
}

/// Pings: each starts a workflow and has it answered by the worker.
fn pinging(process: &Process) -> Load {
    let (client, url) = (process.client.clone(), format!("{}/workflows/ping", process.base));
    Load::start(move || {
        let (client, url) = (client.clone(), url.clone());
        async move {
            let key = unique("k");
            let headers = [("idempotency-key", key.as_str()), ("prefer", "wait=30")];
            let answer = harness::send(&client, Method::POST, &url, &headers, Vec::new()).await;
            match answer.status.as_u16() {
                200 => Ok(()),
                status => Err(format!("{status}: {}", answer.text())),
            }
        }
    })
}

/// Waits until so many replacements ended so.
async fn reloads(process: &Process, result: &str, count: u32) {
    let line = format!("ap_gateway_config_reloads_total{{result=\"{result}\"}} {count}");
    within(PATIENCE, &line, async || {
        let shown = process.get("/metrics").await.text();
        shown.lines().any(|shown| shown == line).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_52_and_53_the_api_key_for_temporal_is_changed_and_no_request_fails() {
    let front = Front::before(temporal_address()).await;
    let (old, new) = ("canary-of-the-old-key", "canary-of-the-new-key");
    front.know(&[old]);
    let files = Files::new(&front);
    files.settings(&format!("api_key = \"{old}\""));
    let process = start(&files, front.port, &[]).await;
    let load = pinging(&process);
    load.goes_on().await;
    // Both are good for a while, as in Temporal Cloud.
    front.know(&[old, new]);
    files.settings(&format!("api_key = \"{new}\""));
    reloads(&process, "ok", 1).await;
    within(PATIENCE, "requests and worker show the new key", async || {
        load.goes_on().await;
        front.latest_show(new).then_some(())
    })
    .await;
    front.know(&[new]);
    load.goes_on().await;
    // No TOML; and a key that nobody knows.
    files.settings("api_key = \"canary-without-an-end");
    reloads(&process, "refused", 1).await;
    load.goes_on().await;
    files.settings("api_key = \"canary-of-nobody\"");
    reloads(&process, "refused", 2).await;
    load.goes_on().await;
    load.ends_without_a_failure().await;
    let log = serde_json::to_string(&process.log()).expect("JSON");
    assert!(log.contains("are not taken: the old stay") && !log.contains("canary"), "{log}");
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_52_and_53_the_certificate_for_temporal_is_changed_and_no_request_fails() {
    let front = Front::before(temporal_address()).await;
    let relay = Relay::to(&format!("http://127.0.0.1:{}", front.port)).await;
    let port = relay.address.rsplit(':').next().and_then(|port| port.parse().ok());
    let (old, new) = (made("old"), made("new"));
    front.trust(&[&old]);
    let files = Files::new(&front);
    files.settings("");
    files.show(&old);
    let (certificate, key) = (files.path("now/certificate.pem"), files.path("now/key.pem"));
    let shown: [(&str, &Path); 2] =
        [("TEMPORAL_TLS_CLIENT_CERT_PATH", &certificate), ("TEMPORAL_TLS_CLIENT_KEY_PATH", &key)];
    let process = start(&files, port.expect("a port"), &shown).await;
    let load = pinging(&process);
    load.goes_on().await;
    front.trust(&[&old, &new]);
    // Half a replacement: the key of another certificate.
    files.put(&old.cert.pem(), &new.signing_key.serialize_pem());
    reloads(&process, "refused", 1).await;
    load.goes_on().await;
    files.show(&new);
    reloads(&process, "ok", 1).await;
    load.goes_on().await;
    // One that Temporal does not trust, and one that is none.
    files.show(&made("stranger"));
    reloads(&process, "refused", 2).await;
    load.goes_on().await;
    files.put("no certificate", "no key");
    reloads(&process, "refused", 3).await;
    load.goes_on().await;
    load.ends_without_a_failure().await;
    // Connections that are made from now on show the new one: the old one opens nothing any more.
    front.trust(&[&new]);
    relay.set(Way::Cut);
    within(PATIENCE, "it is cut off", async || {
        (process.get("/readyz").await.status == 503).then_some(())
    })
    .await;
    relay.set(Way::Open);
    ready(&process).await;
    let load = pinging(&process);
    load.goes_on().await;
    load.ends_without_a_failure().await;
    process.stop().await;
}
