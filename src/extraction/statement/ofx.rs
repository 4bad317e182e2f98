//! OFX 1 (SGML) and 2 (XML): statements of bank accounts and of credit cards.
//!
//! Both are read by one scanner that needs no closing tags and resolves no entity but the five of
//! XML and numbers, so neither can grow or reach outside.

mod scan;

use std::collections::HashSet;

use crate::extraction::guard;
use crate::extraction::statement::ofx::scan::Event;
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{account, long_day, prose, reference, signed, word};
use crate::extraction::unreadable::Unreadable;
use crate::models::decimal;
use crate::models::finding::Severity;
use crate::models::money::Currency;
use crate::models::statement::{BALANCES_MAX, STATEMENTS_MAX, StatementSyntax};
use crate::models::statement::{Balance, BalanceKind, BankEntry, BankStatement};
use crate::models::statement::{ENTRIES_MAX, EntryDetail, EntryStatus, InstructedAmount};

/// Groups inside one another; real files have eight.
const DEPTH_MAX: usize = 64;

/// Characters in which the root stands: headers of OFX 1 have 200.
const HEADER_CHARACTERS_MAX: usize = 4_000;

/// Whether a text begins as OFX does.
pub(crate) fn is_ofx(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(HEADER_CHARACTERS_MAX)];
    let upper = head.to_ascii_uppercase();
    upper.starts_with("OFXHEADER")
        || (upper.starts_with('<') && upper.contains("<OFX>"))
        || upper.contains("<?OFX")
}

/// Reads every statement.
///
/// # Errors
/// Groups that are too deep, or too many entries.
pub(crate) fn read(
    text: &str,
    remarks: &mut Remarks,
) -> Result<(StatementSyntax, Vec<BankStatement>), Unreadable> {
    let head = &text[..text.floor_char_boundary(HEADER_CHARACTERS_MAX)];
    let xml = head.contains("<?OFX") || head.contains("<?xml");
    let syntax = if xml { StatementSyntax::Ofx2 } else { StatementSyntax::Ofx1 };
    // What is closed anywhere and holds other elements is a group; a value may go without.
    let closed: HashSet<&str> = scan::closed(text);
    let mut reader = Reader { syntax, ..Reader::new(remarks) };
    for event in scan::events(text) {
        match event {
            Event::Open(name, line) => reader.open(name, line, &closed)?,
            Event::Text(text) => reader.text(&text),
            Event::Close(name) => reader.close(name)?,
        }
    }
    // A file that was cut off: what is open is kept, as far as it goes.
    reader.finish_entry()?;
    reader.finish_statement();
    guard::limit("statements", reader.done.len(), STATEMENTS_MAX)?;
    if !closed.iter().any(|name| name.eq_ignore_ascii_case("OFX")) {
        let text = "the file ends before </OFX>: entries are missing, and the last may be cut off";
        reader.remarks.note(("STATEMENT_CUT", Severity::Fatal), "", text);
    }
    Ok((syntax, reader.done))
}

/// An element that is open.
struct Open<'t> {
    name: &'t str,
    has_text: bool,
    line: u32,
}

struct Reader<'t, 'r> {
    syntax: StatementSyntax,
    path: Vec<Open<'t>>,
    done: Vec<BankStatement>,
    statement: Option<BankStatement>,
    entry: Option<Entry>,
    balance: Option<Partial>,
    entries: usize,
    remarks: &'r mut Remarks,
}

/// A balance whose parts come one by one.
#[derive(Default)]
struct Partial {
    amount: Option<String>,
    day: Option<String>,
    line: u32,
}

/// An entry whose parts come one by one.
struct Entry {
    entry: BankEntry,
    amount: Option<String>,
    detail: EntryDetail,
    rate: Option<String>,
    /// The currency that was ordered (`ORIGCURRENCY`).
    ordered: Option<String>,
    line: u32,
}

impl<'t, 'r> Reader<'t, 'r> {
    fn new(remarks: &'r mut Remarks) -> Self {
        Self {
            syntax: StatementSyntax::Ofx1,
            path: Vec::new(),
            done: Vec::new(),
            statement: None,
            entry: None,
            balance: None,
            entries: 0,
            remarks,
        }
    }

