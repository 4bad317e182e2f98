//! `completions`: what a shell needs to complete our commands.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::exit::Failure;
use crate::cli::say::say;

/// Print the completions for a shell: `ap-gateway completions bash > /etc/bash_completion.d/ap-gateway`
#[derive(Debug, Args)]
pub struct Options {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// # Errors
/// None; the signature is that of every command.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    // The generator panics where its output is not taken, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "ap-gateway", &mut text);
    say(String::from_utf8_lossy(&text).trim_end());
    Ok(ExitCode::SUCCESS)
}
