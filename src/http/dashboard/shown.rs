//! Pages on their way out: the frame around each, its headers, and the page of a refusal.

use askama::Template;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;

use crate::http::dashboard::door::Visitor;
use crate::http::docs;
use crate::http::error::{ApiError, Problem, Slug};
use crate::http::layers::finisher::InsteadOfDocument;
use crate::models::access::Role;

/// The parts of the dashboard: address, words.
const MENU: &[(&str, &str)] = &[
    ("/dashboard", "Overview"),
    ("/dashboard/invoices", "Invoices"),
    ("/dashboard/submit", "Hand in"),
    ("/dashboard/attention", "Needs attention"),
    ("/dashboard/purchase-orders", "Orders"),
    ("/dashboard/receipts", "Receipts"),
    ("/dashboard/suppliers", "Suppliers"),
    ("/dashboard/bank-statements", "Bank statements"),
    ("/dashboard/bank-entries", "Bank entries"),
    ("/dashboard/payment-files", "Payment files"),
    ("/dashboard/batches", "Batches"),
    ("/dashboard/workflows", "Workflows"),
    ("/dashboard/webhooks", "Webhooks"),
    ("/dashboard/policies", "Policy"),
    ("/dashboard/health", "Health"),
];

/// What stands around every page.
pub struct Frame {
    /// Of the page; also in the title of the window.
    pub title: String,
    /// Who looks; empty on pages for everybody.
    pub subject: String,
    /// What forms bring back.
    pub token: String,
    /// Whether there is a session to leave.
    pub signed_in: bool,
    /// Where else to go; nothing on pages for everybody.
    pub menu: Vec<(&'static str, &'static str)>,
    /// The part of the menu that is open.
    pub part: &'static str,
}

impl Frame {
    /// Around a page for this visitor.
    pub fn of(visitor: &Visitor, part: &'static str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subject: visitor.caller.subject.clone(),
            token: visitor.token.clone(),
            signed_in: visitor.session.is_some(),
            menu: MENU.iter().copied().filter(|(place, _)| opens(visitor, place)).collect(),
            part,
        }
    }

    /// Around a page for everybody.
    pub fn bare(title: &str) -> Self {
        let (subject, token) = (String::new(), String::new());
        Self {
            title: title.to_owned(),
            subject,
            token,
            signed_in: false,
            menu: Vec::new(),
            part: "",
        }
    }
}

/// Whether a part of the menu is worth showing: what a viewer may not see is not.
fn opens(visitor: &Visitor, place: &str) -> bool {
    match place {
        "/dashboard/submit" => visitor.may(&[Role::Submitter]),
        "/dashboard/webhooks" => visitor.may(&[Role::Admin]),
        _ => true,
    }
}

/// A page.
///
/// # Errors
/// 500 when it cannot be written, which no text of a caller can bring about.
pub fn page(template: &impl Template) -> Result<Response<Body>, ApiError> {
    let html = template.render().map_err(|error| Slug::Internal.error().caused_by(error))?;
    Ok(docs::html(html))
}

/// The page of a refusal.
#[derive(Template)]
#[template(path = "dashboard/error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    detail: String,
    help: &'static str,
    faults: Vec<(String, String)>,
}

/// A refusal as a page.
pub fn error_page(error: ApiError) -> Response<Body> {
    with_error_page(error.into_response())
}

/// The same answer; people are shown a page where programs are sent a document.
pub fn with_error_page(mut response: Response<Body>) -> Response<Body> {
    if response.extensions().get::<InsteadOfDocument>().is_some() {
        return response;
    }
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    if let Ok(html) = (ErrorPage::of(problem)).render() {
        instead(&mut response, html);
    }
    response
}

/// A refusal that is shown as this page, which says more than the page of a refusal.
///
/// # Errors
/// As [`page`].
pub fn refused(error: ApiError, template: &impl Template) -> Result<Response<Body>, ApiError> {
    let html = template.render().map_err(|error| Slug::Internal.error().caused_by(error))?;
    let mut response = error.into_response();
    instead(&mut response, html);
    Ok(response)
}

/// Shows this page instead of the document of a problem.
fn instead(response: &mut Response<Body>, html: String) {
    let mut page = docs::html(html);
    let headers = std::mem::take(page.headers_mut());
    response.extensions_mut().insert(InsteadOfDocument::new(page.into_body(), headers));
}

impl ErrorPage {
    fn of(problem: &Problem) -> Self {
        let fault = |fault: &crate::models::fault::Fault| {
            let place = fault.pointer.as_deref().or(fault.parameter.as_deref());
            (place.unwrap_or_default().trim_start_matches('/').to_owned(), fault.detail.clone())
        };
        Self {
            frame: Frame::bare(problem.slug.title()),
            status: problem.slug.status().as_u16(),
            detail: problem.detail.clone().unwrap_or_default(),
            help: problem.slug.text(),
            faults: problem.errors.iter().map(fault).collect(),
        }
    }
}

/// 403: which role opens it.
pub fn missing_role(roles: &[Role]) -> ApiError {
    let words: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    let detail = format!("This needs the role {}.", words.join(" or "));
    Slug::Forbidden.error().detail(detail).member("required_roles", words)
}

/// A file of ours.
pub fn file(kind: &'static str, bytes: &'static [u8]) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
