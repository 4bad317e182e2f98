//! 9, 10, 12, 14 and 15: the keys of all who carry one, in one table.

use axum::body::Body;
use serde_json::{Value, json};

use crate::bank_files::{camt053, paid};
use crate::bench::{self, Bench, invoice};
use crate::edge::{Answer, Edge, ask};
use crate::samples::{self, HUNDRED};
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::temporal::gateway::RunStatus;

/// One request that makes or changes something.
struct Carrier {
    target: String,
    kind: &'static str,
    body: String,
    /// The same with other content, where there is any.
    other: Option<String>,
    /// Whether it is refused without a key.
    needs_key: bool,
}

fn json_carrier(target: &str, body: &Value, other: &Value, needs_key: bool) -> Carrier {
    Carrier {
        target: target.to_owned(),
        kind: "application/json",
        body: body.to_string(),
        other: Some(other.to_string()),
        needs_key,
    }
}

fn document(target: &str, body: String, other: String) -> Carrier {
    let target = target.to_owned();
    Carrier { target, kind: "application/xml", body, other: Some(other), needs_key: false }
}

/// Everything that needs nothing to be there before.
fn makers() -> Vec<Carrier> {
    let case = |quantity: &str| {
        json!({"invoice": {"number": "RE-1", "currency": "EUR",
            "lines": [{"id": "1", "quantity": quantity, "price": "1.00"}]}})
    };
    let batch = |content: &str| {
        json!({"items": [{"item_key": "a", "media_type": "application/xml",
            "content_base64": content}]})
    };
    let supplier = |name: &str| json!({"supplier_number": "S-1", "name": name});
    let hook = |port: u16| json!({"url": format!("http://127.0.0.1:{port}/"), "events": ["invoice.closed"]});
    let statement = |cents| camt053("S1", "2026-11-27", 0, &[paid("B1", cents, "RE-1")]);
    vec![
        document(
            "/invoices",
            samples::invoice("RE-1", "PO-7", HUNDRED),
            samples::invoice("RE-2", "PO-7", HUNDRED),
        ),
        document("/bank-statements", statement(100), statement(200)),
        json_carrier(
            "/batches",
            &batch("PGEvPg=="),
            &json!({"items": [{"item_key": "b",
            "media_type": "application/xml", "content_base64": "PGIvPg=="}]}),
            true,
        ),
        json_carrier("/purchase-orders", &samples::order("PO-8"), &samples::order("PO-9"), false),
        json_carrier(
            "/receipts",
            &samples::receipt("GR-8", "PO-8", "1"),
            &samples::receipt("GR-9", "PO-8", "1"),
            false,
        ),
        json_carrier(
            "/suppliers",
            &supplier("A GmbH"),
            &json!({"supplier_number": "S-2",
            "name": "B GmbH"}),
            false,
        ),
        json_carrier("/webhooks", &hook(9), &hook(10), true),
        json_carrier("/reconciliations", &case("1"), &case("2"), true),
        Carrier {
            target: "/workflows/ping".to_owned(),
            kind: "application/json",
            body: "{}".to_owned(),
            other: None,
            needs_key: false,
        },
    ]
}

/// Sends with these keys: none, one or more.
async fn send(edge: &Edge, carrier: &Carrier, body: &str, keys: &[&str]) -> Answer {
    let mut request = ask("POST", &carrier.target).header("content-type", carrier.kind);
    request = request.header("prefer", "wait=20");
    for key in keys {
        request = request.header("idempotency-key", *key);
    }
    edge.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

/// What tells that it is the same thing.
fn identity(answer: &Answer) -> Value {
    let body = answer.json();
    let known = ["id", "run_id"].into_iter().find(|name| body.get(*name).is_some());
    body.get(known.unwrap_or("decision")).cloned().unwrap_or(Value::Null)
}

/// The same JSON with its members in another order.
fn turned(body: &str) -> String {
    fn written(value: &Value) -> String {
        match value {
            Value::Object(members) => {
                let written: Vec<_> = members
                    .iter()
                    .rev()
                    .map(|(name, value)| format!(" {}:{}", json!(name), written(value)))
                    .collect();
                format!("{{{}}}", written.join(" ,"))
            }
            Value::Array(items) => {
                format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(","))
            }
            plain => plain.to_string(),
        }
    }
    written(&serde_json::from_str(body).expect("JSON"))
}

