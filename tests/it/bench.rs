//! A server, two stores and a worker for one test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ap_gateway::activities::Activities;
use ap_gateway::app;
use ap_gateway::config;
use ap_gateway::models::media_type::MediaType;
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::{InvoiceId, OrderId};
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::readiness::{Part, Readiness};
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceRow, NewInvoice};
use ap_gateway::storage::{Artifacts, Ledger};
use ap_gateway::temporal::Gateway;
use ap_gateway::temporal::connect::connect;
use ap_gateway::temporal::worker::{WorkerParts, WorkerSupervisor};
use chrono::Utc;
use prometheus::IntCounter;
use secrecy::SecretString;
use temporalio_client::Client;
use uuid::Uuid;

use crate::harness::{self, PATIENCE, unique, within};
use crate::samples::{self, Line};

/// A server on a file of its own, so that it can be killed and started again.
pub(crate) struct Server {
    program: PathBuf,
    pub(crate) folder: tempfile::TempDir,
    port: u16,
    /// Besides `default`, and nobody else's.
    namespace: String,
    child: Child,
}

impl Server {
    /// Between our look at a port and the server's, another test may take it: then there is a
    /// next attempt.
    async fn start() -> Self {
        let program = harness::temporal_cli().await;
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a folder");
            let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            let namespace = unique("bench");
            let child = Self::spawn(&program, &folder, port, &namespace);
            let mut server = Self { program: program.clone(), folder, port, namespace, child };
            if server.runs().await {
                return server;
            }
        }
        panic!("no Temporal server could be started on five ports");
    }

    /// Whether the server came up, and is ours: one that finds its port taken ends at once, and
    /// what answers in its place has no namespace of this name.
    async fn runs(&mut self) -> bool {
        let mut settings = self.settings();
        settings.namespace.clone_from(&self.namespace);
        let gateway = Gateway::new(&settings, "none", None);
        within(PATIENCE, "a Temporal server answers or ends", async || {
            if self.child.try_wait().expect("a child").is_some() {
                return Some(false);
            }
            gateway.describe_namespace().await.is_ok().then_some(true)
        })
        .await
    }

    fn spawn(program: &Path, folder: &tempfile::TempDir, port: u16, namespace: &str) -> Child {
        let settings = [
            "history.transferProcessorMaxPollRPS=10000",
            "history.timerProcessorMaxPollRPS=10000",
            "history.visibilityProcessorMaxPollRPS=10000",
            "matching.numTaskqueueReadPartitions=1",
            "matching.numTaskqueueWritePartitions=1",
            "limit.historyCount.suggestContinueAsNew=60",
        ];
        let mut command = Command::new(program);
        command.args(["server", "start-dev", "--headless", "--log-level", "error"]);
        command.args(["--port", &port.to_string(), "--namespace", namespace]);
        command.arg("--db-filename").arg(folder.path().join("temporal.db"));
        command.args(["--sqlite-pragma", "journal_mode=WAL"]);
        command.args(["--sqlite-pragma", "synchronous=NORMAL"]);
        for setting in settings {
            command.args(["--dynamic-config-value", setting]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()))
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    pub(crate) fn again(&mut self) {
        self.child = Self::spawn(&self.program, &self.folder, self.port, &self.namespace);
    }

    pub(crate) fn settings(&self) -> config::Temporal {
        config::Temporal::local(self.port).expect("settings")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) gateway: Gateway,
    pub(crate) readiness: Readiness,
    pub(crate) ledger: Ledger,
    pub(crate) artifacts: Artifacts,
    pub(crate) policy: Policy,
}

pub(crate) async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    harness::within(Duration::from_secs(30), what, look).await
}

impl Bench {
    pub(crate) async fn start() -> Self {
        // The samples are alike on purpose.
        Self::with(Policy { fuzzy_duplicates: false, ..Policy::default() }).await
    }

