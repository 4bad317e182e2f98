//! What the delivery workflow asks of the world. Histories hold ids alone: no address, no secret,
//! no body.
#![expect(missing_docs, reason = "the macro of the definitions writes items of its own")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ActivityOptions, RetryPolicy};

use crate::models::refs::DeliveryId;

// The macro makes a module named after the type, private to this file. The side that fulfils the
// definitions needs the markers in it.
pub use webhook_port::{AttemptDelivery, GiveUpDelivery};

/// Input of the delivery workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryInput {
    /// The row in the ledger, which knows the rest.
    pub delivery: DeliveryId,
    /// How often it was replayed.
    pub round: i64,
    /// Seconds from each attempt to the next.
    pub gaps_seconds: Vec<u64>,
}

/// Input of [`WebhookPort::attempt_delivery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptInput {
    /// Which message.
    pub delivery: DeliveryId,
    /// How often it was replayed.
    pub round: i64,
    /// Seconds to the next attempt; `None` when there is none.
    pub gap_seconds: Option<u64>,
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum AttemptEnd {
    /// The message is settled, now or before.
    Settled,
    /// It is tried again after this pause.
    Again {
        /// With jitter, and as long as the receiver asked for.
        milliseconds: u64,
    },
    /// Nothing was sent, because too much is being sent already.
    Busy,
}

/// Input of [`WebhookPort::give_up_delivery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpInput {
    /// Which message.
    pub delivery: DeliveryId,
    /// How often it was replayed.
    pub round: i64,
}

// The macro takes the signatures alone, and asks for exactly these bodies; none is ever run.
/// Everything that the delivery workflow asks for. Each call is one Temporal action.
pub struct WebhookPort;

#[activity_definitions]
impl WebhookPort {
    /// Sends the message once, and records what came of it.
    #[activity(name = "ap.attempt_delivery")]
    pub async fn attempt_delivery(_input: AttemptInput) -> Result<AttemptEnd, ApplicationFailure> {
        unimplemented!()
    }

    /// Records that the message is given up.
    #[activity(name = "ap.give_up_delivery")]
    pub async fn give_up_delivery(_input: GiveUpInput) -> Result<(), ApplicationFailure> {
        unimplemented!()
    }
}

/// One attempt: 60 s at most for the receiver, the rest for the ledger before and after.
const ATTEMPT: Duration = Duration::from_secs(90);

/// Longer than any schedule with the longest pauses that receivers may ask for: nobody waits for a
/// message of last month, and by then it is gone from the log.
pub const DELIVERY_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The first pause of a message that found no place; each next one is twice as long, up to the
/// longest. A backlog of thousands for one slow receiver costs some ten Temporal actions a second.
pub const BUSY_MIN: Duration = Duration::from_secs(2);
/// The longest such pause.
pub const BUSY_MAX: Duration = Duration::from_secs(300);

/// Temporal takes no timer of nothing: a gap of 0 seconds is as short as a timer may be.
pub const PAUSE_MIN: Duration = Duration::from_millis(1);

/// An attempt is made once: what follows a failed one is the schedule's to say, and a policy of
/// Temporal, which only doubles, cannot hold the standard's.
pub fn attempt_options() -> ActivityOptions {
    let once = RetryPolicy::builder().maximum_attempts(1).build();
    ActivityOptions::with_start_to_close_timeout(ATTEMPT).retry_policy(once).build()
}
