//! The technical view: runs of our own workflow types.

pub mod describe;
pub mod ending;
pub mod history;
pub mod list;
pub mod ping;
pub mod pong;
pub mod resource;
pub mod result;
