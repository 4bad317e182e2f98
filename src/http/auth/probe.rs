//! Whether the identity provider that is configured is of use, before anybody comes with its token.

use crate::config;
use crate::http::auth::client::Client;
use crate::http::auth::fetch::Fault;
use crate::http::auth::jwks::Jwks;

/// Asks it for its keys and, where people sign in there, for where that is; what was found, in
/// words.
///
/// # Errors
/// Why nobody could come in with its tokens, in words.
pub async fn probe_provider(
    issuer: &str,
    jwt: &config::Jwt,
    oidc: &config::Oidc,
) -> Result<String, String> {
    let probed = async {
        let keys = Jwks::new(issuer, jwt.jwks_url.as_deref()).count().await?;
        let Some(client) = Client::new(oidc, jwt) else {
            return Ok(format!("keys of {issuer} that check signatures: {keys}"));
        };
        client.probe().await?;
        Ok(format!("keys of {issuer} that check signatures: {keys}; people can sign in there"))
    };
    probed.await.map_err(|fault: Fault| fault.to_string())
}
