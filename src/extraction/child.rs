//! What runs in the reading process: one order from standard input, one document, one answer.
//!
//! Readers of foreign formats are large, and each new release may loop, grow or fall over some
//! file. So they work in a process of their own that holds nothing of value: no environment, no
//! file, no socket (there is no descriptor left to open one with), no right to start programs, a
//! bounded memory and a bounded processor time. It does one document and ends.

mod confinement;
mod warm;

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use crate::extraction::drawing;
use crate::extraction::frame::{Frame, Order, Task};
use crate::extraction::image;
use crate::extraction::pdf;
use crate::extraction::refusal::{Refusal, RefusalCode};
use crate::extraction::sheet::{self, SheetError};

/// Reads one order from standard input and answers it on standard output.
///
/// The code says whether an answer was written; the answer may be a refusal.
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The last word of a process that cannot answer; the gateway shows it.
            let _ = writeln!(io::stderr(), "cannot answer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    warm::up();
    let mut input = io::stdin().lock();
    let Some(order) = Order::read(&mut input)? else {
        // The gateway went away, or has no need of this spare any more.
        return Ok(());
    };
    confinement::enter(&order.limits)?;
    let mut document = Vec::with_capacity(order.document_bytes);
    input.take(order.document_bytes as u64).read_to_end(&mut document)?;
    if document.len() < order.document_bytes {
        return Ok(());
    }
    let mut output = io::stdout().lock();
    answer(&order, document, &mut output)?;
    Frame::End.write(&mut output)
}

/// Does the work; a panic in a foreign reader is a refusal like any other.
pub(crate) fn answer(order: &Order, document: Vec<u8>, output: &mut impl Write) -> io::Result<()> {
    let limits = &order.limits;
    let worked = catch_unwind(AssertUnwindSafe(|| match order.task {
        Task::Pdf => pdf::read(document, limits, output),
        Task::Image => image::read(&document, limits, output),
        Task::Sheet => {
            let tables = sheet::tables(&document).map_err(|error| refused(&error))?;
            Ok(Frame::Tables(tables).write(output)?)
        }
        Task::Sizes => Ok(Frame::Sizes(drawing::sizes(document, limits)?).write(output)?),
        Task::Draw(page) => {
            Ok(Frame::Drawing(drawing::page(document, page, limits)?).write(output)?)
        }
    }));
    let refusal = match worked {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(Halt::Refused(refusal))) => refusal,
        Ok(Err(Halt::Gone(error))) => return Err(error),
        Err(_) => crashed(),
    };
    Frame::Refused(refusal).write(output)
}

/// A spreadsheet that is not read, as a refusal.
fn refused(error: &SheetError) -> Refusal {
    let code = match error {
        SheetError::Encrypted => RefusalCode::SheetEncrypted,
        SheetError::TooLarge { .. } => RefusalCode::SheetTooLarge,
        SheetError::Broken { .. } => RefusalCode::SheetBroken,
    };
    Refusal::new(code, error.to_string())
}

/// The refusal after a panic.
pub(crate) fn crashed() -> Refusal {
    let message = "the reader fell over this document, which is damaged or made to harm; ask the \
                   sender for another copy";
    Refusal::new(RefusalCode::ReaderCrashed, message)
}

/// Why work on a document ended early.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The document is refused.
    Refused(Refusal),
    /// Nobody listens any more.
    Gone(io::Error),
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}
