//! Prometheus itself, over the rules that are shipped. Only durations are shortened: what a rule
//! waits for, the ranges that it looks back over, and the two ages that it calls too old.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;

use ap_gateway::config;
use ap_gateway::temporal::dev_server;
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{PATIENCE, within};

const RULES: &str = include_str!("../../../deploy/prometheus/alerts.yml");

/// What a rule waits, and how far it looks back: some scrapes of a second each.
const WAITS: &str = "2s";
const BACK: &str = "[12s]";

/// A program of the package, where `.ci/run alerts` puts it.
pub(super) fn program(name: &str) -> PathBuf {
    let cache = dev_server::cache_folder(&config::environment()).expect("a home folder");
    let mut folders = cache.ancestors().filter(|one| one.ends_with("ap-gateway"));
    let program = folders.next().expect("a folder of ours").join(name);
    assert!(program.exists(), "{} is not there: `.ci/run alerts` puts it there", program.display());
    program
}

fn shortened() -> String {
    let line = |line: &str| {
        if let Some((before, _)) = line.split_once("for: ") {
            return format!("{before}for: {WAITS}");
        }
        let mut line = line.to_owned();
        for range in ["[1m]", "[2m]", "[5m]", "[10m]", "[1h]"] {
            line = line.replace(range, BACK);
        }
        line.replace("_seconds) > 300'", "_seconds) > 3'")
            .replace("_seconds) > 3600'", "_seconds) > 3'")
    };
    RULES.lines().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) struct Prometheus {
    url: String,
    client: Client,
    _child: Child,
    _folder: TempDir,
}

impl Prometheus {
    /// Watches what is served at `target`, and has scraped it.
    pub(super) async fn over(target: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let target = target.trim_start_matches("http://");
        let settings = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
             rule_files: [alerts.yml]\n\
             scrape_configs:\n  - {{job_name: ap-gateway, static_configs: [{{targets: ['{target}']}}]}}\n"
        );
        std::fs::write(folder.path().join("prometheus.yml"), settings).expect("written");
        std::fs::write(folder.path().join("alerts.yml"), shortened()).expect("written");
        // Free now; nobody else on this machine asks for the same in the next moment.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("bound");
        drop(port);
        let child = Command::new(program("prometheus"))
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Prometheus starts");
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let url = format!("http://{address}");
        let prometheus = Self { url, client, _child: child, _folder: folder };
        within(PATIENCE, "the first scrape", async || {
            let up = prometheus.query("up{job=\"ap-gateway\"} == 1").await?;
            (!up.is_empty()).then_some(())
        })
        .await;
        prometheus
    }

    /// What an expression comes to now; `None` while there is no answer.
    pub(super) async fn query(&self, query: &str) -> Option<Vec<Value>> {
        let asked = self.client.get(format!("{}/api/v1/query", self.url));
        let answer = asked.query(&[("query", query)]).send().await.ok()?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        answer["data"]["result"].as_array().cloned()
    }

    /// The alerts that fire now.
    pub(super) async fn firing(&self) -> BTreeSet<String> {
        let found = self.query("ALERTS{alertstate=\"firing\"}").await.unwrap_or_default();
        let name = |alert: &Value| Some(alert["metric"]["alertname"].as_str()?.to_owned());
        found.iter().filter_map(name).collect()
    }
}
