//! A gateway as a process of its own, without Temporal, with both of its ports.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::harness::PATIENCE;

pub(super) struct Program {
    child: Child,
    pub(super) main: SocketAddr,
    pub(super) ops: SocketAddr,
    pub(super) log: Arc<Mutex<String>>,
    pub(super) client: Client,
    _folder: TempDir,
}

impl Program {
    /// With these lines in its `[http]`.
    pub(super) async fn start(http: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let settings = folder.path().join("settings.toml");
        let ports = "listen = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"";
        let text = format!("[http]\n{ports}\n{http}\n[worker]\ngraceful_seconds = 0\n");
        std::fs::write(&settings, text).expect("a writable folder");
        let ledger = folder.path().join("ledger.db");
        let mut child = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
            .args(["serve", "--role", "http", "--log-format", "json"])
            .env("AP_GATEWAY_CONFIG", &settings)
            .env("TEMPORAL_ADDRESS", "http://127.0.0.1:1")
            .env("AP_GATEWAY_LEDGER_URL", format!("sqlite:{}", ledger.display()))
            .env("AP_GATEWAY_ARTIFACTS", folder.path().join("artifacts"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let ports = async {
            loop {
                let line = lines.next_line().await.expect("text").expect("it serves");
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                let port = |name: &str| {
                    let url = said.get(name)?.as_str()?;
                    url.split("://").nth(1)?.parse::<SocketAddr>().ok()
                };
                if let (Some(main), Some(ops)) = (port("gateway"), port("ops")) {
                    return (main, ops);
                }
            }
        };
        let (main, ops) = timeout(PATIENCE, ports).await.expect("it says where it serves");
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut log = kept.lock().expect("not poisoned");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { child, main, ops, log, client, _folder: folder }
    }

    /// Status and text of a path of the ops port.
    pub(super) async fn ops(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("http://{}{path}", self.ops)).send().await;
        let answer = answer.expect("the ops port answers");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// The sum of the series of a metric whose labels have `part`.
    pub(super) async fn metric(&self, name: &str, part: &str) -> f64 {
        let (_, text) = self.ops("/metrics").await;
        let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
        let ours = lines
            .filter(|(series, _)| series.split('{').next() == Some(name) && series.contains(part));
        ours.map(|(_, value)| value.parse::<f64>().expect("a number")).sum()
    }

    /// Takes the log lines since the last call.
    pub(super) fn said(&self) -> Vec<Value> {
        let text = std::mem::take(&mut *self.log.lock().expect("not poisoned"));
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// SIGTERM.
    pub(super) async fn terminate(&self) {
        self.signal("-TERM").await;
    }

    pub(super) async fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let killed = Command::new("kill").args([signal, &id]).status().await;
        assert!(killed.expect("kill is there").success());
    }

    /// Its exit code, once it has ended.
    pub(super) async fn code(&mut self) -> Option<i32> {
        let ended = timeout(Duration::from_secs(30), self.child.wait()).await;
        ended.expect("it ends").expect("it ran").code()
    }
}