async fn world() -> (Bench, Edge) {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    (bench, edge)
}

/// The same with one key and another preference.
async fn preferring(edge: &Edge, carrier: &Carrier, key: &str, prefer: &str) -> Answer {
    let request = ask("POST", &carrier.target).header("content-type", carrier.kind);
    let request = request.header("prefer", prefer).header("idempotency-key", key);
    edge.send(request.body(Body::from(carrier.body.clone())).expect("a request")).await
}

async fn replayed(edge: &Edge, carrier: &Carrier) {
    let target = &carrier.target;
    let first = send(edge, carrier, &carrier.body, &["key-1"]).await;
    assert!(first.status.is_success(), "{target}: {}", first.json());
    assert_eq!(first.header("idempotency-replayed"), "", "{target}");
    let id = identity(&first);
    assert!(!id.is_null(), "{target}: {}", first.json());
    let mut same = vec![carrier.body.clone()];
    if carrier.kind == "application/json" {
        same.push(turned(&carrier.body));
    }
    for body in same {
        let again = send(edge, carrier, &body, &["\"key-1\""]).await;
        assert!(again.status.is_success(), "{target}: {}", again.json());
        assert_eq!(identity(&again), id, "{target} {body}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{target} {body}");
    }
    if let Some(other) = &carrier.other {
        let refused = send(edge, carrier, other, &["key-1"]).await;
        assert_eq!(refused.problem(), (422, "idempotency-key-reused".to_owned()), "{target}");
        assert!(refused.json()["id"].is_string(), "{target}: {}", refused.json());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_09_and_10_the_same_request_is_the_same_thing_and_another_is_refused() {
    let (bench, edge) = world().await;
    let _worker = bench.worker().await;
    for carrier in makers() {
        replayed(&edge, &carrier).await;
    }
    let mismatches = |carrier: &str| {
        edge.state.metrics.idempotency.with_label_values(&[carrier, "mismatch"]).get()
    };
    assert_eq!((mismatches("ledger"), mismatches("workflow")), (7, 1), "one of each");
    // What changes an invoice: each its own.
    let reason = |text: &str| json!({"reason": text});
    let reject = |text: &str| json!({"action": "reject", "reason": text});
    let held = held(&bench, "I-1").await;
    let decide = format!("/invoices/{held}/decision");
    replayed(&edge, &json_carrier(&decide, &reject("a"), &reject("b"), true)).await;
    let unreadable = bench.submit("<Invoice>no").await;
    bench.comes_to(&unreadable, InvoiceStatus::NeedsAttention).await;
    let retry =
        json_carrier(&format!("/invoices/{unreadable}/retry"), &reason("a"), &reason("b"), false);
    replayed(&edge, &retry).await;
    bench.comes_to(&unreadable, InvoiceStatus::NeedsAttention).await;
    let cancel =
        json_carrier(&format!("/invoices/{unreadable}/cancel"), &reason("a"), &reason("b"), false);
    replayed(&edge, &cancel).await;
    // A second cancellation is the first one, whoever asks and under which key.
    let second = send(&edge, &cancel, &cancel.body, &["key-2"]).await;
    let told = (second.status.as_u16(), second.header("idempotency-replayed"));
    assert_eq!(told, (202, "true"), "{}", second.json());
}

/// An invoice that bills another price than its order has.
async fn held(bench: &Bench, number: &str) -> ap_gateway::models::refs::InvoiceId {
    bench.order("PO-1").await;
    let dear = invoice(number, "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
    let id = bench.submit(&dear).await;
    bench.comes_to(&id, InvoiceStatus::Held).await;
    id
}

/// A form with another boundary is the same form; `http_batches` has the same for batches.
#[tokio::test]
async fn acceptance_10_another_boundary_is_the_same_form() {
    let edge = Edge::start().await;
    let form = |boundary: &str, content: &str| {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\
             Content-Type: application/xml\r\n\r\n{content}\r\n--{boundary}--\r\n"
        )
    };
    let post = async |boundary: &str, content: &str| {
        let kind = format!("multipart/form-data; boundary={boundary}");
        let request =
            ask("POST", "/invoices").header("content-type", kind).header("idempotency-key", "k");
        edge.send(request.body(Body::from(form(boundary, content))).expect("a request")).await
    };
    let first = post("one", "<a/>").await;
    let again = post("another", "<a/>").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["id"], first.json()["id"]);
    assert_eq!(post("one", "<b/>").await.problem().1, "idempotency-key-reused");
}

#[tokio::test]
async fn acceptance_12_and_14_a_key_that_is_missing_or_malformed_is_named() {
    let edge = Edge::start().await;
    let there = edge.post("/invoices", "application/xml", "<there/>").await;
    let invoice = there.header("location");
    let mut carriers = makers();
    let reject = json!({"action": "reject", "reason": "a"});
    carriers.push(json_carrier(&format!("{invoice}/decision"), &reject, &reject, true));
    let bulk = json!({"filter": {"code": ["RETRIES_EXHAUSTED"]}, "reason": "a", "dry_run": false});
    carriers.push(json_carrier("/invoices/retry", &bulk, &bulk, true));
    let reason = json!({"reason": "a"});
    for ends in ["retry", "cancel"] {
        carriers.push(json_carrier(&format!("{invoice}/{ends}"), &reason, &reason, false));
    }
    let long = "k".repeat(256);
    for carrier in carriers {
        let target = &carrier.target;
        if carrier.needs_key {
            let missing = send(&edge, &carrier, &carrier.body, &[]).await;
            assert_eq!(missing.problem(), (400, "idempotency-key-missing".to_owned()), "{target}");
        }
        for key in ["", "\"\"", "a b", "\"a", "k\u{e9}", &long] {
            let invalid = send(&edge, &carrier, &carrier.body, &[key]).await;
            assert_eq!(
                invalid.problem(),
                (400, "idempotency-key-invalid".to_owned()),
                "{target} {key:?}"
            );
        }
        let twice = send(&edge, &carrier, &carrier.body, &["k1", "k2"]).await;
        assert_eq!(twice.status, 400, "{target}");
    }
    let all = edge.get("/invoices").await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1), "nothing was made: {all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_15_a_replay_shows_the_end_and_starts_nothing_again() {
    let (bench, edge) = world().await;
    let _worker = bench.worker().await;
    bench.order("PO-1").await;
    let carriers = [
        (document("/invoices", bench::invoice("I-1", "PO-1"), String::new()), "approved"),
        (document("/invoices", "<Invoice>no".to_owned(), String::new()), "needs_attention"),
    ];
    for (number, (carrier, status)) in carriers.iter().enumerate() {
        let key = format!("k{number}");
        let first = send(&edge, carrier, &carrier.body, &[&key]).await;
        assert_eq!((first.status.as_u16(), &first.json()["status"]), (200, &json!(status)));
        let id = first.json()["id"].as_str().expect("an id").to_owned();
        let id = ap_gateway::models::refs::InvoiceId::parse(&id).expect("an id");
        let run = async || {
            let run = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
            (run.run_id, run.started_at)
        };
        let before = run().await;
        let again = send(&edge, carrier, &carrier.body, &[&key]).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
        assert_eq!(again.json(), first.json());
        assert_eq!(run().await, before, "no run but the first");
    }
}

