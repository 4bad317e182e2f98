//! `extract`: what documents say, read on this machine; or the same invoice in another syntax.

pub(super) mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::activities::examiner::{Examined, Examiner};
use crate::app::intake::examiner;
use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::say::{say, show, shown, tell};
use crate::extraction::writer::{self, Format};

/// Read invoices of any kind and show what they say, and where; needs no server
#[derive(Debug, Args)]
pub struct Options {
    /// Invoices and credit notes: XML, PDF, pictures, JSON, CSV, spreadsheets
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print everything as JSON; an array when there are several files
    #[arg(long, conflicts_with = "to")]
    json: bool,
    /// Write the invoice in another syntax; what that syntax cannot carry is told on standard error
    #[arg(long, value_enum, value_name = "SYNTAX")]
    to: Option<Target>,
}

/// Syntaxes that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// UBL 2.1 Invoice or CreditNote
    Ubl,
    /// UN/CEFACT Cross Industry Invoice, D16B
    Cii,
}

/// # Errors
/// With one file: why it cannot be read. With several, that stands in the output instead.
pub async fn run(options: Options, context: &Invocation) -> Result<ExitCode, Failure> {
    let examiner = examiner(&context.settings()?.extraction).map_err(Failure::configuration)?;
    if let Some(target) = options.to {
        return write(&options, target, &examiner).await;
    }
    let mut read = Vec::new();
    for file in &options.files {
        read.push((file, examine(file, &examiner).await));
    }
    let failed = read.iter().filter(|(_, read)| read.is_err()).count();
    if options.json {
        say(as_json(&read)?);
    } else {
        for (file, read) in &read {
            match read {
                Ok(examined) => show(report::text(file, &examined.extraction)),
                Err(error) => tell(shown(&format!("{error:#}"))),
            }
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_json(read: &[(&PathBuf, anyhow::Result<Examined>)]) -> anyhow::Result<String> {
    let one = |(file, read): &(&PathBuf, anyhow::Result<Examined>)| match read {
        Ok(examined) => serde_json::to_value(&examined.extraction).context("the invoice as JSON"),
        Err(error) => Ok(json!({ "file": file, "error": format!("{error:#}") })),
    };
    let mut all = read.iter().map(one).collect::<anyhow::Result<Vec<_>>>()?;
    let whole = if all.len() == 1 { all.remove(0) } else { json!(all) };
    serde_json::to_string_pretty(&whole).context("JSON")
}

async fn write(
    options: &Options,
    target: Target,
    examiner: &Examiner,
) -> Result<ExitCode, Failure> {
    let [file] = &options.files[..] else {
        let count = options.files.len();
        let error = anyhow!("--to writes one invoice, and {count} files were named: name one");
        return Err(Failure::usage(error));
    };
    let examined = examine(file, examiner).await?;
    let format = match target {
        Target::Ubl => Format::Ubl,
        Target::Cii => Format::Cii,
    };
    let contents = |sha256: &str| {
        let found = examined.attached.iter().find(|attached| attached.sha256 == sha256);
        found.map(|attached| attached.bytes.clone())
    };
    let written = writer::write_to_send(&examined.extraction.invoice, format, &contents);
    say(written.xml);
    for lost in &written.lost {
        tell(format!("{}: {}", lost.place.as_deref().unwrap_or(&lost.code), lost.message));
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads and judges a file, as the worker would.
///
/// # Errors
/// A file that cannot be read, or is no invoice: the place and the reason.
pub async fn examine(file: &Path, examiner: &Examiner) -> anyhow::Result<Examined> {
    let length = input::look(file).with_context(|| cannot_read(file))?.len();
    let name = shown(&file.to_string_lossy());
    ensure!(
        length <= FILE_BYTES_MAX,
        "{name}: the file has {length} bytes, and at most {FILE_BYTES_MAX} are taken: split the \
         document"
    );
    let bytes = std::fs::read(file).with_context(|| cannot_read(file))?;
    let examined = examiner.examine(bytes.into()).await;
    examined.map_err(|attention| anyhow!("{name}: {}", shown(&attention.text)))
}

/// What is larger is no invoice: twice what the gateway takes by default.
const FILE_BYTES_MAX: u64 = 50 * 1024 * 1024;

fn cannot_read(file: &Path) -> String {
    format!("cannot read {}", shown(&file.to_string_lossy()))
}
