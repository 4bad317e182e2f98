//! What the workflows ask of the world: names, types, time-outs and retries; no code.
#![expect(missing_docs, reason = "the macro of the definitions writes items of its own")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ActivityCancellationType, ActivityOptions, RetryPolicy};

use crate::models::attention::Attention;
use crate::models::decision::{Asked, Refusal};
use crate::models::refs::{DecisionId, InvoiceId, Sha256};
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus;
use crate::models::verdict::Outcome;

// The macro makes a module named after the type, private to this file. The side that fulfils the
// definitions needs the markers in it.
pub use ap_port::{
    Close, Decide, ExtractAndValidate, Notify, Reconcile, ReconcileCase, RecordAttention,
};

/// Input of the invoice workflow: references only, no document and no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceInput {
    /// The row in the ledger, which knows the rest.
    pub invoice_id: InvoiceId,
    /// Where to go on: runs that follow another carry it over.
    #[serde(default)]
    pub stage: Stage,
    /// A signal that came and was not acted upon yet: runs that follow another carry it over.
    #[serde(default)]
    pub look_again: bool,
    /// Where the invoice stood when the run before this one ended.
    #[serde(default)]
    pub situation: Option<Situation>,
    /// Since when it rests, and who has heard of it.
    #[serde(default)]
    pub rest: Rest,
}

/// An invoice that rests: since when, and who has heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rest {
    /// The state that it rests in.
    pub status: Option<InvoiceStatus>,
    /// Seconds since 1970 UTC by the workflow's clock.
    pub since: u64,
    /// How often whoever decides was reminded.
    pub reminders: u64,
    /// The next one up has heard of it.
    pub escalated: bool,
}

impl InvoiceInput {
    /// An invoice from its beginning.
    pub fn new(invoice_id: InvoiceId) -> Self {
        Self::from(invoice_id, Stage::Document)
    }

    /// An invoice whose workflow ended before: it goes on with what the ledger says.
    pub fn again(invoice_id: InvoiceId) -> Self {
        Self::from(invoice_id, Stage::Orders)
    }

    fn from(invoice_id: InvoiceId, stage: Stage) -> Self {
        let rest = Rest::default();
        Self { invoice_id, stage, look_again: false, situation: None, rest }
    }
}

/// The step that an invoice takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its document is read and checked.
    #[default]
    Document,
    /// It is compared with orders and receipts.
    Orders,
}

/// The end of the invoice workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceEnd {
    /// Where the invoice stood.
    pub status: InvoiceStatus,
}

/// Input of the steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInput {
    /// Which invoice.
    pub invoice_id: InvoiceId,
}

/// Input of [`ApPort::record_attention`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionInput {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// Why a person must look.
    pub attention: Attention,
}

/// Input of [`ApPort::decide`]. What was said is kept in the artifact store, for histories hold no
/// names and no words of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideInput {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// The decision's id, which is the update's too.
    pub decision_id: DecisionId,
    /// Digest of what was sent: the same id with another one is another decision.
    pub fingerprint: Sha256,
    /// The decision as JSON ([`Said`](crate::models::decision::Said)) with the gateway's word for
    /// who said it, in the artifact store.
    pub content: Sha256,
    /// What of it the rules look at.
    pub asked: Asked,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum DecideAnswer {
    /// It was taken, now or before.
    Taken {
        /// Digest of what was sent when it was taken.
        fingerprint: Sha256,
        /// Where the invoice stands since.
        situation: Situation,
    },
    /// Nothing was done.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// It could not be judged: a store stayed away, or a defect of ours.
    Failed {
        /// The innermost cause; it is for the log.
        text: String,
    },
}

/// Why somebody hears of an invoice that rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Whoever decides is reminded.
    Reminder,
    /// The next one up hears of it.
    Escalation,
}

/// Input of [`ApPort::notify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeInput {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// Why.
    pub kind: NoticeKind,
    /// The state that it rested in when the timer fired.
    pub status: InvoiceStatus,
    /// Counts the notices of this kind since it rests.
    pub count: u64,
}

/// Input of a reconciliation of what its caller brought: where the case is kept, for it may be
/// larger than a payload, and holds what histories must not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseInput {
    /// The case as JSON, in the artifact store.
    pub case: Sha256,
}

