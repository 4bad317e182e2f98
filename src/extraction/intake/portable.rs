//! A PDF: the invoice inside it, held against its pages; else its pages alone.

use crate::extraction::content::PdfContent;
use crate::extraction::intake::{Intake, blocking};
use crate::extraction::page::Page;
use crate::extraction::unreadable::Unreadable;
use crate::extraction::{Reading, hybrid, read_invoice, text};
use crate::models::evidence::Source;
use crate::models::finding::{Finding, Severity};

/// What became of the search for an invoice inside.
pub(crate) enum Inside {
    /// It was read.
    Found(Box<Reading>),
    /// There is none, or it cannot be read: then the pages say all there is.
    Pages(Box<PdfContent>, Vec<Finding>),
}

impl Intake {
    /// Reads a PDF.
    pub(super) async fn pdf(&self, bytes: &[u8]) -> Result<Reading, Unreadable> {
        let content = self.runner.pdf(bytes).await?;
        match blocking(move || Ok(inside(content))).await? {
            Inside::Found(reading) => Ok(*reading),
            Inside::Pages(content, findings) => {
                let content = *content;
                let pages = content.pages?;
                let mut reading = match (pages_with_words(&pages), content.pictures.is_empty()) {
                    (true, true) => self.text(pages, Source::PdfText).await?,
                    _ => self.recognised(pages, content.pictures, content.pictures_refused).await?,
                };
                reading.findings.extend(findings);
                Ok(reading)
            }
        }
    }
}

fn pages_with_words(pages: &[Page]) -> bool {
    pages.iter().any(|page| !page.words.is_empty())
}

/// The invoice inside, with all that speaks against it.
pub(crate) fn inside(content: PdfContent) -> Inside {
    let mut findings = hybrid::suspicions(&content.attachments);
    let choice = hybrid::choose(&content);
    findings.extend(choice.findings);
    let Some(attachment) = choice.invoice else {
        return Inside::Pages(Box::new(content), findings);
    };
    let mut reading = match read_invoice(&attachment.bytes) {
        Ok(reading) => reading,
        Err(error) => {
            findings.push(broken(&attachment.label.name, &error));
            return Inside::Pages(Box::new(content), findings);
        }
    };
    reading.attachment = Some(attachment.label.name.clone());
    reading.findings.extend(findings);
    let profile = content.structure.profile.as_ref();
    reading.findings.extend(hybrid::profile_differs(profile, &reading.invoice));
    reading.findings.extend(hybrid::unread(&content));
    if let Ok(pages) = &content.pages
        && pages_with_words(pages)
    {
        let seen = text::read(pages, Source::PdfText);
        reading.findings.extend(hybrid::visible(&reading.invoice, pages, &seen.evidence));
    }
    Inside::Found(Box::new(reading))
}

fn broken(name: &str, error: &Unreadable) -> Finding {
    Finding {
        code: "PAYLOAD_UNREADABLE".to_owned(),
        severity: Severity::Fatal,
        source: "ap-gateway".to_owned(),
        place: Some(name.to_owned()),
        terms: Vec::new(),
        message: format!("the invoice inside the PDF cannot be read: {error}"),
        actual: None,
        expected: None,
        remedy: Some("ask the supplier for a sound document; the pages were read instead".into()),
    }
}
