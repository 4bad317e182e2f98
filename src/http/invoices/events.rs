//! What happens to an invoice, as it happens: a stream of server-sent events.

mod frame;
pub mod last_event_id;
mod pace;
mod places;
mod stream;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::http::Edge;
use crate::http::answer::of_unknown_length;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error::openapi::General;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, accept};
use crate::http::invoices::events::stream::Beginning;
use crate::http::invoices::read::{noted, row};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;

pub(crate) use crate::http::invoices::events::frame::{KEEP_ALIVE, RETRY};
pub use crate::http::invoices::events::last_event_id::LastEventId;
pub use crate::http::invoices::events::pace::{Look, Pace};
pub use crate::http::invoices::events::places::{StreamPlace, Streams};
pub use crate::http::invoices::events::stream::{Stream, Watched};

/// The type of a stream.
pub const EVENT_STREAM: &str = "text/event-stream";

/// For the document: `Last-Event-ID`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct LastEventIdHeader {
    /// The `id` of the last event that was received, which is a revision of the invoice: the stream
    /// goes on behind it. `0` is the beginning. One that is no revision or lies ahead begins with a
    /// snapshot that says `"resumed":false`.
    #[param(rename = "Last-Event-ID", nullable = false, example = "5")]
    last_event_id: Option<String>,
}

/// One event of the stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct InvoiceEvent {
    /// The revision that it leads to; none on a `drain`, which is no change.
    #[schema(nullable = false, example = "6")]
    id: Option<String>,
    /// What happened.
    #[schema(example = "status")]
    event: String,
    /// A JSON object, as text.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// One as readers of the stream see it.
fn event_example() -> Value {
    let data = r#"{"id":"inv_01kax3v9s8f2m7c4t0q6w5z1re","from":"held","to":"approval","revision":6,"at":"2026-11-23T10:02:11.004Z"}"#;
    json!({"id": "6", "event": "status", "data": data})
}

/// Nothing is expected to happen any more. A paid invoice may still go on, when its payment comes
/// back: whoever asks again then hears of it.
pub fn is_over(status: InvoiceStatus) -> bool {
    status == InvoiceStatus::Paid || status.is_final()
}

/// Follow an invoice
///
/// Server-sent events. Without `Last-Event-ID` the stream begins with a `snapshot`; with it, each
/// later event comes once, in order. `id` is the revision. `status` tells of each step, `hold` of
/// holds that changed while the invoice stayed, `decision` and `release` of what people did,
/// `attention` of why somebody must look, `closed` of the end, after which the stream ends;
/// `drain`, without an id, says that the gateway stops. More kinds may come. A comment comes every
/// 15 seconds, and a stream lasts 30 minutes at most: connect again with the last id. HEAD answers
/// with headers alone.
#[utoipa::path(
    get, path = "/invoices/{id}/events", tag = "invoices", operation_id = "stream_invoice_events",
    params(
        ("id" = InvoiceId, Path, description = "The invoice", example = "inv_01kax3v9s8f2m7c4t0q6w5z1re"),
        LastEventIdHeader,
    ),
    responses(
        (status = 200, description = "The stream, here by its events: `retry: 3000`, then for each the lines `id: …`, `event: …`, `data: …` and an empty one",
            headers(
                ("Cache-Control" = String, description = "Always `no-store`"),
                ("X-Accel-Buffering" = String, description = "Always `no`: proxies pass each event on"),
            ),
            content((InvoiceEvent = "text/event-stream", example = json!(event_example())))),
        (status = 204, description = "The reader has the last event of an invoice that is over: stop"),
        General,
    )
)]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub async fn stream_invoice_events(
    State(edge): State<Edge>,
    Id(id): Id<InvoiceId>,
    Query(NoParameters): Query<NoParameters>,
    caller: Caller,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    accept::require(&headers, EVENT_STREAM)?;
    let last = LastEventId::of(&headers);
    if method == Method::HEAD {
        let row = row(&edge.parts.ledger, &id).await?;
        let ends = is_over(row.status) && last == LastEventId::Revision(row.revision);
        return Ok(noted(&id).on(if ends { stop() } else { streaming(of_unknown_length()) }));
    }
    let watched = Watched { id: id.clone(), last, subject: caller.subject };
    let bearer = headers.get(AUTHORIZATION).cloned();
    let bearer: HeaderMap = bearer.into_iter().map(|value| (AUTHORIZATION, value)).collect();
    let auth = edge.parts.auth.clone();
    let admitted = move || {
        let (auth, bearer) = (auth.clone(), bearer.clone());
        async move { auth.still_admits(&bearer).await }
    };
    let answer = match Stream::begin(&edge, watched).await? {
        Beginning::Over => stop(),
        Beginning::Stream(stream) => streaming(stream.body(admitted)),
    };
    Ok(noted(&id).on(answer))
}

/// 204: a browser stops asking.
fn stop() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 200 with the headers of a stream.
pub fn streaming(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx holds answers back to fill its buffers, unless it is told not to.
    let buffering = HeaderName::from_static("x-accel-buffering");
    headers.insert(buffering, HeaderValue::from_static("no"));
    response
}
