//! Webhooks on both databases: the outbox, attempts, replays, secrets.

use ap_gateway::models::refs::{InvoiceId, WebhookId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::webhook::{DeliveryState, DisabledReason, Failure, Topic};
use ap_gateway::storage::ledger::webhooks::{
    Attempt, Attempted, DeliveryFilter, DeliveryRow, Made, NewWebhook, Replay, ReplayKey, Replayed,
    WEBHOOKS_MAX, WebhookContent, WebhookRow,
};
use ap_gateway::storage::{Ledger, LedgerError};
use ap_gateway::webhooks::signature::draw_secret;
use chrono::TimeDelta;
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, new_invoice, now, unique};

fn new(key: &str, topics: &[Topic]) -> NewWebhook {
    NewWebhook {
        id: WebhookId::new(Uuid::now_v7()),
        subject: "key:admin".to_owned(),
        key: key.to_owned(),
        fingerprint: "f".to_owned(),
        content: WebhookContent {
            url: "https://erp.example/".to_owned(),
            description: None,
            topics: topics.to_vec(),
            disabled: None,
        },
        secret: draw_secret().expect("random"),
        at: now(),
    }
}

pub(crate) async fn made(fixture: &Fixture, topics: &[Topic]) -> WebhookRow {
    match fixture.ledger.make_webhook(&new(&unique(), topics)).await.expect("an answer") {
        Made::New(row) => row,
        other => panic!("{other:?}"),
    }
}

async fn log(fixture: &Fixture, webhook: &WebhookId) -> Vec<DeliveryRow> {
    let all = DeliveryFilter::default();
    fixture.ledger.deliveries(webhook, &all, None, 100).await.expect("a log")
}

fn attempt(row: &DeliveryRow, outcome: Attempted) -> Attempt {
    Attempt { delivery: row.id.clone(), round: row.round, at: now(), outcome }
}

const FAILED: Attempted = Attempted::Failed { status_code: Some(500), failure: Failure::Refused };

async fn walk(fixture: &Fixture, id: &InvoiceId, steps: &[S]) {
    for step in steps {
        let status = fixture.ledger.enter(id, *step, now()).await.expect("an answer");
        assert_eq!(status, *step);
    }
}

#[rstest]
#[tokio::test]
async fn each_webhook_is_told_what_it_asked_for_and_an_approval_once(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let all = made(&fixture, Topic::ALL).await;
    let approvals = made(&fixture, &[Topic::InvoiceApproved]).await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    walk(&fixture, &id, &[S::Matching, S::Held, S::Matching, S::Approval, S::Approved]).await;
    walk(&fixture, &id, &[S::Approval, S::Approved, S::Scheduled, S::Approved]).await;
    walk(&fixture, &id, &[S::Scheduled, S::Paid, S::Approved, S::Cancelled]).await;
    let told: Vec<_> =
        log(&fixture, &all.id).await.into_iter().rev().map(|row| row.topic).collect();
    let expected = [
        Topic::InvoiceReceived,
        Topic::InvoiceHeld,
        Topic::InvoiceApproved,
        Topic::InvoiceClosed,
        Topic::InvoiceClosed,
    ];
    assert_eq!(told, expected);
    let approvals = log(&fixture, &approvals.id).await;
    assert_eq!(approvals.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&approvals[0].body).expect("JSON");
    assert_eq!(body["data"]["id"], id.as_str());
    assert_eq!(
        (&body["data"]["status"], &body["type"]),
        (&"approved".into(), &"invoice.approved".into())
    );
}

