//! Where an invoice stands: its facts, its holds, and whose approval it waits for.

use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::invoices::moment;
use crate::models::decision::{Action, Asked, Decision, HoldRef, Said, judge};
use crate::models::hold::{Hold, HoldSeverity};
use crate::models::policy::Policy;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::invoices::InvoiceRow;
use crate::storage::ledger::situation::Facts;

/// One hold.
pub struct HoldRow {
    /// Its code.
    pub code: &'static str,
    /// What it is about: a line, a charge, an order, or the document.
    pub about: String,
    /// What it blocks.
    pub severity: &'static str,
    /// What is wrong.
    pub text: String,
    /// Who may release it.
    pub released_by: &'static str,
    /// Who did, and why.
    pub released: String,
    /// It counts, and a person may release it.
    pub is_open: bool,
    /// What names it in a decision, as JSON.
    pub name: String,
}

/// The holds of an invoice.
pub fn holds(row: &InvoiceRow) -> Vec<HoldRow> {
    row.holds.iter().map(HoldRow::of).collect()
}

impl HoldRow {
    fn of(hold: &Hold) -> Self {
        let about = [("line", &hold.line), ("charge", &hold.charge), ("order", &hold.po)];
        let about =
            about.iter().filter_map(|(word, name)| Some(format!("{word} {}", (*name).as_ref()?)));
        let released = hold.released.as_ref().map(|one| format!("{}: {}", one.by, one.reason));
        Self {
            code: hold.code.as_str(),
            about: about.collect::<Vec<_>>().join(", "),
            severity: match hold.severity {
                HoldSeverity::Stop => "stop",
                HoldSeverity::Pay => "pay",
                HoldSeverity::Warn => "warn",
            },
            text: hold.text.clone(),
            released_by: hold.code.released_by().as_str(),
            is_open: hold.released.is_none() && hold.severity != HoldSeverity::Warn,
            released: released.unwrap_or_default(),
            name: serde_json::to_string(&HoldRef::of(hold)).expect("texts have a JSON form"),
        }
    }
}

/// Whose approval is needed and given.
pub struct FourEyes {
    /// How many different people.
    pub required: u32,
    /// Who approved.
    pub given: Vec<String>,
    /// Why this visitor may not; empty when it may.
    pub barred: String,
}

/// While the invoice waits for approvals: by the rules that the decision itself goes by.
pub fn four_eyes(known: &Facts, policy: &Policy, visitor: &Visitor) -> Option<FourEyes> {
    if known.row.status != InvoiceStatus::Approval {
        return None;
    }
    let situation = known.situation(policy);
    let caller = &visitor.caller;
    let (subject, duties) = (caller.subject.clone(), caller.principal.duties.clone());
    let asked: Asked = Said { subject, duties, decision: Decision::of(Action::Approve) }.asked();
    let refusal = judge(&situation, &asked).err();
    let since = known.row.approval_since.unwrap_or_default();
    let approved = known
        .decisions
        .iter()
        .filter(|row| row.decision.action == Action::Approve && row.revision > since);
    Some(FourEyes {
        required: situation.approvals.required,
        given: approved.map(|row| row.subject.clone()).collect(),
        barred: refusal.map(|refusal| refusal.to_string()).unwrap_or_default(),
    })
}

/// What is known of it; what is not is left out.
pub fn facts(row: &InvoiceRow) -> Vec<(&'static str, String)> {
    let total = row.total.map(|total| {
        format!("{total} {}", row.currency.as_deref().unwrap_or_default()).trim().to_owned()
    });
    let known = [
        ("Supplier", row.supplier_name.clone()),
        ("Number", row.number.clone()),
        ("Total", total),
        ("Issued", row.issue_date.map(|date| date.to_string())),
        ("Due", row.due_date.map(|date| date.to_string())),
        ("Order", row.purchase_order.clone()),
        ("Handed in by", Some(row.submitted_by.clone())),
        ("Received", Some(moment(row.received_at))),
        ("Changed", Some(moment(row.updated_at))),
        ("Read as", row.syntax.clone()),
        ("Document", Some(format!("{}, {} bytes", row.media_type.as_str(), row.bytes))),
        ("Workflow", Some(row.id.workflow_id())),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
