//! The whole router over a real ledger and a real folder. Unless a bench brings one, Temporal is
//! not there: its address is a port that nobody listens on, which is how an outage looks from here.

use std::sync::Arc;
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::http::dashboard::drawings::Drawings;
use ap_gateway::http::error::Slug;
use ap_gateway::http::{AppState, router};
use ap_gateway::metrics::Metrics;
use ap_gateway::models::policy::Policy;
use ap_gateway::readiness::Readiness;
use ap_gateway::storage::{Artifacts, Ledger};
use ap_gateway::telemetry::LogFilter;
use ap_gateway::temporal::Gateway;
use ap_gateway::webhooks::{Rules, Sender};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::bench::Bench;
use crate::harness::within;

/// A router and what it stands on. Its folder goes with the last clone.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) router: Router,
    pub(crate) state: AppState,
    folder: Arc<TempDir>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Edge {
    pub(crate) async fn start() -> Self {
        Self::with(config::Http::default()).await
    }

    pub(crate) async fn with(limits: config::Http) -> Self {
        let folder = TempDir::new().expect("a folder");
        let database = database(folder.path());
        let ledger = config::Ledger { url: database.into(), ..config::Ledger::default() };
        let artifacts = config::Artifacts { folder: folder.path().join("artifacts") };
        let nobody = config::Temporal::local(1).expect("settings");
        let state = AppState {
            gateway: Gateway::new(&nobody, "ap-default", None),
            ledger: Ledger::open(&ledger).await.expect("a ledger"),
            artifacts: Artifacts::open(&artifacts).await.expect("a store"),
            metrics: Arc::new(Metrics::new()),
            readiness: Readiness::default(),
            limits: Arc::new(limits),
            policy: Arc::new(Policy::default()),
            auth: Auth::open(),
            sender: to_this_machine(),
            log: LogFilter::default(),
            drawings: Drawings::new(env!("CARGO_BIN_EXE_ap-gateway")),
        };
        let router = router(state.clone());
        Self { router, state, folder: Arc::new(folder) }
    }

    /// One that asks who calls. Tests ask as often as they like: quotas have tests of their own.
    pub(crate) async fn guarded() -> Self {
        let limits = config::Http {
            quota_read: 0,
            quota_write: 0,
            quota_list: 0,
            ..config::Http::default()
        };
        let open = Self::with(limits).await;
        let auth = Auth::required(
            &open.state.ledger,
            &config::Auth::default(),
            &config::Jwt::default(),
            &open.state.metrics,
        );
        open.behind(auth)
    }

    /// The same stores behind another login.
    pub(crate) fn behind(self, auth: Auth) -> Self {
        let state = AppState { auth, ..self.state.clone() };
        Self { router: router(state.clone()), state, folder: Arc::clone(&self.folder) }
    }

    /// The same stores behind a door that asks nobody.
    pub(crate) fn with_nobody_asked(&self) -> Self {
        let state = AppState { auth: Auth::open(), ..self.state.clone() };
        Self { router: router(state.clone()), state, folder: Arc::clone(&self.folder) }
    }

    /// The same stores before another Temporal.
    pub(crate) fn over_temporal(self, gateway: Gateway) -> Self {
        let state = AppState { gateway, ..self.state.clone() };
        Self { router: router(state.clone()), state, folder: Arc::clone(&self.folder) }
    }

    /// Over the server, the stores and the worker of a bench.
    pub(crate) fn over(bench: &Bench) -> Self {
        let state = AppState {
            gateway: bench.gateway.clone(),
            ledger: bench.ledger.clone(),
            artifacts: bench.artifacts.clone(),
            metrics: Arc::new(Metrics::new()),
            readiness: bench.readiness.clone(),
            limits: Arc::new(config::Http::default()),
            policy: Arc::new(bench.policy.clone()),
            auth: Auth::open(),
            sender: to_this_machine(),
            log: LogFilter::default(),
            drawings: Drawings::new(env!("CARGO_BIN_EXE_ap-gateway")),
        };
        let folder = Arc::new(TempDir::new().expect("a folder"));
        Self { router: router(state.clone()), state, folder }
    }

    /// Another gateway over the same ledger and the same folder.
    pub(crate) async fn replica(&self) -> Self {
        let ledger = config::Ledger { url: self.database().into(), ..config::Ledger::default() };
        let artifacts = config::Artifacts { folder: self.folder.path().join("artifacts") };
        let metrics = Arc::new(Metrics::new());
        let ledger = Ledger::open(&ledger).await.expect("a ledger");
        let artifacts = Artifacts::open(&artifacts).await.expect("a store");
        let state = AppState { ledger, artifacts, metrics, ..self.state.clone() };
        Self { router: router(state.clone()), state, folder: Arc::clone(&self.folder) }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("the router answers").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let answer = Answer { status: parts.status, headers: parts.headers, body: body.to_vec() };
        answer.check();
        answer
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(ask("GET", target).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, target: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let request = ask("POST", target).header("content-type", kind);
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// The address of its ledger, for another process over the same one.
    pub(crate) fn database(&self) -> String {
        database(self.folder.path())
    }

    /// Files in the artifact folder, half-written ones included.
    pub(crate) fn artifacts(&self) -> usize {
        files(&self.folder.path().join("artifacts"))
    }

    /// Waits, for a second at most, until given-up uploads are cleared away in the background.
    pub(crate) async fn settled(&self) {
        let cleared = async || (self.artifacts() == 0).then_some(());
        within(Duration::from_secs(1), "no artifact is left", cleared).await;
    }

    /// How many problems went out that no rule of ours made.
    pub(crate) fn unmapped(&self) -> u64 {
        let problems = &self.state.metrics.problems;
        problems.with_label_values(&["unmapped"]).get()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.unmapped(), 0, "a refusal that no rule of ours made");
        }
    }
}

