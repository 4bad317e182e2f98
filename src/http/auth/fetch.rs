//! Asks the identity provider: briefly, boundedly, nowhere else than was said.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde::Deserialize;

use crate::config::is_safe;

/// For one answer, from the connection to its end.
const AT_MOST: Duration = Duration::from_secs(5);

/// Bytes of an answer (HTTP handbook §5.2).
const BYTES_MAX: usize = 64 * 1024;

/// Why there is no answer that we can use; the text is for the log.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// None came in time.
    Late(String),
    /// None could come, or it was another one.
    Failed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

impl Fault {
    /// Of a request to this address.
    pub(super) fn of(url: &Url, error: &reqwest::Error) -> Self {
        // The outermost error says only that a request failed; the innermost says why.
        let mut cause: &dyn Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let text = format!("{url}: {cause}");
        if error.is_timeout() { Self::Late(text) } else { Self::Failed(text) }
    }
}

/// Follows no redirect: an answer comes from where it was asked for.
pub(super) fn client() -> Result<Client, Fault> {
    let client = Client::builder().timeout(AT_MOST).redirect(Policy::none()).build();
    client.map_err(|error| Fault::Failed(format!("no HTTP client: {error}")))
}

/// An address that may be asked.
pub(super) fn address(text: &str) -> Result<Url, Fault> {
    let url: Url = text.parse().map_err(|error| Fault::Failed(format!("{text}: {error}")))?;
    if is_safe(&url) { Ok(url) } else { Err(Fault::Failed(format!("{url} is no https address"))) }
}

/// The document at an address.
pub(super) async fn json<T: for<'de> Deserialize<'de>>(
    client: &Client,
    url: &str,
) -> Result<T, Fault> {
    let url = address(url)?;
    let mut response =
        client.get(url.clone()).send().await.map_err(|error| Fault::of(&url, &error))?;
    if !response.status().is_success() {
        return Err(Fault::Failed(format!("{url} answers {}", response.status())));
    }
    let bytes = body(&url, &mut response).await?;
    serde_json::from_slice(&bytes).map_err(|error| Fault::Failed(format!("{url}: {error}")))
}

/// All of an answer, if it is not too long.
pub(super) async fn body(url: &Url, response: &mut Response) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Fault::of(url, &error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > BYTES_MAX {
            return Err(Fault::Failed(format!("{url} answers more than {BYTES_MAX} bytes")));
        }
    }
    Ok(bytes)
}
