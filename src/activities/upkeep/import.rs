//! Bank statements out of a folder or a bucket: each content once, and a bad file hurts none of
//! the others.

use std::ffi::OsString;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use tokio::time::sleep;
use uuid::Uuid;

use crate::activities::outside::{CallError, Outside};
use crate::activities::trouble::Trouble;
use crate::activities::upkeep::{Inbox, Place, Upkeep, not_set};
use crate::models::batch::DOCUMENT_BYTES_MAX;
use crate::models::media_type::MediaType;
use crate::models::payment::StatementStatus;
use crate::models::refs::{Sha256, StatementId};
use crate::models::upkeep::Chore;
use crate::storage::Ledger;
use crate::storage::bucket::{Bucket, BucketError, Content};
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::statements::{NewStatement, StatementAcceptance};
use crate::workflows::upkeep::contract::{PartDone, UpkeepPart, UpkeepTally};

/// Files of one part.
const AT_ONCE: usize = 20;

/// Names that one look at a folder holds; the others wait for those to move away.
pub(super) const NAMES_MAX: usize = 10_000;

/// How long a file is watched that is being read: one that cannot be read is soon known, and one
/// that is still matched after this time was read.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// Why a key of a bucket is passed over, and what helps.
const ODD: &str =
    "a key with an empty part, `.`, `..` or a control character: give it another name";

/// Where files go, within the folder.
const DONE: &str = "done";
const FAILED: &str = "failed";

/// A file on its way: its place among the others, which names nobody, and its name.
type Found = (Sha256, OsString);

/// What a file holds.
pub(super) enum Held {
    /// Its bytes.
    Bytes(Bytes),
    /// It is surely no statement: why.
    Refused(String),
    /// Nothing: another look at the folder took it away.
    Gone,
}

/// What became of a file.
enum Taken {
    /// It is a statement of ours, now or before.
    In,
    /// It is none: why.
    Refused(String),
    /// It is not there any more.
    Gone,
}

impl Upkeep {
    pub(super) async fn import(&self, part: UpkeepPart) -> Result<PartDone, Trouble> {
        let chore = Chore::ImportStatements;
        let inbox = self.settings.inbox.as_ref().ok_or_else(|| not_set(chore))?;
        let outside = self.outside.as_ref();
        let outside = outside.ok_or_else(|| Trouble::Defect("no way to workflows".to_owned()))?;
        let (names, odd) = inbox.place.names().await?;
        let (more, files) = next(names, part.after.as_deref());
        let ledger = self.acting(chore);
        let mut tally = UpkeepTally::default();
        // Once a run: each of its parts meets them.
        for key in odd.iter().filter(|_| part.after.is_none()) {
            tally.refused += 1;
            tell(&ledger, &format!("{key:?}: {ODD}"), "").await?;
        }
        for (_, name) in &files {
            let into = match self.take(inbox, outside, &ledger, name).await? {
                Taken::Gone => continue,
                Taken::In => {
                    tally.done += 1;
                    DONE
                }
                Taken::Refused(why) => {
                    tally.refused += 1;
                    refuse(&ledger, inbox, name, &why).await?;
                    FAILED
                }
            };
            if let Err(error) = inbox.place.move_into(into, name).await {
                // Its content is known from now on: the next look finds nothing new in it.
                tracing::warn!(error, into, "a file of the statement folder stays where it is");
            }
        }
        let next = files.last().filter(|_| more).map(|(place, _)| place.to_string());
        Ok(PartDone { tally, next })
    }

    /// Takes one file in, or says why not.
    async fn take(
        &self,
        inbox: &Inbox,
        outside: &Outside,
        ledger: &Ledger,
        name: &OsString,
    ) -> Result<Taken, Trouble> {
        let bytes = match inbox.place.read(name).await? {
            Held::Bytes(bytes) => bytes,
            Held::Refused(why) => return Ok(Taken::Refused(why)),
            Held::Gone => return Ok(Taken::Gone),
        };
        if let Some(why) = no_statement(&bytes) {
            return Ok(Taken::Refused(why));
        }
        let size = bytes.len() as u64;
        let new = NewStatement {
            id: StatementId::new(Uuid::now_v7()),
            sha256: self.artifacts.put(bytes).await?,
            profile: inbox.profile.clone(),
            bytes: size,
            media_type: "application/octet-stream".to_owned(),
            subject: Chore::ImportStatements.subject(),
            received_at: Utc::now(),
        };
        let id = match ledger.accept_statement(&new).await? {
            StatementAcceptance::New(row) | StatementAcceptance::Known(row) => row.id,
            StatementAcceptance::ReadOtherwise(id) => {
                let why = format!("{id} has these bytes, read by another mapping profile");
                return Ok(Taken::Refused(why));
            }
        };
        match (outside.start_statement)(id.clone()).await {
            Ok(()) => {}
            Err(CallError::Away(text)) => return Err(Trouble::StoreAway(text)),
            Err(CallError::Refused(text)) => return Ok(Taken::Refused(text)),
        }
        for _ in 0..LOOKS {
            match self.ledger.statement(&id).await? {
                Some(row) if row.status == StatementStatus::Failed => {
                    let why = row.failure.map(|failure| failure.text).unwrap_or_default();
                    return Ok(Taken::Refused(format!("{id}: {why}")));
                }
                Some(row) if row.status == StatementStatus::Received => sleep(PAUSE).await,
                _ => break,
            }
        }
        Ok(Taken::In)
    }
}

