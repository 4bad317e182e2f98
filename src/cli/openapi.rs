//! `openapi`: the API document, as the running gateway serves it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::http::openapi::{document_text, openapi, operations_text};

/// Print the OpenAPI document, or write it and the list of operations to openapi/
#[derive(Debug, Args)]
pub struct Options {
    /// Write openapi.json and operations.txt into this folder
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "openapi")]
    write: Option<PathBuf>,
}

/// # Errors
/// A folder that cannot be made or written.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let api = openapi();
    let document = document_text(&api);
    match &options.write {
        None => say(document.trim_end()),
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            let write = |name: &str, text: &str| {
                let path = folder.join(name);
                std::fs::write(&path, text)
                    .with_context(|| format!("cannot write {}", path.display()))
            };
            write("openapi.json", &document)?;
            write("operations.txt", &operations_text(&api))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
