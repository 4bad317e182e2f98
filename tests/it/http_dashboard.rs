//! The dashboard: who sees what, what a form may do, what is shown, and how it works in a browser.

mod browser;
mod chrome;
mod decisions;
mod door;
mod live;
mod many;
mod oidc;
mod pages;
mod papers;
mod refusals;
mod submissions;
mod webhooks;
mod what_if;
mod workflows;

use ap_gateway::http::invoices::events::EVENT_STREAM;
use ap_gateway::models::access::Role;
use ap_gateway::storage::ledger::keys::NewKey;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Builder;
use axum::http::{HeaderMap, StatusCode};
use tower::ServiceExt;

use crate::edge::{Edge, ask};
use crate::http_auth::{keep, new_key};

/// A browser without a screen: it keeps its cookie, and says where its forms come from.
struct Visitor {
    router: Router,
    cookie: String,
}

/// What it was shown.
struct Shown {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
    html: String,
}

impl Visitor {
    /// Somebody who did not say who it is.
    fn stranger(edge: &Edge) -> Self {
        Self { router: edge.router.clone(), cookie: String::new() }
    }

    /// Somebody with a key, signed in.
    async fn with(edge: &Edge, key: &NewKey) -> Self {
        let bearer = keep(&edge.state.ledger, key).await;
        let text = bearer.trim_start_matches("Bearer ").to_owned();
        let mut visitor = Self::stranger(edge);
        let shown = visitor.send_form("/dashboard/sign-in", &[("key", &text)]).await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER, "{}", shown.html);
        visitor.cookie = shown.cookie().split(';').next().expect("a pair").to_owned();
        visitor
    }

    /// The same with a key that is made for it.
    async fn of(edge: &Edge, subject: &str, roles: &[Role]) -> Self {
        Self::with(edge, &new_key(subject, roles)).await
    }

    async fn get(&self, path: &str) -> Shown {
        self.send(ask("GET", path), Body::empty()).await
    }

    /// A form as a page of ours would send it, with the token of this session.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.get("/dashboard").await.token();
        self.send_form(path, &[fields, &[("token", &token)]].concat()).await
    }

    /// A form as this page would send it, with the token that stands on it.
    async fn form_of(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.get(page).await.token();
        self.send_form(path, &[fields, &[("token", &token)]].concat()).await
    }

    /// A form from a page of ours, as it is.
    async fn send_form(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let request = ask("POST", path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        self.send(request, form.extend_pairs(fields).finish().into()).await
    }

    async fn send(&self, request: Builder, body: Body) -> Shown {
        let request: Request =
            request.header("cookie", &self.cookie).body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        // A stream has no end to wait for.
        let streams = parts.headers.get("content-type").is_some_and(|kind| kind == EVENT_STREAM);
        let body = if streams { Body::empty() } else { body };
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Shown { status: parts.status, headers: parts.headers, bytes: bytes.to_vec(), html }
    }
}

impl Shown {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn cookie(&self) -> &str {
        self.header("set-cookie")
    }

    /// What the forms of the page bring back.
    fn token(&self) -> String {
        self.hidden("token")
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let field = format!("name=\"{name}\" value=\"");
        let rest = self.html.split_once(&field).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

/// What no page may have: the policy of its content would refuse it, and a reader might not.
fn check(shown: &Shown, path: &str) {
    assert_eq!(shown.status, 200, "{path}: {}", shown.html);
    check_html(shown, path);
}

/// The same of a page that says what is not there.
fn check_html(shown: &Shown, path: &str) {
    let policy = shown.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(shown.header("cache-control"), "no-store", "{path}");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    let html = &shown.html;
    for bad in ["<script>", " style=", " onerror=alert(2)>", "javascript:", "<img src=x"] {
        assert!(!html.contains(bad), "{path} has {bad}");
    }
    for outside in ["src=\"http", "href=\"http", "url(http"] {
        assert!(!html.contains(outside), "{path} names {outside}");
    }
    assert_eq!(html.matches("<h1>").count(), 1, "{path}");
    assert!(html.contains("<html lang=\"en\">") && html.contains("<main id=\"main\""), "{path}");
}
