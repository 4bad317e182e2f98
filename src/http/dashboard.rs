//! The dashboard: pages for the people who decide on invoices and who run the service.
//!
//! Another face of the same functions: a page calls the handler of the API and shows its answer, a
//! form is written as the body that the API takes. So what a person may do, and what comes of it,
//! is decided in one place. Pages have a login of their own ([`door`]), need no script, and name
//! nothing outside of this origin.

pub mod assets;
pub mod attention;
pub mod banks;
pub mod bulk;
pub mod cells;
pub mod chart;
pub mod cookie;
pub mod decide;
pub mod door;
pub mod drawings;
pub mod form;
pub mod form_key;
pub mod health;
pub mod invoice;
pub mod invoices;
pub mod lists;
pub mod live;
pub mod matched;
pub mod oidc;
pub mod overview;
pub mod places;
pub mod policies;
pub mod records;
pub mod session;
pub mod shown;
pub mod sifted;
pub mod sign_in;
pub mod source;
pub mod submit;
pub mod upload;
pub mod webhooks;
pub mod what_if;
pub mod workflows;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use crate::http::access::Access::{self, AnyOf, Open};
use crate::http::auth::CALLBACK;
use crate::http::dashboard::door::Takes;
use crate::http::dashboard::submit::LARGEST_DOCUMENTS;
use crate::http::extract::body::BodyLimit;
use crate::http::invoices::decisions::DECISION_WAIT;
use crate::http::layers::deadline::Deadline;
use crate::http::layers::quota::Meter;
use crate::http::layers::{body, deadline};
use crate::http::quota::Kind;
use crate::http::{AppState, Edge};
use crate::models::access::Role::{Admin, Approver, Operator, Submitter, Viewer};
use crate::webhooks::sender::ATTEMPT_TIME;

/// Bytes of a form: some fields, and as many holds as an invoice may have.
const FORM_BYTES_MAX: u64 = 64 * 1024;

/// What the identity provider may take: it says where, gives a token, and shows its keys.
const PROVIDER_WAIT: Duration = Duration::from_secs(15);

const LOOK: Access = AnyOf(&[Viewer]);
const DECIDE: Access = AnyOf(&[Approver]);
const HAND_IN: Access = AnyOf(&[Submitter]);
const OPERATE: Access = AnyOf(&[Operator]);
const ADMINISTER: Access = AnyOf(&[Admin]);

/// One page or action, and whom it opens for.
struct Page {
    method: Method,
    path: &'static str,
    access: Access,
    takes: Takes,
    /// Which quota of its visitor it is counted against, as what it calls of the API.
    counts: Kind,
    /// What its deadline adds to that of all work.
    wait: Duration,
    handler: MethodRouter<Edge>,
}

