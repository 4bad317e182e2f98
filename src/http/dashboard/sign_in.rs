//! The sign-in: an API key for a session, and the way out.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Response};
use chrono::Utc;

use crate::http::Edge;
use crate::http::caller::Caller;
use crate::http::dashboard::door::{address, is_local, see_other};
use crate::http::dashboard::form;
use crate::http::dashboard::session::{Sealer, Session, no_cookie};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::{FromQuery, Parameters};
use crate::models::access::Credential;
use crate::storage::ledger::audit::Deed;

/// Where a visitor wanted to go.
pub struct Wanted(String);

impl FromQuery for Wanted {
    fn read(parameters: &mut Parameters) -> Self {
        Self(inside(parameters.one("next")))
    }
}

/// Only our own pages are gone back to.
fn inside(next: Option<String>) -> String {
    let ours = |next: &String| next == "/dashboard" || next.starts_with("/dashboard/");
    next.filter(ours).unwrap_or_else(|| "/dashboard".to_owned())
}

/// The page that asks for a key.
#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignIn {
    frame: Frame,
    next: String,
    trouble: String,
}

impl SignIn {
    fn new(next: &str, trouble: &str) -> Self {
        let (next, trouble) = (next.to_owned(), trouble.to_owned());
        Self { frame: Frame::bare("Sign in"), next, trouble }
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
    shown::page(&SignIn::new(&next, ""))
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
        Err(error) => return refused(&next, error),
    };
    let Credential::Key(key) = &principal.credential else {
        return Ok(see_other(&next));
    };
    let caller = Caller::new(principal.clone(), request.extensions());
    caller.ledger(&edge.parts.ledger).record(&Deed::of("sign_in")).await?;
    let session = Session::of(key, Utc::now().timestamp());
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

fn refused(next: &str, error: ApiError) -> Result<Response<Body>, ApiError> {
    let trouble = match error.0.slug {
        Slug::Unauthenticated => "This key opens nothing: it is unknown, expired or revoked.",
        Slug::QuotaExceeded => "Too many failed sign-ins from this address. Wait a minute.",
        _ => return Err(error),
    };
    shown::refused(error, &SignIn::new(next, trouble))
}

/// `POST /dashboard/sign-out`.
///
/// # Errors
/// None of its own.
pub async fn sign_out(request: Request) -> Result<Response<Body>, ApiError> {
    let mut response = see_other("/dashboard/sign-in");
    response.headers_mut().insert(SET_COOKIE, no_cookie(is_local(&request)));
    Ok(response)
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
        ] {
            assert_eq!(inside(Some(next.to_owned())), place, "{next}");
        }
    }
}
