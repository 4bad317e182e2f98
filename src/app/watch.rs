//! Looks at each part once a second or two, so that probes and scrapes cost no call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::config::{AuthMode, LedgerPlace};
use crate::http::AppState;
use crate::http::auth::Auth;
use crate::http::dashboard::drawings::Drawings;
use crate::metrics::Metrics;
use crate::readiness::{Part, Readiness};
use crate::storage::{Artifacts, Ledger};
use crate::telemetry::LogFilter;
use crate::temporal::Gateway;
use crate::webhooks::Sender;

/// How often the parts are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A look that takes longer has failed.
pub(super) const LOOK_TIMEOUT: Duration = Duration::from_secs(4);

/// What is looked at, and where the outcome goes.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) ledger: Ledger,
    pub(super) artifacts: Artifacts,
    pub(super) gateway: Gateway,
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Readiness,
    pub(super) sender: Sender,
    pub(super) log: LogFilter,
    /// Whether what is kept is meant to last: not for `dev`, whose own Temporal keeps runs for a day.
    pub(super) lasting: bool,
}

impl Watch {
    /// What HTTP is given: the same parts.
    pub(super) fn state(&self, settings: &config::Settings, drawings: Drawings) -> AppState {
        let auth = match settings.auth.mode {
            AuthMode::None => Auth::open(),
            AuthMode::Required => {
                Auth::required(&self.ledger, &settings.auth, &settings.jwt, &self.metrics)
                    .with_sign_in(&settings.oidc, &settings.jwt)
            }
        };
        AppState {
            gateway: self.gateway.clone(),
            ledger: self.ledger.clone(),
            artifacts: self.artifacts.clone(),
            metrics: self.metrics.clone(),
            readiness: self.readiness.clone(),
            limits: Arc::new(settings.http.clone()),
            policy: Arc::new(settings.policy.clone()),
            auth,
            sender: self.sender.clone(),
            log: self.log.clone(),
            drawings,
        }
    }

    /// Says so when login is asked for and nobody has a key yet.
    pub(super) async fn miss_keys(&self, settings: &config::Settings) {
        if settings.auth.mode == AuthMode::None || settings.jwt.issuer.is_some() {
            return;
        }
        let keys = timeout(LOOK_TIMEOUT, self.ledger.live_keys(Utc::now())).await;
        if matches!(keys, Ok(Ok(keys)) if keys.is_empty()) {
            tracing::warn!("nobody can log in yet: {}", to_make_a_key(&settings.ledger));
        }
    }

    /// Looks until `stop` is cancelled.
    pub(super) async fn run(self, stop: CancellationToken) {
        tokio::join!(
            self.look_at_parts(&stop),
            self.look_for_pollers(&stop),
            self.ask_for_retention(&stop),
        );
    }

    async fn look_at_parts(&self, stop: &CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            tokio::join!(
                self.look(Part::Ledger, async { self.ledger.probe().await.map_err(text) }),
                self.look(Part::Artifacts, async { self.artifacts.probe().await.map_err(text) }),
                self.look(Part::Temporal, async { self.gateway.probe().await.map_err(text) }),
                self.count(),
            );
        }
    }

    /// Records one look; a part that goes away or comes back is logged once.
    async fn look(&self, part: Part, probe: impl Future<Output = Result<(), String>>) {
        let begun = Instant::now();
        let outcome = timeout(LOOK_TIMEOUT, probe).await;
        let outcome = outcome.unwrap_or_else(|_| Err(format!("no answer in {LOOK_TIMEOUT:?}")));
        self.measure(part, begun.elapsed(), outcome.is_ok());
        let before = self.readiness.holds(part);
        self.readiness.record(part, outcome.is_ok());
        match (before, outcome) {
            (Some(false), Ok(())) => tracing::info!(part = part.as_str(), "part is back"),
            (None | Some(true), Err(error)) => {
                tracing::warn!(part = part.as_str(), error, "part is away");
            }
            _ => {}
        }
    }

    /// Gauges that come out of the ledger; a ledger that is away keeps the last ones.
    async fn count(&self) {
        if let Ok(Ok(counts)) = timeout(LOOK_TIMEOUT, self.ledger.count_by_status()).await {
            for (status, count) in counts {
                self.metrics.invoices.with_label_values(&[status.as_str()]).set(count);
            }
        }
        if let Ok(Ok(oldest)) = timeout(LOOK_TIMEOUT, self.ledger.dispatch_oldest()).await {
            self.metrics.dispatch_oldest.set(age(oldest));
        }
        if let Ok(Ok(oldest)) = timeout(LOOK_TIMEOUT, self.ledger.oldest_delivery()).await {
            self.metrics.webhook_oldest_pending.set(age(oldest));
        }
        self.tell_of_keys().await;
        self.tell_readiness();
    }
}

impl Watch {
    /// The probe of a store is a small write and read: how long that takes tells how it is.
    fn measure(&self, part: Part, took: Duration, done: bool) {
        if matches!(part, Part::Ledger | Part::Artifacts) {
            let labels = [part.as_str(), "probe", if done { "ok" } else { "error" }];
            self.metrics.storage_seconds.with_label_values(&labels).observe(took.as_secs_f64());
        }
    }

    fn tell_readiness(&self) {
        for line in self.readiness.report() {
            let part = line.part.as_str();
            self.metrics.ready.with_label_values(&[part]).set(i64::from(line.ready));
            if line.part == Part::Worker {
                self.metrics.worker_is(self.readiness.holds(Part::Worker) == Some(true));
            }
        }
        self.metrics.draining.set(i64::from(self.readiness.is_leaving()));
    }
}

/// What to do for a first key in this ledger and no other: a command to paste. The address of a
/// server is not in it, because it may hold a password.
fn to_make_a_key(ledger: &config::Ledger) -> String {
    let new = "ap-gateway keys new --role submitter --name erp-import";
    match ledger.place() {
        Ok(LedgerPlace::File(path)) => {
            let url = quoted(&format!("sqlite:{}", path.display()));
            format!("make a key with `AP_GATEWAY_LEDGER_URL={url} {new}`")
        }
        Ok(place) => format!("make a key with `{new}`, where AP_GATEWAY_LEDGER_URL names {place}"),
        Err(_) => format!("make a key with `{new}`"),
    }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/:._-".contains(letter);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Seconds since a time; 0 when there is none.
fn age(since: Option<DateTime<Utc>>) -> f64 {
    let age = since.map_or(0, |at| (Utc::now() - at).num_milliseconds().max(0));
    Duration::from_millis(age.unsigned_abs()).as_secs_f64()
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::to_make_a_key;
    use crate::config;

    #[test]
    fn the_way_to_a_first_key_names_the_ledger_and_no_password() {
        let way =
            |url: &str| to_make_a_key(&config::Ledger { url: url.into(), ..Default::default() });
        let new = "ap-gateway keys new --role submitter --name erp-import";
        for (url, command) in [
            ("sqlite:/var/ap/ledger.db", "`AP_GATEWAY_LEDGER_URL=sqlite:/var/ap/ledger.db "),
            ("sqlite:/my data/it's", r"`AP_GATEWAY_LEDGER_URL='sqlite:/my data/it'\''s' "),
        ] {
            assert_eq!(way(url), format!("make a key with {command}{new}`"));
        }
        assert!(way("sqlite:data/ledger.db").contains("URL=sqlite:/"), "from any folder");
        let server = way("postgres://me:s3cret@db.example/ap");
        assert!(server.contains("PostgreSQL at db.example/ap"), "{server}");
        assert!(server.contains(new) && !server.contains("s3cret"), "{server}");
    }
}
