//! Bodies, frame by frame: bounded in bytes, in silence between frames, and in total time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::http::error::{ApiError, Slug};
use crate::models::fault::Fault;

/// Longest silence between two frames; HTTP handbook §4.3.
const STALL: Duration = Duration::from_secs(10);

/// The longest silence that the configuration allows, where it differs; put into each request.
#[derive(Debug, Clone, Copy)]
pub struct Stall(pub Duration);

/// What a route group takes; put into each request by its layer.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit {
    /// Bytes of what is sent: the figure of the configuration, of the docs and of the 413.
    pub bytes: u64,
    /// Bytes of a form around it, which count for nobody.
    pub around: u64,
    /// From the first read to the last byte.
    pub total: Duration,
    /// Longest silence between two frames.
    pub stall: Duration,
}

impl BodyLimit {
    /// For a route with this deadline, and with the usual stall. A tenth of the deadline is kept
    /// from the body: so one that is late is told as what it is (408), and never as a deadline of
    /// ours (504).
    pub fn new(bytes: u64, deadline: Duration) -> Self {
        Self { bytes, around: 0, total: deadline - deadline / 10, stall: STALL }
    }

    /// With room for a form around the document.
    pub fn in_a_form(self, around: u64) -> Self {
        Self { around, ..self }
    }

    /// Whether a body of this size is too large.
    pub fn refuses(self, bytes: u64) -> bool {
        bytes > self.bytes.saturating_add(self.around)
    }

    /// Refuses a body whose head says that it is too large, before a byte of it is read.
    ///
    /// # Errors
    /// 413.
    pub fn admit(self, headers: &HeaderMap) -> Result<(), ApiError> {
        let announced = headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        match announced {
            Some(bytes) if self.refuses(bytes) => Err(too_large(self.bytes)),
            _ => Ok(()),
        }
    }
}

impl Default for BodyLimit {
    /// A route without a body layer takes no body worth mentioning.
    fn default() -> Self {
        Self::new(64 * 1024, STALL)
    }
}

/// A refusal on its way through a library that passes errors on.
#[derive(Debug, thiserror::Error)]
#[error("the body was refused: {}", .0.0.slug.as_str())]
pub struct Refusal(pub ApiError);

/// The body of a request, with the limits of its route.
pub fn reader(request: Request) -> BodyReader {
    let limit = request.extensions().get::<BodyLimit>().copied().unwrap_or_default();
    BodyReader::new(request.into_body(), limit)
}

/// A body that is being read.
pub struct BodyReader {
    stream: BodyDataStream,
    limit: BodyLimit,
    taken: u64,
    ends: Instant,
}

impl BodyReader {
    /// Starts the clock.
    pub fn new(body: Body, limit: BodyLimit) -> Self {
        let ends = Instant::now() + limit.total;
        Self { stream: body.into_data_stream(), limit, taken: 0, ends }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// 408 after a stall or when the time is over, 413 beyond the limit, 400 for a body cut short.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let until = self.ends.min(Instant::now() + self.limit.stall);
        let Ok(frame) = timeout_at(until, self.stream.next()).await else {
            return Err(self.late());
        };
        let frame = match frame {
            None => return Ok(None),
            Some(Err(error)) => return Err(cut_short().caused_by(error)),
            Some(Ok(frame)) => frame,
        };
        self.taken += frame.len() as u64;
        if self.limit.refuses(self.taken) {
            return Err(too_large(self.limit.bytes));
        }
        Ok(Some(frame))
    }

    /// Everything, in one piece.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    pub async fn all(mut self) -> Result<Bytes, ApiError> {
        let mut whole = BytesMut::new();
        while let Some(frame) = self.next().await? {
            whole.extend_from_slice(&frame);
        }
        Ok(whole.freeze())
    }

    /// The rest as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> + Send {
        futures::stream::try_unfold(self, |mut reader| async move {
            let frame = reader.next().await?;
            Ok(frame.map(|frame| (frame, reader)))
        })
    }

    /// The rest as a body, for a reader that takes nothing else. Its error is a [`Refusal`].
    pub fn into_body(self) -> Body {
        Body::from_stream(self.into_stream().map(|frame| frame.map_err(Refusal)))
    }

    fn late(&self) -> ApiError {
        let detail = if Instant::now() < self.ends {
            format!("No byte came for {} s.", self.limit.stall.as_secs())
        } else {
            format!("The body took longer than {} s.", self.limit.total.as_secs())
        };
        Slug::RequestTimeout.error().detail(detail).closing()
    }
}

/// 413.
pub fn too_large(limit: u64) -> ApiError {
    Slug::PayloadTooLarge
        .error()
        .detail(format!("The body is larger than {limit} bytes."))
        .member("limit", limit)
        .member("unit", "bytes")
        .closing()
}

fn cut_short() -> ApiError {
    let fault = Fault::at("", "cut_short", "ends too early, or is not framed as HTTP has it");
    let detail = "The body ended before it was complete, or its framing is broken.";
    Slug::InvalidRequest.error().detail(detail).faults([fault]).closing()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use axum::body::Body;
    use bytes::Bytes;
    use futures::StreamExt;

    use super::{BodyLimit, BodyReader};
    use crate::http::error::Slug;

    const LIMIT: BodyLimit = BodyLimit {
        bytes: 4,
        around: 0,
        total: Duration::from_millis(60),
        stall: Duration::from_millis(30),
    };

    async fn read(body: Body) -> Result<usize, Slug> {
        let whole = BodyReader::new(body, LIMIT).all().await;
        whole.map(|bytes| bytes.len()).map_err(|error| error.0.slug)
    }

    #[tokio::test]
    async fn the_limit_is_taken_and_one_more_is_refused() {
        assert_eq!(read(Body::from("1234")).await, Ok(4));
        assert_eq!(read(Body::from("12345")).await, Err(Slug::PayloadTooLarge));
    }

    #[tokio::test]
    async fn a_body_that_is_cut_short_is_a_fault_of_the_body() {
        let broken = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let pieces = [Ok(Bytes::from_static(b"12")), Err(broken)];
        let body = Body::from_stream(futures::stream::iter(pieces));
        let refused = BodyReader::new(body, LIMIT).all().await.expect_err("is refused");
        assert_eq!(refused.0.slug, Slug::InvalidRequest);
        let faults = refused.0.errors.iter();
        let told: Vec<_> = faults.map(|one| (one.pointer.as_deref(), one.code.as_str())).collect();
        assert_eq!(told, [(Some(""), "cut_short")]);
    }

    #[test]
    fn a_form_around_a_document_is_not_counted_against_it() {
        let limit = LIMIT.in_a_form(2);
        assert_eq!((limit.refuses(6), limit.refuses(7), limit.bytes), (false, true, 4));
        let huge = BodyLimit { bytes: u64::MAX, ..limit };
        assert!(!huge.refuses(u64::MAX));
    }

    #[test]
    fn a_body_ends_before_the_deadline_of_its_route() {
        let limit = BodyLimit::new(4, Duration::from_secs(10));
        assert_eq!(limit.total, Duration::from_secs(9));
    }

    #[tokio::test]
    async fn silence_and_slowness_are_cut() {
        let silent = futures::stream::pending::<Result<Bytes, Infallible>>();
        let silent = Body::from_stream(silent);
        assert_eq!(read(silent).await, Err(Slug::RequestTimeout));
        let slow = futures::stream::repeat(Bytes::new()).then(|empty| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Ok::<_, Infallible>(empty)
        });
        let slow = Body::from_stream(slow);
        assert_eq!(read(slow).await, Err(Slug::RequestTimeout));
    }
}
