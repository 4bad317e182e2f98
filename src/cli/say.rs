//! What a command answers on standard output.

use std::fmt::Display;
use std::io::Write;

/// Writes one line on standard error.
pub(super) fn tell(remark: impl Display) {
    let _ = writeln!(std::io::stderr(), "{remark}");
}

/// Writes one line. A reader that has seen enough (`| head`) is no fault of the command.
pub(super) fn say(answer: impl Display) {
    let _ = writeln!(std::io::stdout(), "{answer}");
}
