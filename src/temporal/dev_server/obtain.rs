//! Downloads the Temporal CLI, or builds it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use temporalio_sdk::testing::{
    EphemeralExe, EphemeralExeVersion, LocalWorkflowEnvironmentOptions, WorkflowEnvironment,
};
use tokio::process::Command;

use crate::temporal::dev_server::executable::{FindError, VERSION, version};
use crate::temporal::dev_server::folder_lock::{FolderLock, LockError};
use crate::temporal::dev_server::guard::{Guarded, Task};
use crate::temporal::dev_server::progress::Progress;
use crate::temporal::dev_server::server_log;

/// 120 MB at 200 kB a second.
const DOWNLOAD_DEADLINE: Duration = Duration::from_secs(10 * 60);
/// A download that does not grow for so long has no network under it.
const DOWNLOAD_STALL: Duration = Duration::from_secs(20);
/// It takes 3 minutes on 2 idle cores, with the download of 200 modules.
const BUILD_DEADLINE: Duration = Duration::from_secs(20 * 60);
/// Both, one after the other, in another process.
const OTHERS_DEADLINE: Duration = Duration::from_secs(31 * 60);

/// Puts a working CLI at `target`. Whatever is half done has another name, so what is there is
/// whole; one process at a time works on it, the others wait and take what it made.
pub(super) async fn obtain(target: &Path, progress: Progress) -> Result<(), FindError> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let broken = |source| FindError::Cache { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(broken)?;
    let _lock = match wait_for_others(&folder.join("lock"), progress).await {
        Err(LockError::Io(source)) => return Err(broken(source)),
        other => other.map_err(FindError::Busy)?,
    };
    if version(target).await.is_ok() {
        return Ok(());
    }
    remove_scratch(folder).map_err(broken)?;
    let scratch = folder.join(format!("scratch-{}", std::process::id()));
    fs::create_dir(&scratch).map_err(broken)?;
    let made = download_or_build(&scratch, progress).await;
    let kept = made.map_err(|(download, go)| FindError::Nowhere {
        cache: folder.to_owned(),
        download,
        go,
    });
    let kept = kept.and_then(|made| fs::rename(made, target).map_err(broken));
    let _ = fs::remove_dir_all(&scratch); // the next attempt removes it too
    kept
}

async fn wait_for_others(path: &Path, progress: Progress) -> Result<FolderLock, LockError> {
    let pid = match FolderLock::take(path) {
        Err(LockError::Held { pid }) => pid,
        result => return result,
    };
    let attempts = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            match FolderLock::take(path) {
                Err(LockError::Held { .. }) => {}
                result => return result,
            }
        }
    };
    let what = format!("waiting for process {pid}, which obtains the Temporal CLI");
    let attempts = tokio::time::timeout(OTHERS_DEADLINE, attempts);
    match progress.during(&what, attempts).await {
        Ok(result) => result,
        Err(_) => Err(LockError::Held { pid }),
    }
}

/// What attempts that were killed left behind: 250 MB each.
fn remove_scratch(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("scratch-") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The program in `scratch`, or why neither way worked.
async fn download_or_build(
    scratch: &Path,
    progress: Progress,
) -> Result<PathBuf, (String, String)> {
    let what = format!("downloading the Temporal CLI {VERSION}");
    let download = match progress.during(&what, download(scratch)).await {
        Ok(path) => return Ok(path),
        Err(reason) => reason,
    };
    tracing::info!("the Temporal CLI could not be downloaded: {download}");
    let what = format!("building the Temporal CLI {VERSION} with go install, some 3 minutes");
    match progress.during(&what, build(scratch)).await {
        Ok(path) => Ok(path),
        Err(go) => Err((download, go)),
    }
}

/// The official download. The SDK gives it only together with a server that it starts; that one
/// is stopped at once.
async fn download(scratch: &Path) -> Result<PathBuf, String> {
    let folder = scratch.to_str().ok_or("the cache folder is not UTF-8")?;
    let source = EphemeralExe::CachedDownload {
        version: EphemeralExeVersion::Fixed(VERSION.to_owned()),
        dest_dir: Some(folder.to_owned()),
        ttl: None,
    };
    let quiet = ["--output", "none", "--log-level", "never"];
    let options = LocalWorkflowEnvironmentOptions::builder()
        .server_executable(source)
        .extra_args(quiet.map(str::to_owned).to_vec())
        .build();
    let failure = tokio::select! {
        started = WorkflowEnvironment::start_local(options) => match started {
            Ok(server) => server.shutdown().await.err().map(|error| in_full(&error)),
            Err(error) => Some(in_full(&error)),
        },
        () = stalled(scratch) => Some(format!("nothing came for {} s", DOWNLOAD_STALL.as_secs())),
        () = tokio::time::sleep(DOWNLOAD_DEADLINE) => {
            Some(format!("not done after {} s", DOWNLOAD_DEADLINE.as_secs()))
        }
    };
    // A server that did not start in the SDK's five seconds does not make the file a bad one.
    let file = scratch.join(format!("temporal-{VERSION}"));
    match version(&file).await {
        Ok(_) => Ok(file),
        Err(_) => Err(failure.unwrap_or_else(|| "the file does not run".to_owned())),
    }
}

/// Ends when the files of a folder have stopped growing.
async fn stalled(folder: &Path) {
    let mut seen = bytes(folder);
    loop {
        tokio::time::sleep(DOWNLOAD_STALL).await;
        let now = bytes(folder);
        if now == seen {
            return;
        }
        seen = now;
    }
}

fn bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let length = |entry: fs::DirEntry| entry.metadata().map_or(0, |found| found.len());
    entries.map(length).sum()
}

/// An error with its causes: the SDK's outermost texts alone say little.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// `go install`, as the official instructions for building it say.
async fn build(scratch: &Path) -> Result<PathBuf, String> {
    let probe = Command::new("go")
        .arg("version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    match tokio::time::timeout(Duration::from_secs(20), probe).await {
        Ok(Ok(status)) if status.success() => {}
        _ => return Err("there is no working go on PATH".to_owned()),
    }
    let log = scratch.join("go.log");
    let text = |error: std::io::Error| error.to_string();
    let module = format!("github.com/temporalio/cli/cmd/temporal@{VERSION}");
    let task = Task {
        program: Path::new("go"),
        arguments: vec![OsString::from("install"), OsString::from(module)],
        folder: scratch,
        variables: &[("GOBIN", scratch.as_os_str().to_owned())],
        output: File::create(&log).map_err(text)?,
        holds: None,
    };
    let mut go = Guarded::spawn(task).map_err(text)?;
    match tokio::time::timeout(BUILD_DEADLINE, go.ended()).await {
        Ok(Ok(status)) if status.success() => {}
        Ok(Ok(_)) => return Err(server_log::last_words(&log).map_err(text)?),
        Ok(Err(error)) => return Err(text(error)),
        Err(_) => return Err(format!("not done after {} s", BUILD_DEADLINE.as_secs())),
    }
    let file = scratch.join("temporal");
    match version(&file).await {
        Ok(_) => Ok(file),
        Err(_) => Err("what it built does not run".to_owned()),
    }
}
