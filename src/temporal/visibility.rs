//! Lists of runs. Temporal answers ten such calls a second for a namespace and refuses the rest
//! for everybody, so few are made, however many ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until};

use crate::temporal::gateway::GatewayError;
use crate::temporal::runs::{RunStatus, WorkflowRow};
use crate::workflows::WORKFLOW_TYPES;

/// Between two calls: eight a second, and never two at once.
const EVERY: Duration = Duration::from_millis(125);

/// Whoever would wait longer for a turn is refused (HTTP handbook §4.5).
const PATIENCE: Duration = Duration::from_millis(500);

/// An answer serves for as long as visibility lags behind anyway.
const FRESH: Duration = Duration::from_secs(1);

/// Answers that are kept; with eight calls a second there are not many more to keep.
const KEPT_MAX: usize = 64;

/// What narrows a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Types; none is all of ours.
    pub types: Vec<&'static str>,
    /// States; none is all.
    pub status: Vec<RunStatus>,
    /// Started then or later.
    pub started_after: Option<DateTime<Utc>>,
    /// Started before.
    pub started_before: Option<DateTime<Utc>>,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// Its runs.
    pub rows: Vec<WorkflowRow>,
    /// Temporal's own token for the next page; empty when this is the last one.
    pub next: Vec<u8>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) query: String,
    pub(crate) size: u32,
    pub(crate) token: Vec<u8>,
}

impl RunFilter {
    /// In Temporal's language. Everything in it is ours: words of closed sets, and times.
    pub(crate) fn query(&self) -> String {
        let quoted = |words: Vec<&str>| {
            let words: Vec<_> = words.into_iter().map(|word| format!("'{word}'")).collect();
            words.join(", ")
        };
        let types =
            if self.types.is_empty() { WORKFLOW_TYPES.to_vec() } else { self.types.clone() };
        let mut query = format!("WorkflowType IN ({})", quoted(types));
        if !self.status.is_empty() {
            let states = self.status.iter().map(|status| status.in_queries()).collect();
            query.push_str(&format!(" AND ExecutionStatus IN ({})", quoted(states)));
        }
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        if let Some(after) = self.started_after {
            query.push_str(&format!(" AND StartTime >= '{}'", time(after)));
        }
        if let Some(before) = self.started_before {
            query.push_str(&format!(" AND StartTime < '{}'", time(before)));
        }
        query
    }
}

/// Turns, and what was answered a moment ago.
#[derive(Default)]
pub(crate) struct Visibility {
    /// When the next call may be made.
    next: Mutex<Option<Instant>>,
    kept: Mutex<HashMap<Asked, Kept>>,
}

#[derive(Clone)]
struct Kept {
    since: Instant,
    page: Arc<OnceCell<Arc<RunPage>>>,
}

impl Visibility {
    /// The page, from a moment ago or by `call` when it is its turn. Those who ask the same at
    /// once are answered by one call.
    ///
    /// # Errors
    /// `Throttled` when too many wait for a turn; the call's own.
    pub(crate) async fn page<F: Future<Output = Result<RunPage, GatewayError>>>(
        &self,
        asked: Asked,
        call: impl FnOnce() -> F,
    ) -> Result<Arc<RunPage>, GatewayError> {
        let page = self.kept(asked);
        let made = page.get_or_try_init(|| async {
            self.turn().await?;
            call().await.map(Arc::new)
        });
        made.await.cloned()
    }

    fn kept(&self, asked: Asked) -> Arc<OnceCell<Arc<RunPage>>> {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was refused its turn keeps no place.
        let holds = |kept: &Kept| kept.page.initialized() || Arc::strong_count(&kept.page) > 1;
        kept.retain(|_, kept| now < kept.since + FRESH && holds(kept));
        if kept.len() >= KEPT_MAX && !kept.contains_key(&asked) {
            return Arc::default();
        }
        let new = || Kept { since: now, page: Arc::default() };
        Arc::clone(&kept.entry(asked).or_insert_with(new).page)
    }

    async fn turn(&self) -> Result<(), GatewayError> {
        let now = Instant::now();
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = next.map_or(now, |next| next.max(now));
            if at > now + PATIENCE {
                return Err(GatewayError::Throttled);
            }
            *next = Some(at + EVERY);
            at
        };
        sleep_until(at).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use futures::future::join_all;
    use tokio::time::Instant;

    use super::{Asked, FRESH, RunFilter, RunPage, Visibility};
    use crate::temporal::gateway::GatewayError;
    use crate::temporal::runs::RunStatus;

    fn asked(n: usize) -> Asked {
        Asked { query: n.to_string(), size: 50, token: Vec::new() }
    }

    #[test]
    fn a_query_names_our_types_and_nothing_that_a_caller_wrote() {
        let all = RunFilter::default().query();
        assert!(all.starts_with("WorkflowType IN ('PingWorkflow', "), "{all}");
        let time = DateTime::from_timestamp(1_800_000_000, 0).map(|time| time.with_timezone(&Utc));
        let narrow = RunFilter {
            types: vec!["PingWorkflow"],
            status: vec![RunStatus::Running, RunStatus::TimedOut],
            started_after: time,
            started_before: time,
        };
        let expected = "WorkflowType IN ('PingWorkflow') AND ExecutionStatus IN ('Running', \
                        'TimedOut') AND StartTime >= '2027-01-15T08:00:00.000Z' AND StartTime < \
                        '2027-01-15T08:00:00.000Z'";
        assert_eq!(narrow.query(), expected);
    }

    fn empty() -> RunPage {
        RunPage { rows: Vec::new(), next: Vec::new() }
    }

    #[tokio::test]
    async fn a_flood_makes_no_more_than_ten_calls_in_any_second() {
        let visibility = Visibility::default();
        let calls = RefCell::new(Vec::new());
        let (began, mut round, mut refused) = (Instant::now(), 0, 0);
        while began.elapsed() < Duration::from_millis(1_500) {
            let ask = |n: usize| {
                let calls = &calls;
                visibility.page(asked(round * 100 + n), move || async move {
                    calls.borrow_mut().push(Instant::now());
                    Ok(empty())
                })
            };
            let answers = join_all((0..50).map(ask)).await;
            refused += answers.iter().filter(|a| **a == Err(GatewayError::Throttled)).count();
            round += 1;
        }
        let calls = calls.into_inner();
        assert!(calls.len() >= 8 && refused > 100, "{} calls, {refused} refused", calls.len());
        for at in &calls {
            let within = calls.iter().filter(|c| *c >= at && **c < *at + Duration::from_secs(1));
            assert!(within.count() <= 10);
        }
    }

    #[tokio::test]
    async fn the_same_question_within_a_second_is_asked_once() {
        let visibility = Visibility::default();
        let calls = Cell::new(0);
        let ask = || {
            visibility.page(asked(0), || async {
                calls.set(calls.get() + 1);
                Ok(empty())
            })
        };
        let answers = join_all((0..100).map(|_| ask())).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(calls.get(), 1);
        for kept in visibility.kept.lock().expect("nobody panicked").values_mut() {
            kept.since -= FRESH;
        }
        assert!(ask().await.is_ok());
        assert_eq!(calls.get(), 2);
    }
}
