//! A stream under way: what the reader missed, then what comes, until one of its ends.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;

use crate::http::Edge;
use crate::http::error::ApiError;
use crate::http::invoices::events::pace::{Look, Pace};
use crate::http::invoices::events::places::StreamPlace;
use crate::http::invoices::events::{LastEventId, frame, is_over};
use crate::http::invoices::read::row;
use crate::models::refs::InvoiceId;
use crate::readiness::Readiness;
use crate::storage::Ledger;
use crate::storage::ledger::feed::Listener;

/// Missed events that are read at once.
const EVENTS_MAX: u32 = 64;

/// What a reader wants.
pub struct Watched {
    /// Of which invoice.
    pub id: InvoiceId,
    /// Behind which event.
    pub last: LastEventId,
    /// Who reads.
    pub subject: String,
}

/// How a stream begins.
pub enum Beginning {
    /// Not at all: the reader has everything, and nothing will come.
    Over,
    /// With this.
    Stream(Box<Stream>),
}

/// A stream of events.
pub struct Stream {
    ledger: Ledger,
    readiness: Readiness,
    id: InvoiceId,
    listener: Listener,
    /// Frames that are ready.
    ready: VecDeque<Bytes>,
    /// The last revision that the reader has.
    seen: i64,
    /// What was there when the stream began; up to it the ledger is read.
    begun_at: i64,
    /// The invoice was over by then.
    was_over: bool,
    ended: bool,
    pace: Pace,
    _place: StreamPlace,
}

impl Stream {
    /// Begins, unless the reader has all there will be.
    ///
    /// # Errors
    /// 404; 429 and 503 when there are too many streams; 503 when the ledger is away.
    pub async fn begin(edge: &Edge, watched: Watched) -> Result<Beginning, ApiError> {
        let ledger = edge.parts.ledger.clone();
        let Watched { id, last, subject } = watched;
        let listener = ledger.listen(&id);
        let row = row(&ledger, &id).await?;
        let was_over = is_over(row.status);
        if was_over && last == LastEventId::Revision(row.revision) {
            return Ok(Beginning::Over);
        }
        let place = edge.streams.take(&subject)?;
        listener.begin(row.revision);
        let mut ready = VecDeque::from([Bytes::from_static(frame::RETRY)]);
        let seen = match last {
            LastEventId::Revision(seen) if seen <= row.revision => seen,
            LastEventId::Absent => {
                ready.push_back(frame::snapshot(&row, None));
                row.revision
            }
            LastEventId::Revision(_) | LastEventId::Malformed => {
                ready.push_back(frame::snapshot(&row, Some(false)));
                row.revision
            }
        };
        Ok(Beginning::Stream(Box::new(Self {
            ledger,
            readiness: edge.parts.readiness.clone(),
            id,
            listener,
            ready,
            seen,
            begun_at: row.revision,
            was_over,
            ended: false,
            pace: Pace::begin(),
            _place: place,
        })))
    }

    /// The body of the answer; `admitted` says whether the reader may still look.
    pub fn body<F>(self: Box<Self>, admitted: impl Fn() -> F + Send + Sync + 'static) -> Body
    where
        F: Future<Output = bool> + Send,
    {
        let frames = stream::unfold((self, admitted), |(mut stream, admitted)| async move {
            let frame = stream.next(&admitted).await?;
            Some((Ok::<_, Infallible>(frame), (stream, admitted)))
        });
        Body::from_stream(frames)
    }

    async fn next<F: Future<Output = bool>>(&mut self, admitted: &impl Fn() -> F) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.ended {
                return None;
            }
            if self.seen < self.begun_at {
                self.catch_up().await;
            } else if self.was_over {
                self.ended = true;
            } else {
                self.wait(admitted).await;
            }
        }
    }

    /// Reads what the reader missed. It comes back for it if the ledger is away.
    async fn catch_up(&mut self) {
        let missed = self.ledger.events_after(&self.id, self.seen, EVENTS_MAX).await;
        let missed = missed.unwrap_or_default();
        self.ended = missed.is_empty();
        for event in missed {
            // The rest comes from the feed, which begins there.
            if event.revision <= self.begun_at {
                self.seen = event.revision;
                self.ready.push_back(frame::event(&self.id, &event));
            }
        }
    }

    async fn wait<F: Future<Output = bool>>(&mut self, admitted: &impl Fn() -> F) {
        tokio::select! {
            biased;
            () = self.readiness.drained() => {
                self.ready.push_back(Bytes::from_static(frame::DRAIN));
                self.ended = true;
            }
            event = self.listener.next() => match event {
                Some(event) if event.revision <= self.seen => {}
                Some(event) if event.revision == self.seen + 1 => {
                    self.seen = event.revision;
                    self.ready.push_back(frame::event(&self.id, &event));
                    self.ended = frame::closes(&event);
                }
                // Behind by too much, or something is missing: the reader comes back by its id.
                _ => self.ended = true,
            },
            look = self.pace.look() => {
                self.ended = look == Look::Over || !admitted().await;
                if !self.ended && look == Look::Comment {
                    self.ready.push_back(Bytes::from_static(frame::KEEP_ALIVE));
                }
            }
        }
    }
}
