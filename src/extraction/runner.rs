//! Documents of foreign formats, read in processes of their own: the gateway's side.
//!
//! Spare processes stand ready, started and waiting for a document; each reads one and ends. What
//! goes past a limit is killed with its group, and a bad document costs the others nothing: they
//! are read by other processes.

pub(crate) mod answer;
mod ending;
mod spare;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::extraction::content::{PdfContent, Picture, Sheet};
use crate::extraction::frame::{Order, Task};
use crate::extraction::limits::Limits;
use crate::extraction::refusal::{Refusal, RefusalCode};
use crate::extraction::runner::answer::Answer;
use crate::extraction::runner::spare::Spare;
use crate::extraction::table::Table;
use crate::extraction::unreadable::Unreadable;

/// Starts reading processes and hands them documents. Clones share the processes.
#[derive(Debug, Clone)]
pub struct Runner {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    program: PathBuf,
    limits: Limits,
    readers: Semaphore,
    /// A lock that is never held across an await.
    spares: Mutex<VecDeque<Spare>>,
}

impl Runner {
    /// A runner of this program, which must be the gateway's own; nothing is started yet.
    pub fn new(program: impl Into<PathBuf>, limits: Limits) -> Self {
        let readers = Semaphore::new(limits.readers.max(1));
        let spares = Mutex::default();
        Self { shared: Arc::new(Shared { program: program.into(), limits, readers, spares }) }
    }

    /// Starts the spare processes, so that the first documents find them warm.
    ///
    /// # Errors
    /// A process that cannot be started, with the reason.
    pub async fn warm(&self) -> Result<(), Unreadable> {
        self.shared.refill().map_err(Unreadable::from)
    }

    /// Reads a PDF.
    ///
    /// # Errors
    /// A PDF that is refused, or a reading process that died before it knew the attachments.
    pub async fn pdf(&self, bytes: &[u8]) -> Result<PdfContent, Unreadable> {
        Ok(self.shared.read(Task::Pdf, bytes).await?.into_pdf()?)
    }

    /// Reads a PNG, JPEG or TIFF; one picture for each page.
    ///
    /// # Errors
    /// A picture that is refused, or a reading process that died.
    pub async fn image(&self, bytes: &[u8]) -> Result<Vec<Picture>, Unreadable> {
        Ok(self.shared.read(Task::Image, bytes).await?.into_pictures()?)
    }

    /// Reads a spreadsheet: XLSX, XLS or ODS; a table for each sheet that can be seen.
    ///
    /// # Errors
    /// A spreadsheet that is refused, or a reading process that died.
    pub async fn sheet(&self, bytes: &[u8]) -> Result<Vec<Table>, Unreadable> {
        Ok(self.shared.read(Task::Sheet, bytes).await?.into_tables()?)
    }

    /// How large the pages of a PDF, PNG, JPEG or TIFF are, or of one inside an archive.
    ///
    /// # Errors
    /// A document that is refused, and so cannot be drawn, or a process that died.
    pub async fn sizes(&self, bytes: &[u8]) -> Result<Vec<Sheet>, Refusal> {
        self.shared.read(Task::Sizes, bytes).await?.into_sheets()
    }

    /// Draws one page of the same, counted from 1; answers a PNG.
    ///
    /// # Errors
    /// A document that is refused, no such page, or a process that died.
    pub async fn draw(&self, bytes: &[u8], page: u32) -> Result<Vec<u8>, Refusal> {
        self.shared.read(Task::Draw(page), bytes).await?.into_drawing()
    }

    /// The limits that hold.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }
}

impl Shared {
    /// Hands the document to a spare process and takes its answer, whole or as far as it came.
    async fn read(self: &Arc<Self>, task: Task, bytes: &[u8]) -> Result<Answer, Refusal> {
        let max = self.limits.document_bytes_max;
        if bytes.len() > max {
            let found = bytes.len();
            let message = format!(
                "the document has {found} bytes, and at most {max} are taken: split the document"
            );
            return Err(Refusal::new(RefusalCode::DocumentLimit, message));
        }
        let _reading = self.readers.acquire().await.expect("the semaphore is never closed");
        let order = Order { task, limits: self.limits.work, document_bytes: bytes.len() };
        let mut spare = self.take()?;
        let shared = Arc::clone(self);
        // The place of the spare is filled while it works; should that fail, the next document
        // starts a process itself and tells why it cannot.
        tokio::spawn(async move { shared.refill() });
        let mut answer = Answer::default();
        let conversation = spare.converse(&order, bytes, &self.limits, &mut answer);
        if timeout(self.limits.wall, conversation).await.is_err() {
            answer.stop(ending::time_limit(&self.limits));
        }
        // Whatever the process still does is of no use to anybody.
        drop(spare);
        Ok(answer)
    }

    /// A process that waits for a document.
    fn take(&self) -> Result<Spare, Refusal> {
        // Somebody else may have killed one while it waited.
        let waiting = std::iter::from_fn(|| self.spares().pop_front()).find_map(Spare::waiting);
        waiting.map_or_else(|| Spare::start(&self.program), Ok)
    }

    fn refill(&self) -> Result<(), Refusal> {
        while self.spares().len() < self.limits.spares {
            let spare = Spare::start(&self.program)?;
            self.spares().push_back(spare);
        }
        Ok(())
    }

    fn spares(&self) -> std::sync::MutexGuard<'_, VecDeque<Spare>> {
        // A list of processes is as good after a panic as before.
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
