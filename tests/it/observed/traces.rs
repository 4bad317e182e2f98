//! One trace from the caller's request through workflow and activities to the message that a
//! receiver gets (acceptance 56).

use std::collections::BTreeSet;

use ap_gateway::app::Role;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Gateway, PATIENCE, temporal_address, unique, within};
use crate::http_webhooks::Receiver;
use crate::observed::collector::Collector;
use crate::observed::process::{Process, Wanted};
use crate::samples::{self, HUNDRED};

const ID: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";
const TOPICS: [&str; 2] = ["invoice.received", "invoice.approved"];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All parents are there: what is around a message ends, and is handed over, after it.
fn is_whole(spans: &[(String, Span)]) -> bool {
    let known: BTreeSet<String> = spans.iter().map(|(_, span)| hex(&span.span_id)).collect();
    let mut parents = spans.iter().map(|(_, span)| hex(&span.parent_span_id));
    parents.all(|parent| parent == SPAN || known.contains(&parent))
}

/// The webhook, the order and the receipt that an invoice needs to be approved by itself.
fn before(receiver: &Receiver, order: &str) -> [(&'static str, Value); 3] {
    let receipt = samples::receipt(&unique("GR"), order, "100");
    [
        ("/webhooks", json!({"url": receiver.url, "events": TOPICS})),
        ("/purchase-orders", samples::order(order)),
        ("/receipts", receipt),
    ]
}

/// `traceparent` and `tracestate` of the messages, by topic, once both have come.
async fn messages(receiver: &Receiver) -> Vec<(String, String, Option<String>)> {
    within(PATIENCE, "both messages", async || {
        let got = receiver.got();
        let text = |name: &str, one: &crate::http_webhooks::Got| {
            one.headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned())
        };
        let read = got.iter().map(|one| {
            let topic = one.json()["type"].as_str().expect("a topic").to_owned();
            (topic, text("traceparent", one).expect("a trace"), text("tracestate", one))
        });
        let read: Vec<_> = read.collect();
        (read.len() == TOPICS.len()).then_some(read)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_56_one_trace_leads_from_the_callers_request_to_the_message_outside() {
    let (collector, receiver) = (Collector::start().await, Receiver::start([]).await);
    let process = Process::start(&Wanted {
        role: "all",
        temporal: temporal_address(),
        settings: "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\n",
        environment: &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
            ("OTEL_SERVICE_NAME", "payables"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ],
    })
    .await;
    let order = unique("PO");
    for (path, body) in before(&receiver, &order) {
        process.post_json(path, &body).await.expect(StatusCode::CREATED);
    }
    let parent = format!("00-{ID}-{SPAN}-01");
    let headers = [
        ("content-type", "application/xml"),
        ("traceparent", parent.as_str()),
        ("tracestate", "erp=t61rcWkgMzE"),
    ];
    let xml = samples::invoice(&unique("RE"), &order, HUNDRED);
    process.send(Method::POST, "/invoices", &headers, xml).await.expect(StatusCode::ACCEPTED);

    let messages = messages(&receiver).await;
    let spans = within(PATIENCE, "the spans of the messages", async || {
        let of_trace = |(_, span): &(String, Span)| hex(&span.trace_id) == ID;
        let spans: Vec<_> = collector.spans().into_iter().filter(of_trace).collect();
        let sent = spans.iter().filter(|(_, span)| span.kind() == SpanKind::Client);
        (sent.count() == TOPICS.len() && is_whole(&spans)).then_some(spans)
    })
    .await;
    assert!(spans.iter().all(|(service, _)| service.contains("payables")), "{spans:?}");
    let spans: Vec<Span> = spans.into_iter().map(|(_, span)| span).collect();
    let by_id = |id: &str| {
        let found = spans.iter().find(|span| hex(&span.span_id) == id);
        found.unwrap_or_else(|| panic!("no span {id} in {spans:#?}"))
    };
    let request = spans.iter().find(|span| span.name == "POST /invoices").expect("the request");
    assert_eq!((request.kind(), hex(&request.parent_span_id)), (SpanKind::Server, SPAN.to_owned()));

    for (topic, parent, state) in &messages {
        assert_eq!(state.as_deref(), Some("erp=t61rcWkgMzE"), "{topic}");
        let fields: Vec<_> = parent.split('-').collect();
        assert_eq!((fields[0], fields[1], fields[3]), ("00", ID, "01"), "{topic}");
        // Up from the message: the attempt, its activity, what was told of, … the request.
        let mut names = Vec::new();
        let mut at = by_id(fields[2]);
        loop {
            names.push(at.name.as_str());
            if hex(&at.parent_span_id) == SPAN {
                break;
            }
            at = by_id(&hex(&at.parent_span_id));
        }
        assert_eq!(names.first(), Some(&"POST"), "{topic}: {names:?}");
        assert!(names[1].starts_with("RunActivity:"), "{topic}: {names:?}");
        assert_eq!(names.last(), Some(&"POST /invoices"), "{topic}: {names:?}");
        let steps = if topic == "invoice.received" { 3 } else { 4 };
        assert_eq!(names.len(), steps, "{topic}: {names:?}");
    }
    let log = process.log();
    let of = |message: &str| {
        let line = log.iter().find(|line| {
            line["message"].as_str().is_some_and(|text| text.starts_with(message))
                && line["trace.id"] == ID
        });
        assert!(line.is_some(), "no line {message:?} with the trace");
    };
    of("POST /invoices 202");
    of("task completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_carried_when_nobody_collects_them_and_bad_ones_begin_anew() {
    let gateway = Gateway::start_with(Role::All, temporal_address(), |settings| {
        settings.webhooks.allowed_networks = vec!["127.0.0.0/8".to_owned()];
    })
    .await;
    let good = format!("00-{ID}-{SPAN}-01");
    let table = [
        (good.clone(), true),
        (good.replacen("00", "cc", 1), true),
        (good.replacen("00", "ff", 1), false),
        (good.replace(ID, &"0".repeat(32)), false),
        ("00-short".to_owned(), false),
    ];
    for (sent, kept) in table {
        let (receiver, order) = (Receiver::start([]).await, unique("PO"));
        let mut hook = String::new();
        for (path, body) in before(&receiver, &order) {
            let key = unique("k");
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            let made = gateway.send(Method::POST, path, &headers, body.to_string().into()).await;
            if path == "/webhooks" {
                hook = made.header("location").expect("a place").to_owned();
            }
        }
        let headers = [("content-type", "application/xml"), ("traceparent", sent.as_str())];
        let xml = samples::invoice(&unique("RE"), &order, HUNDRED);
        gateway.send(Method::POST, "/invoices", &headers, xml.into()).await;
        let got = messages(&receiver).await;
        let ids: Vec<_> = got.iter().map(|(_, parent, _)| parent[3..35].to_owned()).collect();
        assert_eq!(ids[0], ids[1], "{sent}");
        assert_eq!(ids[0] == ID, kept, "{sent}: {ids:?}");
        gateway.send(Method::DELETE, &hook, &[], Vec::new()).await;
    }
    assert!(gateway.stop().await, "drained in time");
}
