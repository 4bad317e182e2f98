//! From stored bytes to a checked invoice, or to a person.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::activities::trouble::Trouble;
use crate::activities::{attended, verdict};
use crate::extraction::{self, Unreadable};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::extraction::Extraction;
use crate::models::finding::{Finding, MALFORMED_VALUE};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::artifacts::{ArtifactError, Artifacts};
use crate::storage::ledger::Ledger;
use crate::validation::{self, Document, Subject};
use crate::workflows::contract::{self, StepInput, Verdict};

/// Reads documents. Cheap to clone.
#[derive(Clone)]
pub struct Documents {
    ledger: Ledger,
    artifacts: Artifacts,
    /// One document for each core at a time: reading is pure calculation, and what is being read
    /// is a multiple of 25 MiB of memory.
    turns: Arc<Semaphore>,
}

#[activities]
impl Documents {
    /// Reads the stored document, judges it and keeps both.
    #[activity(definition = contract::ExtractAndValidate)]
    pub async fn extract_and_validate(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: StepInput,
    ) -> Result<Verdict, ActivityError> {
        attended(&ctx, self.read(&step.invoice_id)).await
    }
}

impl Documents {
    /// Over these stores.
    pub(crate) fn new(ledger: Ledger, artifacts: Artifacts) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { ledger, artifacts, turns: Arc::new(Semaphore::new(cores)) }
    }

    async fn read(&self, id: &InvoiceId) -> Result<Verdict, Trouble> {
        let row = self.ledger.invoice(id).await?;
        let row = row.ok_or(Trouble::InvoiceMissing)?;
        let entered = self.ledger.enter(id, InvoiceStatus::Extracting, Utc::now());
        match entered.await? {
            InvoiceStatus::Extracting => {}
            // An attempt before this one came as far, and nobody heard of it.
            InvoiceStatus::Validated => return self.read_before(id).await,
            status => return Ok(read_and_gone_on(status)),
        }
        let bytes = match self.artifacts.get(&row.sha256).await {
            Ok(bytes) => bytes,
            Err(error @ ArtifactError::Store(_)) => return Err(error.into()),
            Err(error) => return self.hand_over(id, &document_missing(&error)).await,
        };
        let turn = self.turns.acquire().await;
        let read = spawn_blocking(move || read_and_judge(&bytes)).await?;
        drop(turn);
        let extraction = match read {
            Ok(extraction) => extraction,
            Err(attention) => return self.hand_over(id, &attention).await,
        };
        let recorded = self.ledger.record_extraction(id, &extraction, Utc::now());
        match recorded.await? {
            InvoiceStatus::Validated => self.pass_on(id, &extraction).await,
            status => Ok(read_and_gone_on(status)),
        }
    }

    async fn read_before(&self, id: &InvoiceId) -> Result<Verdict, Trouble> {
        match self.ledger.extraction(id).await? {
            Some(extraction) => self.pass_on(id, &extraction).await,
            None => Err(Trouble::Defect(format!("{id} is validated, but not read"))),
        }
    }

    /// To the orders, unless there is nothing that could be compared with them.
    async fn pass_on(&self, id: &InvoiceId, extraction: &Extraction) -> Result<Verdict, Trouble> {
        match lacking(extraction) {
            Some(attention) => self.hand_over(id, &attention).await,
            None => Ok(Verdict::Validated),
        }
    }

    async fn hand_over(&self, id: &InvoiceId, why: &Attention) -> Result<Verdict, Trouble> {
        let recorded = self.ledger.record_attention(id, why, Utc::now()).await?;
        Ok(verdict(recorded, Some(why.code)))
    }
}

/// The document was read before, and the invoice is further on: the next step says where it
/// stands, unless that is the end.
fn read_and_gone_on(status: InvoiceStatus) -> Verdict {
    match verdict(status, None) {
        settled @ Verdict::Settled { .. } => settled,
        _ => Verdict::Validated,
    }
}

