//! Starts the real thing: router, worker, SQLite and artifacts in a temporary folder, and one
//! Temporal dev server for the whole run. Each gateway has its own task queue and ledger, so
//! tests do not meet.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ap_gateway::activities::examiner::Examiner;
use ap_gateway::app::{self, Prepared, Role};
use ap_gateway::config::{self, Environment, Settings};
use ap_gateway::http::error::Slug;
use ap_gateway::temporal::dev_server::{self, DevServer, DevServerOptions, Progress};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longest time that a state may take to come; a loaded machine with one core is the measure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The address of the run's one dev server, started by the first test that asks.
pub(crate) fn temporal_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let (send, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || serve_temporal(&send));
        started.recv().expect("the Temporal dev server starts; its reason stands above")
    })
}

/// Holds the server on a thread of its own: the runtimes of single tests come and go.
fn serve_temporal(started: &std::sync::mpsc::Sender<String>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = start_temporal(fresh_folder("temporal")).await;
        started.send(server.address().to_owned()).expect("the first test waits");
        // The server's own guard ends it together with this process.
        std::future::pending::<()>().await;
    });
}

/// A dev server of one's own, for tests that stop it.
pub(crate) async fn start_temporal(data_dir: PathBuf) -> DevServer {
    start_temporal_on(data_dir, None).await
}

/// A dev server on a port of one's own, for tests that start it again.
pub(crate) async fn start_temporal_on(data_dir: PathBuf, port: Option<u16>) -> DevServer {
    let cli = temporal_cli().await;
    let (db_file, log_file) = (data_dir.join("temporal.db"), data_dir.join("temporal.log"));
    let options = DevServerOptions { cli, db_file, port, ui_port: None, log_file };
    DevServer::start(options).await.expect("the dev server starts")
}

/// The Temporal CLI, found or fetched as `dev` does it.
pub(crate) async fn temporal_cli() -> PathBuf {
    let cache = dev_server::cache_folder(&config::environment()).expect("a home folder");
    let found = dev_server::find_or_obtain(None, &cache, Progress::Lines).await;
    found.expect("a Temporal CLI can be had")
}

/// A folder below the build's own temporary one. Folders of earlier runs are removed.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a writable target folder");
    folder
}

/// A name that no other test of any run has used.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", uuid::Uuid::now_v7().simple())
}

/// A gateway inside this process.
pub(crate) struct Gateway {
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) task_queue: String,
    stop: CancellationToken,
    running: Option<JoinHandle<anyhow::Result<bool>>>,
    _folder: TempDir,
}

impl Gateway {
    /// HTTP and worker over the run's dev server.
    pub(crate) async fn start() -> Self {
        let gateway = Self::start_with(Role::All, temporal_address(), |_| {}).await;
        eventually(async || match gateway.get("/readyz").await {
            answer if answer.status == StatusCode::OK => Ok(()),
            answer => Err(answer.text()),
        })
        .await;
        gateway
    }