/// What a reconciliation came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// The result as JSON, in the artifact store.
    pub result: Sha256,
    /// Its end.
    pub outcome: Outcome,
}

// The macro takes the signatures alone, and asks for exactly these bodies; none is ever run.
/// Everything the invoice workflow asks for. Each call is one Temporal action.
pub struct ApPort;

#[activity_definitions]
impl ApPort {
    /// Reads the stored document, judges it and keeps both.
    #[activity(name = "ap.extract_and_validate")]
    pub async fn extract_and_validate(_step: StepInput) -> Result<Situation, ApplicationFailure> {
        unimplemented!()
    }

    /// Compares the invoice with orders and receipts, and takes its quantities from them.
    #[activity(name = "ap.reconcile")]
    pub async fn reconcile(_step: StepInput) -> Result<Situation, ApplicationFailure> {
        unimplemented!()
    }

    /// Compares what a caller brought, and keeps the result; the ledger is not touched.
    #[activity(name = "ap.reconcile_case")]
    pub async fn reconcile_case(_case: CaseInput) -> Result<Reconciled, ApplicationFailure> {
        unimplemented!()
    }

    /// Hands the invoice to a person.
    #[activity(name = "ap.record_attention")]
    pub async fn record_attention(_why: AttentionInput) -> Result<Situation, ApplicationFailure> {
        unimplemented!()
    }

    /// Takes a decision of a person, or says why not.
    #[activity(name = "ap.decide")]
    pub async fn decide(_decision: DecideInput) -> Result<DecideAnswer, ApplicationFailure> {
        unimplemented!()
    }

    /// Tells somebody that the invoice rests.
    #[activity(name = "ap.notify")]
    pub async fn notify(_notice: NoticeInput) -> Result<Situation, ApplicationFailure> {
        unimplemented!()
    }

    /// Withdraws the invoice.
    #[activity(name = "ap.close")]
    pub async fn close(_step: StepInput) -> Result<Situation, ApplicationFailure> {
        unimplemented!()
    }
}

/// Failure type of an activity whose ledger or artifact store was away: it is tried again.
pub const STORE_AWAY: &str = "StoreAway";
/// Failure type of a defect of ours: tried again a few times, for a defect mostly stays.
pub const DEFECT: &str = "Defect";
/// Failure type for an invoice that the ledger does not know: never tried again.
pub const INVOICE_MISSING: &str = "InvoiceMissing";

/// A defect is met this often before a person hears of it: twice may be chance, and each meeting
/// of a document that breaks the worker delays the others.
pub const DEFECT_ATTEMPTS_MAX: u32 = 3;

/// Time-outs and retries of one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// One attempt may take this long.
    pub attempt: Duration,
    /// A running attempt is given up when it was silent for this long.
    pub silence: Option<Duration>,
    /// The first pause; each next one is twice as long.
    pub pause_min: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// How many attempts in all; 0 is without end.
    pub attempts: u32,
}

/// A worker that was killed in the middle is noticed after this long, and another takes over.
/// Long enough for a machine that is starved for some seconds; see [`BEAT`].
const SILENCE: Option<Duration> = Some(Duration::from_secs(10));

/// A step that still runs says so this often: a third of the silence that is allowed, so that two
/// beats may be lost. Steps that end sooner never beat, and a beat is a Temporal action.
pub const BEAT: Duration = Duration::from_secs(3);

/// Reading: 25 MiB of XML (the largest that is taken) may wait for its turn and then take
/// seconds. The 25 attempts, pauses included, last about 10 minutes: longer than the restart or
/// fail-over of a database, short enough that a person hears of a longer outage soon.
pub const READ: Timing = Timing {
    attempt: Duration::from_secs(120),
    silence: SILENCE,
    pause_min: Duration::from_millis(500),
    pause_max: Duration::from_secs(30),
    attempts: 25,
};

/// Comparing: one transaction over some thousand lines; it may wait for another invoice of the
/// same order, hence not less than a minute. Retries as for [`READ`].
pub const COMPARE: Timing = Timing { attempt: Duration::from_secs(60), ..READ };

