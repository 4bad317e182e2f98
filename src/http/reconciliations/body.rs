//! A case as its caller sends it.

use axum::extract::Request;
use bytes::Bytes;
use serde_path_to_error::Segment;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::json::{self, malformed};
use crate::http::extract::tree;
use crate::models::case::Case;
use crate::models::fault::Fault;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;

/// Reads the body as a case, off the threads that answer requests; answers it written out anew as
/// well, so that the same case has the same bytes in whatever order its members came.
///
/// # Errors
/// 400, 408, 413, 415, 422: with the faults and their places.
pub(super) async fn read(request: Request) -> Result<(Bytes, Case), ApiError> {
    let body = json::bytes(request).await?;
    let parsed = tokio::task::spawn_blocking(move || parse(&body)).await;
    parsed.map_err(|panic| Slug::Internal.error().caused_by(panic))?
}

fn parse(body: &[u8]) -> Result<(Bytes, Case), ApiError> {
    let tree = tree::parse(body).map_err(|error| malformed(&error))?;
    if !tree.repeated.is_empty() {
        let refused = Slug::InvalidRequest.error().detail("Members are repeated.");
        return Err(refused.faults(tree.repeated));
    }
    // Members of a `Value` stand in the order of their names.
    let written = Bytes::from(tree.value.to_string());
    let case: Case = serde_path_to_error::deserialize(tree.value).map_err(|error| {
        let pointer = pointer(error.path());
        unacceptable(vec![Fault::at(&pointer, "unreadable", &error.inner().to_string())])
    })?;
    let faults = faults(&case);
    if faults.is_empty() { Ok((written, case)) } else { Err(unacceptable(faults)) }
}

fn unacceptable(faults: Vec<Fault>) -> ApiError {
    Slug::ValidationFailed.error().detail("The content is not acceptable.").faults(faults)
}

/// Orders, receipts and the policy are held to what they are held to elsewhere.
fn faults(case: &Case) -> Vec<Fault> {
    let orders = case.purchase_orders.iter().map(PurchaseOrder::faults);
    let receipts = case.receipts.iter().map(Receipt::faults);
    let at = |list: &'static str| {
        move |(index, faults): (usize, Vec<Fault>)| {
            faults.into_iter().map(move |fault| {
                let pointer = fault.pointer.clone().unwrap_or_default();
                Fault { pointer: Some(format!("/{list}/{index}{pointer}")), ..fault }
            })
        }
    };
    let orders = orders.enumerate().flat_map(at("purchase_orders"));
    let policy = case.policy.faults().into_iter().map(|fault| {
        let pointer = fault.pointer.clone().unwrap_or_default();
        Fault { pointer: Some(format!("/policy{pointer}")), ..fault }
    });
    orders.chain(receipts.enumerate().flat_map(at("receipts"))).chain(policy).collect()
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}
