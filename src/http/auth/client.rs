//! The gateway as a client of the identity provider: the authorization code flow (RFC 6749 §4.1)
//! with a proof key (RFC 7636) and an ID token (OpenID Connect Core 1.0 §3.1).

mod exchange;

use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config;
use crate::http::auth::description::{Description, Descriptions};
use crate::http::auth::fetch::{self, Fault};
use crate::http::auth::person::Person;
use crate::http::error::ApiError;

pub(super) use crate::http::auth::client::exchange::NoToken;

/// Where the provider sends people back to, below the public address.
pub const CALLBACK: &str = "/dashboard/sign-in/oidc/callback";

/// What signs people in.
pub struct Client {
    /// What people call the provider.
    pub name: String,
    /// Where browsers find the gateway.
    pub public_url: String,
    /// Seconds until people sign in anew.
    pub session_seconds: i64,
    pub(super) id: String,
    secret: Option<SecretString>,
    scope: String,
    issuer: String,
    descriptions: Descriptions,
}

/// What a sign-in that was begun must bring back, and what proves that it was begun here. None of
/// it may be seen by anybody but the browser that it is sealed for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// What the answer brings back.
    pub state: String,
    /// What the ID token says.
    pub(super) nonce: String,
    /// What the code was asked for with.
    verifier: String,
}

impl Begun {
    fn new() -> Self {
        Self { state: draw(), nonce: draw(), verifier: draw() }
    }

    /// What the provider is told of the verifier: S256 (RFC 7636 §4.2).
    fn challenge(&self) -> String {
        BASE64.encode(Sha256::digest(&self.verifier))
    }
}

/// 256 random bits in 43 characters, as RFC 7636 §4.1 wants a verifier.
fn draw() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the system's random numbers, which made the keys too");
    BASE64.encode(bytes)
}

impl Client {
    /// As configured; `None` when nobody signs in at a provider.
    pub(super) fn new(oidc: &config::Oidc, jwt: &config::Jwt) -> Option<Self> {
        let issuer = jwt.issuer.clone()?;
        Some(Self {
            name: oidc.name.clone(),
            public_url: oidc.public_url.as_deref()?.trim_end_matches('/').to_owned(),
            session_seconds: i64::from(oidc.session_minutes) * 60,
            id: oidc.client_id.clone()?,
            secret: oidc.client_secret.clone(),
            scope: oidc.scopes.join(" "),
            descriptions: Descriptions::of(&issuer),
            issuer,
        })
    }

    /// Where a browser goes to sign in, and what it must come back with.
    ///
    /// # Errors
    /// 502 and 504 when the provider does not say where that is.
    pub async fn begin(&self) -> Result<(Begun, Url), ApiError> {
        let described = self.description().await?;
        let place = described.authorization_endpoint.as_deref();
        let place = place.ok_or_else(|| without("authorization_endpoint"))?;
        let mut place = fetch::address(place)?;
        let begun = Begun::new();
        place.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri()),
            ("scope", &self.scope),
            ("state", &begun.state),
            ("nonce", &begun.nonce),
            ("code_challenge", &begun.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        Ok((begun, place))
    }

    /// Where a browser ends its session there (OpenID Connect RP-Initiated Logout 1.0 §2); `None`
    /// when the provider does not say. The way leads not back here: it would have to be registered.
    pub async fn end(&self) -> Option<Url> {
        let described = self.description().await.ok()?;
        let mut place = fetch::address(described.end_session_endpoint.as_deref()?).ok()?;
        place.query_pairs_mut().append_pair("client_id", &self.id);
        Some(place)
    }

    /// Whether the provider says all that a sign-in needs.
    pub(super) async fn probe(&self) -> Result<(), Fault> {
        let described = self.description().await?;
        let places = [
            ("authorization_endpoint", &described.authorization_endpoint),
            ("token_endpoint", &described.token_endpoint),
        ];
        for (member, place) in places {
            fetch::address(place.as_deref().ok_or_else(|| without(member))?)?;
        }
        Ok(())
    }

    /// Whether an answer with this `iss` comes from our provider (RFC 9207 §2.4).
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn sent(&self, iss: Option<&str>) -> Result<bool, ApiError> {
        Ok(match iss {
            Some(iss) => iss == self.issuer,
            None => !self.description().await?.authorization_response_iss_parameter_supported,
        })
    }

    /// Whether a person signed in there, and not at a provider that was ours before.
    pub(super) fn knows(&self, person: &Person) -> bool {
        let subject = person.subject.strip_prefix(&self.issuer);
        subject.is_some_and(|rest| rest.starts_with('|'))
    }

    fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.public_url)
    }

    async fn description(&self) -> Result<Arc<Description>, Fault> {
        self.descriptions.get().await
    }
}

/// A provider that tokens may be taken from, but nobody can sign in at.
fn without(member: &str) -> Fault {
    Fault::Failed(format!("the provider's description names no {member}"))
}

#[cfg(test)]
mod tests {
    use super::Begun;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_challenge_is_that_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let begun = Begun { verifier, ..Begun::new() };
        assert_eq!(begun.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_sign_ins_are_the_same() {
        let (one, two) = (Begun::new(), Begun::new());
        let drawn = [one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier];
        let unique: std::collections::HashSet<_> = drawn.iter().collect();
        assert_eq!(unique.len(), 6);
        assert!(drawn.iter().all(|text| text.len() == 43));
    }
}
