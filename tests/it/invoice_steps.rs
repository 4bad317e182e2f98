//! The invoice workflow with steps that fail on purpose, on a worker of the test's own.
#![expect(dead_code, reason = "the workflow calls the contract's names, not those written here")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ap_gateway::activities::tasks::{Tally, TaskLog};
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::decision::{Action, Asked};
use ap_gateway::models::refs::{DecisionId, InvoiceId, Sha256};
use ap_gateway::models::situation::{ANONYMOUS, Actor, Situation};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::connect::connect;
use ap_gateway::temporal::gateway::DecisionOutcome;
use ap_gateway::workflows::contract::{self, AttentionInput, DecideAnswer, DecideInput, StepInput};
use ap_gateway::workflows::{InvoiceWorkflow, PingWorkflow};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_sdk::{ApplicationFailure, Runtime, Worker, WorkerOptions};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;
use uuid::Uuid;

use crate::bench::{Bench, until};

/// What reading does.
#[derive(Clone, Copy)]
enum Reading {
    Panics,
    FindsNoStore,
    Passes,
    /// Holds its thread until comparing may go on.
    Blocks,
}

struct Steps {
    reading: Reading,
    reads: AtomicU32,
    compared: AtomicU32,
    /// Comparing begins, then waits until it may end.
    begun: Notify,
    go_on: Notify,
    released: AtomicBool,
    told: Mutex<Vec<Attention>>,
}

impl Steps {
    fn new(reading: Reading) -> Arc<Self> {
        Arc::new(Self {
            reading,
            reads: AtomicU32::new(0),
            compared: AtomicU32::new(0),
            begun: Notify::new(),
            go_on: Notify::new(),
            released: AtomicBool::new(false),
            told: Mutex::new(Vec::new()),
        })
    }
}

/// The macro wants the steps themselves behind its own `Arc`.
struct Port(Arc<Steps>);

#[activities]
impl Port {
    #[activity(definition = contract::ExtractAndValidate)]
    async fn extract_and_validate(
        self: Arc<Self>,
        _ctx: ActivityContext,
        _step: StepInput,
    ) -> Result<Situation, ActivityError> {
        self.0.reads.fetch_add(1, Ordering::Relaxed);
        match self.0.reading {
            Reading::Panics => panic!("at Müller GmbH"),
            // As after the last attempt.
            Reading::FindsNoStore => {
                let away = anyhow::anyhow!("ledger: nobody there").context("reading");
                let failure = ApplicationFailure::builder(away);
                let failure = failure.type_name(contract::STORE_AWAY.to_owned());
                Err(failure.non_retryable(true).build().into())
            }
            Reading::Passes => Ok(Situation::at(S::Validated, 2)),
            Reading::Blocks => {
                self.0.begun.notify_one();
                while !self.0.released.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
                Ok(Situation::at(S::Validated, 2))
            }
        }
    }

    #[activity(definition = contract::Reconcile)]
    async fn reconcile(
        self: Arc<Self>,
        _ctx: ActivityContext,
        _step: StepInput,
    ) -> Result<Situation, ActivityError> {
        self.0.begun.notify_one();
        self.0.go_on.notified().await;
        match self.0.compared.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Situation::at(S::Held, 3)),
            _ => Ok(Situation::at(S::Rejected, 4)),
        }
    }

    /// The ledger is ahead: it has the invoice held already.
    #[activity(definition = contract::Decide)]
    async fn decide(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: DecideInput,
    ) -> Result<DecideAnswer, ActivityError> {
        let situation = Situation::at(S::Rejected, 4);
        Ok(DecideAnswer::Taken { fingerprint: input.fingerprint, situation })
    }

    #[activity(definition = contract::RecordAttention)]
    async fn record_attention(
        self: Arc<Self>,
        _ctx: ActivityContext,
        why: AttentionInput,
    ) -> Result<Situation, ActivityError> {
        let code = why.attention.code;
        self.0.told.lock().await.push(why.attention);
        Ok(Situation { attention: Some(code), ..Situation::at(S::NeedsAttention, 5) })
    }
}

fn options(steps: &Arc<Steps>) -> WorkerOptions {
    WorkerOptions::new("ap-default")
        .register_workflow::<InvoiceWorkflow>()
        .expect("once")
        .register_workflow::<PingWorkflow>()
        .expect("once")
        .register_activities(Port(Arc::clone(steps)))
        .activity_inbound_interceptor(TaskLog::new(Tally::default()))
        .build()
}

