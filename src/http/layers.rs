//! What every request passes, outermost first, and why in this order.
//!
//! 1. [`request_id`], [`client`]: all below can be found again.
//! 2. [`access`]: metrics and the log line count every answer, also 404 and 405.
//!    [`compress`] is inside it, so that it counts what is sent.
//! 3. [`finisher`]: nothing leaves without security headers, and no refusal without its document.
//! 4. [`panics`]: inside the finisher, so that a panic is a proper 500.
//! 5. [`linger`]: outside everything that may refuse a body before it has come.
//! 6. [`strict`]: cheap checks of the head, before any work.
//! 7. [`shed`]: refuses while stopping or full, before spending.
//! 8. [`login`]: who asks, and may it; before a byte of the body is read.
//! 9. [`quota`]: how often; it needs the subject. Pages of the dashboard have 8 and 9 in their door.
//! 10. [`deadline`]: cuts everything inside; each route group has its own.
//! 11. [`body`]: innermost, because groups differ in what they take.
//!
//! `/livez`, `/readyz` and `/metrics` are mounted outside 6, 7 and 9 to 11: a probe must work while
//! the process is full or stopping. An unknown path passes 1 to 7, and is 404 then. Login has bounds
//! of its own, so it stands outside the deadline.

pub mod access;
pub mod body;
pub mod client;
pub mod compress;
pub mod deadline;
pub mod finisher;
pub mod linger;
pub mod login;
pub mod panics;
pub mod quota;
pub mod request_id;
pub mod shared;
pub mod shed;
pub mod strict;

use std::sync::Arc;
use std::time::Duration;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};

use crate::http::AppState;
use crate::http::extract::body::Stall;
use crate::http::layers::shared::shared;
use crate::http::proxies::Proxies;

/// Layers 6 and 7, for everything but the probes: also for what is nowhere, so the router has its
/// fallback before.
pub fn guarded(router: Router, state: &AppState) -> Router {
    let gate = shed::Gate::new(state);
    let hosts = Arc::new(state.limits.allowed_hosts.clone());
    let stall = Stall(Duration::from_secs(state.limits.body_stall_seconds));
    router
        .layer(Extension(stall))
        .layer(shared(from_fn_with_state(gate, shed::admit)))
        .layer(shared(from_fn_with_state(hosts, strict::check)))
}

/// Layers 1 to 5, for everything.
pub fn outer(router: Router, state: &AppState) -> Router {
    let metrics = Arc::clone(&state.metrics);
    router
        .layer(shared(from_fn_with_state(linger::Lingering::default(), linger::read_off)))
        .layer(shared(from_fn_with_state(Arc::clone(&metrics), panics::catch)))
        .layer(shared(from_fn_with_state(Arc::clone(&metrics), finisher::finish)))
        .layer(shared(from_fn(compress::compress)))
        .layer(shared(from_fn_with_state(metrics, access::record)))
        .layer(shared(from_fn_with_state(
            Proxies::new(&state.limits.trusted_proxies, state.limits.forwarded_header),
            client::locate,
        )))
        .layer(shared(from_fn(request_id::assign)))
}
