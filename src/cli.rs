//! The commands and their options: a second face on the same parts.

pub mod bench;
pub mod check;
pub mod completions;
pub mod decide;
mod demo;
pub mod dev;
pub mod exit;
pub mod extract;
pub mod get;
pub mod healthcheck;
mod input;
pub mod keys;
pub mod list;
pub mod openapi;
pub mod ping;
pub mod policy;
pub mod read_document;
pub mod reconcile;
pub mod reconcile_state;
mod say;
pub mod schedules;
pub mod serve;
pub mod server;
pub mod submit;
mod table;
pub mod validate;
pub mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::cli::exit::Failure;
use crate::config::{Environment, LogFormat, Settings};

/// A REST gateway that runs accounts payable on Temporal.
#[derive(Debug, Parser)]
#[command(name = "ap-gateway", version, after_help = exit::HELP)]
pub struct Cli {
    /// Configuration file (TOML) of commands with settings; one that is wrong is refused by all
    /// [default: none] [env: AP_GATEWAY_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How log lines are written, where a command writes any [env: AP_GATEWAY_LOG_FORMAT]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::Options),
    Serve(serve::Options),
    Check(check::Options),
    Bench(bench::Options),
    Ping(ping::Options),
    Submit(submit::Options),
    Get(get::Options),
    List(list::Options),
    Decide(decide::Options),
    Watch(watch::Options),
    Extract(extract::Options),
    Validate(validate::Options),
    Reconcile(reconcile::Options),
    ReconcileState(reconcile_state::Options),
    Policy(policy::Options),
    Keys(keys::Options),
    Schedules(schedules::Options),
    Openapi(openapi::Options),
    Healthcheck(healthcheck::Options),
    Completions(completions::Options),
    #[command(hide = true)]
    ReadDocument(read_document::Options),
}

/// What every command may ask for: configuration, read when it is needed.
#[derive(Debug, Clone)]
pub struct Invocation {
    config: Option<PathBuf>,
    log_format: Option<LogFormat>,
    /// The process environment.
    pub environment: Environment,
}

impl Invocation {
    /// Refuses a file that was named and is no configuration, also for commands without settings:
    /// who names one expects that it counts, and a place where it is mistyped should not pass.
    fn look_at_file(&self) -> Result<(), Failure> {
        self.config.as_deref().map_or(Ok(()), Settings::look_at).map_err(Failure::configuration)
    }

    /// File, environment and flags as settings.
    ///
    /// # Errors
    /// A setting that is wrong: exit code 64.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = Settings::load(self.config.as_deref(), &self.environment)
            .map_err(Failure::configuration)?;
        if let Some(format) = self.log_format {
            settings.log.format = format;
        }
        Ok(settings)
    }
}

impl Cli {
    /// Runs the command; a failure is told on standard error.
    pub fn run(self) -> ExitCode {
        // Before anything else: what reads strangers' bytes knows nothing of ours.
        if let Command::ReadDocument(_) = self.command {
            return read_document::run();
        }
        let environment = crate::config::environment();
        let context = Invocation { config: self.config, log_format: self.log_format, environment };
        // `check` tells it in its report.
        let is_check = matches!(self.command, Command::Check(_));
        let looked = if is_check { Ok(()) } else { context.look_at_file() };
        if let Err(failure) = looked {
            return failure.report();
        }
        let ran = match self.command {
            Command::Openapi(options) => openapi::run(&options),
            Command::Policy(options) => policy::run(&options),
            Command::Extract(options) => wait_for(extract::run(options, &context)),
            Command::Validate(options) => wait_for(validate::run(options, &context)),
            Command::Reconcile(options) => wait_for(reconcile::run(options, &context)),
            Command::ReconcileState(options) => wait_for(reconcile_state::run(options, &context)),
            Command::Dev(options) => wait_for(dev::run(options, &context)),
            Command::Serve(options) => wait_for(serve::run(options, &context)),
            Command::Check(options) => wait_for(check::run(options, &context)),
            Command::Bench(options) => wait_for(bench::run(options, &context)),
            Command::Ping(options) => wait_for(ping::run(options)),
            Command::Submit(options) => wait_for(submit::run(options)),
            Command::Get(options) => wait_for(get::run(options)),
            Command::List(options) => wait_for(list::run(options)),
            Command::Decide(options) => wait_for(decide::run(options)),
            Command::Watch(options) => wait_for(watch::run(options)),
            Command::Completions(options) => completions::run(&options),
            Command::Keys(options) => wait_for(keys::run(options, &context)),
            Command::Schedules(options) => wait_for(schedules::run(options, &context)),
            Command::Healthcheck(options) => wait_for(healthcheck::run(options, &context)),
            Command::ReadDocument(_) => Ok(read_document::run()),
        };
        ran.unwrap_or_else(|failure| failure.report())
    }
}

/// The runtime of everything but the worker, which has its own.
fn wait_for(command: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the runtime").map_err(Failure::failed)?.block_on(command)
}
