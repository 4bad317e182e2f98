//! What the document says of login: one scheme, and what each operation asks of its caller.

use serde_json::json;
use utoipa::IntoResponses;
use utoipa::openapi::OpenApi;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

use crate::http::access::Access;
use crate::http::error::openapi::Login;
use crate::http::openapi::operations_mut;

/// The name of the scheme.
const BEARER: &str = "bearer";

/// Writes the table of [`crate::http::access`] into the document.
pub(super) fn describe(document: &mut OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("apg_… or JWT")
        .description(Some(
            "An API key of `ap-gateway keys new`, or a token of the identity provider. A gateway \
             that only listens on its own machine may be set to ask for neither.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    for operation in document.paths.paths.values_mut().flat_map(operations_mut) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        if let Some(access) = Access::of_operation(id) {
            say(operation, access);
        }
    }
}

fn say(operation: &mut Operation, access: Access) {
    let requirement = match access {
        Access::Open => Vec::new(),
        Access::AnyOf(_) => {
            let responses = &mut operation.responses.responses;
            for (status, response) in Login::responses() {
                // A route that is refused for more reasons says so itself.
                responses.entry(status).or_insert(response);
            }
            vec![SecurityRequirement::new(BEARER, [""; 0])]
        }
    };
    operation.security = Some(requirement);
    let roles = ExtensionsBuilder::new().add("x-required-roles", json!(access.words())).build();
    operation.extensions.get_or_insert_default().merge(roles);
}
