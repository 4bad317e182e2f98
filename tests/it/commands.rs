//! The commands, as processes: what they print and how they end.

mod check;
mod elsewhere;
mod exit_codes;
mod files;

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{self, Gateway, eventually, unique};
use crate::samples::{self, HUNDRED};

const BINARY: &str = env!("CARGO_BIN_EXE_ap-gateway");

/// Runs a command to its end, at most a minute.
pub(crate) async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    let ran = tokio::time::timeout(harness::PATIENCE, command.kill_on_drop(true).output()).await;
    ran.expect("the command ends").expect("the binary starts")
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn ping_names_workflow_and_run_and_temporal_shows_it_completed() {
    let gateway = Gateway::start().await;
    let ping = run(&["ping", "--server", &gateway.base, "--json"], &[]).await;
    assert!(ping.status.success(), "{}", err(&ping));
    let answer: Value = serde_json::from_str(&out(&ping)).expect("JSON");
    assert_eq!(
        (answer["result"].as_str(), answer["status"].as_str()),
        (Some("ok"), Some("completed"))
    );
    assert!(answer["duration_ms"].is_u64() && answer["run_id"].is_string(), "{answer}");

    let id = answer["workflow_id"].as_str().expect("an id");
    let seen = gateway.get(&format!("/workflows/{id}")).await.json();
    assert_eq!(seen["status"], "completed", "{seen}");
    assert_eq!(seen["type"], "PingWorkflow", "{seen}");
    let cli = harness::temporal_cli().await;
    let address = harness::temporal_address().trim_start_matches("http://").to_owned();
    let shown = Command::new(cli)
        .args(["workflow", "describe", "--workflow-id", id, "--address", &address])
        .output()
        .await
        .expect("the Temporal CLI runs");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("COMPLETED") && shown.contains("PingWorkflow"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_need_a_server_say_which_one_is_missing() {
    for arguments in [&["ping"][..], &["submit", "Cargo.toml"][..]] {
        let server = [("AP_GATEWAY_SERVER", "http://127.0.0.1:1")];
        let output = run(arguments, &server).await;
        assert_eq!(output.status.code(), Some(69), "{}", err(&output));
        assert!(err(&output).contains("http://127.0.0.1:1"), "{}", err(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn submit_posts_files_and_tells_what_became_of_each() {
    let gateway = Gateway::start().await;
    let (folder, order) = (TempDir::new().expect("a folder"), unique("PO"));
    gateway.post_json("/purchase-orders", &samples::order(&order)).await;
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a writable folder");
        path.display().to_string()
    };
    let good = file("good.xml", &samples::invoice("RE-good", &order, HUNDRED));
    let odd = file("odd.xml", "<nonsense/>");
    let pdf = file("really.xml", "%PDF-1.7");
    let submitted = run(&["submit", "--server", &gateway.base, &good, &odd], &[]).await;
    assert_eq!(submitted.status.code(), Some(0), "{}", err(&submitted));
    let table = out(&submitted);
    let line = |name: &str| table.lines().find(|line| line.contains(name)).unwrap_or_default();
    assert!(
        line("good.xml").contains("approved") && line("good.xml").contains("1190.00 EUR"),
        "{table}"
    );
    assert!(line("odd.xml").contains("needs_attention"), "{table}");

    let refused = run(&["submit", "--server", &gateway.base, &good, &pdf, "/no/such"], &[]).await;
    assert_eq!(refused.status.code(), Some(1));
    let table = out(&refused);
    assert!(table.contains("cannot read"), "{table}");
    assert!(table.contains("this is no PDF that can be read"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn submit_hands_many_files_in_as_batches_and_none_twice() {
    let gateway = Gateway::start().await;
    let folder = TempDir::new().expect("a folder");
    for n in 0..120 {
        let file = folder.path().join(format!("{n:03}.xml"));
        let text = samples::invoice(&format!("RE-{n}"), "PO-1", HUNDRED);
        std::fs::write(file, text).expect("a writable folder");
    }
    let path = folder.path().display().to_string();
    let arguments = ["submit", "--json", "--wait", "0", "--server", &gateway.base, &path];
    let first = run(&arguments, &[]).await;
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    let ids = |output: &Output| {
        let outcomes: Value = serde_json::from_str(&out(output)).expect("JSON");
        let outcomes = outcomes.as_array().expect("outcomes").clone();
        let id = |outcome: &Value| outcome["invoice"]["id"].as_str().map(str::to_owned);
        outcomes.iter().filter_map(id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(&first).len(), 120, "{}", out(&first));
    let batches = gateway.get("/batches").await.json();
    assert_eq!(batches["items"].as_array().map(Vec::len), Some(2), "{batches}");

    // One more file moves the others to other forms, and one is refused: nothing comes twice.
    std::fs::write(folder.path().join("000-first.xml"), "<nonsense/>").expect("writable");
    std::fs::write(folder.path().join("empty.csv"), "").expect("writable");
    let again = run(&arguments, &[]).await;
    assert_eq!(again.status.code(), Some(1), "{}", err(&again));
    let seen = ids(&again);
    assert_eq!((seen.len(), seen.is_superset(&ids(&first))), (121, true));
    let refused: Value = serde_json::from_str(&out(&again)).expect("JSON");
    let refused: Vec<_> = refused.as_array().into_iter().flatten().collect();
    let refused: Vec<_> = refused.iter().filter(|o| o.get("problem").is_some()).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    let problem = refused[0]["problem"].as_str().expect("a text");
    assert!(problem.contains("The document is empty"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_validate_and_reconcile_need_no_server() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a writable folder");
        path.display().to_string()
    };
    let invoice = write("invoice.xml", &samples::invoice("RE-7", "PO-7", HUNDRED));
    let order = write("order.json", &samples::order("PO-7").to_string());
    let full = write("full.json", &samples::receipt("GR-1", "PO-7", "100").to_string());
    let short = write("short.json", &samples::receipt("GR-1", "PO-7", "90").to_string());

    let extracted: Value =
        serde_json::from_str(&out(&run(&["extract", "--json", &invoice], &[]).await))
            .expect("JSON");
    assert_eq!(extracted["invoice"]["number"], "RE-7");
    assert_eq!(extracted["invoice"]["totals"]["gross"], "1190.00");
    let validated = run(&["validate", &invoice], &[]).await;
    assert!(
        validated.status.success() && out(&validated).contains("accepted"),
        "{}",
        out(&validated)
    );
    let broken = write(
        "broken.xml",
        &samples::invoice("RE-8", "PO-7", HUNDRED).replace(">1190.00<", ">1191.00<"),
    );
    let refused = run(&["validate", &broken], &[]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(out(&refused).contains("BR-CO-15"), "{}", out(&refused));

    let matched = run(&["reconcile", &invoice, "--order", &order, "--receipt", &full], &[]).await;
    assert_eq!(matched.status.code(), Some(0), "{}{}", out(&matched), err(&matched));
    let held = run(&["reconcile", &invoice, "--order", &order, "--receipt", &short], &[]).await;
    assert_eq!(held.status.code(), Some(1));
    assert!(
        out(&held).contains("QTY_RECEIVED") && out(&held).contains("10 too many"),
        "{}",
        out(&held)
    );
    let nothing = run(&["extract", "/no/such/file"], &[]).await;
    assert!(err(&nothing).contains("/no/such/file"), "{}", err(&nothing));
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_listed_shown_checked_and_explained() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a writable folder");
        path.display().to_string()
    };
    let listed = out(&run(&["policy", "list"], &[]).await);
    assert!(listed.contains("strict-three-way") && listed.contains("goods"), "{listed}");
    let shown = run(&["policy", "show", "strict-three-way"], &[]).await;
    let strict = write("strict.toml", &out(&shown));
    let bad = write("bad.toml", "version = \"1\"\nsmall_difference = \"-1\"\n");
    let checked = run(&["policy", "check", &strict, &bad], &[]).await;
    assert_eq!(checked.status.code(), Some(1));
    assert!(out(&checked).contains("version strict-three-way/1"), "{}", out(&checked));
    let fault = format!("{bad}:2:1: small_difference: must not be negative");
    assert!(err(&checked).contains(&fault), "{}", err(&checked));
    let schema: Value =
        serde_json::from_str(&out(&run(&["policy", "schema"], &[]).await)).expect("JSON");
    assert!(schema["properties"]["tolerances"].is_object(), "{schema}");
    let unknown = run(&["policy", "show", "strict"], &[]).await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("tolerant-low-value"), "{}", err(&unknown));

    let invoice = write("invoice.xml", &samples::invoice("RE-7", "PO-7", HUNDRED));
    let order = write("order.json", &samples::order("PO-7").to_string());
    let reconcile: [&str; 6] = ["reconcile", &invoice, "--order", &order, "--policy", &strict];
    let held = run(&reconcile, &[]).await;
    assert!(out(&held).contains("RECEIPT_MISSING"), "{}", out(&held));
    let explained = run(&[&reconcile[..], &["--explain-policy"][..]].concat(), &[]).await;
    assert_eq!(explained.status.code(), Some(1), "it is held all the same");
    let text = out(&explained);
    assert!(text.contains("three_way, from match_level (line "), "{text}");
    assert!(text.contains("from tolerances.UNIT_PRICE (line "), "{text}");
    let rows = run(&[&reconcile[..], &["--explain-policy", "--json"][..]].concat(), &[]).await;
    let rows: Value = serde_json::from_str(&out(&rows)).expect("JSON");
    assert_eq!(rows["policy_version"], "strict-three-way/1", "{rows}");
}

/// `dev` as a process, in a folder, on free ports.
struct Dev {
    child: Child,
    base: String,
}

impl Dev {
    fn start(folder: &Path, port: u16, more: &[&str]) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let folder = folder.display().to_string();
        let child = Command::new(BINARY)
            .args(["dev", "--listen", &listen, "--data-dir", &folder])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        Self { child, base: format!("http://{listen}") }
    }

    async fn ready(&self) {
        let client = Client::new();
        let url = format!("{}/readyz", self.base);
        eventually(async || match client.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(answer.text().await.unwrap_or_default()),
            Err(error) => Err(error.to_string()),
        })
        .await;
    }

    /// SIGTERM, then the exit code.
    async fn stop(mut self) -> Option<i32> {
        let id = self.child.id().expect("it runs").to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.expect("kill is there");
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        ended.expect("it stops within its deadline").expect("it ran").code()
    }

    /// What it says when it gives up by itself.
    async fn gives_up(self) -> (Option<i32>, String) {
        let output = tokio::time::timeout(harness::PATIENCE, self.child.wait_with_output()).await;
        let output = output.expect("it gives up").expect("it ran");
        (output.status.code(), err(&output))
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_brings_up_everything_and_its_state_survives_a_restart() {
    let folder = harness::fresh_folder("dev-restart");
    let port = free_port();
    let dev = Dev::start(&folder, port, &[]);
    dev.ready().await;
    let server = dev.base.clone();
    let file = folder.join("invoice.xml");
    std::fs::write(&file, samples::invoice("RE-1", "PO-1", HUNDRED)).expect("writable");
    let file = file.display().to_string();
    let first = run(&["submit", "--json", "--server", &server, &file], &[]).await;
    let first: Value = serde_json::from_str(&out(&first)).expect("JSON");
    assert_eq!(dev.stop().await, Some(0), "drained");

    let dev = Dev::start(&folder, port, &[]);
    dev.ready().await;
    let again = run(&["submit", "--json", "--server", &server, &file], &[]).await;
    let again: Value = serde_json::from_str(&out(&again)).expect("JSON");
    assert_eq!(again[0]["invoice"]["id"], first[0]["invoice"]["id"], "{again}");
    let order =
        Client::new().post(format!("{server}/purchase-orders")).json(&samples::order("PO-1"));
    assert_eq!(order.send().await.expect("an answer").status(), 201);
    let url = format!("{server}/invoices/{}", first[0]["invoice"]["id"].as_str().expect("an id"));
    eventually(async || {
        let text =
            Client::new().get(&url).send().await.expect("an answer").text().await.expect("text");
        if text.contains("\"approved\"") { Ok(()) } else { Err(text) }
    })
    .await;
    assert_eq!(dev.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn dev_refuses_a_second_start_a_busy_port_and_a_damaged_folder() {
    let folder = harness::fresh_folder("dev-refuses");
    let first = Dev::start(&folder, free_port(), &[]);
    first.ready().await;
    let busy = first.base.rsplit(':').next().expect("a port").parse().expect("a number");

    let (code, text) = Dev::start(&folder, free_port(), &[]).gives_up().await;
    assert!(
        code == Some(1) && text.contains("dev-refuses") && text.contains("in use by process"),
        "{text}"
    );
    let elsewhere = harness::fresh_folder("dev-elsewhere");
    let (code, text) = Dev::start(&elsewhere, busy, &[]).gives_up().await;
    assert!(code == Some(1) && text.contains("--listen"), "{text}");
    let (code, text) = Dev::start(&elsewhere, free_port(), &["--temporal-port", &busy.to_string()])
        .gives_up()
        .await;
    assert!(code == Some(1) && text.contains("--temporal-port"), "{text}");
    let (code, text) =
        Dev::start(&elsewhere, free_port(), &["--temporal-cli", "/no/such/temporal"])
            .gives_up()
            .await;
    assert!(code == Some(1) && text.contains("/no/such/temporal"), "{text}");
    assert_eq!(first.stop().await, Some(0));

    for (name, damaged) in [("dev-ledger", "ledger.db"), ("dev-temporal", "temporal.db")] {
        let folder = harness::fresh_folder(name);
        std::fs::write(folder.join(damaged), vec![b'x'; 8192]).expect("writable");
        let (code, text) = Dev::start(&folder, free_port(), &[]).gives_up().await;
        assert!(code == Some(1) && text.contains(damaged), "{name}: {text}");
    }
    let file = harness::fresh_folder("dev-file").join("file");
    std::fs::write(&file, "not a folder").expect("writable");
    let (code, text) = Dev::start(&file, free_port(), &[]).gives_up().await;
    assert!(code == Some(1) && text.contains("file"), "{text}");
}
