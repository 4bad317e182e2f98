//! `/webhooks`: who is told what happens.

pub mod body;
pub mod change;
pub mod deliveries;
pub mod make;
pub mod read;
pub mod replay;
pub mod resource;
pub mod secret;
pub mod test;
