//! Who asks. The login layer puts it into the request; it is part of every key.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;

use crate::http::error::{ApiError, Slug};
use crate::http::layers::request_id::RequestId;
use crate::http::proxies::ClientAddress;
use crate::models::access::{Author, Principal};
use crate::storage::Ledger;

/// The caller of a request. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The subject, not the credential: replays survive a new credential.
    pub subject: String,
    /// With roles, duties and credential.
    pub principal: Arc<Principal>,
    /// Where it is.
    pub address: Option<IpAddr>,
    /// Of the request.
    pub request_id: String,
}

impl Caller {
    /// The sender of a request.
    pub fn new(principal: Arc<Principal>, extensions: &Extensions) -> Self {
        Self {
            subject: principal.subject.clone(),
            principal,
            address: address(extensions),
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    /// As the audit trail keeps it.
    pub fn author(&self) -> Author {
        Author {
            subject: self.subject.clone(),
            credential: self.principal.credential.id().map(str::to_owned),
            request_id: Some(self.request_id.clone()),
            address: self.address.map(|address| address.to_string()),
        }
    }

    /// The ledger; what is changed through it is recorded as done by this caller.
    pub fn ledger(&self, ledger: &Ledger) -> Ledger {
        ledger.acting_for(self.author())
    }
}

/// Where a request came from: behind a trusted proxy, whom that names.
pub fn address(extensions: &Extensions) -> Option<IpAddr> {
    let client = extensions.get::<ClientAddress>().map(|client| client.0);
    client.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Slug::Internal.error().caused_by("an open route asks who calls"))
    }
}
