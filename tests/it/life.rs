//! The life of many invoices: what waiting costs, a thousand that wait while nobody works, and
//! any sequence of what may happen to one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ap_gateway::app::drift::inspect;
use ap_gateway::models::extraction::Extraction;
use ap_gateway::models::media_type::MediaType;
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::{InvoiceId, OrderId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::invoices::NewInvoice;
use ap_gateway::storage::ledger::matching::Concerns;
use ap_gateway::temporal::gateway::GatewayError;
use ap_gateway::workflows::InvoiceWorkflow;
use ap_gateway::workflows::contract::{InvoiceInput, Rest};
use axum::body::Body;
use chrono::Utc;
use futures::{StreamExt, stream};
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use temporalio_client::{Client, WorkflowHandle, WorkflowStartOptions};

use crate::bench::{Bench, invoice};
use crate::edge::{Edge, ask};
use crate::harness::{seldom, within};

/// A loaded machine with two cores needs some minutes for a thousand invoices.
const LONG: Duration = Duration::from_secs(300);

/// Temporal actions of a recorded run, as Temporal Cloud counts: a start, an activity's schedule, a
/// signal, an update, a timer.
fn actions(name: &str) -> usize {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let text = std::fs::read_to_string(folder.join(name)).expect("a history");
    let history: Value = serde_json::from_str(&text).expect("JSON");
    let counted = [
        "WorkflowExecutionStartedEventAttributes",
        "ActivityTaskScheduledEventAttributes",
        "WorkflowExecutionSignaledEventAttributes",
        "WorkflowExecutionUpdateAcceptedEventAttributes",
        "TimerStartedEventAttributes",
    ];
    let events = history["events"].as_array().expect("events").iter();
    events
        .filter(|event| counted.iter().any(|kind| event["attributes"].get(kind).is_some()))
        .count()
}

/// The histories replay against the present code (`replay::`), so these are its actions.
#[test]
fn an_invoice_costs_the_actions_that_the_manual_says() {
    for (name, expected) in [
        ("InvoiceWorkflow.straight_through.json", 3),
        ("InvoiceWorkflow.paid.json", 5),
        ("UpkeepWorkflow.retry.json", 2),
    ] {
        assert_eq!(actions(name), expected, "{name}");
    }
}

/// What the issue asks for.
const MANY: usize = 1_000;

/// Fifty of them name one order each.
const ORDERS: usize = 20;

/// Orders that come while nobody works.
const COME: usize = 4;

/// Whoever decides is reminded after two weeks.
const WEEKS: Duration = Duration::from_secs(14 * 24 * 3600);

/// So much of the two weeks is left: time enough to stop the worker.
const LEFT: Duration = Duration::from_secs(30);

/// How often something stands in the history of an invoice.
async fn in_history(client: &Client, id: &InvoiceId, event: &str) -> usize {
    let handle: WorkflowHandle<_, _> =
        client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
    let history = handle.fetch_history(Default::default()).to_json().await.expect("a history");
    String::from_utf8(history).expect("JSON").matches(event).count()
}

/// An order of the invoices that name it.
async fn order_of_many(bench: &Bench, number: &str) {
    let order = json!({
        "number": number, "currency": "EUR",
        "supplier": {"name": "Schrauben Meier GmbH", "vat_id": "DE123456789"},
        "lines": [{"id": "1", "quantity": (10 * MANY / ORDERS).to_string(), "unit": "C62",
                   "unit_price": "5.00", "seller_item_id": "A-1"}]
    });
    let order: PurchaseOrder = serde_json::from_value(order).expect("an order");
    let id = OrderId::new(uuid::Uuid::now_v7());
    bench.ledger.register_order(id, &order, Utc::now()).await.expect("kept");
}

/// An invoice like this one, held for want of an order since almost two weeks; its workflow goes
/// on from there, as it does behind a history that was left.
async fn waiting(bench: &Bench, client: &Client, like: &Held, n: usize) -> InvoiceId {
    let (ledger, order) = (&bench.ledger, format!("PO-{}", n % ORDERS));
    let mut extraction = like.extraction.clone();
    extraction.invoice.number = Some(format!("I-{n}"));
    extraction.invoice.order_reference = Some(order.clone());
    let new = NewInvoice {
        id: InvoiceId::new(uuid::Uuid::now_v7()),
        subject: "test".to_owned(),
        key: None,
        sha256: Sha256::of(format!("document {n}").as_bytes()),
        bytes: 1,
        media_type: MediaType::Xml,
        purchase_order: None,
        reference: None,
        received_at: Utc::now(),
    };
    let id = new.id.clone();
    ledger.accept_invoice(new).await.expect("accepted");
    ledger.enter(&id, S::Extracting, Utc::now()).await.expect("a step");
    ledger.record_extraction(&id, &extraction, Utc::now()).await.expect("a step");
    let turn = ledger.matching(&id, Concerns::orders(&[&order])).await.expect("a turn");
    turn.0.record(&like.reconciliation, S::Held, Utc::now()).await.expect("a step");
    let facts = ledger.facts(&id).await.expect("read").expect("facts");
    let since = Utc::now().timestamp().unsigned_abs() + LEFT.as_secs() - WEEKS.as_secs();
    let input = InvoiceInput {
        situation: Some(facts.situation(&bench.policy)),
        rest: Rest { status: Some(S::Held), since, ..Rest::default() },
        ..InvoiceInput::again(id.clone())
    };
    let options = WorkflowStartOptions::new("ap-default", id.workflow_id()).build();
    client.start_workflow(InvoiceWorkflow::run, input, options).await.expect("started");
    id
}

/// What the first one came to, which all the others are like.
struct Held {
    extraction: Extraction,
    reconciliation: Reconciliation,
}

/// The first one goes the whole way.
async fn first(bench: &Bench) -> Held {
    let id = bench.submit(&invoice("I-0", "PO-none")).await;
    bench.comes_to(&id, S::Held).await;
    let extraction = bench.ledger.extraction(&id).await.expect("read").expect("an extraction");
    let reconciliation = bench.ledger.reconciliation(&id).await.expect("read").expect("a result");
    Held { extraction, reconciliation }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants a machine to itself: `.ci/run lives`"]
async fn a_thousand_wait_for_weeks_and_miss_nothing_that_came_while_nobody_worked() {
    let begun = Instant::now();
    let took = |what: &str| println!("{what} after {:?}", begun.elapsed());
    let policy =
        format!("fuzzy_duplicates = false\n[approval]\nremind_after_seconds = {}", WEEKS.as_secs());
    let bench = Bench::with(toml::from_str::<Policy>(&policy).expect("a policy")).await;
    let (worker, client) = (bench.worker().await, bench.client().await);
    let like = first(&bench).await;
    let waiting = stream::iter(1..=MANY).map(|n| waiting(&bench, &client, &like, n));
    let ids: Vec<InvoiceId> = waiting.buffered(16).collect().await;
    took("all wait");
    // The ledger is a moment ahead of the workflow: one whose timer is not set yet when the worker
    // stops sets it when a worker is back, and would be waited for in vain.
    let last = ids.last().expect("a thousand");
    let pending = async || {
        let set = in_history(&client, last, "TimerStartedEventAttributes").await;
        set - in_history(&client, last, "TimerFiredEventAttributes").await
    };
    seldom(LONG, "its timer is set", async || (pending().await > 0).then_some(())).await;
    assert!(worker.drain(Duration::from_secs(20)).await);
    let told = async |id: &InvoiceId| bench.ledger.notices(id).await.expect("read").len();
    assert_eq!(told(last).await, 0, "its two weeks are not over");
    took("nobody worked");

    // A timer is the server's, and so is a signal: they come although nobody polls.
    seldom(LONG, "its timer fires", async || (pending().await == 0).then_some(())).await;
    for n in 0..COME {
        order_of_many(&bench, &format!("PO-{n}")).await;
    }
    while !bench.ledger.to_wake(1).await.expect("read").is_empty() {
        dispatch(&bench).await;
    }
    assert_eq!(told(last).await, 0, "nobody works");
    took("timers have fired and orders have come");

    let _worker = bench.worker().await;
    let counted = async |status: S| {
        let counts = bench.ledger.count_by_status().await.expect("counted");
        counts.into_iter().find(|(word, _)| *word == status).map_or(0, |(_, count)| count)
    };
    let (approved, still) = (MANY * COME / ORDERS, MANY - MANY * COME / ORDERS + 1);
    seldom(LONG, "what has its order is approved", async || {
        (counted(S::Approved).await == approved as i64).then_some(())
    })
    .await;
    took("what has its order was approved");
    // Those whose order came had more to do than to remind somebody.
    let waits = |n: usize| (n + 1) % ORDERS >= COME;
    let waiting: Vec<_> = (0..MANY).filter(|n| waits(*n)).map(|n| &ids[n]).collect();
    let mut unheard: BTreeSet<_> = waiting.iter().copied().collect();
    seldom(LONG, "everybody has heard who waits", async || {
        for id in unheard.clone() {
            if told(id).await > 0 {
                unheard.remove(id);
            }
        }
        unheard.is_empty().then_some(())
    })
    .await;
    took("everybody has heard who waits");
    for id in waiting {
        assert_eq!(told(id).await, 1, "{id}: once, and not again for two weeks");
    }
    assert_eq!(counted(S::Held).await, still as i64);
    let inspection = inspect(&bench.ledger, &bench.gateway, false).await.expect("inspected");
    assert_eq!((inspection.looked_at, inspection.found.len()), (MANY as u64 + 1, 0));
    took("all was compared with its workflow");
}

/// What may happen to an invoice, legal or not where it stands.
#[derive(Debug, Clone, Copy)]
enum Event {
    Order,
    Decision(&'static str),
    Retry,
    Cancel,
    LookAgain,
    Dispatch,
}

fn event() -> impl Strategy<Value = Event> {
    proptest::sample::select(vec![
        Event::Order,
        Event::Decision(r#"{"action":"approve"}"#),
        Event::Decision(r#"{"action":"reject","reason":"x"}"#),
        Event::Decision(r#"{"action":"release","reason":"x","holds":[{"code":"NO_ORDER"}]}"#),
        Event::Decision(r#"{"action":"request_information","reason":"x"}"#),
        Event::Decision(r#"{"action":"answer"}"#),
        Event::Decision(r#"{"action":"reopen","reason":"x"}"#),
        Event::Decision(r#"{"action":"mark_duplicate","reason":"x"}"#),
        Event::Decision(r#"{"action":"confirm"}"#),
        Event::Decision(r#"{"action":"approve","expected_revision":1}"#),
        Event::Retry,
        Event::Cancel,
        Event::LookAgain,
        Event::Dispatch,
        Event::Dispatch,
    ])
}

/// Tells the workflows of what came, as the dispatcher does.
pub(crate) async fn dispatch(bench: &Bench) {
    for wake in bench.ledger.to_wake(200).await.expect("read") {
        match bench.gateway.wake_invoice(&wake.id).await {
            Ok(()) | Err(GatewayError::NotFound) => {}
            Err(error) => panic!("{error}"),
        }
        bench.ledger.woken(&wake).await.expect("written");
    }
}

/// An invoice, and what happens to it, one after the other; each is sent without waiting for the
/// one before to come to rest.
async fn live(bench: &Bench, edge: &Edge, case: usize, events: Vec<Event>, broken: bool) {
    let order = format!("PO-{case}");
    let document = if broken {
        format!("<Invoice n=\"{case}\">")
    } else {
        invoice(&format!("I-{case}"), &order)
    };
    let id = bench.submit(&document).await;
    for (n, event) in events.iter().enumerate() {
        let (path, body) = match event {
            Event::Order => {
                bench.order(&order).await;
                continue;
            }
            Event::LookAgain => {
                // One whose workflow has ended hears nothing.
                let _ = bench.gateway.wake_invoice(&id).await;
                continue;
            }
            Event::Dispatch => {
                dispatch(bench).await;
                continue;
            }
            Event::Decision(body) => ("decision", (*body).to_owned()),
            Event::Retry => ("retry", json!({"reason": "x"}).to_string()),
            Event::Cancel => ("cancel", json!({"reason": "x"}).to_string()),
        };
        let request = ask("POST", &format!("/invoices/{id}/{path}"));
        let request = request.header("content-type", "application/json");
        let request = request.header("idempotency-key", format!("{id}-{n}"));
        let answer = edge.send(request.body(Body::from(body)).expect("a request")).await;
        assert!(!answer.status.is_server_error(), "{events:?}, {n}: {:?}", answer.json());
    }
}

/// Sequences are drawn from a fixed seed: what failed once fails again.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_ledger_and_workflow_agree() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    let config = Config { failure_persistence: None, ..Config::default() };
    let seed = proptest::test_runner::RngSeed::Fixed(7);
    let mut runner = TestRunner::new(Config { rng_seed: seed, ..config });
    let drawn = (proptest::collection::vec(event(), 1..12), any::<u8>());
    let cases: Vec<_> =
        (0..60).map(|_| drawn.new_tree(&mut runner).expect("a case").current()).collect();
    let kinds: BTreeSet<_> =
        cases.iter().flat_map(|(events, _)| events).map(|event| format!("{event:?}")).collect();
    assert_eq!(kinds.len(), 14, "everything happens: {kinds:?}");
    let lives = stream::iter(cases.into_iter().enumerate()).map(|(case, (events, dice))| {
        let (bench, edge) = (&bench, &edge);
        async move { live(bench, edge, case, events, dice < 64).await }
    });
    lives.buffer_unordered(8).collect::<Vec<()>>().await;
    let found = within(LONG, "all rest, and agree", async || {
        dispatch(&bench).await;
        let seen = inspect(&bench.ledger, &bench.gateway, false).await.expect("inspected");
        (seen.moving == 0 && seen.found.is_empty()).then_some(seen)
    });
    assert_eq!(found.await.looked_at, 60);
    let events = bench.ledger.count_by_status().await.expect("counted");
    let ends = events.iter().filter(|(_, count)| *count > 0).count();
    assert!(ends >= 3, "they come to different ends: {events:?}");
}
