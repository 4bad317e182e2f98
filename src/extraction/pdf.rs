//! A PDF, in the reading process: its attachments and metadata, its words, its scanned pages.
//!
//! What is sure and small goes out first. The inflated size of every stream is counted before the
//! reader of pages sees any of them, for it has no limit of its own: 1.8 kB became 1.1 GB there.

mod attachments;
pub(crate) mod drawing;
mod metadata;
mod page_tree;
mod scans;
mod weight;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Document, Error, LoadOptions};

use crate::extraction::child::{Halt, crashed};
use crate::extraction::content::Structure;
use crate::extraction::frame::Frame;
use crate::extraction::limits::WorkLimits;
use crate::extraction::page::Page;
use crate::extraction::pdf_text;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Reads a PDF and sends what it finds, part by part.
///
/// # Errors
/// No PDF, an encrypted one, one without pages, or a limit reached before anything was sent.
pub(crate) fn read(
    bytes: Vec<u8>,
    limits: &WorkLimits,
    output: &mut impl Write,
) -> Result<(), Halt> {
    let document = open(&bytes, limits)?;
    let pages = count_pages(&document, limits)?;
    let found = attachments::find(&document, limits);
    Frame::Structure(Structure {
        pages,
        attachments: found.kept.len(),
        opened_without_password: document.was_encrypted(),
        profile: metadata::profile(&document),
        left_out: found.left_out,
    })
    .write(output)?;
    for attachment in found.kept {
        Frame::Attachment(attachment).write(output)?;
    }
    if let Err(refusal) = weight::check(&document, &found.streams, limits) {
        return Ok(Frame::PagesRefused(refusal).write(output)?);
    }
    drop(document);
    let pages = match guarded(|| words(&bytes, limits)) {
        Ok(pages) => pages,
        Err(refusal) => return Ok(Frame::PagesRefused(refusal).write(output)?),
    };
    let few = scans::with_few_words(&pages);
    Frame::Pages(pages).write(output)?;
    if few.is_empty() {
        return Ok(());
    }
    let sent = catch_unwind(AssertUnwindSafe(|| scans::send(bytes, &few, limits, output)));
    match sent {
        Ok(Err(Halt::Refused(refusal))) => Ok(Frame::PicturesRefused(refusal).write(output)?),
        Ok(sent) => sent,
        Err(_) => Ok(Frame::PicturesRefused(crashed()).write(output)?),
    }
}

/// The structure of the file, decrypted where no password is needed.
fn open(bytes: &[u8], limits: &WorkLimits) -> Result<Document, Refusal> {
    let stream_bytes_max = usize::try_from(limits.stream_bytes_max).unwrap_or(usize::MAX);
    let options = LoadOptions::with_max_decompressed_size(stream_bytes_max);
    let document =
        Document::load_mem_with_options(bytes, options).map_err(|error| match error {
            Error::Decompress(_) => weight::stream_too_large(limits),
            Error::InvalidPassword | Error::Decryption(_) => encrypted(),
            error => damaged(&error.to_string()),
        })?;
    if document.is_encrypted() {
        return Err(encrypted());
    }
    let objects = document.objects.len().max(document.reference_table.entries.len());
    if objects > limits.objects_max {
        let max = limits.objects_max;
        let message = format!(
            "the PDF has {objects} objects, and at most {max} are taken; ask the sender to print \
             it to a new PDF"
        );
        return Err(Refusal::new(RefusalCode::PdfLimit, message));
    }
    Ok(document)
}

fn count_pages(document: &Document, limits: &WorkLimits) -> Result<usize, Refusal> {
    let max = limits.pages_max;
    match page_tree::count(document) {
        0 => {
            let message = "the PDF has no page: ask the sender for a complete copy";
            Err(Refusal::new(RefusalCode::PdfWithoutPages, message))
        }
        pages if pages > max => {
            let message = format!(
                "the PDF has {pages} pages, and at most {max} are taken: split the document"
            );
            Err(Refusal::new(RefusalCode::PdfLimit, message))
        }
        pages => Ok(pages),
    }
}

fn words(bytes: &[u8], limits: &WorkLimits) -> Result<Vec<Page>, Refusal> {
    let pages_max = u32::try_from(limits.pages_max).unwrap_or(u32::MAX);
    let pages = pdf_text::pages(bytes, pages_max).map_err(|reason| {
        let message = format!(
            "the text of the PDF cannot be read: {reason}; ask the sender to print it to a new PDF"
        );
        Refusal::new(RefusalCode::PdfTextUnreadable, message)
    })?;
    let count: usize = pages.iter().map(|page| page.words.len()).sum();
    if count > limits.words_max {
        let max = limits.words_max;
        let message =
            format!("the PDF has {count} words, and at most {max} are taken; split the document");
        return Err(Refusal::new(RefusalCode::PdfLimit, message));
    }
    Ok(pages)
}

/// A panic of a foreign reader as a refusal of the part that it was reading.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(crashed()))
}

fn encrypted() -> Refusal {
    let message = "the PDF opens with a password only: ask the sender for a copy without one";
    Refusal::new(RefusalCode::PdfEncrypted, message)
}

fn damaged(reason: &str) -> Refusal {
    let message = format!("this is no PDF that can be read ({reason}): ask for another copy");
    Refusal::new(RefusalCode::PdfDamaged, message)
}
