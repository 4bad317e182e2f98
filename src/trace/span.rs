//! A stretch of work within a trace. Recorded for a collector when there is one; else it is a place
//! in the trace and nothing more.

use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
    TraceId, TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue, Value};

use crate::trace::{Trace, export};

/// From which side the work is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request that is answered.
    Server,
    /// Work that was ordered and is done later.
    Consumer,
    /// A request to somebody else.
    Client,
}

/// Work under way; it ends when this is dropped.
pub struct Span {
    trace: Trace,
    recorded: Option<opentelemetry_sdk::trace::Span>,
}

impl Span {
    /// Begins: as part of `parent`, or of a new trace.
    pub fn start(kind: Kind, name: impl Into<String>, parent: Option<Trace>) -> Self {
        let Some(tracer) = export::tracer() else {
            return Self::unrecorded(parent);
        };
        let context = match &parent {
            Some(parent) => Context::new().with_remote_span_context(context(parent)),
            None => Context::new(),
        };
        let kind = match kind {
            Kind::Server => SpanKind::Server,
            Kind::Consumer => SpanKind::Consumer,
            Kind::Client => SpanKind::Client,
        };
        let span = SpanBuilder::from_name(name.into()).with_kind(kind);
        let span = tracer.build_with_context(span, &context);
        let place = span.span_context();
        let trace = Trace {
            id: place.trace_id().to_bytes(),
            span: place.span_id().to_bytes(),
            sampled: place.is_sampled(),
            state: parent.and_then(|parent| parent.state),
        };
        Self { trace, recorded: Some(span) }
    }

    /// Work that nobody wants to see, such as an answer to a probe.
    pub fn unrecorded(parent: Option<Trace>) -> Self {
        let trace = parent.map_or_else(Trace::new, |parent| parent.child());
        Self { trace, recorded: None }
    }

    /// Where what follows belongs to.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Says something of the work; names are those of OpenTelemetry's conventions where it has one.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        if let Some(span) = &mut self.recorded {
            span.set_attribute(KeyValue::new(name, value));
        }
    }

    /// The work failed. `why` is a word from a closed set, never a text of somebody else.
    pub fn fail(&mut self, why: &'static str) {
        if let Some(span) = &mut self.recorded {
            span.set_status(Status::error(why));
        }
    }
}

fn context(trace: &Trace) -> SpanContext {
    let flags = if trace.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (id, span) = (TraceId::from_bytes(trace.id), SpanId::from_bytes(trace.span));
    SpanContext::new(id, span, flags, true, TraceState::default())
}
