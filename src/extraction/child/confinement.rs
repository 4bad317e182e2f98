//! The limits that the operating system holds over the reading process.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::extraction::limits::WorkLimits;

/// Gives up everything that reading a document does not need; there is no way back.
///
/// # Errors
/// A limit that the system does not take: then nothing is read.
pub(crate) fn enter(limits: &WorkLimits) -> io::Result<()> {
    let hard = |maximum: u64| Rlimit { current: Some(maximum), maximum: Some(maximum) };
    // At the lower of two limits on processor time the system sends a signal that names the
    // cause; at the upper one it kills.
    let seconds = limits.cpu_seconds;
    let processor = Rlimit { current: Some(seconds), maximum: Some(seconds.saturating_add(1)) };
    for (resource, limit) in [
        (Resource::As, hard(limits.memory_bytes)),
        (Resource::Cpu, processor),
        // A dump would put the document on a disk.
        (Resource::Core, hard(0)),
        (Resource::Fsize, hard(0)),
        // Input, output and errors are open; with three in all, no file or socket can be.
        (Resource::Nofile, hard(3)),
        (Resource::Nproc, hard(0)),
    ] {
        setrlimit(resource, limit)?;
    }
    Ok(())
}
