//! One connection to Temporal, or why there is none, in words that lead somewhere.

use std::error::Error;
use std::time::Duration;

use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::{Code, Status};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_common::telemetry::metrics::TemporalMeter;
use tokio::time::timeout;

use crate::config;

/// Why there is no connection. No text holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The address answers that nobody is there.
    #[error("nothing listens at {0}; start Temporal, or correct TEMPORAL_ADDRESS")]
    NothingListens(String),
    /// The name has no address.
    #[error("the name in {0} does not resolve; correct TEMPORAL_ADDRESS")]
    UnknownHost(String),
    /// No answer at all.
    #[error("{0} did not answer in {1:?}; is a firewall between, or is it another service?")]
    Silent(String, Duration),
    /// Something answers, but not in gRPC.
    #[error(
        "{0} does not speak gRPC; is it the port of the UI or of the HTTP API (7233 is usual), or \
         does it want TLS?"
    )]
    NotGrpc(String),
    /// The server speaks TLS otherwise than we do, or one side does not trust the other.
    #[error("no TLS with {address}: {reason}; look at TEMPORAL_TLS and TEMPORAL_TLS_*")]
    Tls {
        /// Where.
        address: String,
        /// What the TLS library says.
        reason: String,
    },
    /// The server does not take our API key or certificate.
    #[error("{0} refused our credential; look at TEMPORAL_API_KEY or TEMPORAL_TLS_CLIENT_*")]
    Credentials(String),
    /// A setting that cannot work.
    #[error("the settings for {address} cannot work: {reason}")]
    Settings {
        /// Where.
        address: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Anything else.
    #[error("no connection to {address}: {reason}")]
    Other {
        /// Where.
        address: String,
        /// What was said.
        reason: String,
    },
}

/// Chooses the cryptography of all TLS of the process. To be called before anything connects; a
/// choice that was made before stays.
pub fn install_crypto() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// Connects, once and within `limit`. The SDK's connect does not retry, and its own time-out does
/// not cover the first call.
///
/// # Errors
/// Why there is no connection.
pub async fn connect(
    settings: &config::Temporal,
    meter: Option<TemporalMeter>,
    limit: Duration,
) -> Result<Client, ConnectError> {
    let mut options = settings.options();
    options.metrics_meter = meter;
    connect_with(settings, options, limit).await
}

/// As [`connect`], by these options.
pub(crate) async fn connect_with(
    settings: &config::Temporal,
    options: ConnectionOptions,
    limit: Duration,
) -> Result<Client, ConnectError> {
    let address = settings.address();
    let connection = match timeout(limit, Connection::connect(options)).await {
        Ok(connected) => connected.map_err(|error| classify(address, &error))?,
        Err(_) => return Err(ConnectError::Silent(address.to_owned(), limit)),
    };
    let namespaced = ClientOptions::new(settings.namespace.clone()).build();
    Client::new(connection, namespaced).map_err(|error| ConnectError::Settings {
        address: address.to_owned(),
        reason: error.to_string(),
    })
}

/// The SDK's errors are dumps of several libraries; what they mean was tried out case by case.
fn classify(address: &str, error: &ClientConnectError) -> ConnectError {
    let place = address.to_owned();
    match error {
        ClientConnectError::DnsResolutionError { .. } => ConnectError::UnknownHost(place),
        ClientConnectError::SystemInfoCallError(status) => of_status(place, status),
        ClientConnectError::TonicTransportError(error) => of_text(place, &chain(error)),
        // Not their texts: an ill-formed header may be the API key's.
        _ => ConnectError::Settings {
            address: place,
            reason: "address or headers are malformed".to_owned(),
        },
    }
}

fn of_status(address: String, status: &Status) -> ConnectError {
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => ConnectError::Credentials(address),
        // It hung up in the middle of the first call. Over TLS that is how a server asks for a
        // client certificate, and how it refuses one.
        Code::Cancelled if address.starts_with("https") => ConnectError::Tls {
            address,
            reason: "the server hung up; it may want a client certificate, or another than it got"
                .to_owned(),
        },
        Code::Cancelled => ConnectError::NotGrpc(address),
        Code::Unimplemented => ConnectError::NotGrpc(address),
        _ => of_text(address, &format!("{}: {}", status.message(), chain(status))),
    }
}

fn of_text(address: String, text: &str) -> ConnectError {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["connection refused"]) {
        ConnectError::NothingListens(address)
    } else if says(&["dns error", "failed to lookup address", "name or service not known"]) {
        ConnectError::UnknownHost(address)
    } else if says(&["elapsed", "timed out", "timeout expired", "deadline"]) {
        ConnectError::Other { address, reason: "it did not answer in time".to_owned() }
    } else if says(&["corrupt message"]) {
        ConnectError::Tls { address, reason: "it answers, but without TLS".to_owned() }
    } else if says(&["certificate", "tls", "invalidmessage", "handshake", "alert"]) {
        ConnectError::Tls { address, reason: text.to_owned() }
    } else if says(&["h2 protocol", "frame", "http2", "invalid compression", "content-type"]) {
        ConnectError::NotGrpc(address)
    } else {
        ConnectError::Other { address, reason: text.to_owned() }
    }
}

/// The error and its causes, each once: the outer one often only says what was being done.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ConnectError, connect};
    use crate::config;
    use std::time::Duration;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(3);

    fn settings(pairs: &[(&str, &str)]) -> config::Temporal {
        let pairs = pairs.iter();
        let environment = pairs.map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        config::Temporal::load(&Default::default(), &environment.collect()).expect("settings")
    }

    async fn refusal(address: &str) -> ConnectError {
        let settings = settings(&[("TEMPORAL_ADDRESS", address)]);
        match connect(&settings, None, LIMIT).await {
            Ok(_) => panic!("connected to {address}"),
            Err(error) => error,
        }
    }

    #[tokio::test]
    async fn nothing_there_and_nobody_of_that_name_are_told_apart() {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        for host in ["127.0.0.1", "localhost"] {
            let error = refusal(&format!("http://{host}:{port}")).await;
            assert!(matches!(error, ConnectError::NothingListens(_)), "{error:?}");
        }
        let error = refusal("http://no-such-host.invalid:7233").await;
        assert!(matches!(error, ConnectError::UnknownHost(_)), "{error:?}");
    }

    #[tokio::test]
    async fn another_service_on_the_port_is_named() {
        let other = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = other.local_addr().expect("an address").port();
        let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        let served = tokio::spawn(async move {
            while let Ok((mut stream, _)) = other.accept().await {
                let _ = stream.write_all(answer).await;
            }
        });
        let error = refusal(&format!("http://127.0.0.1:{port}")).await;
        assert!(matches!(error, ConnectError::NotGrpc(_)), "{error:?}");
        let error = refusal(&format!("https://127.0.0.1:{port}")).await;
        assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
        served.abort();
    }

    #[tokio::test]
    async fn a_server_that_never_answers_costs_no_more_than_the_limit() {
        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = silent.local_addr().expect("an address").port();
        let settings = settings(&[("TEMPORAL_ADDRESS", &format!("http://127.0.0.1:{port}"))]);
        let limit = Duration::from_millis(300);
        let error = connect(&settings, None, limit).await.err();
        assert!(matches!(error, Some(ConnectError::Silent(..))), "{error:?}");
    }
}
