//! A folder that files come into.

use std::ffi::{OsStr, OsString};
use std::fs::DirEntry;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::activities::trouble::Trouble;
use crate::activities::upkeep::Folder;
use crate::activities::upkeep::import::{Held, NAMES_MAX, is_hidden, too_large};
use crate::models::batch::DOCUMENT_BYTES_MAX;

impl Folder {
    /// The names of all files that are meant for us, and whole.
    pub(super) async fn names(&self) -> Result<Vec<OsString>, Trouble> {
        let folder = self.clone();
        let names = spawn_blocking(move || names(&folder)).await?;
        let text = |error| format!("the statement folder {}: {error}", self.path.display());
        names.map_err(|error| Trouble::StoreAway(text(error)))
    }

    /// The bytes of a file. One that cannot be read is refused: the others go on.
    pub(super) async fn read(&self, name: &OsStr) -> Result<Held, Trouble> {
        let path = self.path.join(name);
        let read = spawn_blocking(move || content(&path)).await?;
        Ok(read.unwrap_or_else(|error| Held::Refused(error.to_string())))
    }

    /// Size and time of the last change of a file; empty when it cannot be seen.
    pub(super) async fn state(&self, name: &OsStr) -> Result<String, Trouble> {
        let path = self.path.join(name);
        let about = spawn_blocking(move || std::fs::metadata(&path)).await?;
        Ok(about.map_or_else(
            |_| String::new(),
            |about| format!("{} {:?}", about.len(), about.modified().ok()),
        ))
    }

    /// Moves a file into a folder of the folder; a name that is taken there gets another one.
    pub(super) async fn move_into(&self, into: &'static str, name: &OsStr) -> Result<(), String> {
        let (root, name) = (self.path.clone(), name.to_owned());
        let moved = spawn_blocking(move || move_into(&root, into, &name)).await;
        let moved = moved.map_err(|error| error.to_string())?;
        moved.map_err(|error| error.to_string())
    }
}

fn names(folder: &Folder) -> io::Result<Vec<OsString>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder.path)?.take(NAMES_MAX) {
        let entry = entry?;
        if is_whole(&entry, folder.settled)? {
            found.push(entry.file_name());
        }
    }
    Ok(found)
}

/// A file, no link, that is meant for us and that nobody writes any more.
fn is_whole(entry: &DirEntry, settled: Duration) -> io::Result<bool> {
    let hidden = is_hidden(&entry.file_name().to_string_lossy());
    // A link is not followed: it may lead out of the folder.
    let about = match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        about => about?,
    };
    let age = SystemTime::now().duration_since(about.modified()?).unwrap_or_default();
    Ok(!hidden && about.is_file() && age >= settled)
}

fn content(path: &Path) -> io::Result<Held> {
    let size = std::fs::metadata(path)?.len();
    if size > DOCUMENT_BYTES_MAX {
        return Ok(Held::Refused(too_large(size)));
    }
    Ok(Held::Bytes(std::fs::read(path)?.into()))
}

fn move_into(root: &Path, into: &str, name: &OsStr) -> io::Result<()> {
    let folder = root.join(into);
    std::fs::create_dir_all(&folder)?;
    let mut to = folder.join(name);
    if to.exists() {
        let mut other = OsString::from(format!("{}-", Uuid::now_v7().simple()));
        other.push(name);
        to = folder.join(other);
    }
    std::fs::rename(root.join(name), to)
}
