//! Refusals in the OpenAPI document: each route names its groups, and each group knows its types.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::http::error::document::PROBLEM_JSON;
use crate::http::error::registry::Slug;
use crate::http::openapi::headers;

/// Makes a group of refusals that a route names in its `responses(…)`.
macro_rules! groups {
    ($($(#[$doc:meta])* $name:ident = [$($slug:ident),+ $(,)?];)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl $name {
            /// The types of the group.
            pub const SLUGS: &[Slug] = &[$(Slug::$slug),+];
        }

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                references(Self::SLUGS)
            }
        }
    )*

        /// The answers of all groups; each is in the document once.
        pub fn components() -> BTreeMap<String, RefOr<Response>> {
            let groups = [$($name::SLUGS),*];
            let answers = groups.into_iter().flat_map(by_status);
            answers.map(|(_, slugs)| (name(&slugs), response(&slugs).into())).collect()
        }
    };
}

groups! {
    /// What every route may answer.
    General = [
        InvalidRequest, InvalidPageToken, NotFound, MethodNotAllowed, NotAcceptable, UriTooLong,
        MisdirectedRequest, Internal, NotImplemented, StorageUnavailable, Overloaded, Draining,
        UpstreamTimeout,
    ];
    /// What every route may answer that reads a part which is made later.
    Produced = [
        InvalidRequest, NotFound, NotProducedYet, MethodNotAllowed, NotAcceptable, UriTooLong,
        MisdirectedRequest, Internal, NotImplemented, StorageUnavailable, Overloaded, Draining,
        UpstreamTimeout,
    ];
    /// What every route may answer that changes something: a bad key is refused, read or not.
    Keyed = [
        InvalidRequest, IdempotencyKeyInvalid, NotFound, MethodNotAllowed, NotAcceptable,
        UriTooLong, MisdirectedRequest, Internal, NotImplemented, StorageUnavailable, Overloaded,
        Draining, UpstreamTimeout,
    ];
    /// What every route may answer that talks to Temporal before it answers.
    Upstream = [
        InvalidRequest, IdempotencyKeyInvalid, NotFound, MethodNotAllowed, NotAcceptable,
        UriTooLong, MisdirectedRequest, Internal, NotImplemented, UpstreamCredentials,
        UpstreamError, UpstreamUnavailable, NoWorker, InvoiceBusy, Overloaded, Draining,
        UpstreamTimeout,
    ];
    /// What a route may answer that starts something in Temporal under a key that it requires.
    Started = [
        InvalidRequest, IdempotencyKeyInvalid, IdempotencyKeyMissing, NotFound, MethodNotAllowed,
        NotAcceptable, UriTooLong, MisdirectedRequest, Internal, NotImplemented,
        StorageUnavailable, UpstreamCredentials, UpstreamError, UpstreamUnavailable, NoWorker,
        InvoiceBusy, Overloaded, Draining, UpstreamTimeout,
    ];
    /// What a route may answer that carries a decision to the workflow of an invoice.
    Deciding = [
        InvalidRequest, IdempotencyKeyInvalid, IdempotencyKeyMissing, Forbidden, FourEyes, NotFound,
        MethodNotAllowed, NotAcceptable, RequestTimeout, StateConflict, InvoiceClosed,
        PayloadTooLarge, UriTooLong, UnsupportedMediaType, MisdirectedRequest, ValidationFailed,
        IdempotencyKeyReused, DecisionRejected, Internal, NotImplemented, StorageUnavailable,
        UpstreamCredentials, UpstreamError, UpstreamUnavailable, NoWorker, InvoiceBusy, Overloaded,
        Draining, UpstreamTimeout,
    ];
    /// What a list may answer that is read from Temporal.
    Visible = [
        InvalidRequest, InvalidPageToken, NotFound, MethodNotAllowed, NotAcceptable, UriTooLong,
        MisdirectedRequest, Internal, NotImplemented, UpstreamCredentials, UpstreamError,
        UpstreamUnavailable, InvoiceBusy, Overloaded, Draining, UpstreamTimeout,
    ];
    /// What a route may answer that ends a run.
    Ending = [
        InvalidRequest, IdempotencyKeyInvalid, Forbidden, FourEyes, NotFound, MethodNotAllowed,
        NotAcceptable, RequestTimeout, StateConflict, InvoiceClosed, WorkflowFinished,
        PayloadTooLarge, UriTooLong, UnsupportedMediaType, MisdirectedRequest, ValidationFailed,
        IdempotencyKeyReused, DecisionRejected, Internal, NotImplemented, StorageUnavailable, UpstreamCredentials,
        UpstreamError, UpstreamUnavailable, NoWorker, InvoiceBusy, Overloaded, Draining,
        UpstreamTimeout,
    ];
    /// What a route may answer that keeps something and starts it in Temporal, key or no key.
    Submitted = [
        InvalidRequest, IdempotencyKeyInvalid, NotFound, MethodNotAllowed, NotAcceptable,
        UriTooLong, MisdirectedRequest, Internal, NotImplemented, StorageUnavailable,
        UpstreamCredentials, UpstreamError, UpstreamUnavailable, NoWorker, InvoiceBusy, Overloaded,
        Draining, UpstreamTimeout,
    ];
    /// What a route may answer that keeps something in the ledger under a key that it requires.
    KeyRequired = [
        InvalidRequest, IdempotencyKeyInvalid, IdempotencyKeyMissing, NotFound, MethodNotAllowed,
        NotAcceptable, UriTooLong, MisdirectedRequest, Internal, NotImplemented,
        StorageUnavailable, Overloaded, Draining, UpstreamTimeout,
    ];
    /// What every route may answer that asks who calls.
    Login = [Unauthenticated, Forbidden, QuotaExceeded];
    /// What a route with a body may answer besides.
    Body = [
        RequestTimeout, PayloadTooLarge, UnsupportedMediaType, ValidationFailed,
        IdempotencyKeyReused,
    ];
    /// What a route may answer besides that depends on a state.
    Conflict = [StateConflict];
    /// What a route may answer besides that shows what is removed after years.
    Removable = [Removed];
    /// What a route may answer besides whose workflow id may be somebody else's.
    Taken = [WorkflowExists];
    /// The same where things move on.
    MovingOrTaken = [StateConflict, WorkflowExists];
    /// What a route with a natural key may answer besides.
    Exists = [ResourceExists];
    /// What a route may answer besides where things move on.
    Conflicts = [StateConflict];
    /// What a route may answer besides that changes what somebody saw.
    Precondition = [PreconditionFailed];
    /// What a route may answer besides that sends something to a webhook.
    DisabledHook = [WebhookDisabled];
    /// What a probe of readiness may answer.
    NotReady = [StorageUnavailable, UpstreamUnavailable, NoWorker, Draining];
    /// What a probe may answer.
    Probe = [InvalidRequest, MethodNotAllowed, Internal];
    /// What a probe without parameters may answer.
    Liveness = [MethodNotAllowed, Internal];
}

