//! Why there is no dev server, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::temporal::dev_server::folder_lock::LockError;

/// Why there is no dev server.
#[derive(Debug, thiserror::Error)]
pub enum DevServerError {
    /// The data folder is no folder, or not ours to write in.
    #[error("cannot use {} as data folder: {source}; choose another with --data-dir", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process uses the data folder.
    #[error("{}: {source}; stop that process, or choose another folder with --data-dir", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it.
        source: LockError,
    },
    /// A port that was asked for is taken.
    #[error(
        "port {port} is in use ({source}): stop what listens there, or choose another with {flag}"
    )]
    Port {
        /// The port.
        port: u16,
        /// The option that sets it.
        flag: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database file cannot be read as one.
    #[error("{} is damaged: move it away to start with an empty one ({reason})", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the server said.
        reason: String,
    },
    /// The server's log cannot be written.
    #[error("cannot write the log of the Temporal dev server to {}: {source}", path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server could not be started at all.
    #[error("cannot start {}: {source}", cli.display())]
    Spawn {
        /// The command line of Temporal.
        cli: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server ended by itself.
    #[error("the Temporal dev server ended: {reason} (log: {})", log.display())]
    Ended {
        /// The last lines of its log.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
    /// The server runs and does not answer.
    #[error("the Temporal dev server on port {port} did not answer within {seconds} s: {reason} (log: {})", log.display())]
    Silent {
        /// Its port.
        port: u16,
        /// How long we waited.
        seconds: u64,
        /// The last failure, and the last lines of its log.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
}
