//! The outside in domain words: documents and rows. Stores keep, they do not decide.

pub mod artifacts;
pub mod bucket;
mod folder;
pub mod ledger;

pub use crate::storage::artifacts::{ArtifactError, Artifacts, Removal, Stored};
pub use crate::storage::bucket::{Bucket, BucketError};
pub use crate::storage::ledger::{Ledger, LedgerError};
