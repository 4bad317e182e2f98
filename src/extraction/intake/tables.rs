//! CSV and spreadsheets: by the first mapping profile that fits, else by their headings.

use bytes::Bytes;

use crate::extraction::draft::Drafted;
use crate::extraction::intake::{Intake, blocking, unsupported};
use crate::extraction::table::Profile;
use crate::extraction::unreadable::Unreadable;
use crate::extraction::{Reading, csv, encoding, table};
use crate::models::extraction::Syntax;

impl Intake {
    /// Reads a text, which must be a table.
    pub(super) async fn csv(&self, bytes: Bytes) -> Result<Reading, Unreadable> {
        let profiles = self.profiles.clone();
        blocking(move || {
            // What cannot be decoded is told by the reader of tables.
            let text = encoding::decode(&bytes).map(|decoded| decoded.text);
            if text.is_ok_and(|text| !csv::looks_like(&text)) {
                return Err(unsupported("a file of an unknown kind"));
            }
            let (table, findings) = csv::table(&bytes)?;
            let read = |profile: Option<&Profile>| table::read(&table, profile, Syntax::Csv);
            let mut drafted = by_profiles(&profiles, read)?;
            drafted.findings.extend(findings);
            Ok(drafted.into_reading(Syntax::Csv))
        })
        .await
    }

    /// Reads a spreadsheet.
    pub(super) async fn sheet(&self, bytes: &[u8]) -> Result<Reading, Unreadable> {
        let tables = self.runner.sheet(bytes).await?;
        let profiles = self.profiles.clone();
        blocking(move || {
            let read = |profile: Option<&Profile>| table::read_workbook(&tables, profile);
            Ok(by_profiles(&profiles, read)?.into_reading(Syntax::Sheet))
        })
        .await
    }
}

/// A profile for another table says so; any other refusal is about this one.
fn by_profiles(
    profiles: &[Profile],
    read: impl Fn(Option<&Profile>) -> Result<Drafted, Unreadable>,
) -> Result<Drafted, Unreadable> {
    let mut tried = profiles.iter().map(|profile| read(Some(profile)));
    let fits = |read: &Result<_, _>| !matches!(read, Err(Unreadable::Unsupported { .. }));
    tried.find(fits).unwrap_or_else(|| read(None))
}
