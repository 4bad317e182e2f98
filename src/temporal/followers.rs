//! Long polls for the ends of runs: one for each run, however many wait for it (HTTP handbook
//! §4.5). It lives as long as somebody waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};

use crate::temporal::gateway::GatewayError;
use crate::temporal::run_end::RunEnd;

/// Long polls at once. Temporal allows 1,200 of an instance and serves those that wait for results
/// last under load.
const POLLS_MAX: usize = 500;

/// What a poll comes to.
type Outcome = Result<Arc<Option<RunEnd>>, GatewayError>;

/// A poll under way.
pub(crate) type Poll = BoxFuture<'static, Outcome>;

/// The polls under way, by run.
#[derive(Default)]
pub(crate) struct Followers(Mutex<HashMap<String, WeakShared<Poll>>>);

impl Followers {
    /// The poll of this run, begun with `begin` when there is none. `None` when there are too many.
    pub(crate) fn follow(
        &self,
        run_id: &str,
        begin: impl FnOnce() -> Poll,
    ) -> Option<Shared<Poll>> {
        let mut polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(poll) = polls.get(run_id).and_then(WeakShared::upgrade) {
            return Some(poll);
        }
        if polls.len() >= POLLS_MAX {
            polls.retain(|_, poll| poll.upgrade().is_some());
        }
        if polls.len() >= POLLS_MAX {
            return None;
        }
        let poll = begin().shared();
        polls.insert(run_id.to_owned(), poll.downgrade()?);
        Some(poll)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::{Followers, POLLS_MAX, Poll};

    fn never() -> Poll {
        Box::pin(std::future::pending())
    }

    #[tokio::test]
    async fn those_who_wait_for_one_run_share_one_poll() {
        let followers = Followers::default();
        let begun = Cell::new(0);
        let begin = || -> Poll {
            begun.set(begun.get() + 1);
            Box::pin(async { Ok(Arc::new(None)) })
        };
        let first = followers.follow("a", begin).expect("a place");
        let second = followers.follow("a", begin).expect("a place");
        let (first, second) = tokio::join!(first, second);
        assert_eq!((first, second, begun.get()), (Ok(Arc::new(None)), Ok(Arc::new(None)), 1));
    }

    #[test]
    fn there_are_so_many_polls_and_no_more_and_their_places_come_back() {
        let followers = Followers::default();
        let follow = |n: usize| followers.follow(&n.to_string(), never);
        let mut all: Vec<_> = (0..POLLS_MAX).map(follow).collect();
        assert!(all.iter().all(Option::is_some));
        assert!(follow(POLLS_MAX).is_none());
        assert!(follow(0).is_some(), "one more for a run that is followed");
        all.pop();
        assert!(follow(POLLS_MAX).is_some());
    }
}
