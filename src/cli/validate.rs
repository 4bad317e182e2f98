//! `validate`: whether documents keep the rules, judged on this machine.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::app::intake::examiner;
use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::extract::examine;
use crate::cli::say::{say, show, shown, tell};
use crate::models::finding::Severity;
use crate::validation::report;

/// Check invoices against EN 16931 and our own rules; exit code 1 if one cannot be read or breaks one
#[derive(Debug, Args)]
pub struct Options {
    /// Invoices and credit notes: XML, PDF, pictures, JSON, CSV, spreadsheets
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print a report for machines, after SVRL; an array when there are several files
    #[arg(long)]
    json: bool,
}

/// # Errors
/// A configuration that is wrong; what is wrong with a file stands in the output.
pub async fn run(options: Options, context: &Invocation) -> Result<ExitCode, Failure> {
    let examiner = examiner(&context.settings()?.extraction).map_err(Failure::configuration)?;
    let mut all_good = true;
    let mut reports = Vec::new();
    for file in &options.files {
        let examined = examine(file, &examiner).await;
        match examined {
            Ok(examined) => {
                all_good &= examined.extraction.count(Severity::Fatal) == 0;
                let report = report::of_extraction(&examined.extraction);
                if options.json {
                    reports.push(serde_json::to_value(report).context("the report as JSON")?);
                } else {
                    let file = shown(&file.to_string_lossy());
                    show(format!("{file}: {}", report::text(&report)));
                }
            }
            Err(error) => {
                all_good = false;
                reports.push(json!({ "document": file, "error": format!("{error:#}") }));
                tell(shown(&format!("{error:#}")));
            }
        }
    }
    if options.json {
        let whole = if reports.len() == 1 { reports.remove(0) } else { json!(reports) };
        say(serde_json::to_string_pretty(&whole).context("the report as JSON")?);
    }
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
