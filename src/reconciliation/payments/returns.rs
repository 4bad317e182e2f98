//! Payments that came back: the original is found, and its rows are taken back (handbook §17).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::models::payment::{
    Candidate, CandidateItem, EvidenceCode, Reason, Remark, Row, Shape, Transaction,
};
use crate::reconciliation::payments::amount::shown;
use crate::reconciliation::payments::candidates::Candidates;
use crate::reconciliation::payments::evidence;
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::ledger::Ledger;
use crate::reconciliation::payments::numbers;

/// Originals that one key leads to and that are looked at.
const ORIGINALS_MAX: usize = 16;

/// Payments that may come back, by what a return says of them.
#[derive(Debug, Default)]
pub(crate) struct Originals<'a> {
    end_to_end: HashMap<String, Vec<&'a Transaction>>,
    references: HashMap<String, Vec<&'a Transaction>>,
    /// Payments that came back before anything was allocated.
    returned: BTreeSet<&'a str>,
}

/// What a return takes back.
pub(crate) struct Return<'a> {
    /// For [`decide`](crate::reconciliation::payments::decide).
    pub(crate) found: Candidates,
    /// The only original.
    pub(crate) original: Option<&'a Transaction>,
}

impl<'a> Originals<'a> {
    /// All payments of the case and before, by day and id.
    pub(crate) fn new(all: impl Iterator<Item = &'a Transaction>) -> Self {
        let mut originals = Self::default();
        for one in all.filter(|one| !one.reversal && !one.pending) {
            if let Some(id) = one.end_to_end_id.as_deref().map(numbers::plain)
                && !id.is_empty()
            {
                originals.end_to_end.entry(id).or_default().push(one);
            }
            let references: BTreeSet<String> =
                one.references.iter().map(|text| numbers::plain(text)).collect();
            for reference in references.into_iter().filter(|text| !text.is_empty()) {
                originals.references.entry(reference).or_default().push(one);
            }
        }
        originals
    }

    /// It came back.
    pub(crate) fn mark(&mut self, original: &'a Transaction) {
        self.returned.insert(&original.id);
    }

    /// It came back before.
    pub(crate) fn is_returned(&self, id: &str) -> bool {
        self.returned.contains(id)
    }

    /// The payments that this one may take back: by end-to-end id, else by reference and amount.
    pub(crate) fn find(&self, facts: &Facts<'_>, ledger: &Ledger<'_>) -> Return<'a> {
        let this = facts.transaction;
        let mut all: BTreeMap<&str, (&'a Transaction, &'static str)> = BTreeMap::new();
        let mut differ: BTreeMap<&str, &'a Transaction> = BTreeMap::new();
        let id = this.end_to_end_id.as_deref().map(numbers::plain);
        for one in id.iter().filter_map(|id| self.end_to_end.get(id)).flatten() {
            if one.amount == this.amount {
                all.insert(&one.id, (one, "end-to-end id"));
            } else {
                differ.insert(&one.id, one);
            }
        }
        let references = this.references.iter().map(|text| numbers::plain(text));
        if all.is_empty() {
            let same = references.filter_map(|text| self.references.get(&text)).flatten();
            let same = same.filter(|one| one.amount == this.amount);
            all.extend(same.map(|one| (one.id.as_str(), (*one, "reference and amount"))));
        }
        let fits = |one: &Transaction| {
            let came_back = self.is_returned(&one.id) || ledger.taken_back(&one.id);
            one.direction == this.direction.reverse()
                && one.currency == this.currency
                && one.id != this.id
                && !came_back
        };
        all.retain(|_, (one, _)| fits(one));
        differ.retain(|_, one| fits(one));
        let mut found = Candidates::default();
        if all.is_empty() {
            found.remarks.insert(missing(facts, &differ));
        }
        let only = all.values().next().map(|(one, _)| *one).filter(|_| all.len() == 1);
        for (one, key) in all.values().take(ORIGINALS_MAX) {
            found.all.push(candidate(this, one, key, ledger));
        }
        if only.is_some() && found.all.iter().all(|one| one.rows.is_empty()) {
            let text = "nothing was allocated of the payment that it takes back".to_owned();
            found.remarks.insert(Remark { code: Reason::NothingToReopen, text });
        }
        Return { found, original: only }
    }
}

fn missing(facts: &Facts<'_>, differ: &BTreeMap<&str, &Transaction>) -> Remark {
    match differ.values().next() {
        Some(one) => Remark {
            code: Reason::OriginalDiffers,
            text: format!(
                "it takes back payment {}, which was of {}",
                one.id,
                shown(one.amount, facts.currency)
            ),
        },
        None => Remark {
            code: Reason::OriginalMissing,
            text: "no earlier payment has its end-to-end id, or its reference and amount"
                .to_owned(),
        },
    }
}

fn candidate(this: &Transaction, one: &Transaction, key: &str, ledger: &Ledger<'_>) -> Candidate {
    let rows: Vec<Row> = Ledger::reversal(&ledger.of_transaction(&one.id), Some(&this.id), None);
    let reason = this.return_reason.as_deref().map(|reason| format!(", reason {reason}"));
    let text =
        format!("it takes back payment {} by its {key}{}", one.id, reason.unwrap_or_default());
    let piece = evidence::piece(EvidenceCode::Original, text);
    let score = evidence::score(std::slice::from_ref(&piece));
    let item =
        |row: &Row| CandidateItem { item: row.item.clone(), score, evidence: vec![piece.clone()] };
    let items = rows.iter().map(item).collect();
    Candidate { items, shape: Shape::Return, score, remarks: Vec::new(), rows }
}
