//! What is there before anything is held.

use std::time::Duration;

use ap_gateway::models::batch::BatchStatus;
use ap_gateway::models::refs::{BatchId, InvoiceId, StatementId, WebhookId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::upkeep::Chore;
use ap_gateway::models::webhook::Topic;
use ap_gateway::storage::ledger::webhooks::{DueDelivery, NewWebhook, WebhookContent};
use chrono::Utc;
use uuid::Uuid;

use super::World;
use super::making::unknown_order;
use crate::bank_files::{Booked, paid};
use crate::bench::invoice;
use crate::harness::seldom;
use crate::redelivered::killed::LONG;

/// Rounds begin when the test asks for them.
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// What the flows work on.
pub(super) struct Things {
    pub(super) old_batch: BatchId,
    pub(super) batch: BatchId,
    pub(super) paid: InvoiceId,
    pub(super) payment: StatementId,
    pub(super) statement: StatementId,
    pub(super) decided: InvoiceId,
    pub(super) compared: InvoiceId,
    pub(super) read: InvoiceId,
    pub(super) delivery: DueDelivery,
}

impl World {
    /// What must be there before anything is held.
    pub(in crate::redelivered::killed) async fn prepare(&mut self) {
        let ledger = &self.fixture.ledger;
        let new = NewWebhook {
            id: WebhookId::new(Uuid::now_v7()),
            subject: "key:admin".to_owned(),
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
            content: WebhookContent {
                url: self.receiver.url.clone(),
                description: None,
                topics: vec![Topic::InvoiceApproved],
                disabled: None,
            },
            secret: ap_gateway::webhooks::signature::draw_secret().expect("random"),
            at: Utc::now(),
        };
        for order in ["PO-1", "PO-2"] {
            self.order(order).await;
        }
        let to_pay = self.submit(&invoice("I-1", "PO-1")).await;
        self.comes_to(&to_pay, S::Approved).await;
        // From here on an approval is told.
        ledger.make_webhook(&new).await.expect("made");
        let delivery = self.approval().await;
        let decided = self.submit(&invoice("I-3", &unknown_order("I-3"))).await;
        self.comes_to(&decided, S::Held).await;
        let old_batch = self.batch("old", "I-4").await;
        self.gateway.start_batch(&old_batch).await.expect("started");
        seldom(LONG, "the old batch is taken up", async || {
            let row = ledger.batch(&old_batch).await.expect("read").expect("a batch");
            (row.status == BatchStatus::Accepted).then_some(())
        })
        .await;
        let items = ledger.batch_items(&old_batch, None, 0, 10).await.expect("a list");
        let (id, _) = items[0].invoice.clone().expect("an invoice");
        ledger.enter(&id, S::Cancelled, Utc::now()).await.expect("withdrawn");
        ledger.finish_batches(Utc::now()).await.expect("looked");
        for chore in [Chore::ImportStatements, Chore::RemoveExpired] {
            self.gateway.apply_schedule(chore, NEVER).await.expect("applied");
        }
        self.age_artifacts();
        let end_to_end = to_pay.end_to_end_id();
        let payment = Booked { end_to_end: Some(&end_to_end), ..paid("S-1", 5_950, "I-1") };
        self.things = Some(Things {
            old_batch,
            batch: self.batch("new", "I-5").await,
            payment: self.statement(payment).await,
            statement: self.statement(paid("S-2", 777, "who knows")).await,
            paid: to_pay,
            compared: decided.clone(),
            read: decided.clone(),
            decided,
            delivery,
        });
    }

    /// Bytes that came today are left alone: these came long ago.
    fn age_artifacts(&self) {
        let shelf = self.place.path().join("artifacts/sha256");
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(7 * 24 * 3600);
        for drawer in std::fs::read_dir(shelf).expect("a shelf").flatten() {
            for file in std::fs::read_dir(drawer.path()).expect("a drawer").flatten() {
                let file = std::fs::File::options().write(true).open(file.path());
                let file = file.expect("a document of ours");
                file.set_modified(long_ago).expect("its time is ours to set");
            }
        }
    }

    /// The message of an approval.
    pub(super) async fn approval(&self) -> DueDelivery {
        let ledger = &self.fixture.ledger;
        let id = self.fixture.validated(&crate::ledger::extraction("I-7", "PO-7")).await;
        for next in [S::Matching, S::Approved] {
            ledger.enter(&id, next, Utc::now()).await.expect("a step");
        }
        let due = ledger.due_deliveries(Utc::now(), 10).await.expect("a list");
        let [due] = due.as_slice() else { panic!("{} are due", due.len()) };
        due.clone()
    }

    pub(super) fn things(&self) -> &Things {
        self.things.as_ref().expect("prepared")
    }
}
