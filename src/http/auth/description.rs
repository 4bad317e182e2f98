//! What the identity provider says of itself (OpenID Connect Discovery 1.0), kept for a while.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::http::auth::fetch::{self, Fault};

/// It is read again for whoever asks for one that is older than this.
const REFRESH_EVERY: Duration = Duration::from_mins(5);

/// After a failure it is tried again after this long.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// It goes on while the provider does not answer, for this long.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// What of it we want (§3 there).
#[derive(Debug, Deserialize)]
pub(super) struct Description {
    issuer: String,
    pub(super) jwks_uri: String,
    /// Where people sign in; a provider that only signs tokens has none.
    pub(super) authorization_endpoint: Option<String>,
    /// Where a code becomes a token.
    pub(super) token_endpoint: Option<String>,
    /// Where people end their session (OpenID Connect RP-Initiated Logout 1.0 §2.1); many providers
    /// have none.
    pub(super) end_session_endpoint: Option<String>,
    /// How clients prove there who they are; Basic alone when it is absent.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether its answers to browsers always say `iss` (RFC 9207 §3).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl Description {
    /// As the issuer writes it now.
    pub(super) async fn read(client: &Client, issuer: &str) -> Result<Self, Fault> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let description: Self = fetch::json(client, &url).await?;
        if description.issuer == issuer {
            return Ok(description);
        }
        let other = &description.issuer;
        Err(Fault::Failed(format!("{url} describes another issuer: {other}")))
    }

    /// Whether clients may prove themselves in this way.
    pub(super) fn takes(&self, method: &str) -> bool {
        match &self.token_endpoint_auth_methods_supported {
            Some(methods) => methods.iter().any(|known| known == method),
            None => method == "client_secret_basic",
        }
    }
}

/// That of one issuer.
pub(super) struct Descriptions {
    issuer: String,
    /// Locked while it is read, so that many who sign in at once ask once.
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    description: Option<(Arc<Description>, Instant)>,
    failure: Option<(Fault, Instant)>,
}

impl Descriptions {
    pub(super) fn of(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), held: Mutex::default() }
    }

    /// The description: not older than [`REFRESH_EVERY`] while the provider answers.
    pub(super) async fn get(&self) -> Result<Arc<Description>, Fault> {
        let mut held = self.held.lock().await;
        if let Some(known) = held.younger_than(REFRESH_EVERY) {
            return Ok(known);
        }
        let lately = held.failure.clone().filter(|(_, at)| at.elapsed() < RETRY_AFTER);
        let failure = match lately {
            Some((failure, _)) => failure,
            None => match self.read().await {
                Ok(description) => {
                    let description = Arc::new(description);
                    let kept = Some((Arc::clone(&description), Instant::now()));
                    *held = Held { description: kept, failure: None };
                    return Ok(description);
                }
                Err(error) => {
                    tracing::warn!(%error, "the identity provider does not say where to sign in");
                    held.failure = Some((error.clone(), Instant::now()));
                    error
                }
            },
        };
        held.younger_than(GOOD_FOR).ok_or(failure)
    }

    async fn read(&self) -> Result<Description, Fault> {
        Description::read(&fetch::client()?, &self.issuer).await
    }
}

impl Held {
    fn younger_than(&self, age: Duration) -> Option<Arc<Description>> {
        let young = self.description.as_ref().filter(|(_, read_at)| read_at.elapsed() < age);
        young.map(|(description, _)| Arc::clone(description))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Description, Descriptions};

    /// One that was read so long ago, of an issuer that nobody is at any more.
    async fn read_before(age: Duration) -> Descriptions {
        let text = r#"{"issuer": "http://127.0.0.1:9", "jwks_uri": "http://127.0.0.1:9/jwks"}"#;
        let description: Description = serde_json::from_str(text).expect("a description");
        let descriptions = Descriptions::of("http://127.0.0.1:9");
        let read_at = Instant::now().checked_sub(age).expect("a time");
        descriptions.held.lock().await.description = Some((Arc::new(description), read_at));
        descriptions
    }

    #[tokio::test]
    async fn a_description_goes_on_for_a_day_while_the_provider_is_away() {
        for (age, known, asked) in [
            (Duration::from_secs(60), true, false),
            (Duration::from_hours(1), true, true),
            (Duration::from_hours(23), true, true),
            (Duration::from_hours(25), false, true),
        ] {
            let descriptions = read_before(age).await;
            assert_eq!(descriptions.get().await.is_ok(), known, "{age:?}");
            let failed = |held: &super::Held| held.failure.as_ref().map(|(_, at)| *at);
            let first = failed(&*descriptions.held.lock().await);
            assert_eq!(first.is_some(), asked, "{age:?}");
            assert_eq!(descriptions.get().await.is_ok(), known, "{age:?}");
            let second = failed(&*descriptions.held.lock().await);
            assert_eq!(first, second, "it is not asked again at once");
        }
    }
}
