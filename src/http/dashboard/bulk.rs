//! One decision about many invoices: first what it would do, one by one, then that it is done.
//! Both are the bulk routes of the API; what is done is what was shown.

use std::collections::BTreeSet;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table, answered, said, words};
use crate::http::dashboard::decide::{json_request, keyed};
use crate::http::dashboard::door::{Visitor, see_other};
use crate::http::dashboard::form::Form;
use crate::http::dashboard::form_key;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::http::intent::Intent;
use crate::http::invoices::bulk::{cancel_invoices, retry_invoices};
use crate::models::bulk::ITEMS_DEFAULT;
use crate::models::decision::Action;

/// What stands before the name of a filter in a form.
pub const FILTER: &str = "filter-";

/// The page of what would happen.
#[derive(Template)]
#[template(path = "dashboard/bulk.html")]
struct Preview {
    frame: Frame,
    action: &'static str,
    reason: String,
    key: String,
    /// Those that it would be done with.
    chosen: Vec<String>,
    more: bool,
    limit: u32,
    table: Table,
}

/// `POST /dashboard/invoices/bulk/preview`: nothing is done.
///
/// # Errors
/// Those of the API's dry run, and 400 where nothing was ticked.
pub async fn preview(
    State(edge): State<Edge>,
    visitor: Visitor,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let action = match form.text("action").as_deref() {
        Some("retry") => Action::Retry,
        Some("cancel") => Action::Cancel,
        _ => return Err(Slug::InvalidRequest.error().detail("Say what to do: retry or cancel.")),
    };
    let all = form.text("all").is_some();
    let filter = if all { filter(&form) } else { ticked(&form)? };
    let asked = order(&form, filter, true);
    let outlook = answered(run(&edge, intent, action, &asked).await?).await?;
    let ticked = if all { Vec::new() } else { form.all("invoice").map(str::to_owned).collect() };
    shown::page(&Preview::of(&visitor, &form, action, (&outlook, &ticked)))
}

impl Preview {
    fn of(
        visitor: &Visitor,
        form: &Form,
        action: Action,
        (outlook, ticked): (&Value, &[String]),
    ) -> Self {
        let items = outlook["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let id = |item: &Value| words(&item["id"]);
        let would = items.iter().filter(|item| item["becomes"].is_string());
        let seen: BTreeSet<String> = items.iter().map(id).collect();
        let lost = ticked.iter().filter(|id| !seen.contains(*id));
        let head = ["Invoice", "Stands in", "Would be in", "Why not"].map(str::to_owned);
        let title = match action {
            Action::Cancel => "Cancel: what would happen",
            _ => "Retry: what would happen",
        };
        Self {
            frame: Frame::of(visitor, "/dashboard/invoices", title),
            action: action.as_str(),
            reason: form.text("reason").unwrap_or_default(),
            key: form_key::new(),
            chosen: would.map(id).collect(),
            more: outlook["more"] == json!(true),
            limit: ITEMS_DEFAULT,
            table: Table {
                caption: "Oldest first".to_owned(),
                head: head.into(),
                rows: items.iter().map(row).chain(lost.map(|id| passed_over(id, action))).collect(),
            },
        }
    }
}

fn row(item: &Value) -> Vec<Cell> {
    let id = words(&item["id"]);
    let state = |name: &str| item[name].as_str().map(Cell::state).unwrap_or_default();
    let problem = &item["problem"];
    let why = problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or_default();
    let link = format!("/dashboard/invoices/{id}");
    vec![Cell::link(id, link), state("status"), state("becomes"), Cell::text(why)]
}

/// One that was ticked and is not found among those with which it is possible.
fn passed_over(id: &str, action: Action) -> Vec<Cell> {
    let why = format!("{} is not possible as it stands", said(action.as_str()));
    let link = format!("/dashboard/invoices/{id}");
    vec![Cell::link(id, link), Cell::default(), Cell::default(), Cell::text(why)]
}

/// `POST /dashboard/invoices/bulk/retry`: those that were shown; the answer is their batch.
///
/// # Errors
/// Those of the API.
pub async fn retry(
    state: State<Edge>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    done(state, intent, form, Action::Retry).await
}

/// `POST /dashboard/invoices/bulk/cancel`: the same.
///
/// # Errors
/// Those of the API.
pub async fn cancel(
    state: State<Edge>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    done(state, intent, form, Action::Cancel).await
}

async fn done(
    State(edge): State<Edge>,
    intent: Intent,
    form: Form,
    action: Action,
) -> Result<Response<Body>, ApiError> {
    let asked = order(&form, ticked(&form)?, false);
    let answer = run(&edge, keyed(intent, &form), action, &asked).await?;
    if answer.status() != StatusCode::ACCEPTED {
        let detail = "Meanwhile it is possible with none of them. Look at them again.";
        return Err(Slug::DecisionRejected.error().detail(detail));
    }
    let batch = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
    Ok(see_other(&format!("/dashboard{}", batch.unwrap_or("/batches"))))
}

/// As a program would ask for it.
async fn run(
    edge: &Edge,
    intent: Intent,
    action: Action,
    asked: &Value,
) -> Result<Response<Body>, ApiError> {
    let (state, query, request) = (State(edge.clone()), Query(NoParameters), json_request(asked));
    match action {
        Action::Cancel => cancel_invoices(state, intent, query, request).await,
        _ => retry_invoices(state, intent, query, request).await,
    }
}

fn order(form: &Form, filter: Value, dry_run: bool) -> Value {
    let reason = form.text("reason").unwrap_or_default();
    json!({"filter": filter, "reason": reason, "limit": ITEMS_DEFAULT, "dry_run": dry_run})
}

/// Those that were ticked.
fn ticked(form: &Form) -> Result<Value, ApiError> {
    let ids: Vec<&str> = form.all("invoice").collect();
    if ids.is_empty() {
        return Err(Slug::InvalidRequest.error().detail("Tick at least one invoice."));
    }
    Ok(json!({ "id": ids }))
}

/// Everything that a list found: its filters, as the API takes them.
fn filter(form: &Form) -> Value {
    let list = |text: String| json!(text.split(',').collect::<Vec<_>>());
    let member = |name: &&'static str| {
        let text = form.text(&format!("{FILTER}{name}"))?;
        let several = matches!(*name, "status" | "code");
        Some(((*name).to_owned(), if several { list(text) } else { json!(text) }))
    };
    Value::Object(FILTERS.iter().filter_map(member).collect())
}

/// The filters of the list of invoices that a decision about many takes too.
const FILTERS: [&str; 10] = [
    "status",
    "code",
    "supplier",
    "number",
    "purchase_order",
    "currency",
    "batch_id",
    "received_after",
    "received_before",
    "updated_before",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{filter, ticked};
    use crate::http::dashboard::form::Form;

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Form::of(fields.collect())
    }

    #[test]
    fn what_a_list_found_is_what_is_decided_about() {
        let said = form(&[
            ("filter-status", "held,review"),
            ("filter-number", "RE-1"),
            ("filter-currency", ""),
            ("status", "paid"),
            ("filter-page_token", "x"),
        ]);
        assert_eq!(filter(&said), json!({"status": ["held", "review"], "number": "RE-1"}));
        assert_eq!(filter(&form(&[])), json!({}), "which the API refuses: it would mean all");
    }

    #[test]
    fn nothing_ticked_is_nothing_said() {
        assert!(ticked(&form(&[("filter-status", "held")])).is_err());
        let two = form(&[("invoice", "a"), ("invoice", "b")]);
        assert_eq!(ticked(&two).expect("two"), json!({"id": ["a", "b"]}));
    }
}
