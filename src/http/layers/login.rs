//! Who asks, and whether its role opens this route. Before any byte of a body is read: strangers
//! cannot make us read.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::access::{Access, Asked, Rules};
use crate::http::allowed::Allowed;
use crate::http::auth::Auth;
use crate::http::caller::{self, Caller};
use crate::http::error::{ApiError, Slug};
use crate::http::layers::shed::Place;
use crate::models::access::Role;

/// What the layer goes by.
#[derive(Clone)]
pub struct Door {
    /// Credentials.
    pub auth: Auth,
    /// Roles.
    pub rules: Rules,
    /// Methods: a wrong one is 405 before it is 401.
    pub allowed: Allowed,
}

/// Layer 8.
pub async fn check(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let roles = match door.rules.asked(&request) {
        Asked::Nowhere | Asked::Route(Access::Open) => return next.run(request).await,
        Asked::OtherMethod => return door.allowed.refuse(&request).into_response(),
        Asked::Route(Access::AnyOf(roles)) => roles,
    };
    let address = caller::address(request.extensions());
    let caller = match door.auth.login(request.headers(), address).await {
        Ok(principal) => Caller::new(principal, request.extensions()),
        Err(error) => return error.into_response(),
    };
    let mut response = if caller.principal.roles.any_of(roles) {
        if let Some(place) = request.extensions().get::<Place>()
            && !caller.principal.is_anonymous()
        {
            place.belongs_to(&caller.subject);
        }
        request.extensions_mut().insert(caller.clone());
        next.run(request).await
    } else {
        door.auth.count_missing_role();
        forbidden(roles).into_response()
    };
    // The log line wants it.
    response.extensions_mut().insert(caller);
    response
}

fn forbidden(roles: &[Role]) -> ApiError {
    let words: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    let detail = format!("This needs the role {}.", words.join(" or "));
    Slug::Forbidden.error().detail(detail).member("required_roles", words)
}
