//! `validate`: whether a document keeps the rules, judged on this machine.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::cli::exit::Failure;
use crate::cli::extract::read;
use crate::cli::say::say;
use crate::cli::table::with_header;
use crate::models::extraction::Extraction;
use crate::models::finding::Severity;
use crate::validation::ATTRIBUTION;

/// Check an invoice against EN 16931 and plain arithmetic; exit code 1 if a finding is fatal
#[derive(Debug, Args)]
pub struct Options {
    /// A UBL 2.1 Invoice or CreditNote
    file: PathBuf,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// A file that cannot be read, or is no invoice.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let extraction = read(&options.file)?;
    let fatal = extraction.count(Severity::Fatal);
    if options.json {
        let json = serde_json::to_string_pretty(&extraction.findings);
        say(json.context("the findings as JSON")?);
    } else {
        say(report(&extraction));
    }
    Ok(if fatal == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(extraction: &Extraction) -> String {
    let number = extraction.invoice.number.as_deref().unwrap_or("without a number");
    let fatal = extraction.count(Severity::Fatal);
    let warnings = extraction.count(Severity::Warning);
    let judges = extraction.judged_by.join(", ");
    let verdict = if fatal == 0 { "accepted" } else { "refused" };
    let head = format!(
        "{} {number}: {verdict}, {fatal} fatal, {warnings} warnings (judged by {judges})",
        extraction.syntax.as_str()
    );
    if extraction.findings.is_empty() {
        return format!("{head}\n{ATTRIBUTION}");
    }
    let mut table = with_header(["SEVERITY", "RULE", "WHERE", "WHAT"]);
    for finding in &extraction.findings {
        let severity = format!("{:?}", finding.severity).to_lowercase();
        let place = finding.place.clone().unwrap_or_else(|| finding.terms.join(" "));
        table.add_row([severity, finding.code.clone(), place, finding.message.clone()]);
    }
    format!("{head}\n{table}\n{ATTRIBUTION}")
}
