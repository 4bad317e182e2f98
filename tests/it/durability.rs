//! Nothing accepted is lost: the gateway is killed while invoices are posted, Temporal goes away
//! and comes back, and each invoice exists once in the end.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use ap_gateway::app::Role;
use ap_gateway::models::refs::InvoiceId;
use futures::{StreamExt, stream};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{self, Gateway, PATIENCE, eventually, send, try_send, unique, within};
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
    post_order(&client, &process.base, &order).await;

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
            let enough = drawn(kill * part..(kill + 1) * part);
            let what = format!("{enough} are accepted");
            within(PATIENCE, &what, async || (accepted.load(Relaxed) >= enough).then_some(()))
                .await;
            process.kill().await;
            process = Process::start(folder.path(), temporal, &queue, port).await;
        }
        process
    };
    let (first, process) = tokio::join!(posting, killing);
    process.live(&client).await;
    let second = post_until_accepted(&client, &url, &documents, &accepted).await;
    assert_eq!(first, second, "the same posts again are the same invoices");
    assert_all_settled(&client, &process.base, &first).await;
    assert_eq!(runs(&client, &process.base, &first).await, INVOICES, "one run each");
    process.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_04_while_temporal_is_away_invoices_are_accepted_and_done_when_it_is_back() {
    let folder = harness::fresh_folder("temporal-away");
    let server = harness::start_temporal(folder.clone()).await;
    let (address, port) = (server.address().to_owned(), server.port());
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    let order = unique("PO");
    post_order(&gateway.client, &gateway.base, &order).await;
    let document = |n: usize| samples::invoice(&format!("RE-{n}"), &order, ONE);
    let url = format!("{}/invoices", gateway.base);
    let before: Vec<_> = (0..INVOICES / 2).map(document).collect();
    let accepted = AtomicUsize::new(0);
    let mut ids = post_until_accepted(&gateway.client, &url, &before, &accepted).await;

    server.stop().await.expect("the server ends");
    let during: Vec<_> = (INVOICES / 2..INVOICES).map(document).collect();
    let started = std::time::Instant::now();
    ids.extend(post_until_accepted(&gateway.client, &url, &during, &accepted).await);
    let ready = gateway.get("/readyz?exclude=temporal&exclude=worker").await;
    assert_eq!(ready.status, StatusCode::OK, "submissions flow: {}", ready.text());
    println!("accepted {} invoices without Temporal in {:?}", during.len(), started.elapsed());
    refused_with_a_time(&gateway).await;

    let server = harness::start_temporal_on(folder, Some(port)).await;
    within(Duration::from_secs(10), "it is well again", async || {
        let headers = [("prefer", "wait=1")];
        let pinged = gateway.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await;
        (pinged.status == StatusCode::OK).then_some(())
    })
    .await;
    assert_all_settled(&gateway.client, &gateway.base, &ids).await;
    gateway.stop().await;
    server.stop().await.expect("the server ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_05_a_gateway_starts_without_temporal_and_catches_up_when_it_comes() {
    let folder = harness::fresh_folder("temporal-late");
    let port = free_port();
    let address = format!("http://127.0.0.1:{port}");
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    assert_eq!(gateway.get("/livez").await.status, StatusCode::OK);
    assert_eq!(gateway.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let without = "/readyz?exclude=temporal&exclude=worker";
    eventually(async || match gateway.get(without).await {
        answer if answer.status == StatusCode::OK => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    let order = unique("PO");
    post_order(&gateway.client, &gateway.base, &order).await;
    let xml = samples::invoice("RE-1", &order, ONE).into_bytes();
    let headers = [("content-type", "application/xml")];
    let answer = gateway.send(Method::POST, "/invoices", &headers, xml).await;
    let id = answer.expect(StatusCode::ACCEPTED).json()["id"].as_str().expect("an id").to_owned();

    let server = harness::start_temporal_on(folder, Some(port)).await;
    gateway.invoice_when(&id, |invoice| invoice["status"] == "approved").await;
    eventually(async || match gateway.get("/readyz").await {
        answer if answer.status == StatusCode::OK => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    gateway.stop().await;
    server.stop().await.expect("the server ends");
}

/// What needs Temporal says so, and when to come again.
async fn refused_with_a_time(gateway: &Gateway) {
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}});
    let nothing = json!({});
    for (target, body) in [("/reconciliations", &case), ("/workflows/ping", &nothing)] {
        let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
        let answer = gateway.send(Method::POST, target, &headers, body.to_string().into()).await;
        assert!([503, 504].contains(&answer.status.as_u16()), "{target}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{target}");
    }
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

async fn post_order(client: &Client, base: &str, number: &str) {
    let line =
        json!({"id": "1", "quantity": INVOICES.to_string(), "unit_price": "10.00", "unit": "C62"});
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

/// All are approved, each number once, and together they used the order up exactly.
async fn assert_all_settled(client: &Client, base: &str, ids: &[String]) {
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), INVOICES, "each its own id");
    // Five hundred take as long as the machine needs; what must not happen is that none ends.
    let (mut open, mut items) = (INVOICES + 1, Vec::new());
    while open > 0 {
        (open, items) = eventually(async || {
            let items = all_invoices(client, base).await;
            let left = items.iter().filter(|item| item["status"] != "approved").count();
            if left < open { Ok((left, items)) } else { Err(format!("{left} are still open")) }
        })
        .await;
    }
    let listed: BTreeSet<_> = items.iter().map(|item| item["id"].as_str().expect("id")).collect();
    assert_eq!(listed, ids.iter().map(String::as_str).collect(), "none lost, none twice");
    assert_eq!(items.len(), INVOICES);
    let number = |item: &Value| item["number"].as_str().expect("a number").to_owned();
    assert_eq!(items.iter().map(number).collect::<BTreeSet<_>>().len(), INVOICES);
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

/// How many of these invoices have their run; their ids allow no second one.
async fn runs(client: &Client, base: &str, ids: &[String]) -> usize {
    let mut found = 0;
    for id in ids {
        let workflow = InvoiceId::parse(id).expect("an id").workflow_id();
        let url = format!("{base}/workflows/{workflow}");
        let run = send(client, Method::GET, &url, &[], Vec::new()).await;
        found += usize::from(run.status == StatusCode::OK);
    }
    found
}
