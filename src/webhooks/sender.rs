//! One attempt: resolve, check what came of it, connect to exactly that, send, look at the status.
//!
//! The client asks our resolver, and ours answers checked addresses alone: between the check and
//! the connection there is no second look-up that somebody could answer otherwise.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use secrecy::SecretString;
use tokio::net::lookup_host;

use crate::models::webhook::Failure;
use crate::trace;
use crate::trace::{Kind, Span, Trace};
use crate::webhooks::guard::{Blocked, Rules};
use crate::webhooks::signature;

/// From the connection to the head of the answer.
pub const ATTEMPT_TIME: Duration = Duration::from_secs(15);

/// Resolving and connecting; what is not there in this time is down.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Attempts at once, and those of one webhook: a slow receiver must not delay the others.
const IN_FLIGHT_MAX: usize = 32;
const IN_FLIGHT_OF_ONE_MAX: usize = 4;

/// A receiver may ask for a pause of this length at most.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3600);

/// Headers of an answer; its body is never read.
const HEADERS_MAX: usize = 64;

/// What names resolve to, for tests; the system's resolver otherwise.
pub type Lookup = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// A message that is ready to be sent.
#[derive(Debug)]
pub struct Message<'m> {
    /// Its `webhook-id`.
    pub id: &'m str,
    /// The bytes that are signed and sent.
    pub body: &'m str,
    /// All that sign it.
    pub secrets: &'m [SecretString],
    /// When the attempt is made.
    pub at: DateTime<Utc>,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The status of the answer, if one came.
    pub status_code: Option<u16>,
    /// Why it failed; `None` when the receiver took it.
    pub failure: Option<Failure>,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
    /// How long it took.
    pub took: Duration,
}

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

struct Inner {
    resolver: Checked,
    time: Duration,
    client: OnceLock<Option<Client>>,
    in_flight: Mutex<HashMap<String, usize>>,
}

/// A place among the attempts at once; dropped, it is free again.
pub struct Place {
    inner: Arc<Inner>,
    webhook: String,
}

impl Sender {
    /// Under these rules; an attempt may take `time`.
    pub fn new(rules: Rules, time: Duration) -> Self {
        Self::with(Checked { rules: Arc::new(rules), lookup: None }, time)
    }

    /// The same, with names that resolve as `lookup` says.
    pub fn resolving(rules: Rules, time: Duration, lookup: Lookup) -> Self {
        Self::with(Checked { rules: Arc::new(rules), lookup: Some(lookup) }, time)
    }

    fn with(resolver: Checked, time: Duration) -> Self {
        let client = OnceLock::new();
        let in_flight = Mutex::default();
        Self(Arc::new(Inner { resolver, time, client, in_flight }))
    }

    /// Whether messages may go to an address, as far as can be told now.
    ///
    /// # Errors
    /// Why they may not.
    pub async fn check(&self, url: &str) -> Result<(), Blocked> {
        let resolver = &self.0.resolver;
        let url = resolver.rules.address(url)?;
        match url.host() {
            Some(url::Host::Domain(name)) => resolver.addresses(name).await.map(drop),
            _ => Ok(()),
        }
    }

    /// A place for an attempt; `None` while there are too many, in all or of this webhook.
    pub fn place(&self, webhook: &str) -> Option<Place> {
        let mut in_flight = self.0.in_flight();
        let all: usize = in_flight.values().sum();
        let own = in_flight.get(webhook).copied().unwrap_or_default();
        if all >= IN_FLIGHT_MAX || own >= IN_FLIGHT_OF_ONE_MAX {
            return None;
        }
        in_flight.insert(webhook.to_owned(), own + 1);
        Some(Place { inner: Arc::clone(&self.0), webhook: webhook.to_owned() })
    }

    /// Makes one attempt. Whatever the receiver does is an outcome, never an error.
    pub async fn send(&self, url: &str, message: &Message<'_>) -> Sent {
        let begun = Instant::now();
        let mut span = Span::start(Kind::Client, "POST", trace::current());
        let answered = match (self.0.resolver.rules.address(url), self.0.client()) {
            (Err(_), _) => Err(Failure::Blocked),
            (Ok(_), None) => Err(Failure::Internal),
            (Ok(url), Some(client)) => post(client, url, message, span.trace()).await,
        };
        tell(&mut span, message, &answered);
        let took = begun.elapsed();
        match answered {
            Ok(response) => Sent { took, ..Sent::of(&response, message.at) },
            Err(failure) => {
                Sent { status_code: None, failure: Some(failure), retry_after: None, took }
            }
        }
    }
}

impl Default for Sender {
    fn default() -> Self {
        Self::new(Rules::default(), ATTEMPT_TIME)
    }
}