/// Reads a document and holds it against the rules: bytes in, record out, nothing else. The
/// commands that work on local files use it too.
///
/// # Errors
/// Why a person must look: `UNREADABLE_DOCUMENT` or `UNSUPPORTED_DOCUMENT`.
pub fn read_and_judge(bytes: &[u8]) -> Result<Extraction, Attention> {
    let reading = extraction::read_invoice(bytes).map_err(|error| unreadable(&error))?;
    let judgement = validation::judge(Subject {
        read: reading.findings,
        decided: extraction::tree_rules(reading.syntax),
        ..Subject::new(reading.syntax, &reading.invoice, Document::from(&reading.document))
    });
    Ok(Extraction {
        acceptance: judgement.acceptance,
        judged_by: judgement.judged_by,
        rules_run: judgement.rules_run,
        findings: judgement.findings,
        ..Extraction::of(reading.syntax, reading.invoice)
    })
}

/// What keeps an invoice that was read from being compared with anything.
pub fn lacking(extraction: &Extraction) -> Option<Attention> {
    malformed(extraction).or_else(|| without_lines(extraction))
}

fn malformed(extraction: &Extraction) -> Option<Attention> {
    let malformed = extraction.findings.iter().filter(|found| found.code == MALFORMED_VALUE);
    let texts: Vec<String> = malformed.map(told).collect();
    (!texts.is_empty()).then(|| Attention {
        code: AttentionCode::MalformedValue,
        text: format!("{}; ask the supplier for a corrected document", texts.join("; ")),
        retryable: false,
    })
}

fn told(finding: &Finding) -> String {
    match &finding.place {
        Some(place) => format!("{place}: {}", finding.message),
        None => finding.message.clone(),
    }
}

fn without_lines(extraction: &Extraction) -> Option<Attention> {
    let text = "the invoice has no lines, so nothing can be compared with an order; ask the \
                supplier for an invoice with lines (BG-25)";
    extraction.invoice.lines.is_empty().then(|| Attention {
        code: AttentionCode::NoLines,
        text: text.to_owned(),
        retryable: false,
    })
}

/// The same bytes stay unreadable until the gateway learns to read them.
fn unreadable(error: &Unreadable) -> Attention {
    let code = match error {
        Unreadable::Unsupported { .. } => AttentionCode::UnsupportedDocument,
        _ => AttentionCode::UnreadableDocument,
    };
    Attention { code, text: error.to_string(), retryable: false }
}

fn document_missing(error: &ArtifactError) -> Attention {
    Attention {
        code: AttentionCode::DocumentMissing,
        text: format!("{error}; restore it and retry, or hand the document in again"),
        retryable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::{lacking, read_and_gone_on, read_and_judge};
    use crate::models::attention::AttentionCode;
    use crate::models::extraction::{Extraction, Syntax};
    use crate::models::invoice::Invoice;
    use crate::models::status::InvoiceStatus;
    use crate::workflows::contract::Verdict;

    #[test]
    fn bytes_that_cannot_be_read_say_why_and_are_not_tried_again() {
        for bytes in [&b""[..], b"<Invoice", b"\xff\xfe\x00"] {
            let why = read_and_judge(bytes).expect_err("unreadable");
            assert_eq!(why.code, AttentionCode::UnreadableDocument, "{why:?}");
            assert!(!why.retryable && !why.text.is_empty());
        }
        let order = b"<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>";
        let why = read_and_judge(order).expect_err("an order");
        assert_eq!(why.code, AttentionCode::UnsupportedDocument, "{why:?}");
    }

    #[test]
    fn an_invoice_without_lines_lacks_them() {
        let mut extraction = Extraction::of(Syntax::UblInvoice, Invoice::default());
        let why = lacking(&extraction).expect("no lines");
        assert_eq!(why.code, AttentionCode::NoLines);
        extraction.invoice.lines.push(Default::default());
        assert_eq!(lacking(&extraction), None);
    }

    #[test]
    fn an_invoice_that_went_on_is_not_read_again() {
        for status in [InvoiceStatus::Held, InvoiceStatus::Approved] {
            assert_eq!(read_and_gone_on(status), Verdict::Validated);
        }
        let status = InvoiceStatus::Cancelled;
        assert_eq!(read_and_gone_on(status), Verdict::Settled { status });
    }
}
