//! Where an invoice stands, as much as the rules of its life need: from its row and the decisions
//! about it.

use rust_decimal::Decimal;
use sqlx::AnyConnection;

use crate::models::decision::{Action, HoldRef};
use crate::models::hold::HoldSeverity;
use crate::models::policy::Policy;
use crate::models::refs::InvoiceId;
use crate::models::situation::{ANONYMOUS, Actor, Approvals, HOLDS_TOLD_MAX, Situation};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::decisions::{self, DecisionRow};
use crate::storage::ledger::editors::{self, Editor};
use crate::storage::ledger::invoices::{self, InvoiceRow};
use crate::storage::ledger::{Ledger, LedgerError};

/// An invoice and the decisions about it, read together.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its row.
    pub row: InvoiceRow,
    /// Oldest first.
    pub decisions: Vec<DecisionRow>,
    /// Who changed the accounts of its supplier.
    pub editors: Vec<Editor>,
}

impl Ledger {
    /// What is known of an invoice; `None` for an unknown id.
    pub async fn facts(&self, id: &InvoiceId) -> Result<Option<Facts>, LedgerError> {
        let mut connection = self.pool.acquire().await?;
        facts(&mut connection, id).await
    }
}

/// The same, within a transaction.
pub(super) async fn facts(
    connection: &mut AnyConnection,
    id: &InvoiceId,
) -> Result<Option<Facts>, LedgerError> {
    let Some(row) = invoices::one(connection, id).await? else {
        return Ok(None);
    };
    let decisions = decisions::of_invoice(connection, id).await?;
    let editors = editors::of_invoice(connection, id).await?;
    Ok(Some(Facts { row, decisions, editors }))
}

impl InvoiceRow {
    /// The total with tax in the ledger currency, where it is known.
    pub fn ledger_total(&self, policy: &Policy) -> Option<Decimal> {
        let ledger = policy.ledger_currency.as_ref().map(|currency| currency.code());
        let same = ledger.is_none_or(|code| self.currency.as_deref() == Some(code));
        self.total.filter(|_| same)
    }
}

impl Facts {
    /// Where the invoice stands under this policy.
    pub fn situation(&self, policy: &Policy) -> Situation {
        let row = &self.row;
        let open = row.holds.iter().filter(|hold| {
            hold.released.is_none()
                && matches!(hold.severity, HoldSeverity::Stop | HoldSeverity::Pay)
        });
        let mut holds: Vec<HoldRef> = open.map(HoldRef::of).collect();
        let more_holds = holds.len() > HOLDS_TOLD_MAX;
        holds.truncate(HOLDS_TOLD_MAX);
        Situation {
            holds,
            more_holds,
            approvals: self.approvals(policy),
            barred: self.barred(policy),
            attention: row.attention.as_ref().map(|attention| attention.code),
            came_from: row.came_from,
            was_read: row.syntax.is_some(),
            watch: policy.approval.watch(),
            ..Situation::at(row.status, row.revision)
        }
    }

    fn approvals(&self, policy: &Policy) -> Approvals {
        if self.row.status != InvoiceStatus::Approval {
            return Approvals::default();
        }
        let since = self.row.approval_since.unwrap_or_default();
        let approved = self
            .decisions
            .iter()
            .filter(|row| row.decision.action == Action::Approve && row.revision > since);
        Approvals {
            required: policy.approval.required(self.row.ledger_total(policy)),
            given: approved.map(|row| Actor::of(&row.subject)).collect(),
        }
    }

    /// Whether the subject changed lately which accounts the supplier has: for so long it neither
    /// approves the invoice nor pays it (reconciliation handbook §14).
    pub fn is_barred_editor(&self, subject: &str, policy: &Policy) -> bool {
        subject != ANONYMOUS && self.recent_editors(policy).any(|editor| editor == subject)
    }

    fn recent_editors(&self, policy: &Policy) -> impl Iterator<Item = &String> {
        let cooling = policy.approval.cooling();
        self.editors.iter().filter(move |one| one.age < cooling).map(|one| &one.subject)
    }

    /// Whoever brought it in, whoever smoothed its way, and whoever changed lately to which account
    /// it is paid.
    fn barred(&self, policy: &Policy) -> Vec<Actor> {
        let smoothed = self.decisions.iter().filter(|row| smooths(row)).map(|row| &row.subject);
        let mut barred = vec![Actor::of(&self.row.submitted_by)];
        for subject in smoothed.chain(self.recent_editors(policy)) {
            let actor = Actor::of(subject);
            if !barred.contains(&actor) {
                barred.push(actor);
            }
        }
        barred
    }
}

fn smooths(row: &DecisionRow) -> bool {
    match row.decision.action {
        Action::Correct | Action::Confirm => true,
        Action::Release => {
            row.decision.holds.iter().any(|hold| hold.code.severity() == HoldSeverity::Stop)
        }
        _ => false,
    }
}
