//! Foreign formats in processes of their own: hybrid invoices, hostile bytes, limits.

/// PDFs made by hand, good and bad.
pub(crate) mod crafted;
/// Pages as people look at them.
mod drawn;
/// What was made to harm, and what a bad file does to its neighbours: nothing.
mod hostile;
/// The hybrid invoices of the public corpus.
mod hybrids;
/// Files inside a PDF.
mod inside;
/// PNG, JPEG and TIFF.
mod pictures;
/// Pages that are pictures, and the recognition of their characters.
mod scans;
/// What a person does not see.
mod unseen;

use std::path::Path;

use ap_gateway::extraction::limits::Limits;
use ap_gateway::extraction::runner::Runner;

/// A runner of the built program, on two cores.
fn runner() -> Runner {
    with(Limits::for_cores(2))
}

/// A runner of the built program with other limits.
fn with(limits: Limits) -> Runner {
    Runner::new(Path::new(env!("CARGO_BIN_EXE_ap-gateway")), limits)
}
