//! Every route, by who reads it, with the limits of each group beside it.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::config;
use crate::http::access::{Rules, operations};
use crate::http::allowed::Allowed;
use crate::http::bank_statements::decide::ANSWER_WAIT;
use crate::http::dashboard;
use crate::http::docs::{self, Document};
use crate::http::error::page::get_problem_page;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::accept;
use crate::http::extract::body::BodyLimit;
use crate::http::invoices::decisions::DECISION_WAIT;
use crate::http::layers::deadline::Deadline;
use crate::http::layers::login::Door;
use crate::http::layers::quota::Meter;
use crate::http::layers::shared::shared;
use crate::http::layers::{self, body, deadline, login, quota};
use crate::http::workflows::ping::PING_WAIT;
use crate::http::{AppState, Edge};
use crate::http::{
    artifacts, bank_statements, batches, figures, health, invoices, log_level, openapi, orders,
};
use crate::http::{payment_files, receipts, reconciliations, suppliers, webhooks, workflows};
use crate::webhooks::sender::ATTEMPT_TIME;

/// Bytes of a command that has next to no body.
const SMALL_BODY: u64 = 64 * 1024;

/// Bytes of a decision: ten thousand holds, pairings or corrections, or the lines of a long invoice
/// anew.
const DECISION_BODY: u64 = 2 * 1024 * 1024;

/// Bytes that a form may have besides its document.
const FIELDS: u64 = 64 * 1024;

/// The whole edge, ready to be served.
pub fn router(state: AppState) -> Router {
    for slug in Slug::ALL.iter().map(|slug| slug.as_str()).chain(["unmapped"]) {
        state.metrics.problems.with_label_values(&[slug]);
    }
    let edge = Edge::new(state.clone());
    let document = openapi::openapi();
    // An alert asks for an increase, and the first one is none where there was no zero before.
    for (path, item) in &document.paths.paths {
        if operations(item).any(|(method, _)| method != Method::GET) {
            state.metrics.outcome_unknown.with_label_values(&[path.as_str()]);
        }
    }
    let allowed = Allowed::by(&document);
    let door =
        Door { auth: state.auth.clone(), rules: Rules::of(&document), allowed: allowed.clone() };
    let method_not_allowed = move |request: Request| async move { allowed.refuse(&request) };
    let meter = Meter::new(&state, &document);
    let guarded = api(&state.limits)
        .split_for_parts()
        .0
        .merge(pages(Document::write(&document)))
        .method_not_allowed_fallback(method_not_allowed.clone())
        .with_state(edge.clone())
        .layer(shared(from_fn_with_state(meter.clone(), quota::meter)))
        .layer(shared(from_fn_with_state(door.clone(), login::check)));
    // Pages have a login of their own, and are not in the document.
    let pages = dashboard::router(&state, &meter);
    let pages = pages.method_not_allowed_fallback(method_not_allowed.clone());
    // What is nowhere is asked for by nobody in particular, and is guarded all the same.
    let guarded: Router = guarded.merge(pages.with_state(edge.clone())).fallback(not_found);
    let probes = watched(method_not_allowed)
        .with_state(edge)
        .layer(shared(from_fn_with_state(door, login::check)));
    layers::outer(layers::guarded(guarded, &state).merge(probes), &state)
}

/// Health and metrics alone, for whoever reaches the port: what a process that only polls shows.
pub fn probes_router(state: AppState) -> Router {
    let allowed = Allowed::by(&openapi::openapi());
    let method_not_allowed = move |request: Request| async move { allowed.refuse(&request) };
    let probes = watched(method_not_allowed).fallback(not_found);
    layers::outer(probes.with_state(Edge::new(state.clone())), &state)
}

/// What monitors ask for.
fn watched<M, T>(method_not_allowed: M) -> Router<Edge>
where
    M: Handler<T, Edge>,
    T: 'static,
{
    probes()
        .split_for_parts()
        .0
        .route("/metrics", get(figures::get_metrics))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The routes that are in the document, without a state.
pub fn described(limits: &config::Http) -> OpenApiRouter<Edge> {
    OpenApiRouter::with_openapi(openapi::frame()).merge(api(limits)).merge(probes())
}

/// What stands behind the guards.
fn api(limits: &config::Http) -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .merge(submissions(limits))
        .merge(batches(limits))
        .merge(registrations(limits))
        .merge(reconciliations(limits))
        .merge(decisions(limits))
        .merge(bulk_decisions(limits))
        .merge(statements(limits))
        .merge(entry_decisions(limits))
        .merge(payment_orders(limits))
        .merge(webhooks(limits))
        .merge(administration(limits))
        .merge(pings(limits))
        .merge(endings(limits))
        .merge(results(limits))
        .merge(reads(limits))
        .merge(documents(limits))
}

