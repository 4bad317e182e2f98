//! The dev server: found, started, kept, ended. Against the real program.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::temporal::dev_server::{
    DevServer, DevServerError, DevServerOptions, Progress, cache_folder, find_or_obtain,
};
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_common::protos::temporal::api::workflowservice::v1 as api;
use url::Url;

use crate::harness::within;

/// The order of the product: `temporal` on `PATH`, our cache, download, build.
async fn cli() -> PathBuf {
    let cache = cache_folder(&config::environment()).expect("a home folder");
    let found = find_or_obtain(None, &cache, Progress::Lines).await;
    found.unwrap_or_else(|error| panic!("these tests need the Temporal CLI: {error}"))
}

async fn options(folder: &Path) -> DevServerOptions {
    DevServerOptions {
        cli: cli().await,
        db_file: folder.join("temporal.db"),
        port: None,
        ui_port: None,
        log_file: folder.join("temporal.log"),
    }
}

async fn started(folder: &Path) -> DevServer {
    let started = DevServer::start(options(folder).await).await;
    started.unwrap_or_else(|error| panic!("no server: {error}"))
}

async fn refused(options: DevServerOptions) -> String {
    match DevServer::start(options).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

async fn connection(server: &DevServer) -> Connection {
    let address = Url::parse(&server.address()).expect("an address");
    let options = ConnectionOptions::new(address).build();
    Connection::connect(options).await.expect("it answers")
}

async fn knows_namespace(server: &DevServer, name: &str) -> bool {
    let request =
        api::DescribeNamespaceRequest { namespace: name.to_owned(), ..Default::default() };
    let mut service = connection(server).await.workflow_service();
    service.describe_namespace(request.into_request()).await.is_ok()
}

#[tokio::test]
async fn it_serves_the_default_namespace_and_the_ui_and_ends_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = started(folder.path()).await;
    assert!(knows_namespace(&server, "default").await);
    assert!(listens(server.ui_port()));
    assert_eq!(servers_of(folder.path()).len(), 1);
    server.stop().await.expect("stopped");
    assert!(servers_of(folder.path()).is_empty());
}

#[tokio::test]
async fn it_ends_when_it_is_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = started(folder.path()).await;
    drop(server);
    let gone = async || servers_of(folder.path()).is_empty().then_some(());
    within(Duration::from_secs(10), "no server in the folder", gone).await;
}

#[tokio::test]
async fn state_survives_a_restart_in_a_folder_with_an_odd_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("a b?c#d%41é");
    let server = started(&folder).await;
    let request = api::RegisterNamespaceRequest {
        namespace: "kept".to_owned(),
        workflow_execution_retention_period: Some(
            Duration::from_hours(24).try_into().expect("a day"),
        ),
        ..Default::default()
    };
    let mut service = connection(&server).await.workflow_service();
    service.register_namespace(request.into_request()).await.expect("registered");
    server.stop().await.expect("stopped");
    assert!(folder.join("temporal.db").is_file());
    let server = started(&folder).await;
    assert!(knows_namespace(&server, "kept").await);
    server.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_busy_port_is_named_with_its_option() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let mut wanted = options(folder.path()).await;
    wanted.port = Some(port);
    let text = refused(wanted.clone()).await;
    assert!(text.contains(&format!("port {port} is in use")), "{text}");
    assert!(text.contains("--temporal-port"), "{text}");
    (wanted.port, wanted.ui_port) = (None, Some(port));
    let text = refused(wanted).await;
    assert!(text.contains("--ui-port"), "{text}");
}

#[tokio::test]
async fn a_damaged_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = started(folder.path()).await;
    server.stop().await.expect("stopped");
    // What SQLite has not moved from its log yet is missing in a file that was copied alone.
    let alone = std::fs::read(folder.path().join("temporal.db")).expect("pages");
    let garbage = b"these are not the pages you look for".repeat(100);
    for (case, bytes) in [("no database", garbage), ("without its log", alone)] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("temporal.db");
        std::fs::write(&file, &bytes).expect("written");
        let text = refused(options(folder.path()).await).await;
        assert!(text.contains("temporal.db is damaged: move it away"), "{case}: {text}");
        assert_eq!(std::fs::read(&file).expect("still there"), bytes, "{case}");
    }
}

