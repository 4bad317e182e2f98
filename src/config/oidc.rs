//! Sign-in of people to the dashboard, at the identity provider that `[jwt]` names.

use anyhow::{Context, ensure};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::config::{Environment, Http, Jwt, is_safe};

/// The secret has no place in the file: files are copied, committed and shown.
pub(super) const CLIENT_SECRET: &str = "AP_GATEWAY_OIDC_CLIENT_SECRET";

/// Minutes that a session may last: no longer than one that began with an API key.
const SESSION_MINUTES_MAX: u32 = 8 * 60;

/// The gateway as a client of the provider (OpenID Connect Core 1.0); nobody signs in there unless
/// there is a client.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oidc {
    /// `AP_GATEWAY_OIDC_CLIENT_ID`: this gateway, as the provider knows it; the audience of its ID
    /// tokens.
    pub client_id: Option<String>,
    /// `AP_GATEWAY_OIDC_PUBLIC_URL`: where browsers find the gateway, without a path. The address
    /// that the provider sends people back to is made from it, never from what a caller sent.
    pub public_url: Option<String>,
    /// `AP_GATEWAY_OIDC_NAME`: what the sign-in page calls the provider.
    pub name: String,
    /// `AP_GATEWAY_OIDC_SCOPES`: what the provider is asked for; `openid` is among them.
    pub scopes: Vec<String>,
    /// Minutes until people sign in anew, 5 to 480. Until then they have the roles that they
    /// signed in with.
    pub session_minutes: u32,
    /// `AP_GATEWAY_OIDC_CLIENT_SECRET`, of the environment alone. Without one the gateway is a
    /// public client; PKCE is used either way.
    #[serde(skip)]
    pub client_secret: Option<SecretString>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            client_id: None,
            public_url: None,
            name: "the identity provider".to_owned(),
            scopes: ["openid", "profile", "email"].map(str::to_owned).into(),
            session_minutes: SESSION_MINUTES_MAX,
            client_secret: None,
        }
    }
}

impl Oidc {
    /// The same with the secret of the environment.
    pub(super) fn with_secret(self, environment: &Environment) -> Self {
        let client_secret = environment.get(CLIENT_SECRET).cloned().map(SecretString::from);
        Self { client_secret, ..self }
    }

    /// Refuses half of a sign-in.
    pub(super) fn check(&self, jwt: &Jwt, http: &Http) -> anyhow::Result<()> {
        let Some(client) = &self.client_id else {
            ensure!(
                self.public_url.is_none() && self.client_secret.is_none(),
                "[oidc] names no client: set AP_GATEWAY_OIDC_CLIENT_ID, or take \
                 AP_GATEWAY_OIDC_PUBLIC_URL and {CLIENT_SECRET} away"
            );
            return Ok(());
        };
        ensure!(!client.trim().is_empty(), "AP_GATEWAY_OIDC_CLIENT_ID is empty: name the client");
        ensure!(
            jwt.issuer.is_some(),
            "[oidc] has a client, but [jwt] names no issuer to sign in at: set \
             AP_GATEWAY_JWT_ISSUER and AP_GATEWAY_JWT_AUDIENCE"
        );
        let public = self.public_url.as_deref().context(
            "[oidc] does not say where browsers find this gateway: set AP_GATEWAY_OIDC_PUBLIC_URL, \
             such as https://ap.example.org",
        )?;
        public_address(public, http)?;
        ensure!(
            self.scopes.iter().any(|scope| scope == "openid"),
            "[oidc] scopes must name openid: without it the provider sends no ID token"
        );
        for scope in &self.scopes {
            ensure!(
                is_scope(scope),
                "[oidc] scopes: {scope:?} is none; write each by itself, without blanks"
            );
        }
        ensure!(
            (5..=SESSION_MINUTES_MAX).contains(&self.session_minutes),
            "oidc.session_minutes must be 5 to {SESSION_MINUTES_MAX}, not {}",
            self.session_minutes
        );
        Ok(())
    }
}

/// An origin that a browser keeps a session for, and that the gateway answers to.
fn public_address(text: &str, http: &Http) -> anyhow::Result<()> {
    let name = "AP_GATEWAY_OIDC_PUBLIC_URL";
    // It may have a password in it, so it is not shown before that is known.
    let url: Url = text.parse().with_context(|| format!("{name} is no address"))?;
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "{name} has a user or password: take it out"
    );
    ensure!(
        is_safe(&url),
        "{name} must be an https address, not {text:?}: what signs people in would travel in clear"
    );
    ensure!(
        url.path() == "/" && url.query().is_none() && url.fragment().is_none(),
        "{name} must be an address without path, query and fragment, not {text:?}: the dashboard \
         stands at /dashboard"
    );
    let host = url.host_str().unwrap_or_default();
    ensure!(
        http.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)),
        "{name} is at {host}, which this gateway does not answer to: add it to \
         AP_GATEWAY_ALLOWED_HOSTS"
    );
    Ok(())
}

/// A scope token (RFC 6749 §3.3).
fn is_scope(scope: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !scope.is_empty() && scope.bytes().all(legal)
}