    /// Another role, another Temporal, other settings.
    pub(crate) async fn start_with(
        role: Role,
        temporal: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let task_queue = unique("test");
        let mut settings = settings(folder.path(), temporal, &task_queue);
        change(&mut settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let stop = CancellationToken::new();
        let prepared = Prepared::read(settings, role).expect("what is named can be read");
        let parts = app::build(prepared).await.expect("the stores open");
        let running = tokio::spawn(app::run(parts, listener, stop.clone()));
        let client = Client::builder().timeout(PATIENCE).build().expect("a client");
        Self { base, client, task_queue, stop, running: Some(running), _folder: folder }
    }

    /// Stops as SIGTERM would; answers whether everything drained in time.
    pub(crate) async fn stop(mut self) -> bool {
        self.stop.cancel();
        let running = self.running.take().expect("stopped once");
        running.await.expect("the gateway does not panic").expect("the gateway ran")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(Method::POST, path, &json, body.to_string().into()).await
    }

    /// Posts a document and waits for it to rest.
    pub(crate) async fn submit(&self, xml: &str) -> Answer {
        let headers = [("content-type", "application/xml"), ("prefer", "wait=30")];
        self.send(Method::POST, "/invoices", &headers, xml.to_owned().into()).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        send(&self.client, method, &format!("{}{path}", self.base), headers, body).await
    }

    /// The invoice once `wanted` holds of it.
    pub(crate) async fn invoice_when(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/invoices/{id}");
        eventually(async || {
            let invoice = self.get(&path).await.json();
            if wanted(&invoice) { Ok(invoice) } else { Err(invoice.to_string()) }
        })
        .await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Settings of a gateway that keeps everything in `folder`.
pub(crate) fn settings(folder: &Path, temporal: &str, task_queue: &str) -> Settings {
    let set = |name: &str, value: String| (name.to_owned(), value);
    let environment: Environment = [
        set("TEMPORAL_ADDRESS", temporal.to_owned()),
        set("AP_GATEWAY_TASK_QUEUE", task_queue.to_owned()),
        set("AP_GATEWAY_LEDGER_URL", format!("sqlite:{}", folder.join("ledger.db").display())),
        set("AP_GATEWAY_ARTIFACTS", folder.join("artifacts").display().to_string()),
    ]
    .into();
    let mut settings = Settings::load(None, &environment).expect("test settings are legal");
    settings.extraction.program = Some(PROGRAM.into());
    // The samples are alike on purpose; `ledger::likeness` and `main_job` look at copies.
    settings.policy.fuzzy_duplicates = false;
    settings
}

/// The gateway as a program of its own.
const PROGRAM: &str = env!("CARGO_BIN_EXE_ap-gateway");

/// What reads and judges documents.
pub(crate) fn examiner() -> Arc<Examiner> {
    let settings =
        config::Extraction { program: Some(PROGRAM.into()), ..config::Extraction::default() };
    Arc::new(app::intake::examiner(&settings).expect("an examiner"))
}

/// One HTTP answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The slug of the problem, after checking that it is a whole problem document of a type that
    /// is registered.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16(), "{problem}");
        assert!(problem["title"].is_string() && problem["request_id"].is_string(), "{problem}");
        let kind = problem["type"].as_str().expect("a type");
        let slug = kind.strip_prefix("/docs/problems/").expect("a type of ours");
        assert!(Slug::parse(slug).is_some(), "no registered type: {problem}");
        slug.to_owned()
    }

    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

pub(crate) async fn send(
    client: &Client,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Answer {
    try_send(client, method, url, headers, body).await.expect("the gateway answers")
}

/// For tests that kill the other side.
pub(crate) async fn try_send(
    client: &Client,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> reqwest::Result<Answer> {
    let has_body = method != Method::HEAD;
    let mut request = client.request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body).send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let answer = Answer { status, headers, body: response.bytes().await?.to_vec() };
    // What holds for every refusal of every test. The exceptions of the handbook (§3.3) are bytes
    // that are no HTTP and connections beyond the cap: this client sends no such bytes, and whoever
    // fills the cap looks at the socket itself.
    if answer.status.as_u16() >= 400 && has_body {
        answer.problem();
    }
    Ok(answer)
}

/// What `look` finds, for states that nothing announces: looked for every 5 ms, `limit` at most.
pub(crate) async fn within<T>(
    limit: Duration,
    what: &str,
    look: impl AsyncFnMut() -> Option<T>,
) -> T {
    looked_for(limit, Duration::from_millis(5), what, look).await
}

/// The same five times a second, where a look costs those whom it looks at.
pub(crate) async fn seldom<T>(
    limit: Duration,
    what: &str,
    look: impl AsyncFnMut() -> Option<T>,
) -> T {
    looked_for(limit, Duration::from_millis(200), what, look).await
}

async fn looked_for<T>(
    limit: Duration,
    pause: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(pause).await;
    }
}

/// Waits for a state, at most [`PATIENCE`]; the last refusal is the message.
pub(crate) async fn eventually<T>(look: impl AsyncFn() -> Result<T, String>) -> T {
    let started = Instant::now();
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    loop {
        pause.tick().await;
        match look().await {
            Ok(found) => return found,
            Err(last) => {
                assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}; last: {last}");
            }
        }
    }
}
