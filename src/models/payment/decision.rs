//! What the engine makes of a payment, and why.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::payment::row::Row;

/// What happens with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentVerdict {
    /// Its rows are made.
    Automatic,
    /// A person confirms or declines.
    Suggestion,
    /// Nothing explains it well enough.
    Unmatched,
    /// It cannot be computed or read; see the remarks.
    Error,
}

/// How items and payment go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// It closes one item.
    One,
    /// It closes several items of one supplier.
    Several,
    /// It pays a part of one item.
    Partial,
    /// It names items and is not their sum.
    SumDiffers,
    /// It names nothing: the oldest items of the supplier.
    OnAccount,
    /// It takes an earlier payment back.
    Return,
}

/// A kind of evidence; its points are in the handbook of payments.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceCode {
    /// The end-to-end id of our own payment order.
    EndToEndId,
    /// A structured reference.
    StructuredReference,
    /// The invoice number as a whole token in the text.
    InvoiceNumber,
    /// The counterparty's account is one of the supplier's verified accounts.
    Iban,
    /// The amount fits to the cent.
    AmountExact,
    /// The amount fits with the discount.
    AmountDiscount,
    /// The amount fits with a fee of the bank.
    AmountFee,
    /// The amount fits with a write-off.
    AmountWriteOff,
    /// The amount is a part of what is open.
    AmountPartial,
    /// The names are very alike.
    NameEqual,
    /// The names are alike.
    NameAlike,
    /// Paid between the invoice's date and some days after it was due.
    DateFits,
    /// Paid long after it was due.
    DateLate,
    /// The same currency.
    SameCurrency,
    /// Another currency, and the booked amount is near.
    OtherCurrency,
    /// People confirmed before that this counterparty pays or is paid for this supplier.
    Confirmed,
    /// Somebody declined this pair a short while ago.
    Declined,
    /// A reversal names the payment that it takes back.
    Original,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentEvidence)]
pub struct Evidence {
    /// What kind.
    pub code: EvidenceCode,
    /// Thousandths; negative when it speaks against.
    pub points: i32,
    /// In words.
    pub text: String,
}

/// One item of an explanation, with what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CandidateItem {
    /// The item.
    pub item: String,
    /// The sum of its evidence, from 0 to 1000.
    pub score: u16,
    /// In the order of the table of evidence.
    pub evidence: Vec<Evidence>,
}

/// Why an explanation may not stand without a person, whatever its score; or what else to know.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A pay hold stands on an item.
    PayHold,
    /// The counterparty's account is not one of the supplier's verified ones.
    IbanConflict,
    /// The write-off is larger than the policy lets pass without a person.
    WriteOffTooLarge,
    /// The exchange difference is larger than the policy lets pass.
    ExchangeTooLarge,
    /// The booked amount in the currency of the books is not known.
    BookedAmountMissing,
    /// Nothing was named.
    OnAccount,
    /// The named items do not sum to the payment.
    SumDiffers,
    /// Another explanation is as good or nearly.
    Rival,
    /// The search for a sum was given up at its limit.
    SearchLimit,
    /// More items answer to the same key than are looked at.
    TooManyAlike,
    /// The score is below that of an automatic allocation.
    ScoreLow,
    /// The payment goes the other way than the item.
    WrongDirection,
    /// The named item is closed.
    Closed,
    /// The bank may still take it back.
    Pending,
    /// The bank returned it.
    Returned,
    /// No earlier payment is the one that it takes back.
    OriginalMissing,
    /// The earlier payment has another amount.
    OriginalDiffers,
    /// Its original had not been allocated: nothing reopens.
    NothingToReopen,
    /// A value is missing or out of range.
    Unusable,
    /// Numbers are too large to compute with.
    TooLarge,
}

/// A reason with its words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// For machines.
    pub code: Reason,
    /// For people.
    pub text: String,
}

/// One explanation: these items, for these reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// In the order in which they are paid.
    pub items: Vec<CandidateItem>,
    /// How they go together.
    pub shape: Shape,
    /// That of its weakest item.
    pub score: u16,
    /// What keeps it from being allocated without a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What it would add to the record.
    pub rows: Vec<Row>,
}

/// What the engine makes of one payment.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentDecision {
    /// The payment.
    pub transaction: String,
    /// What happens.
    pub verdict: PaymentVerdict,
    /// That of the best explanation, in thousandths.
    pub score: u16,
    /// The best one, and every different one that it does not lead by enough; best first.
    pub candidates: Vec<Candidate>,
    /// The rows that were made, or are proposed; none when two explanations compete.
    pub rows: Vec<Row>,
    /// What is left of it after the rows that were made.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub unallocated: Option<Decimal>,
    /// Why it is not automatic, or what else to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}
