//! What the server says about itself: a file that is kept small, and its last lines.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::AbortHandle;

/// The server logs errors alone; beyond this size it repeats itself, and the file starts anew.
const BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How often the size is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How much of the end is searched for messages; a panic writes some 10 kB of stack.
const READ_BYTES: i64 = 64 * 1024;
/// How many messages are quoted in an error, and how long they may be together.
const QUOTED: usize = 3;
const QUOTED_CHARACTERS: usize = 1000;

/// The log of one run.
#[derive(Debug)]
pub(super) struct ServerLog {
    path: PathBuf,
    file: File,
    keeper: AbortHandle,
}

impl ServerLog {
    /// Starts a new log; the old one stays beside it as `….previous`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut previous = OsString::from(path);
        previous.push(".previous");
        match fs::rename(path, previous) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let kept = file.try_clone()?;
        let keeper = tokio::spawn(keep_small(kept)).abort_handle();
        Ok(Self { path: path.to_owned(), file, keeper })
    }

    /// The file, for the server to write to.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The messages of the last lines, or a word about there being none.
    pub(super) fn last_words(&self) -> String {
        last_words(&self.path).unwrap_or_else(|error| format!("its log cannot be read: {error}"))
    }
}

impl Drop for ServerLog {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// The server appends, so a file that is cut to nothing goes on from its new end.
async fn keep_small(file: File) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if file.metadata().is_ok_and(|found| found.len() > BYTES_MAX) {
            tracing::warn!(bytes = BYTES_MAX, "cut the log of the Temporal dev server");
            let _ = file.set_len(0); // the next look tries again
        }
    }
}

/// The last messages of a log, as one line of text.
pub(super) fn last_words(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = i64::try_from(length).unwrap_or(i64::MAX).min(READ_BYTES);
    file.seek(SeekFrom::End(-start))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let end = String::from_utf8_lossy(&end);
    let lines = end.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut messages: Vec<_> = lines.clone().filter_map(message).collect();
    if messages.is_empty() {
        messages = lines.map(str::to_owned).collect();
    }
    if messages.is_empty() {
        return Ok("it said nothing".to_owned());
    }
    let words = messages[messages.len().saturating_sub(QUOTED)..].join("; ");
    Ok(words.chars().take(QUOTED_CHARACTERS).collect())
}

/// A line that says something: a log line, or the head of a panic, whose stack follows it.
fn message(line: &str) -> Option<String> {
    if line.starts_with("panic: ") {
        return Some(line.to_owned());
    }
    let json: serde_json::Value = serde_json::from_str(line).ok()?;
    let message = json.get("msg")?.as_str()?;
    match json.get("error").and_then(|error| error.as_str()) {
        Some(error) => Some(format!("{message}: {error}")),
        None => Some(message.to_owned()),
    }
}

/// Whether the server stumbled over its database file: the words are SQLite's.
pub(super) fn tells_of_damage(words: &str) -> bool {
    let signs = [
        "file is not a database",
        "disk image is malformed",
        "no such table",
        "no such column",
        "unable to open database file",
    ];
    signs.iter().any(|sign| words.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::last_words;

    #[test]
    fn the_end_of_a_log_is_quoted_without_its_json() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        for (text, words) in [
            ("", "it said nothing"),
            ("{\"level\":\"ERROR\",\"msg\":\"no luck\"}\n", "no luck"),
            ("a\n\nb\nc\nd\n", "b; c; d"),
            (
                "{\"msg\":\"no\",\"error\":\"busy\"}\npanic: nil\n\ngoroutine 1\n  main.go:1\n",
                "no: busy; panic: nil",
            ),
        ] {
            std::fs::write(&path, text).expect("written");
            assert_eq!(last_words(&path).expect("read"), words);
        }
        std::fs::write(&path, "é".repeat(100_000)).expect("written");
        assert_eq!(last_words(&path).expect("read").chars().count(), 1000);
    }
}
