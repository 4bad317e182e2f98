//! `completions`: what a shell needs to complete our commands.

use std::process::ExitCode;

use clap::{Args, Command, CommandFactory};
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
    clap_complete::generate(options.shell, &mut shown(), "ap-gateway", &mut text);
    say(String::from_utf8_lossy(&text).trim_end());
    Ok(ExitCode::SUCCESS)
}

/// The command as people know it. The generator would complete hidden subcommands too, and a
/// command cannot lose one: so it is put together anew without them.
fn shown() -> Command {
    let whole = Cli::command();
    let subcommands = whole.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new("ap-gateway")
        .version(env!("CARGO_PKG_VERSION"))
        .args(whole.get_arguments())
        .subcommands(subcommands)
}
