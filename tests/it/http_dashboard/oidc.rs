//! People sign in at a provider that is really there: what it says of them, and who is refused.

mod journey;
mod refused;
mod trouble;

use std::collections::BTreeMap;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use axum::body::Body;
use axum::http::HeaderMap;

use crate::edge::{Edge, ask};
use crate::http_auth::provider::{Proof, Provider, consent as say_yes};
use crate::http_dashboard::{Shown, Visitor};

/// Where browsers find the gateway.
const HERE: &str = "http://localhost:8080";

/// Where they begin, and where they come back.
const BEGIN: &str = "/dashboard/sign-in/oidc";
const BACK: &str = "/dashboard/sign-in/oidc/callback";

/// A provider where people can sign in.
pub(super) fn provider() -> Provider {
    let provider = Provider::start();
    provider.open_desk();
    provider
}

/// The gateway as a client of it.
pub(super) fn client(provider: &Provider) -> (config::Oidc, config::Jwt) {
    let desk = provider.desk();
    let oidc = config::Oidc {
        client_id: Some(desk.client.clone()),
        public_url: Some(format!("{HERE}/")),
        name: "Finance <SSO>".to_owned(),
        client_secret: (desk.proof != Proof::Public).then(|| desk.secret.clone().into()),
        ..config::Oidc::default()
    };
    // Where its keys are, it says itself.
    let jwt = config::Jwt { jwks_url: None, ..provider.settings() };
    (oidc, jwt)
}

/// The login of such a gateway.
pub(super) fn login(edge: &Edge, oidc: &config::Oidc, jwt: &config::Jwt) -> Auth {
    let (ledger, metrics) = (&edge.state.ledger, &edge.state.metrics);
    Auth::required(ledger, &config::Auth::default(), jwt, metrics).with_sign_in(oidc, jwt)
}

/// A gateway where people sign in at the provider.
async fn gateway(provider: &Provider) -> Edge {
    let (oidc, jwt) = client(provider);
    let edge = Edge::guarded().await;
    let auth = login(&edge, &oidc, &jwt);
    edge.behind(auth)
}

/// Says yes at the provider; answers where it sends the browser, without the gateway's address.
async fn consent(place: &str) -> String {
    say_yes(place).await.replace(HERE, "")
}

/// A browser that keeps all its cookies.
struct Browser {
    visitor: Visitor,
    jar: BTreeMap<String, String>,
}

impl Browser {
    fn at(edge: &Edge) -> Self {
        Self { visitor: Visitor::stranger(edge), jar: BTreeMap::new() }
    }

    /// The same browser, led to another replica.
    fn now_at(self, edge: &Edge) -> Self {
        Self { visitor: Visitor { cookie: self.visitor.cookie, ..Visitor::stranger(edge) }, ..self }
    }

    async fn get(&mut self, path: &str) -> Shown {
        let shown = self.visitor.get(path).await;
        self.keep(&shown.headers);
        shown
    }

    /// Begins to sign in; answers where the gateway sends it.
    async fn begin(&mut self, next: &str) -> String {
        let shown = self.get(&format!("{BEGIN}?next={next}")).await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        shown.header("location").to_owned()
    }

    /// There and back; answers the page that it comes back to.
    async fn sign_in(&mut self) -> Shown {
        let place = self.begin("/dashboard").await;
        let back = consent(&place).await;
        self.get(&back).await
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            let (name, value) =
                cookie.split(';').next().expect("a pair").split_once('=').expect("=");
            if cookie.contains("Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let pairs: Vec<_> =
            self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.visitor.cookie = pairs.join("; ");
    }

    /// Whether it has a session that opens something.
    async fn is_signed_in(&mut self) -> bool {
        self.get("/dashboard").await.status == 200
    }
}

/// A page to sign in with, which says this and gives no session.
fn check_refused(shown: &Shown, status: u16, words: &str, what: &str) {
    assert_eq!(shown.status.as_u16(), status, "{what}: {}", shown.html);
    let text = shown.html.replace("&#39;", "'");
    assert!(text.contains(words), "{what}: {}", shown.html);
    assert!(shown.html.contains("href=\"/dashboard/sign-in/oidc?next="), "{what}");
    assert!(shown.html.contains("name=\"key\""), "{what}: a key opens all the same");
    super::check_html(shown, what);
    let session = |cookie: &axum::http::HeaderValue| cookie.as_bytes().starts_with(b"apg=");
    assert!(!shown.headers.get_all("set-cookie").iter().any(session), "{what}");
}

/// What the metrics say of failed logins for this reason.
fn failures(edge: &Edge, reason: &str) -> u64 {
    edge.state.metrics.auth_failures.with_label_values(&[reason]).get()
}

/// A request of the API with a token of the provider.
async fn over_the_api(edge: &Edge, token: &str, method: &str, path: &str) -> u16 {
    let request = ask(method, path).header("authorization", token);
    edge.send(request.body(Body::empty()).expect("a request")).await.status.as_u16()
}