/// Taking a decision: somebody waits for the answer, so the pauses are short, and it is given up
/// before they have long gone.
pub const DECIDE: Timing = Timing {
    attempt: Duration::from_secs(30),
    silence: None,
    pause_min: Duration::from_millis(100),
    pause_max: Duration::from_secs(2),
    attempts: 20,
};

/// Writing one small row. It is tried without end, because what it writes is the reason that
/// nothing is ever lost; once a minute at last, so that an outage of a day costs 1,440 attempts.
pub const RECORD: Timing = Timing {
    attempt: Duration::from_secs(30),
    silence: None,
    pause_min: Duration::from_millis(500),
    pause_max: Duration::from_secs(60),
    attempts: 0,
};

/// An invoice may wait this long for its order, its receipt or a person; then its workflow times
/// out. Longer than a fiscal year, so that no year's end finds an open one gone.
pub const INVOICE_LIFE: Duration = Duration::from_secs(400 * 24 * 3600);

/// A reconciliation that nobody worked out in a day is asked for again.
pub const RECONCILIATION_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A ping that nobody took up in an hour has told what there is to tell.
pub const PING_LIFE: Duration = Duration::from_secs(3600);

impl Timing {
    /// As the SDK wants it. A cancelled workflow waits for a step that is in the middle of its
    /// work: what is recorded last must be the cancellation.
    pub fn options(self) -> ActivityOptions {
        let retry = RetryPolicy::builder()
            .initial_interval(self.pause_min)
            .backoff_coefficient(2.0)
            .maximum_interval(self.pause_max)
            .maximum_attempts(self.attempts)
            .non_retryable_error_types([INVOICE_MISSING])
            .build();
        let mut options = ActivityOptions::with_start_to_close_timeout(self.attempt)
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .retry_policy(retry)
            .build();
        options.heartbeat_timeout = self.silence;
        options
    }
}

#[cfg(test)]
mod tests {
    use super::{BEAT, COMPARE, InvoiceInput, READ, RECORD, Stage, Timing};
    use crate::models::attention::AttentionCode;
    use crate::models::refs::InvoiceId;
    use crate::models::situation::Situation;
    use crate::models::status::InvoiceStatus;
    use std::time::Duration;

    fn pauses(timing: Timing) -> Duration {
        let doubled = |n: u32| timing.pause_min * 2u32.saturating_pow(n);
        (0..timing.attempts - 1).map(|n| doubled(n.min(20)).min(timing.pause_max)).sum()
    }

    #[test]
    fn bounded_retries_outlast_a_fail_over_and_end_within_the_quarter_of_an_hour() {
        for timing in [READ, COMPARE] {
            let minutes = pauses(timing).as_secs() / 60;
            assert!((8..15).contains(&minutes), "{minutes} minutes");
        }
        assert_eq!(RECORD.attempts, 0);
    }

    #[test]
    fn two_beats_may_be_lost() {
        for timing in [READ, COMPARE] {
            assert!(timing.silence.is_some_and(|silence| silence > BEAT * 3));
        }
    }

    /// Histories hold these texts: a reader of tomorrow must understand them.
    #[test]
    fn what_histories_hold_is_stable() {
        let id = InvoiceId::new(uuid::Uuid::nil());
        let old: InvoiceInput = serde_json::from_value(serde_json::json!({ "invoice_id": id }))
            .expect("an input without the later members");
        assert_eq!(old, InvoiceInput::new(id));
        assert_eq!(old.stage, Stage::Document);
        let situation = Situation {
            attention: Some(AttentionCode::NoLines),
            came_from: Some(InvoiceStatus::Validated),
            ..Situation::at(InvoiceStatus::NeedsAttention, 4)
        };
        let text = serde_json::to_string(&situation).expect("a situation");
        let kept = r#"{"status":"needs_attention","revision":4,"approvals":{"required":0},"attention":"NO_LINES","came_from":"validated","was_read":false,"watch":{}}"#;
        assert_eq!(text, kept);
        let bare: Situation = serde_json::from_str(r#"{"status":"held","revision":4}"#)
            .expect("one without the later members");
        assert_eq!(bare, Situation::at(InvoiceStatus::Held, 4));
    }
}
