//! Schedules of a real Temporal, and what they have done with real stores.

mod bucket;

use std::path::Path;
use std::time::Duration;

use ap_gateway::activities::upkeep::{Folder, Inbox, Periods, Place, RetryRules, UpkeepSettings};
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::batch::{BatchKind, BatchStatus};
use ap_gateway::models::payment::StatementStatus;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::upkeep::Chore;
use ap_gateway::storage::ledger::batches::BatchFilter;
use ap_gateway::temporal::gateway::Applied;
use ap_gateway::temporal::worker::WorkerSupervisor;
use chrono::Utc;
use futures::StreamExt;

use crate::bank_files::{camt053, paid};
use crate::bench::{Bench, invoice, until};
use crate::edge::Edge;
use crate::replay;

/// Nothing begins by itself during a test.
const NEVER: Duration = Duration::from_secs(24 * 3600);

const UPKEEP: &str = "UpkeepWorkflow";

impl Bench {
    async fn upkeep(&self, settings: UpkeepSettings) -> WorkerSupervisor {
        let mut parts = self.parts();
        parts.activities = parts.activities.with_upkeep(settings);
        let worker = WorkerSupervisor::start(parts).expect("a thread");
        self.polling().await;
        worker
    }

    /// Runs a round, and waits until it is over.
    async fn round(&self, chore: Chore) {
        let before = self.rounds().await;
        self.gateway.trigger_schedule(chore).await.expect("triggered");
        until("the round is over", async || (self.rounds().await > before).then_some(())).await;
    }

