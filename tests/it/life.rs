//! The life of many invoices: what waiting costs, a thousand that wait while nobody works, and
//! any sequence of what may happen to one.

use std::collections::BTreeSet;
use std::time::Duration;

use ap_gateway::app::drift::inspect;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::gateway::GatewayError;
use ap_gateway::workflows::InvoiceWorkflow;
use axum::body::Body;
use futures::{StreamExt, stream};
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use temporalio_client::WorkflowHandle;

use crate::bench::{Bench, invoice};
use crate::edge::{Edge, ask};
use crate::harness::within;

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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; docs/lifecycle.md has the command and when it last ran"]
async fn a_thousand_that_wait_hear_of_a_timer_that_fired_while_nobody_worked() {
    let policy = "fuzzy_duplicates = false\n[approval]\nremind_after_seconds = 90";
    let bench = Bench::with(toml::from_str::<Policy>(policy).expect("a policy")).await;
    let worker = bench.worker().await;
    let documents = stream::iter(0..1_000).map(|n| {
        let document = invoice(&format!("I-{n}"), "PO-1");
        let bench = &bench;
        async move { bench.submit(&document).await }
    });
    let ids: Vec<InvoiceId> = documents.buffered(32).collect().await;
    within(LONG, "all are held", async || {
        let counts = bench.ledger.count_by_status().await.expect("counted");
        counts.contains(&(S::Held, 1_000)).then_some(())
    })
    .await;
    assert!(worker.drain(Duration::from_secs(20)).await);
    let told = async |id: &InvoiceId| bench.ledger.notices(id).await.expect("read").len();
    let last = ids.last().expect("a thousand");
    let before = told(last).await;
    // A timer is the server's: it fires although nobody polls.
    let client = bench.client().await;
    let handle: WorkflowHandle<_, _> =
        client.get_workflow_handle::<InvoiceWorkflow>(last.workflow_id());
    within(LONG, "a timer fires", async || {
        let history = handle.fetch_history(Default::default()).to_json().await.ok()?;
        let text = String::from_utf8(history).ok()?;
        (text.matches("TimerFiredEventAttributes").count() > before).then_some(())
    })
    .await;
    assert_eq!(told(last).await, before, "nobody works");
    let _worker = bench.worker().await;
    within(LONG, "the last one hears of it", async || (told(last).await > before).then_some(()))
        .await;
    within(LONG, "everybody has heard", async || {
        for id in &ids {
            if told(id).await == 0 {
                return None;
            }
        }
        Some(())
    })
    .await;
    let inspection = inspect(&bench.ledger, &bench.gateway, false).await.expect("inspected");
    assert_eq!((inspection.looked_at, inspection.found.len()), (1_000, 0));
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
async fn dispatch(bench: &Bench) {
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
