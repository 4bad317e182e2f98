//! Bank statements out of a folder: each content once, and a bad file hurts none of the others.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::Utc;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use uuid::Uuid;

use crate::activities::outside::{CallError, Outside};
use crate::activities::trouble::Trouble;
use crate::activities::upkeep::{Folder, Upkeep, not_set};
use crate::models::batch::DOCUMENT_BYTES_MAX;
use crate::models::media_type::MediaType;
use crate::models::payment::StatementStatus;
use crate::models::refs::{Sha256, StatementId};
use crate::models::upkeep::Chore;
use crate::storage::Ledger;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::statements::{NewStatement, StatementAcceptance};
use crate::workflows::upkeep::contract::{PartDone, UpkeepPart, UpkeepTally};

/// Files of one part.
const AT_ONCE: usize = 20;

/// Names that one look at the folder holds; the others wait for those to move away.
const NAMES_MAX: usize = 10_000;

/// How long a file is watched that is being read: one that cannot be read is soon known, and one
/// that is still matched after this time was read.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// Where files go, within the folder.
const DONE: &str = "done";
const FAILED: &str = "failed";

/// A file on its way: its place among the others, which names nobody, and its path.
type Found = (Sha256, PathBuf);

impl Upkeep {
    pub(super) async fn import(&self, part: UpkeepPart) -> Result<PartDone, Trouble> {
        let chore = Chore::ImportStatements;
        let folder = self.settings.folder.as_ref().ok_or_else(|| not_set(chore))?;
        let outside = self.outside.as_ref();
        let outside = outside.ok_or_else(|| Trouble::Defect("no way to workflows".to_owned()))?;
        let (looked, after) = (folder.clone(), part.after);
        let files = spawn_blocking(move || files(&looked, after.as_deref())).await?;
        let (more, files) = files.map_err(|error| away(&folder.path, &error))?;
        let ledger = self.acting(chore);
        let mut tally = UpkeepTally::default();
        for (_, path) in &files {
            let taken = self.take(folder, outside, &ledger, path).await?;
            let into = if let Err(why) = taken {
                tally.refused += 1;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let reason = format!("{name}: {why}");
                tracing::warn!(reason, "a file of the statement folder was not taken in");
                let deed = Deed::of("import_statement");
                let deed = Deed { outcome: "refused", reason: Some(&reason), ..deed };
                ledger.record(&deed).await?;
                FAILED
            } else {
                tally.done += 1;
                DONE
            };
            let (root, from) = (folder.path.clone(), path.clone());
            let moved = spawn_blocking(move || move_into(&root, into, &from)).await?;
            if let Err(error) = moved {
                // Its content is known from now on: the next look finds nothing new in it.
                tracing::warn!(%error, into, "a file of the statement folder stays where it is");
            }
        }
        let next = files.last().filter(|_| more).map(|(place, _)| place.to_string());
        Ok(PartDone { tally, next })
    }

    /// Takes one file in, or says why not.
    async fn take(
        &self,
        folder: &Folder,
        outside: &Outside,
        ledger: &Ledger,
        path: &Path,
    ) -> Result<Result<StatementId, String>, Trouble> {
        let owned = path.to_owned();
        let read = spawn_blocking(move || content(&owned)).await?;
        let bytes = match read {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(why)) => return Ok(Err(why)),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let size = bytes.len() as u64;
        let new = NewStatement {
            id: StatementId::new(Uuid::now_v7()),
            sha256: self.artifacts.put(bytes).await?,
            profile: folder.profile.clone(),
            bytes: size,
            media_type: "application/octet-stream".to_owned(),
            subject: Chore::ImportStatements.subject(),
            received_at: Utc::now(),
        };
        let id = match ledger.accept_statement(&new).await? {
            StatementAcceptance::New(row) | StatementAcceptance::Known(row) => row.id,
            StatementAcceptance::ReadOtherwise(id) => {
                return Ok(Err(format!("{id} has these bytes, read by another mapping profile")));
            }
        };
        match (outside.start_statement)(id.clone()).await {
            Ok(()) => {}
            Err(CallError::Away(text)) => return Err(Trouble::StoreAway(text)),
            Err(CallError::Refused(text)) => return Ok(Err(text)),
        }
        for _ in 0..LOOKS {
            match self.ledger.statement(&id).await? {
                Some(row) if row.status == StatementStatus::Failed => {
                    let why = row.failure.map(|failure| failure.text).unwrap_or_default();
                    return Ok(Err(format!("{id}: {why}")));
                }
                Some(row) if row.status == StatementStatus::Received => sleep(PAUSE).await,
                _ => break,
            }
        }
        Ok(Ok(id))
    }
}

/// The next files, in the order of their places, and whether there are more.
fn files(folder: &Folder, after: Option<&str>) -> io::Result<(bool, Vec<Found>)> {
    let mut found: Vec<Found> = Vec::new();
    for entry in std::fs::read_dir(&folder.path)?.take(NAMES_MAX) {
        let entry = entry?;
        if is_whole(&entry, folder.settled)? {
            let place = Sha256::of(entry.file_name().as_encoded_bytes());
            found.push((place, entry.path()));
        }
    }
    found.retain(|(place, _)| after.is_none_or(|after| place.as_str() > after));
    found.sort();
    let more = found.len() > AT_ONCE;
    found.truncate(AT_ONCE);
    Ok((more, found))
}

/// A file, no link, that nobody writes any more. What begins with a dot, or ends as unfinished
/// uploads do, is not meant for us.
fn is_whole(entry: &DirEntry, settled: Duration) -> io::Result<bool> {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    let unfinished = [".part", ".tmp", ".filepart", ".crdownload"];
    let hidden = name.starts_with('.') || unfinished.iter().any(|end| name.ends_with(end));
    // A link is not followed: it may lead out of the folder.
    let about = match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        about => about?,
    };
    let age = SystemTime::now().duration_since(about.modified()?).unwrap_or_default();
    Ok(!hidden && about.is_file() && age >= settled)
}

/// The bytes, or why they surely are no statement.
fn content(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    let size = std::fs::metadata(path)?.len();
    if size == 0 {
        return Ok(Err("the file is empty".to_owned()));
    }
    if size > DOCUMENT_BYTES_MAX {
        return Ok(Err(format!("{size} bytes; at most {DOCUMENT_BYTES_MAX} are taken")));
    }
    let bytes = std::fs::read(path)?;
    Ok(match MediaType::Csv.contradicted_by(&bytes[..bytes.len().min(64)]) {
        Some(detected) => Err(format!("the first bytes are {detected}, and no bank statement")),
        None => Ok(bytes),
    })
}

/// Moves a file into a folder of the folder; a name that is taken there gets another one.
fn move_into(root: &Path, into: &str, from: &Path) -> io::Result<()> {
    let folder = root.join(into);
    std::fs::create_dir_all(&folder)?;
    let name = from.file_name().unwrap_or_default();
    let mut to = folder.join(name);
    if to.exists() {
        let mut other = std::ffi::OsString::from(format!("{}-", Uuid::now_v7().simple()));
        other.push(name);
        to = folder.join(other);
    }
    std::fs::rename(from, to)
}

fn away(path: &Path, error: &io::Error) -> Trouble {
    Trouble::StoreAway(format!("the statement folder {}: {error}", path.display()))
}