    pub(crate) async fn with(policy: Policy) -> Self {
        let _ = tracing_subscriber::fmt()
            .with_env_filter("info,temporalio_sdk_core=warn,temporalio_client=error")
            .with_ansi(false)
            .with_test_writer()
            .try_init();
        let server = Server::start().await;
        let path = server.folder.path();
        let url = format!("sqlite:{}", path.join("ledger.db").display());
        let ledger = config::Ledger { url: SecretString::from(url), ..config::Ledger::default() };
        let artifacts = config::Artifacts { folder: path.join("artifacts") };
        let ledger = Ledger::open(&ledger).await.expect("a ledger");
        let artifacts = Artifacts::open(&artifacts).await.expect("a store");
        let gateway = Gateway::new(&server.settings(), "ap-default", None);
        let readiness = Readiness::default();
        let bench = Self { server, gateway, readiness, ledger, artifacts, policy };
        until("temporal answers", async || bench.gateway.probe().await.ok()).await;
        bench
    }

    pub(crate) fn parts(&self) -> WorkerParts {
        WorkerParts {
            temporal: (&self.server.settings()).into(),
            worker: config::Worker {
                heartbeat_seconds: 1,
                restart_milliseconds_min: 100,
                restart_seconds_max: 1,
                graceful_seconds: 1,
                ..config::Worker::default()
            },
            activities: Activities::new(
                self.ledger.clone(),
                self.artifacts.clone(),
                harness::examiner(),
                self.policy.clone(),
            )
            .with_outside(app::outside::outside(&self.gateway)),
            readiness: self.readiness.clone(),
            metrics: None,
            restarts: IntCounter::new("restarts", "of this worker").expect("a legal name"),
        }
    }

    pub(crate) async fn worker(&self) -> WorkerSupervisor {
        let worker = WorkerSupervisor::start(self.parts()).expect("a thread");
        self.polling().await;
        worker
    }

    pub(crate) async fn polling(&self) {
        until("the worker polls", async || self.worker_ready().then_some(())).await;
    }

    pub(crate) fn worker_ready(&self) -> bool {
        let report = self.readiness.report();
        let worker = report.iter().find(|line| line.part == Part::Worker);
        worker.is_some_and(|line| line.ready)
    }

    pub(crate) async fn client(&self) -> Client {
        let limit = Duration::from_secs(5);
        let connected = connect(&self.server.settings(), None, limit).await;
        connected.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn ping(&self, id: &str) -> Option<String> {
        let answer = self.gateway.ping(id, Duration::from_secs(15)).await;
        answer.expect("started").result
    }

    /// Hands a document in, and starts its workflow.
    pub(crate) async fn submit(&self, document: &str) -> InvoiceId {
        let mut upload = self.artifacts.upload().await.expect("an upload");
        let bytes = bytes::Bytes::copy_from_slice(document.as_bytes());
        upload.write(bytes).await.expect("written");
        let stored = upload.finish().await.expect("stored");
        let new = NewInvoice {
            id: InvoiceId::new(Uuid::now_v7()),
            subject: "test".to_owned(),
            key: None,
            sha256: stored.sha256,
            bytes: stored.bytes,
            media_type: MediaType::Xml,
            purchase_order: None,
            reference: None,
            received_at: Utc::now(),
        };
        let accepted = self.ledger.accept_invoice(new).await.expect("accepted");
        let Acceptance::New(row) = accepted else { panic!("{accepted:?}") };
        self.gateway.start_invoice(&row.id).await.expect("started");
        row.id
    }

    pub(crate) async fn order(&self, number: &str) {
        let order: PurchaseOrder = serde_json::from_value(serde_json::json!({
            "number": number, "currency": "EUR",
            "supplier": {"name": "Schrauben Meier GmbH", "vat_id": "DE123456789"},
            "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": "5.00",
                       "seller_item_id": "A-1"}]
        }))
        .expect("an order");
        let id = OrderId::new(Uuid::now_v7());
        let kept = self.ledger.register_order(id, &order, Utc::now()).await;
        kept.expect("kept");
    }

    pub(crate) async fn row(&self, id: &InvoiceId) -> InvoiceRow {
        let row = self.ledger.invoice(id).await.expect("read");
        row.expect("a row")
    }

    pub(crate) async fn comes_to(&self, id: &InvoiceId, status: InvoiceStatus) -> InvoiceRow {
        until(status.as_str(), async || Some(self.row(id).await).filter(|row| row.status == status))
            .await
    }
}

/// An invoice of one line: ten pieces at 5.00.
pub(crate) fn invoice(number: &str, order: &str) -> String {
    let ten = Line { id: "1", quantity: "10", price: "5.00", net: "50.00" };
    samples::invoice(number, order, ten)
}
