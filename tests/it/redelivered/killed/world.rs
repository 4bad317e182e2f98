//! One program, its stores, and what happens in it.

mod flow;
mod making;
mod prepare;
mod progress;
mod provoke;

use std::path::PathBuf;
use std::process::Stdio;

use ap_gateway::config;
use ap_gateway::storage::Artifacts;
use ap_gateway::temporal::Gateway;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::line::Line;
use crate::harness::{self, unique};
use crate::http_webhooks::Receiver;
use crate::ledger::{Database, Fixture};
use crate::redelivered::effects::{self, Rows};
use prepare::Things;

pub(super) use flow::Flow;

pub(super) struct World {
    pub(super) gateway: Gateway,
    pub(super) line: Line,
    fixture: Fixture,
    artifacts: Artifacts,
    place: TempDir,
    queue: String,
    receiver: Receiver,
    /// Holds the points.
    holder: PgConnection,
    worker: Option<Child>,
    things: Option<Things>,
}

impl World {
    pub(super) async fn open() -> Self {
        let fixture = Database::Postgres.open().await;
        let place = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(place.path().join("inbox")).expect("a folder");
        let folder = config::Artifacts { folder: place.path().join("artifacts") };
        let artifacts = Artifacts::open(&folder).await.expect("a store");
        let temporal = harness::temporal_address();
        let upstream = temporal.rsplit('/').next().expect("an address").to_owned();
        let port = upstream.rsplit(':').next().and_then(|port| port.parse().ok());
        let settings = config::Temporal::local(port.expect("a port")).expect("settings");
        let queue = unique("killed");
        let gateway = Gateway::new(&settings, &queue, None);
        let url = fixture.settings.url.expose_secret();
        let mut holder = PgConnection::connect(url).await.expect("the ledger's database");
        let waits = "CREATE FUNCTION wait_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); \
                     RETURN COALESCE(NEW, OLD); END $$";
        sqlx::raw_sql(waits).execute(&mut holder).await.expect("a function");
        for flow in Flow::ALL {
            let (number, point) = (flow as i64, flow.point());
            let sql = format!(
                "CREATE TRIGGER point_{number} BEFORE {point} FOR EACH ROW \
                 EXECUTE FUNCTION wait_at('{number}')"
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut holder).await.expect("a point");
        }
        let line = Line::open(upstream).await;
        let receiver = Receiver::start([]).await;
        let (worker, things) = (None, None);
        let mut world = Self {
            gateway,
            line,
            fixture,
            artifacts,
            place,
            queue,
            receiver,
            holder,
            worker,
            things,
        };
        world.start_worker().await;
        world
    }

    pub(super) async fn start_worker(&mut self) {
        let settings = self.place.path().join("settings.toml");
        let text = format!(
            "[ledger]\nbusy_seconds = 600\n[policy]\nfuzzy_duplicates = false\n\
             [schedules.statements]\nfolder = {:?}\nsettled_seconds = 0\n\
             [schedules.retention]\ndocuments_days = 36500\nbatches_days = 0\n",
            self.inbox()
        );
        std::fs::write(&settings, text).expect("writable");
        let log = self.place.path().join("log");
        let log = std::fs::File::options().create(true).append(true).open(log);
        let key_file = self.fixture.settings.key_file.as_ref().expect("a key file");
        let child = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
            .args(["serve", "--role", "worker", "--listen", "127.0.0.1:0"])
            .env("AP_GATEWAY_CONFIG", &settings)
            .env("AP_GATEWAY_LOG_FORMAT", "json")
            .env("TEMPORAL_ADDRESS", &self.line.address)
            .env("AP_GATEWAY_TASK_QUEUE", &self.queue)
            .env("AP_GATEWAY_LEDGER_URL", self.fixture.settings.url.expose_secret())
            .env("AP_GATEWAY_LEDGER_KEY_FILE", key_file)
            .env("AP_GATEWAY_LEDGER_CONNECTIONS", "32")
            .env("AP_GATEWAY_ARTIFACTS", self.place.path().join("artifacts"))
            .env("AP_GATEWAY_WEBHOOK_NETWORKS", "127.0.0.0/8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a writable folder"))
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        self.worker = Some(child);
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(super) async fn kill(&mut self) {
        let mut worker = self.worker.take().expect("a worker");
        worker.kill().await.expect("it was running");
    }

    fn inbox(&self) -> PathBuf {
        self.place.path().join("inbox")
    }

    /// Whoever comes to the point of this flow waits there from now on.
    pub(super) async fn hold(&mut self, flow: Flow) {
        let sql = "SELECT pg_advisory_lock($1)";
        sqlx::query(sql).bind(flow as i64).execute(&mut self.holder).await.expect("held");
    }

    pub(super) async fn let_go(&mut self) {
        let sql = "SELECT pg_advisory_unlock_all()";
        sqlx::query(sql).execute(&mut self.holder).await.expect("let go");
    }

    pub(super) async fn is_held(&mut self, flow: Flow) -> bool {
        let sql = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND objid = $1 AND database = (SELECT oid FROM pg_database \
                   WHERE datname = current_database())";
        let waiting = sqlx::query_scalar(sql).bind(flow as i64).fetch_one(&mut self.holder).await;
        let waiting: i64 = waiting.expect("counted");
        waiting > 0
    }

    /// What the ledger holds in the end.
    pub(super) async fn rows(&self) -> Rows {
        let rows = effects::rows(&self.fixture.rows().await, Database::Postgres).await;
        let mut rows = effects::faceless(&rows);
        // The trail is numbered by who comes first, which is chance where all are let go at once.
        for row in rows.get_mut("audit").into_iter().flatten() {
            *row = row.split_once(" | ").expect("a number and the rest").1.to_owned();
        }
        rows.values_mut().for_each(|kept| kept.sort());
        rows
    }

    /// Messages that came, each once however often it came.
    pub(super) fn messages(&self) -> usize {
        let got = self.receiver.got();
        let mut ids: Vec<_> = got.iter().map(|one| one.id().to_owned()).collect();
        ids.sort();
        ids.dedup();
        ids.len()
    }
}
