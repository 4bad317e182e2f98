//! What the supplier is told of its invoice, in the terms of the Peppol Invoice Response (T111;
//! reconciliation handbook §16).

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::hold::{Hold, HoldCode, HoldSeverity};
use crate::models::status::InvoiceStatus as S;

/// UNCL4343 as Peppol restricts it, in the order in which a supplier may be told them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum ResponseCode {
    /// Readable and accepted into the system.
    #[serde(rename = "AB")]
    MessageAcknowledgement,
    /// Being worked on.
    #[serde(rename = "IP")]
    InProcess,
    /// Stopped: the supplier has to answer something.
    #[serde(rename = "UQ")]
    UnderQuery,
    /// Accepted with another amount or date.
    #[serde(rename = "CA")]
    ConditionallyAccepted,
    /// Turned down for good.
    #[serde(rename = "RE")]
    Rejected,
    /// Approved.
    #[serde(rename = "AP")]
    Accepted,
    /// Paid, or paid in part.
    #[serde(rename = "PD")]
    Paid,
}

impl ResponseCode {
    /// As it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageAcknowledgement => "AB",
            Self::InProcess => "IP",
            Self::UnderQuery => "UQ",
            Self::ConditionallyAccepted => "CA",
            Self::Rejected => "RE",
            Self::Accepted => "AP",
            Self::Paid => "PD",
        }
    }
}

/// Why, and what the supplier should do.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponseReason {
    /// OPStatusReason, such as `PRI`.
    pub reason: String,
    /// OPStatusAction, such as `CNP`.
    pub action: String,
    /// The business term that it is about, such as `BT-146`.
    #[serde(default)]
    pub term: Option<String>,
    /// In words.
    #[serde(default)]
    pub text: Option<String>,
}

/// What the supplier is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceResponse {
    /// Where the invoice stands, in the supplier's terms.
    pub code: ResponseCode,
    /// Since when.
    pub effective_at: DateTime<Utc>,
    /// Why; always there with `UQ`, `CA` and `RE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ResponseReason>,
}

/// A step of the invoice, and the decision that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The state that it came to.
    pub status: S,
    /// When.
    pub at: DateTime<Utc>,
    /// The reason code and the words of the person who decided it.
    pub said: Option<(Option<String>, String)>,
}

/// What is told after these steps, oldest first; nothing before the document was read. A code that
/// would go back is not sent: a later change is told by other means.
pub fn respond(steps: &[Moment], holds: &[Hold]) -> Option<InvoiceResponse> {
    let mut told: Option<InvoiceResponse> = None;
    for step in steps {
        let Some(next) = in_their_terms(step, holds) else {
            continue;
        };
        if told.as_ref().is_none_or(|before| may_follow(before, &next)) {
            told = Some(next);
        }
    }
    told
}

/// Whether a supplier is told something of an invoice in this state, whatever it was before.
pub fn is_told(status: S) -> bool {
    let step = Moment { status, at: DateTime::UNIX_EPOCH, said: None };
    in_their_terms(&step, &[]).is_some()
}

/// `RE` and `PD` are final, but for a payment in part; `UQ` may be asked again.
fn may_follow(before: &InvoiceResponse, next: &InvoiceResponse) -> bool {
    let in_part = before.reasons.iter().any(|reason| reason.reason == "PPD");
    match before.code {
        ResponseCode::Rejected => false,
        ResponseCode::Paid => in_part && next.code == ResponseCode::Paid,
        ResponseCode::UnderQuery => next.code >= ResponseCode::UnderQuery,
        code => next.code > code,
    }
}

fn in_their_terms(step: &Moment, holds: &[Hold]) -> Option<InvoiceResponse> {
    let (code, reasons) = match step.status {
        S::Validated => (ResponseCode::MessageAcknowledgement, Vec::new()),
        S::Matching | S::Held | S::Approval => (ResponseCode::InProcess, Vec::new()),
        S::Query => (ResponseCode::UnderQuery, reasons(step, holds)),
        S::Rejected => (ResponseCode::Rejected, reasons(step, holds)),
        S::Duplicate => {
            let text = "this invoice was received before";
            (ResponseCode::Rejected, vec![reason("OTH", "NOA", None, text)])
        }
        S::Approved | S::Scheduled => (ResponseCode::Accepted, Vec::new()),
        S::PartPaid => {
            let text = "paid in part; the rest is open";
            (ResponseCode::Paid, vec![reason("PPD", "NOA", None, text)])
        }
        S::Paid => (ResponseCode::Paid, Vec::new()),
        S::Received
        | S::Extracting
        | S::Review
        | S::NeedsAttention
        | S::Superseded
        | S::Cancelled => return None,
    };
    // Milliseconds, as all times that are told.
    Some(InvoiceResponse { code, effective_at: step.at.trunc_subsecs(3), reasons })
}

fn reason(reason: &str, action: &str, term: Option<&str>, text: &str) -> ResponseReason {
    ResponseReason {
        reason: reason.to_owned(),
        action: action.to_owned(),
        term: term.map(str::to_owned),
        text: Some(text.to_owned()),
    }
}

/// Codes of OPStatusReason that a person may give.
const REASON_CODES: [&str; 14] = [
    "NON", "REF", "LEG", "REC", "QUA", "DEL", "PRI", "QTY", "ITM", "PAY", "UNR", "FIN", "PPD",
    "OTH",
];

