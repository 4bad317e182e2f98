//! Heads, queries, forms and bodies, spoilt in the same way: what the fuzz targets hold of them.

#[path = "../../../fuzz/requests/body.rs"]
mod body;
#[path = "../../../fuzz/requests/head.rs"]
mod head;
#[path = "../../../fuzz/requests/idempotency_key.rs"]
mod idempotency_key;
#[path = "../../../fuzz/requests/last_event_id.rs"]
mod last_event_id;
#[path = "../../../fuzz/requests/lines.rs"]
mod lines;
#[path = "../../../fuzz/requests/multipart.rs"]
mod multipart;
#[path = "../../../fuzz/requests/page_token.rs"]
mod page_token;
#[path = "../../../fuzz/requests/prefer.rs"]
mod prefer;
#[path = "../../../fuzz/requests/query.rs"]
mod query;
#[path = "../../../fuzz/requests/traceparent.rs"]
mod traceparent;

use super::{Reader, spoil};

const READERS: [Reader; 9] = [
    ("idempotency_key", idempotency_key::look, 300),
    ("page_token", page_token::look, 300),
    ("prefer", prefer::look, 300),
    ("traceparent", traceparent::look, 300),
    ("last_event_id", last_event_id::look, 300),
    ("body", body::look, 100),
    ("multipart", multipart::look, 300),
    ("query", query::look, 300),
    ("head", head::look, 300),
];

#[test]
fn acceptance_60_spoilt_requests_are_taken_or_refused_and_never_panic() {
    spoil(&READERS);
}
