//! SWIFT MT940 and MT942, in the dialects of banks and of their export buttons.

mod fields;
mod german;
mod line;
mod narrative;
mod non_swift;
mod sepa;
mod slashed;

use crate::extraction::guard;
use crate::extraction::statement::mt::fields::{Header, Piece};
use crate::extraction::statement::mt::line::Line;
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{self, account, prose, short_day, word};
use crate::extraction::unreadable::Unreadable;
use crate::models::finding::Severity;
use crate::models::iban;
use crate::models::money::Currency;
use crate::models::statement::{BALANCES_MAX, STATEMENTS_MAX};
use crate::models::statement::{Balance, BalanceKind, BankEntry, BankStatement};
use crate::models::statement::{ENTRIES_MAX, EntryStatus, EntryTotal, StatementSyntax};

/// A day that its month does not have.
const MOVED: (&str, Severity) = ("DATE_MOVED", Severity::Information);

/// Whether a text has a field of these messages at the beginning of a line.
pub(crate) fn is_mt(text: &str) -> bool {
    text.starts_with("{1:") || text.split(['\n', '\r']).any(|line| fields::tag(line).is_some())
}

/// Reads every statement.
///
/// # Errors
/// Too many fields or entries.
pub(crate) fn read(text: &str, remarks: &mut Remarks) -> Result<Vec<BankStatement>, Unreadable> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::new(remarks);
    for piece in fields::split(&text)? {
        reader.take(piece);
        guard::limit("entries", reader.entries, ENTRIES_MAX)?;
        guard::limit("statements", reader.done.len(), STATEMENTS_MAX)?;
    }
    reader.finish();
    Ok(reader.done)
}

/// What a `:86:` or `:NS:` speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Statement,
    Entry,
    /// An entry that could not be read: its text must not go to the one before it.
    Nothing,
}

struct Reader<'r> {
    done: Vec<BankStatement>,
    open: Option<BankStatement>,
    header: Header,
    target: Target,
    /// MT940 has booked balances, MT942 has a floor limit or counts; the first seen decides.
    interim: Option<bool>,
    entries: usize,
    remarks: &'r mut Remarks,
}

impl<'r> Reader<'r> {
    fn new(remarks: &'r mut Remarks) -> Self {
        Self {
            done: Vec::new(),
            open: None,
            header: Header::default(),
            target: Target::Statement,
            interim: None,
            entries: 0,
            remarks,
        }
    }

    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Header(line) => self.header.take(line),
            Piece::End => self.finish(),
            Piece::Field("940" | "942", ..) => {}
            Piece::Field(tag, body, number) => self.field(tag, body, number),
        }
    }

    fn field(&mut self, tag: &str, body: &str, number: u32) {
        let closed = self.open.as_ref().is_some_and(|open| open.closing().is_some());
        // A bank that has no reference for each statement begins them with the account.
        if tag == "20" || (closed && tag.starts_with("25")) {
            self.finish();
        }
        let place = format!("line {number}");
        if self.open.is_none() {
            let place = Some(place.clone());
            self.open = Some(BankStatement { place, ..BankStatement::default() });
            self.target = Target::Statement;
            self.interim = None;
        }
        match tag {
            "61" => self.entry(body, place),
            "60F" | "60M" | "62F" | "62M" | "64" | "65" => self.balance(tag, body, &place),
            "86" | "NS" => self.narrative(tag, body),
            _ => self.head(tag, body),
        }
    }

    fn head(&mut self, tag: &str, body: &str) {
        let Some(open) = self.open.as_mut() else { return };
        match tag {
            "20" => open.id = word(body),
            "21" => open.related_reference = word(body),
            "25" | "25P" => identify(open, body),
            "28" | "28C" => {
                let (number, page) = body.split_once('/').unwrap_or((body, ""));
                (open.number, open.page) = (word(number), word(page));
            }
            "13" | "13D" => {
                open.created = word(body);
                self.interim.get_or_insert(true);
            }
            "34F" => {
                let currency = body.trim().get(..3).filter(|code| Currency::parse(code).is_ok());
                open.currency = open.currency.take().or(currency.map(str::to_owned));
                self.interim.get_or_insert(true);
            }
            "90C" => open.credits = total(body),
            "90D" => open.debits = total(body),
            _ => {}
        }
        if tag.starts_with("90") {
            self.interim.get_or_insert(true);
            self.target = Target::Statement;
        }
    }

    fn balance(&mut self, tag: &str, body: &str, place: &str) {
        let Some(open) = self.open.as_mut() else { return };
        if open.balances.len() >= BALANCES_MAX {
            let why = "is one balance too many, and was left out";
            self.remarks.unread(place, body, why);
            return;
        }
        if tag.starts_with('6') && tag != "65" {
            self.interim.get_or_insert(false);
        }
        if !tag.starts_with("60") {
            self.target = Target::Statement;
        }
        let Some((balance, moved)) = balance(tag, body, open.currency.as_deref()) else {
            let why = "is no balance, such as C260131EUR1190,00";
            self.remarks.unread(place, body, why);
            return;
        };
        if moved {
            note_moved(self.remarks, place);
        }
        if open.currency.is_none() {
            open.currency.clone_from(&balance.currency);
        }
        let again = open.balances.iter().any(|other| other.code == balance.code);
        if again && tag != "65" {
            let text = format!("the statement has more than one :{tag}:");
            self.remarks.note(("BALANCE_REPEATED", Severity::Warning), place, &text);
        }
        open.balances.push(balance);
    }

    fn entry(&mut self, body: &str, place: String) {
        let Some(open) = self.open.as_mut() else { return };
        self.entries += 1;
        self.target = Target::Nothing;
        let (first, more) = body.split_once('\n').unwrap_or((body, ""));
        // Some break the line inside the amount.
        let joined = body.replace('\n', "");
        let (line, supplementary) = match line::parse(first) {
            Some(line) => (line, more),
            None => match line::parse(&joined) {
                Some(line) => (line, ""),
                None => {
                    let why = "is no entry: day, mark, amount, as in 2601310131D1190,00NTRF";
                    self.remarks.unread(&place, first, why);
                    return;
                }
            },
        };
        if line.moved {
            note_moved(self.remarks, &place);
        }
        open.entries.push(entry(&line, supplementary, place));
        self.target = Target::Entry;
    }

    fn narrative(&mut self, tag: &str, body: &str) {
        let Some(open) = self.open.as_mut() else { return };
        match (self.target, open.entries.last_mut()) {
            (Target::Entry, Some(entry)) if tag == "NS" => non_swift::read(entry, body),
            (Target::Entry, Some(entry)) => narrative::read(entry, body),
            (Target::Statement, _) if tag == "NS" => {
                open.owner = open.owner.take().or(non_swift::owner(body));
            }
            (Target::Statement, _) => open.information.extend(prose(body)),
            (Target::Nothing | Target::Entry, _) => {}
        }
    }

    /// Closes the statement that is open; one without anything to tell it or to book is none.
    fn finish(&mut self) {
        let Some(mut open) = self.open.take() else {
            self.header = Header::default();
            return;
        };
        let interim = self.header.interim.or(self.interim).unwrap_or(false);
        let syntax = if interim { StatementSyntax::Mt942 } else { StatementSyntax::Mt940 };
        open.syntax = Some(syntax);
        open.bank = open.bank.take().or(self.header.bank.take());
        open.from = open.opening().and_then(|balance| balance.date);
        open.until = open.closing().and_then(|balance| balance.date);
        for entry in &mut open.entries {
            entry.currency.clone_from(&open.currency);
            if interim {
                entry.status = EntryStatus::Pending;
            }
        }
        for balance in &mut open.balances {
            balance.currency = balance.currency.take().or(open.currency.clone());
        }
        self.header = Header::default();
        let says_something =
            open.id.is_some() || open.account.is_some() || !open.balances.is_empty();
        if says_something || !open.entries.is_empty() {
            self.done.push(open);
        }
    }
}

