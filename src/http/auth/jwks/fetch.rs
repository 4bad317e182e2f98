//! Reads the keys over the network.

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;

use crate::http::auth::description::Description;
use crate::http::auth::fetch::{self, Fault};

/// Where the keys are.
pub(super) struct Source {
    issuer: String,
    url: Option<String>,
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
    pub(super) async fn read(&self) -> Result<Vec<Jwk>, Fault> {
        let client = fetch::client()?;
        let url = match &self.url {
            Some(url) => url.clone(),
            None => Description::read(&client, &self.issuer).await?.jwks_uri,
        };
        let set: Set = fetch::json(&client, &url).await?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<Jwk> = keys.collect();
        let none = || Fault::Failed(format!("{url} has no key that we can use"));
        if keys.is_empty() { Err(none()) } else { Ok(keys) }
    }
}
