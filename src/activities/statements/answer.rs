//! What people say of entries, carried out by the engine on what is open now.

use std::collections::BTreeSet;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::activities::statements::Statements;
use crate::activities::statements::record::stepped;
use crate::activities::trouble::Trouble;
use crate::models::payment::{
    Answer, Candidate, EntryAction, EntryAnswer, EntryState, Instruction, Judged, OpenItem,
    PaymentCase, PaymentPolicy, Row,
};
use crate::models::refs::{EntryId, InvoiceId};
use crate::reconciliation::payments::{learn, plain, settle};
use crate::storage::ledger::entries::{EntryRow, Said};
use crate::storage::ledger::payments::Posting;
use crate::workflows::statement::contract::{AnswerInput, AnswerOutcome, Answered};

/// Nothing has so many points: the engine only proposes.
const NEVER: u16 = 1_001;

/// An answer as it is kept between the edge and here.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    /// Who.
    by: String,
    /// What.
    answer: EntryAnswer,
}

/// Why an answer is not carried out.
enum Not {
    MovedOn,
    Refused(String),
}

/// Whether it was done now, and not before.
type Done = Result<bool, Not>;

impl Statements {
    pub(super) async fn answer(&self, input: &AnswerInput) -> Result<Answered, Trouble> {
        let given: Given = self.kept(&input.answer).await?;
        self.list_items().await?;
        let done = self.carry_out(&input.entry, &given).await?;
        let (outcome, detail) = match done {
            Ok(true) => (AnswerOutcome::Done, None),
            Ok(false) => (AnswerOutcome::DoneBefore, None),
            Err(Not::MovedOn) => (AnswerOutcome::MovedOn, None),
            Err(Not::Refused(text)) => (AnswerOutcome::Refused, Some(self.keep(&text).await?)),
        };
        Ok(Answered { outcome, detail })
    }

    async fn carry_out(&self, id: &EntryId, given: &Given) -> Result<Done, Trouble> {
        let Some(seen) = self.ledger.entry(id).await? else { return Ok(Err(Not::MovedOn)) };
        let answer = &given.answer;
        if done_before(&seen, given) {
            return Ok(Ok(false));
        }
        if seen.revision != answer.expected_revision {
            return Ok(Err(Not::MovedOn));
        }
        let chosen = match chosen(&seen, answer) {
            Ok(chosen) => chosen,
            Err(text) => return Ok(Err(Not::Refused(text))),
        };
        let invoices: BTreeSet<InvoiceId> =
            chosen.iter().filter_map(|item| InvoiceId::parse(item).ok()).collect();
        for id in &invoices {
            if self.ledger.invoice(id).await?.is_none() {
                return Ok(Err(Not::Refused(format!("there is no invoice {id}"))));
            }
        }
        let mut posting = self.ledger.posting(&invoices, &BTreeSet::from([id.clone()])).await?;
        let Some(entry) = posting.entry(id).cloned() else { return Ok(Err(Not::MovedOn)) };
        if done_before(&entry, given) {
            return Ok(Ok(false));
        }
        if entry.revision != answer.expected_revision {
            return Ok(Err(Not::MovedOn));
        }
        let made = match answer.action {
            EntryAction::Decline => Ok(Vec::new()),
            EntryAction::Undo => undone((posting.items(), posting.rows()), &entry).await?,
            EntryAction::Accept => {
                let book = (posting.items(), posting.rows());
                self.accepted(book, (&entry, &chosen), answer).await?
            }
        };
        let rows = match made {
            Ok(rows) => rows,
            Err(not) => return Ok(Err(not)),
        };
        if !rows.is_empty() {
            let posted = posting.post(id, &rows, (&given.by, Utc::now())).await?;
            if let Err(refused) = posted {
                return Ok(Err(Not::Refused(refused.to_string())));
            }
        }
        remember(&mut posting, (&entry, &chosen), answer.action).await?;
        posting.keep_entry(after(entry, chosen, given)).await?;
        posting.commit().await?;
        Ok(Ok(true))
    }

