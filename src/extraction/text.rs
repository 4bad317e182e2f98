//! From words with places to one invoice: what PDF text and character recognition have in common.
//!
//! Labels propose values, form and arithmetic decide among them, and what stays open is said: each
//! field has its evidence, and a doubt is a finding. No rule here knows a supplier or a layout.

mod amounts;
mod checks;
mod columns;
mod context;
mod draft;
mod header;
mod ids;
mod labels;
mod layout;
mod lines;
mod money;
mod net_days;
mod parties;
mod search;
mod table;
mod title;
mod totals;

use crate::extraction::page::Page;
use crate::extraction::text::amounts::Amounts;
use crate::extraction::text::context::Context;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::table::Table;
use crate::models::evidence::Confidence;
use crate::models::evidence::Evidence;
use crate::models::evidence::Source;
use crate::models::finding::Finding;
use crate::models::finding::Severity;
use crate::models::invoice::Invoice;

/// What a text says.
#[derive(Debug, Clone, PartialEq)]
pub struct TextReading {
    /// The invoice, as far as it was found.
    pub invoice: Invoice,
    /// One entry for each field that was found.
    pub evidence: Vec<Evidence>,
    /// What is missing, uncertain or contradictory.
    pub findings: Vec<Finding>,
}

/// Reads the words of a document. `source` says where the words are from: [`Source::PdfText`], or
/// [`Source::Ocr`], which is believed less.
pub(crate) fn read(pages: &[Page], source: Source) -> TextReading {
    let layout = Layout::of(pages);
    let labels = labels::of(&layout);
    let context = Context::of(&layout, &labels);
    let mut draft = Draft::new(&layout, source);
    let ibans = ids::ibans(&layout);
    let vat_ids = ids::vat_ids(&layout, &labels, &ibans);
    header::read(&mut draft, &labels, &context);
    net_days::read(&mut draft, &labels, &context);
    parties::read(&mut draft, &labels, &vat_ids);
    ids::accounts(&mut draft, &labels, &ibans);
    let table = Table::of(&layout, &context);
    let amounts = Amounts::of(&layout, &context, &table.lines);
    money::currency(&mut draft, &labels, &amounts);
    let totals = totals::read(&mut draft, &amounts, &table);
    lines::read(&mut draft, &table, totals.as_ref());
    money::terms(&mut draft, &labels, &context);
    doubts(&mut draft);
    let Draft { invoice, evidence, findings, .. } = draft;
    TextReading { invoice, evidence, findings }
}

/// Without these, or without being sure of them, nothing can be paid.
const NEEDED: [(&str, &str); 6] = [
    ("BT-1", "the number of the invoice"),
    ("BT-2", "the issue date"),
    ("BT-5", "the currency"),
    ("BT-27", "the seller's name"),
    ("BT-31", "the seller's VAT id"),
    ("BT-112", "the amount with tax"),
];

fn doubts(draft: &mut Draft<'_>) {
    for (field, name) in NEEDED {
        let found = draft.evidence.iter().find(|evidence| evidence.field == field);
        match found.map(|evidence| evidence.confidence) {
            None => {
                let message = format!("{name} was not found");
                let remedy = format!("enter {field} from the page");
                draft.doubt("FIELD_MISSING", Severity::Warning, &[field], [&message, &remedy]);
            }
            Some(confidence) if confidence < Confidence::LABELLED => {
                let message = format!("{name} is not sure");
                let remedy = format!("compare {field} with the page, and confirm or correct it");
                draft.doubt("FIELD_UNCERTAIN", Severity::Warning, &[field], [&message, &remedy]);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
