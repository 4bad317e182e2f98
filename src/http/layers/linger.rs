//! An early refusal must arrive. When a connection is closed while the client still sends its
//! body, the system answers those bytes with a reset, and the reset overtakes our answer: the
//! client sees a broken pipe instead of a 413. So what nobody wants to read is read off for a
//! short while, beside the answer and not before it (RFC 9112 §9.6 calls it lingering).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Longest time to read off: a client that is refused notices the answer sooner.
const AT_MOST: Duration = Duration::from_secs(5);

/// Most bytes to read off: more than the largest body that anybody sends by mistake.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bodies read off at once; beyond it the connection is closed as it is.
const BODIES_MAX: usize = 64;

/// Bounds what is read off at once. Cheap to clone.
#[derive(Clone)]
pub struct Lingering(Arc<Semaphore>);

impl Default for Lingering {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BODIES_MAX)))
    }
}

/// Puts the body into a wrapper that reads off what is left of it when it is dropped.
pub async fn read_off(
    State(lingering): State<Lingering>,
    request: Request,
    next: Next,
) -> Response {
    if !sends_body(request.headers()) {
        return next.run(request).await;
    }
    let wrapped = request
        .map(|body| Body::from_stream(Wanted { rest: Some(body.into_data_stream()), lingering }));
    next.run(wrapped).await
}

/// Who waits for `100 Continue` sends nothing before it, and sees our answer instead.
fn sends_body(headers: &HeaderMap) -> bool {
    let announced = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    announced && !headers.contains_key(EXPECT)
}

/// A body that somebody may want.
struct Wanted {
    rest: Option<BodyDataStream>,
    lingering: Lingering,
}

impl Stream for Wanted {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let next = rest.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = next {
            self.rest = None;
        }
        next
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let place = Arc::clone(&self.lingering.0).try_acquire_owned();
        let (Some(mut rest), Ok(place), Ok(runtime)) =
            (self.rest.take(), place, Handle::try_current())
        else {
            return;
        };
        runtime.spawn(async move {
            let _place = place;
            let mut bytes = 0;
            let reading = async {
                while let Some(Ok(frame)) = rest.next().await {
                    bytes += frame.len();
                    if bytes > BYTES_MAX {
                        break;
                    }
                }
            };
            // Late or not: what is left is cut with the connection.
            let _ = timeout(AT_MOST, reading).await;
        });
    }
}
