//! Nothing accepted is lost: the gateway is killed while invoices are posted, Temporal goes away
//! and comes back, and each invoice exists once in the end.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ap_gateway::app::Role;
use futures::{StreamExt, stream};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{self, Gateway, eventually, send, try_send, unique};
use crate::samples::{self, Line};

/// What the issue asks for.
const INVOICES: usize = 200;

/// One piece of the order each, so that all of them together use it up.
const ONE: Line = Line { id: "1", quantity: "1", price: "10.00", net: "10.00" };

/// A gateway as a process of its own, which can be killed.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
}

impl Process {
    pub(crate) async fn start(folder: &Path, temporal: &str, task_queue: &str, port: u16) -> Self {
        let settings = folder.join("settings.toml");
        // The samples are alike on purpose.
        std::fs::write(&settings, "[policy]\nfuzzy_duplicates = false\n").expect("writable");
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log"));
        let child = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--log-format", "json"])
            .env("AP_GATEWAY_CONFIG", &settings)
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
async fn killed_ten_times_while_invoices_are_posted_it_has_each_once() {
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
    let posting = post_until_accepted(client.clone(), url.clone(), documents.clone());
    let killing = async {
        // The pauses are drawn, not tuned: a kill may fall anywhere in the life of a request.
        for _ in 0..10 {
            tokio::time::sleep(a_while()).await;
            process.kill().await;
            process = Process::start(folder.path(), temporal, &queue, port).await;
        }
        process
    };
    let (first, process) = tokio::join!(posting, killing);
    process.live(&client).await;
    let second = post_until_accepted(client.clone(), url, documents).await;
    assert_eq!(first, second, "the same posts again are the same invoices");
    assert_all_settled(&client, &process.base, &first).await;
    process.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_temporal_is_away_invoices_are_accepted_and_done_when_it_is_back() {
    let folder = harness::fresh_folder("temporal-away");
    let server = harness::start_temporal(folder.clone()).await;
    let (address, port) = (server.address().to_owned(), server.port());
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    let order = unique("PO");
    post_order(&gateway.client, &gateway.base, &order).await;
    let document = |n: usize| samples::invoice(&format!("RE-{n}"), &order, ONE);
    let url = format!("{}/invoices", gateway.base);
    let before: Vec<_> = (0..INVOICES / 2).map(document).collect();
    let mut ids = post_until_accepted(gateway.client.clone(), url.clone(), before).await;

    server.stop().await.expect("the server ends");
    let during: Vec<_> = (INVOICES / 2..INVOICES).map(document).collect();
    let started = std::time::Instant::now();
    let accepted = post_until_accepted(gateway.client.clone(), url, during).await;
    ids.extend(accepted);
    let ready = gateway.get("/readyz?exclude=temporal&exclude=worker").await;
    assert_eq!(ready.status, StatusCode::OK, "submissions flow: {}", ready.text());
    println!("accepted {} invoices without Temporal in {:?}", INVOICES / 2, started.elapsed());

    let server = harness::start_temporal_on(folder, Some(port)).await;
    assert_all_settled(&gateway.client, &gateway.base, &ids).await;
    gateway.stop().await;
    server.stop().await.expect("the server ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_starts_without_temporal_and_catches_up_when_it_comes() {
    let folder = harness::fresh_folder("temporal-late");
    let port = free_port();
    let address = format!("http://127.0.0.1:{port}");
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    assert_eq!(gateway.get("/livez").await.status, StatusCode::OK);
    assert_eq!(gateway.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
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

/// Up to 0.7 seconds, by chance.
pub(crate) fn a_while() -> Duration {
    let random = uuid::Uuid::now_v7().as_u128() as u64;
    Duration::from_millis(random % 700)
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
async fn post_until_accepted(client: Client, url: String, documents: Vec<String>) -> Vec<String> {
    let posts = documents.into_iter().map(|xml| {
        let (client, url) = (client.clone(), url.clone());
        async move {
            eventually(async || {
                let headers = [("content-type", "application/xml")];
                let body = xml.clone().into_bytes();
                let answer = try_send(&client, Method::POST, &url, &headers, body).await;
                let answer = answer.map_err(|error| error.to_string())?;
                if !answer.status.is_success() {
                    return Err(answer.text());
                }
                Ok(answer.json()["id"].as_str().expect("an id").to_owned())
            })
            .await
        }
    });
    stream::iter(posts).buffered(8).collect().await
}

/// All are approved, each number once, and together they used the order up exactly.
async fn assert_all_settled(client: &Client, base: &str, ids: &[String]) {
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), INVOICES, "each its own id");
    let url = format!("{base}/invoices?page_size=200");
    let items = eventually(async || {
        let page = send(client, Method::GET, &url, &[], Vec::new()).await.json();
        let items = page["items"].as_array().expect("items").clone();
        let open = items.iter().filter(|item| item["status"] != "approved").count();
        if open == 0 { Ok(items) } else { Err(format!("{open} of {} are open", items.len())) }
    })
    .await;
    let listed: BTreeSet<_> = items.iter().map(|item| item["id"].as_str().expect("id")).collect();
    assert_eq!(listed, ids.iter().map(String::as_str).collect(), "none lost, none twice");
    let number = |item: &Value| item["number"].as_str().expect("a number").to_owned();
    assert_eq!(items.iter().map(number).collect::<BTreeSet<_>>().len(), INVOICES);
}
