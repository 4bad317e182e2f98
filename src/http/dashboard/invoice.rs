//! The page of an invoice: what was read, what it was compared with, what happened, and what may
//! be done about it.

pub mod history;
pub mod paper;
pub mod standing;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue, Response};

use crate::http::Edge;
use crate::http::answer::IfNoneMatch;
use crate::http::dashboard::cells::{Cell, Table, answered_text};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::form_key;
use crate::http::dashboard::invoice::history::{Step, audit, findings, steps};
use crate::http::dashboard::invoice::paper::Paper;
use crate::http::dashboard::invoice::standing::{FourEyes, HoldRow, facts, four_eyes, holds};
use crate::http::dashboard::matched::{self, CheckRow, Line};
use crate::http::dashboard::places::{self, Field};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::ApiError;
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::invoices::parts::get_invoice_reconciliation;
use crate::models::access::Role;
use crate::models::decision::{Action, legal_actions};
use crate::models::refs::InvoiceId;
use crate::storage::ledger::situation::Facts;

/// What was just done, if anything.
pub struct Done(Option<String>);

impl FromQuery for Done {
    fn read(parameters: &mut Parameters) -> Self {
        Self(parameters.one("done").filter(|word| Action::parse(word).is_some()))
    }
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/invoice.html")]
struct InvoicePage {
    frame: Frame,
    done: String,
    id: String,
    status: Cell,
    revision: i64,
    moves: bool,
    attention: String,
    facts: Vec<(&'static str, String)>,
    order_link: String,
    holds: Vec<HoldRow>,
    four_eyes: Option<FourEyes>,
    actions: Vec<&'static str>,
    key: String,
    lines: Vec<Line>,
    of_document: Vec<CheckRow>,
    explanation: String,
    fields: Vec<Field>,
    paper: Paper,
    findings: Table,
    steps: Vec<Step>,
    audit: Table,
}

impl InvoicePage {
    /// Everything that the page shows.
    async fn load(
        edge: &Edge,
        id: &InvoiceId,
        visitor: &Visitor,
        done: Option<String>,
    ) -> Result<Self, ApiError> {
        let ledger = &edge.parts.ledger;
        let known = ledger.facts(id).await?.ok_or_else(|| ApiError::not_found("invoice"))?;
        let (extraction, result) = (ledger.extraction(id).await?, ledger.reconciliation(id).await?);
        let evidence = extraction.as_ref().map(|one| one.evidence.as_slice()).unwrap_or_default();
        let read = extraction.as_ref().map(|one| one.invoice.lines.as_slice()).unwrap_or_default();
        let row = &known.row;
        let title = row.number.clone().unwrap_or_else(|| id.to_string());
        Ok(Self {
            frame: Frame::of(visitor, "/dashboard/invoices", format!("Invoice {title}")),
            done: done.map(|word| word.replace('_', " ")).unwrap_or_default(),
            status: Cell::state(row.status.as_str()),
            revision: row.revision,
            moves: row.status.moves(),
            attention: row.attention.as_ref().map(|one| one.text.clone()).unwrap_or_default(),
            facts: facts(row),
            order_link: order_link(row.purchase_order.as_deref()),
            holds: holds(row),
            four_eyes: four_eyes(&known, &edge.parts.policy, visitor),
            actions: actions(&known, visitor),
            key: form_key::new(),
            lines: result.as_ref().map(|result| matched::lines(read, result)).unwrap_or_default(),
            of_document: result.as_ref().map(matched::of_document).unwrap_or_default(),
            explanation: if result.is_some() {
                explanation(edge, id).await?
            } else {
                String::new()
            },
            fields: places::fields(evidence),
            paper: Paper::of(edge, row, evidence).await?,
            findings: findings(extraction.as_ref()),
            steps: steps(ledger, id, &known).await?,
            audit: audit(ledger, id).await?,
            id: id.to_string(),
        })
    }

    /// Whether there is a hold that could be released.
    fn has_open_holds(&self) -> bool {
        self.holds.iter().any(|hold| hold.is_open)
    }
}

/// `GET /dashboard/invoices/{id}`.
///
/// # Errors
/// 404, and those of the ledger.
pub async fn show(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    visitor: Visitor,
    Sifted { query: Done(done), .. }: Sifted<Done>,
) -> Result<Response<Body>, ApiError> {
    shown::page(&InvoicePage::load(&edge, &id, &visitor, done).await?)
}

fn order_link(number: Option<&str>) -> String {
    let Some(number) = number else {
        return String::new();
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/dashboard/purchase-orders?{}", query.append_pair("number", number).finish())
}

/// What is possible in this state and open to this visitor.
fn actions(known: &Facts, visitor: &Visitor) -> Vec<&'static str> {
    let role = |action: &Action| match action {
        Action::Retry | Action::Cancel => Role::Operator,
        _ => Role::Approver,
    };
    let legal = legal_actions(known.row.status).into_iter();
    legal.filter(|action| visitor.may(&[role(action)])).map(Action::as_str).collect()
}

/// The comparison in words, as the API says it.
async fn explanation(edge: &Edge, id: &InvoiceId) -> Result<String, ApiError> {
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("text/plain"))]);
    let (ledger, id) = (State(edge.parts.ledger.clone()), Id(id.clone()));
    let query = Query(NoParameters);
    let answer = get_invoice_reconciliation(ledger, id, query, IfNoneMatch::default(), headers);
    answered_text(answer.await?).await
}
