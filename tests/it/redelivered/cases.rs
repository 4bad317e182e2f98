//! The activities, and what each is given.

use ap_gateway::activities::batches::Batches;
use ap_gateway::activities::cases::Cases;
use ap_gateway::activities::decisions::Decider;
use ap_gateway::activities::desk::Desk;
use ap_gateway::activities::documents::Documents;
use ap_gateway::activities::matching::Matcher;
use ap_gateway::activities::statements::Statements;
use ap_gateway::activities::upkeep::Upkeep;
use ap_gateway::activities::webhooks::Webhooks;
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::batch::{BatchKind, BatchStatus, Known};
use ap_gateway::models::decision::Said;
use ap_gateway::models::refs::{BatchId, DecisionId, InvoiceId, OrderId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::webhook::Topic;
use ap_gateway::storage::ledger::batches::NewBatch;
use ap_gateway::storage::ledger::vouched::About;
use ap_gateway::storage::ledger::webhooks::{NewWebhook, WebhookContent};
use ap_gateway::workflows::batch::contract::{BatchChunk, BatchEnd};
use ap_gateway::workflows::contract::{
    AttentionInput, CaseInput, DecideInput, NoticeInput, NoticeKind, StepInput,
};
use ap_gateway::workflows::statement::contract::{AnswerInput, RecordInput, StatementInput};
use ap_gateway::workflows::upkeep::contract::UpkeepPart;
use ap_gateway::workflows::webhook::contract::{AttemptInput, GiveUpInput};
use chrono::Utc;
use futures::future::LocalBoxFuture;
use serde_json::json;
use uuid::Uuid;

use super::bed::{Bed, Run, again};
use crate::bank_files::{Booked, camt053, paid};
use crate::batch_workflow::archives::archive;
use crate::bench::invoice;
use crate::ledger::new_statement;

/// Makes what the activity works on, and answers how to give it.
pub(super) type Prepare = for<'a> fn(&'a Bed) -> LocalBoxFuture<'a, Run>;

/// Every activity, some in more than one state of the world.
pub(super) const CASES: &[(&str, Prepare)] = &[
    ("ap.extract_and_validate", |bed| Box::pin(reading(bed))),
    ("ap.reconcile", |bed| Box::pin(comparing(bed))),
    ("ap.reconcile_case", |bed| Box::pin(comparing_a_case(bed))),
    ("ap.record_attention", |bed| Box::pin(handing_over(bed))),
    ("ap.decide", |bed| Box::pin(deciding(bed))),
    ("ap.notify", |bed| Box::pin(reminding(bed))),
    ("ap.close", |bed| Box::pin(withdrawing(bed))),
    ("ap.open_batch", |bed| Box::pin(opening_a_batch(bed))),
    ("ap.take_batch_items", |bed| Box::pin(taking_items(bed))),
    ("ap.give_up_batch_items", |bed| Box::pin(giving_items_up(bed))),
    ("ap.end_batch", |bed| Box::pin(ending_a_batch(bed))),
    ("ap.read_statement", |bed| Box::pin(reading_a_statement(bed))),
    ("ap.match_entries", |bed| Box::pin(matching_entries(bed))),
    ("ap.record_matches", |bed| Box::pin(recording_matches(bed))),
    ("ap.fail_statement", |bed| Box::pin(failing_a_statement(bed))),
    ("ap.answer_entry", |bed| Box::pin(answering(bed))),
    ("ap.attempt_delivery", |bed| Box::pin(delivering(bed))),
    ("ap.give_up_delivery", |bed| Box::pin(giving_a_delivery_up(bed))),
    ("ap.import_statements", |bed| Box::pin(importing(bed))),
    ("ap.retry_attention", |bed| Box::pin(retrying(bed))),
    ("ap.remove_expired", |bed| Box::pin(removing(bed, None))),
    ("ap.remove_expired", |bed| Box::pin(removing(bed, Some("rows")))),
    ("ap.remove_expired", |bed| Box::pin(removing(bed, Some("statements")))),
    ("ap.remove_expired", |bed| Box::pin(removing(bed, Some("batches")))),
];

fn step(invoice_id: InvoiceId) -> StepInput {
    StepInput { invoice_id }
}

async fn order(bed: &Bed) {
    let order = json!({
        "number": "PO-1", "currency": "EUR",
        "supplier": {"name": "Schrauben Meier GmbH", "vat_id": "DE123456789"},
        "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": "5.00",
                   "seller_item_id": "A-1"}]
    });
    let order = serde_json::from_value(order).expect("an order");
    let id = OrderId::new(Uuid::now_v7());
    bed.fixture.ledger.register_order(id, &order, Utc::now()).await.expect("kept");
}

/// An invoice that may be paid.
async fn approved(bed: &Bed) -> InvoiceId {
    order(bed).await;
    let id = bed.held(&invoice("I-1", "PO-1")).await;
    let row = bed.fixture.row(&id).await;
    assert_eq!(row.status, S::Approved);
    id
}

