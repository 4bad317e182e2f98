//! Tokens of an identity provider, beside API keys.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use url::Url;

use crate::models::access::Role;

/// What may sign a token: with keys of two halves, so that who can check cannot sign.
const ALGORITHMS: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// Which tokens are taken; none unless there is an issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jwt {
    /// `AP_GATEWAY_JWT_ISSUER`: the provider, as `iss` names it.
    pub issuer: Option<String>,
    /// `AP_GATEWAY_JWT_AUDIENCE`: this gateway, as `aud` names it.
    pub audience: Option<String>,
    /// `AP_GATEWAY_JWT_JWKS_URL`: where its keys are; found below the issuer (OpenID Connect
    /// Discovery) when absent.
    pub jwks_url: Option<String>,
    /// Signatures that are taken.
    pub algorithms: Vec<String>,
    /// `AP_GATEWAY_JWT_ROLES_CLAIM`: the claim with the roles, a list or words in a text; a dot
    /// leads into an object.
    pub roles_claim: String,
    /// Words of that claim as roles of ours. Without any, our own words are taken.
    pub roles: BTreeMap<String, Role>,
    /// The claim with the duties.
    pub duties_claim: String,
}

impl Default for Jwt {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            jwks_url: None,
            algorithms: ["RS256", "ES256", "EdDSA"].map(str::to_owned).into(),
            roles_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            duties_claim: "duties".to_owned(),
        }
    }
}

impl Jwt {
    /// Refuses what would take no token, or too many.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let Some(issuer) = &self.issuer else {
            anyhow::ensure!(
                self.audience.is_none() && self.jwks_url.is_none(),
                "[jwt] names no issuer: set AP_GATEWAY_JWT_ISSUER"
            );
            return Ok(());
        };
        anyhow::ensure!(
            self.audience.is_some(),
            "[jwt] names no audience: set AP_GATEWAY_JWT_AUDIENCE, or any token of the issuer \
             would open the gateway"
        );
        address("AP_GATEWAY_JWT_ISSUER", issuer)?;
        if let Some(url) = &self.jwks_url {
            address("AP_GATEWAY_JWT_JWKS_URL", url)?;
        }
        anyhow::ensure!(!self.algorithms.is_empty(), "[jwt] algorithms must name at least one");
        for name in &self.algorithms {
            anyhow::ensure!(
                ALGORITHMS.contains(&name.as_str()),
                "[jwt] algorithms: {name} is not taken; there are {}",
                ALGORITHMS.join(", ")
            );
        }
        Ok(())
    }
}

/// Over TLS, or on this machine.
fn address(name: &str, text: &str) -> anyhow::Result<()> {
    let url: Url = text.parse().with_context(|| format!("{name} is no address: {text:?}"))?;
    anyhow::ensure!(
        is_safe(&url),
        "{name} must be an https address: who can change what it \
         answers can let anybody in"
    );
    Ok(())
}

/// Whether keys may be read from there: over TLS, or on this machine.
pub fn is_safe(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}
