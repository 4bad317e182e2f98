//! Who may come in, and what each may do there.

mod commands;
mod keys;
pub(crate) mod provider;
mod routes;
mod secrets;
mod tokens;
mod trail;

use std::net::SocketAddr;

use ap_gateway::models::access::{Author, Role};
use ap_gateway::models::hold::Role as Duty;
use ap_gateway::storage::Ledger;
use ap_gateway::storage::ledger::keys::{KeyText, NewKey};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::edge::ask;

/// A key for a subject, as `keys new` makes one.
pub(crate) fn new_key(subject: &str, roles: &[Role]) -> NewKey {
    NewKey {
        text: KeyText::draw().expect("random numbers"),
        name: subject.trim_start_matches("key:").to_owned(),
        subject: subject.to_owned(),
        roles: roles.iter().copied().collect(),
        duties: Duty::OF_PERSONS.to_vec(),
        not_before: DateTime::UNIX_EPOCH,
        expires_at: None,
    }
}

/// Keeps a key; answers its `Authorization` header.
pub(crate) async fn keep(ledger: &Ledger, key: &NewKey) -> String {
    let by = Author { subject: "terminal:test".to_owned(), ..Author::default() };
    assert!(ledger.add_key(key, &by).await.expect("the ledger takes it"));
    format!("Bearer {}", key.text.expose().expose_secret())
}

/// A key that is kept.
async fn key(ledger: &Ledger, subject: &str, roles: &[Role]) -> String {
    keep(ledger, &new_key(subject, roles)).await
}

/// A key whose time is over.
async fn expired_key(ledger: &Ledger) -> String {
    let mut expired = new_key("key:late", &Role::ALL);
    expired.expires_at = Some(Utc::now() - chrono::TimeDelta::minutes(1));
    keep(ledger, &expired).await
}

/// A request from an address, with a credential.
fn from(
    address: [u8; 4],
    authorization: Option<&str>,
    method: &str,
    target: &str,
) -> Request<Body> {
    let mut request = ask(method, target);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let peer = ConnectInfo(SocketAddr::from((address, 40_000)));
    request.extension(peer).body(Body::empty()).expect("a request")
}
