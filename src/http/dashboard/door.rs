//! Who may see a page and send a form: before anything of it is done.
//!
//! A form is taken from a page of ours alone: the browser says where it comes from, and the form
//! brings back a token of its session. Both are checked here, so no action can forget it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{HOST, HeaderName, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use chrono::Utc;
use url::form_urlencoded;

use crate::http::AppState;
use crate::http::access::Access;
use crate::http::auth::Auth;
use crate::http::caller::{self, Caller};
use crate::http::dashboard::form;
use crate::http::dashboard::session::{Sealer, Session, Who};
use crate::http::dashboard::shown;
use crate::http::dashboard::upload;
use crate::http::error::{ApiError, Slug};
use crate::http::layers::quota::{Meter, Metered};
use crate::http::quota::Kind;
use crate::models::access::{Principal, Role};

/// Where a browser says that a request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The session of everybody where nobody is asked.
const NOBODY: &str = "anonymous";

/// What the layer of one page goes by.
#[derive(Clone)]
pub struct Door {
    auth: Auth,
    sealer: Sealer,
    access: Access,
    takes: Takes,
    counts: (Meter, Kind),
}

/// What an action is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Fields.
    Form,
    /// Fields and files.
    Files,
}

/// Whoever looks, with what its pages need.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// As the API knows it.
    pub caller: Caller,
    /// What its forms bring back.
    pub token: String,
    /// What it signed in for, and can leave; none where nobody is asked.
    pub session: Option<Session>,
}

impl Visitor {
    /// Whether one of its roles is among these.
    pub fn may(&self, roles: &[Role]) -> bool {
        self.caller.principal.roles.any_of(roles)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or_else(|| Slug::Internal.error().caused_by("an open page asks who looks"))
    }
}

/// What comes in: who, under which session.
struct Known {
    principal: Arc<Principal>,
    session: Option<Session>,
}

impl Door {
    /// The door of a page with this access, which counts against this quota of its visitor.
    pub fn new(state: &AppState, access: Access, takes: Takes, counts: (Meter, Kind)) -> Self {
        let sealer = Sealer::new(state.ledger.signing_key());
        Self { auth: state.auth.clone(), sealer, access, takes, counts }
    }

    fn session(&self, request: &Request) -> Option<Session> {
        self.sealer.session(request.headers(), is_local(request), Utc::now().timestamp())
    }

    /// Whose session it is, if it still opens something.
    async fn known(&self, session: Option<Session>) -> Result<Option<Known>, ApiError> {
        if let Some(principal) = self.auth.local() {
            return Ok(Some(Known { principal, session: None }));
        }
        let Some(session) = session else {
            return Ok(None);
        };
        let principal = holder(&self.auth, &session).await?;
        Ok(principal.map(|principal| Known { principal, session: Some(session) }))
    }
}

/// Whose session it is: the holder of a key that was not revoked, or a person whom the provider
/// named.
///
/// # Errors
/// 503 when the keys were never read.
pub async fn holder(auth: &Auth, session: &Session) -> Result<Option<Arc<Principal>>, ApiError> {
    match &session.who {
        Who::Key(key) => auth.holder(key).await,
        Who::Person(person) => Ok(auth.person(person)),
    }
}

/// The layer: a page for whoever may see it, the sign-in for who did not say who it is, and a page
/// that says what is wrong for everybody else.
pub async fn check(State(door): State<Door>, request: Request, next: Next) -> Response<Body> {
    match pass(&door, request, next).await {
        Ok(response) => shown::with_error_page(response),
        Err(error) => shown::error_page(error),
    }
}

async fn pass(door: &Door, request: Request, next: Next) -> Result<Response<Body>, ApiError> {
    if !request.method().is_safe() && !is_ours(&request) {
        let detail =
            "The form was not sent from a page of this gateway. Open the page and try again.";
        return Err(Slug::CrossSiteRequest.error().detail(detail));
    }
    let Access::AnyOf(roles) = door.access else {
        return Ok(next.run(request).await);
    };
    let session = door.session(&request);
    let Some(known) = door.known(session).await? else {
        return Ok(to_sign_in(&request));
    };
    let visitor = visitor(door, &known, &request);
    if !visitor.may(roles) {
        door.auth.count_missing_role();
        return Err(shown::missing_role(roles));
    }
    let caller = visitor.caller.clone();
    let renewed = known.session.as_ref().and_then(|one| one.renewed(Utc::now().timestamp()));
    let cookie = renewed.map(|session| door.sealer.cookie(&session, is_local(&request)));
    let (meter, kind) = &door.counts;
    let metered = meter.take(&caller, *kind);
    let answered = match metered.as_ref().and_then(Metered::refusal) {
        Some(refusal) => Err(refusal),
        None => let_in(door, &known, visitor, request, next).await,
    };
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    if let Some(metered) = metered {
        metered.tell(response.headers_mut());
    }
    if let Some(cookie) = cookie {
        // A sign-out has set its own.
        response.headers_mut().entry(SET_COOKIE).or_insert(cookie);
    }
    response.extensions_mut().insert(caller);
    Ok(response)
}

