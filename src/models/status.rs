//! The life of an invoice: states and the only legal steps (reconciliation handbook §16).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Recorded; not started yet.
    Received,
    /// Being read.
    Extracting,
    /// Read, but fields want confirmation.
    Review,
    /// Read and checked.
    Validated,
    /// Being compared with orders and receipts.
    Matching,
    /// A stop hold is on it.
    Held,
    /// The supplier was asked something.
    Query,
    /// Waits for people to approve.
    Approval,
    /// May be paid.
    Approved,
    /// In a payment run.
    Scheduled,
    /// Paid in part.
    PartPaid,
    /// Paid.
    Paid,
    /// Something could not be passed: a person must look.
    NeedsAttention,
    /// Turned down.
    Rejected,
    /// Known already.
    Duplicate,
    /// Replaced by a correction.
    Superseded,
    /// Withdrawn.
    Cancelled,
}

use InvoiceStatus as S;

impl InvoiceStatus {
    /// Every state, in the order of the handbook.
    pub const ALL: [Self; 17] = [
        S::Received,
        S::Extracting,
        S::Review,
        S::Validated,
        S::Matching,
        S::Held,
        S::Query,
        S::Approval,
        S::Approved,
        S::Scheduled,
        S::PartPaid,
        S::Paid,
        S::NeedsAttention,
        S::Rejected,
        S::Duplicate,
        S::Superseded,
        S::Cancelled,
    ];

    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            S::Received => "received",
            S::Extracting => "extracting",
            S::Review => "review",
            S::Validated => "validated",
            S::Matching => "matching",
            S::Held => "held",
            S::Query => "query",
            S::Approval => "approval",
            S::Approved => "approved",
            S::Scheduled => "scheduled",
            S::PartPaid => "part_paid",
            S::Paid => "paid",
            S::NeedsAttention => "needs_attention",
            S::Rejected => "rejected",
            S::Duplicate => "duplicate",
            S::Superseded => "superseded",
            S::Cancelled => "cancelled",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The states that may follow, besides `needs_attention` and `cancelled`.
    fn next(self) -> &'static [Self] {
        match self {
            S::Received => &[S::Extracting, S::Duplicate],
            S::Extracting => &[S::Review, S::Validated],
            S::Review => &[S::Validated, S::Rejected],
            S::Validated => &[S::Matching, S::Review, S::Rejected],
            S::Matching => &[S::Held, S::Approval, S::Approved, S::Rejected],
            S::Held => {
                &[S::Matching, S::Query, S::Approval, S::Rejected, S::Superseded, S::Duplicate]
            }
            S::Query => &[S::Matching, S::Rejected, S::Superseded],
            S::Approval => &[S::Approved, S::Held, S::Rejected, S::Superseded],
            S::Approved => &[S::Scheduled, S::Superseded, S::Approval],
            S::Scheduled => &[S::PartPaid, S::Paid, S::Approved],
            S::PartPaid => &[S::Paid, S::Approved],
            S::Paid => &[S::Approved],
            S::NeedsAttention => &[
                S::Received,
                S::Extracting,
                S::Review,
                S::Validated,
                S::Matching,
                S::Held,
                S::Query,
                S::Approval,
                S::Approved,
                S::Scheduled,
                S::PartPaid,
                S::Paid,
                S::Rejected,
            ],
            S::Rejected | S::Duplicate | S::Superseded | S::Cancelled => &[],
        }
    }

    /// Whether an invoice in this state may go to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match next {
            S::NeedsAttention => !self.is_final(),
            S::Cancelled => self.may_be_cancelled(),
            _ => self.next().contains(&next),
        }
    }

    /// Nothing follows.
    pub fn is_final(self) -> bool {
        matches!(self, S::Rejected | S::Duplicate | S::Superseded | S::Cancelled)
    }

    /// The gateway is at work; any other state rests until something or someone comes.
    pub fn moves(self) -> bool {
        matches!(self, S::Received | S::Extracting | S::Validated | S::Matching)
    }

    fn may_be_cancelled(self) -> bool {
        !self.is_final() && !matches!(self, S::Scheduled | S::PartPaid | S::Paid)
    }
}

#[cfg(test)]
mod tests {
    use super::InvoiceStatus as S;

    #[test]
    fn words_are_read_back() {
        assert!(S::ALL.iter().all(|status| S::parse(status.as_str()) == Some(*status)));
    }

    #[test]
    fn final_states_have_no_next_and_every_other_can_fall_into_needs_attention() {
        for status in S::ALL {
            let next = S::ALL.into_iter().filter(|next| status.may_become(*next)).count();
            assert_eq!(next == 0, status.is_final(), "{status:?}");
            assert_eq!(status.may_become(S::NeedsAttention), !status.is_final(), "{status:?}");
        }
    }

    #[test]
    fn cancelling_is_legal_until_scheduled() {
        for status in [S::Scheduled, S::PartPaid, S::Paid, S::Rejected, S::Cancelled] {
            assert!(!status.may_become(S::Cancelled), "{status:?}");
        }
        for status in [S::Received, S::Held, S::Approval, S::Approved, S::NeedsAttention] {
            assert!(status.may_become(S::Cancelled), "{status:?}");
        }
    }
}
