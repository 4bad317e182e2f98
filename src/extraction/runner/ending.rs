//! How a reading process ended, in words: which limit it went past, and what to do.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::extraction::limits::{Limits, WorkLimits};
use crate::extraction::refusal::{Refusal, RefusalCode};

/// What the standard library writes before it ends a process that gets no memory.
const NO_MEMORY: &str = "memory allocation of";

/// What it writes before it ends a process whose calls are nested too deeply.
const NO_STACK: &str = "has overflowed its stack";

/// Numbers of signals, the same on every system that the gateway runs on but for SIGXCPU, whose
/// number is taken from the system.
const KILLED: i32 = 9;

/// Characters of the last words that are shown.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// What to do about a document on which the reader fell over.
const ANOTHER_COPY: &str = "ask the sender for another copy, printed to a new PDF or made anew";

/// Why the process ended before it had answered.
pub(super) fn explained(status: ExitStatus, last_words: &[u8], limits: &WorkLimits) -> Refusal {
    let last_words = String::from_utf8_lossy(last_words);
    if last_words.contains(NO_MEMORY) {
        return memory_limit(limits);
    }
    if last_words.contains(NO_STACK) {
        let message = format!("the document is nested too deeply to be read: {ANOTHER_COPY}");
        return Refusal::new(RefusalCode::ReaderCrashed, message);
    }
    match status.signal() {
        Some(signal) if signal == rustix::process::Signal::XCPU.as_raw() => cpu_limit(limits),
        // Not by us: then nobody would ask. The system kills so when a machine has no memory.
        Some(KILLED) => {
            let message = "the process that read the document was killed from outside, as a \
                           machine does that is out of memory: check its memory, then try again";
            Refusal::new(RefusalCode::ReaderUnavailable, message)
        }
        Some(signal) => crashed(&format!("signal {signal}"), &last_words),
        None => crashed(&status.to_string(), &last_words),
    }
}

pub(super) fn time_limit(limits: &Limits) -> Refusal {
    let seconds = limits.wall.as_secs_f32();
    let message = format!("reading the document took more than {seconds} s: {ANOTHER_COPY}");
    Refusal::new(RefusalCode::TimeLimit, message)
}

fn cpu_limit(limits: &WorkLimits) -> Refusal {
    let seconds = limits.cpu_seconds;
    let message = format!(
        "reading the document took more than {seconds} s of processor time: {ANOTHER_COPY}"
    );
    Refusal::new(RefusalCode::CpuLimit, message)
}

fn memory_limit(limits: &WorkLimits) -> Refusal {
    let bytes = limits.memory_bytes;
    let message =
        format!("reading the document took more than {bytes} bytes of memory: {ANOTHER_COPY}");
    Refusal::new(RefusalCode::MemoryLimit, message)
}

pub(super) fn answer_limit(bytes_max: usize) -> Refusal {
    let message = format!(
        "what was read from the document has more than {bytes_max} bytes: split the document"
    );
    Refusal::new(RefusalCode::AnswerLimit, message)
}

/// The process said something else than it should.
pub(super) fn unasked() -> Refusal {
    let message = format!("the reader gave no proper answer to this document: {ANOTHER_COPY}");
    Refusal::new(RefusalCode::ReaderCrashed, message)
}

/// The system does not tell how the process ended.
pub(super) fn lost(reason: &str) -> Refusal {
    let message = format!("the process that read the document was lost ({reason}): try again");
    Refusal::new(RefusalCode::ReaderUnavailable, message)
}

fn crashed(how: &str, last_words: &str) -> Refusal {
    let shown: String = last_words.trim().chars().take(SHOWN_CHARACTERS_MAX).collect();
    let message =
        format!("the process that read the document died ({how}; {shown:?}): {ANOTHER_COPY}");
    Refusal::new(RefusalCode::ReaderCrashed, message)
}

#[cfg(test)]
mod tests {
    use super::explained;
    use crate::extraction::limits::WorkLimits;
    use crate::extraction::refusal::RefusalCode;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn each_end_has_its_own_code_and_names_its_limit() {
        let limits = WorkLimits::default();
        for (wait_status, last_words, code, said) in [
            (6, "memory allocation of 9 bytes failed\n", RefusalCode::MemoryLimit, "1073741824"),
            (6, "thread 'main' has overflowed its stack\n", RefusalCode::ReaderCrashed, "nested"),
            (24, "", RefusalCode::CpuLimit, "20 s of processor time"),
            (9, "", RefusalCode::ReaderUnavailable, "killed from outside"),
            (11, "", RefusalCode::ReaderCrashed, "signal 11"),
            (1 << 8, "cannot answer: x", RefusalCode::ReaderCrashed, "cannot answer: x"),
        ] {
            let refusal =
                explained(ExitStatus::from_raw(wait_status), last_words.as_bytes(), &limits);
            assert_eq!(refusal.code, code, "{last_words}");
            assert!(refusal.message.contains(said), "{}", refusal.message);
        }
    }
}