/// What the person gave, else what the stop holds are about, else other with the person's words.
fn reasons(step: &Moment, holds: &[Hold]) -> Vec<ResponseReason> {
    let (given, words) = step.said.clone().unwrap_or_default();
    let given = given.filter(|code| REASON_CODES.contains(&code.as_str()));
    if let Some(code) = given {
        return vec![reason(&code, action_of(&code), None, &words)];
    }
    let open = holds.iter().filter(|hold| hold.severity != HoldSeverity::Warn);
    let mut found: Vec<ResponseReason> = Vec::new();
    for hold in open.filter(|hold| hold.released.is_none()) {
        let (code, term) = reason_of(hold.code);
        if code != "OTH" && found.iter().all(|known| known.reason != code) {
            found.push(reason(code, action_of(code), term, &words));
        }
    }
    if found.is_empty() {
        found.push(reason("OTH", "NOA", None, &words));
    }
    found
}

/// What the supplier should do about a reason.
fn action_of(code: &str) -> &'static str {
    match code {
        "REF" | "FIN" => "PIN",
        "REC" | "LEG" => "NIN",
        "UNR" => "CNF",
        "NON" | "PPD" | "OTH" => "NOA",
        _ => "CNP",
    }
}

/// The reason and the business term of a hold.
fn reason_of(code: HoldCode) -> (&'static str, Option<&'static str>) {
    use HoldCode as H;
    match code {
        H::PoRequired | H::PoNotFound | H::CreditRefMissing => ("REF", Some("BT-13")),
        H::UnitPrice | H::LineNet | H::PriceUomRatio | H::Charge => ("PRI", Some("BT-146")),
        H::QtyOrdered | H::AmtOrdered | H::UomMismatch => ("QTY", Some("BT-129")),
        H::QtyReceived | H::AmtReceived | H::ReceiptMissing | H::ReceiptPending => ("DEL", None),
        H::QtyAccepted => ("QUA", None),
        H::ItemMismatch | H::UnpairedLine | H::PoLineNotFound | H::AmbiguousPairing => {
            ("ITM", Some("BT-155"))
        }
        H::InvalidInvoice | H::MissingData | H::TaxRate | H::TaxLine | H::TotalTax => ("LEG", None),
        H::BankChanged => ("FIN", Some("BT-84")),
        H::NotAddressedToUs => ("REC", Some("BT-49")),
        H::VendorMismatch => ("UNR", None),
        _ => ("OTH", None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Hold, HoldCode, HoldSeverity, Moment, ResponseCode as R, S, respond};

    fn steps(states: &[S]) -> Vec<Moment> {
        let at = |second| chrono::DateTime::from_timestamp(second, 0).expect("a time");
        let step = |(second, &status)| Moment { status, at: at(second), said: None };
        (0..).zip(states).map(step).collect()
    }

    fn codes(states: &[S]) -> Vec<Option<R>> {
        let told = |n| respond(&steps(&states[..n]), &[]).map(|told| told.code);
        (1..=states.len()).map(told).collect()
    }

    #[test]
    fn a_straight_invoice_goes_through_the_codes_in_order() {
        let states = [S::Received, S::Validated, S::Matching, S::Approved, S::Scheduled, S::Paid];
        let told = [
            None,
            Some(R::MessageAcknowledgement),
            Some(R::InProcess),
            Some(R::Accepted),
            Some(R::Accepted),
            Some(R::Paid),
        ];
        assert_eq!(codes(&states), told);
    }

    #[test]
    fn no_code_goes_back() {
        let asked = [S::Validated, S::Held, S::Query, S::Matching, S::Held];
        assert_eq!(codes(&asked).last(), Some(&Some(R::UnderQuery)));
        let reopened = [S::Validated, S::Approved, S::Approval, S::Rejected];
        assert_eq!(codes(&reopened).last(), Some(&Some(R::Accepted)));
        let returned = [S::Approved, S::Paid, S::Approved];
        assert_eq!(codes(&returned).last(), Some(&Some(R::Paid)));
    }

    #[test]
    fn a_part_payment_is_not_final() {
        let told = respond(&steps(&[S::Approved, S::PartPaid]), &[]).expect("told");
        assert_eq!((told.code, told.reasons[0].reason.as_str()), (R::Paid, "PPD"));
        let told = respond(&steps(&[S::Approved, S::PartPaid, S::Paid]), &[]).expect("told");
        assert_eq!((told.code, told.reasons.len()), (R::Paid, 0));
    }

    #[test]
    fn a_query_says_what_it_is_about() {
        let hold = |code| Hold {
            code,
            line: None,
            charge: None,
            po: None,
            severity: HoldSeverity::Stop,
            text: "x".to_owned(),
            since: None,
            released: None,
        };
        let holds =
            [hold(HoldCode::UnitPrice), hold(HoldCode::LineNet), hold(HoldCode::PoNotFound)];
        let told = respond(&steps(&[S::Held, S::Query]), &holds).expect("told");
        let reasons: Vec<_> =
            told.reasons.iter().map(|one| (one.reason.as_str(), one.action.as_str())).collect();
        assert_eq!(reasons, [("PRI", "CNP"), ("REF", "PIN")]);
        let mut said = steps(&[S::Held, S::Query]);
        said[1].said = Some((Some("FIN".to_owned()), "whose account is this?".to_owned()));
        let told = respond(&said, &holds).expect("told");
        assert_eq!(told.reasons[0].action, "PIN");
        assert_eq!(told.reasons[0].text.as_deref(), Some("whose account is this?"));
    }
}
