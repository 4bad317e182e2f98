//! What Temporal refuses, as callers see it, and answers of it that are lost on the way (HTTP
//! handbook §2.3 and §3.2).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::temporal::Gateway;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use futures::{StreamExt, stream};
use serde_json::json;
use temporalio_client::tonic;
use temporalio_client::tonic::transport::Channel;
use temporalio_common::protos::google::rpc;
use temporalio_common::protos::temporal::api::enums::v1::ResourceExhaustedCause;
use temporalio_common::protos::temporal::api::errordetails::v1::ResourceExhaustedFailure;
use temporalio_common::protos::utilities::{encode_status_details, pack_any};
use tower::ServiceExt;

use crate::bench::Bench;
use crate::edge::{Answer, Edge, ask};
use crate::http_reconciliations::{case, start};
use crate::observed::relay::{serve, status};

/// A server's refusal: gRPC code, text, the cause in its detail.
type Refusal = (u16, &'static str, Option<ResourceExhaustedCause>);

fn refused((code, text, cause): Refusal) -> Response<Body> {
    let mut refused = status(code, text);
    if let Some(cause) = cause {
        let kind = "type.googleapis.com/temporal.api.errordetails.v1.ResourceExhaustedFailure";
        let failure = ResourceExhaustedFailure { cause: cause.into(), scope: 1 };
        let details = vec![pack_any(kind.to_owned(), &failure).expect("encoded")];
        let details = rpc::Status { code: code.into(), message: text.to_owned(), details };
        let details = BASE64_STANDARD_NO_PAD.encode(encode_status_details(&details));
        let details = HeaderValue::from_str(&details).expect("ASCII");
        refused.headers_mut().insert("grpc-status-details-bin", details);
    }
    refused
}

/// An edge over a Temporal that answers each call but the first look by this rule.
async fn over(answer: impl Fn(&str) -> Refusal + Clone + Send + Sync + 'static) -> Edge {
    let answer = move |request: Request| {
        let path = request.uri().path();
        // A server that does not know this call is an old one, and is talked to all the same.
        let old = path.ends_with("/GetSystemInfo");
        let refusal = if old { (12, "unknown method", None) } else { answer(path) };
        async move { refused(refusal) }
    };
    let edge = reached_by(Edge::start().await, &serve(Router::new().fallback(answer)).await);
    // Both connections are made: what a call may take is for the call.
    for _ in 0..2 {
        let known = edge.state.gateway.probe().await;
        assert!(known.is_err(), "the look is refused, whatever else is");
    }
    edge
}

fn reached_by(edge: Edge, address: &str) -> Edge {
    let port = address.rsplit(':').next().and_then(|port| port.parse().ok());
    let settings = config::Temporal::local(port.expect("a port")).expect("settings");
    edge.over_temporal(Gateway::new(&settings, "ap-default", None))
}

fn after(answer: &Answer) -> Option<u64> {
    Some(answer.header("retry-after")).filter(|text| !text.is_empty())?.parse().ok()
}

/// What a refusal becomes.
struct Told {
    refusal: Refusal,
    problem: (u16, &'static str),
    /// When to come back.
    after: Option<(u64, u64)>,
    /// What is told of the effect, when it refused a start.
    outcome: Option<&'static str>,
    /// How the metric calls it; empty when it is not counted.
    kind: &'static str,
}

fn table() -> Vec<Told> {
    let told =
        |refusal, problem, after, outcome, kind| Told { refusal, problem, after, outcome, kind };
    let code = |code: u16| (code, "told so", None);
    let exhausted = |cause: ResourceExhaustedCause| (8, "told so", Some(cause));
    let large = (8, "grpc: received message larger than max (5000000 vs. 4194304)", None);
    let (not_done, unknown) = (Some("not_done"), Some("unknown"));
    let (two, ten) = (Some((2, 2)), Some((10, 10)));
    let (busy, limit) = (ResourceExhaustedCause::BusyWorkflow, ResourceExhaustedCause::RpsLimit);
    vec![
        told(code(3), (500, "internal"), None, unknown, "other"),
        told(code(4), (504, "upstream-timeout"), two, unknown, "timeout"),
        told(code(7), (502, "upstream-credentials"), None, not_done, "credentials"),
        told(code(9), (503, "no-worker"), ten, not_done, ""),
        told(code(10), (503, "upstream-unavailable"), two, unknown, "unavailable"),
        told(code(12), (502, "upstream-error"), None, unknown, "other"),
        told(code(13), (502, "upstream-error"), None, unknown, "other"),
        told(code(14), (503, "upstream-unavailable"), two, unknown, "unavailable"),
        told(code(16), (502, "upstream-credentials"), None, not_done, "credentials"),
        told(large, (413, "payload-too-large"), None, None, "other"),
        told(exhausted(busy), (503, "invoice-busy"), Some((1, 1)), not_done, "throttled"),
        told(exhausted(limit), (503, "overloaded"), Some((1, 5)), not_done, "throttled"),
        told(code(8), (503, "overloaded"), Some((1, 5)), not_done, "throttled"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_temporal_refuses_is_told_as_what_it_is() {
    // A few at a time: some take as long as the SDK tries again, and none should lack the machine.
    stream::iter(table())
        .for_each_concurrent(4, async |told| {
            let refusal = told.refusal;
            let edge = over(move |_| refusal).await;
            let look = edge.get("/workflows/ap-ping-1").await;
            let begun = start(&edge, "k1", "wait=0", &case("90")).await;
            for answer in [&look, &begun] {
                let (code, slug) = told.problem;
                assert_eq!(answer.problem(), (code, slug.to_owned()), "{refusal:?}");
                let seconds = after(answer);
                let fits = match (told.after, seconds) {
                    (Some((from, to)), Some(seconds)) => (from..=to).contains(&seconds),
                    (wanted, seconds) => wanted.is_none() && seconds.is_none(),
                };
                assert!(fits, "{refusal:?}: {seconds:?}");
            }
            let body = begun.json();
            assert_eq!(body.get("outcome"), told.outcome.map(|word| json!(word)).as_ref());
            // Where to look is told when it is open whether it was done, and can be seen.
            let open = ["upstream-timeout", "upstream-unavailable"].contains(&told.problem.1);
            let link = body["links"]["self"].as_str();
            let shown = link.is_some_and(|link| link.starts_with("/reconciliations/rec_"));
            assert_eq!(shown, open, "{body}");
            if told.problem.0 == 413 {
                assert_eq!((&body["limit"], &body["unit"]), (&json!(4_194_304), &json!("bytes")));
            }
            let text = format!("{body} {}", look.json());
            assert!(!text.contains("told so"), "no text of Temporal's: {text}");
            let errors = &edge.state.metrics.upstream_errors;
            for kind in ["credentials", "unavailable", "timeout", "throttled", "other"] {
                let wanted = if kind == told.kind { 2 } else { 0 };
                let counted = errors.with_label_values(&[kind]).get();
                assert_eq!(counted, wanted, "{refusal:?} {kind}");
            }
        })
        .await;
}

/// Retention ran between: the run is known to the start, and then nobody knows of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_in_between_is_started_once_more_and_no_oftener() {
    let starts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&starts);
    let edge = over(move |path| {
        if path.ends_with("/StartWorkflowExecution") {
            counted.fetch_add(1, Ordering::Relaxed);
            return (6, "already started", None);
        }
        (5, "workflow not found for ID", None)
    })
    .await;
    let begun = start(&edge, "k1", "wait=0", &case("90")).await;
    assert_eq!(begun.problem(), (503, "upstream-unavailable".to_owned()));
    assert_eq!(begun.json()["outcome"], "unknown");
    assert_eq!(starts.swap(0, Ordering::Relaxed), 2);
    let ping = ask("POST", "/workflows/ping").header("idempotency-key", "k1");
    let ping = ping.header("prefer", "wait=0").body(Body::empty());
    let pinged = edge.send(ping.expect("a request")).await;
    assert_eq!(pinged.problem(), (503, "upstream-unavailable".to_owned()));
    assert_eq!(starts.load(Ordering::Relaxed), 2);
}

/// A way to a server on which the answers to starts are lost; the starts are not.
async fn losing(server: &str) -> String {
    let channel = Channel::from_shared(server.to_owned()).expect("an address").connect_lazy();
    let pass = move |request: Request| pass(channel.clone(), request);
    serve(Router::new().fallback(pass)).await
}

async fn pass(channel: Channel, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let starts = head.uri.path().ends_with("/StartWorkflowExecution");
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole request");
    let request = Request::from_parts(head, tonic::body::Body::new(Body::from(body)));
    let answer = channel.oneshot(request).await;
    if starts {
        std::future::pending::<()>().await;
    }
    match answer {
        Ok(answer) => answer.map(Body::new),
        Err(error) => status(14, &error.to_string()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_answer_is_lost_is_looked_for_and_answered() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let address = losing(bench.server.settings().address()).await;
    let edge = reached_by(Edge::over(&bench), &address);
    let ping = async || {
        let ping = ask("POST", "/workflows/ping").header("idempotency-key", "k1");
        edge.send(ping.body(Body::empty()).expect("a request")).await
    };
    let body = case("90");
    let (begun, pinged) = tokio::join!(start(&edge, "k1", "wait=10", &body), ping());
    let told = begun.json();
    assert_eq!((begun.status.as_u16(), &told["status"]), (200, &json!("completed")), "{told}");
    let told = pinged.json();
    assert_eq!((pinged.status.as_u16(), &told["result"]), (200, &json!("ok")), "{told}");

    // On a way that loses nothing the same requests are the same things.
    let edge = Edge::over(&bench);
    let again = start(&edge, "k1", "wait=10", &body).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (begun.json(), "true"));
    let run = bench.gateway.ping(told["workflow_id"].as_str().expect("an id"), Duration::ZERO);
    assert_eq!(told["run_id"], run.await.expect("known").run_id);
}
