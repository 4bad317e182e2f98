//! Nothing accepted is lost: the gateway is killed while invoices are posted, Temporal goes away
//! and comes back, and each invoice exists once in the end.

mod away;
pub(crate) mod counted;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use futures::{StreamExt, stream};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::durability::counted::assert_runs;
use crate::harness::{self, PATIENCE, eventually, send, try_send, unique, within};
use crate::samples::{self, Line};

/// What the acceptance list asks for: so many submissions, so many at a time.
const INVOICES: usize = 500;
const AT_ONCE: usize = 50;
const KILLS: usize = 10;

/// One piece of the order each, so that all of them together use it up.
const ONE: Line = Line { id: "1", quantity: "1", price: "10.00", net: "10.00" };

/// A gateway as a process of its own, which can be killed.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
}

impl Process {
    pub(crate) async fn start(folder: &Path, temporal: &str, task_queue: &str, port: u16) -> Self {
        Self::start_as("all", folder, temporal, task_queue, port).await
    }

    /// In a role of its own.
    pub(crate) async fn start_as(
        role: &str,
        folder: &Path,
        temporal: &str,
        task_queue: &str,
        port: u16,
    ) -> Self {
        let settings = folder.join("settings.toml");
        // The samples are alike on purpose.
        let text = "[policy]\nfuzzy_duplicates = false\n[webhooks]\nretry_seconds = [1, 1, 1, 1]\n";
        std::fs::write(&settings, text).expect("writable");
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log"));
        let child = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
            .args(["serve", "--role", role, "--listen", &format!("127.0.0.1:{port}")])
            .args(["--log-format", "json"])
            .env("AP_GATEWAY_CONFIG", &settings)
            .env("AP_GATEWAY_WEBHOOK_NETWORKS", "127.0.0.0/8")
            .env("TEMPORAL_ADDRESS", temporal)
            .env("AP_GATEWAY_TASK_QUEUE", task_queue)
            .env("AP_GATEWAY_LEDGER_URL", format!("sqlite:{}", folder.join("ledger.db").display()))
            .env("AP_GATEWAY_ARTIFACTS", folder.join("artifacts"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a writable folder"))
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        Self { child, base: format!("http://127.0.0.1:{port}") }
    }

    pub(crate) async fn live(&self, client: &Client) {
        let url = format!("{}/livez", self.base);
        eventually(async || match client.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it was running");
    }
}

/// A free port, to be taken by a process that is started many times.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_01_killed_ten_times_while_invoices_are_posted_it_has_each_once() {
    let folder = TempDir::new().expect("a folder");
    let (temporal, queue) = (harness::temporal_address(), unique("kill"));
    let (port, order) = (free_port(), unique("PO"));
    let client = Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    let mut process = Process::start(folder.path(), temporal, &queue, port).await;
    process.live(&client).await;
    post_order(&client, &process.base, &order, INVOICES).await;

    let documents: Vec<_> =
        (0..INVOICES).map(|n| samples::invoice(&format!("RE-{n}"), &order, ONE)).collect();
    let url = format!("{}/invoices", process.base);
    let accepted = AtomicUsize::new(0);
    let posting = post_until_accepted(&client, &url, &documents, &accepted);
    let killing = async {
        // Fifty requests are on their way when so many were accepted: in each, a kill may fall
        // anywhere.
        for kill in 0..KILLS {
            let part = INVOICES / (KILLS + 1);
            are_accepted(&accepted, drawn(kill * part..(kill + 1) * part)).await;
            process.kill().await;
            process = Process::start(folder.path(), temporal, &queue, port).await;
        }
        process
    };
    let (first, process) = tokio::join!(posting, killing);
    process.live(&client).await;
    let second = post_until_accepted(&client, &url, &documents, &accepted).await;
    assert_eq!(first, second, "the same posts again are the same invoices");
    assert_all_settled(&client, &process.base, &first, &[]).await;
    assert_kept_as_sent(&client, &process.base, &first, &documents).await;
    let at_temporal = counted::client(temporal).await;
    assert_runs(&at_temporal, &queue, "InvoiceWorkflow", INVOICES).await;
    process.kill().await;
}

/// One of these numbers, by chance.
fn drawn(range: Range<usize>) -> usize {
    let random = uuid::Uuid::now_v7().as_u128() as usize;
    range.start + random % range.len()
}

/// Asks for a page a drawn number of times, so that what comes next may fall anywhere.
pub(crate) async fn look_some_times(client: &Client, url: &str) {
    for _ in 0..drawn(1..80) {
        let answer = send(client, Method::GET, url, &[], Vec::new()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

/// Waits until so many are accepted.
async fn are_accepted(accepted: &AtomicUsize, enough: usize) {
    let what = format!("{enough} are accepted");
    within(PATIENCE, &what, async || (accepted.load(Relaxed) >= enough).then_some(())).await;
}

async fn post_order(client: &Client, base: &str, number: &str, pieces: usize) {
    let line =
        json!({"id": "1", "quantity": pieces.to_string(), "unit_price": "10.00", "unit": "C62"});
    let order = json!({"number": number, "currency": "EUR", "lines": [line]}).to_string();
    let headers = [("content-type", "application/json")];
    let url = format!("{base}/purchase-orders");
    let answer = send(client, Method::POST, &url, &headers, order.into()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
}

/// Posts each document until it is accepted, as a careful client does; answers ids in order.
async fn post_until_accepted(
    client: &Client,
    url: &str,
    documents: &[String],
    accepted: &AtomicUsize,
) -> Vec<String> {
    let posts = documents.iter().map(|xml| async move {
        let number = xml.split("<cbc:ID>").nth(1).and_then(|rest| rest.split('<').next());
        let key = format!("erp-{}", number.expect("a number"));
        eventually(async || {
            let headers = [("content-type", "application/xml"), ("idempotency-key", &key)];
            let body = xml.clone().into_bytes();
            let answer = try_send(client, Method::POST, url, &headers, body).await;
            let answer = answer.map_err(|error| error.to_string())?;
            if !answer.status.is_success() {
                return Err(answer.text());
            }
            accepted.fetch_add(1, Relaxed);
            Ok(answer.json()["id"].as_str().expect("an id").to_owned())
        })
        .await
    });
    stream::iter(posts).buffered(AT_ONCE).collect().await
}

/// All of these are approved and are what was sent: `RE-0` is the first of them, and so on. Besides
/// `others` there are no more.
async fn assert_all_settled(client: &Client, base: &str, ids: &[String], others: &[&str]) {
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each its own id");
    // Hundreds take as long as the machine needs; what must not happen is that none ends.
    let (mut open, mut items) = (ids.len() + 1, Vec::new());
    while open > 0 {
        (open, items) = eventually(async || {
            let mut items = all_invoices(client, base).await;
            items.retain(|item| !others.contains(&item["id"].as_str().expect("an id")));
            let left = items.iter().filter(|item| item["status"] != "approved").count();
            if left < open { Ok((left, items)) } else { Err(format!("{left} are still open")) }
        })
        .await;
    }
    assert_eq!(items.len(), ids.len(), "none twice, and none that nobody sent");
    let by_id: BTreeMap<_, _> =
        items.iter().map(|item| (item["id"].as_str().expect("an id"), item)).collect();
    for (number, id) in ids.iter().enumerate() {
        let item = by_id.get(id.as_str()).unwrap_or_else(|| panic!("{id} is lost"));
        assert_eq!(item["number"], format!("RE-{number}"), "{id}");
    }
}

/// Each document is kept, byte by byte, under the id that was answered for it.
async fn assert_kept_as_sent(client: &Client, base: &str, ids: &[String], documents: &[String]) {
    let looks = ids.iter().zip(documents).map(|(id, document)| async move {
        let url = format!("{base}/invoices/{id}/document");
        let kept = send(client, Method::GET, &url, &[], Vec::new()).await;
        assert_eq!(kept.text(), *document, "{id}");
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).for_each(|()| async {}).await;
}

/// The whole list, page by page.
async fn all_invoices(client: &Client, base: &str) -> Vec<Value> {
    let (mut items, mut token) = (Vec::new(), String::new());
    loop {
        let url = format!("{base}/invoices?page_size=200{token}");
        let page = send(client, Method::GET, &url, &[], Vec::new()).await.json();
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => return items,
        }
    }
}
