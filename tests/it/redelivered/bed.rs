//! Two stores, the activities over them, and what they reach outside.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use ap_gateway::activities::Activities;
use ap_gateway::activities::documents::Documents;
use ap_gateway::activities::matching::Matcher;
use ap_gateway::activities::outside::Outside;
use ap_gateway::activities::upkeep::{Folder, Inbox, Periods, Place, RetryRules, UpkeepSettings};
use ap_gateway::config;
use ap_gateway::metrics::Metrics;
use ap_gateway::models::media_type::MediaType;
use ap_gateway::models::payment::StatementStatus;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::storage::ledger::invoices::{Acceptance, NewInvoice};
use ap_gateway::storage::{Artifacts, Ledger};
use ap_gateway::webhooks::{Rules, Sender};
use ap_gateway::workflows::contract::{DecideAnswer, StepInput};
use chrono::Utc;
use futures::future::LocalBoxFuture;
use tempfile::TempDir;
use temporalio_sdk::testing::ActivityEnvironment;
use uuid::Uuid;

use super::effects::{self, Rows};
use crate::harness;
use crate::http_webhooks::Receiver;
use crate::ledger::{Database, Fixture};

/// Gives an activity once more, always with the same input; answers what it said.
pub(super) type Run = Box<dyn Fn() -> LocalBoxFuture<'static, String>>;

/// Once more of this activity with this input.
macro_rules! again {
    ($bed:expr, $activity:expr, $input:expr) => {{
        let environment = std::sync::Arc::clone(&$bed.environment);
        let input = $input;
        let run: $crate::redelivered::bed::Run = Box::new(move || {
            let (environment, input) = (std::sync::Arc::clone(&environment), input.clone());
            Box::pin(async move { format!("{:?}", environment.run($activity, input).await) })
        });
        run
    }};
}
pub(super) use again;

pub(super) struct Bed {
    database: Database,
    pub(super) fixture: Fixture,
    pub(super) artifacts: Artifacts,
    pub(super) activities: Activities,
    pub(super) environment: Arc<ActivityEnvironment>,
    pub(super) receiver: Receiver,
    told: Arc<Mutex<Vec<String>>>,
    place: TempDir,
}

impl Bed {
    pub(super) async fn open(database: Database) -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let inbox = place.path().join("inbox");
        std::fs::create_dir(&inbox).expect("a folder");
        let fixture = database.open().await;
        let folder = config::Artifacts { folder: place.path().join("artifacts") };
        let artifacts = Artifacts::open(&folder).await.expect("a store");
        let networks = vec!["127.0.0.0/8".parse().expect("a network")];
        let sender = Sender::new(Rules { networks, ports: Vec::new() }, Duration::from_secs(10));
        let told = Arc::default();
        let policy = Policy { fuzzy_duplicates: false, ..Policy::default() };
        let ledger = fixture.ledger.clone();
        let activities = Activities::new(ledger, artifacts.clone(), harness::examiner(), policy)
            .with_webhooks(sender, Arc::new(Metrics::new()))
            .with_outside(outside(&told, &fixture.ledger))
            .with_upkeep(upkeep(&inbox));
        let all = activities.clone();
        let environment = ActivityEnvironment::builder()
            .register_activities(all.documents)
            .register_activities(all.matching)
            .register_activities(all.cases)
            .register_activities(all.decisions)
            .register_activities(all.desk)
            .register_activities(all.batches)
            .register_activities(all.statements)
            .register_activities(all.webhooks)
            .register_activities(all.upkeep)
            .build();
        let environment = Arc::new(environment);
        let receiver = Receiver::start([]).await;
        Self { database, fixture, artifacts, activities, environment, receiver, told, place }
    }

    pub(super) async fn rows(&self) -> Rows {
        effects::rows(&self.fixture.rows().await, self.database).await
    }

    /// What others were told, each once however often it came: a receiver knows a message by its
    /// id, and Temporal a workflow by its own.
    pub(super) fn outside(&self) -> usize {
        let mut all = self.told.lock().expect("no panic").clone();
        all.extend(self.receiver.got().iter().map(|got| got.id().to_owned()));
        all.sort();
        all.dedup();
        all.len()
    }

    /// The folder that bank statements come into.
    pub(super) fn inbox(&self) -> PathBuf {
        self.place.path().join("inbox")
    }

    pub(super) async fn accepted(&self, document: &str) -> InvoiceId {
        let sha256 = self.artifacts.put(document.to_owned()).await.expect("kept");
        let new = NewInvoice {
            id: InvoiceId::new(Uuid::now_v7()),
            subject: "test".to_owned(),
            key: None,
            sha256,
            bytes: document.len() as u64,
            media_type: MediaType::Xml,
            purchase_order: None,
            reference: None,
            received_at: Utc::now(),
        };
        let accepted = self.fixture.ledger.accept_invoice(new).await.expect("accepted");
        let Acceptance::New(row) = accepted else { panic!("{accepted:?}") };
        row.id
    }

    /// Read, and compared with nothing: it is held.
    pub(super) async fn held(&self, document: &str) -> InvoiceId {
        let id = self.accepted(document).await;
        let step = StepInput { invoice_id: id.clone() };
        let run = &self.environment;
        run.run(Documents::extract_and_validate, step.clone()).await.expect("read");
        run.run(Matcher::reconcile, step).await.expect("compared");
        id
    }
}

/// Workflows that are done at once.
fn outside(told: &Arc<Mutex<Vec<String>>>, ledger: &Ledger) -> Outside {
    let (decided, started, ledger) = (Arc::clone(told), Arc::clone(told), ledger.clone());
    Outside {
        carry: Arc::new(move |input| {
            decided.lock().expect("no panic").push(input.decision_id.to_string());
            let text = "nobody is asked here".to_owned();
            Box::pin(async move { Ok(Some(DecideAnswer::Failed { text })) })
        }),
        start_statement: Arc::new(move |id| {
            started.lock().expect("no panic").push(id.to_string());
            let ledger = ledger.clone();
            Box::pin(async move {
                let done = StatementStatus::Done;
                ledger.move_statement(&id, done, None, None).await.expect("moved");
                Ok(())
            })
        }),
    }
}

fn upkeep(inbox: &Path) -> UpkeepSettings {
    let folder = Folder { path: inbox.to_owned(), settled: Duration::ZERO };
    let over = Some(Duration::ZERO);
    UpkeepSettings {
        inbox: Some(Inbox { place: Place::Folder(folder), profile: String::new() }),
        retry: Some(RetryRules { after: Duration::ZERO, times_max: 1 }),
        periods: Some(Periods {
            documents: Duration::ZERO,
            rows: over,
            payments: over,
            batches: over,
            untouched: Duration::ZERO,
        }),
    }
}