/// An invoice that people ended: its run is over, and its row says how.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_15_an_invoice_whose_run_is_over_is_replayed_as_it_ended() {
    let (bench, edge) = world().await;
    let _worker = bench.worker().await;
    bench.order("PO-1").await;
    let reject = json!({"action": "reject", "reason": "not ours"});
    let cancel = json!({"reason": "sent twice"});
    for (number, route, body, status) in
        [("I-1", "decision", &reject, "rejected"), ("I-2", "cancel", &cancel, "cancelled")]
    {
        let dear = bench::invoice(number, "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
        let carrier = document("/invoices", dear, String::new());
        let first = send(&edge, &carrier, &carrier.body, &[number]).await.json();
        assert_eq!(first["status"], "held", "{first}");
        let id = first["id"].as_str().expect("an id");
        let ending = json_carrier(&format!("/invoices/{id}/{route}"), body, body, true);
        let ended = send(&edge, &ending, &ending.body, &[status]).await;
        assert!(ended.status.is_success(), "{}", ended.json());
        let id = ap_gateway::models::refs::InvoiceId::parse(id).expect("an id");
        let run = bench::until("its run is over", async || {
            let run = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
            (run.status != RunStatus::Running).then_some(run)
        })
        .await;
        assert_eq!(run.status, RunStatus::Completed, "{status}");
        let again = send(&edge, &carrier, &carrier.body, &[number]).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
        assert_eq!((&again.json()["id"], &again.json()["status"]), (&first["id"], &json!(status)));
        let now = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
        assert_eq!(
            (now.run_id, now.started_at),
            (run.run_id, run.started_at),
            "no run but the first"
        );
    }
}