    fn open(&mut self, name: &'t str, line: u32, closed: &HashSet<&str>) -> Result<(), Unreadable> {
        // A value ends where the next element begins; so does an empty one that nothing closes.
        let is_value = |open: &Open<'_>| open.has_text || !closed.contains(open.name);
        if self.path.last().is_some_and(is_value) {
            self.path.pop();
        }
        self.path.push(Open { name, has_text: false, line });
        guard::limit("levels of elements inside one another", self.path.len(), DEPTH_MAX)?;
        match name {
            "STMTRS" | "CCSTMTRS" => {
                self.finish_statement();
                self.statement = Some(BankStatement {
                    syntax: Some(self.syntax),
                    place: Some(format!("line {line}")),
                    ..BankStatement::default()
                });
            }
            "STMTTRN" | "STMTTRNP" => {
                self.finish_entry()?;
                self.entry = Some(Entry::at(line, name == "STMTTRNP"));
            }
            "LEDGERBAL" | "AVAILBAL" => self.balance = Some(Partial { line, ..Partial::default() }),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Some(open) = self.path.last_mut() else { return };
        open.has_text = true;
        let name = open.name;
        let group = self.path.iter().rev().nth(1).map_or("", |group| group.name);
        let line = self.path.last().map_or(0, |open| open.line);
        if let Some(entry) = self.entry.as_mut() {
            entry.take((group, name), text, line, self.remarks);
        } else if let Some(balance) = self.balance.as_mut() {
            match name {
                "BALAMT" => balance.amount = Some(text.to_owned()),
                "DTASOF" => balance.day = Some(text.to_owned()),
                _ => {}
            }
        } else if let Some(statement) = self.statement.as_mut() {
            match (group, name) {
                (_, "CURDEF") => statement.currency = word(text),
                ("BANKACCTFROM", "BANKID") => statement.bank = word(text),
                ("BANKACCTFROM" | "CCACCTFROM", "ACCTID") => statement.account = account(text),
                ("BANKTRANLIST", "DTSTART") => statement.from = long_day(text),
                ("BANKTRANLIST", "DTEND") => statement.until = long_day(text),
                ("STMTRS" | "CCSTMTRS", "MKTGINFO") => {
                    statement.information = prose(text).into_iter().collect()
                }
                _ => {}
            }
        }
    }

    fn close(&mut self, name: &str) -> Result<(), Unreadable> {
        // A closing tag of nothing that is open is passed over.
        let Some(at) = self.path.iter().rposition(|open| open.name == name) else {
            return Ok(());
        };
        let closing: Vec<&str> = self.path.drain(at..).map(|open| open.name).rev().collect();
        for name in closing {
            match name {
                "STMTTRN" | "STMTTRNP" => self.finish_entry()?,
                "LEDGERBAL" | "AVAILBAL" => self.finish_balance(name),
                "STMTRS" | "CCSTMTRS" => self.finish_statement(),
                _ => {}
            }
        }
        Ok(())
    }

    fn finish_entry(&mut self) -> Result<(), Unreadable> {
        let Some(entry) = self.entry.take() else { return Ok(()) };
        self.entries += 1;
        guard::limit("entries", self.entries, ENTRIES_MAX)?;
        let Some(statement) = self.statement.as_mut() else { return Ok(()) };
        let currency = statement.currency.as_deref();
        statement.entries.extend(entry.finish(currency, self.remarks));
        Ok(())
    }

    fn finish_balance(&mut self, code: &str) {
        let (Some(balance), Some(statement)) = (self.balance.take(), self.statement.as_mut())
        else {
            return;
        };
        let currency = statement.currency.clone();
        let text = balance.amount.unwrap_or_default();
        let Some(amount) = signed(&text, currency.as_deref()) else {
            let why = "is no amount, such as -1190.00";
            self.remarks.unread(&format!("line {}", balance.line), &text, why);
            return;
        };
        let ledger = code == "LEDGERBAL";
        let kind = if ledger { BalanceKind::Closing } else { BalanceKind::ClosingAvailable };
        let date = balance.day.as_deref().and_then(long_day);
        let code = code.to_owned();
        let intermediate = false;
        if statement.balances.len() >= BALANCES_MAX {
            return;
        }
        statement.balances.push(Balance { kind, code, intermediate, amount, currency, date });
    }

    fn finish_statement(&mut self) {
        let Some(mut statement) = self.statement.take() else { return };
        for entry in &mut statement.entries {
            entry.currency = entry.currency.take().or(statement.currency.clone());
        }
        // One more than the limit is enough to be refused.
        if self.done.len() <= STATEMENTS_MAX {
            self.done.push(statement);
        }
    }
}

impl Entry {
    fn at(line: u32, pending: bool) -> Self {
        let mut entry = BankEntry::of(rust_decimal::Decimal::ZERO);
        entry.place = Some(format!("line {line}"));
        if pending {
            entry.status = EntryStatus::Pending;
        }
        let detail = EntryDetail::default();
        Self { entry, amount: None, detail, rate: None, ordered: None, line }
    }