/// Takes the form of an action, and goes on to whom it is for.
async fn let_in(
    door: &Door,
    known: &Known,
    visitor: Visitor,
    mut request: Request,
    next: Next,
) -> Result<Response<Body>, ApiError> {
    if !request.method().is_safe() {
        request = with_form(door, known, request).await?;
    }
    request.extensions_mut().insert(visitor.caller.clone());
    request.extensions_mut().insert(visitor);
    Ok(next.run(request).await)
}

fn visitor(door: &Door, known: &Known, request: &Request) -> Visitor {
    Visitor {
        caller: Caller::new(Arc::clone(&known.principal), request.extensions()),
        token: door.sealer.form_token(session_name(known)),
        session: known.session.clone(),
    }
}

fn session_name(known: &Known) -> &str {
    known.session.as_ref().map_or(NOBODY, |session| session.name.as_str())
}

/// Reads the form, and puts it where its handler finds it once its token was right.
async fn with_form(door: &Door, known: &Known, request: Request) -> Result<Request, ApiError> {
    if door.takes == Takes::Files {
        let (mut request, token, upload) = upload::begin(request).await?;
        require_token(door, known, &token)?;
        request.extensions_mut().insert(upload);
        return Ok(request);
    }
    let (mut request, mut form) = form::read(request).await?;
    require_token(door, known, &form.one(form::TOKEN).unwrap_or_default())?;
    request.extensions_mut().insert(form.checked());
    Ok(request)
}

fn require_token(door: &Door, known: &Known, token: &str) -> Result<(), ApiError> {
    if door.sealer.is_form_token(session_name(known), token) {
        return Ok(());
    }
    let detail = "The form is of another session. Open the page again, and send it from there.";
    Err(Slug::CrossSiteRequest.error().detail(detail))
}

/// The way back, for a page; a form is opened again after the login.
fn to_sign_in(request: &Request) -> Response<Body> {
    let asked = request.uri().path_and_query().map_or("", |target| target.as_str());
    let next = if request.method() == Method::GET { asked } else { "" };
    let mut place = "/dashboard/sign-in".to_owned();
    if !next.is_empty() {
        let mut query = form_urlencoded::Serializer::new(String::new());
        place = format!("{place}?{}", query.append_pair("next", next).finish());
    }
    see_other(&place)
}

/// 303.
pub fn see_other(place: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/dashboard"));
    response.headers_mut().insert(LOCATION, place);
    response
}

/// Whether a browser says that a page of ours sent this. One that does not say where a request
/// comes from (over plain HTTP, away from this machine) names its origin.
fn is_ours(request: &Request) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = origin.and_then(|origin| origin.split_once("://"));
    let named = authority(request);
    origin.is_some_and(|(scheme, authority)| {
        matches!(scheme, "http" | "https")
            && named.is_some_and(|ours| ours.as_str().eq_ignore_ascii_case(authority))
    })
}

/// Whom the request was sent to; an outer layer has checked that this is one of our names.
fn authority(request: &Request) -> Option<Authority> {
    let named = |headers: &HeaderMap| headers.get(HOST)?.to_str().ok()?.parse().ok();
    request.uri().authority().cloned().or_else(|| named(request.headers()))
}

/// On this machine there need be no TLS, and a cookie that asks for it would be refused.
pub fn is_local(request: &Request) -> bool {
    let authority = authority(request);
    authority.is_some_and(|name| matches!(name.host(), "localhost" | "127.0.0.1" | "[::1]"))
}

/// Where a failed sign-in is counted.
pub fn address(request: &Request) -> Option<std::net::IpAddr> {
    caller::address(request.extensions())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::{is_local, is_ours};

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::builder().method("POST").uri("/dashboard/sign-in");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn forms_come_from_pages_of_ours() {
        let table: [(&[(&str, &str)], bool); 9] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://ap.example")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://ap.example")], true),
            (&[("origin", "https://ap.example.evil.example")], false),
            (&[("origin", "https://ap.example:8443")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ];
        for (headers, ours) in table {
            let headers = [headers, &[("host", "ap.example")]].concat();
            assert_eq!(is_ours(&request(&headers)), ours, "{headers:?}");
        }
    }

    #[test]
    fn only_this_machine_does_without_tls() {
        for (host, local) in [("localhost:8080", true), ("[::1]:1", true), ("ap.example", false)] {
            assert_eq!(is_local(&request(&[("host", host)])), local, "{host}");
        }
    }
}
