//! The filter of the log, which can be changed while the process runs.
//!
//! A change may say how long it lasts: what was made talkative for a search is quiet again by
//! itself. It is the process that changes, not the configuration: a restart forgets it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::metadata::LevelFilter;
use tracing_subscriber::{EnvFilter, Registry, reload};

/// Characters of a filter; the longest useful ones name a dozen targets.
pub const FILTER_CHARACTERS_MAX: usize = 500;

/// The filter of this process. Cheap to clone. The default one belongs to a process that does not
/// log, and changes nothing.
#[derive(Clone, Default)]
pub struct LogFilter(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    handle: Option<reload::Handle<EnvFilter, Registry>>,
    configured: String,
    present: String,
    until: Option<DateTime<Utc>>,
    /// Counts changes, so that only the last one is taken back when its time is over.
    turn: u64,
}

/// How the filter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What is logged now.
    pub present: String,
    /// What was configured at the start, or read again since.
    pub configured: String,
    /// When the configured one comes back by itself.
    pub until: Option<DateTime<Utc>>,
}

impl LogFilter {
    /// Over the filter of a subscriber.
    pub(super) fn over(configured: &str, handle: reload::Handle<EnvFilter, Registry>) -> Self {
        let (configured, present) = (configured.to_owned(), configured.to_owned());
        Self(Arc::new(Mutex::new(Inner {
            handle: Some(handle),
            configured,
            present,
            ..Inner::default()
        })))
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let inner = self.inner();
        Standing {
            present: inner.present.clone(),
            configured: inner.configured.clone(),
            until: inner.until,
        }
    }

    /// Logs by another filter: for a while, or until the next change or start.
    ///
    /// # Errors
    /// Why the text is no filter; then nothing has changed.
    pub fn change(&self, text: &str, lasts: Option<Duration>) -> Result<Standing, String> {
        let turn = {
            let mut inner = self.inner();
            inner.put(text)?;
            inner.until = lasts.map(|lasts| Utc::now() + lasts);
            inner.turn
        };
        if let Some(lasts) = lasts {
            let own = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(lasts).await;
                own.take_back(turn);
            });
        }
        Ok(self.standing())
    }

    /// Takes over what the configuration says now.
    ///
    /// # Errors
    /// Why the text is no filter; then nothing has changed.
    pub fn configure(&self, text: &str) -> Result<(), String> {
        let mut inner = self.inner();
        inner.put(text)?;
        inner.configured = text.to_owned();
        inner.until = None;
        Ok(())
    }

    fn take_back(&self, turn: u64) {
        let mut inner = self.inner();
        if inner.turn == turn {
            let configured = inner.configured.clone();
            let taken = inner.put(&configured);
            taken.expect("it was a filter before");
            inner.until = None;
            drop(inner);
            tracing::info!(filter = configured, "the configured log filter is back");
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each change is a whole one, so what a panic leaves behind can be used.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn put(&mut self, text: &str) -> Result<(), String> {
        let filter = parse(text)?;
        if let Some(handle) = &self.handle {
            handle.reload(filter).map_err(|error| error.to_string())?;
        }
        self.present = text.to_owned();
        self.turn += 1;
        Ok(())
    }
}

/// Whether a text is a filter.
///
/// # Errors
/// Why it is none.
pub fn check(text: &str) -> Result<(), String> {
    parse(text).map(drop)
}

/// Reads a filter. A lone word that is no level would be taken for a target, and silence all
/// others: it is refused.
pub(super) fn parse(text: &str) -> Result<EnvFilter, String> {
    if text.chars().count() > FILTER_CHARACTERS_MAX {
        return Err(format!("is longer than {FILTER_CHARACTERS_MAX} characters"));
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    for part in &parts {
        let whole = part.contains(['=', '[']);
        // The parser of levels takes nothing for an error level.
        if !whole && (part.is_empty() || part.parse::<LevelFilter>().is_err()) {
            return Err(format!(
                "{part:?} is no level: say off, error, warn, info, debug or trace, or target=level"
            ));
        }
    }
    EnvFilter::try_new(parts.join(",")).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LogFilter, parse};

    #[test]
    fn a_filter_names_levels_and_a_lone_word_is_none() {
        for good in ["info", "OFF", "info,ap_gateway=debug", "warn, sqlx=trace", "[request]=debug"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in ["", "loud", "info,ap_gateway", "ap_gateway=loud", "info,", &"x".repeat(501)] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn what_was_changed_for_a_while_comes_back_unless_somebody_changed_it_since() {
        let log = LogFilter::default();
        log.configure("info").expect("a filter");
        let later = Some(Duration::from_secs(3_600));
        assert!(log.change("debug", later).expect("a filter").until.is_some());
        assert!(log.change("loud", None).is_err());
        assert_eq!(log.standing().present, "debug");
        let debug = log.inner().turn;
        log.take_back(debug);
        let standing = log.standing();
        assert_eq!((standing.present.as_str(), standing.until), ("info", None));

        log.change("debug", later).expect("a filter");
        let debug = log.inner().turn;
        log.change("trace", None).expect("a filter");
        log.take_back(debug);
        assert_eq!(log.standing().present, "trace");
    }
}
