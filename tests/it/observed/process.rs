//! A whole gateway as a process of its own, with settings and variables of the test's choice.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::harness::{self, Answer, PATIENCE, unique};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ap-gateway");

/// What a test says of its gateway.
pub(crate) struct Wanted<'w> {
    /// `all`, `http` or `worker`.
    pub(crate) role: &'w str,
    /// The address of Temporal.
    pub(crate) temporal: &'w str,
    /// The configuration file, but for ports and stores.
    pub(crate) settings: &'w str,
    /// Variables.
    pub(crate) environment: &'w [(&'w str, &'w str)],
}

pub(crate) struct Process {
    pub(super) child: Child,
    pub(crate) base: String,
    /// Of the port for probes; that of everybody, where there is none.
    pub(crate) ops: String,
    pub(super) client: Client,
    pub(super) folder: TempDir,
    log: Arc<Mutex<Vec<Value>>>,
}

impl Process {
    pub(crate) async fn start(wanted: &Wanted<'_>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let settings = folder.path().join("settings.toml");
        std::fs::write(&settings, wanted.settings).expect("a writable folder");
        let mut command = Command::new(PROGRAM);
        command
            .args(["serve", "--role", wanted.role])
            .env("AP_GATEWAY_LISTEN", "127.0.0.1:0")
            .env(
                "AP_GATEWAY_LEDGER_URL",
                format!("sqlite:{}", folder.path().join("ledger.db").display()),
            )
            .env("AP_GATEWAY_ARTIFACTS", folder.path().join("artifacts"))
            .env("AP_GATEWAY_TASK_QUEUE", unique("test"))
            .env("AP_GATEWAY_CONFIG", &settings)
            .env("TEMPORAL_ADDRESS", wanted.temporal)
            .envs(wanted.environment.iter().copied());
        Self::run(command, folder).await
    }

    /// Everything on this machine, with the demo, below a folder.
    pub(crate) async fn demo(folder: TempDir, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(PROGRAM);
        command
            .envs(environment.iter().copied())
            .args(["dev", "--demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path().join("data"));
        Self::run(command, folder).await
    }

    async fn run(mut command: Command, folder: TempDir) -> Self {
        command.args(["--log-format", "json"]).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        let keep = move |line: String| {
            let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
            kept.lock().expect("not poisoned").push(line);
        };
        let serving = async {
            loop {
                let line = lines.next_line().await.expect("text").expect("it serves");
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                keep(line);
                if let Some(base) = said["gateway"].as_str() {
                    let ops = said["ops"].as_str().unwrap_or(base);
                    return (base.to_owned(), ops.to_owned());
                }
            }
        };
        let (base, ops) = timeout(PATIENCE, serving).await.expect("it says where it serves");
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                keep(line);
            }
        });
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { child, base, ops, client, folder, log }
    }

    /// Stops it as a terminal does, and gives its folder back.
    pub(crate) async fn stop(mut self) -> TempDir {
        let id = self.child.id().expect("it runs").to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.expect("kill is there");
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("it ends");
        assert_eq!(ended.expect("it ran").code(), Some(0));
        self.folder
    }

    /// The memory that it has now (`VmRSS`, proc(5)).
    pub(crate) fn resident_megabytes(&self) -> f64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kilobytes = line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number");
        kilobytes / 1024.0
    }

    /// How many of its threads have this name (`comm`, proc(5): no more than 15 characters of it).
    pub(crate) fn threads(&self, name: &str) -> usize {
        let id = self.child.id().expect("it runs");
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).expect("Linux");
        let names = threads.filter_map(|thread| {
            // One that ended meanwhile has none.
            std::fs::read_to_string(thread.ok()?.path().join("comm")).ok()
        });
        names.filter(|known| known.trim_end() == name).count()
    }

    /// Its log lines so far, from the first one.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.log.lock().expect("not poisoned").clone()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let url = format!("{}{path}", self.base);
        harness::send(&self.client, method, &url, headers, body.into()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// The same of the port for probes.
    pub(crate) async fn probe(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.ops);
        harness::send(&self.client, Method::GET, &url, &[], Vec::new()).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let key = unique("k");
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        self.send(Method::POST, path, &headers, body.to_string()).await
    }
}
