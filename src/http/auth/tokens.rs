//! Tokens of the identity provider (JWT, RFC 7519): checked with its keys, read as a caller.

use std::collections::BTreeMap;
use std::sync::Arc;

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
        let header = decode_header(token).map_err(|_| Refusal::Malformed)?;
        let algorithm = self.algorithm(&header)?;
        let key = self.jwks.key(header.kid.as_deref(), algorithm).await?;
        let key = key.ok_or(Refusal::Unknown)?;
        let decoded = decode::<Claims>(token, &key, &self.validation(algorithm));
        let claims = decoded.map_err(|error| refusal(error.kind()))?.claims;
        Ok(Arc::new(self.principal(&claims)?))
    }

    /// That of the token, if it is one of ours; what we do not understand but must is refused.
    fn algorithm(&self, header: &Header) -> Result<Algorithm, Refusal> {
        let taken = self.algorithms.contains(&header.alg) && header.crit.is_none();
        taken.then_some(header.alg).ok_or(Refusal::Algorithm)
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_audience(&[&self.audience]);
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