/// A worker on a thread of its own, as the gateway has one, whose thread is held by a step while
/// `test` runs.
pub(crate) async fn while_the_worker_is_blocked(test: impl AsyncFnOnce(&Bench)) {
    let bench = Bench::start().await;
    let steps = Steps::new(Reading::Blocks);
    let (options, server) = (options(&steps), bench.server.settings());
    let (stop, stopped) = std::sync::mpsc::channel();
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let client = connect(&server, None, Duration::from_secs(5)).await.expect("a client");
            let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
            let mut worker = Worker::new(&runtime, client, options).expect("a worker");
            stop.send(worker.shutdown_handle()).expect("the test waits");
            worker.run().await
        })
    });
    let stop = stopped.recv().expect("a worker");
    let id = InvoiceId::new(Uuid::now_v7());
    bench.gateway.start_invoice(&id).await.expect("started");
    steps.begun.notified().await;
    test(&bench).await;
    assert!(!worker.is_finished());
    steps.released.store(true, Ordering::Release);
    stop();
    steps.go_on.notify_one();
    worker.join().expect("no panic").expect("ran");
}

async fn with(reading: Reading, test: impl AsyncFnOnce(&Bench, &Steps, InvoiceId)) {
    let bench = Bench::start().await;
    let steps = Steps::new(reading);
    let options = options(&steps);
    let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
    let mut worker = Worker::new(&runtime, bench.client().await, options).expect("a worker");
    let stop = worker.shutdown_handle();
    let id = InvoiceId::new(Uuid::now_v7());
    bench.gateway.start_invoice(&id).await.expect("started");
    let tested = async {
        test(&bench, &steps, id).await;
        stop();
    };
    let both = async { tokio::join!(worker.run(), tested) };
    let (ran, ()) = timeout(Duration::from_secs(60), both).await.expect("it ends");
    ran.expect("ran");
}

async fn told(steps: &Steps, count: usize) -> Attention {
    until("a person is told", async || {
        let told = steps.told.lock().await;
        (told.len() == count).then(|| told[count - 1].clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_47_a_panic_is_met_three_times_and_then_a_person_hears_of_it() {
    with(Reading::Panics, async |bench, steps, id| {
        let why = told(steps, 1).await;
        assert_eq!(why.code, AttentionCode::InternalError);
        assert!(!why.text.contains("Müller"), "{}", why.text);
        assert_eq!(steps.reads.load(Ordering::Relaxed), 3);
        assert_eq!(bench.ping("alive").await.as_deref(), Some("ok"));
        bench.gateway.wake_invoice(&id).await.expect("woken");
        told(steps, 2).await;
        assert_eq!(steps.reads.load(Ordering::Relaxed), 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_retries_name_the_innermost_cause() {
    with(Reading::FindsNoStore, async |_bench, steps, _id| {
        let why = told(steps, 1).await;
        assert_eq!(why.code, AttentionCode::RetriesExhausted);
        assert!(why.text.contains("ledger: nobody there"), "{}", why.text);
        assert!(why.retryable);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_that_come_while_a_step_runs_are_one_more_look() {
    with(Reading::Passes, async |bench, steps, id| {
        steps.begun.notified().await;
        for _ in 0..5 {
            bench.gateway.wake_invoice(&id).await.expect("woken");
        }
        steps.go_on.notify_one();
        steps.begun.notified().await;
        steps.go_on.notify_one();
        until("it ends", async || bench.gateway.wake_invoice(&id).await.err()).await;
        assert_eq!(steps.compared.load(Ordering::Relaxed), 2);
    })
    .await;
}

/// What a step wrote down shows before the workflow has its answer: whoever acts on it at once is
/// not told that the invoice is not there yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_comes_while_a_step_runs_is_judged_by_the_ledger() {
    with(Reading::Passes, async |bench, steps, id| {
        steps.begun.notified().await;
        let input = DecideInput {
            invoice_id: id,
            decision_id: DecisionId::new(Uuid::now_v7()),
            fingerprint: Sha256::from_bytes(&[7; 32]),
            content: Sha256::from_bytes(&[8; 32]),
            asked: Asked {
                action: Action::Release,
                actor: Actor::of(ANONYMOUS),
                expected_revision: None,
                holds: Vec::new(),
                duties: Vec::new(),
            },
        };
        let decided = bench.gateway.carry_decision(input, Duration::from_secs(20)).await;
        let decided = decided.expect("sent");
        let DecisionOutcome::Answered(DecideAnswer::Taken { situation, .. }) = decided else {
            panic!("{decided:?}");
        };
        assert_eq!(situation.status, S::Rejected);
        steps.go_on.notify_one();
    })
    .await;
}
