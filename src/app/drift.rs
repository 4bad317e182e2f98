//! Whether the ledger and the workflows say the same about every invoice, and what mends it where
//! they do not.

use futures::{StreamExt, stream};

use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus as S;
use crate::storage::ledger::invoices::{InvoiceFilter, InvoiceRow};
use crate::storage::{Ledger, LedgerError};
use crate::temporal::gateway::{Gateway, GatewayError, RunStatus};

/// Invoices that are read at once.
const PAGE: u32 = 200;

/// Calls to Temporal at once: an inspection must not crowd out the work.
const PARALLEL: usize = 8;

/// How the two disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// The invoice goes on, and no workflow carries it.
    WithoutWorkflow,
    /// The invoice is over, and its workflow runs.
    StillRunning,
    /// The workflow believes it to be in another state.
    Believes(S),
}

impl Drift {
    /// In words.
    pub fn text(self) -> String {
        match self {
            Self::WithoutWorkflow => "no workflow carries it".to_owned(),
            Self::StillRunning => "its workflow still runs".to_owned(),
            Self::Believes(status) => format!("its workflow believes it {}", status.as_str()),
        }
    }
}

/// An invoice about which the two disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub id: InvoiceId,
    /// What the ledger says.
    pub status: S,
    /// What is wrong.
    pub drift: Drift,
    /// It was set right.
    pub repaired: bool,
}

/// What an inspection came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Invoices that were looked at.
    pub looked_at: u64,
    /// Those that moved while they were looked at: nothing can be said of them.
    pub moving: u64,
    /// Disagreements.
    pub found: Vec<Found>,
}

/// Why an inspection could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InspectionError {
    /// The ledger cannot be read.
    #[error("the ledger: {0}")]
    Ledger(#[from] LedgerError),
    /// Temporal cannot be asked.
    #[error("temporal: {0}")]
    Temporal(#[from] GatewayError),
}

/// Looks at all invoices, newest first.
///
/// # Errors
/// A store or Temporal that is away.
pub async fn inspect(
    ledger: &Ledger,
    gateway: &Gateway,
    repair: bool,
) -> Result<Inspection, InspectionError> {
    let mut inspection = Inspection::default();
    let mut after = None;
    loop {
        let filter = InvoiceFilter::default();
        let rows = ledger.invoices(&filter, after.as_ref(), PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(inspection);
        };
        after = Some(last.id.clone());
        let looks = stream::iter(rows).map(|row| look(ledger, gateway, row, repair));
        let mut looks = looks.buffered(PARALLEL);
        while let Some(looked) = looks.next().await {
            inspection.looked_at += 1;
            match looked? {
                Looked::Agree => {}
                Looked::Moving => inspection.moving += 1,
                Looked::Drift(found) => inspection.found.push(found),
            }
        }
    }
}

enum Looked {
    Agree,
    Moving,
    Drift(Found),
}

async fn look(
    ledger: &Ledger,
    gateway: &Gateway,
    row: InvoiceRow,
    repair: bool,
) -> Result<Looked, InspectionError> {
    if row.status.moves() && !is_left(gateway, &row).await? {
        return Ok(Looked::Moving);
    }
    let Some(drift) = compare(gateway, &row).await? else {
        return Ok(Looked::Agree);
    };
    let now = ledger.invoice(&row.id).await?;
    if now.is_none_or(|now| now.revision != row.revision) {
        return Ok(Looked::Moving);
    }
    if repair {
        mend(gateway, &row, drift).await?;
    }
    Ok(Looked::Drift(Found { id: row.id, status: row.status, drift, repaired: repair }))
}

/// In the middle of a step, and nobody takes it: so it is when the ledger came from a backup. What is
/// `received` and was never started gets its workflow from the dispatcher.
async fn is_left(gateway: &Gateway, row: &InvoiceRow) -> Result<bool, GatewayError> {
    match gateway.workflow(&row.id.workflow_id()).await {
        Ok(run) => Ok(run.status != RunStatus::Running),
        Err(GatewayError::NotFound) => Ok(row.status != S::Received),
        Err(error) => Err(error),
    }
}

async fn compare(gateway: &Gateway, row: &InvoiceRow) -> Result<Option<Drift>, GatewayError> {
    let is_over = row.status == S::Paid || row.status.is_final();
    let runs = match gateway.workflow(&row.id.workflow_id()).await {
        Ok(run) => run.status == RunStatus::Running,
        // Temporal forgets a run some time after it is over.
        Err(GatewayError::NotFound) => false,
        Err(error) => return Err(error),
    };
    match (is_over, runs) {
        (true, true) => Ok(Some(Drift::StillRunning)),
        (true, false) => Ok(None),
        (false, false) => Ok(Some(Drift::WithoutWorkflow)),
        (false, true) => {
            let believed = gateway.invoice_situation(&row.id).await?;
            let believed = believed.map(|situation| situation.status);
            let other = believed.filter(|status| !same(*status, row.status));
            Ok(other.map(Drift::Believes))
        }
    }
}

/// The workflow is not told of what payment runs and statements write: it has nothing to do then.
fn same(believed: S, status: S) -> bool {
    let in_payment = |status| matches!(status, S::Approved | S::Scheduled | S::PartPaid);
    believed == status || (in_payment(believed) && in_payment(status))
}

async fn mend(gateway: &Gateway, row: &InvoiceRow, drift: Drift) -> Result<(), GatewayError> {
    match drift {
        Drift::WithoutWorkflow if row.status.moves() => {
            gateway.begin_invoice_again(&row.id).await.map(drop)
        }
        Drift::WithoutWorkflow => gateway.resume_invoice(&row.id).await.map(drop),
        Drift::StillRunning | Drift::Believes(_) => gateway.wake_invoice(&row.id).await,
    }
}