    fn take(&mut self, (group, name): (&str, &str), text: &str, line: u32, remarks: &mut Remarks) {
        let entry = &mut self.entry;
        let other = &mut self.detail.counterparty;
        match (group, name) {
            (_, "TRNAMT") => self.amount = Some(text.to_owned()),
            (_, "TRNTYPE") => entry.codes.own = word(text),
            (_, "DTPOSTED") => entry.booking_date = day(text, line, remarks),
            (_, "DTAVAIL") => entry.value_date = day(text, line, remarks),
            (_, "FITID") => entry.bank_reference = reference(text),
            (_, "CHECKNUM") => self.detail.cheque_number = reference(text),
            (_, "REFNUM") => entry.reference = reference(text),
            (_, "NAME") => other.name = word(text),
            (_, "EXTDNAME") => other.name = word(text),
            (_, "MEMO") => self.detail.remittance.unstructured = prose(text).into_iter().collect(),
            ("BANKACCTTO" | "CCACCTTO", "ACCTID") => other.account = account(text),
            ("BANKACCTTO", "BANKID") => other.bank = word(text),
            ("CURRENCY", "CURSYM") => entry.currency = word(text),
            ("ORIGCURRENCY", "CURSYM") => self.ordered = word(text),
            ("CURRENCY" | "ORIGCURRENCY", "CURRATE") => self.rate = Some(text.to_owned()),
            (_, "CORRECTFITID") => {
                let text = format!("the bank corrects its entry {text}: look for the earlier one");
                let code = ("ENTRY_CORRECTED", Severity::Warning);
                remarks.note(code, &format!("line {line}"), &text);
            }
            _ => {}
        }
    }

    fn finish(mut self, currency: Option<&str>, remarks: &mut Remarks) -> Option<BankEntry> {
        let text = self.amount.unwrap_or_default();
        let currency = self.entry.currency.as_deref().or(currency);
        let Some(amount) = signed(&text, currency) else {
            let why = "is no amount (TRNAMT), such as -1190.00: the entry is left out";
            remarks.unread(&format!("line {}", self.line), &text, why);
            return None;
        };
        self.entry.amount = amount;
        let rate = self.rate.as_deref().and_then(|rate| signed(rate, Some("KWD")));
        self.detail.exchange_rate = rate;
        // With `ORIGCURRENCY` the amount has been exchanged already: amount / rate was ordered.
        if let (Some(ordered), Some(rate)) = (self.ordered, rate) {
            let digits = Currency::parse(&ordered).map_or(2, Currency::minor_digits);
            let amount = amount.abs().checked_div(rate);
            let amount = amount.map(|amount| decimal::round(amount, digits));
            self.detail.instructed =
                amount.map(|amount| InstructedAmount { amount, currency: Some(ordered) });
        }
        if self.detail != EntryDetail::default() {
            self.entry.details.push(self.detail);
        }
        Some(self.entry)
    }
}

fn day(text: &str, line: u32, remarks: &mut Remarks) -> Option<chrono::NaiveDate> {
    let day = long_day(text);
    if day.is_none() {
        remarks.unread(&format!("line {line}"), text, "is no day, such as 20261130");
    }
    day
}
