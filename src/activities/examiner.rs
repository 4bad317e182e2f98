//! A document read and judged: what the worker and the commands on local files share.

use bytes::Bytes;
use chrono::{NaiveDate, Utc};
use tokio::task::spawn_blocking;

use crate::extraction::intake::Intake;
use crate::extraction::refusal::RefusalCode;
use crate::extraction::{Attached, Reading, Unreadable, tree_rules};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::extraction::Extraction;
use crate::validation::{self, Document, Subject};

/// Reads documents of every kind and judges them.
pub struct Examiner {
    intake: Intake,
    own_vat_ids: Vec<String>,
}

/// A document that was read and judged.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The record that is kept of it.
    pub extraction: Extraction,
    /// Contents of its attachments.
    pub attached: Vec<Attached>,
}

impl Examiner {
    /// Reads by `intake`; sellers with one of our own VAT ids are found out.
    pub fn new(intake: Intake, own_vat_ids: Vec<String>) -> Self {
        Self { intake, own_vat_ids }
    }

    /// Our own VAT ids.
    pub fn own_vat_ids(&self) -> &[String] {
        &self.own_vat_ids
    }

    /// Starts what will read, so that the first document finds it warm.
    ///
    /// # Errors
    /// In words, why it cannot be started.
    pub async fn warm(&self) -> Result<(), String> {
        self.intake.warm().await.map_err(|error| error.to_string())
    }

    /// Bytes in, record out.
    ///
    /// # Errors
    /// Why a person must look: the document cannot be read.
    pub async fn examine(&self, bytes: Bytes) -> Result<Examined, Attention> {
        let reading = self.intake.read(bytes).await.map_err(|error| attention(&error))?;
        let own_vat_ids = self.own_vat_ids.clone();
        let today = Utc::now().date_naive();
        let judged = spawn_blocking(move || judge(reading, today, &own_vat_ids)).await;
        judged.map_err(|_| attention(&Unreadable::Defect))
    }
}

/// Holds what was read against the rules.
pub fn judge(reading: Reading, today: NaiveDate, own_vat_ids: &[String]) -> Examined {
    let document = if reading.syntax.is_en16931() {
        Document::from(&reading.document)
    } else {
        Document::NotTheirs
    };
    let judgement = validation::judge(Subject {
        read: reading.findings,
        broken: reading.broken,
        decided: tree_rules(reading.syntax),
        today: Some(today),
        own_vat_ids,
        ..Subject::new(reading.syntax, &reading.invoice, document)
    });
    let extraction = Extraction {
        attachment: reading.attachment,
        evidence: reading.evidence,
        acceptance: judgement.acceptance,
        judged_by: judgement.judged_by,
        rules_run: judgement.rules_run,
        findings: judgement.findings,
        ..Extraction::of(reading.syntax, reading.invoice)
    };
    Examined { extraction, attached: reading.attached }
}

/// Why a person must look at a document that cannot be read.
fn attention(error: &Unreadable) -> Attention {
    let code = match error {
        Unreadable::Unsupported { .. } => AttentionCode::UnsupportedDocument,
        Unreadable::Several { .. } => AttentionCode::SeveralInvoices,
        Unreadable::TooLarge { .. } => AttentionCode::LimitReached,
        Unreadable::Defect => AttentionCode::InternalError,
        Unreadable::Refused(refusal) => refused(refusal.code),
        _ => AttentionCode::UnreadableDocument,
    };
    let retryable = match error {
        // The same bytes stay unreadable until the gateway learns to read them.
        Unreadable::Refused(refusal) => refusal.code.is_temporary(),
        _ => false,
    };
    Attention { code, text: error.to_string(), retryable }
}

fn refused(code: RefusalCode) -> AttentionCode {
    use RefusalCode as R;
    match code {
        R::PdfEncrypted | R::SheetEncrypted => AttentionCode::DocumentEncrypted,
        R::OcrUnavailable => AttentionCode::OcrUnavailable,
        R::ReaderUnavailable => AttentionCode::InternalError,
        R::TimeLimit
        | R::CpuLimit
        | R::MemoryLimit
        | R::AnswerLimit
        | R::DocumentLimit
        | R::PdfLimit
        | R::SheetTooLarge
        | R::ImageLimit
        | R::OcrTimeLimit => AttentionCode::LimitReached,
        _ => AttentionCode::UnreadableDocument,
    }
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::extraction::refusal::RefusalCode as R;
    use crate::models::attention::AttentionCode;

    #[test]
    fn what_is_too_much_is_told_as_a_limit_whatever_it_was_read_from() {
        for code in [R::PdfLimit, R::ImageLimit, R::SheetTooLarge, R::MemoryLimit, R::AnswerLimit] {
            assert_eq!(refused(code), AttentionCode::LimitReached, "{code:?}");
        }
        for code in [R::PdfEncrypted, R::SheetEncrypted] {
            assert_eq!(refused(code), AttentionCode::DocumentEncrypted, "{code:?}");
        }
    }
}
