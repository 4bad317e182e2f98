//! Messages to receivers outside: signed, guarded, sent. It knows no store and no workflow.

pub mod guard;
pub mod sender;
pub mod signature;

pub use crate::webhooks::guard::{Blocked, Rules};
pub use crate::webhooks::sender::{Message, Sender, Sent};