impl Inner {
    /// Made at the first attempt: it reads the certificates of the system.
    fn client(&self) -> Option<&Client> {
        let make = || {
            let client = Client::builder()
                .dns_resolver(self.resolver.clone())
                .redirect(Policy::none())
                .no_proxy() // a proxy of the environment would connect where nobody checked
                .http1_only()
                .http1_max_headers(HEADERS_MAX)
                .pool_max_idle_per_host(0) // each attempt resolves and checks anew
                .timeout(self.time)
                .connect_timeout(CONNECT_TIME.min(self.time))
                .user_agent(concat!("ap-gateway/", env!("CARGO_PKG_VERSION")))
                .build();
            client.inspect_err(|error| tracing::error!(%error, "no client for webhooks")).ok()
        };
        self.client.get_or_init(make).as_ref()
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // A panic while the lock was held leaves a map behind that is still whole.
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut in_flight = self.inner.in_flight();
        if let Some(count) = in_flight.get_mut(&self.webhook) {
            *count -= 1;
            if *count == 0 {
                in_flight.remove(&self.webhook);
            }
        }
    }
}

/// Nothing of the address: its path may hold a token.
fn tell(span: &mut Span, message: &Message<'_>, answered: &Result<Response, Failure>) {
    span.set("http.request.method", "POST");
    span.set("webhook.delivery.id", message.id.to_owned());
    match answered {
        Ok(response) => {
            span.set("http.response.status_code", i64::from(response.status().as_u16()));
            if !response.status().is_success() {
                span.fail("refused");
            }
        }
        Err(failure) => span.fail(failure.as_str()),
    }
}

async fn post(
    client: &Client,
    url: Url,
    message: &Message<'_>,
    trace: &Trace,
) -> Result<Response, Failure> {
    let timestamp = message.at.timestamp();
    let signed = signature::sign(message.secrets, message.id, timestamp, message.body);
    if signed.is_empty() {
        return Err(Failure::Internal);
    }
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signed)
        .header("traceparent", trace.parent())
        .body(message.body.to_owned());
    let request = match trace.state() {
        Some(state) => request.header("tracestate", state),
        None => request,
    };
    // The text of the error names the whole address, which may hold a token: it is not kept.
    request.send().await.map_err(|error| failure(&error))
}

fn failure(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        match one.downcast_ref::<Blocked>() {
            Some(Blocked::Unresolved) => return Failure::Unreachable,
            Some(_) => return Failure::Blocked,
            None => cause = one.source(),
        }
    }
    if error.is_timeout() { Failure::TimedOut } else { Failure::Unreachable }
}

impl Sent {
    fn of(response: &Response, now: DateTime<Utc>) -> Self {
        let status = response.status();
        let failure = match status.as_u16() {
            200..300 => None,
            300..400 => Some(Failure::Redirected),
            410 => Some(Failure::Gone),
            _ => Some(Failure::Refused),
        };
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Self {
            status_code: Some(status.as_u16()),
            failure,
            retry_after: asked.and_then(|asked| pause(asked, now)),
            took: Duration::ZERO,
        }
    }
}

/// `Retry-After` in its two forms (RFC 9110 §10.2.3).
fn pause(asked: &str, now: DateTime<Utc>) -> Option<Duration> {
    let seconds = match asked.trim().parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let until = DateTime::parse_from_rfc2822(asked.trim()).ok()?;
            u64::try_from((until.to_utc() - now).num_seconds()).ok()?
        }
    };
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// A resolver that answers addresses which may be reached, or none.
#[derive(Clone)]
struct Checked {
    rules: Arc<Rules>,
    lookup: Option<Lookup>,
}

impl Checked {
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Blocked> {
        let addresses: Vec<IpAddr> = match &self.lookup {
            Some(lookup) => lookup(name),
            None => {
                let found = tokio::time::timeout(CONNECT_TIME, lookup_host((name, 0))).await;
                let found = found.map_err(|_| Blocked::Unresolved)?;
                found.map_err(|_| Blocked::Unresolved)?.map(|found| found.ip()).collect()
            }
        };
        self.rules.resolved(&addresses)?;
        Ok(addresses)
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (this, name) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let addresses = this.addresses(&name).await?;
            // The client puts the port in.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::{Sender, pause};

    #[test]
    fn a_receiver_may_ask_for_a_pause_of_a_day_at_most() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 9, 14, 0).single().expect("a time");
        for (asked, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("999999999", Some(86_400)),
            ("Mon, 23 Nov 2026 09:15:00 GMT", Some(60)),
            ("Mon, 23 Nov 2026 09:13:00 GMT", None),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(pause(asked, now), seconds.map(Duration::from_secs), "{asked:?}");
        }
    }

    #[test]
    fn one_webhook_takes_four_places_and_gives_them_back() {
        let sender = Sender::default();
        let held: Vec<_> = (0..4).filter_map(|_| sender.place("a")).collect();
        assert_eq!(held.len(), 4);
        assert!(sender.place("a").is_none());
        assert!(sender.place("b").is_some(), "the others are not delayed");
        drop(held);
        assert!(sender.place("a").is_some());
    }

    #[test]
    fn all_webhooks_together_take_thirty_two() {
        let sender = Sender::default();
        let names = (0..40).map(|number| number.to_string());
        let held: Vec<_> = names.filter_map(|name| sender.place(&name)).collect();
        assert_eq!(held.len(), 32);
    }
}
