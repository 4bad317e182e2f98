//! Finds the Temporal CLI, or obtains it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::config::Environment;
use crate::temporal::dev_server::folder_lock::LockError;
use crate::temporal::dev_server::obtain;
use crate::temporal::dev_server::progress::Progress;

/// The release that we obtain: server 1.29.1, which the whole gateway is tested with. It is the
/// last one that `go install` accepts, because later ones replace modules.
pub const VERSION: &str = "v1.5.1";

/// What the program is called, on `PATH` and in our cache.
const NAME: &str = "temporal";

/// Printing the version takes 30 ms; the rest is for a cold and busy disk (the file has 250 MB).
const VERSION_DEADLINE: Duration = Duration::from_secs(20);

/// Why there is no Temporal CLI.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The path that was given leads nowhere good.
    #[error("--temporal-cli {}: {reason}; name the temporal program, or leave the option away", path.display())]
    Explicit {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Our own folder cannot be written.
    #[error("cannot keep the Temporal CLI in {}: {source}", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process is obtaining it, and does not come to an end.
    #[error(
        "another ap-gateway is obtaining the Temporal CLI ({0}), for too long now: stop it and try again"
    )]
    Busy(LockError),
    /// Nothing worked.
    #[error(
        "there is no Temporal CLI, and none could be obtained:
  on PATH: no temporal that works
  in {}: none
  download: {download}
  go install: {go}
install it so that temporal is on PATH (https://docs.temporal.io/cli), or install Go and start \
         again, or say where it is with --temporal-cli PATH",
        cache.display()
    )]
    Nowhere {
        /// Our own folder.
        cache: PathBuf,
        /// Why the download failed.
        download: String,
        /// Why the build failed.
        go: String,
    },
}

/// Our own folder for the CLI: `$XDG_CACHE_HOME` or `~/.cache`, then `ap-gateway/temporal-cli`.
/// `None` without a home.
pub fn cache_folder(environment: &Environment) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let variable = |name| environment.get(name).map(PathBuf::from).and_then(absolute);
    let cache = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
    Some(cache.join("ap-gateway").join("temporal-cli"))
}

/// The Temporal CLI: the path that was given, or else `temporal` on `PATH`, or else our own in
/// `cache`, which is downloaded or built when it is not there yet. It has answered `--version`.
///
/// # Errors
/// A given path that does not work, or nothing found and nothing obtained: with every reason, and
/// what to install.
pub async fn find_or_obtain(
    explicit: Option<&Path>,
    cache: &Path,
    progress: Progress,
) -> Result<PathBuf, FindError> {
    if let Some(path) = explicit {
        return given(path).await;
    }
    match version(Path::new(NAME)).await {
        Ok(_) => return Ok(PathBuf::from(NAME)),
        Err(Trouble::Missing) => {}
        Err(Trouble::Other(reason)) => {
            tracing::warn!("temporal on PATH is left aside: {reason}");
        }
    }
    let own = cache.join(VERSION).join(NAME);
    if version(&own).await.is_ok() {
        return Ok(own);
    }
    obtain::obtain(&own, progress).await?;
    Ok(own)
}

/// A path, not a name: `--temporal-cli temporal` is the file of this folder.
async fn given(path: &Path) -> Result<PathBuf, FindError> {
    let refused = |reason: String| FindError::Explicit { path: path.to_owned(), reason };
    let absolute = std::path::absolute(path).map_err(|error| refused(error.to_string()))?;
    match version(&absolute).await {
        Ok(_) => Ok(absolute),
        Err(Trouble::Missing) => Err(refused("no such file".to_owned())),
        Err(Trouble::Other(reason)) => Err(refused(reason)),
    }
}

/// What is wrong with a program.
pub(super) enum Trouble {
    /// It is not there.
    Missing,
    /// It is there, and is not what we look for.
    Other(String),
}

/// Asks a program for its version: only the Temporal CLI answers right.
pub(super) async fn version(program: &Path) -> Result<String, Trouble> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    let output = match tokio::time::timeout(VERSION_DEADLINE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => return Err(Trouble::Missing),
        Ok(Err(error)) => return Err(Trouble::Other(format!("it does not run: {error}"))),
        Err(_) => {
            let seconds = VERSION_DEADLINE.as_secs();
            let reason = format!("it did not tell its version within {seconds} s");
            return Err(Trouble::Other(reason));
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    match text.trim().strip_prefix("temporal version ") {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => Err(Trouble::Other("it is not the Temporal CLI".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{cache_folder, find_or_obtain};
    use crate::config::Environment;
    use crate::temporal::dev_server::progress::Progress;

    #[test]
    fn the_cache_is_where_the_desktop_standard_says() {
        let environment = |pairs: &[(&str, &str)]| -> Environment {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        let home = ("HOME", "/home/ann");
        for (variables, folder) in [
            (vec![home], Some("/home/ann/.cache/ap-gateway/temporal-cli")),
            (vec![home, ("XDG_CACHE_HOME", "/c")], Some("/c/ap-gateway/temporal-cli")),
            (vec![home, ("XDG_CACHE_HOME", "c")], Some("/home/ann/.cache/ap-gateway/temporal-cli")),
            (vec![], None),
        ] {
            assert_eq!(cache_folder(&environment(&variables)), folder.map(PathBuf::from));
        }
    }

    #[tokio::test]
    async fn a_given_path_must_be_the_temporal_cli() {
        let folder = tempfile::tempdir().expect("a folder");
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "no program").expect("written");
        for (path, reason) in [
            (folder.path().join("missing"), "no such file"),
            (folder.path().to_owned(), "it does not run: Permission denied"),
            (plain, "it does not run: Permission denied"),
            (PathBuf::from("/bin/echo"), "it is not the Temporal CLI"),
        ] {
            let found = find_or_obtain(Some(&path), Path::new("/nowhere"), Progress::Lines).await;
            let text = found.expect_err("no CLI").to_string();
            assert!(text.contains(reason), "{text}");
            assert!(text.starts_with(&format!("--temporal-cli {}", path.display())), "{text}");
        }
    }
}
