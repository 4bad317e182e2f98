//! Sign-in at the identity provider: there by a link, back with a code, and a session for it.
//!
//! What was begun stands in a sealed cookie until the browser is back, so it is bound to this
//! browser, any replica can finish it, and nothing is stored.

mod answer;
mod begun;

use std::net::IpAddr;

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use chrono::Utc;

use crate::http::Edge;
use crate::http::auth::{Auth, Client, Person};
use crate::http::caller::Caller;
use crate::http::dashboard::door::{address, is_local, see_other};
use crate::http::dashboard::oidc::answer::Answer;
use crate::http::dashboard::oidc::begun::{BegunSignIn, Cookies};
use crate::http::dashboard::session::{Sealer, Session, Who};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::dashboard::sign_in::{SignIn, Wanted};
use crate::http::error::{ApiError, Slug};
use crate::storage::ledger::audit::Deed;

/// The page that leads on. A redirect would not do: browsers count it as coming from the provider
/// still, and leave out the session, which is `SameSite=Strict`.
#[derive(Template)]
#[template(path = "dashboard/signed_in.html")]
struct SignedIn {
    frame: Frame,
    next: String,
}

/// The request that a browser comes back with.
struct Back {
    head: Parts,
    local: bool,
    address: Option<IpAddr>,
}

impl Back {
    fn of(request: Request) -> Self {
        let (local, address) = (is_local(&request), address(&request));
        Self { head: request.into_parts().0, local, address }
    }
}

/// `GET /dashboard/sign-in/oidc`: to the provider.
///
/// # Errors
/// 404 where there is none; 502 and 504 when it does not say where people sign in.
pub async fn begin(
    State(edge): State<Edge>,
    Sifted { query: Wanted(next), .. }: Sifted<Wanted>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let auth = &edge.parts.auth;
    if auth.local().is_some() {
        return Ok(see_other(&next));
    }
    let local = is_local(&request);
    drop(request);
    let (begun, place) = match client(auth)?.begin().await {
        Ok(begun) => begun,
        Err(error) => return refused(auth, &next, error),
    };
    let begun = BegunSignIn::of(begun, &next, Utc::now().timestamp());
    let mut response = see_other(place.as_str());
    let cookie = Cookies::new(&edge.parts.ledger).set(&begun, local);
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// `GET /dashboard/sign-in/oidc/callback`: back from the provider.
///
/// # Errors
/// 404 where there is none. All others are the page of the sign-in, with what is wrong.
pub async fn finish(
    State(edge): State<Edge>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let auth = &edge.parts.auth;
    if auth.local().is_some() {
        return Ok(see_other("/dashboard"));
    }
    let client = client(auth)?;
    let back = Back::of(request);
    let (answer, begun) = match awaited(&edge, client, &back).await {
        Ok(awaited) => awaited,
        Err(error) => return refused(auth, "/dashboard", error),
    };
    // It was answered: whatever comes of it, it is not waited for any more.
    let done = begun::cleared(back.local);
    match signed_in(&edge, client, &back, answer, &begun).await {
        Ok(mut response) => {
            response.headers_mut().append(SET_COOKIE, done);
            Ok(response)
        }
        Err(error) => refused(auth, &begun.next, error.header(SET_COOKIE, done)),
    }
}

fn client(auth: &Auth) -> Result<&Client, ApiError> {
    let detail = "Nobody signs in at an identity provider here: [oidc] of the configuration names \
                  no client.";
    auth.client().ok_or_else(|| ApiError::not_found("page").detail(detail))
}

/// The answer, and the sign-in of this browser that waits for it.
async fn awaited(
    edge: &Edge,
    client: &Client,
    back: &Back,
) -> Result<(Answer, BegunSignIn), ApiError> {
    let auth = &edge.parts.auth;
    let answer = Answer::of(back.head.uri.query().unwrap_or_default())?;
    let cookies = Cookies::new(&edge.parts.ledger);
    let now = Utc::now().timestamp();
    let Some(begun) = cookies.begun(&back.head.headers, back.local, now) else {
        let detail = format!(
            "This browser began no sign-in in the last 10 minutes, or finished it already. Begin \
             again at {}/dashboard, and let the browser keep cookies.",
            client.public_url
        );
        return Err(Slug::SignInUnknown.error().detail(detail).caused_by("no sign-in was begun"));
    };
    if !begun.waits_for(&answer.state) {
        let detail = "The identity provider answered another sign-in than the last one of this \
                      browser. Begin again.";
        let error = Slug::SignInUnknown.error().detail(detail).caused_by("another state");
        return Err(auth.refuse_answer(back.address, error));
    }
    if !client.sent(answer.iss.as_deref()).await? {
        let detail = "Another identity provider answered than the one that was asked. Begin again.";
        let error = Slug::SignInUnknown.error().detail(detail).caused_by("another iss");
        return Err(auth.refuse_answer(back.address, error));
    }
    Ok((answer, begun))
}

/// A session for the code: recorded before anybody has it.
async fn signed_in(
    edge: &Edge,
    client: &Client,
    back: &Back,
    answer: Answer,
    begun: &BegunSignIn,
) -> Result<Response<Body>, ApiError> {
    let auth = &edge.parts.auth;
    let code = answer.code()?;
    let principal = auth.redeem(&code, &begun.begun, back.address).await?;
    if principal.roles.iter().next().is_none() {
        auth.count_missing_role();
        let detail = format!(
            "The identity provider says that you are {}, and names no role that opens anything \
             here. Ask whoever runs it to give you one, then sign in again.",
            principal.subject
        );
        return Err(Slug::Forbidden.error().detail(detail).caused_by("no role"));
    }
    let caller = Caller::new(principal.clone(), &back.head.extensions);
    caller.ledger(&edge.parts.ledger).record(&Deed::of("sign_in")).await?;
    let who = Who::Person(Person::of(&principal));
    let session = Session::of(who, Utc::now().timestamp(), client.session_seconds);
    let next = begun.next.clone();
    let mut response = shown::page(&SignedIn { frame: Frame::bare("Signed in"), next })?;
    let cookie = Sealer::new(edge.parts.ledger.signing_key()).cookie(&session, back.local);
    response.headers_mut().append(SET_COOKIE, cookie);
    // The log line wants it.
    response.extensions_mut().insert(caller);
    Ok(response)
}

/// The page of the sign-in, with what is wrong, so that one can begin again.
fn refused(auth: &Auth, next: &str, error: ApiError) -> Result<Response<Body>, ApiError> {
    let trouble = match (&error.0.slug, &error.0.detail) {
        (Slug::Unauthenticated, _) => {
            "What the identity provider said of you cannot be taken. Begin again; if it stays so, \
             whoever runs the gateway finds why in its log."
        }
        (Slug::QuotaExceeded, _) => "Too many failed sign-ins from this address. Wait a minute.",
        (_, Some(detail)) => detail,
        (slug, None) => slug.text().trim(),
    };
    let page = SignIn::new(auth, next, trouble);
    shown::refused(error, &page)
}