#[rstest]
#[tokio::test]
async fn what_is_not_committed_is_told_to_nobody(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let webhook = made(&fixture, Topic::ALL).await;
    // The same document twice, at once: one row, one message.
    let one = new_invoice("same");
    let two = ap_gateway::storage::ledger::invoices::NewInvoice {
        id: InvoiceId::new(Uuid::now_v7()),
        ..one.clone()
    };
    let (one, two) =
        tokio::join!(fixture.ledger.accept_invoice(one), fixture.ledger.accept_invoice(two));
    one.expect("an answer");
    two.expect("an answer");
    assert_eq!(log(&fixture, &webhook.id).await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_key_makes_one_webhook_and_there_is_an_end_to_them(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let (one, two) = (new("k", &[Topic::InvoiceHeld]), new("k", &[Topic::InvoiceHeld]));
    let (one, two) =
        tokio::join!(fixture.ledger.make_webhook(&one), fixture.ledger.make_webhook(&two));
    let both = [one.expect("an answer"), two.expect("an answer")];
    assert_eq!(both.iter().filter(|made| matches!(made, Made::New(_))).count(), 1, "{both:?}");
    for _ in 1..WEBHOOKS_MAX {
        made(&fixture, &[Topic::InvoiceHeld]).await;
    }
    let last = fixture.ledger.make_webhook(&new("more", &[Topic::InvoiceHeld])).await;
    assert!(matches!(last, Ok(Made::TooMany)), "{last:?}");
}

#[rstest]
#[tokio::test]
async fn failures_in_a_row_disable_and_a_success_between_forgives(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let webhook = made(&fixture, &[Topic::InvoiceReceived]).await;
    let ledger = &fixture.ledger;
    let outcomes = [false, false, false, false, true, false, false, false, false, false];
    for (number, delivered) in outcomes.into_iter().enumerate() {
        fixture.accepted().await;
        let row = log(&fixture, &webhook.id).await.remove(0);
        let next = now() + TimeDelta::hours(1);
        let again = Attempted::Again { status_code: None, failure: Failure::TimedOut, next };
        ledger.record_attempt(&attempt(&row, again)).await.expect("recorded");
        let waiting = ledger.delivery(&row.id).await.expect("read").expect("a row");
        assert_eq!((waiting.state, waiting.attempts), (DeliveryState::Pending, 1));
        let outcome = if delivered { Attempted::Delivered { status_code: 204 } } else { FAILED };
        let recorded = ledger.record_attempt(&attempt(&row, outcome)).await.expect("recorded");
        let last = number == outcomes.len() - 1;
        assert_eq!(recorded.disabled, last.then_some(DisabledReason::Failing), "{number}");
        // A late answer of an attempt that was thought dead.
        let late = ledger.record_attempt(&attempt(&row, FAILED)).await.expect("recorded");
        assert_eq!(late.disabled, None);
        let settled = ledger.delivery(&row.id).await.expect("read").expect("a row");
        assert_eq!((settled.state == DeliveryState::Delivered, settled.attempts), (delivered, 2));
    }
    let row = ledger.webhook(&webhook.id).await.expect("read").expect("a row");
    assert_eq!(row.content.disabled, Some(DisabledReason::Failing));
    assert!(row.disabled_at.is_some() && row.revision == 2);
}

#[rstest]
#[tokio::test]
async fn what_is_due_is_found_until_its_workflow_runs(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let webhook = made(&fixture, &[Topic::InvoiceReceived]).await;
    fixture.accepted().await;
    let ledger = &fixture.ledger;
    let due = ledger.due_deliveries(now(), 10).await.expect("a list");
    assert_eq!(due.len(), 1);
    assert!(ledger.oldest_delivery().await.expect("read").is_some());
    ledger.delivery_started(&due[0], now()).await.expect("noted");
    assert_eq!(ledger.due_deliveries(now(), 10).await.expect("a list"), []);
    // Its workflow was ended from outside: after a while it is looked after.
    let later = now() + TimeDelta::minutes(16);
    assert_eq!(ledger.due_deliveries(later, 10).await.expect("a list"), due);
    let row = log(&fixture, &webhook.id).await.remove(0);
    let delivered = attempt(&row, Attempted::Delivered { status_code: 200 });
    ledger.record_attempt(&delivered).await.expect("recorded");
    assert_eq!(ledger.due_deliveries(later, 10).await.expect("a list"), []);
    assert_eq!(ledger.oldest_delivery().await.expect("read"), None);
    assert_eq!(ledger.forget_deliveries(now()).await.expect("done"), 0);
    let month = now() + TimeDelta::days(31);
    assert_eq!(ledger.forget_deliveries(month).await.expect("done"), 1);
    assert_eq!(log(&fixture, &webhook.id).await, []);
}

#[rstest]
#[tokio::test]
async fn a_replay_begins_another_round_of_what_is_settled(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let webhook = made(&fixture, &[Topic::InvoiceReceived]).await;
    let other = made(&fixture, &[Topic::InvoiceReceived]).await;
    let ledger = &fixture.ledger;
    for _ in 0..3 {
        fixture.accepted().await;
    }
    let rows = log(&fixture, &webhook.id).await;
    for row in &rows[..2] {
        ledger.record_attempt(&attempt(row, FAILED)).await.expect("recorded");
    }
    let limit = (now(), 1_000);
    let foreign = log(&fixture, &other.id).await.remove(0).id;
    let unknown = Replay::Deliveries(vec![rows[0].id.clone(), foreign.clone()]);
    let answer = ledger.replay(&webhook.id, &unknown, None, limit).await.expect("an answer");
    assert_eq!(answer, Replayed::Unknown(vec![foreign]));
    let day = TimeDelta::days(1);
    let all = Replay::Range(now() - day, now() + day);
    let few = ledger.replay(&webhook.id, &all, None, (now(), 2)).await.expect("an answer");
    assert_eq!(few, Replayed::TooMany(3));
    let key = |fingerprint: &str| ReplayKey {
        subject: "key:admin".to_owned(),
        key: "k".to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let replay = async |key: &ReplayKey| {
        ledger.replay(&webhook.id, &all, Some(key), limit).await.expect("an answer")
    };
    assert_eq!(replay(&key("f")).await, Replayed::Done(3));
    assert_eq!(replay(&key("f")).await, Replayed::Known(3));
    assert_eq!(replay(&key("g")).await, Replayed::KeyReused);
    let rounds: Vec<_> = log(&fixture, &webhook.id).await.iter().map(|row| row.round).collect();
    assert_eq!(rounds, [1, 1, 0], "what was pending goes on as it was");
    // An attempt of the round before says nothing of this one.
    ledger.record_attempt(&attempt(&rows[0], FAILED)).await.expect("recorded");
    let row = ledger.delivery(&rows[0].id).await.expect("read").expect("a row");
    assert_eq!(row.state, DeliveryState::Pending);
}

#[rstest]
#[tokio::test]
async fn secrets_are_sealed_and_another_key_file_does_not_open_them(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let new = new("k", &[Topic::InvoiceHeld]);
    fixture.ledger.make_webhook(&new).await.expect("made");
    let plain = new.secret.expose_secret();
    let kept: String = sqlx::query_scalar("SELECT secret FROM webhook")
        .fetch_one(&fixture.rows().await)
        .await
        .expect("a row");
    assert!(!kept.contains(&plain["whsec_".len()..]) && kept.starts_with("a256gcm:"), "{kept}");
    // Another replica with the same file, and one that has another.
    let opened = async |key_file: std::path::PathBuf| {
        let settings =
            ap_gateway::config::Ledger { key_file: Some(key_file), ..fixture.settings.clone() };
        let replica = Ledger::open(&settings).await.expect("a ledger");
        replica.webhook_secrets(&new.id, now()).await
    };
    let file = fixture.settings.key_file.clone().expect("a file");
    let secrets = opened(file.clone()).await.expect("the same key");
    assert_eq!(secrets.iter().map(SecretString::expose_secret).collect::<Vec<_>>(), [plain]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let other = file.with_extension("other");
    let missing = opened(other.clone()).await;
    assert!(matches!(&missing, Err(LedgerError::Unavailable(text)) if text.contains("is missing")));
    assert!(!other.exists(), "no key is made that the others do not have");
    std::fs::write(&other, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").expect("written");
    let wrong = opened(other).await;
    assert!(matches!(&wrong, Err(LedgerError::Unavailable(text)) if text.contains("another key")));
}