    /// The rows of what was accepted, worked out on what is open now.
    async fn accepted(
        &self,
        (open_items, rows): (Vec<OpenItem>, Vec<Row>),
        (entry, chosen): (&EntryRow, &[String]),
        answer: &EntryAnswer,
    ) -> Result<Result<Vec<Row>, Not>, Trouble> {
        let by_hand = answer.chosen.is_none();
        let step = format!("{}/{}", entry.id, entry.revision + 1);
        let instruction = Instruction {
            step,
            transaction: Some(entry.transaction.id.clone()),
            items: chosen.to_vec(),
            discount: answer.discount,
            fee: answer.fee,
            write_off: answer.write_off,
            ..Instruction::default()
        };
        let frame = self.frame(vec![entry.transaction.clone()]).await?;
        let case = PaymentCase {
            open_items,
            rows,
            instructions: by_hand.then_some(instruction).into_iter().collect(),
            policy: PaymentPolicy { automatic_score: NEVER, ..frame.policy.clone() },
            ..frame
        };
        let settlement = spawn_blocking(move || settle(&case)).await?;
        if let Some(done) = settlement.steps.first() {
            return Ok(match &done.fault {
                Some(fault) => Err(Not::Refused(fault.clone())),
                None => Ok(done.rows.clone()),
            });
        }
        let candidates = settlement.decisions.iter().flat_map(|decision| &decision.candidates);
        let same = candidates.into_iter().find(|candidate| same_items(candidate, chosen));
        let rows = same.map(|candidate| stepped(&candidate.rows, &entry.id, entry.revision + 1));
        Ok(rows.filter(|rows| !rows.is_empty()).ok_or(Not::MovedOn))
    }
}

/// The rows that take back what stands of an entry.
async fn undone(
    (open_items, mut rows): (Vec<OpenItem>, Vec<Row>),
    entry: &EntryRow,
) -> Result<Result<Vec<Row>, Not>, Trouble> {
    let of_entry = |row: &&Row| row.transaction.as_deref() == Some(entry.id.as_str());
    let back: BTreeSet<u64> = rows.iter().filter_map(|row| row.reverses).collect();
    let stands = rows
        .iter()
        .filter(of_entry)
        .filter(|row| row.reverses.is_none() && !back.contains(&row.sequence));
    let Some(step) = stands.filter_map(|row| row.step.clone()).next_back() else {
        let text = "nothing of this entry is in the record, or it is a return: what a return \
                    took back is paid again by another entry";
        return Ok(Err(Not::Refused(text.to_owned())));
    };
    rows.sort_by_key(|row| row.sequence);
    let case = PaymentCase {
        open_items,
        transactions: vec![entry.transaction.clone()],
        rows,
        instructions: vec![Instruction {
            step: format!("{}/{}", entry.id, entry.revision + 1),
            undo: Some(step),
            ..Instruction::default()
        }],
        ..PaymentCase::default()
    };
    let settlement = spawn_blocking(move || settle(&case)).await?;
    let Some(done) = settlement.steps.first() else {
        let faults: Vec<_> = settlement.faults.iter().map(|fault| &fault.detail).collect();
        return Ok(Err(Not::Refused(format!("{faults:?}"))));
    };
    Ok(match &done.fault {
        Some(fault) => Err(Not::Refused(fault.clone())),
        None => Ok(done.rows.clone()),
    })
}

/// The items that an answer is about, or why it cannot be one.
fn chosen(entry: &EntryRow, answer: &EntryAnswer) -> Result<Vec<String>, String> {
    let undecided = entry.state.is_undecided() || entry.state == EntryState::Returned;
    match answer.action {
        EntryAction::Undo if entry.answers.recorded.is_empty() => {
            Err(format!("the entry is {}: there is nothing to take back", entry.state.as_str()))
        }
        EntryAction::Undo => Ok(entry.answers.recorded.clone()),
        _ if !undecided || entry.state == EntryState::Pending => {
            Err(format!("the entry is {}: undo it first", entry.state.as_str()))
        }
        _ => named(entry, answer).ok_or_else(|| "it has no match of this number".to_owned()),
    }
}

