//! Files that were named on the command line, or found in a folder that was.

use std::fs::Metadata;
use std::io::{Error, Result};
use std::path::Path;

/// What the shell hands over (`/dev/stdin`, `<(…)`) is a pipe on purpose.
const HANDED_OVER: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];

/// What is known of a file before it is opened: a pipe that nobody writes to would wait for ever,
/// and a device may never end.
///
/// # Errors
/// A file that is not there; one that is no regular file.
pub(super) fn look(file: &Path) -> Result<Metadata> {
    let known = std::fs::metadata(file)?;
    if known.is_file() || HANDED_OVER.iter().any(|place| file.starts_with(place)) {
        Ok(known)
    } else if known.is_dir() {
        Err(Error::other("it is a folder"))
    } else {
        Err(Error::other("it is no regular file"))
    }
}

/// All of a file.
///
/// # Errors
/// As [`look`].
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    look(file)?;
    std::fs::read(file)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{look, read};

    #[test]
    fn only_what_ends_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "x").expect("written");
        assert_eq!(read(&file).expect("readable"), b"x");
        for (path, words) in
            [(folder.path(), "it is a folder"), (Path::new("/dev/zero"), "no regular")]
        {
            let refused = look(path).expect_err("refused").to_string();
            assert!(refused.contains(words), "{refused}");
        }
        assert!(look(Path::new("/dev/fd/0")).is_ok(), "what the shell hands over is read");
    }
}
