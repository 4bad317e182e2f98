//! A running gateway, as the commands that talk to one see it.

mod address;
mod problem;
mod trouble;

use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::cli::exit::Failure;
use crate::cli::server::address::{Address, AddressParser};
use crate::cli::server::problem::is_problem;

pub use crate::cli::server::problem::problem_text;
pub(super) use crate::cli::server::trouble::innermost;

/// Where the gateway is.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// Address of the gateway: http or https, with the path where a proxy has it below one
    #[arg(
        long,
        env = "AP_GATEWAY_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080",
        value_name = "URL",
        value_parser = AddressParser
    )]
    server: Address,
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
        let (status, body) = self.answer(request).await?;
        self.success(status, body)
    }

    /// As [`Self::json`], for one thing: `absent` says what is not there when it is not.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn thing(&self, request: RequestBuilder, absent: &str) -> Result<Value, Failure> {
        let (status, body) = self.answer(request).await?;
        if status == StatusCode::NOT_FOUND && is_problem(&body) {
            return Err(Failure::failed(anyhow!("{absent} (404 from {})", self.server)));
        }
        self.success(status, body)
    }

    /// Status and JSON of an answer; null where it is none.
    ///
    /// # Errors
    /// Code 69 when nothing answers, or the answer breaks off.
    pub async fn answer(&self, request: RequestBuilder) -> Result<(StatusCode, Value), Failure> {
        let response = self.send(request).await?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| {
            let cause = innermost(&error);
            Failure::unavailable(anyhow!("the answer of {} broke off: {cause}", self.server))
        })?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    fn success(&self, status: StatusCode, body: Value) -> Result<Value, Failure> {
        if status.is_success() && !body.is_null() {
            return Ok(body);
        }
        let text = anyhow!("refused: {}", self.refusal(status, &body));
        let passes = status.is_server_error() && status != StatusCode::INTERNAL_SERVER_ERROR;
        Err(if passes { Failure::unavailable(text) } else { Failure::failed(text) })
    }

    /// What a refusal says, with what to do about it where only this side can know that.
    pub fn refusal(&self, status: StatusCode, body: &Value) -> String {
        if !is_problem(body) {
            let said = "came without a document of ours: name a gateway with --server";
            return format!("what answers at {} is no gateway: {status} {said}", self.server);
        }
        let text = problem_text(status, body);
        match self.key() {
            _ if status != StatusCode::UNAUTHORIZED => text,
            None => format!("{text}; set AP_GATEWAY_KEY or --key"),
            Some(_) => format!(
                "{text}; the key was not taken: it may be mistyped, of another gateway, revoked, or \
                 outside of its time (`ap-gateway keys list`)"
            ),
        }
    }

    /// An empty variable is none.
    fn key(&self) -> Option<&SecretString> {
        self.key.as_ref().filter(|key| !key.expose_secret().is_empty())
    }

    fn login(&self) -> Result<HeaderMap, Failure> {
        let Some(key) = self.key() else {
            return Ok(HeaderMap::new());
        };
        let value = format!("Bearer {}", key.expose_secret()).parse::<HeaderValue>();
        let mut value = value.map_err(|_| {
            Failure::configuration(anyhow!("AP_GATEWAY_KEY holds what no header can carry"))
        })?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }

    /// The address of a path of the gateway, such as a link in an answer.
    ///
    /// # Errors
    /// What is no path of it.
    pub fn url(&self, path: &str) -> Result<Url, Failure> {
        self.server.at(path).map_err(Failure::failed)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Code 69 when nothing answers; the message names the address and the remedy.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let told = |error| Failure::unavailable(anyhow!(trouble::told(&self.server, &error)));
        request.send().await.map_err(told)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use reqwest::StatusCode;
    use serde_json::json;

    use super::Server;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        server: Server,
    }

    fn server(arguments: &[&str]) -> Server {
        let line = ["test", "--server", "http://127.0.0.1:1"].iter().chain(arguments);
        Line::try_parse_from(line).expect("a command line").server
    }

    #[test]
    fn a_refused_login_says_what_is_missing() {
        let body = json!({"title": "Not logged in"});
        let refusal = |key: &str| server(&["--key", key]).refusal(StatusCode::UNAUTHORIZED, &body);
        assert_eq!(refusal(""), "401: Not logged in; set AP_GATEWAY_KEY or --key");
        let taken = refusal("canary");
        assert!(taken.contains("the key was not taken: ") && !taken.contains("canary"), "{taken}");
        let missing = server(&["--key", "x"]).refusal(StatusCode::FORBIDDEN, &body);
        assert_eq!(missing, "403: Not logged in");
    }

    #[test]
    fn what_is_no_gateway_is_called_so_with_its_address() {
        let refusal = server(&[]).refusal(StatusCode::NOT_FOUND, &json!({"message": "nginx"}));
        let wanted = "what answers at http://127.0.0.1:1 is no gateway: 404 Not Found";
        assert!(refusal.starts_with(wanted) && refusal.contains("--server"), "{refusal}");
    }

    #[test]
    fn a_password_in_the_address_is_not_repeated() {
        let line = ["test", "--server", "http://anna:hunter2@127.0.0.1"];
        let refused = Line::try_parse_from(line).expect_err("refused");
        assert_eq!(refused.exit_code(), 2);
        let text = refused.render().to_string();
        assert!(text.contains("password") && text.ends_with('\n'), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("anna"), "{text}");
    }
}