fn references(slugs: &[Slug]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |(status, slugs): (u16, Vec<Slug>)| {
        let reference = Ref::from_response_name(name(&slugs));
        (status.to_string(), reference.into())
    };
    by_status(slugs).into_iter().map(reference).collect()
}

fn by_status(slugs: &[Slug]) -> BTreeMap<u16, Vec<Slug>> {
    let mut by_status: BTreeMap<u16, Vec<Slug>> = BTreeMap::new();
    for slug in slugs {
        let status = slug.status().as_u16();
        by_status.entry(status).or_default().push(*slug);
    }
    by_status
}

/// The same types are the same answer, whatever the group.
fn name(slugs: &[Slug]) -> String {
    let names: Vec<_> = slugs.iter().map(|slug| format!("{slug:?}")).collect();
    names.join(".")
}

fn response(slugs: &[Slug]) -> Response {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    for slug in slugs {
        let example =
            ExampleBuilder::new().summary(slug.title()).value(Some(example(*slug))).build();
        content = content.examples_from_iter([(slug.as_str(), example)]);
    }
    let titles: Vec<_> = slugs.iter().map(|slug| slug.title()).collect();
    let mut response = ResponseBuilder::new()
        .description(titles.join("; or: "))
        .content(PROBLEM_JSON, content.build())
        .build();
    response.headers = headers::of_refusal(slugs);
    response
}

/// A header of an answer.
pub fn header(kind: Type, text: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .description(Some(text))
        .build()
}

fn example(slug: Slug) -> serde_json::Value {
    let mut document = json!({
        "type": slug.reference(), "title": slug.title(), "status": slug.status().as_u16(),
        "request_id": "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88",
    });
    if slug.tells_outcome() {
        document["outcome"] = json!("not_done");
        document["retry_safe"] = json!(true);
    }
    document
}
