//! The command line of ap-gateway, and its exit codes.

use std::process::ExitCode;

use clap::Parser;

/// Of the program alone: who takes the library chooses for themselves. Measured in `docs/cost.md`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    ap_gateway::cli::Cli::parse().run()
}
