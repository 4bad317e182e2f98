//! Journeys of clerks in a real browser, one a file, and pages that a judge of accessibility sees.

mod accept;
mod approve;
mod correct;
mod hand_in;
mod kept_out;
mod oidc;
mod pictures;
mod release;
mod retry;

use std::net::TcpListener;

use ap_gateway::http::serve::Port;
use ap_gateway::models::access::Role;
use ap_gateway::temporal::worker::WorkerSupervisor;
use ap_gateway::{config, http};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_auth::{keep, new_key};
use crate::http_dashboard::chrome::{Driver, Window};
use crate::http_dashboard::decisions::guarded;

/// A gateway that people sign in to, on a port of this machine, and a browser.
struct Stage {
    edge: Edge,
    /// Where the dashboard is.
    base: String,
    driver: Driver,
    _serving: DropGuard,
}

impl Stage {
    /// Over the server, the stores and the worker of a bench.
    async fn over(bench: &Bench) -> Self {
        let edge = guarded(bench);
        let (base, _serving) = serve(&edge);
        Self { edge, base, driver: Driver::start().await, _serving }
    }

    /// A window in which somebody has come to a page by way of the sign-in, as whoever follows a
    /// link does.
    async fn clerk(&self, subject: &str, page: &str, scripts: bool) -> Window {
        let window = self.driver.window(scripts).await;
        window.open(&format!("{}{page}", self.base)).await;
        window.write("#key", &self.key_of(subject).await).await;
        window.click("main button").await;
        window
    }

    async fn key_of(&self, subject: &str) -> String {
        let roles = [Role::Submitter, Role::Approver, Role::Operator, Role::Admin];
        let bearer = keep(&self.edge.state.ledger, &new_key(subject, &roles)).await;
        bearer.trim_start_matches("Bearer ").to_owned()
    }
}

/// The same with a bench and a worker of its own.
async fn start() -> (Bench, WorkerSupervisor, Stage) {
    let bench = Bench::start().await;
    let worker = bench.worker().await;
    let stage = Stage::over(&bench).await;
    (bench, worker, stage)
}

/// The edge on a port of this machine; it serves until the guard is dropped.
fn serve(edge: &Edge) -> (String, DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (format!("http://{address}/dashboard"), serve_at(listener, edge))
}

/// The same on a port that was taken before.
fn serve_at(listener: TcpListener, edge: &Edge) -> DropGuard {
    listener.set_nonblocking(true).expect("a socket of tokio's");
    let (router, stop) = (edge.router.clone(), CancellationToken::new());
    let shutdown = stop.clone();
    let port = Port::main(&config::Http::default(), &edge.state.metrics, None);
    tokio::spawn(async move { http::serve(listener, router, port, shutdown).await });
    stop.drop_guard()
}

/// The form of an action on the page of an invoice.
fn form_of(action: &str) -> String {
    format!("details:has(input[name=action][value={action}])")
}

/// What the console says against a page: errors, and what the policy of its content refused. That
/// a page is a refusal is an error too, to a browser; the names of such pages end so.
async fn complaints(window: &Window, name: &str, address: &str) -> Vec<String> {
    let status = format!("SEVERE {address} - Failed to load resource: ");
    let is_complaint = |line: &String| {
        let is_policy = line.starts_with("WARNING") && line.contains("Content Security Policy");
        let is_wanted = name.ends_with("-refused") && line.starts_with(&status);
        (line.starts_with("SEVERE") || is_policy) && !is_wanted
    };
    let lines = window.console().await.into_iter().filter(is_complaint);
    lines.map(|line| format!("{name}, console: {line}")).collect()
}

/// Each page leaves nothing in the console, is accessible, light and dark, and fits a phone.
async fn judge(window: &Window, base: &str, pages: &[(&str, &str)]) {
    let mut found = Vec::new();
    for (name, page) in pages {
        let address = format!("{base}{page}");
        // What the page before left there, and whoever judged it, is not this one's.
        window.console().await;
        window.open(&address).await;
        window.picture(name).await;
        found.extend(complaints(window, name, &address).await);
        for scheme in ["dark", "light"] {
            window.scheme(scheme).await;
            let breaches = window.breaches().await;
            found.extend(breaches.into_iter().map(|breach| format!("{name}, {scheme}: {breach}")));
        }
        window.size(390, 844).await;
        if !window.fits().await {
            found.push(format!("{name} is cut off on a phone"));
        }
        window.size(1280, 900).await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