async fn reading(bed: &Bed) -> Run {
    let id = bed.accepted(&invoice("I-1", "PO-1")).await;
    again!(bed, Documents::extract_and_validate, step(id))
}

async fn comparing(bed: &Bed) -> Run {
    order(bed).await;
    let id = bed.accepted(&invoice("I-1", "PO-1")).await;
    let read = bed.environment.run(Documents::extract_and_validate, step(id.clone())).await;
    read.expect("read");
    again!(bed, Matcher::reconcile, step(id))
}

async fn comparing_a_case(bed: &Bed) -> Run {
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines": [
        {"id": "1", "quantity": "1", "price": "10.00"}]}});
    let case = bed.artifacts.put(case.to_string()).await.expect("kept");
    again!(bed, Cases::reconcile_case, CaseInput { case })
}

async fn handing_over(bed: &Bed) -> Run {
    let invoice_id = bed.accepted(&invoice("I-1", "PO-1")).await;
    let attention = Attention {
        code: AttentionCode::RetriesExhausted,
        text: "the ledger was away".to_owned(),
        retryable: true,
    };
    again!(bed, Desk::record_attention, AttentionInput { invoice_id, attention })
}

async fn deciding(bed: &Bed) -> Run {
    let invoice_id = bed.held(&invoice("I-1", "PO-1")).await;
    let said = json!({"subject": "user:anna", "duties": [],
        "decision": {"action": "reject", "reason": "not ours"}});
    let said: Said = serde_json::from_value(said).expect("a decision");
    let decision_id = DecisionId::new(Uuid::now_v7());
    let about = About::Invoice(invoice_id.clone(), decision_id.clone());
    let bytes = bed.fixture.ledger.vouch(about, &said).expect("JSON");
    let fingerprint = Sha256::of(&bytes);
    let content = bed.artifacts.put(bytes).await.expect("kept");
    let asked = said.asked();
    again!(
        bed,
        Decider::decide,
        DecideInput {
            invoice_id: invoice_id.clone(),
            decision_id: decision_id.clone(),
            fingerprint: fingerprint.clone(),
            content: content.clone(),
            asked: asked.clone(),
        }
    )
}

async fn reminding(bed: &Bed) -> Run {
    let invoice_id = bed.held(&invoice("I-1", "PO-1")).await;
    let kind = NoticeKind::Reminder;
    again!(bed, Desk::notify, NoticeInput { invoice_id, kind, status: S::Held, count: 1 })
}

async fn withdrawing(bed: &Bed) -> Run {
    let id = bed.held(&invoice("I-1", "PO-1")).await;
    again!(bed, Desk::close, step(id))
}

/// An archive of two documents, one of which is none.
async fn promised(bed: &Bed) -> BatchId {
    let document = invoice("I-1", "PO-1");
    let entries = [("one.xml", document.as_bytes()), ("two.xml", b"".as_slice())];
    let source = bed.artifacts.put(archive(&entries)).await.expect("kept");
    let new = NewBatch {
        id: BatchId::new(Uuid::now_v7()),
        kind: BatchKind::Archive,
        subject: "key:erp".to_owned(),
        key: "k".to_owned(),
        known: Known::New,
        source: Some(source),
        created_at: Utc::now(),
    };
    let id = new.id.clone();
    bed.fixture.ledger.open_batch(new).await.expect("promised");
    id
}

async fn opened(bed: &Bed) -> BatchChunk {
    let batch_id = promised(bed).await;
    let opened = bed.environment.run(Batches::open_batch, batch_id.clone()).await;
    let to = opened.expect("opened").items;
    BatchChunk { batch_id, from: 1, to }
}

async fn opening_a_batch(bed: &Bed) -> Run {
    again!(bed, Batches::open_batch, promised(bed).await)
}

async fn taking_items(bed: &Bed) -> Run {
    again!(bed, Batches::take_items, opened(bed).await)
}

async fn giving_items_up(bed: &Bed) -> Run {
    again!(bed, Batches::give_up_items, opened(bed).await)
}

async fn ending_a_batch(bed: &Bed) -> Run {
    let chunk = opened(bed).await;
    bed.environment.run(Batches::take_items, chunk.clone()).await.expect("taken");
    let status = BatchStatus::Accepted;
    again!(bed, Batches::end_batch, BatchEnd { batch_id: chunk.batch_id.clone(), status })
}

/// A statement with the payment of the approved invoice.
async fn statement(bed: &Bed) -> StatementInput {
    let end_to_end = approved(bed).await.end_to_end_id();
    let payment = Booked { end_to_end: Some(&end_to_end), ..paid("r", 5_950, "I-1") };
    let file = camt053("S-1", "2026-11-20", 10_000, &[payment]);
    let bytes = file.len() as u64;
    let new = new_statement(bed.artifacts.put(file).await.expect("kept"), bytes);
    bed.fixture.ledger.accept_statement(&new).await.expect("accepted");
    StatementInput { statement: new.id }
}