/// The list is the router: what is not in it, with its roles, is not served.
#[rustfmt::skip]
fn pages() -> Vec<Page> {
    let page = |method: Method, path, access, handler| {
        let counts = if method == Method::GET { Kind::Read } else { Kind::Write };
        Page { method, path, access, takes: Takes::Form, counts, wait: DECISION_WAIT, handler }
    };
    let show = |path, handler| page(Method::GET, path, LOOK, handler);
    let list = |path, handler| Page { counts: Kind::List, ..show(path, handler) };
    let act = |path, access, handler| page(Method::POST, path, access, handler);
    vec![
        page(Method::GET, "/dashboard/assets/{file}", Open, get(assets::get)),
        page(Method::GET, "/dashboard/sign-in", Open, get(sign_in::show)),
        page(Method::POST, "/dashboard/sign-in", Open, post(sign_in::sign_in)),
        page(Method::GET, "/dashboard/sign-in/oidc", Open, get(oidc::begin)),
        Page {
            wait: PROVIDER_WAIT,
            ..page(Method::GET, CALLBACK, Open, get(oidc::finish))
        },
        page(Method::POST, "/dashboard/sign-out", LOOK, post(sign_in::sign_out)),
        show("/dashboard", get(overview::show)),
        show("/dashboard/events", get(live::stream)),
        page(Method::GET, "/dashboard/submit", HAND_IN, get(submit::show)),
        Page { takes: Takes::Files, ..act("/dashboard/submit", HAND_IN, post(submit::hand_in)) },
        list("/dashboard/invoices", get(invoices::show)),
        show("/dashboard/invoices/{id}", get(invoice::show)),
        show("/dashboard/invoices/{id}/document", get(source::download)),
        show("/dashboard/invoices/{id}/pages/{file}", get(source::page)),
        act("/dashboard/invoices/{id}/decision", DECIDE, post(decide::decide)),
        act("/dashboard/invoices/{id}/retry", OPERATE, post(decide::retry)),
        act("/dashboard/invoices/{id}/cancel", OPERATE, post(decide::cancel)),
        list("/dashboard/attention", get(attention::show)),
        act("/dashboard/invoices/bulk/preview", OPERATE, post(bulk::preview)),
        act("/dashboard/invoices/bulk/retry", OPERATE, post(bulk::retry)),
        act("/dashboard/invoices/bulk/cancel", OPERATE, post(bulk::cancel)),
        list("/dashboard/purchase-orders", get(lists::orders)),
        show("/dashboard/purchase-orders/{id}", get(records::order)),
        list("/dashboard/receipts", get(lists::receipts)),
        show("/dashboard/receipts/{id}", get(records::receipt)),
        list("/dashboard/suppliers", get(lists::suppliers)),
        show("/dashboard/suppliers/{id}", get(records::supplier)),
        list("/dashboard/batches", get(lists::batches)),
        show("/dashboard/batches/{id}", get(records::batch)),
        list("/dashboard/payment-files", get(lists::payment_files)),
        show("/dashboard/payment-files/{id}", get(records::payment_file)),
        list("/dashboard/bank-statements", get(lists::statements)),
        show("/dashboard/bank-statements/{id}", get(banks::statement)),
        list("/dashboard/bank-entries", get(banks::entries)),
        act("/dashboard/bank-entries/{id}/decision", DECIDE, post(banks::decide)),
        Page { access: ADMINISTER, ..list("/dashboard/webhooks", get(webhooks::list)) },
        page(Method::GET, "/dashboard/webhooks/{id}", ADMINISTER, get(webhooks::show)),
        act("/dashboard/webhooks/{id}/status", ADMINISTER, post(webhooks::act::change)),
        Page {
            wait: ATTEMPT_TIME,
            ..act("/dashboard/webhooks/{id}/test", ADMINISTER, post(webhooks::act::test))
        },
        act("/dashboard/webhooks/{id}/replay", ADMINISTER, post(webhooks::act::replay)),
        list("/dashboard/workflows", get(workflows::show)),
        show("/dashboard/policies", get(policies::show)),
        list("/dashboard/policies/what-if", get(what_if::show)),
        show("/dashboard/health", get(health::show)),
    ]
}

/// Method, path and access of everything that the dashboard has.
pub fn table() -> Vec<(Method, &'static str, Access)> {
    pages().into_iter().map(|page| (page.method, page.path, page.access)).collect()
}

/// The pages behind their own door.
pub fn router(state: &AppState, meter: &Meter) -> Router<Edge> {
    let limits = &state.limits;
    let work = Duration::from_secs(limits.deadline_seconds);
    let upload = Duration::from_secs(limits.upload_deadline_seconds);
    let files = limits.document_bytes_max.saturating_mul(LARGEST_DOCUMENTS);
    let (uploads, forms): (Vec<_>, Vec<_>) =
        pages().into_iter().partition(|page| page.takes == Takes::Files);
    let form = BodyLimit::new(FORM_BYTES_MAX, work);
    let file = BodyLimit::new(files, upload).in_a_form(FORM_BYTES_MAX);
    let forms = guarded((state, meter), forms, form, work);
    let uploads = guarded((state, meter), uploads, file, upload);
    // Ours is the limit; axum's stops forms with files at 2 MB.
    forms.merge(uploads.layer(DefaultBodyLimit::disable()))
}

/// Pages with their doors, and what limits their bodies and their time.
fn guarded(
    (state, meter): (&AppState, &Meter),
    pages: Vec<Page>,
    body: BodyLimit,
    work: Duration,
) -> Router<Edge> {
    let wait_seconds_max = state.limits.wait_seconds_max;
    let guarded = |router: Router<Edge>, page: Page| {
        let deadline = Deadline { work, default_wait: page.wait, wait_seconds_max };
        let counts = (meter.clone(), page.counts);
        let door = door::Door::new(state, page.access, page.takes, counts);
        let handler = page
            .handler
            .route_layer(from_fn_with_state(door, door::check))
            .route_layer(from_fn_with_state(body, body::limit))
            .route_layer(from_fn_with_state(deadline, deadline::enforce));
        router.route(page.path, handler)
    };
    pages.into_iter().fold(Router::new(), guarded)
}
