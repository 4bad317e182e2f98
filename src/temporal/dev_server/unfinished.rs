//! A database whose making was cut off.
//!
//! Killed in its first 100 ms of life, a server leaves a file without tables, which no later start
//! can use. So a mark stands beside the file until the first server on it has answered: where the
//! mark is, or where the file is empty, nothing was ever stored, and the file is made anew.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Removes what was left unfinished; marks a file that does not exist yet.
pub(super) fn begin(db_file: &Path) -> io::Result<()> {
    let mark = beside(db_file, ".unfinished");
    let empty = fs::metadata(db_file).is_ok_and(|found| found.is_file() && found.len() == 0);
    if mark.exists() || empty {
        for part in [beside(db_file, "-wal"), beside(db_file, "-shm"), db_file.to_owned()] {
            removed(&part)?;
        }
    }
    if db_file.exists() {
        return Ok(());
    }
    fs::write(mark, "")
}

/// The server has answered: the file counts from now on.
pub(super) fn done(db_file: &Path) -> io::Result<()> {
    removed(&beside(db_file, ".unfinished"))
}

fn beside(db_file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(db_file);
    name.push(suffix);
    PathBuf::from(name)
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{begin, done};

    #[test]
    fn only_an_unfinished_file_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("temporal.db");
        begin(&file).expect("a new mark");
        std::fs::write(&file, "half").expect("written");
        begin(&file).expect("cleared");
        assert!(!file.exists());
        std::fs::write(&file, "whole").expect("written");
        done(&file).expect("unmarked");
        begin(&file).expect("kept");
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "whole");
        std::fs::write(&file, "").expect("emptied");
        begin(&file).expect("cleared");
        assert!(!file.exists());
    }
}
