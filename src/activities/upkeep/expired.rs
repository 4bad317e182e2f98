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
use crate::storage::ledger::retention::papers::Paper;
use crate::workflows::upkeep::contract::{PartDone, UpkeepPart, UpkeepTally};

/// Invoices of one part, or statements, or what else goes.
const AT_ONCE: u32 = 50;

/// Documents come first; then what tells of them; then what is no invoice.
const DOCUMENTS: &str = "documents";
const ROWS: &str = "rows";
const STATEMENTS: &str = "statements";
const PAYMENT_FILES: &str = "payment_files";
const BATCHES: &str = "batches";

/// The phases of a round, in their order.
const PHASES: [&str; 5] = [DOCUMENTS, ROWS, STATEMENTS, PAYMENT_FILES, BATCHES];

impl Upkeep {
    pub(super) async fn remove(&self, part: UpkeepPart) -> Result<PartDone, Trouble> {
        let chore = Chore::RemoveExpired;
        let periods = self.settings.periods.ok_or_else(|| not_set(chore))?;
        let now = Utc::now();
        let place = part.after.unwrap_or_else(|| DOCUMENTS.to_owned());
        let (phase, after) = place.split_once('/').unwrap_or((&place, ""));
        let mut tally = UpkeepTally::default();
        let invoice = InvoiceId::parse(after).ok();
        let more = match (phase, periods.rows, periods.payments, periods.batches) {
            (DOCUMENTS, ..) => {
                let end = before(now, periods.documents);
                self.documents(&periods, end, invoice.as_ref(), &mut tally).await?
            }
            (ROWS, Some(rows), ..) => {
                self.rows(&periods, before(now, rows), invoice.as_ref(), &mut tally).await?
            }
            (STATEMENTS, _, Some(payments), _) => {
                let found = (Paper::Statement, before(now, payments), after);
                self.papers(&periods, found, &mut tally).await?
            }
            (PAYMENT_FILES, _, Some(payments), _) => {
                let found = (Paper::PaymentFile, before(now, payments), after);
                self.papers(&periods, found, &mut tally).await?
            }
            (BATCHES, .., Some(batches)) => {
                let found = (Paper::Batch, before(now, batches), after);
                self.papers(&periods, found, &mut tally).await?
            }
            // What has no period stays for ever.
            _ => None,
        };
        let next = match more {
            Some(last) => Some(format!("{phase}/{last}")),
            None => periods.phase_behind(phase).map(str::to_owned),
        };
        Ok(PartDone { tally, next })
    }

    async fn papers(
        &self,
        periods: &Periods,
        (paper, end, after): (Paper, DateTime<Utc>, &str),
        tally: &mut UpkeepTally,
    ) -> Result<Option<String>, Trouble> {
        let found = self.ledger.expired_papers(paper, end, after, AT_ONCE).await?;
        let ledger = self.acting(Chore::RemoveExpired);
        for (id, sha256) in &found {
            let gone = match sha256 {
                Some(sha256) => self.bytes_are_gone(periods, sha256, id).await?,
                None => true,
            };
            count(tally, gone && ledger.remove_paper(paper, id, end, Utc::now()).await?);
        }
        Ok(last(&found, |(id, _)| id.clone()))
    }

    /// Removes bytes, unless somebody else than `owner` needs them.
    async fn bytes_are_gone(
        &self,
        periods: &Periods,
        sha256: &Sha256,
        owner: &str,
    ) -> Result<bool, Trouble> {
        let shared = self.ledger.needed_elsewhere(sha256, owner).await?;
        Ok(shared || self.artifacts.remove(sha256, periods.untouched).await? == Removal::Gone)
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
            let gone = self.bytes_are_gone(periods, sha256, id.as_str()).await?;
            let removed = gone && ledger.remove(Part::Document, id, end, Utc::now()).await?;
            count(tally, removed);
        }
        Ok(last(&found, |(id, _)| id.to_string()))
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
        Ok(last(&found, |(id, _)| id.to_string()))
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

/// The last one, when there may be more.
fn last<T>(found: &[T], id: impl Fn(&T) -> String) -> Option<String> {
    found.last().filter(|_| found.len() == AT_ONCE as usize).map(id)
}

impl Periods {
    /// The phase that comes behind this one, of those that have a period.
    fn phase_behind(&self, phase: &str) -> Option<&'static str> {
        let mut behind = PHASES.iter().skip_while(|known| **known != phase).skip(1);
        let has_period = |phase: &&&'static str| match **phase {
            ROWS => self.rows.is_some(),
            BATCHES => self.batches.is_some(),
            _ => self.payments.is_some(),
        };
        behind.find(has_period).copied()
    }
}
