//! The technical view: runs of our own workflow types.

pub mod describe;
pub mod ping;
pub mod pong;
