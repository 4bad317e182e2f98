//! Where people sign in at the provider, and clients trade codes for tokens: as strict as the
//! standards let it be, and as broken as a test wants it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::http_auth::provider::Signer;

/// How a client proves at the token endpoint who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// By nothing but its proof key.
    Public,
    Basic,
    Post,
}

/// What the token endpoint does instead of its work.
#[derive(Debug, Clone)]
pub(crate) enum Instead {
    Answer(u16, String),
    /// It takes the request and says nothing.
    Nothing,
}

/// What is agreed with one client, and what is under way.
pub(crate) struct Desk {
    pub(crate) client: String,
    pub(crate) secret: String,
    pub(crate) redirect_uri: String,
    pub(crate) proof: Proof,
    pub(crate) instead: Option<Instead>,
    /// Claims of the next ID tokens that are others than usual; `null` leaves one out.
    pub(crate) claims: Value,
    /// The next ID token, word for word.
    pub(crate) token: Option<String>,
    pub(crate) signer: Arc<Signer>,
    /// Members of the description that are others than usual.
    pub(crate) described: Value,
    /// The codes that were given, with what they were asked for.
    given: HashMap<String, HashMap<String, String>>,
    /// Requests at the token endpoint.
    pub(crate) trades: usize,
    /// What was asked and sent last, in words that nobody else may see.
    pub(crate) hidden: Vec<String>,
}

impl Desk {
    pub(super) fn new(signer: Arc<Signer>) -> Self {
        Self {
            client: "ap-gateway-dashboard".to_owned(),
            secret: "s3cret: &+%".to_owned(),
            redirect_uri: "http://localhost:8080/dashboard/sign-in/oidc/callback".to_owned(),
            proof: Proof::Basic,
            instead: None,
            claims: json!({}),
            token: None,
            signer,
            described: json!({}),
            given: HashMap::new(),
            trades: 0,
            hidden: Vec::new(),
        }
    }
}

/// The desk of a provider.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) issuer: String,
    pub(super) desk: Arc<Mutex<Desk>>,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("not poisoned")
    }
}

pub(super) fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route("/authorize", get(authorize))
        .route("/token", post(trade))
        // A token that a redirect leads to; nobody must come here.
        .route("/elsewhere", get(|| async { json!({"id_token": "x"}).to_string() }))
        .with_state(shared)
}

