//! Payment files: approved invoices become orders for the bank.

pub mod cancel;
pub mod make;
pub mod order;
pub mod payable;
pub mod read;
pub mod resource;
