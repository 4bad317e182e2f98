//! What belongs together: the trace of a request, from its caller through the workflow and its
//! activities to the messages sent outside (W3C Trace Context).
//!
//! A leaf: it knows no other module. The trace of what runs is ambient, because it says nothing
//! about what is done; it is carried by requests, rows, workflow headers and messages, and it is
//! there also when nobody collects spans: then it costs some random bytes.

pub mod context;
pub mod export;
pub mod span;

pub use crate::trace::context::Trace;
pub use crate::trace::span::{Kind, Span};

/// The header of runs and activities that carries it; the SDKs share the name and the form.
pub const TEMPORAL_HEADER: &str = "_tracer-data";

tokio::task_local! {
    static CURRENT: Trace;
}

/// The trace of what runs now.
pub fn current() -> Option<Trace> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Does `work` as part of a trace.
pub async fn within<W: Future>(trace: Option<Trace>, work: W) -> W::Output {
    match trace {
        Some(trace) => CURRENT.scope(trace, work).await,
        None => work.await,
    }
}

#[cfg(test)]
mod tests {
    use super::{Trace, current, within};

    #[tokio::test]
    async fn what_runs_within_a_trace_sees_it_and_nothing_else_does() {
        assert_eq!(current(), None);
        let trace = Trace::new();
        let seen = within(Some(trace.clone()), async { current() }).await;
        assert_eq!((seen, current()), (Some(trace), None));
    }
}
