//! Columns of a row as values of ours; what cannot be read is named with its place.

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::storage::ledger::LedgerError;

/// One row that has an `id`.
pub(super) struct Fields<'r> {
    row: &'r AnyRow,
    place: String,
}

impl<'r> Fields<'r> {
    /// `table` is for messages.
    pub(super) fn of(table: &str, row: &'r AnyRow) -> Result<Self, LedgerError> {
        let id: String = row.try_get("id")?;
        let place = format!("{table} {id}");
        Ok(Self { row, place })
    }

    pub(super) fn text(&self, column: &str) -> Result<String, LedgerError> {
        let read = self.row.try_get(column);
        read.map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn text_if(&self, column: &str) -> Result<Option<String>, LedgerError> {
        let read = self.row.try_get(column);
        read.map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn number(&self, column: &str) -> Result<i64, LedgerError> {
        let read = self.row.try_get(column);
        read.map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn number_if(&self, column: &str) -> Result<Option<i64>, LedgerError> {
        let read = self.row.try_get(column);
        read.map_err(|error| self.unreadable(column, &error))
    }

    /// Microseconds since 1970 UTC.
    pub(super) fn time(&self, column: &str) -> Result<DateTime<Utc>, LedgerError> {
        let micros = self.number(column)?;
        let refuse = || self.unreadable(column, &format!("{micros} is no time"));
        DateTime::from_timestamp_micros(micros).ok_or_else(refuse)
    }

    /// Microseconds since 1970 UTC, or nothing.
    pub(super) fn time_if(&self, column: &str) -> Result<Option<DateTime<Utc>>, LedgerError> {
        match self.number_if(column)? {
            Some(_) => self.time(column).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn date_if(&self, column: &str) -> Result<Option<NaiveDate>, LedgerError> {
        let Some(text) = self.text_if(column)? else {
            return Ok(None);
        };
        let date = text.parse().map(Some);
        date.map_err(|error| self.unreadable(column, &error))
    }

    /// A text that one of our types reads.
    pub(super) fn parsed<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, LedgerError> {
        let text = self.text(column)?;
        let refuse = || self.unreadable(column, &format!("{text:?} is unknown to this version"));
        parse(&text).ok_or_else(refuse)
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, LedgerError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn json_if<T: DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, LedgerError> {
        let Some(text) = self.text_if(column)? else {
            return Ok(None);
        };
        let value = serde_json::from_str(&text).map(Some);
        value.map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn unreadable(&self, column: &str, reason: &dyn std::fmt::Display) -> LedgerError {
        LedgerError::Unreadable {
            place: self.place.clone(),
            reason: format!("column {column}: {reason}"),
        }
    }
}

/// A value of ours as JSON for a column.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, LedgerError> {
    serde_json::to_string(value).map_err(|error| LedgerError::Unreadable {
        place: std::any::type_name::<T>().to_owned(),
        reason: error.to_string(),
    })
}
