//! An extraction as a person reads it in the terminal.

use std::path::Path;

use crate::cli::say::shown;
use crate::cli::table::{row, with_header};
use crate::models::evidence::{Evidence, Source};
use crate::models::extraction::{Acceptance, Extraction};
use crate::models::finding::Severity;
use crate::models::invoice::InvoiceLine;

/// Header, fields with their places, lines, findings.
pub(super) fn text(file: &Path, extraction: &Extraction) -> String {
    let mut parts =
        vec![shown(&format!("{}: {}", file.display(), headline(extraction))), fields(extraction)];
    parts.extend(lines(&extraction.invoice.lines));
    parts.extend(findings(extraction));
    parts.join("\n\n")
}

/// One line: what it is, from whom, over how much, and what the rules say.
pub(super) fn headline(extraction: &Extraction) -> String {
    let invoice = &extraction.invoice;
    let number = invoice.number.as_deref().unwrap_or("without a number");
    let seller = invoice.seller.name.as_deref().unwrap_or("an unknown seller");
    let total = invoice.totals.gross.map(|gross| gross.to_string()).unwrap_or_default();
    let currency = invoice.currency.as_deref().unwrap_or_default();
    let verdict = match extraction.acceptance {
        Acceptance::Accept => "accepted",
        Acceptance::Reject => "refused",
        Acceptance::Undefined => "no verdict by EN 16931",
    };
    let (fatal, warnings) =
        (extraction.count(Severity::Fatal), extraction.count(Severity::Warning));
    format!(
        "{} {number} of {seller}, {} ({verdict}, {fatal} fatal, {warnings} warnings)",
        extraction.syntax.as_str(),
        format!("{total} {currency}").trim()
    )
}

fn fields(extraction: &Extraction) -> String {
    let mut table = with_header(["FIELD", "VALUE", "SURE", "FROM", "WHERE"]);
    let of_header = extraction.evidence.iter().filter(|of| !of.field.starts_with("BG-25["));
    for evidence in of_header {
        let sure = format!(
            "{}.{:02}",
            evidence.confidence.hundredths() / 100,
            evidence.confidence.hundredths() % 100
        );
        let value = shortened(&evidence.value);
        let source = from(evidence.source);
        table.add_row(row([evidence.field.clone(), value, sure, source, place(evidence)]));
    }
    table.to_string()
}

fn from(source: Source) -> String {
    serde_json::to_string(&source).unwrap_or_default().trim_matches('"').to_owned()
}

fn place(evidence: &Evidence) -> String {
    let page = evidence.page.map(|page| format!("page {page}"));
    let bounds = evidence.bounds.map(|at| format!("at {:.0},{:.0}", at.left, at.top));
    let label = evidence.label.as_ref().map(|label| format!("by {label:?}"));
    let rule = evidence.rule.as_ref().map(|rule| format!("from {rule}"));
    let parts = [evidence.place.clone(), page, bounds, label, rule];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn lines(lines: &[InvoiceLine]) -> Option<String> {
    let mut table = with_header(["LINE", "QUANTITY", "UNIT", "PRICE", "NET", "TAX %", "ITEM"]);
    let number = |value: Option<rust_decimal::Decimal>| {
        value.map(|value| value.to_string()).unwrap_or_default()
    };
    for line in lines {
        table.add_row(row([
            line.id.clone(),
            number(line.quantity),
            line.unit.clone().unwrap_or_default(),
            number(line.price),
            number(line.net),
            number(line.tax_rate),
            shortened(line.name.as_deref().unwrap_or_default()),
        ]));
    }
    (!lines.is_empty()).then(|| table.to_string())
}

/// Every finding, the worst first; none when the document is clean.
pub(in crate::cli) fn findings(extraction: &Extraction) -> Option<String> {
    let mut table = with_header(["SEVERITY", "RULE", "WHERE", "WHAT"]);
    for finding in &extraction.findings {
        let severity = format!("{:?}", finding.severity).to_lowercase();
        let place = finding.place.clone().unwrap_or_else(|| finding.terms.join(" "));
        table.add_row(row([severity, finding.code.clone(), place, finding.message.clone()]));
    }
    (!extraction.findings.is_empty()).then(|| table.to_string())
}

/// A value on one line.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    line.chars().take(SHOWN).chain(['…']).collect()
}
