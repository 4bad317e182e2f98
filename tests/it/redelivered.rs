//! Every activity of every workflow, given again and cut anywhere: its effect stands once.
//!
//! Temporal gives an activity again whenever its answer did not arrive: the worker was killed
//! before its side effect, in the middle of it, or behind it. Here each activity runs in this
//! process over a real ledger, and that is done to it on purpose: it is dropped at one of its
//! waits after the other, then run to its end, then run again. `killed` does the same to the
//! program, with SIGKILL.

mod bed;
mod cases;
mod effects;
mod killed;

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;

use ap_gateway::config;
use ap_gateway::temporal::worker::Tally;
use ap_gateway::temporal::worker::options::options;
use rstest::rstest;

use crate::ledger::Database::{self, Postgres, Sqlite};
use bed::{Bed, Run};
use cases::{CASES, Prepare};

/// What a worker registers, by the words of the registration itself: a new activity cannot stay
/// out of the table.
#[tokio::test]
async fn every_registered_activity_is_in_the_table() {
    let bed = Bed::open(Sqlite).await;
    let options = options(&config::Worker::default(), bed.activities.clone(), &Tally::default());
    // The SDK tells the names in the debug form alone.
    let told = format!("{:?}", options.activities());
    let registered: BTreeSet<&str> =
        told.split('"').filter(|word| word.starts_with("ap.")).collect();
    let in_table: BTreeSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert!(registered.len() >= 21, "the registration was not understood: {told}");
    assert_eq!(registered, in_table);
}

/// Runs until the future was polled so often and woken once more, then drops it where it waits;
/// whether it came to its end before.
async fn cut(run: &Run, polls: usize) -> bool {
    let mut running = pin!(run());
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(false);
        }
        left -= 1;
        running.as_mut().poll(context).map(|_| true)
    })
    .await
}

/// At each of its first waits, then at some of the later ones.
fn places() -> impl Iterator<Item = usize> {
    (1..24).chain((24..400).step_by(37))
}

/// A world in which the activity was cut at some of its waits, and how many. One whose answers all
/// came before it could wait is thrown away: on a busy machine that happens.
async fn torn(database: Database, prepare: &Prepare) -> (Bed, Run, usize) {
    for _ in 0..20 {
        let bed = Bed::open(database).await;
        let run = prepare(&bed).await;
        let mut cuts = 0;
        for polls in places() {
            if cut(&run, polls).await {
                break;
            }
            cuts += 1;
        }
        if cuts > 0 {
            return (bed, run, cuts);
        }
    }
    panic!("it was never cut");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn cut_anywhere_and_given_again_its_effect_stands_once(
    #[values(Sqlite, Postgres)] database: Database,
    #[values(0, 1, 2)] third: usize,
) {
    for (name, prepare) in CASES.iter().skip(third).step_by(3) {
        let whole = Bed::open(database).await;
        let run = prepare(&whole).await;
        let before = whole.rows().await;
        let first = run().await;
        assert!(first.starts_with("Ok("), "{name}: {first}");
        let once = whole.rows().await;
        run().await;
        let twice = whole.rows().await;
        assert_eq!(effects::difference(&once, &twice), "", "{name} twice, {database:?}");

        let (torn, run, cuts) = torn(database, prepare).await;
        let last = run().await;
        assert!(last.starts_with("Ok("), "{name} after {cuts} cuts: {last}");
        let (once, torn_rows) = (effects::faceless(&once), effects::faceless(&torn.rows().await));
        let difference = effects::difference(&once, &torn_rows);
        assert_eq!(difference, "", "{name} after {cuts} cuts, {database:?}");
        assert_eq!(torn.outside(), whole.outside(), "{name}: what others were told");
        // An activity that changes nothing cannot be cut: all but one write rows.
        let changes = effects::faceless(&before) != once;
        assert!(changes || *name == "ap.reconcile_case", "{name} changed nothing");
    }
}
