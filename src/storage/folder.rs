//! Folders that are still there after a power failure.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a folder with its parents; each new entry is on the disk when this returns.
///
/// # Errors
/// The path is a file, or may not be made: in words, with the path.
pub(crate) fn make(folder: &Path) -> Result<(), String> {
    let refuse = |error: io::Error| {
        format!(
            "cannot make the folder {}: {error}; make it, or name another one",
            folder.display()
        )
    };
    if folder.is_dir() {
        return Ok(());
    }
    if folder.exists() {
        return Err(format!(
            "{} is no folder; move it away, or name another folder",
            folder.display()
        ));
    }
    let folder = std::path::absolute(folder).map_err(refuse)?;
    let kept = folder.ancestors().find(|ancestor| ancestor.is_dir());
    let kept = kept.unwrap_or(&folder).to_owned();
    std::fs::create_dir_all(&folder).map_err(refuse)?;
    // From the new folder up to the one that was there: its list of entries has changed too.
    for ancestor in folder.ancestors() {
        sync(ancestor).map_err(refuse)?;
        if ancestor == kept {
            break;
        }
    }
    Ok(())
}

/// Writes the list of a folder's entries to the disk.
///
/// # Errors
/// Those of the file system.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::make;

    #[test]
    fn makes_parents_and_may_be_repeated() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = place.path().join("a/b/c");
        for _ in 0..2 {
            make(&folder).expect("a folder that can be made");
        }
        assert!(folder.is_dir());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let file = place.path().join("file");
        std::fs::write(&file, "x").expect("a file");
        for folder in [file.clone(), file.join("below")] {
            let error = make(&folder).expect_err("a file in the way");
            assert!(error.contains(file.to_str().expect("UTF-8")), "{error}");
        }
    }
}
