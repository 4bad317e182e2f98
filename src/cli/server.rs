//! A running gateway, as the commands that talk to one see it.

use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::cli::exit::Failure;

/// Where the gateway is.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// Address of the gateway
    #[arg(
        long,
        env = "AP_GATEWAY_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    server: Url,
    /// API key or token, where the gateway asks for one: set the variable, a command line is seen
    /// by others
    #[arg(long, env = "AP_GATEWAY_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<SecretString>,
}

/// A connection is made within this time or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longer than the server's longest wait and upload deadline together.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// A stream says something every 15 seconds; after three times that its connection is dead.
const SILENCE_MAX: Duration = Duration::from_secs(45);

impl Server {
    /// A client with deadlines.
    ///
    /// # Errors
    /// A machine without usable TLS roots.
    pub fn client(&self) -> Result<Client, Failure> {
        let client = Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(ANSWER_TIMEOUT);
        let client = client.default_headers(self.login()?);
        client.build().context("cannot make an HTTP client").map_err(Failure::failed)
    }

    /// A client for answers that last: only silence ends them.
    ///
    /// # Errors
    /// A machine without usable TLS roots.
    pub fn streaming_client(&self) -> Result<Client, Failure> {
        let client = Client::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(SILENCE_MAX);
        let client = client.default_headers(self.login()?);
        client.build().context("cannot make an HTTP client").map_err(Failure::failed)
    }

    /// The JSON of an answer that is a success.
    ///
    /// # Errors
    /// Code 69 when nothing answers, or the gateway cannot do it now; code 1 when it refuses, with
    /// what the problem document says.
    pub async fn json(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.json().await;
        if status.is_success() {
            return body.context("the gateway did not answer with JSON").map_err(Failure::failed);
        }
        let text = anyhow!("refused: {}", problem_text(status, &body.unwrap_or_default()));
        let passes = status.is_server_error() && status != StatusCode::INTERNAL_SERVER_ERROR;
        Err(if passes { Failure::unavailable(text) } else { Failure::failed(text) })
    }

    fn login(&self) -> Result<HeaderMap, Failure> {
        let Some(key) = &self.key else {
            return Ok(HeaderMap::new());
        };
        let value = format!("Bearer {}", key.expose_secret()).parse::<HeaderValue>();
        let mut value = value.map_err(|_| {
            Failure::configuration(anyhow!("AP_GATEWAY_KEY holds what no header can carry"))
        })?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }

    /// The address of a path of the gateway.
    ///
    /// # Errors
    /// A base address that cannot carry a path.
    pub fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = self.server.join(path);
        url.with_context(|| format!("--server {} is no base address", self.server))
            .map_err(Failure::failed)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Code 69 when nothing answers; the message names the address and the remedy.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().await.map_err(|error| {
            let cause = innermost(&error);
            Failure::unavailable(anyhow!(
                "no gateway answers at {}: {cause}; start one with `ap-gateway dev`, or name it \
                 with --server",
                self.server
            ))
        })
    }
}

/// The last cause says what happened; the outer ones only that something did.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// What a problem document (RFC 9457) says, as one line.
pub fn problem_text(status: reqwest::StatusCode, body: &serde_json::Value) -> String {
    let text = |member: &str| body.get(member).and_then(serde_json::Value::as_str);
    let title = text("title").unwrap_or("no problem document came");
    let mut line = format!("{}: {title}", status.as_u16());
    if let Some(detail) = text("detail") {
        line.push_str(&format!(": {detail}"));
    }
    for fault in body.get("errors").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let member = |name: &str| fault.get(name).and_then(serde_json::Value::as_str);
        let place = member("pointer").or(member("parameter")).unwrap_or("body");
        line.push_str(&format!("; {place}: {}", member("detail").unwrap_or("refused")));
    }
    line
}
