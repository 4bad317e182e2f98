//! The schedule of attempts: its numbers, and that the workflow goes through all of it.
#![expect(dead_code, reason = "the workflow calls the contract's names, not those written here")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::models::refs::DeliveryId;
use ap_gateway::temporal::gateway::{RunStatus, Start};
use ap_gateway::workflows::WebhookDeliveryWorkflow;
use ap_gateway::workflows::webhook::contract::{self, AttemptEnd, AttemptInput};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use uuid::Uuid;

use crate::bench::Bench;
use crate::harness::{PATIENCE, seldom};
use crate::http_webhooks::pauses;
use crate::replay::history;

const MANUAL: &str = include_str!("../../../docs/webhooks.md");

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// HTTP handbook §6, in seconds.
const PUBLISHED: [u64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

#[test]
fn acceptance_54_the_schedule_is_the_one_that_is_published() {
    let settings = config::Webhooks::default();
    assert_eq!(settings.retry_seconds, PUBLISHED);
    assert_eq!(PUBLISHED.iter().sum::<u64>(), 75 * HOUR + 35 * MINUTE + 5);
    assert_eq!(settings.timeout(), Duration::from_secs(15));
    let words = MANUAL.split_whitespace().collect::<Vec<_>>().join(" ");
    let gaps = "after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, ±10 %: ten attempts \
                in 75 h 35 min";
    assert!(words.contains(gaps), "docs/webhooks.md says otherwise");
    let line = MANUAL.lines().find_map(|line| line.strip_prefix("retry_seconds = "));
    let told: Vec<u64> = serde_json::from_str(line.expect("an example")).expect("numbers");
    assert_eq!(told, PUBLISHED);
}

/// Attempts that all fail. Of each it keeps how long after it the next one should come; the macro
/// wants it behind an `Arc` of its own.
struct Port(Arc<Mutex<Vec<Option<u64>>>>);

#[activities]
impl Port {
    /// Asks for a pause of a millisecond, then one of two, and so on: nobody can wait for hours.
    #[activity(definition = contract::AttemptDelivery)]
    async fn attempt_delivery(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: AttemptInput,
    ) -> Result<AttemptEnd, ActivityError> {
        let mut made = self.0.lock().expect("no panic");
        made.push(input.gap_seconds);
        let milliseconds = made.len() as u64;
        Ok(input.gap_seconds.map_or(AttemptEnd::Settled, |_| AttemptEnd::Again { milliseconds }))
    }
}

/// The pause after an attempt is the attempt's to say, so that this is all that the workflow does;
/// that it says a tenth more or less than the gap is a table in `activities/webhooks.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_54_ten_attempts_are_made_and_each_is_told_the_gap_behind_it() {
    let bench = Bench::start().await;
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let options = WorkerOptions::new("ap-default")
        .register_workflow::<WebhookDeliveryWorkflow>()
        .expect("once")
        .register_activities(Port(Arc::clone(&attempts)))
        .build();
    let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
    let mut worker = Worker::new(&runtime, bench.client().await, options).expect("a worker");
    let stop = worker.shutdown_handle();
    let id = DeliveryId::new(Uuid::now_v7());
    let schedule = config::Webhooks::default().retry_seconds;
    assert_eq!(bench.gateway.start_delivery(&id, 0, &schedule).await, Ok(Start::Started));
    let workflow = id.workflow_id(0);
    let ended = async {
        seldom(PATIENCE, "the workflow ends", async || {
            let run = bench.gateway.workflow(&workflow).await.expect("described");
            (run.status == RunStatus::Completed).then_some(())
        })
        .await;
        stop();
    };
    let (ran, ()) = tokio::join!(worker.run(), ended);
    ran.expect("ran");
    let expected: Vec<_> = PUBLISHED.into_iter().map(Some).chain([None]).collect();
    assert_eq!(*attempts.lock().expect("no panic"), expected);
    let said: Vec<_> = (1..=9).map(Duration::from_millis).collect();
    assert_eq!(pauses(&history(&bench, &workflow).await), said);
}