impl Answer {
    /// What holds for every answer.
    fn check(&self) {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        assert!(header("x-request-id").is_some(), "{self:?}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert!(header("content-security-policy").is_some());
        assert!(header("cache-control").is_some());
        if self.status.as_u16() < 400 {
            return;
        }
        assert_eq!(header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        let kind = problem["type"].as_str().and_then(|kind| kind.strip_prefix("/docs/problems/"));
        assert!(kind.is_some_and(|slug| Slug::parse(slug).is_some()), "no type of ours: {problem}");
        assert_eq!(problem["request_id"].as_str(), header("x-request-id"));
        // As the document says of its type.
        let comes_back = kind.and_then(Slug::parse).is_some_and(Slug::comes_back);
        assert_eq!(header("retry-after").is_some(), comes_back, "{self:?}");
        let tells = self.status.is_server_error()
            || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&self.status);
        assert_eq!(problem.get("outcome").is_some(), tells, "{problem}");
        assert_eq!(problem.get("retry_safe").is_some(), tells, "{problem}");
    }

    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// Status and the last part of the problem's type.
    pub(crate) fn problem(&self) -> (u16, String) {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        let slug = kind.rsplit('/').next().unwrap_or_default().to_owned();
        (self.status.as_u16(), slug)
    }

    /// Codes and places of all faults.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let faults = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = |fault: &Value| text(fault.get("pointer").unwrap_or(&fault["parameter"]));
        faults.iter().map(|fault| (place(fault), text(&fault["code"]))).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }
}

/// A request with the one header that every request needs.
pub(crate) fn ask(method: &str, target: &str) -> Builder {
    Request::builder().method(method).uri(target).header("host", "localhost")
}

/// Messages of tests go to receivers on this machine.
pub(crate) fn to_this_machine() -> Sender {
    let networks = ["127.0.0.0/8", "::1/128"].map(|text| text.parse().expect("a network"));
    let rules = Rules { networks: networks.into(), ports: Vec::new() };
    Sender::new(rules, Duration::from_secs(2))
}

fn database(folder: &std::path::Path) -> String {
    format!("sqlite:{}", folder.join("ledger.db").display())
}

fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}