#[tokio::test]
async fn a_database_whose_making_was_cut_off_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("temporal.db"), "half a page").expect("written");
    std::fs::write(folder.path().join("temporal.db.unfinished"), "").expect("written");
    let server = started(folder.path()).await;
    server.stop().await.expect("stopped");
    assert!(!folder.path().join("temporal.db.unfinished").exists());
}

#[tokio::test]
async fn a_data_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data");
    std::fs::write(&file, "").expect("written");
    let text = refused(options(&file).await).await;
    assert!(text.contains("data as data folder"), "{text}");
    assert!(text.contains("--data-dir"), "{text}");
}

#[tokio::test]
async fn a_program_that_is_no_server_is_quoted() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = options(folder.path()).await;
    wrong.cli = PathBuf::from("/bin/ls");
    let error = DevServer::start(wrong).await.expect_err("no server");
    assert!(matches!(error, DevServerError::Ended { .. }), "{error}");
    assert!(error.to_string().contains("ls:"), "{error}");
}

#[tokio::test]
async fn it_says_when_the_server_dies() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = started(folder.path()).await;
    let pid = server_of(folder.path()).expect("a process");
    signal("KILL", pid);
    let ended = tokio::time::timeout(Duration::from_secs(10), server.ended()).await;
    let text = ended.expect("noticed").to_string();
    assert!(text.contains("the Temporal dev server ended"), "{text}");
}

/// The child of the next test: starts a server, says so, and waits to be killed.
#[tokio::test]
async fn a_holder_for_the_test_below() {
    let Ok(folder) = std::env::var("AP_GATEWAY_TEST_HOLDS") else {
        return; // run as a test of its own there is nothing to hold
    };
    let folder = PathBuf::from(folder);
    let server = started(&folder).await;
    std::fs::write(folder.join("port"), server.port().to_string()).expect("written");
    // Until it is killed, or whoever started it is gone and the pipe with it.
    let waits = || std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    tokio::task::spawn_blocking(waits).await.expect("no panic").expect("a pipe");
}

#[tokio::test]
async fn two_processes_do_not_share_a_folder_and_a_killed_one_leaves_no_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut holder = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "dev_server::a_holder_for_the_test_below"])
        .env("AP_GATEWAY_TEST_HOLDS", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a child");
    let port = folder.path().join("port");
    let told = async || {
        let text = std::fs::read_to_string(&port);
        text.is_ok_and(|text| !text.is_empty()).then_some(())
    };
    within(Duration::from_mins(1), "the child has a server", told).await;
    let text = refused(options(folder.path()).await).await;
    let in_use = format!("in use by process {}", holder.id());
    assert!(text.contains(&in_use), "{text}");
    holder.kill().expect("killed");
    holder.wait().expect("reaped");
    // At once, while the server of the dead one is still ending.
    let server = started(folder.path()).await;
    assert_eq!(servers_of(folder.path()).len(), 1, "the old one is gone");
    server.stop().await.expect("stopped");
    assert!(servers_of(folder.path()).is_empty());
}

fn server_of(folder: &Path) -> Option<u32> {
    servers_of(folder).first().copied()
}

/// Every dev server that runs in `folder`, as the system sees it.
fn servers_of(folder: &Path) -> Vec<u32> {
    let listed = std::fs::read_dir("/proc").expect("these tests look at processes in /proc");
    let pids = listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let runs_here = |pid: &u32| {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
        let here = std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder);
        here && !command.starts_with(b"sh\0") && contains(&command, b"start-dev")
    };
    pids.filter(runs_here).collect()
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status();
    assert!(status.expect("kill runs").success());
}
