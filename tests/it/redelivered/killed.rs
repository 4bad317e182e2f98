//! The program itself, killed with SIGKILL at named points of its activities, over PostgreSQL.
//!
//! A trigger on the row that an activity writes holds its transaction open in the middle until
//! the test lets it go; a line between worker and Temporal can be held, so that a transaction
//! commits and the answer does not arrive. Three worlds live side by side and in the end hold the
//! same rows: one that nothing happens to, one whose worker is killed in the middle of all its
//! transactions, one whose worker is killed after all of them and before their answers.

mod line;
mod world;

use std::time::Duration;

use ap_gateway::models::upkeep::Chore;

use super::effects;
use crate::harness::seldom;
use world::{Flow, World};

/// A worker that does not answer is noticed after ten seconds of silence, and after 90 where a
/// stranger is waited for; on a machine that does other things too.
const LONG: Duration = Duration::from_secs(240);

/// When the worker is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    Never,
    /// In the middle of the transaction.
    Midway,
    /// After the commit, before the answer.
    Committed,
}

async fn live(kill: Kill) -> (effects::Rows, usize) {
    let mut world = World::open().await;
    world.prepare().await;
    for flow in Flow::ALL {
        // Later ones do what earlier ones are held in: each is at its point before the next.
        if kill != Kill::Never {
            world.hold(flow).await;
        }
        world.provoke(flow).await;
        let what = format!("{flow:?} is at its point");
        seldom(LONG, &what, async || match kill {
            Kill::Never => world.is_done(flow).await.then_some(()),
            _ => world.is_held(flow).await.then_some(()),
        })
        .await;
    }
    match kill {
        Kill::Never => {}
        Kill::Midway => {
            world.kill().await;
            world.let_go().await;
        }
        Kill::Committed => {
            world.line.hold();
            world.let_go().await;
            for flow in Flow::ALL {
                let what = format!("{flow:?} has committed");
                seldom(LONG, &what, async || world.has_committed(flow).await.then_some(())).await;
            }
            world.kill().await;
            world.line.let_go();
        }
    }
    if kill != Kill::Never {
        world.start_worker().await;
    }
    for flow in Flow::ALL {
        let what = format!("{flow:?} is done after {kill:?}");
        seldom(LONG, &what, async || world.is_done(flow).await.then_some(())).await;
    }
    world.gateway.delete_schedule(Chore::ImportStatements).await.expect("deleted");
    world.gateway.delete_schedule(Chore::RemoveExpired).await.expect("deleted");
    world.kill().await;
    (world.rows().await, world.messages())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "waits for silence that Temporal notices: `.ci/run lives`"]
async fn killed_in_the_middle_or_behind_it_each_effect_stands_once() {
    let worlds = [Kill::Never, Kill::Midway, Kill::Committed].map(live);
    let mut worlds = futures::future::join_all(worlds).await.into_iter();
    let (expected, messages) = worlds.next().expect("a world");
    assert_eq!(messages, 1);
    for (kill, (rows, messages)) in [Kill::Midway, Kill::Committed].into_iter().zip(worlds) {
        assert_eq!(effects::difference(&expected, &rows), "", "{kill:?}");
        assert_eq!(messages, 1, "{kill:?}: a message that came twice has one id");
    }
}