    /// Rounds that were done to their end.
    async fn rounds(&self) -> usize {
        let query = format!("WorkflowType='{UPKEEP}' AND ExecutionStatus='Completed'");
        let client = self.client().await;
        client.list_workflows(query.as_str(), Default::default()).count().await
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_applied_twice_is_one_and_stays_paused() {
    let bench = Bench::start().await;
    let (gateway, chore) = (&bench.gateway, Chore::RetryAttention);
    assert_eq!(gateway.schedule(chore).await, Ok(None));
    assert!(gateway.trigger_schedule(chore).await.is_err(), "there is none yet");
    assert_eq!(gateway.apply_schedule(chore, NEVER).await, Ok(Applied::Made));
    gateway.pause_schedule(chore, true, "month end").await.expect("paused");
    let hourly = Duration::from_secs(3600);
    assert_eq!(gateway.apply_schedule(chore, hourly).await, Ok(Applied::Kept));
    let row = gateway.schedule(chore).await.expect("described").expect("a schedule");
    assert_eq!((row.every, row.paused), (Some(hourly), true));
    assert_eq!(row.note.as_deref(), Some("month end"));
    let client = bench.client().await;
    until("it is listed", async || {
        let all = client.list_schedules(Default::default()).count().await;
        assert!(all <= 1, "{all} schedules");
        (all == 1).then_some(())
    })
    .await;
    gateway.pause_schedule(chore, false, "").await.expect("resumed");
    let row = gateway.schedule(chore).await.expect("described").expect("a schedule");
    assert!(!row.paused && row.next.is_some(), "{row:?}");
    assert_eq!(gateway.delete_schedule(chore).await, Ok(true));
    assert_eq!(gateway.delete_schedule(chore).await, Ok(false));
}

/// Files come into this folder.
fn inbox(path: &Path) -> UpkeepSettings {
    let folder = Folder { path: path.to_owned(), settled: Duration::ZERO };
    let inbox = Inbox { place: Place::Folder(folder), profile: String::new() };
    UpkeepSettings { inbox: Some(inbox), ..UpkeepSettings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_that_cannot_be_moved_away_is_told_of_once_until_it_changes() {
    let bench = Bench::start().await;
    let place = tempfile::tempdir().expect("a folder");
    let _worker = bench.upkeep(inbox(place.path())).await;
    let chore = Chore::ImportStatements;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    let letter = place.path().join("letter.pdf");
    std::fs::write(&letter, b"%PDF-1.7").expect("written");
    // Where refused files go stands something that is no folder.
    std::os::unix::fs::symlink("/dev/null", place.path().join("failed")).expect("a link");
    let told = async || {
        bench.round(chore).await;
        let trail = bench.ledger.audit(0, 100).await.expect("a trail");
        trail.iter().filter(|row| row.action == "import_statement").count()
    };
    assert_eq!(told().await, 1);
    assert_eq!(told().await, 1);
    std::fs::write(&letter, b"%PDF-1.7 and so on").expect("written");
    assert_eq!(told().await, 2);
    assert!(letter.exists(), "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_folder_are_taken_in_once_and_a_bad_one_hurts_no_other() {
    let bench = Bench::start().await;
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().to_owned();
    let _worker = bench.upkeep(inbox(&path)).await;
    let chore = Chore::ImportStatements;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    let write = |name: &str, bytes: &[u8]| std::fs::write(path.join(name), bytes).expect("written");
    let statement =
        |n: usize| camt053(&format!("S-{n}"), "2026-11-20", 1_000, &[paid("r", 100, "x")]);
    for n in 0..25 {
        write(&format!("{n}.xml"), statement(n).as_bytes());
    }
    write("copy.xml", statement(3).as_bytes());
    write("empty.xml", b"");
    write("invoice.pdf", b"%PDF-1.7 and so on");
    write("letter.txt", b"Dear Sir or Madam");
    write(".hidden", b"x");
    write("upload.part", statement(99).as_bytes());
    std::os::unix::fs::symlink("/etc/passwd", path.join("link.txt")).expect("a link");
    bench.round(chore).await;
    assert_eq!(names(&path), [".hidden", "link.txt", "upload.part"], "these are not ours");
    assert_eq!(names(&path.join("failed")), ["empty.xml", "invoice.pdf", "letter.txt"]);
    assert_eq!(names(&path.join("done")).len(), 26);
    let rows = bench.ledger.statements(None, None, 100).await.expect("a list");
    let read = rows.iter().filter(|row| row.status != StatementStatus::Failed).count();
    assert_eq!((rows.len(), read), (26, 25), "each content once");
    let trail = bench.ledger.audit(0, 200).await.expect("a trail");
    let refused = trail.iter().filter(|row| row.action == "import_statement");
    assert!(refused.clone().all(|row| row.author.subject == "schedule:import-statements"));
    assert_eq!(refused.count(), 3);
    // The same content again, under any name.
    write("late.xml", statement(7).as_bytes());
    bench.round(chore).await;
    assert_eq!(bench.ledger.statements(None, None, 100).await.expect("a list").len(), 26);
    assert_eq!(names(&path.join("done")).len(), 27);
    replay::keep_one_of(&bench, UPKEEP, "statements").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_s_absence_left_is_retried_and_nothing_else() {
    let bench = Bench::start().await;
    let rules = RetryRules { after: Duration::ZERO, times_max: 1 };
    let settings = UpkeepSettings { retry: Some(rules), ..UpkeepSettings::default() };
    let _worker = bench.upkeep(settings).await;
    let chore = Chore::RetryAttention;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    let stuck = bench.submit("<Invoice>").await;
    let unread = bench.submit("<Invoice >").await;
    bench.comes_to(&stuck, S::NeedsAttention).await;
    let unread = bench.comes_to(&unread, S::NeedsAttention).await;
    let away = Attention {
        code: AttentionCode::RetriesExhausted,
        text: "the ledger was away".to_owned(),
        retryable: true,
    };
    let leave = async || {
        bench.ledger.record_attention(&stuck, &away, Utc::now()).await.expect("recorded");
        bench.row(&stuck).await.revision
    };
    let before = leave().await;
    bench.round(chore).await;
    let batches = bench.ledger.batches(&BatchFilter::default(), None, 10).await.expect("a list");
    let [batch] = batches.as_slice() else { panic!("{batches:?}") };
    assert_eq!((batch.kind, batch.items), (BatchKind::Retry, Some(1)));
    assert_eq!(batch.subject, "schedule:retry-attention");
    // What the dispatcher does a moment later.
    bench.gateway.start_batch(&batch.id).await.expect("started");
    until("the batch is carried out", async || {
        let row = bench.ledger.batch(&batch.id).await.expect("read").expect("a batch");
        (row.status == BatchStatus::Accepted).then_some(())
    })
    .await;
    // The retry, the step back, the step to the person.
    until("it was retried", async || {
        (bench.row(&stuck).await.revision == before + 3).then_some(())
    })
    .await;
    assert_eq!(bench.row(&unread.id).await, unread, "a document that cannot be read stays");
    // Once was enough: now it waits for a person.
    leave().await;
    bench.round(chore).await;
    let batches = bench.ledger.batches(&BatchFilter::default(), None, 10).await.expect("a list");
    assert_eq!(batches.len(), 1);
    replay::keep_one_of(&bench, UPKEEP, "retry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_finished_invoices_go_when_their_time_has_come() {
    let bench = Bench::start().await;
    let periods = |days: u64| Periods {
        documents: Duration::from_secs(days * 24 * 3600),
        rows: Some(Duration::from_secs(days * 24 * 3600)),
        payments: None,
        batches: None,
        untouched: Duration::ZERO,
    };
    let settings = |days| UpkeepSettings { periods: Some(periods(days)), ..Default::default() };
    let chore = Chore::RemoveExpired;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    let worker = bench.upkeep(settings(365)).await;
    let held = bench.submit(&invoice("I-1", "PO-1")).await;
    let over = bench.submit(&invoice("I-2", "PO-1")).await;
    bench.comes_to(&held, S::Held).await;
    bench.comes_to(&over, S::Held).await;
    bench.ledger.enter(&over, S::Rejected, Utc::now()).await.expect("rejected");
    bench.gateway.wake_invoice(&over).await.expect("told");
    let edge = Edge::over(&bench);
    let document = format!("/invoices/{over}/document");
    bench.round(chore).await;
    assert_eq!(edge.get(&document).await.status, 200, "its time has not come");
    worker.drain(Duration::from_secs(10)).await;
    let _worker = bench.upkeep(settings(0)).await;
    bench.round(chore).await;
    let gone = edge.get(&document).await;
    assert_eq!(gone.problem(), (410, "removed".to_owned()));
    assert!(gone.json()["removed_at"].is_string(), "{}", gone.json());
    for part in ["extraction", "reconciliation"] {
        let answer = edge.get(&format!("/invoices/{over}/{part}")).await;
        assert_eq!(answer.problem(), (410, "removed".to_owned()), "{part}");
    }
    let sha256 = bench.row(&over).await.sha256;
    assert!(bench.artifacts.get(&sha256).await.is_err(), "the bytes are gone");
    assert_eq!(edge.get(&format!("/invoices/{over}")).await.json()["number"], "I-2");
    assert_eq!(edge.get(&format!("/invoices/{held}/document")).await.status, 200);
    let trail = bench.ledger.audit(0, 100).await.expect("a trail");
    let removed = trail.iter().filter(|row| row.action.starts_with("remove_"));
    let removed: Vec<_> = removed.map(|row| (row.action.as_str(), row.resource.clone())).collect();
    let resource = Some(over.to_string());
    assert_eq!(removed, [("remove_document", resource.clone()), ("remove_rows", resource)]);
    replay::keep_one_of(&bench, UPKEEP, "retention").await;
}
