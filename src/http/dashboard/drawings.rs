//! Documents as people look at them: page by page, drawn by the processes that read documents.
//!
//! No byte of a stranger is parsed here or shown in our origin; what comes back is a PNG of ours.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::extraction::content::Sheet;
use crate::extraction::limits::Limits;
use crate::extraction::refusal::Refusal;
use crate::extraction::runner::Runner;
use crate::http::error::{ApiError, Slug};
use crate::models::media_type::MediaType;
use crate::models::refs::Sha256;
use crate::storage::{ArtifactError, Artifacts};

/// Drawings at once, those that wait for a process among them: each holds its document in memory,
/// and a page of A4 takes a tenth of a second.
const AT_ONCE_MAX: usize = 32;

/// Documents whose sizes are kept, so that a page that is looked at again starts no process. One
/// of 200 pages takes 2 kB.
const KNOWN_MAX: usize = 1_000;

/// When to come back.
const AFTER_A_DRAWING: Duration = Duration::from_secs(2);

/// Sizes of the pages of a document, or why it cannot be drawn.
pub type Sheets = Result<Arc<[Sheet]>, Undrawn>;

/// Draws pages. Clones share the processes.
#[derive(Clone)]
pub struct Drawings {
    runner: Runner,
    free: Arc<Semaphore>,
    /// A lock that is never held across an await.
    known: Arc<Mutex<Known>>,
}

/// Why there is no drawing.
#[derive(Debug, Clone)]
pub enum Undrawn {
    /// Others are drawn.
    Busy,
    /// The store did not hand out the document.
    Away,
    /// The document, or one page of it, is refused.
    Refused(Refusal),
}

impl fmt::Display for Undrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("many pages are drawn at this moment: look again soon"),
            Self::Away => f.write_str("the store of documents does not answer: look again soon"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl From<Undrawn> for ApiError {
    fn from(undrawn: Undrawn) -> Self {
        let passes = match &undrawn {
            Undrawn::Busy | Undrawn::Away => true,
            Undrawn::Refused(refusal) => refusal.code.is_temporary(),
        };
        let error = match passes {
            true => Slug::Overloaded.error().retry_after(AFTER_A_DRAWING),
            false => Self::not_found("page"),
        };
        error.detail(format!("Not drawn: {undrawn}."))
    }
}

impl From<ArtifactError> for Undrawn {
    fn from(error: ArtifactError) -> Self {
        tracing::warn!(%error, "a document that is to be drawn cannot be fetched");
        Self::Away
    }
}

/// What is known of documents: they never change.
#[derive(Default)]
struct Known {
    sizes: HashMap<Sha256, Result<Arc<[Sheet]>, Refusal>>,
    /// Oldest first.
    order: VecDeque<Sha256>,
}

impl Known {
    fn keep(&mut self, sha256: &Sha256, sizes: Result<Arc<[Sheet]>, Refusal>) {
        if self.sizes.insert(sha256.clone(), sizes).is_none() {
            self.order.push_back(sha256.clone());
        }
        if self.order.len() > KNOWN_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.sizes.remove(&oldest);
        }
    }
}

/// Whether a document of this type may have pages to look at.
pub fn has_pages(media_type: MediaType) -> bool {
    use MediaType as M;
    matches!(media_type, M::Pdf | M::Png | M::Jpeg | M::Tiff | M::Zip)
}

impl Drawings {
    /// By processes of this program, which must be the gateway's own; nothing is started yet.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self::of(program, AT_ONCE_MAX)
    }

    /// The same with another number of drawings at once.
    pub fn of(program: impl Into<PathBuf>, at_once: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            runner: Runner::new(program, Limits::for_drawing(cores)),
            free: Arc::new(Semaphore::new(at_once)),
            known: Arc::default(),
        }
    }

    /// How large the pages of a document are.
    ///
    /// # Errors
    /// Why it cannot be drawn.
    pub async fn sheets(&self, artifacts: &Artifacts, sha256: &Sha256) -> Sheets {
        if let Some(sizes) = self.known().sizes.get(sha256) {
            return sizes.clone().map_err(Undrawn::Refused);
        }
        let _place = self.free.try_acquire().map_err(|_| Undrawn::Busy)?;
        let document = artifacts.get(sha256).await?;
        let sizes = self.runner.sizes(&document).await.map(Arc::from);
        if !matches!(&sizes, Err(refusal) if refusal.code.is_temporary()) {
            self.known().keep(sha256, sizes.clone());
        }
        sizes.map_err(Undrawn::Refused)
    }

    /// One page as a PNG, counted from 1; none where the document has no such page.
    ///
    /// # Errors
    /// Why it cannot be drawn.
    pub async fn page(
        &self,
        artifacts: &Artifacts,
        sha256: &Sha256,
        number: u32,
    ) -> Result<Option<Vec<u8>>, Undrawn> {
        let sheets = self.sheets(artifacts, sha256).await?;
        if number == 0 || usize::try_from(number).is_ok_and(|number| number > sheets.len()) {
            return Ok(None);
        }
        let _place = self.free.try_acquire().map_err(|_| Undrawn::Busy)?;
        let document = artifacts.get(sha256).await?;
        let drawn = self.runner.draw(&document, number).await;
        drawn.map(Some).map_err(Undrawn::Refused)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What is known of a document is as good after a panic as before.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{KNOWN_MAX, Known};
    use crate::extraction::content::Sheet;
    use crate::models::refs::Sha256;

    #[test]
    fn what_was_known_first_is_forgotten_first() {
        let mut known = Known::default();
        let name = |number: usize| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_le_bytes());
            Sha256::from_bytes(&digest)
        };
        for number in 0..=KNOWN_MAX {
            known.keep(&name(number), Ok(Arc::from([Sheet::default()])));
            known.keep(&name(number), Ok(Arc::from([Sheet::default()])));
        }
        assert_eq!((known.sizes.len(), known.order.len()), (KNOWN_MAX, KNOWN_MAX));
        assert!(!known.sizes.contains_key(&name(0)) && known.sizes.contains_key(&name(1)));
    }
}
