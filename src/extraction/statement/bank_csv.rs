//! CSV files of banks: rows to entries, one statement for each account.

mod spelling;

use crate::extraction::guard;
use crate::extraction::statement::WANTED;
use crate::extraction::statement::bank_csv::spelling::Spelling;
use crate::extraction::statement::columns::{self, Layout, Role};
use crate::extraction::statement::profile::StatementProfile;
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{account, prose, reference, word};
use crate::extraction::unreadable::Unreadable;
use crate::models::fault::Fault;
use crate::models::finding::Severity;
use crate::models::statement::{
    BankEntry, BankStatement, ENTRIES_MAX, EntryDetail, StatementSyntax,
};

/// Rows in which the headings are looked for: banks put account, period and balance before them.
const PREAMBLE_ROWS_MAX: usize = 40;

/// Accounts of one file; each row is looked up among them.
const ACCOUNTS_MAX: usize = 100;

/// Reads the entries of a file.
///
/// # Errors
/// A text without the columns of a statement, days or amounts that can be read in two ways, too
/// many rows.
pub(crate) fn read(
    text: &str,
    profile: Option<&StatementProfile>,
    remarks: &mut Remarks,
) -> Result<Vec<BankStatement>, Unreadable> {
    let Sheet { layout, headings, rows } = sheet(text, profile)?;
    guard::limit("entries", rows.len(), ENTRIES_MAX)?;
    if profile.is_none() {
        let names = layout
            .columns
            .iter()
            .filter_map(|(role, at)| Some(format!("{role:?} from {:?}", headings.get(*at)?)));
        let names: Vec<String> = names.collect();
        let message = format!(
            "the columns were told by their headings: {}; check one entry, or write a profile",
            names.join(", ")
        );
        remarks.note(("COLUMNS_GUESSED", Severity::Warning), "", &message);
    }
    let spelling = Spelling::of(&layout, &rows, profile)?;
    let heading = layout.columns.iter().find(|(role, _)| *role == Role::Amount);
    let heading = heading.and_then(|(_, at)| headings.get(*at)).and_then(columns::currency_of);
    let currency = profile.and_then(|profile| profile.currency.as_deref()).or(heading);
    let mut statements: Vec<BankStatement> = Vec::new();
    for row in &rows {
        let place = format!("line {}", row.position().map_or(0, csv::Position::line));
        let Some(entry) = entry((&layout, row), &spelling, (&place, currency), remarks) else {
            continue;
        };
        let own = layout.cell(row, Role::Account).and_then(account);
        let own = own.or_else(|| profile?.account.as_deref().and_then(account));
        let known = statements.iter().position(|statement| statement.account == own);
        let at = known.unwrap_or(statements.len());
        if known.is_none() {
            guard::limit("accounts", at + 1, ACCOUNTS_MAX)?;
            statements.push(BankStatement {
                syntax: Some(StatementSyntax::Csv),
                account: own,
                bank: profile.and_then(|profile| profile.bank.clone()),
                currency: currency.map(str::to_owned).or(entry.currency.clone()),
                place: Some(place),
                ..BankStatement::default()
            });
        }
        let statement = &mut statements[at];
        let day = entry.day();
        statement.from = [statement.from, day].into_iter().flatten().min();
        statement.until = [statement.until, day].into_iter().flatten().max();
        statement.entries.push(entry);
    }
    Ok(statements)
}

