//! Pages to one invoice: those with text as they are, pictures through recognition.

use crate::extraction::content::Picture;
use crate::extraction::intake::{Intake, blocking};
use crate::extraction::ocr::{self, Pass};
use crate::extraction::page::Page;
use crate::extraction::refusal::Refusal;
use crate::extraction::unreadable::Unreadable;
use crate::extraction::{Reading, text};
use crate::models::evidence::Source;
use crate::models::extraction::Syntax;
use crate::models::invoice::Invoice;

impl Intake {
    /// Reads a picture.
    pub(super) async fn picture(&self, bytes: &[u8]) -> Result<Reading, Unreadable> {
        let pictures = self.runner.image(bytes).await?;
        self.recognised(Vec::new(), pictures, None).await
    }

    /// Finds fields on pages.
    pub(super) async fn text(
        &self,
        pages: Vec<Page>,
        source: Source,
    ) -> Result<Reading, Unreadable> {
        blocking(move || {
            if pages.iter().all(|page| page.words.is_empty()) {
                return Err(Unreadable::NoText);
            }
            let read = text::read(&pages, source);
            let syntax = if source == Source::Ocr { Syntax::Scan } else { Syntax::PdfText };
            let reading = Reading::of(syntax, read.invoice);
            Ok(Reading { evidence: read.evidence, findings: read.findings, ..reading })
        })
        .await
    }

    /// As [`Self::text`], with the pages that are pictures recognised first. What everything
    /// depends on and the first pass did not show is looked for in a second one.
    pub(super) async fn recognised(
        &self,
        pages: Vec<Page>,
        pictures: Vec<Picture>,
        refused: Option<Refusal>,
    ) -> Result<Reading, Unreadable> {
        if let Some(refusal) = refused {
            return Err(refusal.into());
        }
        let first = self.ocr.pages(&pictures, Pass::First).await?;
        let reading = self.text(with(&pages, first.clone()), Source::Ocr).await;
        if reading.as_ref().is_ok_and(|reading| is_whole(&reading.invoice)) {
            return reading;
        }
        let second = self.ocr.pages(&pictures, Pass::Second).await?;
        let joined = first.into_iter().zip(second).map(|(one, two)| ocr::joined(one, two));
        let again = self.text(with(&pages, joined.collect()), Source::Ocr).await;
        match (&reading, &again) {
            (Ok(reading), Ok(again)) if known(&again.invoice) > known(&reading.invoice) => {}
            (Ok(_), _) => return reading,
            _ => {}
        }
        again
    }
}

/// The pages in order: each recognised one in place of the one without words.
fn with(pages: &[Page], recognised: Vec<Page>) -> Vec<Page> {
    let mut all: Vec<Page> = pages
        .iter()
        .filter(|page| !recognised.iter().any(|other| other.number == page.number))
        .cloned()
        .collect();
    all.extend(recognised);
    all.sort_by_key(|page| page.number);
    all
}

/// Whether number, date, total and lines were found.
fn is_whole(invoice: &Invoice) -> bool {
    known(invoice) == 4
}

fn known(invoice: &Invoice) -> usize {
    let found = [
        invoice.number.is_some(),
        invoice.issue_date.is_some(),
        invoice.totals.gross.is_some(),
        !invoice.lines.is_empty(),
    ];
    found.into_iter().filter(|found| *found).count()
}
