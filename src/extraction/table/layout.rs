//! Which column holds what, and where the rows begin.

use crate::extraction::notes::shown;
use crate::extraction::table::headings::{HEADER_WORDS, LINE_WORDS, folded};
use crate::extraction::table::profile::{Form, Profile, Route, Selector};
use crate::extraction::table::{Row, Table};
use crate::extraction::unreadable::Unreadable;
use crate::models::finding::Finding;

/// A column and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// From 0.
    pub(crate) index: usize,
    /// Its heading as written; empty where it has none.
    pub(crate) heading: String,
    /// From the invoice to the member.
    pub(crate) route: Route,
}

impl Column {
    /// Whether each row has its own value: the member is one of a line.
    pub(crate) fn is_of_line(&self) -> bool {
        is_of_line(&self.route)
    }
}

/// Whether a member is one of a line.
pub(crate) fn is_of_line(route: &Route) -> bool {
    route.first().is_some_and(|field| field.term == "BG-25")
}

/// How document rows and line rows are told apart.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    /// The column that says it.
    pub(crate) column: usize,
    words: Option<(String, String)>,
}

impl Records {
    /// By the words that exports use.
    pub(crate) fn by_usual_words(column: usize) -> Self {
        Self { column, words: None }
    }

    /// True for a document row, false for a line row, none for any other.
    pub(crate) fn is_header(&self, row: &Row) -> Option<bool> {
        let word = row.cell(self.column).text();
        let (header, line) = match &self.words {
            Some((header, line)) => (word == *header, word == *line),
            None => {
                let word = folded(&word);
                (HEADER_WORDS.contains(&&*word), LINE_WORDS.contains(&&*word))
            }
        };
        (header || line).then_some(header)
    }
}

/// The layout of a table.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<Column>,
    pub(crate) records: Option<Records>,
    /// Index of the first row below the headings.
    pub(crate) first_row: usize,
    /// Cells of the row of headings; none without headings.
    pub(crate) width: Option<usize>,
    /// What was guessed, for a person to look at once; what nobody may guess.
    pub(crate) guessed: Vec<Finding>,
}

/// The layout that a profile names.
///
/// # Errors
/// Columns that the table does not have: it is not the table that the profile is for.
pub(crate) fn by_profile(table: &Table, profile: &Profile) -> Result<Layout, Unreadable> {
    let mut first_row = 0;
    let mut headings: Vec<String> = Vec::new();
    let mut width = None;
    if let Some(number) = profile.heading_row {
        first_row = table.rows.partition_point(|row| row.number <= number);
        let row = table.rows.iter().find(|row| row.number == number);
        headings =
            row.map(|row| row.cells.iter().map(|cell| cell.text()).collect()).unwrap_or_default();
        width = Some(headings.len());
    }
    let mut missing = Vec::new();
    let mut index_of = |selector: &Selector| match selector {
        Selector::Letter(index) => Some(*index),
        Selector::Heading(heading) => {
            let is_it = |(_, text): &(usize, &String)| text.to_lowercase() == *heading;
            let mut found = headings.iter().enumerate().filter(is_it).map(|(index, _)| index);
            match (found.next(), found.next()) {
                (Some(index), None) => Some(index),
                (first, _) => {
                    let how = if first.is_some() { " (twice)" } else { "" };
                    missing.push(format!("{:?}{how}", shown(heading)));
                    None
                }
            }
        }
    };
    let mut columns = Vec::new();
    for (route, selector) in &profile.columns {
        if let Some(index) = index_of(selector) {
            columns.push((index, route.clone()));
        }
    }
    let record = profile.record.as_ref();
    let records = record.and_then(|record| {
        let words = Some((record.header.clone(), record.line.clone()));
        index_of(&record.column).map(|column| Records { column, words })
    });
    if !missing.is_empty() {
        let found = format!("a table without one column each of {}", missing.join(", "));
        let wanted = "the table that the mapping profile is for, or another profile";
        return Err(Unreadable::Unsupported { detected: Some(found), wanted });
    }
    let column = |(index, route): (usize, Route)| {
        let heading = headings.get(index).cloned().unwrap_or_default();
        Column { index, heading, route }
    };
    let columns = columns.into_iter().map(column).collect();
    debug_assert!(profile.form == Form::Rows || records.is_some());
    Ok(Layout { columns, records, first_row, width, guessed: Vec::new() })
}
