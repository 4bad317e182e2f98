//! Tokens of the identity provider (JWT, RFC 7519): checked with its keys, read as a caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config;
use crate::http::auth::jwks::Jwks;
use crate::http::auth::{Denied, Refusal};
use crate::models::access::{Credential, Principal, Role, Roles};
use crate::models::hold::Role as Duty;

/// Longest token that is looked at (HTTP handbook §5.2).
pub(super) const BYTES_MAX: usize = 8 * 1024;

/// Seconds that clocks may differ.
const LEEWAY: u64 = 30;

/// Longest subject: it is part of keys and columns.
const SUBJECT_CHARACTERS_MAX: usize = 255;

/// Which tokens are taken, and what they say.
pub(super) struct Tokens {
    audience: String,
    issuer: String,
    algorithms: Vec<Algorithm>,
    roles_claim: String,
    roles: BTreeMap<String, Role>,
    duties_claim: String,
    jwks: Arc<Jwks>,
}

/// What must be there; that it is right is checked before it is read.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Tokens {
    /// As configured; `None` when no provider is.
    pub(super) fn new(settings: &config::Jwt) -> Option<Self> {
        let issuer = settings.issuer.clone()?;
        // The configuration takes asymmetric algorithms alone.
        let algorithms = settings.algorithms.iter().filter_map(|name| name.parse().ok());
        Some(Self {
            audience: settings.audience.clone()?,
            algorithms: algorithms.collect(),
            roles_claim: settings.roles_claim.clone(),
            roles: settings.roles.clone(),
            duties_claim: settings.duties_claim.clone(),
            jwks: Arc::new(Jwks::new(&issuer, settings.jwks_url.as_deref())),
            issuer,
        })
    }

    /// Whose token it is.
    pub(super) async fn open(&self, token: &str) -> Result<Arc<Principal>, Denied> {
        let claims = self.claims(token, &self.audience).await?;
        Ok(Arc::new(self.principal(&claims)?))
    }

    /// Who signed in: a token for the client, about the sign-in that has this nonce.
    pub(super) async fn open_id_token(
        &self,
        token: &str,
        client: &str,
        nonce: &str,
    ) -> Result<Arc<Principal>, Denied> {
        if token.len() > BYTES_MAX {
            return Err(Refusal::Malformed.into());
        }
        let claims = self.claims(token, client).await?;
        claims.are_of(client, nonce)?;
        Ok(Arc::new(self.principal(&claims)?))
    }

    /// What a token says that is right in all.
    async fn claims(&self, token: &str, audience: &str) -> Result<Claims, Denied> {
        let header = decode_header(token).map_err(|_| Refusal::Malformed)?;
        let algorithm = self.algorithm(&header)?;
        let key = self.jwks.key(header.kid.as_deref(), algorithm).await?;
        let key = key.ok_or(Refusal::Unknown)?;
        let decoded = decode::<Claims>(token, &key, &self.validation(algorithm, audience));
        Ok(decoded.map_err(|error| refusal(error.kind()))?.claims)
    }

    /// That of the token, if it is one of ours; what we do not understand but must is refused.
    fn algorithm(&self, header: &Header) -> Result<Algorithm, Refusal> {
        let taken = self.algorithms.contains(&header.alg) && header.crit.is_none();
        taken.then_some(header.alg).ok_or(Refusal::Algorithm)
    }

    fn validation(&self, algorithm: Algorithm, audience: &str) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }

    fn principal(&self, claims: &Claims) -> Result<Principal, Refusal> {
        let subject = format!("{}|{}", claims.iss, claims.sub);
        let fits = subject.chars().count() <= SUBJECT_CHARACTERS_MAX
            && !claims.sub.is_empty()
            && !subject.chars().any(char::is_control);
        if !fits {
            return Err(Refusal::Claims);
        }
        let role = |word: &str| match self.roles.is_empty() {
            true => Role::parse(word),
            false => self.roles.get(word).copied(),
        };
        let roles = words(&claims.others, &self.roles_claim).filter_map(role);
        let duties = words(&claims.others, &self.duties_claim).filter_map(Duty::of_person);
        Ok(Principal {
            subject,
            roles: Roles::from_iter(roles),
            duties: duties.collect(),
            credential: Credential::Token,
        })
    }
}

impl Claims {
    /// Refuses an ID token of another client or another sign-in (OpenID Connect Core 1.0
    /// §3.1.3.7, 3 to 5 and 11). Its time, issuer and audience were checked before.
    fn are_of(&self, client: &str, nonce: &str) -> Result<(), Refusal> {
        let text = |name: &str| self.others.get(name).map(|value| value.as_str().unwrap_or(""));
        let audiences = self.others.get("aud").and_then(Value::as_array).map_or(1, Vec::len);
        let elsewhere = match text("azp") {
            Some(party) => party != client,
            None => audiences > 1,
        };
        if elsewhere {
            return Err(Refusal::Elsewhere);
        }
        let said = text("nonce").unwrap_or_default().as_bytes();
        let same = constant_time::verify_slices_are_equal(said, nonce.as_bytes()).is_ok();
        same.then_some(()).ok_or(Refusal::Nonce)
    }
}

/// The words of a claim: a list of texts, or a text with blanks between them.
fn words<'c>(claims: &'c Map<String, Value>, path: &str) -> impl Iterator<Item = &'c str> {
    let found = claims.get(path).or_else(|| {
        // A claim's own name may have dots: `https://example.org/roles`.
        let (first, rest) = path.split_once('.')?;
        rest.split('.').try_fold(claims.get(first)?, |value, name| value.get(name))
    });
    let (list, text) = match found {
        Some(Value::Array(list)) => (list.as_slice(), ""),
        Some(Value::String(text)) => (&[][..], text.as_str()),
        _ => (&[][..], ""),
    };
    list.iter().filter_map(Value::as_str).chain(text.split_ascii_whitespace())
}

/// For log and metrics; the caller hears one text for all.
fn refusal(error: &ErrorKind) -> Refusal {
    match error {
        ErrorKind::ExpiredSignature => Refusal::Expired,
        ErrorKind::ImmatureSignature => Refusal::NotYet,
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidAudience | ErrorKind::InvalidIssuer => Refusal::Elsewhere,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Refusal::Algorithm,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::InvalidSubject
        | ErrorKind::Json(_) => Refusal::Claims,
        _ => Refusal::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::words;

    #[test]
    fn words_are_found_in_lists_texts_and_objects() {
        let claims = json!({
            "roles": ["viewer", 7, "submitter"], "scope": "viewer  approver",
            "realm_access": {"roles": ["admin"]}, "https://a.example/roles": ["operator"],
            "odd": {"roles": 1},
        });
        let claims: Map<String, Value> = serde_json::from_value(claims).expect("an object");
        for (path, expected) in [
            ("roles", &["viewer", "submitter"][..]),
            ("scope", &["viewer", "approver"]),
            ("realm_access.roles", &["admin"]),
            ("https://a.example/roles", &["operator"]),
            ("odd.roles", &[]),
            ("roles.nothing", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(words(&claims, path).collect::<Vec<_>>(), expected, "{path}");
        }
    }
}
