//! The command line of ap-gateway, and its exit codes.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ap_gateway::cli::Cli::parse().run()
}
