//! A stand-in for a collector: it takes OTLP over HTTP and keeps the spans.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<(String, Span)>>>);

pub(super) struct Collector {
    pub(super) url: String,
    kept: Kept,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let kept = Kept::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let router = Router::new().route("/v1/traces", post(take)).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, kept }
    }

    /// The spans so far, each with the name of its service.
    pub(super) fn spans(&self) -> Vec<(String, Span)> {
        self.kept.0.lock().expect("not poisoned").clone()
    }
}

async fn take(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    for of_resource in request.resource_spans {
        let attributes = of_resource.resource.map(|resource| resource.attributes);
        let service = attributes.iter().flatten().find(|one| one.key == "service.name");
        let service = service.map(|service| format!("{:?}", service.value)).unwrap_or_default();
        let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        let mut kept = kept.0.lock().expect("not poisoned");
        kept.extend(spans.map(|span| (service.clone(), span)));
    }
    StatusCode::OK
}