fn note_moved(remarks: &mut Remarks, place: &str) {
    let text = "the month has no such day, and its last one was taken: some banks count 30 days \
                to each month";
    remarks.note(MOVED, place, text);
}

fn entry(line: &Line<'_>, supplementary: &str, place: String) -> BankEntry {
    let mut entry = BankEntry {
        booking_date: line.entry_date,
        value_date: Some(line.value_date),
        reversal: line.reversal,
        bank_reference: values::reference(line.bank_reference),
        reference: values::reference(line.customer_reference),
        supplementary: prose(supplementary),
        place: Some(place),
        ..BankEntry::of(line.amount)
    };
    entry.codes.swift = line.kind.map(str::to_owned);
    if line.expected {
        entry.status = EntryStatus::Pending;
    }
    narrative::supplementary(&mut entry);
    entry
}

/// `:25:`: an IBAN, with the currency behind it or not; a bank and an account with a slash between
/// them; or any other number. `:25P:` has the BIC on a second line.
fn identify(statement: &mut BankStatement, body: &str) {
    let (first, second) = body.split_once('\n').unwrap_or((body, ""));
    statement.bank = word(second);
    let Some(whole) = account(first) else { return };
    let (bank, number) = whole.split_once('/').unwrap_or(("", &whole));
    if !bank.is_empty() && !number.is_empty() {
        statement.bank = Some(bank.to_owned());
    }
    let number = if number.is_empty() { &whole } else { number };
    let without_currency = number.len().checked_sub(3).and_then(|end| number.get(..end));
    let iban = without_currency.filter(|iban| iban::is_iban(iban) && !iban::is_iban(number));
    statement.account = Some(iban.unwrap_or(number).to_owned());
}

/// Mark, day, currency and amount: `C260131EUR1190,00`.
fn balance(tag: &str, body: &str, currency: Option<&str>) -> Option<(Balance, bool)> {
    let body = body.trim();
    let (credit, rest) = match (body.strip_prefix('C'), body.strip_prefix('D')) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    let (day, moved) = short_day(rest.get(..6)?)?;
    let rest = &rest[6..];
    // Some leave the currency out.
    let own = rest.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase()));
    let digits = if own.is_some() { &rest[3..] } else { rest };
    let amount = values::amount(digits.trim())?;
    let (kind, intermediate) = match tag {
        "60F" => (BalanceKind::Opening, false),
        "60M" => (BalanceKind::Opening, true),
        "62F" => (BalanceKind::Closing, false),
        "62M" => (BalanceKind::Closing, true),
        "64" => (BalanceKind::ClosingAvailable, false),
        _ => (BalanceKind::ForwardAvailable, false),
    };
    let balance = Balance {
        kind,
        code: tag.to_owned(),
        intermediate,
        amount: if credit { amount } else { -amount },
        currency: own.or(currency).map(str::to_owned),
        date: Some(day),
    };
    Some((balance, moved))
}

/// Count, currency and sum: `3PLN0,03`.
fn total(body: &str) -> Option<EntryTotal> {
    let body = body.trim();
    let letters = body.find(|c: char| !c.is_ascii_digit())?;
    let amount = body.get(letters + 3..).and_then(values::amount);
    Some(EntryTotal { count: body[..letters].parse().ok(), amount })
}
