//! What people say of entries.

use axum::body::Body;
use serde_json::{Value, json};

use ap_gateway::models::status::InvoiceStatus;

use crate::bank_files::{Booked, paid};
use crate::bench;
use crate::edge::{Answer, ask};
use crate::harness::{PATIENCE, unique, within};
use crate::http_bank_statements::{GROSS, World, number, states};
use crate::replay;

async fn decide(world: &World, entry: &Value, answer: Value) -> Answer {
    let target = entry["links"]["decision"].as_str().expect("a link");
    let request = ask("POST", target).header("content-type", "application/json");
    world.edge.send(request.body(Body::from(answer.to_string())).expect("a request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_accepted_once_and_taken_back() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let statement = world.statement("S1", "2026-11-27", &[paid("B1", GROSS, &number)]).await;
    assert_eq!(states(&statement), ["proposed"], "{statement}");
    let entry = &statement["entries"][0];
    assert_eq!(entry["matches"][0]["state"], "proposed");
    let revision = entry["revision"].as_i64().expect("a revision");
    let accept = json!({"action": "accept", "match": 1, "expected_revision": revision,
        "reason": "the number is right"});

    let stale = json!({"action": "accept", "match": 1, "expected_revision": revision - 1});
    let stale = decide(&world, entry, stale).await;
    assert_eq!(stale.problem(), (409, "state-conflict".to_owned()));
    assert_eq!(stale.json()["revision"], revision);

    let done = decide(&world, entry, accept.clone()).await;
    assert_eq!((done.status.as_u16(), &done.json()["state"]), (200, &"recorded".into()));
    assert_eq!(done.json()["matches"][0]["state"], "recorded");
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    let again = decide(&world, entry, accept).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.json(), done.json());
    assert_eq!(world.bench.ledger.rows_of(&id).await.expect("rows").len(), 1);
    let trail = world.bench.ledger.audit(0, 100).await.expect("a trail");
    assert!(trail.iter().any(|row| row.action == "decide_bank_entry"), "{trail:?}");
    replay::keep_one_of(&world.bench, "StatementWorkflow", "matched").await;
    replay::keep_one_of(&world.bench, "EntryAnswerWorkflow", "accepted").await;

    // What was confirmed is remembered of the counterparty.
    let memory = world.bench.ledger.memory().await.expect("a memory");
    assert_eq!(memory.pairs.len(), 1);
    assert_eq!((memory.pairs[0].confirmed, memory.pairs[0].declined), (1, None));

    let undo = json!({"action": "undo", "expected_revision": done.json()["revision"]});
    let undone = decide(&world, entry, undo).await;
    assert_eq!((undone.status.as_u16(), &undone.json()["state"]), (200, &"proposed".into()));
    assert_eq!(world.status(&id).await, InvoiceStatus::Approved);
    let rows = world.bench.ledger.rows_of(&id).await.expect("rows");
    let taken: Vec<_> = rows.iter().map(|row| row.taken.to_string()).collect();
    assert_eq!(taken, ["59.50", "-59.50"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_match_stays_declined_and_the_invoices_can_be_named() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let statement = world.statement("S1", "2026-11-27", &[paid("B1", GROSS, &number)]).await;
    let entry = &statement["entries"][0];
    let decline = json!({"action": "decline", "match": 1, "expected_revision": entry["revision"]});
    let declined = decide(&world, entry, decline).await;
    let body = declined.json();
    assert_eq!((declined.status.as_u16(), &body["state"]), (200, &"unmatched".into()), "{body}");
    assert_eq!(body["matches"][0]["state"], "declined");
    let memory = world.bench.ledger.memory().await.expect("a memory");
    assert_eq!(memory.pairs[0].item.as_deref(), Some(id.as_str()));
    assert!(memory.pairs[0].declined.is_some());

    let revision = &body["revision"];
    let missing = json!({"action": "accept", "match": 7, "expected_revision": revision});
    assert_eq!(decide(&world, entry, missing).await.problem().0, 409);
    let unknown = json!({"action": "accept", "expected_revision": revision,
        "invoices": ["inv_00000000000000000000000000"]});
    assert_eq!(decide(&world, entry, unknown).await.problem().0, 409);
    let by_hand = json!({"action": "accept", "expected_revision": revision, "invoices": [id]});
    let named = decide(&world, entry, by_hand).await;
    assert_eq!((named.status.as_u16(), &named.json()["state"]), (200, &"recorded".into()));
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    let twice = json!({"action": "accept", "expected_revision": named.json()["revision"],
        "invoices": [id]});
    let twice = decide(&world, entry, twice).await;
    assert_eq!(twice.problem(), (409, "state-conflict".to_owned()));
    assert_eq!(twice.json()["status_now"], "recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_waits_for_a_decision_counts_as_one_who_waits() {
    let world = World::start().await;
    let (_, number) = world.approved().await;
    let statement = world.statement("S1", "2026-11-27", &[paid("B1", GROSS, &number)]).await;
    let entry = &statement["entries"][0];
    let accept = json!({"action": "accept", "match": 1, "expected_revision": entry["revision"]});
    let target = entry["links"]["decision"].as_str().expect("a link");
    let request = ask("POST", target).header("content-type", "application/json");
    let request = request.header("prefer", "wait=0").body(Body::from(accept.to_string()));
    let told = world.edge.send(request.expect("a request")).await;
    let seen = (told.status.as_u16(), told.header("preference-applied"));
    assert_eq!(seen, (202, "wait=0"), "{}", told.json());
    let requests = |status: &str, wait: &str| {
        let labels = ["POST", "/bank-entries/{id}/decision", status, wait];
        world.edge.state.metrics.request_seconds.with_label_values(&labels).get_sample_count()
    };
    assert_eq!((requests("202", "no"), requests("202", "yes")), (1, 0));
    let link = entry["links"]["self"].as_str().expect("a link");
    within(PATIENCE, "it is done", async || {
        (world.edge.get(link).await.json()["state"] == "recorded").then_some(())
    })
    .await;
    let again = decide(&world, entry, accept).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!((requests("200", "no"), requests("200", "yes")), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_is_told_that_it_moved_on() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let text = format!("zu {number}");
    let entries = [paid("B1", GROSS, &number), paid("B2", GROSS, &text)];
    let statement = world.statement("S1", "2026-11-27", &entries).await;
    let accept = |entry: &Value| json!({"action": "accept", "expected_revision": entry["revision"], "invoices": [id]});
    let (one, two) = (&statement["entries"][0], &statement["entries"][1]);
    let (first, second) =
        tokio::join!(decide(&world, one, accept(one)), decide(&world, two, accept(two)));
    let mut answers = [first.status.as_u16(), second.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "{} {}", first.json(), second.json());
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    assert_eq!(world.bench.ledger.rows_of(&id).await.expect("rows").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_looked_at_again_unless_a_person_answered() {
    let world = World::start().await;
    let later = number();
    let (_, number) = world.approved().await;
    let order = unique("PO");
    world.bench.order(&order).await;
    let early = [
        Booked { end_to_end: Some("RE-UNKNOWN-1"), ..paid("B1", GROSS, &later) },
        paid("B2", GROSS, &number),
    ];
    let statement = world.statement("S1", "2026-11-26", &early).await;
    assert_eq!(states(&statement)[1], "proposed", "{statement}");
    let entry = &statement["entries"][1];
    let decline = json!({"action": "decline", "match": 1, "expected_revision": entry["revision"]});
    assert_eq!(decide(&world, entry, decline).await.status, 200);

    // The invoice of the first one comes after the money.
    let id = world.bench.submit(&bench::invoice(&later, &order)).await;
    world.bench.comes_to(&id, InvoiceStatus::Approved).await;
    world.statement("S2", "2026-11-27", &[paid("B3", 1, "nothing")]).await;
    let first = world.edge.get(statement["entries"][0]["links"]["self"].as_str().expect("a link"));
    let first = first.await.json();
    assert_eq!(first["state"], "proposed", "{first}");
    assert_eq!(first["matches"][0]["reasons"][0]["item"], id.as_str());
    let second = world.edge.get(entry["links"]["self"].as_str().expect("a link")).await.json();
    assert_eq!((&second["state"], &second["revision"]), (&"unmatched".into(), &3.into()));
}
