//! `dev --demo`: a small company that does not exist, loaded through the gateway's own routes, so
//! that what is seen is what happens.

mod company;
mod decisions;
mod documents;
mod pages;
mod statement;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use chrono::Utc;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Client, Method, StatusCode};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::cli::demo::company::{Company, Paper, Plot};
use crate::cli::demo::documents::{Made, made};
use crate::config::Settings;

/// Requests at once: enough to be quick, few enough to leave a clerk's click room.
const PARALLEL: usize = 8;

/// What comes to more than this waits for somebody's approval.
const TOUCHLESS_EUROS: i64 = 1_500;

/// An invoice rests within seconds; a machine that needs longer than this is too busy to show it.
const REST: Duration = Duration::from_secs(120);

/// How often an invoice is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Settings of a company that looks at larger amounts.
pub(super) fn prepare(settings: &mut Settings) {
    settings.policy.approval.touchless_up_to = Some(Decimal::from(TOUCHLESS_EUROS));
}

/// Loads it, unless there are invoices already.
pub(super) async fn load(base: String) {
    let began = Instant::now();
    match (Loader { base, client: Client::new() }).load().await {
        Ok(true) => {
            let seconds = began.elapsed().as_secs();
            tracing::info!(seconds, "the demo company is loaded");
        }
        Ok(false) => tracing::info!("the data folder has invoices already: no demo is loaded"),
        Err(error) => tracing::warn!(error = format!("{error:#}"), "the demo is loaded in part"),
    }
}

/// A caller of the gateway.
struct Loader {
    base: String,
    client: Client,
}

/// An invoice that was handed in.
struct Handed {
    /// Its path.
    path: String,
    number: String,
    plot: Plot,
    /// What the gateway says of it now.
    row: Value,
}

impl Loader {
    async fn load(&self) -> anyhow::Result<bool> {
        self.ready().await?;
        let known = self.get("/invoices?page_size=1").await?;
        if known["items"].as_array().is_none_or(|items| !items.is_empty()) {
            return Ok(false);
        }
        let today = Utc::now().date_naive();
        let company = Company::on(today);
        self.post_all("/suppliers", &company.suppliers).await?;
        self.post_all("/purchase-orders", &company.orders).await?;
        self.post_all("/receipts", &company.receipts).await?;
        // What repeats or replaces another must find it.
        let later = |paper: &&Paper| matches!(paper.plot, Plot::Twice | Plot::Corrected);
        let (later, first): (Vec<_>, Vec<_>) = company.papers.iter().partition(later);
        let mut handed = self.hand_in_all(&first).await?;
        for one in &mut handed {
            one.row = self.rested(&one.path).await?;
        }
        handed.extend(self.hand_in_all(&later).await?);
        tracing::info!(invoices = handed.len(), "the demo's invoices are handed in");
        self.decide(&mut handed).await?;
        self.pay(&handed, today).await?;
        Ok(true)
    }

    /// Waits for the worker: the company's invoices are to be read at once.
    async fn ready(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let asked = self.client.get(format!("{}/readyz", self.base)).send().await;
            if asked.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return Ok(());
            }
            if began.elapsed() > REST {
                bail!("the gateway is not ready after {REST:?}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn post_all(&self, path: &str, bodies: &[Value]) -> anyhow::Result<()> {
        let posts: Vec<_> = bodies.iter().map(|body| self.post(path, body)).collect();
        stream::iter(posts).buffered(PARALLEL).try_collect::<Vec<Value>>().await.map(drop)
    }

    async fn hand_in_all(&self, papers: &[&Paper]) -> anyhow::Result<Vec<Handed>> {
        let handed: Vec<_> = papers.iter().map(|paper| self.hand_in(paper)).collect();
        stream::iter(handed).buffered(PARALLEL).try_collect().await
    }

    async fn hand_in(&self, paper: &Paper) -> anyhow::Result<Handed> {
        let Made { media_type, mut bytes } = made(&paper.invoice, paper.form)?;
        if paper.plot == Plot::Broken {
            bytes.truncate(bytes.len() / 2);
        }
        let number = paper.invoice.number.clone().unwrap_or_default();
        let row = self.send(Method::POST, "/invoices", media_type, bytes).await?;
        let path = row["links"]["self"].as_str().context("a link")?.to_owned();
        Ok(Handed { path, number, plot: paper.plot, row })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, "application/json", Vec::new()).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, "application/json", body.to_string().into_bytes()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Value> {
        let key = uuid::Uuid::now_v7().to_string();
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.header("content-type", media_type).header("idempotency-key", key);
        let answer = request.body(body).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body).with_context(|| format!("the answer of {path}"))
    }
}