/// Buyer and supplier systems hand in invoices: large bodies, long uploads.
fn submissions(limits: &config::Http) -> OpenApiRouter<Edge> {
    let upload = Duration::from_secs(limits.upload_deadline_seconds);
    let limit = BodyLimit::new(limits.document_bytes_max, upload).in_a_form(FIELDS);
    let group = OpenApiRouter::default()
        .routes(routes!(invoices::submit::submit_invoice))
        .layer(DefaultBodyLimit::disable()) // ours is below; axum's stops forms at 2 MB
        .layer(shared(from_fn_with_state(limit, body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, upload, Duration::ZERO)
}

/// Buyer and supplier systems hand in many at once: the largest bodies, the longest uploads.
fn batches(limits: &config::Http) -> OpenApiRouter<Edge> {
    let upload = Duration::from_secs(limits.upload_deadline_seconds);
    let document = BodyLimit::new(limits.document_bytes_max, upload);
    let large = OpenApiRouter::default()
        .routes(routes!(batches::submit::submit_batch))
        .layer(DefaultBodyLimit::disable())
        .layer(shared(from_fn_with_state(batches::limits::route(), body::limit)))
        .layer(shared(from_fn(accept::json)));
    let small = OpenApiRouter::default()
        .routes(routes!(artifacts::put_artifact))
        .layer(shared(from_fn_with_state(document, body::limit)))
        .layer(shared(from_fn(accept::json)));
    let large = within(large, limits, batches::limits::ARCHIVE_TIME, Duration::ZERO);
    large.merge(within(small, limits, upload, Duration::ZERO))
}

/// Buyer systems register orders, receipts and suppliers.
fn registrations(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let limit = BodyLimit::new(limits.command_bytes_max, work);
    let group = OpenApiRouter::default()
        .routes(routes!(orders::create_purchase_order))
        .routes(routes!(receipts::create_receipt))
        .routes(routes!(suppliers::create_supplier))
        .layer(shared(from_fn_with_state(limit, body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// Buyer systems compare what they bring themselves.
fn reconciliations(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let limit = BodyLimit::new(limits.command_bytes_max, work);
    let group = OpenApiRouter::default()
        .routes(routes!(reconciliations::start::start_reconciliation))
        .routes(routes!(reconciliations::preview::preview_reconciliation))
        .layer(shared(from_fn_with_state(limit, body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// Clerks decide; the answer waits a little for the invoice to rest again.
fn decisions(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let large = OpenApiRouter::default()
        .routes(routes!(invoices::decisions::decide_invoice))
        .layer(shared(from_fn_with_state(BodyLimit::new(DECISION_BODY, work), body::limit)));
    let small = OpenApiRouter::default()
        .routes(routes!(invoices::decisions::retry_invoice))
        .routes(routes!(invoices::decisions::cancel_invoice))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)));
    let group = large.merge(small).layer(shared(from_fn(accept::json)));
    within(group, limits, work, DECISION_WAIT)
}

/// Operators decide about many at once; the answer is a list or a promise.
fn bulk_decisions(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(invoices::bulk::retry_invoices))
        .routes(routes!(invoices::bulk::cancel_invoices))
        .routes(routes!(invoices::bulk::correct_invoices))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// Banks' files come in: large bodies, long uploads.
fn statements(limits: &config::Http) -> OpenApiRouter<Edge> {
    let upload = Duration::from_secs(limits.upload_deadline_seconds);
    let limit = BodyLimit::new(limits.document_bytes_max, upload);
    let group = OpenApiRouter::default()
        .routes(routes!(bank_statements::submit::submit_bank_statement))
        .layer(shared(from_fn_with_state(limit, body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, upload, Duration::ZERO)
}

/// People say what entries pay.
fn entry_decisions(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(bank_statements::decide::decide_bank_entry))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, ANSWER_WAIT)
}

/// Treasury orders the bank to pay.
fn payment_orders(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(payment_files::make::create_payment_file))
        .routes(routes!(payment_files::cancel::cancel_payment_file))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// Admins say who is told what happens.
fn webhooks(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(webhooks::make::create_webhook, webhooks::read::list_webhooks))
        .routes(routes!(
            webhooks::read::get_webhook,
            webhooks::change::update_webhook,
            webhooks::change::delete_webhook
        ))
        .routes(routes!(webhooks::secret::rotate_webhook_secret))
        .routes(routes!(webhooks::deliveries::list_webhook_deliveries))
        .routes(routes!(webhooks::replay::replay_webhook))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    let tests = OpenApiRouter::default()
        .routes(routes!(webhooks::test::test_webhook))
        .layer(shared(from_fn(accept::json)));
    let group = within(group, limits, work, Duration::ZERO);
    group.merge(within(tests, limits, work + ATTEMPT_TIME, Duration::ZERO))
}

/// Admins look at a running process more closely.
fn administration(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(log_level::get_log_level, log_level::set_log_level))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// People and monitors try the whole chain.
fn pings(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(workflows::ping::start_ping))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, PING_WAIT)
}

/// Operators end runs.
fn endings(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(workflows::ending::cancel_workflow))
        .routes(routes!(workflows::ending::terminate_workflow))
        .layer(shared(from_fn_with_state(BodyLimit::new(SMALL_BODY, work), body::limit)))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, DECISION_WAIT)
}

/// Whoever started a run looks how it ended.
fn results(limits: &config::Http) -> OpenApiRouter<Edge> {
    let work = Duration::from_secs(limits.deadline_seconds);
    let group = OpenApiRouter::default()
        .routes(routes!(workflows::list::list_workflows))
        .routes(routes!(workflows::result::get_workflow_result))
        .routes(routes!(workflows::history::get_workflow_history))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, work, Duration::ZERO)
}

/// Everybody looks.
fn reads(limits: &config::Http) -> OpenApiRouter<Edge> {
    let group = OpenApiRouter::default()
        .routes(routes!(invoices::list::list_invoices))
        .routes(routes!(invoices::read::get_invoice))
        .routes(routes!(invoices::parts::get_invoice_extraction))
        .routes(routes!(batches::read::list_batches))
        .routes(routes!(batches::read::get_batch))
        .routes(routes!(batches::read::list_batch_items))
        .routes(routes!(batches::cancel::cancel_batch))
        .routes(routes!(artifacts::get_artifact))
        .routes(routes!(orders::list_purchase_orders))
        .routes(routes!(orders::get_purchase_order))
        .routes(routes!(receipts::list_receipts))
        .routes(routes!(receipts::get_receipt))
        .routes(routes!(suppliers::list_suppliers))
        .routes(routes!(suppliers::get_supplier))
        .routes(routes!(reconciliations::start::get_reconciliation))
        .routes(routes!(bank_statements::read::list_bank_statements))
        .routes(routes!(bank_statements::read::get_bank_statement))
        .routes(routes!(bank_statements::entries::list_bank_entries))
        .routes(routes!(bank_statements::entries::get_bank_entry))
        .routes(routes!(payment_files::read::list_payment_files))
        .routes(routes!(payment_files::read::get_payment_file))
        .routes(routes!(workflows::describe::get_workflow))
        .layer(shared(from_fn(accept::json)));
    within(group, limits, Duration::from_secs(limits.deadline_seconds), Duration::ZERO)
}

/// The reads that choose their type: that of the document, and words beside JSON.
fn documents(limits: &config::Http) -> OpenApiRouter<Edge> {
    let group = OpenApiRouter::default()
        .routes(routes!(invoices::read::get_invoice_document))
        .routes(routes!(invoices::parts::get_invoice_reconciliation))
        .routes(routes!(invoices::response::get_invoice_response))
        .routes(routes!(invoices::events::stream_invoice_events))
        .routes(routes!(payment_files::read::get_payment_file_document));
    within(group, limits, Duration::from_secs(limits.deadline_seconds), Duration::ZERO)
}

/// Orchestrators and balancers ask whether we live.
fn probes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(health::get_live))
        .routes(routes!(health::get_ready))
        .layer(shared(from_fn(accept::json)))
}

/// The deadline of a group, around all that is its own.
fn within(
    group: OpenApiRouter<Edge>,
    limits: &config::Http,
    work: Duration,
    default_wait: Duration,
) -> OpenApiRouter<Edge> {
    let wait_seconds_max = limits.wait_seconds_max;
    let deadline = Deadline { work, default_wait, wait_seconds_max };
    group.layer(shared(from_fn_with_state(deadline, deadline::enforce)))
}

/// Pages for people; not in the document.
fn pages(document: Document) -> Router<Edge> {
    Router::new()
        .route("/openapi.json", get(docs::get_openapi).with_state(document))
        .route("/docs", get(docs::get_docs))
        .route("/docs/{file}", get(docs::get_docs_file).with_state(docs::Viewer::default()))
        .route("/docs/problems/{slug}", get(get_problem_page))
}

async fn not_found() -> ApiError {
    ApiError::not_found("path")
}
