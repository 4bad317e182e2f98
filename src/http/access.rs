//! Which role opens which route: the one table. The router refuses by it, the OpenAPI document
//! and `operations.txt` show it, the tests walk along it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use crate::models::access::Role;
use crate::models::access::Role::{Admin, Approver, Operator, Submitter, Viewer};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without login.
    Open,
    /// Whoever has one of these roles.
    AnyOf(&'static [Role]),
}

/// Each operation by its id.
#[rustfmt::skip]
pub const OPERATIONS: &[(&str, Access)] = &[
    ("start_ping", Access::AnyOf(&[Submitter, Operator])),
    ("list_workflows", Access::AnyOf(&[Viewer])),
    ("get_workflow", Access::AnyOf(&[Viewer])),
    ("get_workflow_result", Access::AnyOf(&[Viewer])),
    ("get_workflow_history", Access::AnyOf(&[Operator])),
    ("cancel_workflow", Access::AnyOf(&[Operator])),
    ("terminate_workflow", Access::AnyOf(&[Admin])),
    ("submit_invoice", Access::AnyOf(&[Submitter])),
    ("list_invoices", Access::AnyOf(&[Viewer])),
    ("get_invoice", Access::AnyOf(&[Viewer])),
    ("get_invoice_document", Access::AnyOf(&[Viewer])),
    ("get_invoice_extraction", Access::AnyOf(&[Viewer])),
    ("get_invoice_reconciliation", Access::AnyOf(&[Viewer])),
    ("get_invoice_response", Access::AnyOf(&[Viewer])),
    ("stream_invoice_events", Access::AnyOf(&[Viewer])),
    ("decide_invoice", Access::AnyOf(&[Approver])),
    ("retry_invoice", Access::AnyOf(&[Operator])),
    ("cancel_invoice", Access::AnyOf(&[Operator])),
    ("retry_invoices", Access::AnyOf(&[Operator])),
    ("cancel_invoices", Access::AnyOf(&[Operator])),
    ("correct_invoices", Access::AnyOf(&[Approver])),
    ("create_purchase_order", Access::AnyOf(&[Submitter])),
    ("list_purchase_orders", Access::AnyOf(&[Viewer])),
    ("get_purchase_order", Access::AnyOf(&[Viewer])),
    ("create_receipt", Access::AnyOf(&[Submitter])),
    ("list_receipts", Access::AnyOf(&[Viewer])),
    ("get_receipt", Access::AnyOf(&[Viewer])),
    ("start_reconciliation", Access::AnyOf(&[Submitter])),
    ("get_reconciliation", Access::AnyOf(&[Viewer])),
    ("preview_reconciliation", Access::AnyOf(&[Viewer])),
    ("create_supplier", Access::AnyOf(&[Submitter])),
    ("list_suppliers", Access::AnyOf(&[Viewer])),
    ("get_supplier", Access::AnyOf(&[Viewer])),
    ("submit_batch", Access::AnyOf(&[Submitter])),
    ("cancel_batch", Access::AnyOf(&[Operator])),
    ("list_batches", Access::AnyOf(&[Viewer])),
    ("get_batch", Access::AnyOf(&[Viewer])),
    ("list_batch_items", Access::AnyOf(&[Viewer])),
    ("put_artifact", Access::AnyOf(&[Submitter])),
    ("get_artifact", Access::AnyOf(&[Submitter])),
    ("submit_bank_statement", Access::AnyOf(&[Submitter])),
    ("list_bank_statements", Access::AnyOf(&[Viewer])),
    ("get_bank_statement", Access::AnyOf(&[Viewer])),
    ("list_bank_entries", Access::AnyOf(&[Viewer])),
    ("get_bank_entry", Access::AnyOf(&[Viewer])),
    ("decide_bank_entry", Access::AnyOf(&[Approver])),
    ("create_payment_file", Access::AnyOf(&[Approver])),
    ("cancel_payment_file", Access::AnyOf(&[Approver])),
    ("list_payment_files", Access::AnyOf(&[Viewer])),
    ("get_payment_file", Access::AnyOf(&[Viewer])),
    ("get_payment_file_document", Access::AnyOf(&[Viewer])),
    ("create_webhook", Access::AnyOf(&[Admin])),
    ("list_webhooks", Access::AnyOf(&[Admin])),
    ("get_webhook", Access::AnyOf(&[Admin])),
    ("update_webhook", Access::AnyOf(&[Admin])),
    ("delete_webhook", Access::AnyOf(&[Admin])),
    ("test_webhook", Access::AnyOf(&[Admin])),
    ("rotate_webhook_secret", Access::AnyOf(&[Admin])),
    ("list_webhook_deliveries", Access::AnyOf(&[Admin])),
    ("replay_webhook", Access::AnyOf(&[Admin])),
    ("get_log_level", Access::AnyOf(&[Admin])),
    ("set_log_level", Access::AnyOf(&[Admin])),
    ("get_live", Access::Open),
    ("get_ready", Access::Open),
];

/// What is not in the document; all of it is read with GET.
pub const PAGES: &[(&str, Access)] = &[
    ("/metrics", Access::AnyOf(&[Viewer])),
    ("/openapi.json", Access::Open),
    ("/docs", Access::Open),
    ("/docs/{file}", Access::Open),
    ("/docs/problems/{slug}", Access::Open),
];

impl Access {
    /// That of an operation.
    pub fn of_operation(id: &str) -> Option<Self> {
        OPERATIONS.iter().find(|(known, _)| *known == id).map(|(_, access)| *access)
    }

    /// The words of its roles; none when it is open.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Open => Vec::new(),
            Self::AnyOf(roles) => roles.iter().map(|role| role.as_str()).collect(),
        }
    }
}

/// What a request asks for, as far as its head tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// No route.
    Nowhere,
    /// A route, but none with this method.
    OtherMethod,
    /// A route with this access.
    Route(Access),
}

/// The table by path and method. Cheap to clone.
#[derive(Clone)]
pub struct Rules(Arc<HashMap<String, Vec<(Method, Access)>>>);

impl Rules {
    /// Of every operation of the document, and of the pages.
    ///
    /// # Panics
    /// An operation that has no row in [`OPERATIONS`]: a route that nobody decided about must not
    /// be served.
    pub fn of(document: &OpenApi) -> Self {
        let pages =
            PAGES.iter().map(|(path, access)| (path.to_string(), vec![(Method::GET, *access)]));
        let mut rules: HashMap<_, _> = pages.collect();
        for (path, item) in &document.paths.paths {
            let methods = operations(item).map(|(method, operation)| {
                let id = operation.operation_id.as_deref().unwrap_or_default();
                let access = Access::of_operation(id);
                (method, access.unwrap_or_else(|| panic!("{id} has no row in http/access.rs")))
            });
            rules.insert(path.clone(), methods.collect());
        }
        Self(Arc::new(rules))
    }

    /// What the table says of a request. A route that it does not know has no method at all.
    pub fn asked(&self, request: &Request) -> Asked {
        let Some(path) = request.extensions().get::<MatchedPath>() else {
            return Asked::Nowhere;
        };
        // HEAD is answered by the handler of GET.
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        let methods = self.0.get(path.as_str()).map_or(&[][..], Vec::as_slice);
        let known = methods.iter().find(|(known, _)| known == method);
        known.map_or(Asked::OtherMethod, |(_, access)| Asked::Route(*access))
    }
}

/// The operations of a path.
pub fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::DELETE, &item.delete),
        (Method::GET, &item.get),
        (Method::PATCH, &item.patch),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}
