//! Transport: parse, call one thing, answer. No business rule lives here.
//!
//! `http` never names the SDK, never reads the environment, and never builds a link from what a
//! caller sent. Every refusal is a problem document; every wait has a deadline.
#![deny(clippy::disallowed_types)]

pub mod access;
pub mod allowed;
pub mod answer;
pub mod artifacts;
pub mod auth;
pub mod bank_statements;
pub mod batches;
pub mod caller;
pub mod dashboard;
pub mod docs;
pub mod error;
pub mod extract;
pub mod figures;
pub mod followers;
pub mod gone;
pub mod health;
pub mod idempotency;
pub mod intent;
pub mod invoices;
pub mod layers;
pub mod lists;
pub mod log_level;
pub mod noted;
pub mod openapi;
pub mod orders;
pub mod page_token;
pub mod payment_files;
pub mod prefer;
pub mod proxies;
pub mod quota;
pub mod receipts;
pub mod reconciliations;
pub mod recorded;
pub mod registration;
pub mod router;
pub mod serve;
pub mod suppliers;
pub mod waiting;
pub mod webhooks;
pub mod workflows;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use tokio::sync::Semaphore;

use crate::config;
use crate::http::auth::Auth;
use crate::http::dashboard::drawings::Drawings;
use crate::http::dashboard::live::Pulse;
use crate::http::dashboard::what_if::AT_ONCE_MAX;
use crate::http::figures::LastRead;
use crate::http::followers::Followers;
use crate::http::invoices::events::Streams;
use crate::http::waiting::Waiters;
use crate::metrics::Metrics;
use crate::models::policy::Policy;
use crate::readiness::Readiness;
use crate::storage::{Artifacts, Ledger};
use crate::telemetry::LogFilter;
use crate::temporal::Gateway;
use crate::webhooks::Sender;

pub use crate::http::openapi::openapi;
pub use crate::http::router::{probes_router, router};
pub use crate::http::serve::{Certificate, Port, chain_ends, serve};

/// What the edge is given.
#[derive(Clone)]
pub struct AppState {
    /// Workflows.
    pub gateway: Gateway,
    /// Rows.
    pub ledger: Ledger,
    /// Documents.
    pub artifacts: Artifacts,
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// Whether the parts work, and whether the process stops.
    pub readiness: Readiness,
    /// Limits and deadlines.
    pub limits: Arc<config::Http>,
    /// What the company tolerates, and who must approve.
    pub policy: Arc<Policy>,
    /// Who may come in.
    pub auth: Auth,
    /// Messages to receivers outside.
    pub sender: Sender,
    /// What is logged.
    pub log: LogFilter,
    /// Documents, page by page, for people.
    pub drawings: Drawings,
}

/// What it was given, and what it keeps itself: places to wait, to follow and to listen. Each
/// request gets several of it, so it is one count.
#[derive(Clone)]
pub struct Edge(Arc<Kept>);

/// What all requests share.
pub struct Kept {
    parts: AppState,
    waiters: Waiters,
    followers: Followers,
    streams: Streams,
    figures: LastRead,
    pulse: Pulse,
    what_ifs: Arc<Semaphore>,
}

impl Edge {
    fn new(parts: AppState) -> Self {
        let waiters = Waiters::new(&parts.limits, &parts.metrics, parts.readiness.clone());
        let followers = Followers::new(&parts.limits, &parts.metrics);
        let streams = Streams::new(&parts.limits, &parts.metrics);
        let (figures, pulse) = (LastRead::default(), Pulse::default());
        let what_ifs = Arc::new(Semaphore::new(AT_ONCE_MAX));
        Self(Arc::new(Kept { parts, waiters, followers, streams, figures, pulse, what_ifs }))
    }
}

impl Deref for Edge {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.0
    }
}

impl FromRef<Edge> for Ledger {
    fn from_ref(edge: &Edge) -> Self {
        edge.parts.ledger.clone()
    }
}

impl FromRef<Edge> for Gateway {
    fn from_ref(edge: &Edge) -> Self {
        edge.parts.gateway.clone()
    }
}

impl FromRef<Edge> for Artifacts {
    fn from_ref(edge: &Edge) -> Self {
        edge.parts.artifacts.clone()
    }
}

impl FromRef<Edge> for Readiness {
    fn from_ref(edge: &Edge) -> Self {
        edge.parts.readiness.clone()
    }
}

impl FromRef<Edge> for Arc<Metrics> {
    fn from_ref(edge: &Edge) -> Self {
        Arc::clone(&edge.parts.metrics)
    }
}
