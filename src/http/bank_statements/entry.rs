//! An entry of a bank statement as callers see it.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::models::payment::{
    Candidate, CandidateItem, EntryState, PaymentDecision, Remark, Row, Shape, Transaction,
};
use crate::models::refs::EntryId;
use crate::storage::ledger::entries::EntryRow;

/// One change of the balance, or one payment of a batch, and what it pays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankEntryResource)]
pub struct EntryResource {
    /// Its id, the same in every file that has it.
    pub id: EntryId,
    /// Where it stands.
    pub state: EntryState,
    /// Grows by one with each change; a decision names the one that it is about.
    pub revision: i64,
    /// What the bank says.
    pub transaction: Transaction,
    /// What may explain it, or does; best first.
    pub matches: Vec<MatchResource>,
    /// Why it is not recorded by itself, or what else to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub remarks: Vec<Remark>,
    /// Where it can be looked at and decided.
    pub links: EntryLinks,
}

/// How a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchState {
    /// A person may accept or decline it.
    Proposed,
    /// Its rows are in the record.
    Recorded,
    /// A person declined it.
    Declined,
}

/// One explanation of an entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryMatch)]
pub struct MatchResource {
    /// Its place, by which a decision names it.
    #[serde(rename = "match")]
    #[schema(example = 1)]
    pub place: usize,
    /// How it stands.
    pub state: MatchState,
    /// In thousandths, from 0 to 1000; that of its weakest item. Absent where a person named the
    /// invoices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1000)]
    pub confidence: Option<u16>,
    /// How items and payment go together; absent where a person named the invoices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub shape: Option<Shape>,
    /// The invoices and credit notes, each with what speaks for it.
    pub reasons: Vec<CandidateItem>,
    /// What keeps it from being recorded without a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub remarks: Vec<Remark>,
    /// What it adds to the record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rows: Vec<Row>,
}

/// Where an entry is.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryLinks {
    /// The entry itself.
    #[serde(rename = "self")]
    #[schema(example = "/bank-entries/ent_01kaz3v9s8f2m7c4t0q6w5z1re")]
    pub this: String,
    /// Where it is decided.
    #[schema(example = "/bank-entries/ent_01kaz3v9s8f2m7c4t0q6w5z1re/decision")]
    pub decision: String,
}

/// Where an entry is.
pub fn location(id: &EntryId) -> String {
    format!("/bank-entries/{id}")
}

impl From<EntryRow> for EntryResource {
    fn from(row: EntryRow) -> Self {
        let decision = row.decision.as_ref();
        let mut matches = matches(&row, decision);
        let recorded = &row.answers.recorded;
        if !recorded.is_empty() && matches.iter().all(|one| one.state != MatchState::Recorded) {
            let item = |item: &String| CandidateItem {
                item: item.clone(),
                score: 0,
                evidence: Vec::new(),
            };
            matches.push(MatchResource {
                place: matches.len() + 1,
                state: MatchState::Recorded,
                confidence: None,
                shape: None,
                reasons: recorded.iter().map(item).collect(),
                remarks: Vec::new(),
                rows: Vec::new(),
            });
        }
        let remarks = decision.map(|decision| decision.remarks.clone());
        let this = location(&row.id);
        Self {
            links: EntryLinks { decision: format!("{this}/decision"), this },
            id: row.id,
            state: row.state,
            revision: row.revision,
            transaction: row.transaction,
            matches,
            remarks: remarks.filter(|_| row.state.is_undecided()).unwrap_or_default(),
        }
    }
}

/// Of a recorded entry only what is recorded; else everything that was proposed.
fn matches(row: &EntryRow, decision: Option<&PaymentDecision>) -> Vec<MatchResource> {
    let candidates = decision.iter().flat_map(|decision| &decision.candidates);
    let shown = candidates.into_iter().zip(1..).map(|(candidate, place)| {
        let state = state(row, candidate);
        MatchResource {
            place,
            state,
            confidence: Some(candidate.score),
            shape: Some(candidate.shape),
            reasons: candidate.items.clone(),
            remarks: candidate.remarks.clone(),
            rows: candidate.rows.clone(),
        }
    });
    let decided = !row.answers.recorded.is_empty();
    shown.filter(|one| !decided || one.state != MatchState::Proposed).collect()
}

fn state(row: &EntryRow, candidate: &Candidate) -> MatchState {
    let is = |items: &[String]| {
        let theirs = candidate.items.iter().map(|item| item.item.as_str());
        let mut theirs: Vec<&str> = theirs.collect();
        let mut named: Vec<&str> = items.iter().map(String::as_str).collect();
        theirs.sort_unstable();
        named.sort_unstable();
        theirs == named
    };
    if is(&row.answers.recorded) {
        return MatchState::Recorded;
    }
    match row.answers.declined.iter().any(|declined| is(declined)) {
        true => MatchState::Declined,
        false => MatchState::Proposed,
    }
}

/// One for the document.
pub fn example() -> Value {
    let id = "ent_01kaz3v9s8f2m7c4t0q6w5z1re";
    json!({
        "id": id, "state": "recorded", "revision": 2,
        "transaction": {"id": id, "direction": "out", "amount": "1190.00", "currency": "EUR",
            "date": "2026-11-27", "pending": false, "reversal": false,
            "counterparty_name": "Schrauben Meier GmbH",
            "counterparty_iban": "DE02120300000000202051",
            "end_to_end_id": "INV01KAX3V9S8F2M7C4T0Q6W5Z1RE", "text": "RE-2026-0417"},
        "matches": [{"match": 1, "state": "recorded", "confidence": 1000, "shape": "one",
            "reasons": [{"item": "inv_01kax3v9s8f2m7c4t0q6w5z1re", "score": 1000, "evidence": [
                {"code": "end_to_end_id", "points": 1000, "text": "it is our own payment order"}]}]}],
        "links": {"self": format!("/bank-entries/{id}"),
            "decision": format!("/bank-entries/{id}/decision")},
    })
}
