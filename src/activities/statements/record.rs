//! Proposals into the record, each when its items are as they were seen.

use std::collections::BTreeSet;

use chrono::Utc;

use crate::activities::statements::Statements;
use crate::activities::statements::case::Proposal;
use crate::activities::trouble::Trouble;
use crate::models::payment::{EntryState, PaymentVerdict, Row, StatementStatus};
use crate::models::refs::{EntryId, InvoiceId, StatementId};
use crate::storage::ledger::payments::Posting;
use crate::workflows::statement::contract::{RecordInput, Recorded};

/// Proposals of one transaction: their invoices are locked together.
const CHUNK: usize = 100;

/// Who allocates without a person.
const ENGINE: &str = "engine";

impl Statements {
    pub(super) async fn record(&self, input: &RecordInput) -> Result<Recorded, Trouble> {
        let proposals = self.proposals(&input.proposals).await?;
        let mut moved = 0;
        for chunk in proposals.chunks(CHUNK) {
            let invoices: BTreeSet<InvoiceId> = chunk
                .iter()
                .flat_map(|one| &one.rows)
                .filter_map(|row| InvoiceId::parse(&row.item).ok())
                .collect();
            let entries = chunk.iter().filter_map(|one| entry_of(one).ok()).collect();
            let mut posting = self.ledger.posting(&invoices, &entries).await?;
            for proposal in chunk {
                moved += u32::from(!settle_one(&mut posting, proposal, input.last).await?);
            }
            posting.commit().await?;
        }
        if moved == 0 || input.last {
            self.finish(&input.statement).await?;
        }
        Ok(Recorded { moved })
    }

    /// Every entry of the file was decided.
    pub(super) async fn finish(&self, id: &StatementId) -> Result<(), Trouble> {
        let done = StatementStatus::Done;
        Ok(self.ledger.move_statement(id, done, None, None).await?)
    }
}

/// Records one proposal; false when its items moved meanwhile.
async fn settle_one(
    posting: &mut Posting,
    proposal: &Proposal,
    last: bool,
) -> Result<bool, Trouble> {
    let id = entry_of(proposal)?;
    let Some(mut entry) = posting.entry(&id).cloned() else {
        return Err(Trouble::Defect(format!("entry {id} was not locked")));
    };
    // Another file with the same entry was faster, or a person was: what people answered stays.
    if !entry.state.is_undecided() || !entry.answers.said.is_empty() {
        return Ok(true);
    }
    let decision = &proposal.decision;
    let mut state = match decision.verdict {
        PaymentVerdict::Automatic | PaymentVerdict::Suggestion => EntryState::Proposed,
        PaymentVerdict::Unmatched | PaymentVerdict::Error => EntryState::Unmatched,
    };
    if !proposal.rows.is_empty() {
        let as_seen = proposal.seen.iter().all(|(item, open)| posting.open(item) == Some(*open));
        let rows = stepped(&proposal.rows, &id, entry.revision + 1);
        let posted = match as_seen {
            true => posting.post(&id, &rows, (ENGINE, Utc::now())).await?.is_ok(),
            false => false,
        };
        match (posted, last) {
            (true, _) => {
                state = EntryState::Recorded;
                entry.answers.recorded = items(&rows);
            }
            (false, false) => return Ok(false),
            (false, true) => {}
        }
    }
    if entry.state != state || entry.decision.as_ref() != Some(decision) {
        entry.state = state;
        entry.decision = Some(decision.clone());
        posting.keep_entry(entry).await?;
    }
    Ok(true)
}

/// Under a step, so that it can be taken back; no other revision of the entry has this one.
pub(super) fn stepped(rows: &[Row], entry: &EntryId, revision: i64) -> Vec<Row> {
    let step = Some(format!("{entry}/{revision}"));
    rows.iter().map(|row| Row { step: step.clone(), ..row.clone() }).collect()
}

/// The items of rows, each once, in their order.
pub(super) fn items(rows: &[Row]) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for row in rows {
        if !items.contains(&row.item) {
            items.push(row.item.clone());
        }
    }
    items
}

fn entry_of(proposal: &Proposal) -> Result<EntryId, Trouble> {
    let id = &proposal.decision.transaction;
    EntryId::parse(id).map_err(|error| Trouble::Defect(format!("entry {id}: {error}")))
}