/// What only its run knows of: a ping and a reconciliation, done, and ended from outside.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_15_a_run_that_is_over_is_replayed_as_it_ended_whether_or_not_one_waits() {
    let (bench, edge) = world().await;
    let worker = bench.worker().await;
    let carriers: Vec<_> = makers()
        .into_iter()
        .filter(|one| ["/reconciliations", "/workflows/ping"].contains(&one.target.as_str()))
        .collect();
    for carrier in &carriers {
        let first = preferring(&edge, carrier, "done", "wait=20").await;
        assert_eq!((first.status.as_u16(), &first.json()["status"]), (200, &json!("completed")));
        as_it_ended(&bench, &edge, (carrier, "done"), &first.json()).await;
    }
    assert!(worker.drain(std::time::Duration::from_secs(5)).await);
    for carrier in &carriers {
        let first = preferring(&edge, carrier, "ended", "wait=0").await;
        assert_eq!((first.status.as_u16(), first.header("retry-after")), (202, "2"));
        let running = preferring(&edge, carrier, "ended", "wait=0").await;
        assert_eq!((running.status.as_u16(), running.header("retry-after")), (202, "5"));
        let reason = json!({"reason": "a test"}).to_string();
        let target = format!("/workflows/{}/terminate", workflow_of(&first.json()));
        assert_eq!(edge.post(&target, "application/json", reason).await.status, 200);
        let ended = preferring(&edge, carrier, "ended", "wait=0").await.json();
        assert_eq!(
            (&ended["status"], identity(&running)),
            (&json!("terminated"), identity(&first))
        );
        let failure = &ended["failure"];
        assert_eq!((&failure["type"], &failure["retryable"]), (&json!("Terminated"), &json!(true)));
        as_it_ended(&bench, &edge, (carrier, "ended"), &ended).await;
    }
}

/// The workflow of a ping or of a reconciliation.
fn workflow_of(body: &Value) -> String {
    match body["workflow_id"].as_str() {
        Some(id) => id.to_owned(),
        None => format!("ap-reconciliation-{}", body["id"].as_str().expect("an id")),
    }
}

/// A ping tells how long the request itself took.
fn untimed(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.remove("duration_ms");
    }
    body
}

/// However patient the repetition is: 200, the same end, no other run.
async fn as_it_ended(bench: &Bench, edge: &Edge, sent: (&Carrier, &str), end: &Value) {
    let (carrier, key) = sent;
    let run = async || bench.gateway.workflow(&workflow_of(end)).await.expect("described");
    let before = run().await;
    for prefer in ["wait=0", "respond-async", "wait=20"] {
        let again = preferring(edge, carrier, key, prefer).await;
        let told = (again.status.as_u16(), again.header("idempotency-replayed"));
        assert_eq!(told, (200, "true"), "{} {prefer}: {}", carrier.target, again.json());
        assert_eq!(untimed(again.json()), untimed(end.clone()), "{} {prefer}", carrier.target);
    }
    assert_eq!(run().await, before, "no run but the first");
}
