//! A gateway as a process of its own that logs all it can, and everything that it said.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::harness::PATIENCE;

/// Lines are kept as text: at this level they are too many to be taken apart.
pub(crate) struct Talkative {
    pub(crate) base: String,
    child: Child,
    said: JoinHandle<String>,
}

/// The ledger of a gateway that keeps everything in `folder`.
pub(crate) fn ledger_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("ledger.db").display())
}

impl Talkative {
    /// One that asks who comes, and may send messages to this machine; with these variables.
    pub(crate) async fn start(
        role: &str,
        folder: &Path,
        environment: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
            .args(["serve", "--role", role, "--listen", "127.0.0.1:0", "--log-format", "json"])
            .env("AP_GATEWAY_AUTH", "required")
            .env("AP_GATEWAY_LOG", "trace")
            .env("AP_GATEWAY_LEDGER_URL", ledger_url(folder))
            .env("AP_GATEWAY_ARTIFACTS", folder.join("artifacts"))
            .env("AP_GATEWAY_WEBHOOK_NETWORKS", "127.0.0.0/8")
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut said = String::new();
        let serving = async {
            loop {
                let line = lines.next_line().await.expect("text").expect("it serves");
                said.push_str(&line);
                said.push('\n');
                let line: Value = serde_json::from_str(&line).expect("JSON lines");
                if let Some(base) = line["gateway"].as_str() {
                    return base.to_owned();
                }
            }
        };
        let base = timeout(PATIENCE, serving).await.expect("it says where it serves");
        let said = tokio::spawn(async move {
            let mut rest = lines.into_inner();
            rest.read_to_string(&mut said).await.expect("text");
            said
        });
        Self { base, child, said }
    }

    /// Stops it as a terminal does; answers all that it said, from the first line to the last.
    pub(crate) async fn end(mut self) -> String {
        let id = self.child.id().expect("it runs").to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.expect("kill is there");
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("it ends");
        assert_eq!(ended.expect("it ran").code(), Some(0));
        timeout(PATIENCE, self.said).await.expect("its last line").expect("no panic")
    }
}
