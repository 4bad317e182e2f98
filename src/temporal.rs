//! The only door to Temporal: connecting, starting, reading, polling.

pub mod connect;
pub mod credentials;
pub mod dev_server;
pub mod gateway;
pub mod sdk_metrics;
pub mod worker;

mod grpc;
mod history;
mod pollers;
mod pool;
mod restart;
mod run_end;
mod runs;
mod starting;
mod trace_header;
mod visibility;
mod watch;
mod workflow_log;

pub use crate::temporal::connect::ConnectError;
pub use crate::temporal::gateway::{Gateway, GatewayError};
pub use crate::temporal::worker::WorkerSupervisor;
