//! What the document says of many answers in the same words: told here once, by what an operation
//! takes.

use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{OpenApi, RefOr, ResponseBuilder};

use crate::http::error::openapi::header;
use crate::http::openapi::operations_mut;

/// Writes them into the answers that routes describe themselves; refusals have their own words.
pub(super) fn describe(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations_mut) {
        let (conditional, paged) =
            (takes(operation, "If-None-Match"), takes(operation, "page_token"));
        let answers = &mut operation.responses.responses;
        if conditional {
            let known = ResponseBuilder::new().description("The caller has it").build();
            answers.insert("304".to_owned(), known.into());
        }
        for (status, answer) in answers {
            let RefOr::T(answer) = answer else { continue };
            let id = header(Type::String, "Finds the request in the log");
            answer.headers.insert("X-Request-Id".to_owned(), id.into());
            if paged && status == "200" {
                let next = header(Type::String, "`rel=\"next\"` unless it is the last page");
                answer.headers.insert("Link".to_owned(), next.into());
            }
        }
    }
}

fn takes(operation: &Operation, name: &str) -> bool {
    let named = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.name == name,
        RefOr::Ref(_) => false,
    };
    operation.parameters.iter().flatten().any(named)
}