struct Sheet {
    layout: Layout,
    headings: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

/// Rows by the separator with which a row of headings is found.
fn sheet(text: &str, profile: Option<&StatementProfile>) -> Result<Sheet, Unreadable> {
    let said = profile.and_then(|profile| profile.separator);
    let separators = said.map_or(vec![';', '\t', ',', '|'], |sign| vec![sign]);
    // The names that the likeliest row of headings does not have.
    let mut fewest: Option<Vec<&str>> = None;
    for separator in separators {
        let mut builder = csv::ReaderBuilder::new();
        builder.flexible(true).has_headers(false).delimiter(separator as u8);
        let mut reader = builder.from_reader(text.as_bytes());
        let mut records = reader.records();
        if let Some(profile) = profile.filter(|profile| profile.without_headings) {
            let layout = columns::by_profile(&csv::StringRecord::new(), profile);
            let rows = rows(records)?;
            let widest = rows.iter().map(csv::StringRecord::len).max().unwrap_or(0);
            match layout {
                Ok(layout) if layout.columns.iter().all(|(_, at)| *at < widest) => {
                    return Ok(Sheet { layout, headings: csv::StringRecord::new(), rows });
                }
                Ok(_) => continue,
                Err(missing) => return Err(no_columns(&missing)),
            }
        }
        for _ in 0..PREAMBLE_ROWS_MAX {
            let Some(Ok(headings)) = records.next() else { break };
            match profile.map(|profile| columns::by_profile(&headings, profile)) {
                None => {
                    if let Some(layout) = columns::guess(&headings) {
                        return Ok(Sheet { layout, headings, rows: rows(records)? });
                    }
                }
                Some(Ok(layout)) => {
                    return Ok(Sheet { layout, headings, rows: rows(records)? });
                }
                Some(Err(missing)) => {
                    let fewer = fewest.as_ref().is_none_or(|few| missing.len() < few.len());
                    fewest = if fewer { Some(missing) } else { fewest };
                }
            }
        }
    }
    match profile {
        Some(_) => Err(no_columns(&fewest.unwrap_or_default())),
        None => Err(Unreadable::Unsupported { detected: None, wanted: WANTED }),
    }
}

fn no_columns(missing: &[&str]) -> Unreadable {
    let text = format!(
        "the file has no row of headings with all columns of the profile; missing: {}",
        missing.join(", ")
    );
    Unreadable::Content { faults: vec![Fault::at("/columns", "missing_column", &text)] }
}

fn rows(records: csv::StringRecordsIter<'_, &[u8]>) -> Result<Vec<csv::StringRecord>, Unreadable> {
    let mut rows = Vec::new();
    for record in records.flatten() {
        if !record.iter().all(|cell| cell.trim().is_empty()) {
            rows.push(record);
        }
        guard::limit("entries", rows.len(), ENTRIES_MAX)?;
    }
    Ok(rows)
}

fn entry(
    (layout, row): (&Layout, &csv::StringRecord),
    spelling: &Spelling,
    (place, currency): (&str, Option<&str>),
    remarks: &mut Remarks,
) -> Option<BankEntry> {
    let cell = |role: Role| layout.cell(row, role);
    let days = [Role::BookingDate, Role::ValueDate].map(cell);
    let amounts = [Role::Amount, Role::Debit, Role::Credit].map(cell);
    // Sums and remarks below the table have no day.
    if days.iter().all(Option::is_none) || amounts.iter().all(Option::is_none) {
        let why = "has no day or no amount, and was left out";
        remarks.note(("ROW_LEFT_OUT", Severity::Information), place, &format!("the row {why}"));
        return None;
    }
    let [booking_date, value_date] = days.map(|day| day.and_then(|day| spelling.day(day)));
    if booking_date.is_none() && value_date.is_none() {
        let text = row.iter().collect::<Vec<_>>().join(" ");
        remarks.unread(place, &text, "has no day that could be read: the row is left out");
        return None;
    }
    let amount = match amounts {
        [Some(amount), ..] => spelling.signed(amount, cell(Role::Sign)),
        [None, debit, credit] => spelling.one_of(debit, credit),
    };
    let Some(amount) = amount else {
        let what = amounts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        remarks.unread(place, &what, "is no amount that could be read: the row is left out");
        return None;
    };
    let mut detail = EntryDetail {
        end_to_end_id: cell(Role::EndToEndId).and_then(reference),
        mandate: cell(Role::Mandate).and_then(reference),
        creditor_id: cell(Role::CreditorId).and_then(reference),
        ..EntryDetail::default()
    };
    detail.counterparty.name = cell(Role::Counterparty).and_then(word);
    detail.counterparty.account = cell(Role::CounterpartyAccount).and_then(account);
    detail.counterparty.bank = cell(Role::CounterpartyBank).and_then(word);
    detail.remittance.unstructured = layout.cells(row, Role::Text).filter_map(prose).collect();
    let details = if detail == EntryDetail::default() { Vec::new() } else { vec![detail] };
    Some(BankEntry {
        currency: cell(Role::Currency).or(currency).and_then(word),
        booking_date,
        value_date,
        bank_reference: cell(Role::BankReference).and_then(reference),
        text: cell(Role::Kind).and_then(word),
        details,
        place: Some(place.to_owned()),
        ..BankEntry::of(amount)
    })
}
