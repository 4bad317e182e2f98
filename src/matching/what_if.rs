//! What another policy would make of the invoices on file. Nothing is written: invoices, orders and
//! receipts are read as they stand now, compared twice, and forgotten.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::matching::{Subject, next};
use crate::models::policy::Policy;
use crate::models::status::InvoiceStatus as S;
use crate::models::verdict::{Hold, Reconciliation};
use crate::reconciliation::reconcile;
use crate::storage::ledger::invoices::{InvoiceFilter, InvoiceRow};
use crate::storage::{Ledger, LedgerError};

/// States of invoices that were compared: open, and settled.
pub const STATES: [S; 7] =
    [S::Held, S::Query, S::Approval, S::Approved, S::Scheduled, S::PartPaid, S::Paid];

/// How much is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Invoices, the latest ones.
    pub invoices: u32,
    /// Time for all of them.
    pub time: Duration,
}

/// Where a comparison leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Led {
    /// The state.
    pub status: S,
    /// The holds, released ones among them.
    pub holds: Vec<Hold>,
}

/// An invoice that the other policy changes.
#[derive(Debug, Clone)]
pub struct Change {
    /// As it stands.
    pub row: InvoiceRow,
    /// Under the policy in force, compared anew.
    pub before: Led,
    /// Under the other one.
    pub after: Led,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct WhatIf {
    /// Invoices that were compared under both.
    pub compared: usize,
    /// Invoices of which nothing is left to compare.
    pub unread: usize,
    /// There are older ones, which nobody looked at.
    pub older: bool,
    /// The time was over before all were compared.
    pub stopped_early: bool,
    /// Those that differ, newest first.
    pub changes: Vec<Change>,
}

impl Change {
    /// Holds that the other policy brings.
    pub fn come(&self) -> impl Iterator<Item = &Hold> {
        lacking(&self.after.holds, &self.before.holds)
    }

    /// Holds that it takes away.
    pub fn gone(&self) -> impl Iterator<Item = &Hold> {
        lacking(&self.before.holds, &self.after.holds)
    }
}

/// Those of `some` that are not among `others`. Their words may differ: a limit stands in them.
fn lacking<'h>(some: &'h [Hold], others: &'h [Hold]) -> impl Iterator<Item = &'h Hold> {
    let same = |one: &Hold, other: &Hold| {
        let what = |hold: &Hold| (hold.code, hold.severity, hold.released.is_some());
        let place = (&one.line, &one.charge, &one.po) == (&other.line, &other.charge, &other.po);
        what(one) == what(other) && place
    };
    some.iter().filter(move |one| !others.iter().any(|other| same(one, other)))
}

/// Compares the latest invoices under the policy in force and under another one.
///
/// # Errors
/// Those of the ledger.
pub async fn what_if(
    ledger: &Ledger,
    present: &Arc<Policy>,
    other: &Arc<Policy>,
    bounds: Bounds,
) -> Result<WhatIf, LedgerError> {
    let deadline = Instant::now() + bounds.time;
    let filter = InvoiceFilter { status: STATES.to_vec(), ..InvoiceFilter::default() };
    let mut rows = ledger.invoices(&filter, None, bounds.invoices.saturating_add(1)).await?;
    let most = bounds.invoices as usize;
    let mut found = WhatIf { older: rows.len() > most, ..WhatIf::default() };
    rows.truncate(most);
    for row in rows {
        // A look that is broken off has a transaction that only read.
        let Ok(led) = timeout_at(deadline, twice(ledger, &row, [present, other])).await else {
            found.stopped_early = true;
            break;
        };
        match led? {
            None => found.unread += 1,
            Some([before, after]) => {
                found.compared += 1;
                let change = Change { row, before, after };
                let moves = change.before.status != change.after.status;
                if moves || change.come().next().is_some() || change.gone().next().is_some() {
                    found.changes.push(change);
                }
            }
        }
    }
    Ok(found)
}

/// Where one invoice leads under each; none when what was read of it is gone.
async fn twice(
    ledger: &Ledger,
    row: &InvoiceRow,
    policies: [&Arc<Policy>; 2],
) -> Result<Option<[Led; 2]>, LedgerError> {
    let Some(extraction) = ledger.extraction(&row.id).await? else {
        return Ok(None);
    };
    let subject = Subject::of(extraction, row);
    let view = ledger.present(&row.id, subject.named().concerns(Utc::now())).await?;
    let [present, other] = policies.map(Arc::clone);
    let touchless =
        [&present, &other].map(|policy| policy.approval.is_touchless(row.ledger_total(policy)));
    let mut case = subject.case(view, Policy::clone(&present), Utc::now().date_naive());
    let compared = spawn_blocking(move || {
        let before = reconcile(&case);
        case.policy = Policy::clone(&other);
        [before, reconcile(&case)]
    });
    let Ok([before, after]) = compared.await else {
        // A defect that one invoice brings out says nothing of the others.
        return Ok(None);
    };
    let led = |result: Reconciliation, touchless| Led {
        status: next(&result, touchless),
        holds: result.holds,
    };
    Ok(Some([led(before, touchless[0]), led(after, touchless[1])]))
}
