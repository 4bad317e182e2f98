//! One decision about many invoices: which ones, and what is done with each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::attention::AttentionCode;
use crate::models::batch::{self, BatchKind, ItemProblem};
use crate::models::decision::{Action, Refusal, Said, legal_actions};
use crate::models::fault::Fault;
use crate::models::refs::{BatchId, DecisionId, InvoiceId, named_after};
use crate::models::status::InvoiceStatus;

/// Invoices of one order when its sender does not say.
pub const ITEMS_DEFAULT: u32 = 500;

/// Invoices of one order: its answer lists them, and its rows are written in one transaction.
pub const ITEMS_MAX: u32 = 5_000;

/// Invoices that one order names by their ids: as many as one answer lists.
pub const IDS_MAX: usize = ITEMS_DEFAULT as usize;

/// Which invoices; every member narrows. But for `id` the members are those of the list of
/// invoices.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BulkFilter {
    /// Any of these, 500 at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<InvoiceId>,
    /// Any of these states; those in which it is possible when absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<InvoiceStatus>,
    /// Any of these reasons for which a person must look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<AttentionCode>,
    /// The supplier's name (BT-27), equal.
    #[schema(example = "Schrauben Meier GmbH")]
    pub supplier: Option<String>,
    /// The supplier's number (BT-1), equal.
    #[schema(example = "RE-2026-0417")]
    pub number: Option<String>,
    /// The order's number, equal.
    #[schema(example = "PO-1001")]
    pub purchase_order: Option<String>,
    /// ISO 4217, equal.
    #[schema(example = "EUR")]
    pub currency: Option<String>,
    /// A batch that they came in, or were decided by.
    pub batch_id: Option<BatchId>,
    /// Received at or after.
    pub received_after: Option<DateTime<Utc>>,
    /// Received before.
    pub received_before: Option<DateTime<Utc>>,
    /// Changed last before: those that have waited for so long.
    pub updated_before: Option<DateTime<Utc>>,
}

impl BulkFilter {
    /// Every fault of the content, with its place below `/filter`.
    pub fn faults(&self, action: Action) -> Vec<Fault> {
        let mut faults = Vec::new();
        if *self == Self::default() {
            let text = "an empty filter would mean every invoice; name at least one member, such \
                        as code";
            faults.push(Fault::at("/filter", "empty", text));
        }
        if self.id.len() > IDS_MAX {
            let text = format!("must be {IDS_MAX} at most: send the rest with another request");
            faults.push(Fault::at("/filter/id", "too_many", &text));
        }
        for (index, status) in self.status.iter().enumerate() {
            if !legal_actions(*status).contains(&action) {
                let text = format!("{} is not possible in {}", action.as_str(), status.as_str());
                faults.push(Fault::at(&format!("/filter/status/{index}"), "not_possible", &text));
            }
        }
        let texts = [
            ("supplier", &self.supplier),
            ("number", &self.number),
            ("purchase_order", &self.purchase_order),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                Fault::text(&mut faults, &format!("/filter/{name}"), text);
            }
        }
        if let Some(code) = &self.currency
            && crate::models::money::Currency::parse(code).is_err()
        {
            let text = "must be an ISO 4217 code such as EUR";
            faults.push(Fault::at("/filter/currency", "not_a_currency", text));
        }
        faults
    }

    /// The states that are looked through.
    pub fn states(&self, action: Action) -> Vec<InvoiceStatus> {
        if !self.status.is_empty() {
            return self.status.clone();
        }
        let possible = |status: &InvoiceStatus| legal_actions(*status).contains(&action);
        InvoiceStatus::ALL.into_iter().filter(possible).collect()
    }
}

/// A decision about many invoices, as it is kept: the same text is the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkOrder {
    /// Who decides what about each of them.
    pub said: Said,
    /// About which ones.
    pub filter: BulkFilter,
    /// How many at most.
    pub limit: u32,
}

impl BatchKind {
    /// The batch that carries out this decision about many.
    pub fn of_decision(action: Action) -> Option<Self> {
        match action {
            Action::Retry => Some(Self::Retry),
            Action::Cancel => Some(Self::Cancel),
            Action::Correct => Some(Self::Correct),
            _ => None,
        }
    }
}

impl BatchId {
    /// The decision of this batch about an invoice, however often it is sent.
    pub fn decision(&self, invoice: &InvoiceId) -> DecisionId {
        DecisionId::new(named_after(&format!("/batches\n{self}\n{invoice}")))
    }
}

impl From<&Refusal> for ItemProblem {
    /// As the invoice's own route would answer.
    fn from(refusal: &Refusal) -> Self {
        let because = |kind: batch::Refusal| kind.because(refusal.to_string());
        match refusal {
            Refusal::Stale { revision } => {
                because(batch::Refusal::Conflict).with("revision", *revision)
            }
            Refusal::NotNow { status, revision, .. } => {
                let closed = status.is_final();
                let kind = if closed { batch::Refusal::Closed } else { batch::Refusal::Conflict };
                because(kind).with("status_now", status.as_str()).with("revision", *revision)
            }
            Refusal::FourEyes { .. } => because(batch::Refusal::FourEyes),
            Refusal::Rejected { reason_code, .. } => {
                because(batch::Refusal::Rejected).with("reason_code", reason_code.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, BulkFilter, InvoiceId, InvoiceStatus as S};

    fn places(filter: &BulkFilter, action: Action) -> Vec<String> {
        let faults = filter.faults(action).into_iter();
        faults.map(|fault| fault.pointer.unwrap_or_default()).collect()
    }

    #[test]
    fn an_empty_filter_is_no_filter() {
        assert_eq!(places(&BulkFilter::default(), Action::Retry), ["/filter"]);
    }

    #[test]
    fn what_is_not_possible_is_named_with_its_place() {
        let status = vec![S::NeedsAttention, S::Paid];
        let currency = Some("EURO".to_owned());
        let filter = BulkFilter { status, currency, ..BulkFilter::default() };
        let expected = ["/filter/status/1", "/filter/currency"];
        assert_eq!(places(&filter, Action::Retry), expected);
    }

    #[test]
    fn ids_are_a_filter_and_not_without_end() {
        let id = InvoiceId::parse("inv_01kax3v9s8f2m7c4t0q6w5z1re").expect("an id");
        let some = |count| BulkFilter { id: vec![id.clone(); count], ..BulkFilter::default() };
        assert!(places(&some(500), Action::Cancel).is_empty());
        assert_eq!(places(&some(501), Action::Cancel), ["/filter/id"]);
    }

    #[test]
    fn without_states_it_means_those_in_which_it_is_possible() {
        let filter = BulkFilter::default();
        assert_eq!(filter.states(Action::Retry), [S::NeedsAttention]);
        assert!(!filter.states(Action::Cancel).contains(&S::Scheduled));
        assert!(filter.states(Action::Cancel).contains(&S::Held));
    }
}
