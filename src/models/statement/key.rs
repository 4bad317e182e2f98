//! How the same statement and the same entry are told when a file comes twice.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::invoice::normalised;
use crate::models::refs::Sha256;
use crate::models::statement::{BankEntry, BankStatement};

/// Tells a statement: two with the same key are the same. With the same account, id and number but
/// another content, a bank has corrected it, or counts anew each year.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementKey {
    /// Account in capitals and without blanks; empty where the statement names none.
    pub account: String,
    /// Id, number and page, joined by `/`.
    pub statement: String,
    /// Hash of everything that it says, whatever the syntax or the layout was.
    pub content: Sha256,
}

impl BankStatement {
    /// Account, id and content.
    pub fn key(&self) -> StatementKey {
        let parts = [&self.id, &self.number, &self.page];
        let parts: Vec<&str> = parts.map(|part| part.as_deref().unwrap_or_default()).into();
        let mut hash = Fields::default();
        hash.add(&account(self));
        for balance in &self.balances {
            hash.add(&balance.code);
            hash.add(&decimal::plain(balance.amount));
            hash.add(balance.currency.as_deref().unwrap_or_default());
            hash.add(&day(balance.date));
        }
        for entry in &self.entries {
            hash.add(&content(self, entry));
        }
        let content = hash.digest();
        StatementKey { account: account(self), statement: parts.join("/"), content }
    }
}

/// A key for each entry of each statement of one file, in their order: taking the file in twice
/// gives the same keys, and equal entries of one file have different ones.
///
/// With a bank reference the key is account, reference, day and amount: banks number their
/// references anew each day, so the reference alone would drop entries. Without one it is the
/// whole entry. Both are followed by the ordinal among equals of the file.
pub fn entry_keys(statements: &[BankStatement]) -> Vec<Vec<Sha256>> {
    let mut seen: HashMap<Sha256, u32> = HashMap::new();
    let mut keys_of = |statement: &BankStatement| -> Vec<Sha256> {
        let mut keys = Vec::with_capacity(statement.entries.len());
        for entry in &statement.entries {
            let facts = facts(statement, entry);
            let ordinal = seen.entry(facts.clone()).or_default();
            let mut hash = Fields::default();
            hash.add(facts.as_str());
            hash.add(&ordinal.to_string());
            *ordinal += 1;
            keys.push(hash.digest());
        }
        keys
    };
    statements.iter().map(&mut keys_of).collect()
}

fn facts(statement: &BankStatement, entry: &BankEntry) -> Sha256 {
    let mut hash = Fields::default();
    hash.add(&account(statement));
    match &entry.bank_reference {
        Some(reference) => {
            hash.add("reference");
            hash.add(&normalised(reference));
            hash.add(&day(entry.day()));
            hash.add(&decimal::plain(entry.amount));
            hash.add(currency(statement, entry));
        }
        None => hash.add(&content(statement, entry)),
    }
    hash.digest()
}

/// What an entry says, without layout: text without blanks and in capitals.
fn content(statement: &BankStatement, entry: &BankEntry) -> String {
    let mut parts = vec![
        decimal::plain(entry.amount),
        currency(statement, entry).to_owned(),
        day(entry.booking_date),
        day(entry.value_date),
        entry.reversal.to_string(),
    ];
    let mut add = |text: &Option<String>| parts.push(normalised(text.as_deref().unwrap_or("")));
    add(&entry.bank_reference);
    add(&entry.reference);
    add(&entry.text);
    for detail in &entry.details {
        add(&detail.amount.map(decimal::plain));
        add(&detail.end_to_end_id);
        add(&detail.mandate);
        add(&detail.counterparty.name);
        add(&detail.counterparty.account);
        detail.remittance.structured.iter().for_each(|one| add(&Some(one.reference.clone())));
        add(&Some(detail.remittance.unstructured.concat()));
    }
    parts.join("\u{1f}")
}

fn account(statement: &BankStatement) -> String {
    normalised(statement.account.as_deref().unwrap_or_default())
}

fn currency<'a>(statement: &'a BankStatement, entry: &'a BankEntry) -> &'a str {
    entry.currency.as_deref().or(statement.currency.as_deref()).unwrap_or_default()
}

fn day(date: Option<chrono::NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// A hash over fields, each with its length, so that `ab` and `c` are not `a` and `bc`.
#[derive(Default)]
struct Fields(Hasher);

impl Fields {
    fn add(&mut self, text: &str) {
        self.0.update(text.len().to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn digest(self) -> Sha256 {
        Sha256::from_bytes(&self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::entry_keys;
    use crate::models::statement::{BankEntry, BankStatement};
    use rust_decimal::Decimal;

    fn entry(cents: i64, reference: Option<&str>) -> BankEntry {
        let bank_reference = reference.map(str::to_owned);
        BankEntry { bank_reference, ..BankEntry::of(Decimal::new(cents, 2)) }
    }

    fn statement(entries: Vec<BankEntry>) -> BankStatement {
        let account = Some("DE02 1203 0000 0000 2020 51".to_owned());
        BankStatement { account, entries, ..BankStatement::default() }
    }

    #[test]
    fn equal_entries_of_one_file_have_different_keys_and_the_same_when_it_comes_again() {
        let first = statement(vec![entry(100, None), entry(100, None), entry(100, Some("A"))]);
        let second = statement(vec![entry(100, None), entry(100, Some("A"))]);
        let file = [first, second];
        let keys = entry_keys(&file);
        let mut all: Vec<_> = keys.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 5);
        assert_eq!(entry_keys(&file), keys);
    }

    #[test]
    fn blanks_case_and_trailing_zeros_change_no_key() {
        let one = statement(vec![entry(100, Some("ab 1"))]);
        let mut other = statement(vec![entry(0, Some("AB1"))]);
        other.entries[0].amount = Decimal::new(1000, 3);
        other.account = Some("de02120300000000202051".to_owned());
        assert_eq!(entry_keys(std::slice::from_ref(&one)), entry_keys(&[other.clone()]));
        assert_eq!(one.key(), other.key());
        other.entries[0].amount = Decimal::new(1001, 3);
        assert_ne!(one.key().content, other.key().content);
        assert_eq!(one.key().account, other.key().account);
    }
}
