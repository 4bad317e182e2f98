//! Whether the parts work, layer by layer, as `check` tells it on the command line.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::readiness::{Part, PartReport};

/// What a part is, for people.
pub fn parts(part: Part) -> &'static str {
    match part {
        Part::Ledger => "Ledger",
        Part::Artifacts => "Documents",
        Part::Temporal => "Temporal",
        Part::Worker => "Worker",
    }
}

/// What it means when one does not work.
fn remedy(part: Part) -> &'static str {
    match part {
        Part::Ledger => "Nothing is accepted and nothing is shown until the database answers.",
        Part::Artifacts => "No document is accepted or read until the store can be written.",
        Part::Temporal => "Invoices are accepted and wait; decisions are refused until it is back.",
        Part::Worker => "Invoices are accepted and wait until a worker polls the task queue.",
    }
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/health.html")]
struct Health {
    frame: Frame,
    layers: Table,
    draining: bool,
    version: &'static str,
}

/// `GET /dashboard/health`.
///
/// # Errors
/// 400 for parameters.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let head = ["Layer", "State", "Looked at", "Meaning"].map(str::to_owned).into();
    let rows = edge.parts.readiness.report().iter().map(row).collect();
    shown::page(&Health {
        frame: Frame::of(&visitor, "/dashboard/health", "Health"),
        layers: Table { caption: "Layers".to_owned(), head, rows },
        draining: edge.parts.readiness.is_draining(),
        version: env!("CARGO_PKG_VERSION"),
    })
}

fn row(line: &PartReport) -> Vec<Cell> {
    let state = if line.ready { "ready" } else { "not_ready" };
    let age = line.age.map_or("never".to_owned(), |age| format!("{} s ago", age.as_secs()));
    let meaning = if line.ready { "" } else { remedy(line.part) };
    vec![Cell::text(parts(line.part)), Cell::state(state), Cell::text(age), Cell::text(meaning)]
}
