//! Runs a command that must not outlive us, not even when we are killed.
//!
//! A killed process runs no more code, so somebody else must do it: a few lines of `sh` that start
//! the command and read from a pipe of ours. Nobody ever writes to that pipe; it ends when we
//! close it, or when the system closes it for us because we are gone. Then the command is ended.
//!
//! Left aside: a parent-death signal (needs `unsafe` or a tool of its own, Linux alone, and it
//! fires when the *thread* that started the child ends) and our own binary started again (a
//! library under test has no binary to start).

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, Command};

/// How long the command has to end by itself. The dev server takes one second; nothing is lost
/// when it is forced, because its database is written ahead.
const GRACE_SECONDS: u64 = 5;

/// `$1` is the grace in seconds, the rest is the command. Standard input is the pipe, standard
/// output a file that is locked: the command inherits it as 4, so the lock lasts as long as the
/// command does. Standard error is the log.
const SCRIPT: &str = r#"
grace=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- 4>&1 >&2 &
command=$!
{
    read -r _ <&3
    kill -TERM "$command"
    while [ "$grace" -gt 0 ] && kill -0 "$command"; do
        sleep 1
        grace=$((grace - 1))
    done
    kill -KILL "$command"
} >/dev/null 2>&1 &
watcher=$!
wait "$command"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// What to run.
pub(super) struct Task<'a> {
    /// A path, or a name to be looked for on `PATH`.
    pub(super) program: &'a Path,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// Where it runs.
    pub(super) folder: &'a Path,
    /// Variables set beside those of ours.
    pub(super) variables: &'a [(&'a str, OsString)],
    /// Where its output goes.
    pub(super) output: File,
    /// A locked file: stays locked until the command has ended, also when we end before it.
    pub(super) holds: Option<File>,
}

/// A command that ends with us.
#[derive(Debug)]
pub(super) struct Guarded {
    guard: Child,
    _pipe: ChildStdin,
}

impl Guarded {
    /// # Errors
    /// No `sh`, or no process to be had. A program that is missing ends at once with status 127.
    pub(super) fn spawn(task: Task<'_>) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(SCRIPT)
            .arg("sh")
            .arg(GRACE_SECONDS.to_string())
            .arg(task.program)
            .args(task.arguments)
            .current_dir(task.folder)
            .envs(task.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(task.holds.map_or_else(Stdio::null, Stdio::from))
            .stderr(task.output)
            // Ctrl-C in a terminal goes to the whole group: we drain first, with the server up.
            .process_group(0);
        let mut guard = command.spawn()?;
        let pipe = guard.stdin.take().expect("it was asked for above");
        Ok(Self { guard, _pipe: pipe })
    }

    /// Waits until the command has ended by itself.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.guard.wait().await
    }

    /// Ends the command and waits for it.
    ///
    /// # Errors
    /// It did not end, even forced.
    pub(super) async fn stop(self) -> io::Result<()> {
        let Self { mut guard, _pipe } = self;
        drop(_pipe);
        let limit = Duration::from_secs(GRACE_SECONDS + 5);
        match tokio::time::timeout(limit, guard.wait()).await {
            Ok(ended) => ended.map(drop),
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        }
    }
}
