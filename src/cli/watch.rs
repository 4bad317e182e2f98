//! `watch`: what happens to an invoice, as it happens. A broken connection is made again, and goes
//! on behind the last event.

mod events;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use futures::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::get::{id, path, plain};
use crate::cli::say::{say, show, shown};
use crate::cli::server::Server;
use crate::cli::watch::events::{Event, Events};
use crate::models::status::InvoiceStatus;

/// Follow an invoice until it is over
#[derive(Debug, Args)]
pub struct Options {
    /// The invoice
    #[arg(value_parser = id)]
    id: String,
    #[command(flatten)]
    server: Server,
    /// Begin behind this revision; 0 is the beginning [default: where it stands]
    #[arg(long, value_name = "REVISION")]
    since: Option<u64>,
    /// Stop as soon as it is in one of these states, held,approved; exit code 1 when it ends in
    /// another
    #[arg(long, value_name = "STATES", value_delimiter = ',', value_parser = states())]
    until: Vec<String>,
    /// Give up after so many seconds, with exit code 1 [default: never]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Print each event as one line of JSON
    #[arg(long)]
    json: bool,
}

fn states() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(InvoiceStatus::ALL.map(InvoiceStatus::as_str))
}

/// The type of a stream of events.
const STREAM: &str = "text/event-stream";

/// A gateway that stays away this long is given up.
const AWAY_MAX: Duration = Duration::from_secs(300);

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Why a connection ended.
enum Ended {
    /// The invoice came to where it was awaited.
    There,
    /// The invoice is over: there is nothing more to see.
    Over,
    /// It broke, or the gateway closed it: go on.
    Broken,
}

/// # Errors
/// No gateway; no such invoice; out of time; an end elsewhere than it was awaited.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let limit = options.timeout.map(Duration::from_secs);
    let watching = Watch::new(options)?.follow();
    match limit {
        None => watching.await,
        Some(limit) => tokio::time::timeout(limit, watching).await.unwrap_or_else(|_| {
            let seconds = limit.as_secs();
            Err(Failure::failed(anyhow!("not there after {seconds} s")))
        }),
    }
}

struct Watch {
    options: Options,
    client: Client,
    last: Option<String>,
    status: Option<String>,
    pause: Duration,
}

impl Watch {
    fn new(options: Options) -> Result<Self, Failure> {
        let client = options.server.streaming_client()?;
        let last = options.since.map(|revision| revision.to_string());
        Ok(Self { options, client, last, status: None, pause: Duration::ZERO })
    }

    async fn follow(mut self) -> Result<ExitCode, Failure> {
        let mut seen_at = Instant::now();
        let mut connected = false;
        loop {
            match self.connect().await {
                Ok(response) => {
                    (connected, seen_at) = (true, Instant::now());
                    match self.read(response).await {
                        Ended::There => return Ok(ExitCode::SUCCESS),
                        Ended::Over => return self.judge().await,
                        Ended::Broken => {}
                    }
                }
                Err(failure) if !connected || !failure.may_pass() => return Err(failure),
                Err(failure) if seen_at.elapsed() > AWAY_MAX => return Err(failure),
                Err(_) => {}
            }
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause * 2).clamp(Duration::from_secs(1), PAUSE_MAX);
        }
    }

    async fn connect(&self) -> Result<Response, Failure> {
        let url = self.options.server.url(&format!("{}/events", path(&self.options.id)))?;
        let mut request = self.client.get(url).header(ACCEPT, STREAM);
        if let Some(last) = &self.last {
            request = request.header("last-event-id", last);
        }
        let response = self.options.server.send(request).await?;
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_stream = kind.is_some_and(|kind| kind.starts_with(STREAM));
        if (status.is_success() && is_stream) || status == StatusCode::NO_CONTENT {
            return Ok(response);
        }
        let body: Value = response.json().await.unwrap_or_default();
        if status == StatusCode::NOT_FOUND && body["title"].is_string() {
            return Err(Failure::failed(anyhow!(self.absent())));
        }
        let refusal = self.options.server.refusal(status, &body);
        let text = anyhow!("the gateway shows no events: {refusal}");
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Err(if passes { Failure::unavailable(text) } else { Failure::failed(text) })
    }

    /// Whether an end is the one that was awaited.
    async fn judge(&self) -> Result<ExitCode, Failure> {
        let until = &self.options.until;
        let status = match &self.status {
            _ if until.is_empty() => return Ok(ExitCode::SUCCESS),
            Some(status) => status.clone(),
            None => self.standing().await?,
        };
        if until.contains(&status) {
            return Ok(ExitCode::SUCCESS);
        }
        let (status, until) = (shown(&status), until.join(" or "));
        Err(Failure::failed(anyhow!("it is {status}, and did not come to {until}")))
    }

    /// Who begins behind the last event hears of none: the invoice itself says where it stands.
    async fn standing(&self) -> Result<String, Failure> {
        let server = &self.options.server;
        let request = self.client.get(server.url(&path(&self.options.id))?);
        let invoice = server.thing(request, &self.absent()).await?;
        Ok(invoice["status"].as_str().unwrap_or("over").to_owned())
    }

    fn absent(&self) -> String {
        format!("no invoice {}", shown(&self.options.id))
    }

    async fn read(&mut self, response: Response) -> Ended {
        if response.status() == StatusCode::NO_CONTENT {
            return Ended::Over;
        }
        let mut events = Events::default();
        let mut bytes = response.bytes_stream();
        while let Some(Ok(part)) = bytes.next().await {
            for event in events.take(&part) {
                self.pause = Duration::ZERO;
                if event.id.is_some() {
                    self.last.clone_from(&event.id);
                }
                self.tell(&event);
                let status = event.data["to"].as_str().or(event.data["status"].as_str());
                if let Some(status) = status {
                    self.status = Some(status.to_owned());
                    if self.options.until.iter().any(|wanted| wanted == status) {
                        return Ended::There;
                    }
                }
                if event.name == "closed" {
                    return Ended::Over;
                }
            }
        }
        Ended::Broken
    }

    fn tell(&self, event: &Event) {
        if event.name == "drain" {
            return;
        }
        if self.options.json {
            say(json!({"event": event.name, "data": event.data}));
        } else {
            show(shown(&sentence(event)));
        }
    }
}

/// `10:02:11 revision 6 status: held to approval`.
fn sentence(event: &Event) -> String {
    let data = &event.data;
    let text = |member: &str| data[member].as_str().map(str::to_owned);
    let at = text("at").and_then(|at| at.get(11..19).map(str::to_owned));
    let at = at.unwrap_or_else(|| "now".to_owned());
    let mut said = Vec::new();
    match (text("from"), text("to"), text("status")) {
        (Some(from), Some(to), _) => said.push(format!("{from} to {to}")),
        (None, Some(state), _) | (_, _, Some(state)) => said.push(state),
        _ => {}
    }
    said.extend(text("action").map(|action| format!("{action} by {}", plain(&data["by"]))));
    said.extend(data["attention"]["text"].as_str().map(str::to_owned));
    if let Some(holds) = data["holds"].as_array().filter(|holds| !holds.is_empty()) {
        said.push(format!("holds: {}", plain(&json!(holds))));
    }
    format!("{at:<8}  {:>4}  {:<9}  {}", data["revision"], event.name, said.join(", "))
}
