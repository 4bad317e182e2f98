//! `traceparent`, and behind it `tracestate`.

use ap_gateway::trace::context::Trace;

/// Whether the trace goes on. Then it is passed on in a form that everybody reads as the same.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (parent, state) = match text.split_once('\n') {
        Some((parent, state)) => (parent, Some(state)),
        None => (&*text, None),
    };
    // As a row or a header of a workflow has it: our own, and never a stranger's; it must not harm.
    let _ = Trace::of_json(bytes);
    let Some(trace) = Trace::of_headers(parent, state) else { return false };
    let written = trace.parent();
    assert_eq!(written.len(), 55, "{written}");
    assert!(parent[2..].starts_with(&written[2..52]), "{written} of {parent}");
    assert!(written.starts_with("00-") && trace.id() != "0".repeat(32), "{written}");
    if let Some(passed_on) = trace.state() {
        assert!((1..=512).contains(&passed_on.len()), "{} letters", passed_on.len());
        assert!(passed_on.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{passed_on:?}");
        assert_eq!(Some(passed_on), state, "passed on and changed");
    }
    let again = Trace::of_headers(&written, trace.state()).expect("ours is read");
    assert!(again == trace, "{again:?} of {trace:?}");
    assert!(Trace::of_json(trace.to_json().as_bytes()) == Some(trace), "kept as another");
    true
}