async fn read_statement(bed: &Bed) -> StatementInput {
    let input = statement(bed).await;
    bed.environment.run(Statements::read_statement, input.clone()).await.expect("read");
    input
}

async fn reading_a_statement(bed: &Bed) -> Run {
    again!(bed, Statements::read_statement, statement(bed).await)
}

async fn matching_entries(bed: &Bed) -> Run {
    again!(bed, Statements::match_entries, read_statement(bed).await)
}

async fn recording_matches(bed: &Bed) -> Run {
    let input = read_statement(bed).await;
    let matched = bed.environment.run(Statements::match_entries, input.clone()).await;
    let proposals = matched.expect("matched").proposals.expect("something is proposed");
    let record = RecordInput { statement: input.statement, proposals, last: false };
    again!(bed, Statements::record_matches, record)
}

async fn failing_a_statement(bed: &Bed) -> Run {
    again!(bed, Statements::fail_statement, statement(bed).await)
}

/// A person says that the entry pays the invoice.
async fn answering(bed: &Bed) -> Run {
    let input = read_statement(bed).await;
    let ledger = &bed.fixture.ledger;
    let entries = ledger.entries_of(&input.statement, &[], 0, 10).await.expect("a list");
    let [(_, entry)] = entries.as_slice() else { panic!("{entries:?}") };
    let invoices = ledger.invoices(&Default::default(), None, 10).await.expect("a list");
    let answer = json!({"by": "user:anna", "answer": {"action": "accept",
        "expected_revision": entry.revision, "invoices": [invoices[0].id]}});
    let answer = bed.artifacts.put(answer.to_string()).await.expect("kept");
    again!(
        bed,
        Statements::answer_entry,
        AnswerInput { entry: entry.id.clone(), answer: answer.clone() }
    )
}

/// A message that is due to the receiver.
async fn due(bed: &Bed) -> AttemptInput {
    let ledger = &bed.fixture.ledger;
    let new = NewWebhook {
        id: ap_gateway::models::refs::WebhookId::new(Uuid::now_v7()),
        subject: "key:admin".to_owned(),
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        content: WebhookContent {
            url: bed.receiver.url.clone(),
            description: None,
            topics: vec![Topic::InvoiceApproved],
            disabled: None,
        },
        secret: ap_gateway::webhooks::signature::draw_secret().expect("random"),
        at: Utc::now(),
    };
    ledger.make_webhook(&new).await.expect("made");
    approved(bed).await;
    let due = ledger.due_deliveries(Utc::now(), 10).await.expect("a list");
    let [due] = due.as_slice() else { panic!("{} are due", due.len()) };
    AttemptInput { delivery: due.id.clone(), round: due.round, gap_seconds: Some(1) }
}

async fn delivering(bed: &Bed) -> Run {
    again!(bed, Webhooks::attempt_delivery, due(bed).await)
}

async fn giving_a_delivery_up(bed: &Bed) -> Run {
    let AttemptInput { delivery, round, .. } = due(bed).await;
    again!(bed, Webhooks::give_up_delivery, GiveUpInput { delivery: delivery.clone(), round })
}

async fn importing(bed: &Bed) -> Run {
    for n in 0..3 {
        let file = camt053(&format!("S-{n}"), "2026-11-20", 1_000, &[paid("r", 100, "x")]);
        std::fs::write(bed.inbox().join(format!("{n}.xml")), file).expect("written");
    }
    std::fs::write(bed.inbox().join("letter.pdf"), b"%PDF-1.7").expect("written");
    again!(bed, Upkeep::import_statements, UpkeepPart { after: None })
}

async fn retrying(bed: &Bed) -> Run {
    let invoice_id = bed.accepted(&invoice("I-1", "PO-1")).await;
    let attention = Attention {
        code: AttentionCode::RetriesExhausted,
        text: "the ledger was away".to_owned(),
        retryable: true,
    };
    let why = AttentionInput { invoice_id, attention };
    bed.environment.run(Desk::record_attention, why).await.expect("recorded");
    again!(bed, Upkeep::retry_attention, UpkeepPart { after: None })
}

async fn removing(bed: &Bed, phase: Option<&str>) -> Run {
    let ledger = &bed.fixture.ledger;
    let id = bed.held(&invoice("I-9", "PO-9")).await;
    ledger.enter(&id, S::Rejected, Utc::now()).await.expect("rejected");
    let input = statement(bed).await;
    bed.environment.run(Statements::fail_statement, input).await.expect("failed");
    let batch_id = promised(bed).await;
    let end = BatchEnd { batch_id, status: BatchStatus::Cancelled };
    bed.environment.run(Batches::end_batch, end).await.expect("ended");
    ledger.finish_batches(Utc::now()).await.expect("looked");
    if phase == Some("rows") {
        let documents = UpkeepPart { after: None };
        bed.environment.run(Upkeep::remove_expired, documents).await.expect("removed");
    }
    again!(bed, Upkeep::remove_expired, UpkeepPart { after: phase.map(str::to_owned) })
}
