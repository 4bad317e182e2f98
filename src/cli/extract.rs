//! `extract`: what a document says, read on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;

use crate::activities::documents::read_and_judge;
use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::models::extraction::Extraction;

/// Read an invoice and print it as JSON, with all findings; needs no server
#[derive(Debug, Args)]
pub struct Options {
    /// A UBL 2.1 Invoice or CreditNote
    file: PathBuf,
}

/// # Errors
/// A file that cannot be read, or is no invoice: the place and the reason.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let extraction = read(&options.file)?;
    let json = serde_json::to_string_pretty(&extraction).context("the invoice as JSON")?;
    say(json);
    Ok(ExitCode::SUCCESS)
}

/// Reads and judges a file, as the worker would.
///
/// # Errors
/// A file that cannot be read, or is no invoice: the place and the reason.
pub fn read(file: &Path) -> anyhow::Result<Extraction> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    read_and_judge(&bytes).map_err(|attention| anyhow!("{}: {}", file.display(), attention.text))
}
