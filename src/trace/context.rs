//! A place in a trace, and its two headers: `traceparent` and `tracestate` (W3C Trace Context).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Letters of `traceparent` in version 00.
const PARENT_BYTES: usize = 55;

/// Letters of `tracestate` that everybody must pass on (§3.3.1.5); a longer one is dropped whole.
const STATE_BYTES_MAX: usize = 512;

/// A place in a trace: the trace, and the span that what follows belongs to. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    pub(super) id: [u8; 16],
    pub(super) span: [u8; 8],
    pub(super) sampled: bool,
    pub(super) state: Option<Arc<str>>,
}

/// As it is carried in rows and in headers of workflows: the two headers of HTTP.
#[derive(Serialize, Deserialize)]
struct Carrier {
    traceparent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
}

impl Trace {
    /// A new one, which nobody recorded so far.
    pub fn new() -> Self {
        Self { id: random(), span: random(), sampled: false, state: None }
    }

    /// The caller's, from its headers; `None` when it sent none that can be continued. Of a version
    /// that is not known yet the first four fields are read (§3.2.4).
    pub fn of_headers(parent: &str, state: Option<&str>) -> Option<Self> {
        let rest = match parent.get(PARENT_BYTES..)? {
            "" => true,
            more => more.starts_with('-') && !parent.starts_with("00"),
        };
        let mut fields = parent.get(..PARENT_BYTES)?.split('-');
        let version: [u8; 1] = hex(fields.next()?)?;
        let (id, span): ([u8; 16], [u8; 8]) = (hex(fields.next()?)?, hex(fields.next()?)?);
        let [flags] = hex::<1>(fields.next()?)?;
        let known = rest && version != [0xff] && id != [0; 16] && span != [0; 8];
        let state = state.filter(|state| is_state(state)).map(Arc::from);
        (known && fields.next().is_none()).then_some(Self {
            id,
            span,
            sampled: flags & 1 == 1,
            state,
        })
    }

    /// The same trace, in a span of its own.
    pub fn child(&self) -> Self {
        Self { span: random(), ..self.clone() }
    }

    /// The trace's id in hexadecimal digits, for log lines.
    pub fn id(&self) -> String {
        digits(&self.id)
    }

    /// The header `traceparent`.
    pub fn parent(&self) -> String {
        let flags = u8::from(self.sampled);
        format!("00-{}-{}-{flags:02x}", digits(&self.id), digits(&self.span))
    }

    /// The header `tracestate`, if there is one.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// For a row or a header of a workflow.
    pub fn to_json(&self) -> String {
        let tracestate = self.state.as_deref().map(str::to_owned);
        let carrier = Carrier { traceparent: self.parent(), tracestate };
        serde_json::to_string(&carrier).expect("two texts")
    }

    /// From there again.
    pub fn of_json(text: &[u8]) -> Option<Self> {
        let carrier: Carrier = serde_json::from_slice(text).ok()?;
        Self::of_headers(&carrier.traceparent, carrier.tracestate.as_deref())
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parent())
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // All zeros would be no id; without randomness any other will do.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() || bytes == [0; N] {
        bytes[N - 1] = 1;
    }
    bytes
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower case alone (§3.2).
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 2 * N || !text.bytes().all(plain) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// It is passed on and never read, so it is enough that it can stand in a header.
fn is_state(text: &str) -> bool {
    (1..=STATE_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::Trace;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_good_one_is_continued_and_a_bad_one_is_not() {
        let good = Trace::of_headers(GOOD, Some("a=1,b=2")).expect("good");
        assert_eq!((good.parent().as_str(), good.state()), (GOOD, Some("a=1,b=2")));
        let child = good.child();
        assert_eq!(child.id(), good.id());
        assert_ne!(child.parent(), good.parent());
        assert_eq!(Trace::of_json(good.to_json().as_bytes()), Some(good));
        let later = GOOD.replacen("00", "cc", 1);
        for read in [later.clone(), format!("{later}-what.the.future"), GOOD.replace("-01", "-ff")]
        {
            let read = Trace::of_headers(&read, None).expect("the first four fields");
            assert_eq!(read.parent(), GOOD);
        }
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            &GOOD.replacen("00", "ff", 1),
            &GOOD.to_uppercase(),
            &GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &GOOD.replace("b7ad6b7169203331", &"0".repeat(16)),
            &format!("{GOOD}-more"),
            &format!("{later}.more"),
            &GOOD.replace("-b7", "_b7"),
            &GOOD.replace("b7ad", "böd"),
        ] {
            assert_eq!(Trace::of_headers(bad, None), None, "{bad:?}");
        }
    }

    #[test]
    fn a_state_that_no_header_can_carry_is_dropped_and_the_trace_goes_on() {
        for bad in ["", "a=\n", &"a".repeat(513)] {
            let read = Trace::of_headers(GOOD, Some(bad)).expect("good");
            assert_eq!(read.state(), None, "{bad:?}");
        }
    }
}
