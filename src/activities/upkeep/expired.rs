//! What is past its period: bytes first, then the word that they are gone, so that nothing is
//! said to be removed that is still there.

use chrono::{DateTime, Utc};

use crate::activities::trouble::Trouble;
use crate::activities::upkeep::{Periods, Upkeep, before, not_set};
use crate::models::refs::{InvoiceId, Sha256};
use crate::models::upkeep::Chore;
use crate::storage::Removal;
use crate::storage::ledger::decisions::DecisionRow;
use crate::storage::ledger::retention::Part;
use crate::workflows::upkeep::contract::{PartDone, UpkeepPart, UpkeepTally};

/// Invoices of one part.
const AT_ONCE: u32 = 50;

/// Documents come first; then what tells of them.
const DOCUMENTS: &str = "documents";
const ROWS: &str = "rows";

impl Upkeep {
    pub(super) async fn remove(&self, part: UpkeepPart) -> Result<PartDone, Trouble> {
        let chore = Chore::RemoveExpired;
        let periods = self.settings.periods.ok_or_else(|| not_set(chore))?;
        let now = Utc::now();
        let place = part.after.unwrap_or_else(|| DOCUMENTS.to_owned());
        let (phase, after) = place.split_once('/').unwrap_or((&place, ""));
        let after = InvoiceId::parse(after).ok();
        let mut tally = UpkeepTally::default();
        if phase == DOCUMENTS {
            let end = before(now, periods.documents);
            let next = self.documents(&periods, end, after.as_ref(), &mut tally).await?;
            let rows = periods.rows.map(|_| ROWS.to_owned());
            return Ok(PartDone { tally, next: next.or(rows) });
        }
        let Some(rows) = periods.rows else {
            return Ok(PartDone::default());
        };
        let next = self.rows(&periods, before(now, rows), after.as_ref(), &mut tally).await?;
        Ok(PartDone { tally, next })
    }

    async fn documents(
        &self,
        periods: &Periods,
        end: DateTime<Utc>,
        after: Option<&InvoiceId>,
        tally: &mut UpkeepTally,
    ) -> Result<Option<String>, Trouble> {
        let found = self.ledger.expired(Part::Document, end, after, AT_ONCE).await?;
        let ledger = self.acting(Chore::RemoveExpired);
        for (id, sha256) in &found {
            let shared = self.ledger.needed_elsewhere(sha256, id).await?;
            let gone =
                shared || self.artifacts.remove(sha256, periods.untouched).await? == Removal::Gone;
            let removed = gone && ledger.remove(Part::Document, id, end, Utc::now()).await?;
            count(tally, removed);
        }
        Ok(next(DOCUMENTS, &found))
    }

    async fn rows(
        &self,
        periods: &Periods,
        end: DateTime<Utc>,
        after: Option<&InvoiceId>,
        tally: &mut UpkeepTally,
    ) -> Result<Option<String>, Trouble> {
        let found = self.ledger.expired(Part::Rows, end, after, AT_ONCE).await?;
        let ledger = self.acting(Chore::RemoveExpired);
        for (id, _) in &found {
            // The words of people lie beside the documents.
            for words in self.ledger.decisions(id).await?.into_iter().filter_map(words) {
                self.artifacts.remove(&words, periods.untouched).await?;
            }
            count(tally, ledger.remove(Part::Rows, id, end, Utc::now()).await?);
        }
        Ok(next(ROWS, &found))
    }
}

fn words(row: DecisionRow) -> Option<Sha256> {
    row.effect.words
}

fn count(tally: &mut UpkeepTally, removed: bool) {
    if removed {
        tally.done += 1;
    } else {
        tally.refused += 1;
    }
}

/// Behind the last one, when there may be more.
fn next(phase: &str, found: &[(InvoiceId, Sha256)]) -> Option<String> {
    let last = found.last().filter(|_| found.len() == AT_ONCE as usize);
    last.map(|(id, _)| format!("{phase}/{id}"))
}