fn fields(text: &str) -> HashMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn overlaid(mut base: Value, others: &Value) -> Value {
    let members = base.as_object_mut().expect("an object");
    for (name, value) in others.as_object().expect("an object") {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    base
}

async fn describe(State(shared): State<Shared>) -> Response {
    let (issuer, desk) = (&shared.issuer, shared.desk());
    let methods = match desk.proof {
        Proof::Public => json!(["none"]),
        Proof::Basic => Value::Null, // Basic is what counts when nothing is said
        Proof::Post => json!(["client_secret_post", "private_key_jwt"]),
    };
    let usual = json!({
        "issuer": issuer, "jwks_uri": format!("{issuer}/jwks"),
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
    });
    let usual = overlaid(usual, &json!({ "token_endpoint_auth_methods_supported": methods }));
    overlaid(usual, &desk.described).to_string().into_response()
}

/// A page on which the person says yes.
async fn authorize(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let asked = fields(&query.unwrap_or_default());
    let mut desk = shared.desk();
    let is = |name: &str, value: &str| asked.get(name).is_some_and(|known| known == value);
    let long = |name: &str| asked.get(name).is_some_and(|value| value.len() >= 32);
    let right = is("tenant", "1")
        && is("response_type", "code")
        && is("client_id", &desk.client)
        && is("redirect_uri", &desk.redirect_uri)
        && is("scope", "openid profile email")
        && is("code_challenge_method", "S256")
        && asked["code_challenge"].len() == 43
        && ["state", "nonce"].iter().all(|name| long(name));
    if !right {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let mut code = [0; 24];
    aws_lc_rs::rand::fill(&mut code).expect("random numbers");
    let code = BASE64_URL_SAFE_NO_PAD.encode(code);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", &code).append_pair("state", &asked["state"]);
    query.append_pair("session_state", "x").append_pair("iss", &shared.issuer);
    let back = format!("{}?{}", desk.redirect_uri, query.finish()).replace('&', "&amp;");
    desk.given.insert(code, asked);
    Html(format!("<h1>Provider</h1><a id=\"yes\" href=\"{back}\">Go on as alice</a>"))
        .into_response()
}

async fn trade(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024).await.expect("a body");
    let instead = {
        let mut desk = shared.desk();
        desk.trades += 1;
        desk.instead.clone()
    };
    match instead {
        Some(Instead::Nothing) => std::future::pending::<()>().await,
        Some(Instead::Answer(status, text)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            return (status, [(LOCATION, "/elsewhere")], text).into_response();
        }
        None => {}
    }
    let header = |name| head.headers.get(name).map(|value| value.to_str().expect("ASCII"));
    let sent = fields(std::str::from_utf8(&body).expect("UTF-8"));
    let refuse = |status: StatusCode, error: &str| {
        (status, json!({"error": error, "error_description": "see above"}).to_string())
            .into_response()
    };
    let mut desk = shared.desk();
    if header(CONTENT_TYPE) != Some("application/x-www-form-urlencoded") {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    }
    if !proved(&desk, header(AUTHORIZATION), &sent) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    // A code is good for one attempt.
    let asked = sent.get("code").and_then(|code| desk.given.remove(code));
    let verifier = sent.get("code_verifier").map(String::as_str).unwrap_or_default();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let asked = asked.filter(|asked| {
        sent.get("grant_type").is_some_and(|kind| kind == "authorization_code")
            && sent.get("redirect_uri") == asked.get("redirect_uri")
            && asked["code_challenge"] == challenge
    });
    let Some(asked) = asked else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let token = id_token(&shared.issuer, &desk, &asked["nonce"]);
    let secrets = [&sent["code"], &sent["code_verifier"], &asked["state"], &asked["nonce"], &token];
    desk.hidden = secrets.map(String::clone).into();
    let answer = json!({
        "access_token": "canary-access-token", "token_type": "Bearer", "expires_in": 300,
        "refresh_token": "canary-refresh-token", "id_token": token,
    });
    answer.to_string().into_response()
}

fn proved(desk: &Desk, header: Option<&str>, sent: &HashMap<String, String>) -> bool {
    let letters = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!("{}:{}", letters(&desk.client), letters(&desk.secret));
    let basic = format!("Basic {}", BASE64_STANDARD.encode(basic));
    let said = |name: &str| sent.get(name).map(String::as_str);
    let (client, secret) = (Some(desk.client.as_str()), Some(desk.secret.as_str()));
    let (id, shown) = (said("client_id"), said("client_secret"));
    match desk.proof {
        Proof::Public => header.is_none() && id == client && shown.is_none(),
        Proof::Basic => header == Some(basic.as_str()) && shown.is_none(),
        Proof::Post => header.is_none() && id == client && shown == secret,
    }
}

fn id_token(issuer: &str, desk: &Desk, nonce: &str) -> String {
    if let Some(token) = &desk.token {
        return token.clone();
    }
    let now = chrono::Utc::now().timestamp();
    let usual = json!({
        "iss": issuer, "aud": desk.client, "sub": "alice", "iat": now, "exp": now + 60,
        "nonce": nonce, "roles": ["approver", "submitter"], "duties": ["lead", "buyer", "clerk"],
    });
    let token = desk.signer.sign(&overlaid(usual, &desk.claims));
    token.trim_start_matches("Bearer ").to_owned()
}

/// Says yes on the page of the desk; answers where it sends the browser.
pub(crate) async fn consent(place: &str) -> String {
    let page = reqwest::get(place).await.expect("the provider answers");
    let status = page.status();
    let html = page.text().await.expect("a page");
    assert_eq!(status, 200, "{html}");
    let back = html.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
    back.expect("a link").replace("&amp;", "&")
}