/// The items that an answer names: those of a match, or invoices.
fn named(entry: &EntryRow, answer: &EntryAnswer) -> Option<Vec<String>> {
    let Some(place) = answer.chosen else {
        return Some(answer.invoices.iter().map(ToString::to_string).collect());
    };
    let candidates = entry.decision.iter().flat_map(|decision| &decision.candidates);
    let candidate = candidates.into_iter().nth(place.saturating_sub(1))?;
    Some(candidate.items.iter().map(|item| item.item.clone()).collect())
}

fn same_items(candidate: &Candidate, chosen: &[String]) -> bool {
    let theirs: BTreeSet<&str> = candidate.items.iter().map(|item| item.item.as_str()).collect();
    theirs == chosen.iter().map(String::as_str).collect()
}

/// A repetition: the last thing that was said is this very answer, about this very revision.
fn done_before(entry: &EntryRow, given: &Given) -> bool {
    let answer = &given.answer;
    let same = |said: &Said| {
        let undo = answer.action == EntryAction::Undo;
        let about = undo || named(entry, answer).is_some_and(|items| items == said.items);
        said.by == given.by && said.action == word(answer.action) && about
    };
    entry.revision == answer.expected_revision + 1 && entry.answers.said.last().is_some_and(same)
}

fn word(action: EntryAction) -> &'static str {
    match action {
        EntryAction::Accept => "accept",
        EntryAction::Decline => "decline",
        EntryAction::Undo => "undo",
    }
}

fn after(mut entry: EntryRow, chosen: Vec<String>, given: &Given) -> EntryRow {
    let answers = &mut entry.answers;
    answers.said.push(Said {
        by: given.by.clone(),
        action: word(given.answer.action).to_owned(),
        items: chosen.clone(),
        reason: given.answer.reason.clone(),
        at: Utc::now().timestamp_micros(),
    });
    match given.answer.action {
        EntryAction::Accept => {
            answers.declined.retain(|declined| *declined != chosen);
            answers.recorded = chosen;
            entry.state = EntryState::Recorded;
        }
        EntryAction::Decline => {
            if !answers.declined.contains(&chosen) {
                answers.declined.push(chosen);
            }
            entry.state = open_state(&entry);
        }
        EntryAction::Undo => {
            answers.recorded.clear();
            entry.state = open_state(&entry);
        }
    }
    entry
}

/// Proposed as long as a match is left that nobody declined.
fn open_state(entry: &EntryRow) -> EntryState {
    let candidates = entry.decision.iter().flat_map(|decision| &decision.candidates);
    let declined = |candidate: &Candidate| {
        entry.answers.declined.iter().any(|declined| same_items(candidate, declined))
    };
    match candidates.into_iter().any(|candidate| !declined(candidate)) {
        true => EntryState::Proposed,
        false => EntryState::Unmatched,
    }
}

/// Keeps what a person said of counterparty and supplier.
async fn remember(
    posting: &mut Posting,
    (entry, chosen): (&EntryRow, &[String]),
    action: EntryAction,
) -> Result<(), Trouble> {
    let answer = match action {
        EntryAction::Accept => Answer::Confirmed,
        EntryAction::Decline => Answer::Declined,
        EntryAction::Undo => return Ok(()),
    };
    let transaction = &entry.transaction;
    let counterparty =
        transaction.counterparty_iban.as_ref().or(transaction.counterparty_name.as_ref());
    let Some(counterparty) = counterparty.map(|text| plain(text)).filter(|text| !text.is_empty())
    else {
        return Ok(());
    };
    let today = Utc::now().date_naive();
    let score = entry.decision.as_ref().map_or(0, |decision| decision.score);
    let of_chosen = posting.items().into_iter().filter(|item| chosen.contains(&item.id));
    let mut suppliers = BTreeSet::new();
    let judged: Vec<Judged> = of_chosen
        .filter_map(|item| {
            let supplier = item.supplier?;
            let once = answer == Answer::Declined || suppliers.insert(supplier.clone());
            once.then(|| Judged {
                counterparty: counterparty.clone(),
                supplier,
                // One payment says nothing against the supplier's other invoices.
                item: (answer == Answer::Declined).then_some(item.id),
                score,
                answer,
                date: today,
            })
        })
        .collect();
    let memory = posting.memory(&counterparty).await?;
    let learned = learn(&memory, &judged);
    Ok(posting.remember(&learned.pairs).await?)
}