/// Tells of a file that was refused: once for each state of the file, for a part that is given
/// again meets it again, and one that cannot be moved away is met in every run.
async fn refuse(ledger: &Ledger, inbox: &Inbox, name: &OsString, why: &str) -> Result<(), Trouble> {
    let reason = format!("{}: {why}", name.to_string_lossy());
    tell(ledger, &reason, &inbox.place.state(name).await?).await
}

async fn tell(ledger: &Ledger, reason: &str, state: &str) -> Result<(), Trouble> {
    tracing::warn!(reason, "a file of the statement folder was not taken in");
    let deed = Deed::of("import_statement");
    let deed = Deed { outcome: "refused", reason: Some(reason), ..deed };
    let occasion = format!("{reason}\n{state}");
    Ok(ledger.record_once(&deed, &occasion).await?)
}

impl Place {
    /// The names of all files that are meant for us, and whole; and keys that cannot be asked for.
    async fn names(&self) -> Result<(Vec<OsString>, Vec<String>), Trouble> {
        match self {
            Self::Folder(folder) => Ok((folder.names().await?, Vec::new())),
            Self::Bucket(bucket) => {
                let listing = bucket.list(NAMES_MAX).await.map_err(away)?;
                let ours = listing.names.into_iter().filter(|name| !is_hidden(name));
                Ok((ours.map(OsString::from).collect(), listing.passed_over))
            }
        }
    }

    async fn read(&self, name: &OsString) -> Result<Held, Trouble> {
        match self {
            Self::Folder(folder) => folder.read(name).await,
            Self::Bucket(bucket) => read_object(bucket, &name.to_string_lossy()).await,
        }
    }

    /// What tells the file from another one that has its name later; empty when it is gone.
    async fn state(&self, name: &OsString) -> Result<String, Trouble> {
        match self {
            Self::Folder(folder) => folder.state(name).await,
            Self::Bucket(bucket) => bucket.state(&name.to_string_lossy()).await.map_err(away),
        }
    }

    /// Puts a file away; when that cannot be done, the reason.
    async fn move_into(&self, into: &'static str, name: &OsString) -> Result<(), String> {
        match self {
            Self::Folder(folder) => folder.move_into(into, name).await,
            Self::Bucket(bucket) => {
                let moved = bucket.move_into(into, &name.to_string_lossy()).await;
                moved.map_err(|error| error.to_string())
            }
        }
    }
}

async fn read_object(bucket: &Bucket, name: &str) -> Result<Held, Trouble> {
    Ok(match bucket.get(name, DOCUMENT_BYTES_MAX).await.map_err(away)? {
        Content::Bytes(bytes) => Held::Bytes(bytes),
        Content::TooLarge(bytes) => Held::Refused(too_large(bytes)),
        Content::Gone => Held::Gone,
    })
}

fn away(error: BucketError) -> Trouble {
    Trouble::StoreAway(error.to_string())
}

/// The next files, in the order of their places, and whether there are more.
fn next(names: Vec<OsString>, after: Option<&str>) -> (bool, Vec<Found>) {
    let place = |name: OsString| (Sha256::of(name.as_encoded_bytes()), name);
    let mut found: Vec<Found> = names.into_iter().map(place).collect();
    found.retain(|(place, _)| after.is_none_or(|after| place.as_str() > after));
    found.sort();
    let more = found.len() > AT_ONCE;
    found.truncate(AT_ONCE);
    (more, found)
}

/// What begins with a dot, or ends as unfinished uploads do, is not meant for us.
pub(super) fn is_hidden(name: &str) -> bool {
    let unfinished = [".part", ".tmp", ".filepart", ".crdownload"];
    name.starts_with('.') || unfinished.iter().any(|end| name.ends_with(end))
}

pub(super) fn too_large(bytes: u64) -> String {
    format!("{bytes} bytes; at most {DOCUMENT_BYTES_MAX} are taken")
}

/// Why these bytes surely are no statement.
fn no_statement(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some("the file is empty".to_owned());
    }
    let detected = MediaType::Csv.contradicted_by(&bytes[..bytes.len().min(64)])?;
    Some(format!("the first bytes are {detected}, and no bank statement"))
}
