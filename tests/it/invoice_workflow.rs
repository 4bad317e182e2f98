//! Invoices through a real server, real stores and the real rules.

use std::time::Duration;

use ap_gateway::models::attention::AttentionCode;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::gateway::{RunStatus, Start};
use ap_gateway::workflows::InvoiceWorkflow;
use temporalio_client::{Client, UntypedSignal, WorkflowCancelOptions};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_common::protos::temporal::api::enums::v1::EventType;

use crate::bench::{Bench, invoice, until};
use crate::replay;

async fn events(client: &Client, id: &InvoiceId) -> Vec<EventType> {
    let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
    let history = handle.fetch_history(Default::default()).into_events().await;
    let events = history.expect("a history").into_iter();
    events.map(|event| event.event_type()).collect()
}

async fn run_status(bench: &Bench, id: &InvoiceId) -> RunStatus {
    let row = bench.gateway.workflow(&id.workflow_id()).await;
    row.expect("described").status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_agrees_with_its_order_goes_straight_through() {
    let bench = Bench::start().await;
    let worker = bench.worker().await;
    bench.order("PO-1").await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    let row = bench.comes_to(&id, S::Approved).await;
    assert_eq!((row.holds.len(), row.attention), (0, None));
    assert_eq!(run_status(&bench, &id).await, RunStatus::Running, "it waits to be paid");
    let events = events(&bench.client().await, &id).await;
    replay::keep(&bench, &id.workflow_id(), "InvoiceWorkflow.straight_through").await;
    let activities = events.iter().filter(|event| **event == EventType::ActivityTaskScheduled);
    assert_eq!(activities.count(), 2, "{events:?}");
    assert_eq!(bench.gateway.start_invoice(&id).await, Ok(Start::Known));
    assert_eq!((worker.tally().done(), worker.tally().failed()), (2, 0));
    assert!(worker.drain(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_invoice_is_compared_again_when_its_order_comes() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    let row = bench.comes_to(&id, S::Held).await;
    assert!(!row.holds.is_empty());
    assert_eq!(run_status(&bench, &id).await, RunStatus::Running);
    bench.order("PO-1").await;
    let held = bench.ledger.held_for_order("PO-1", 10).await.expect("read");
    assert_eq!(held, std::slice::from_ref(&id));
    bench.gateway.wake_invoice(&id).await.expect("woken");
    bench.comes_to(&id, S::Approved).await;
    replay::keep(&bench, &id.workflow_id(), "InvoiceWorkflow.held_and_woken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_document_waits_for_a_person_and_can_be_withdrawn() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = bench.submit("<Invoice").await;
    let row = bench.comes_to(&id, S::NeedsAttention).await;
    let why = row.attention.expect("a reason");
    assert_eq!(why.code, AttentionCode::UnreadableDocument, "{why:?}");
    bench.gateway.wake_invoice(&id).await.expect("woken");
    until("it was looked at again", async || {
        let again = bench.row(&id).await;
        (again.revision > row.revision && again.status == S::NeedsAttention).then_some(())
    })
    .await;
    let client = bench.client().await;
    let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
    handle.cancel(WorkflowCancelOptions::default()).await.expect("cancelled");
    bench.comes_to(&id, S::Cancelled).await;
    until("the run ends", async || {
        (run_status(&bench, &id).await == RunStatus::Canceled).then_some(())
    })
    .await;
    replay::keep(&bench, &id.workflow_id(), "InvoiceWorkflow.withdrawn_from_outside").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_document_is_read_when_it_is_back() {
    let bench = Bench::start().await;
    bench.order("PO-1").await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    let folder = bench.server.folder.path();
    let away = folder.join("away");
    std::fs::rename(folder.join("artifacts"), &away).expect("moved");
    std::fs::create_dir(folder.join("artifacts")).expect("made");
    let _worker = bench.worker().await;
    let row = bench.comes_to(&id, S::NeedsAttention).await;
    let why = row.attention.expect("a reason");
    assert_eq!(why.code, AttentionCode::DocumentMissing, "{why:?}");
    std::fs::remove_dir_all(folder.join("artifacts")).expect("removed");
    std::fs::rename(&away, folder.join("artifacts")).expect("moved back");
    bench.gateway.wake_invoice(&id).await.expect("woken");
    bench.comes_to(&id, S::Approved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_left_behind_and_no_signal_with_it() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&id, S::Held).await;
    let first = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
    until("a new run", async || {
        bench.gateway.wake_invoice(&id).await.expect("woken");
        let now = bench.gateway.workflow(&id.workflow_id()).await.expect("described");
        (now.run_id != first.run_id).then_some(())
    })
    .await;
    assert_eq!(bench.row(&id).await.status, S::Held);
    bench.order("PO-1").await;
    bench.gateway.wake_invoice(&id).await.expect("woken");
    bench.comes_to(&id, S::Approved).await;
    replay::keep(&bench, &id.workflow_id(), "InvoiceWorkflow.continued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_with_nonsense_in_it_does_no_harm() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&id, S::Held).await;
    bench.order("PO-1").await;
    let client = bench.client().await;
    let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
    let text = RawValue::from_value(&"nonsense".to_owned(), &PayloadConverter::default());
    let none = RawValue::new(Vec::new());
    for (name, payload) in [("no such signal", &text), ("look_again", &none), ("look_again", &text)]
    {
        let sent = handle.signal(UntypedSignal::new(name), payload.clone(), Default::default());
        sent.await.expect("sent");
    }
    bench.comes_to(&id, S::Approved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_come_and_go_lose_nothing_and_take_nothing_twice() {
    let bench = Bench::start().await;
    bench.order("PO-1").await;
    let mut worker = bench.worker().await;
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(bench.submit(&invoice(&format!("I-{n}"), "PO-1")).await);
        if n % 20 == 19 {
            let next = bench.worker().await;
            worker.drain(Duration::from_secs(5)).await;
            worker = next;
        }
    }
    let mut approved = 0;
    for id in &ids {
        let row =
            until("it rests", async || Some(bench.row(id).await).filter(|row| !row.status.moves()))
                .await;
        assert!(matches!(row.status, S::Approved | S::Held), "{row:?}");
        approved += u32::from(row.status == S::Approved);
    }
    assert_eq!(approved, 1, "the order has ten pieces, and each invoice asks for ten");
}
