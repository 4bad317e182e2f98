//! How a stream of events keeps time: when it looks whether its reader may still look, when it says
//! that it is alive, and when it ends.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// How often a stream looks whether its reader may still look: with the seconds after which keys
/// are read again, a revoked one ends within 5 s (HTTP handbook §5.1).
const LOOK_EVERY: Duration = Duration::from_millis(2_500);

/// Looks until a comment is sent: 15 s, below the idle limit of every usual proxy.
const LOOKS_A_COMMENT: u32 = 6;

/// Balancers and credentials change; no stream outlives this (HTTP handbook §1.6).
const LIFE: Duration = Duration::from_mins(30);

/// The clock of one stream.
pub struct Pace {
    looks: Interval,
    looks_made: u32,
    ends: Instant,
}

/// What it is time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To look.
    Now,
    /// To look, and to say something where there is nothing to say.
    Comment,
    /// To end.
    Over,
}

impl Pace {
    /// Begins now.
    pub fn begin() -> Self {
        let now = Instant::now();
        let mut looks = interval_at(now + LOOK_EVERY, LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { looks, looks_made: 0, ends: now + LIFE }
    }

    /// Waits for the next look. Dropped, it has not been.
    pub async fn look(&mut self) -> Look {
        let at = self.looks.tick().await;
        self.looks_made += 1;
        if at >= self.ends {
            return Look::Over;
        }
        match self.looks_made.is_multiple_of(LOOKS_A_COMMENT) {
            true => Look::Comment,
            false => Look::Now,
        }
    }
}
