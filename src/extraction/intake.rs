//! Bytes of any kind to one invoice: what a file is, who reads it, and how what it says in two
//! ways is held against each other.
//!
//! Structured data wins over text, and text over recognised characters; the lower source is read
//! all the same, to cross-check the higher one. Foreign formats are read by processes of their own
//! ([`crate::extraction::runner`]).

pub(crate) mod archive;
mod pages;
pub(crate) mod portable;
mod tables;

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::extraction::detect::{Detected, detect};
use crate::extraction::ocr::Ocr;
use crate::extraction::runner::Runner;
use crate::extraction::table::Profile;
use crate::extraction::unreadable::Unreadable;
use crate::extraction::{Reading, encoding, json, read_invoice};
use crate::models::extraction::Syntax;

/// What we read, for those who sent something else.
const WANTED: &str =
    "an invoice as UBL, UN/CEFACT CII, PDF, PNG, JPEG, TIFF, JSON, CSV or spreadsheet";

/// Reads documents of every kind.
pub struct Intake {
    runner: Runner,
    ocr: Ocr,
    profiles: Arc<[Profile]>,
}

impl Intake {
    /// A reader over these processes and this recogniser; tables are understood by the first of
    /// the profiles that fits them.
    pub fn new(runner: Runner, ocr: Ocr, profiles: Vec<Profile>) -> Self {
        Self { runner, ocr, profiles: profiles.into() }
    }

    /// Starts the processes that will read, so that the first document finds them warm.
    ///
    /// # Errors
    /// A process that cannot be started.
    pub async fn warm(&self) -> Result<(), Unreadable> {
        self.runner.warm().await
    }

    /// Reads one invoice, whatever it is written in.
    ///
    /// # Errors
    /// Bytes that hold no invoice, or none within the limits: what, where, and what to do.
    pub async fn read(&self, bytes: Bytes) -> Result<Reading, Unreadable> {
        match detect(&bytes) {
            Detected::Archive => {
                let inside = blocking(move || archive::only_document(&bytes)).await?;
                let mut reading = self.read_one(inside.content.into()).await?;
                reading.findings.extend(inside.copies);
                Ok(reading)
            }
            _ => self.read_one(bytes).await,
        }
    }

    /// As [`Self::read`], for what is no archive: an archive inside one stays shut.
    async fn read_one(&self, bytes: Bytes) -> Result<Reading, Unreadable> {
        match detect(&bytes) {
            Detected::Empty => Err(Unreadable::Empty),
            Detected::Xml => blocking(move || read_invoice(&bytes)).await,
            Detected::Json => blocking(move || read_json(&bytes)).await,
            Detected::Pdf => self.pdf(&bytes).await,
            Detected::Picture => self.picture(&bytes).await,
            Detected::Sheet => self.sheet(&bytes).await,
            Detected::Text => self.csv(bytes).await,
            Detected::BankStatement => Err(unsupported("a bank statement")),
            Detected::Archive => Err(unsupported("an archive inside an archive")),
            Detected::Foreign(media_type) => Err(unsupported(media_type)),
        }
    }
}

fn read_json(bytes: &[u8]) -> Result<Reading, Unreadable> {
    let decoded = encoding::decode(bytes)?;
    Ok(json::read(&decoded.text)?.into_reading(Syntax::Json))
}

fn unsupported(detected: &str) -> Unreadable {
    Unreadable::Unsupported { detected: Some(detected.to_owned()), wanted: WANTED }
}

/// Calculates apart from the tasks that wait; a panic is a fault of the document's reader.
async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Unreadable> + Send + 'static,
) -> Result<T, Unreadable> {
    spawn_blocking(read).await.unwrap_or_else(|_| Err(Unreadable::Defect))
}
