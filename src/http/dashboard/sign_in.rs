//! The sign-in: an API key for a session, and the way out. [`oidc`](crate::http::dashboard::oidc)
//! is the other way in.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Response};
use chrono::Utc;
use url::form_urlencoded;

use crate::http::Edge;
use crate::http::auth::{Auth, Client};
use crate::http::caller::Caller;
use crate::http::dashboard::door::{Visitor, address, is_local, see_other};
use crate::http::dashboard::form;
use crate::http::dashboard::session::{LIFETIME, Sealer, Session, Who, no_cookie};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::{FromQuery, Parameters};
use crate::models::access::Credential;
use crate::storage::ledger::audit::Deed;

/// Where a visitor wanted to go.
pub struct Wanted(pub String);

impl FromQuery for Wanted {
    fn read(parameters: &mut Parameters) -> Self {
        Self(inside(parameters.one("next")))
    }
}

/// Characters of a place to go back to: it travels in a cookie.
const PLACE_MAX: usize = 1_000;

/// Only our own pages are gone back to, and not those that sign in.
fn inside(next: Option<String>) -> String {
    let ours = |next: &String| {
        (next == "/dashboard" || next.starts_with("/dashboard/"))
            && !next.starts_with("/dashboard/sign-")
            && next.len() <= PLACE_MAX
            && !next.chars().any(char::is_control)
    };
    next.filter(ours).unwrap_or_else(|| "/dashboard".to_owned())
}

/// The page that asks who comes.
#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
pub struct SignIn {
    frame: Frame,
    next: String,
    trouble: String,
    /// What people call the identity provider, and the way there; none where there is none.
    provider: Option<(String, String)>,
}

impl SignIn {
    /// For somebody who goes on to this place, and was told this before.
    pub fn new(auth: &Auth, next: &str, trouble: &str) -> Self {
        let way = |client: &Client| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair("next", next).finish();
            (client.name.clone(), format!("/dashboard/sign-in/oidc?{query}"))
        };
        let (next, trouble) = (next.to_owned(), trouble.to_owned());
        Self { frame: Frame::bare("Sign in"), provider: auth.client().map(way), next, trouble }
    }
}

/// `GET /dashboard/sign-in`.
///
/// # Errors
/// 400 for parameters that it does not know.
pub async fn show(
    State(edge): State<Edge>,
    Sifted { query: Wanted(next), .. }: Sifted<Wanted>,
) -> Result<Response<Body>, ApiError> {
    if edge.parts.auth.local().is_some() {
        return Ok(see_other(&next));
    }
    shown::page(&SignIn::new(&edge.parts.auth, &next, ""))
}

/// `POST /dashboard/sign-in`: the same login as that of the API, counted and recorded there.
///
/// # Errors
/// 503 when the keys were never read.
pub async fn sign_in(
    State(edge): State<Edge>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let (from, local) = (address(&request), is_local(&request));
    let (request, mut fields) = form::read(request).await?;
    let next = inside(fields.one("next"));
    let headers = bearer(&fields.one("key").unwrap_or_default());
    let principal = match edge.parts.auth.login(&headers, from).await {
        Ok(principal) => principal,
        Err(error) => return refused(&edge.parts.auth, &next, error),
    };
    let Credential::Key(key) = &principal.credential else {
        return Ok(see_other(&next));
    };
    let caller = Caller::new(principal.clone(), request.extensions());
    caller.ledger(&edge.parts.ledger).record(&Deed::of("sign_in")).await?;
    let who = Who::Key(key.clone());
    let session = Session::of(who, Utc::now().timestamp(), LIFETIME);
    let mut response = see_other(&next);
    let sealer = Sealer::new(edge.parts.ledger.signing_key());
    response.headers_mut().insert(SET_COOKIE, sealer.cookie(&session, local));
    Ok(response)
}

/// As the API is sent a key. What is none of ours is not even looked for.
fn bearer(key: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {}", key.trim()));
    let value = value.ok().filter(|_| key.trim().starts_with("apg_"));
    let mut value = value.unwrap_or(HeaderValue::from_static("Bearer apg_"));
    value.set_sensitive(true);
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

fn refused(auth: &Auth, next: &str, error: ApiError) -> Result<Response<Body>, ApiError> {
    let trouble = match error.0.slug {
        Slug::Unauthenticated => "This key opens nothing: it is unknown, expired or revoked.",
        Slug::QuotaExceeded => "Too many failed sign-ins from this address. Wait a minute.",
        _ => return Err(error),
    };
    shown::refused(error, &SignIn::new(auth, next, trouble))
}

/// The page of somebody whom the identity provider still knows.
#[derive(Template)]
#[template(path = "dashboard/signed_out.html")]
struct SignedOut {
    frame: Frame,
    provider: String,
    way: String,
}

/// `POST /dashboard/sign-out`.
///
/// # Errors
/// None of its own.
pub async fn sign_out(
    State(edge): State<Edge>,
    visitor: Visitor,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let local = is_local(&request);
    drop(request);
    let mut response = match provider(&edge.parts.auth, &visitor).await {
        Some((provider, way)) => {
            shown::page(&SignedOut { frame: Frame::bare("Signed out"), provider, way })?
        }
        None => see_other("/dashboard/sign-in"),
    };
    response.headers_mut().insert(SET_COOKIE, no_cookie(local));
    Ok(response)
}

/// What people call the provider that a visitor came by, and where its session there ends.
async fn provider(auth: &Auth, visitor: &Visitor) -> Option<(String, String)> {
    let session = visitor.session.as_ref()?;
    let client = auth.client().filter(|_| matches!(session.who, Who::Person(_)))?;
    Some((client.name.clone(), client.end().await?.into()))
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (next, place) in [
            ("/dashboard/invoices?status=held", "/dashboard/invoices?status=held"),
            ("//evil.example/dashboard", "/dashboard"),
            ("https://evil.example/dashboard/", "/dashboard"),
            ("/dashboard.evil.example", "/dashboard"),
            ("", "/dashboard"),
            ("/dashboard/sign-in/oidc", "/dashboard"),
            ("/dashboard/\r\nSet-Cookie: apg=x", "/dashboard"),
        ] {
            assert_eq!(inside(Some(next.to_owned())), place, "{next}");
        }
    }
}
