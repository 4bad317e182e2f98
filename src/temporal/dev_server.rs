//! A local Temporal server for development and tests, with all of its state in one file.
//!
//! The server is the dev server of Temporal's own command line. It lives exactly as long as we
//! do: `guard` ends it also when this process is killed and can no longer end anything itself.

pub mod error;
pub mod executable;
pub mod folder_lock;
mod guard;
mod obtain;
mod ports;
pub mod progress;
mod server_log;
mod unfinished;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeWorkflowExecutionRequest;
use url::Url;

pub use crate::temporal::dev_server::error::DevServerError;
pub use crate::temporal::dev_server::executable::{FindError, cache_folder, find_or_obtain};
use crate::temporal::dev_server::folder_lock::{FolderLock, LockError};
use crate::temporal::dev_server::guard::{Guarded, Task};
use crate::temporal::dev_server::ports::Ports;
pub use crate::temporal::dev_server::progress::Progress;
use crate::temporal::dev_server::server_log::ServerLog;
use crate::temporal::gateway::GatewayError;
use crate::temporal::grpc::meaning;

/// The namespace that every dev server has, and that we use.
const NAMESPACE: &str = "default";

/// A workflow that never was.
const NOBODY: &str = "nobody";

/// A start takes 0.1 s on an idle machine; the rest is for a busy one with a large database.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// How long a server that answers must have run on before it counts as ours.
const SETTLED: Duration = Duration::from_millis(300);

/// Takes away what makes the dev server slow: a poll rate of 20 a second on its only shard (50 ms
/// a task) and four partitions a task queue (stalls of 2 s). Without WAL a task costs two more
/// syncs; `synchronous=NORMAL` loses nothing when a process dies, only when the machine does.
const TUNING: [&str; 14] = [
    "--dynamic-config-value",
    "history.transferProcessorMaxPollRPS=10000",
    "--dynamic-config-value",
    "history.timerProcessorMaxPollRPS=10000",
    "--dynamic-config-value",
    "history.visibilityProcessorMaxPollRPS=10000",
    "--dynamic-config-value",
    "matching.numTaskqueueReadPartitions=1",
    "--dynamic-config-value",
    "matching.numTaskqueueWritePartitions=1",
    "--sqlite-pragma",
    "journal_mode=WAL",
    "--sqlite-pragma",
    "synchronous=NORMAL",
];

/// What to start, and where.
#[derive(Debug, Clone)]
pub struct DevServerOptions {
    /// The Temporal CLI, from [`find_or_obtain`].
    pub cli: PathBuf,
    /// All state of the server; made when it is not there. Its folder is locked: one server each.
    pub db_file: PathBuf,
    /// The port of the frontend; `None` takes 7233, or any free port when that one is busy.
    pub port: Option<u16>,
    /// The port of the web UI; `None` takes 8233, or any free port when that one is busy.
    pub ui_port: Option<u16>,
    /// Where the server writes its errors; the log of the run before stays as `….previous`.
    pub log_file: PathBuf,
}

/// A running dev server. Dropped, it ends a moment later; [`DevServer::stop`] waits for that.
#[derive(Debug)]
pub struct DevServer {
    port: u16,
    ui_port: u16,
    guarded: Guarded,
    log: ServerLog,
}

impl DevServer {
    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    /// Each thing that stands in the way, with what to do about it: see [`DevServerError`].
    pub async fn start(options: DevServerOptions) -> Result<Self, DevServerError> {
        let folder = match options.db_file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let unusable = |source| DevServerError::Folder { path: folder.clone(), source };
        std::fs::create_dir_all(&folder).map_err(unusable)?;
        let lock = folder_lock::take_over(&folder.join("temporal.lock")).await;
        let lock = lock.map_err(|source| match source {
            LockError::Io(source) => unusable(source),
            held @ LockError::Held { .. } => {
                DevServerError::Locked { path: folder.clone(), source: held }
            }
        })?;
        unfinished::begin(&options.db_file).map_err(unusable)?;
        let server = Self::start_on_free_ports(&options, &folder, &lock).await?;
        unfinished::done(&options.db_file).map_err(unusable)?;
        tracing::info!(
            port = server.port,
            ui.port = server.ui_port,
            "started the Temporal dev server on {}, web UI on {}",
            server.address(),
            server.ui_address(),
        );
        Ok(server)
    }

    /// Between our look at a port and the server's, another process may take it: two that start at
    /// once both want the usual ones. So there are more attempts, on ports that nobody aims at.
    async fn start_on_free_ports(
        options: &DevServerOptions,
        folder: &Path,
        lock: &FolderLock,
    ) -> Result<Self, DevServerError> {
        const MORE_ATTEMPTS: usize = 3;
        let mut ports = Ports::choose(options.port, options.ui_port)?;
        for _ in 0..MORE_ATTEMPTS {
            match Self::start_on(ports, options, folder, lock).await {
                Err(DevServerError::Ended { reason, .. })
                    if reason.contains("address already in use") => {}
                result => return result,
            }
            ports = Ports::choose_unusual(options.port, options.ui_port)?;
        }
        Self::start_on(ports, options, folder, lock).await
    }

