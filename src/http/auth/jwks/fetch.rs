//! Reads the keys over the network: briefly, boundedly, from nowhere else than was said.

use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::Value;

use crate::config::is_safe;

/// For one document, from the connection to its end.
const AT_MOST: Duration = Duration::from_secs(5);

/// Bytes of a document (HTTP handbook §5.2).
const BYTES_MAX: usize = 64 * 1024;

/// Where the keys are.
pub(super) struct Source {
    issuer: String,
    url: Option<String>,
}

/// What of the provider's own description we want (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

/// The set; keys of kinds that we do not know are no fault.
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Source {
    pub(super) fn new(issuer: &str, url: Option<&str>) -> Self {
        Self { issuer: issuer.to_owned(), url: url.map(str::to_owned) }
    }

    /// All keys; the error is for the log.
    pub(super) async fn read(&self) -> Result<Vec<Jwk>, String> {
        let client = Client::builder().timeout(AT_MOST).redirect(Policy::none()).build();
        let client = client.map_err(|error| format!("no HTTP client: {error}"))?;
        let url = match &self.url {
            Some(url) => url.clone(),
            None => self.discover(&client).await?,
        };
        let set: Set = json(&client, &url).await?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<Jwk> = keys.collect();
        if keys.is_empty() { Err(format!("{url} has no key that we can use")) } else { Ok(keys) }
    }

    async fn discover(&self, client: &Client) -> Result<String, String> {
        let issuer = self.issuer.trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        let description: Description = json(client, &url).await?;
        if description.issuer != self.issuer {
            return Err(format!("{url} describes another issuer: {}", description.issuer));
        }
        Ok(description.jwks_uri)
    }
}

async fn json<T: for<'de> Deserialize<'de>>(client: &Client, url: &str) -> Result<T, String> {
    let address: Url = url.parse().map_err(|error| format!("{url}: {error}"))?;
    if !is_safe(&address) {
        return Err(format!("{url} is no https address"));
    }
    let failed = |error: reqwest::Error| format!("{url}: {error}");
    let mut response = client.get(address).send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(format!("{url} answers {}", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > BYTES_MAX {
            return Err(format!("{url} answers more than {BYTES_MAX} bytes"));
        }
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("{url}: {error}"))
}
