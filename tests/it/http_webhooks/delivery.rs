//! Messages through a real server: repeats, 410, giving up, replays.

use std::sync::Arc;
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::metrics::Metrics;
use ap_gateway::models::refs::{DeliveryId, InvoiceId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::gateway::Start;
use ap_gateway::temporal::worker::WorkerSupervisor;
use ap_gateway::webhooks::{Rules, Sender};
use chrono::Utc;
use serde_json::{Value, json};

use crate::bench::{Bench, until};
use crate::edge::Edge;
use crate::harness::{PATIENCE, seldom};
use crate::http_webhooks::{Act, IMPATIENCE, Receiver, hook, log, patch, pauses, post};
use crate::ledger::{extraction, new_invoice};
use crate::replay::{history, keep};

/// A bench whose worker sends to this machine, and the edge over it.
struct World {
    bench: Bench,
    edge: Edge,
    metrics: Arc<Metrics>,
    _worker: WorkerSupervisor,
}

impl World {
    async fn start() -> Self {
        let bench = Bench::start().await;
        let metrics = Arc::new(Metrics::new());
        let networks = vec!["127.0.0.0/8".parse().expect("a network")];
        let sender = Sender::new(Rules { networks, ports: Vec::new() }, IMPATIENCE);
        let mut parts = bench.parts();
        parts.activities = parts.activities.with_webhooks(sender, Arc::clone(&metrics));
        let worker = WorkerSupervisor::start(parts).expect("a thread");
        bench.polling().await;
        let edge = Edge::over(&bench);
        Self { bench, edge, metrics, _worker: worker }
    }

    /// An approved invoice, without its workflow: one that was posted is worked on at once, and its
    /// steps would come between these.
    async fn approved(&self, number: &str) -> InvoiceId {
        let new = new_invoice(number);
        let id = new.id.clone();
        let ledger = &self.bench.ledger;
        ledger.accept_invoice(new).await.expect("a new invoice");
        ledger.enter(&id, S::Extracting, Utc::now()).await.expect("a step");
        let read = extraction(number, "PO-1");
        ledger.record_extraction(&id, &read, Utc::now()).await.expect("a step");
        for next in [S::Matching, S::Approved] {
            ledger.enter(&id, next, Utc::now()).await.expect("a step");
        }
        id
    }

    /// Starts what is due, as the dispatcher does; answers the workflows.
    async fn dispatch(&self, gaps_seconds: &[u64]) -> Vec<String> {
        let due = self.bench.ledger.due_deliveries(Utc::now(), 100).await.expect("a list");
        let mut started = Vec::new();
        for one in due {
            let start = self.bench.gateway.start_delivery(&one.id, one.round, gaps_seconds).await;
            assert_eq!(start, Ok(Start::Started));
            self.bench.ledger.delivery_started(&one, Utc::now()).await.expect("noted");
            started.push(one.id.workflow_id(one.round));
        }
        started
    }

    /// The newest message of a webhook once it is settled.
    async fn settled(&self, hook: &str) -> Value {
        until("the message is settled", async || {
            let newest = log(&self.edge, hook).await.into_iter().next()?;
            (newest["state"] != "pending").then_some(newest)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_an_approved_invoice_is_one_message_however_often_the_receiver_times_out() {
    let world = World::start().await;
    let receiver = Receiver::start([Act::Hang, Act::Answer(500), Act::Hang]).await;
    let (hook, secret) = hook(&world.edge, &receiver, &["invoice.approved"]).await;
    let invoice = world.approved("RE-1").await;
    let workflows = world.dispatch(&[0, 0, 1]).await;
    let delivery = world.settled(&hook).await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&"delivered".into(), &4.into()));
    let got = receiver.got();
    assert_eq!(got.len(), 4);
    for one in &got {
        assert!(one.verifies(&secret), "each attempt is signed for its own time");
        assert_eq!((one.id(), &one.body), (delivery["id"].as_str().expect("an id"), &got[0].body));
    }
    let told = got[0].json();
    assert_eq!(told["type"], "invoice.approved");
    assert_eq!(told["data"], json!({"id": invoice, "status": "approved", "revision": 5}));
    let known: Vec<_> = told["data"].as_object().expect("data").keys().cloned().collect();
    assert_eq!(known.len(), 3, "no name, no amount: {known:?}");
    assert_eq!(log(&world.edge, &hook).await.len(), 1, "exactly one");

    // Paid, given back and approved again: it was told already.
    for next in [S::Scheduled, S::Approved] {
        world.bench.ledger.enter(&invoice, next, Utc::now()).await.expect("a step");
    }
    assert_eq!(log(&world.edge, &hook).await.len(), 1, "exactly one, for ever");
    keep(&world.bench, &workflows[0], "WebhookDeliveryWorkflow.timed_out_and_delivered").await;
    let count = |result: &str| world.metrics.webhook_attempts.with_label_values(&[result]).get();
    assert_eq!((count("timed_out"), count("refused"), count("delivered")), (2, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_pauses_are_as_published_or_as_long_as_the_receiver_asks() {
    let world = World::start().await;
    let busy = Act::With(503, "retry-after", "600".to_owned());
    let receiver = Receiver::start([Act::Answer(500), busy]).await;
    let (hook, secret) = hook(&world.edge, &receiver, &["invoice.approved"]).await;
    world.approved("RE-1").await;
    let workflows = world.dispatch(&config::Webhooks::default().retry_seconds).await;
    let pauses = seldom(PATIENCE, "it waits for its third attempt", async || {
        let pauses = pauses(&history(&world.bench, &workflows[0]).await);
        (pauses.len() == 2).then_some(pauses)
    })
    .await;
    // 5 s, a tenth more or less; the second would be 5 min and a tenth at most.
    assert!((4_500..=5_500).contains(&pauses[0].as_millis()), "{pauses:?}");
    assert_eq!(pauses[1], Duration::from_secs(600));
    let got = receiver.got();
    assert_eq!((got.len(), got[0].id()), (2, got[1].id()));
    assert!(got.iter().all(|one| one.verifies(&secret)));
    let apart = got[1].sent_at() - got[0].sent_at();
    assert!(apart >= 4, "each attempt is of its own time: {apart} s");
    let delivery = log(&world.edge, &hook).await.remove(0);
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&"pending".into(), &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_a_receiver_that_is_gone_is_told_no_more_until_it_is_enabled_and_replayed() {
    let world = World::start().await;
    let receiver = Receiver::start([Act::Answer(410)]).await;
    let (hook, secret) = hook(&world.edge, &receiver, &["invoice.approved"]).await;
    world.approved("RE-1").await;
    let workflows = world.dispatch(&[0, 0]).await;
    let gone = world.settled(&hook).await;
    assert_eq!((&gone["state"], &gone["attempts"]), (&"failed".into(), &1.into()), "{gone}");
    assert_eq!((&gone["failure"], &gone["status_code"]), (&"gone".into(), &410.into()));
    let seen = world.edge.get(&hook).await.json();
    assert_eq!((&seen["status"], &seen["disabled_reason"]), (&"disabled".into(), &"gone".into()));
    keep(&world.bench, &workflows[0], "WebhookDeliveryWorkflow.gone").await;
    assert_eq!(world.metrics.webhooks_disabled.with_label_values(&["gone"]).get(), 1);

    // What happens meanwhile is kept, and nothing is sent.
    world.approved("RE-2").await;
    assert_eq!(world.dispatch(&[]).await.len(), 0);
    let missed = log(&world.edge, &hook).await.remove(0);
    assert_eq!(
        (&missed["state"], &missed["failure"]),
        (&"failed".into(), &"webhook_disabled".into())
    );
    let target = format!("{hook}/replay");
    let ids = json!({"delivery_ids": [gone["id"], missed["id"]]});
    let refused = post(&world.edge, "", &target, &ids).await;
    assert_eq!(refused.problem(), (409, "webhook-disabled".to_owned()));

    patch(&world.edge, &hook, "", &json!({"status": "enabled"})).await;
    let replay = post(&world.edge, "again", &target, &ids).await;
    assert_eq!((replay.status.as_u16(), replay.header("retry-after")), (202, "2"));
    assert_eq!(replay.header("location"), format!("{hook}/deliveries"));
    assert_eq!(replay.json()["deliveries"], 2);
    let twice = post(&world.edge, "again", &target, &ids).await;
    assert_eq!((twice.status.as_u16(), twice.header("idempotency-replayed")), (202, "true"));
    let others = json!({"delivery_ids": [gone["id"]]});
    let reused = post(&world.edge, "again", &target, &others).await;
    assert_eq!(reused.problem(), (422, "idempotency-key-reused".to_owned()));
    assert!(reused.json()["id"].as_str().is_some_and(|id| hook.ends_with(id)), "{reused:?}");
    assert_eq!(world.dispatch(&[0]).await.len(), 2, "each once");
    until("both are delivered", async || {
        let log = log(&world.edge, &hook).await;
        log.iter().all(|one| one["state"] == "delivered").then_some(())
    })
    .await;
    let got = receiver.got();
    assert_eq!((got.len(), got.iter().all(|one| one.verifies(&secret))), (3, true));
    let ids: Vec<_> = got.iter().map(|one| Value::from(one.id())).collect();
    assert!(ids.contains(&missed["id"]));
    assert_eq!(ids.iter().filter(|id| **id == gone["id"]).count(), 2, "the id it had");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_five_messages_in_a_row_that_are_given_up_disable_the_webhook() {
    let world = World::start().await;
    let receiver = Receiver::start([]).await;
    let (hook, _) = hook(&world.edge, &receiver, &["invoice.approved"]).await;
    for number in 1..=5 {
        receiver.then([Act::Answer(500), Act::With(302, "location", receiver.url.clone())]);
        world.approved(&format!("RE-{number}")).await;
        let workflows = world.dispatch(&[0]).await;
        let given_up = world.settled(&hook).await;
        assert_eq!((&given_up["state"], &given_up["attempts"]), (&"failed".into(), &2.into()));
        assert_eq!(given_up["failure"], "redirected");
        let status = world.edge.get(&hook).await.json()["status"].clone();
        assert_eq!(status, if number < 5 { "enabled" } else { "disabled" }, "after {number}");
        if number == 1 {
            keep(&world.bench, &workflows[0], "WebhookDeliveryWorkflow.given_up").await;
        }
    }
    assert_eq!(world.edge.get(&hook).await.json()["disabled_reason"], "failing");
    assert_eq!(receiver.got().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_a_slow_receiver_takes_four_places_and_its_other_messages_wait() {
    let world = World::start().await;
    let slow = Receiver::start(vec![Act::Hang; 6]).await;
    let (hook, _) = hook(&world.edge, &slow, &["invoice.approved"]).await;
    for number in 1..=6 {
        world.approved(&format!("RE-{number}")).await;
    }
    // Long enough for the two that found no place to come before those that are tried again.
    let workflows = world.dispatch(&[6]).await;
    until("all six were tried again and delivered", async || {
        let log = log(&world.edge, &hook).await;
        (log.len() == 6 && log.iter().all(|one| one["state"] == "delivered")).then_some(())
    })
    .await;
    let log = log(&world.edge, &hook).await;
    assert!(log.iter().all(|one| one["attempts"] == 2), "waiting is no attempt: {log:?}");
    keep(&world.bench, workflows.last().expect("six"), "WebhookDeliveryWorkflow.waited").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_webhook_ends_what_was_to_be_sent() {
    let world = World::start().await;
    let receiver = Receiver::start([]).await;
    let (hook, _) = hook(&world.edge, &receiver, &["invoice.approved"]).await;
    world.approved("RE-1").await;
    let id = log(&world.edge, &hook).await[0]["id"].as_str().expect("an id").to_owned();
    let id = DeliveryId::parse(&id).expect("an id");
    let request = crate::edge::ask("DELETE", &hook).body(axum::body::Body::empty());
    assert_eq!(world.edge.send(request.expect("a request")).await.status, 204);
    world.bench.gateway.start_delivery(&id, 0, &[0]).await.expect("started");
    let workflow = id.workflow_id(0);
    until("its workflow ends", async || {
        let run = world.bench.gateway.workflow(&workflow).await.ok()?;
        (run.status == ap_gateway::temporal::gateway::RunStatus::Completed).then_some(())
    })
    .await;
    assert_eq!(receiver.got().len(), 0);
}
