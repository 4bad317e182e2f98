//! The files of a command line: folders are gone through, in the order of their names.

use std::path::{Path, PathBuf};

use crate::cli::input;
use crate::cli::say::{shown, tell};

/// Files of one call: more than a batch may hold, so that a wrong folder is noticed.
const FILES_MAX: usize = 100_000;

/// All files, those of folders in the place of the folder. What begins with a dot is passed over,
/// unless it was named.
///
/// # Errors
/// A folder that cannot be read, or with too many files: named. No file in any of the folders.
pub(super) fn expanded(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    for path in named {
        let before = files.len();
        if path.is_dir() {
            walk(path, &mut files)?
        } else {
            files.push(path.clone())
        }
        if files.len() == before {
            empty.push(shown(&path.to_string_lossy()));
        }
    }
    anyhow::ensure!(!files.is_empty(), "no files in {}", empty.join(", "));
    for folder in empty {
        tell(format!("no files in {folder}"));
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let told = |error| anyhow::anyhow!("cannot read the folder {}: {error}", folder.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        entries.push(entry.map_err(told)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A link may lead back up: folders behind links are not gone through.
        if name.starts_with('.') || (path.is_symlink() && path.is_dir()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.exists() && input::look(&path).is_err() {
            tell(format!(
                "passed over, for it is no regular file: {}",
                shown(&path.to_string_lossy())
            ));
        } else {
            files.push(path);
        }
        anyhow::ensure!(
            files.len() <= FILES_MAX,
            "{} has more than {FILES_MAX} files; name smaller folders",
            folder.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::expanded;

    #[test]
    fn folders_are_gone_through_in_order_and_hidden_files_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.xml", "a/2.xml", "a/1.xml", ".hidden", "a/.git/x"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, "x").expect("written");
        }
        let single = folder.path().join(".hidden");
        let files = expanded(&[single.clone(), folder.path().to_owned()]).expect("readable");
        let inside = ["a/1.xml", "a/2.xml", "b.xml"].map(|name| folder.path().join(name));
        assert_eq!(files, [vec![single], inside.to_vec()].concat());
    }

    #[test]
    fn what_is_no_file_is_passed_over_and_a_folder_without_files_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_owned();
        let none = expanded(std::slice::from_ref(&path)).expect_err("nothing is in it").to_string();
        assert_eq!(none, format!("no files in {}", path.display()));
        let _socket = std::os::unix::net::UnixListener::bind(path.join("a.xml")).expect("a socket");
        std::fs::write(path.join("b.xml"), "x").expect("written");
        assert_eq!(expanded(std::slice::from_ref(&path)).expect("readable"), [path.join("b.xml")]);
    }
}
