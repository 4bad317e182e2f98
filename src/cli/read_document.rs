//! `read-document`: the process in which one untrusted document is read. The gateway starts it.

use std::process::ExitCode;

use clap::Args;

use crate::extraction::child;

/// Read one document from standard input, under limits; for the gateway itself
#[derive(Debug, Args)]
pub struct Options {}

/// Answers on standard output; the code says whether there was an answer.
pub fn run() -> ExitCode {
    child::run()
}
