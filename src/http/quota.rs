//! How often one subject may ask: a bucket for each kind of request, which fills again by and by
//! (GCRA: one instant a bucket, no timer).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config;

/// What is counted apart: lists cost most, reads least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One thing is looked at.
    Read,
    /// Something may change.
    Write,
    /// Many things are looked at.
    List,
}

impl Kind {
    /// The name of the policy, in headers and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
        }
    }
}

/// How long a bucket that is empty takes to be full: the burst is what comes in in that time.
pub const WINDOW: Duration = Duration::from_secs(10);

/// Buckets that are kept, some 100 bytes each. Subjects are few; a deployment with more than this
/// at once forgets who was full, and nobody is refused for it.
const BUCKETS_MAX: usize = 20_000;

/// What is left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Of which policy.
    pub kind: Kind,
    /// How many in [`WINDOW`].
    pub quota: u32,
    /// Requests that would pass now.
    pub left: u32,
    /// Until the bucket is full, in whole seconds, rounded up.
    pub full_in: u64,
    /// Until the next request passes, if this one did not.
    pub refused_for: Option<Duration>,
}

/// The buckets of all subjects.
pub struct Quotas {
    read: u32,
    write: u32,
    list: u32,
    /// For each bucket, when it will be full.
    full_at: Mutex<HashMap<(String, Kind), Instant>>,
}

impl Quotas {
    /// Those of the configuration.
    pub fn new(limits: &config::Http) -> Self {
        Self {
            read: limits.quota_read,
            write: limits.quota_write,
            list: limits.quota_list,
            full_at: Mutex::default(),
        }
    }

    /// Takes one out of a subject's bucket; `None` where there is no quota. A request that is
    /// refused takes nothing.
    pub fn take(&self, subject: &str, kind: Kind, now: Instant) -> Option<Standing> {
        let per_second = match kind {
            Kind::Read => self.read,
            Kind::Write => self.write,
            Kind::List => self.list,
        };
        if per_second == 0 {
            return None;
        }
        let each = Duration::from_secs(1) / per_second;
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= BUCKETS_MAX {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= BUCKETS_MAX {
                full_at.clear();
            }
        }
        let bucket = full_at.entry((subject.to_owned(), kind)).or_insert(now);
        let missing = bucket.saturating_duration_since(now);
        let after = missing + each;
        let refused_for = after.checked_sub(WINDOW).filter(|wait| !wait.is_zero());
        let missing = match refused_for {
            Some(_) => missing,
            None => {
                *bucket = now + after;
                after
            }
        };
        let left = WINDOW.saturating_sub(missing).as_nanos() / each.as_nanos().max(1);
        Some(Standing {
            kind,
            quota: per_second.saturating_mul(10),
            left: u32::try_from(left).unwrap_or(u32::MAX),
            full_in: whole_seconds(missing),
            refused_for,
        })
    }
}

/// Rounded up.
pub fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{BUCKETS_MAX, Kind, Quotas, Standing};
    use crate::config::Http;

    fn quotas() -> Quotas {
        Quotas::new(&Http { quota_read: 0, quota_write: 2, quota_list: 1, ..Http::default() })
    }

    #[test]
    fn a_burst_passes_then_what_comes_in() {
        let (quotas, start) = (quotas(), Instant::now());
        let take = |after: u64| {
            let now = start + Duration::from_millis(after);
            quotas.take("key:erp", Kind::Write, now).expect("there is a quota")
        };
        let first = take(0);
        let expected =
            Standing { kind: Kind::Write, quota: 20, left: 19, full_in: 1, refused_for: None };
        assert_eq!(first, expected);
        let rest: Vec<_> = (0..19).map(|_| take(0).left).collect();
        assert_eq!(rest, (0..19).rev().collect::<Vec<_>>());
        let late = take(0);
        assert_eq!((late.left, late.refused_for), (0, Some(Duration::from_millis(500))));
        assert_eq!(
            take(499).refused_for,
            Some(Duration::from_millis(1)),
            "a refusal takes nothing"
        );
        assert_eq!(take(500).refused_for, None);
        assert_eq!(take(11_000).left, 19, "full again");
    }

    #[test]
    fn subjects_and_kinds_do_not_meet_and_zero_is_no_quota() {
        let (quotas, now) = (quotas(), Instant::now());
        let passes = |subject: &str, kind| {
            quotas.take(subject, kind, now).is_none_or(|standing| standing.refused_for.is_none())
        };
        assert_eq!((0..30).filter(|_| passes("a", Kind::Write)).count(), 20);
        assert_eq!((0..30).filter(|_| passes("a", Kind::List)).count(), 10);
        assert_eq!((0..30).filter(|_| passes("b", Kind::Write)).count(), 20);
        assert_eq!((0..1_000).filter(|_| passes("a", Kind::Read)).count(), 1_000);
    }

    #[test]
    fn buckets_are_bounded() {
        let (quotas, now) = (quotas(), Instant::now());
        for number in 0..BUCKETS_MAX + 10 {
            quotas.take(&number.to_string(), Kind::List, now);
        }
        assert!(quotas.full_at.lock().expect("not poisoned").len() <= BUCKETS_MAX);
    }
}
