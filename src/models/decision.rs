//! What people decide about an invoice (reconciliation handbook §14): the words, what each needs,
//! and whether it may be done.

mod faults;
mod judge;
mod legal;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::case::ChosenLine;
use crate::models::hold::Role as Duty;
use crate::models::hold::{Hold, HoldCode};
use crate::models::policy::MatchLevel;
use crate::models::situation::Actor;
use crate::models::status::InvoiceStatus;

pub use judge::judge;
pub use legal::legal_actions;

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $word:literal;)*) => {
        /// What a person does. They may grow; a reader takes unknown ones as text.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The word on the wire and in the ledger.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$action => $word,)* }
            }

            /// The action of that word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.as_str() == word)
            }
        }
    };
}

actions! {
    /// The invoice may be paid, as far as this person is concerned.
    Approve = "approve";
    /// It is turned down for good.
    Reject = "reject";
    /// Holds may go as long as the values that they were judged on stay.
    Release = "release";
    /// Invoice lines belong to these order lines.
    Pair = "pair";
    /// Lines of this credit note lower a price and return nothing.
    PriceCredit = "price_credit";
    /// More must agree than policy asks for.
    RaiseLevel = "raise_level";
    /// The supplier is asked something, and the invoice waits for the answer.
    RequestInformation = "request_information";
    /// The supplier answered.
    Answer = "answer";
    /// Fields that were read wrongly, or not at all, get their values.
    Correct = "correct";
    /// What was read is right, although it was in doubt.
    Confirm = "confirm";
    /// Another person decides.
    Delegate = "delegate";
    /// An approval is taken back.
    Reopen = "reopen";
    /// It was billed before.
    MarkDuplicate = "mark_duplicate";
    /// What could not be passed is tried again. Has its own route.
    Retry = "retry";
    /// It is withdrawn. Has its own route.
    Cancel = "cancel";
}

/// Names a hold.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRef {
    /// Its code.
    pub code: HoldCode,
    /// Its invoice line; absent for the document.
    #[serde(default)]
    pub line: Option<String>,
    /// Of `CHARGE`: which one.
    #[serde(default)]
    pub charge: Option<String>,
    /// Of a hold of the document: the order that it is about, where there is one.
    #[serde(default)]
    pub po: Option<String>,
}

impl HoldRef {
    /// The name of a hold.
    pub fn of(hold: &Hold) -> Self {
        Self {
            code: hold.code,
            line: hold.line.clone(),
            charge: hold.charge.clone(),
            po: hold.po.clone(),
        }
    }

    /// Whether it names this hold.
    pub fn names(&self, hold: &Hold) -> bool {
        *self == Self::of(hold)
    }
}

/// A field of the invoice and the value that it should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// JSON pointer (RFC 6901) into the invoice of `/extraction`: `/number`, `/lines/0/net`.
    #[schema(example = "/number")]
    pub pointer: String,
    /// The value as it stands there; `null` takes the field away.
    #[schema(value_type = Value)]
    pub value: Value,
}

/// One decision of one person.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// The revision that was on the screen: an invoice that moved on since is not decided.
    #[serde(default)]
    pub expected_revision: Option<i64>,
    /// Why, for machines and reports: `PRICE_AGREED`.
    #[serde(default)]
    #[schema(example = "PRICE_AGREED")]
    pub reason_code: Option<String>,
    /// Why, for people.
    #[serde(default)]
    pub reason: Option<String>,
    /// Of `release`: which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldRef>,
    /// Of `pair`: which invoice line is which order line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairings: Vec<ChosenLine>,
    /// Of `price_credit`: lines of the credit note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Of `raise_level`.
    #[serde(default)]
    pub match_level: Option<MatchLevel>,
    /// Of `correct`: fields and their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// Of `delegate`: the subject that decides.
    #[serde(default)]
    pub to: Option<String>,
    /// Of `delegate`: until when; without it for this invoice's whole life.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// A decision and who took it, as it is kept until it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Who.
    pub subject: String,
    /// Whose holds that person may release.
    #[serde(default = "all_duties")]
    pub duties: Vec<Duty>,
    /// What.
    pub decision: Decision,
}

/// Decisions that were under way before duties were looked at keep what they were promised.
fn all_duties() -> Vec<Duty> {
    Duty::OF_PERSONS.to_vec()
}

impl Said {
    /// What the rules look at.
    pub fn asked(&self) -> Asked {
        Asked {
            action: self.decision.action,
            actor: Actor::of(&self.subject),
            expected_revision: self.decision.expected_revision,
            holds: self.decision.holds.clone(),
            duties: self.duties.clone(),
        }
    }
}

/// What of a decision the rules look at: it goes into histories, so it says nothing of the
/// document and names nobody.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What is done.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// On which revision.
    #[serde(default)]
    pub expected_revision: Option<i64>,
    /// Which holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldRef>,
    /// Whose holds the actor may release.
    #[serde(default = "all_duties")]
    pub duties: Vec<Duty>,
}

/// Why a decision is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// The invoice moved on.
    #[error("the invoice is at revision {revision} now; look at it again")]
    Stale {
        /// Where it is.
        revision: i64,
    },
    /// Not in this state.
    #[error("{} is not possible while the invoice is {}", .action.as_str(), .status.as_str())]
    NotNow {
        /// What was asked.
        action: Action,
        /// Where it stands.
        status: InvoiceStatus,
        /// Its revision.
        revision: i64,
    },
    /// Another person must do it.
    #[error("{text}")]
    FourEyes {
        /// Why.
        text: String,
    },
    /// Anything else that the rules say no to.
    #[error("{text}")]
    Rejected {
        /// For machines.
        reason_code: String,
        /// For people.
        text: String,
    },
}

impl Refusal {
    /// The rules say no.
    pub fn rejected(reason_code: &str, text: impl Into<String>) -> Self {
        Self::Rejected { reason_code: reason_code.to_owned(), text: text.into() }
    }
}