    async fn start_on(
        ports: Ports,
        options: &DevServerOptions,
        folder: &Path,
        lock: &FolderLock,
    ) -> Result<Self, DevServerError> {
        let spawned = |source| DevServerError::Spawn { cli: options.cli.clone(), source };
        let log = ServerLog::open(&options.log_file);
        let log =
            log.map_err(|source| DevServerError::Log { path: options.log_file.clone(), source })?;
        let (port, ui_port) = ports.release();
        let task = Task {
            program: &options.cli,
            arguments: arguments(port, ui_port, &options.db_file),
            // The server makes an address of the file's path, in which `?`, `#` and `%` would
            // have a meaning: so it gets a bare name, in the folder that it stands in.
            folder,
            variables: &[],
            output: log.file().map_err(spawned)?,
            holds: Some(lock.file().map_err(spawned)?),
        };
        let guarded = Guarded::spawn(task).map_err(spawned)?;
        let mut server = Self { port, ui_port, guarded, log };
        server.answers(&options.db_file).await?;
        Ok(server)
    }

    /// Waits for the first answer, for the end of the server, or for the deadline.
    async fn answers(&mut self, db_file: &Path) -> Result<(), DevServerError> {
        let mut last = "no attempt yet".to_owned();
        let first_answer = async {
            loop {
                match ask(self.port).await {
                    Ok(()) => return,
                    Err(reason) => last = reason,
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            () = first_answer => {}
            _ = self.guarded.ended() => return Err(self.end(Some(db_file))),
            () = tokio::time::sleep(START_DEADLINE) => return Err(DevServerError::Silent {
                port: self.port,
                seconds: START_DEADLINE.as_secs(),
                reason: format!("{last}; {}", self.log.last_words()),
                log: self.log.path().to_owned(),
            }),
        }
        // The answer may be that of a server which took the port before ours could: then ours
        // ends at once.
        match tokio::time::timeout(SETTLED, self.guarded.ended()).await {
            Ok(_) => Err(self.end(Some(db_file))),
            Err(_) => Ok(()),
        }
    }

    /// The port of the frontend.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port of the web UI.
    pub fn ui_port(&self) -> u16 {
        self.ui_port
    }

    /// The address of the frontend.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address of the web UI.
    pub fn ui_address(&self) -> String {
        format!("http://127.0.0.1:{}", self.ui_port)
    }

    /// Waits until the server ends by itself, and says why. It does not end otherwise.
    pub async fn ended(&mut self) -> DevServerError {
        let _ = self.guarded.ended().await; // its log says more than its status
        self.end(None)
    }

    /// Ends the server and waits for it: asked at first, forced after a few seconds.
    ///
    /// # Errors
    /// It did not end, even forced.
    pub async fn stop(self) -> Result<(), io::Error> {
        self.guarded.stop().await?;
        tracing::info!(port = self.port, "stopped the Temporal dev server");
        Ok(())
    }

    fn end(&self, db_file: Option<&Path>) -> DevServerError {
        let reason = self.log.last_words();
        match db_file {
            Some(path) if server_log::tells_of_damage(&reason) => {
                DevServerError::Damaged { path: path.to_owned(), reason }
            }
            _ => DevServerError::Ended { reason, log: self.log.path().to_owned() },
        }
    }
}

fn arguments(port: u16, ui_port: u16, db_file: &Path) -> Vec<OsString> {
    let (port, ui_port) = (port.to_string(), ui_port.to_string());
    let words = ["server", "start-dev", "--ip", "127.0.0.1"];
    let words = words.into_iter().chain(["--port", &port, "--ui-port", &ui_port]);
    let words = words.chain(["--log-format", "json", "--log-level", "error"]);
    let words = words.chain(TUNING).chain(["--db-filename"]);
    let mut arguments: Vec<OsString> = words.map(OsString::from).collect();
    arguments.push(db_file.file_name().unwrap_or(db_file.as_os_str()).to_owned());
    arguments
}

/// One question that can be answered only when each part of the server serves our namespace.
/// Its description is no such question: it comes from the store, and a start is refused for up to
/// two seconds more, until the parts have heard of the namespace.
async fn ask(port: u16) -> Result<(), String> {
    const ONE_CALL: Duration = Duration::from_secs(5);
    let question = async {
        let address = format!("http://127.0.0.1:{port}");
        let address = Url::parse(&address).map_err(|error| error.to_string())?;
        let options = ConnectionOptions::new(address)
            .identity("ap-gateway".to_owned())
            .connect_timeout(ONE_CALL)
            .build();
        let connection = Connection::connect(options).await;
        let connection = connection.map_err(|error| error.to_string())?;
        let nobody = WorkflowExecution { workflow_id: NOBODY.to_owned(), run_id: String::new() };
        let request = DescribeWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            execution: Some(nobody),
        };
        let mut service = connection.workflow_service();
        let answer = service.describe_workflow_execution(request.into_request()).await;
        match answer.map_err(|status| meaning(&status, NAMESPACE)) {
            Ok(_) | Err(GatewayError::NotFound) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    };
    let answer = tokio::time::timeout(ONE_CALL, question).await;
    answer.unwrap_or_else(|_| Err("the call timed out".to_owned()))
}
