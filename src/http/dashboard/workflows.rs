//! Workflows: what runs in Temporal, by kind, and where it is looked at there.

use std::collections::BTreeMap;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::http::header::RETRY_AFTER;
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table, answered, minute, words};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::lists::next;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::workflows::list::{WorkflowList, list_workflows};
use crate::models::refs::InvoiceId;
use crate::temporal::Gateway;
use crate::temporal::gateway::{RunStatus, own_types};

/// The part of the menu.
const PART: &str = "/dashboard/workflows";

/// What is shown to who asks for nothing else.
const RUNNING: &str = "running";

/// Seconds after which to look again where Temporal does not say: readiness looks about that often.
const AGAIN: i64 = 2;

/// The runs that are wanted: those that are not finished, unless something else is said.
#[derive(Debug, Clone)]
pub struct Runs(WorkflowList);

impl FromQuery for Runs {
    fn read(parameters: &mut Parameters) -> Self {
        parameters.unless_sent("status", RUNNING);
        Self(WorkflowList::read(parameters))
    }
}

/// A choice of a filter: its value, and words.
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/workflows.html")]
struct WorkflowsPage {
    frame: Frame,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    started_after: String,
    trouble: &'static str,
    again: String,
    here: String,
    tables: Vec<Table>,
    has_ui: bool,
    next: String,
}

impl WorkflowsPage {
    fn new(gateway: &Gateway, visitor: &Visitor, sifted: &Sifted<Runs>) -> Self {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&sifted.pairs)
            .finish();
        Self {
            frame: Frame::of(visitor, PART, "Workflows"),
            kinds: kinds(sifted.value("type")),
            states: states(sifted.value("status")),
            started_after: sifted.value("started_after").to_owned(),
            trouble: "",
            again: String::new(),
            here: format!("{PART}?{query}").trim_end_matches('?').to_owned(),
            tables: Vec::new(),
            has_ui: gateway.ui("", "").is_some(),
            next: String::new(),
        }
    }
}

/// `GET /dashboard/workflows`. While Temporal is away the page says so, and when to look again.
///
/// # Errors
/// 400 for filters that the list of the API does not know.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    sifted: Sifted<Runs>,
) -> Result<Response<Body>, ApiError> {
    let (ledger, gateway) = (edge.parts.ledger.clone(), edge.parts.gateway.clone());
    let mut page = WorkflowsPage::new(&gateway, &visitor, &sifted);
    let list = Query(sifted.query.0.clone());
    match list_workflows(State(ledger), State(gateway.clone()), list).await {
        Ok(answer) => {
            let body = answered(answer).await?;
            page.tables = tables(&gateway, body["items"].as_array().into_iter().flatten());
            page.next = next(PART, &sifted, &body);
            shown::page(&page)
        }
        Err(error) => away(page, error),
    }
}

/// The page without runs, under the status of the refusal.
fn away(mut page: WorkflowsPage, error: ApiError) -> Result<Response<Body>, ApiError> {
    page.trouble = match error.0.slug {
        Slug::UpstreamUnavailable => "Temporal cannot be reached.",
        Slug::UpstreamTimeout => "Temporal did not answer in time.",
        Slug::UpstreamCredentials => "Temporal refuses the credentials of this gateway.",
        Slug::UpstreamError => "Temporal answered with an error.",
        Slug::Overloaded => "Too many look at this list just now.",
        _ => return Err(error),
    };
    let wait = error.0.headers.iter().find(|(name, _)| *name == RETRY_AFTER);
    let wait = wait.and_then(|(_, value)| value.to_str().ok()?.parse().ok()).unwrap_or(AGAIN);
    let again = Utc::now() + TimeDelta::seconds(wait);
    page.again = again.to_rfc3339_opts(SecondsFormat::Secs, true).replace('T', " ");
    shown::refused(error, &page)
}

/// One table for each kind that this page of the list has.
fn tables<'v>(gateway: &Gateway, items: impl Iterator<Item = &'v Value>) -> Vec<Table> {
    let mut by_kind: BTreeMap<String, Vec<Vec<Cell>>> = BTreeMap::new();
    for item in items {
        by_kind.entry(words(&item["type"])).or_default().push(row(gateway, item));
    }
    let head = ["Workflow", "Run", "State", "Since", "Ended", "Task queue"];
    let table = |(kind, rows): (String, Vec<Vec<Cell>>)| {
        let caption = format!("{}: {}", said(&kind), rows.len());
        Table { caption, head: head.map(str::to_owned).into(), rows }
    };
    by_kind.into_iter().map(table).collect()
}

fn row(gateway: &Gateway, item: &Value) -> Vec<Cell> {
    let (workflow, run) = (words(&item["workflow_id"]), words(&item["run_id"]));
    let invoice = InvoiceId::of_workflow(&workflow).map(|id| format!("/dashboard/invoices/{id}"));
    let ui = gateway.ui(&workflow, &run);
    vec![
        Cell { link: invoice.unwrap_or_default(), ..Cell::text(workflow) },
        Cell { link: ui.unwrap_or_default(), ..Cell::text(run) },
        Cell::state(&words(&item["status"])),
        Cell::text(minute(&words(&item["started_at"]))),
        Cell::text(minute(&words(&item["closed_at"]))),
        Cell::text(words(&item["task_queue"])),
    ]
}

/// `WebhookDeliveryWorkflow` is "Webhook delivery".
fn said(kind: &str) -> String {
    let mut text = String::new();
    for letter in kind.strip_suffix("Workflow").unwrap_or(kind).chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

fn kinds(chosen: &str) -> Vec<Choice> {
    let any = Choice { value: String::new(), words: "any".to_owned(), is_chosen: false };
    let kind = |kind: &&str| Choice {
        value: (*kind).to_owned(),
        words: said(kind),
        is_chosen: chosen == *kind,
    };
    [any].into_iter().chain(own_types().iter().map(kind)).collect()
}

fn states(chosen: &str) -> Vec<Choice> {
    let chosen = if chosen.is_empty() { RUNNING } else { chosen };
    let choice = |value: String, words: String| {
        let is_chosen = value == chosen;
        Choice { value, words, is_chosen }
    };
    let all: Vec<_> = RunStatus::ALL.iter().map(|state| state.as_str()).collect();
    let any = choice(all.join(","), "any".to_owned());
    let each = all.iter().map(|state| choice((*state).to_owned(), state.replace('_', " ")));
    each.chain([any]).collect()
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::temporal::gateway::own_types;

    #[test]
    fn kinds_are_said_in_words() {
        assert_eq!(said("InvoiceWorkflow"), "Invoice");
        assert_eq!(said("WebhookDeliveryWorkflow"), "Webhook delivery");
        let words: std::collections::BTreeSet<_> =
            own_types().iter().map(|kind| said(kind)).collect();
        assert_eq!(words.len(), own_types().len());
    }
}
