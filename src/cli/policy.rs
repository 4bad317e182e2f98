//! `policy`: what a company tolerates, as a document: checked, described, ready made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use crate::cli::exit::Failure;
use crate::cli::input;
use crate::cli::say::{say, show, tell};
use crate::cli::table;
use crate::reconciliation::policy::document::{PolicyDocument, PolicyFaults};
use crate::reconciliation::policy::ready_made::{READY_MADE, ready_made};
use crate::reconciliation::policy::schema::schema_text;

/// Check policies, print ready-made ones and the schema of all
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check policies: every fault with its line and column; exit code 1 if there is one
    Check {
        /// Policies as TOML or JSON
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of policies
    Schema,
    /// Print a ready-made policy, to start from
    Show {
        /// As `policy list` names it
        name: String,
    },
    /// List the ready-made policies
    List,
}

/// # Errors
/// A name that no ready-made policy has; what is wrong with a file stands in the output.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    match &options.command {
        Command::Check { files } => return Ok(check(files)),
        Command::Schema => say(schema_text().trim_end()),
        Command::Show { name } => {
            let known = ready_made(name).ok_or_else(|| {
                let names = READY_MADE.map(|known| known.name).join(", ");
                Failure::usage(anyhow!(
                    "no ready-made policy is called {name:?}; there are {names}"
                ))
            })?;
            say(known.text.trim_end());
        }
        Command::List => {
            let mut table = table::with_header(["POLICY", "FOR"]);
            for known in READY_MADE {
                table.add_row([known.name, known.purpose]);
            }
            say(table);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check(files: &[PathBuf]) -> ExitCode {
    let mut all_good = true;
    for file in files {
        match read(file) {
            Ok(document) => {
                let policy = &document.policy;
                let rules = policy.match_level.rules.len() + policy.tolerance_rules.len();
                let (version, limits) = (&policy.version, policy.tolerances.len());
                let file = file.display();
                show(format!(
                    "{file}: version {version}, {limits} checks with limits, {rules} rules"
                ));
            }
            Err(error) => {
                all_good = false;
                tell(format!("{error:#}"));
            }
        }
    }
    if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A policy from a file.
///
/// # Errors
/// A file that cannot be read; all faults of its content, as `file:line:column: path: what`.
pub(super) fn read(file: &Path) -> anyhow::Result<PolicyDocument> {
    let text = input::look(file).and_then(|_| std::fs::read_to_string(file));
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    PolicyDocument::parse(&text).map_err(|PolicyFaults(faults)| {
        let lines = faults.iter().map(|fault| format!("{}:{fault}", file.display()));
        anyhow!(lines.collect::<Vec<_>>().join("\n"))
    })
}
