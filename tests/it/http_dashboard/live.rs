//! The stream that tells the overview when to look again.

use std::time::Duration;

use ap_gateway::config;
use ap_gateway::models::access::{Author, Role};
use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use tower::ServiceExt;

use crate::edge::{Edge, ask};
use crate::http_auth::new_key;
use crate::http_dashboard::Visitor;
use crate::samples::{self, HUNDRED};

/// Longer than three looks of a stream, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

async fn opened(visitor: &Visitor) -> BodyDataStream {
    let request = ask("GET", "/dashboard/events").header("cookie", &visitor.cookie);
    let request = request.body(Body::empty()).expect("a request");
    let response = visitor.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    response.into_body().into_data_stream()
}

/// The next frame; none when the stream has ended.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let frame = tokio::time::timeout(SOON, stream.next()).await.expect("a frame in time");
    frame.map(|frame| String::from_utf8(frame.expect("a frame").to_vec()).expect("text"))
}

#[tokio::test]
async fn the_overview_hears_of_an_invoice_that_came() {
    let edge = Edge::start().await;
    let mut stream = opened(&Visitor::stranger(&edge)).await;
    assert_eq!(next(&mut stream).await.as_deref(), Some("retry: 3000\n\n"));
    let document = samples::invoice("RE-1", "PO-1", HUNDRED);
    assert_eq!(edge.post("/invoices", "application/xml", document).await.status, 202);
    let heard = next(&mut stream).await;
    assert_eq!(heard.as_deref(), Some("event: changed\ndata: {}\n\n"));
    // Nothing more happens, and the connection is kept.
    assert_eq!(next(&mut stream).await.as_deref(), Some(": keep-alive\n\n"));
    let page = Visitor::stranger(&edge).get("/dashboard").await;
    for text in ["sse-connect=\"/dashboard/events\"", "hx-trigger=\"sse:changed, every 10s\""] {
        assert!(page.html.contains(text), "{text} in {}", page.html);
    }
}

#[tokio::test]
async fn a_stream_ends_with_the_key_of_its_reader_and_there_are_only_so_many() {
    let limits = config::Http { event_streams_by_subject_max: 1, ..config::Http::default() };
    let open = Edge::with(limits).await;
    let auth = ap_gateway::http::auth::Auth::required(
        &open.state.ledger,
        &config::Auth::default(),
        &config::Jwt::default(),
        &open.state.metrics,
    );
    let edge = open.behind(auth);
    let key = new_key("key:anna", &[Role::Viewer]);
    let anna = Visitor::with(&edge, &key).await;
    let mut stream = opened(&anna).await;
    assert!(next(&mut stream).await.is_some());
    let second = anna.get("/dashboard/events").await;
    assert_eq!((second.status.as_u16(), second.header("retry-after")), (429, "5"));
    let by = Author { subject: "terminal:test".to_owned(), ..Author::default() };
    assert!(edge.state.ledger.revoke_key(key.text.id(), &by).await.expect("revoked"));
    assert_eq!(next(&mut stream).await, None, "whoever lost its key hears nothing more");
}
