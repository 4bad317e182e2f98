//! The OpenAPI document: what the routes say of themselves, and the frame around it.

mod answers;
pub mod headers;
mod security;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::config;
use crate::http::access::{Access, operations};
use crate::http::error;
use crate::http::error::document::ProblemDocument;
use crate::http::router;

/// Where a resource is.
#[derive(Debug, Clone, serde::Serialize, ToSchema)]
pub struct SelfLink {
    /// A relative reference.
    #[serde(rename = "self")]
    pub this: String,
}

/// For the document: what every list takes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct PageParameters {
    /// Items at most: 50 when absent or 0; more than 200 is cut to 200.
    // Of a type without a format: the wish may have any number of digits.
    #[param(example = 50, minimum = 0)]
    page_size: Option<usize>,
    /// `next_page_token` of the page before, with the same filters, within 24 hours.
    #[param(example = "AQAAAABpItG5")]
    page_token: Option<String>,
}

/// For the document: bytes of a document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document, not by code")]
#[schema(format = Binary)]
pub struct DocumentBytes(String);

/// For the document: a submission as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct DocumentForm {
    /// The document; its part says its `Content-Type`.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    document: String,
    /// The order that the invoice belongs to, for documents that do not name one.
    #[schema(nullable = false, example = "PO-1001")]
    purchase_order: Option<String>,
    /// The sender's own name for it: it is kept, shown, and found by.
    #[schema(nullable = false, example = "ERP-000417")]
    reference: Option<String>,
}

/// The document, without a running gateway.
pub fn openapi() -> OpenApi {
    let mut document = router::described(&config::Http::default()).split_for_parts().1;
    answers::describe(&mut document);
    security::describe(&mut document);
    document
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.delete, &mut item.get, &mut item.patch, &mut item.post, &mut item.put];
    all.into_iter().filter_map(Option::as_mut)
}

/// The document as it is committed and served.
pub fn document_text(document: &OpenApi) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("the document is plain JSON");
    text.push('\n');
    text
}

/// One line for each operation: id, method, path, roles. A reviewer sees a change of the interface
/// here.
pub fn operations_text(document: &OpenApi) -> String {
    let mut lines = Vec::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let roles = Access::of_operation(id).map(Access::words).unwrap_or_default();
            let roles = if roles.is_empty() { "none".to_owned() } else { roles.join("|") };
            lines.push(format!("{id} {method} {path} {roles}\n"));
        }
    }
    lines.sort();
    lines.concat()
}

/// The frame that the routes are put into.
pub fn frame() -> OpenApi {
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    let info = InfoBuilder::new()
        .title("ap-gateway")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(env!("CARGO_PKG_DESCRIPTION")))
        .contact(Some(ContactBuilder::new().name(Some("The developers of ap-gateway")).build()))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT OR Apache-2.0")
                .identifier(Some("MIT OR Apache-2.0"))
                .build(),
        ))
        .build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .tags(Some([
            tag("invoices", "Hand in invoices and follow them."),
            tag("decisions", "What people decide about an invoice."),
            tag("batches", "Hand in many invoices at once."),
            tag("purchase orders", "What invoices are compared with."),
            tag("receipts", "What came, and what a supplier says was sent."),
            tag("suppliers", "Who may send invoices, and where they are paid to."),
            tag("reconciliations", "Compare what you bring yourself."),
            tag("bank statements", "Hand in what the bank says, and look at what it pays."),
            tag("payment files", "Order the bank to pay approved invoices."),
            tag("webhooks", "Be told what happens."),
            tag("workflows", "The technical view: runs in Temporal."),
            tag("operations", "Probes."),
        ]))
        .build();
    let mut schemas = vec![(ProblemDocument::name().into_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
    components.responses.extend(error::openapi::components());
    components.headers.extend(headers::components());
    document
}
