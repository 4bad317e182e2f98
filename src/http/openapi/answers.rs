//! What the document says of many answers in the same words: told here once, by what an operation
//! takes.

use std::collections::BTreeMap;

use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{OpenApi, RefOr, Response, ResponseBuilder};

use crate::http::access::Access;
use crate::http::error::openapi::header;
use crate::http::openapi::headers::{ETAG, METERED, REQUEST_ID, VARY, referred};
use crate::http::openapi::operations_mut;

/// Writes them into the answers that routes describe themselves; refusals have their own words.
pub(super) fn describe(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations_mut) {
        let (conditional, paged) =
            (takes(operation, "If-None-Match"), takes(operation, "page_token"));
        let waits = takes(operation, "Prefer") && conditional;
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let metered = Access::of_operation(id).is_some_and(|access| access != Access::Open);
        let answers = &mut operation.responses.responses;
        if conditional {
            let mut known = ResponseBuilder::new().description("The caller has it").build();
            known.headers = unchanged(answers.get("200"));
            answers.insert("304".to_owned(), known.into());
        }
        for (status, answer) in answers {
            let RefOr::T(answer) = answer else { continue };
            answer.headers.extend([referred(REQUEST_ID)]);
            if metered {
                answer.headers.extend(METERED.map(referred));
            }
            let chosen = answer.headers.contains_key(VARY);
            if waits || chosen || answer.content.contains_key("application/json") {
                answer.headers.extend([referred(VARY)]);
            }
            if paged && status == "200" {
                let next = header(Type::String, "`rel=\"next\"` unless it is the last page");
                answer.headers.insert("Link".to_owned(), next.into());
            }
        }
    }
}

/// What a 304 has of the headers that the whole answer would have.
fn unchanged(whole: Option<&RefOr<Response>>) -> BTreeMap<String, RefOr<Header>> {
    let whole = match whole {
        Some(RefOr::T(whole)) => whole.headers.clone(),
        _ => BTreeMap::new(),
    };
    let of_state = |(name, _): &(String, _)| {
        ["Retry-After", "Preference-Applied", VARY].contains(&name.as_str())
    };
    whole.into_iter().filter(of_state).chain([referred(ETAG)]).collect()
}

fn takes(operation: &Operation, name: &str) -> bool {
    let named = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == name,
        RefOr::Ref(_) => false,
    };
    operation.parameters.iter().flatten().any(named)
}
