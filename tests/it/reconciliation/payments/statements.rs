//! From the statements of many banks to a settlement: the readers and the engine together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ap_gateway::extraction::statement::read_statement;
use ap_gateway::models::payment::{
    Direction, ItemKind, OpenItem, PaymentCase, PaymentVerdict, Transaction,
};
use ap_gateway::reconciliation::payments::transactions;
use serde_json::json;

use crate::reconciliation::payments::settled;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "sta" || ending == "xml") {
            found.push(path);
        }
    }
}

/// What such a payment would have paid, as it would be named.
fn item(at: usize, one: &Transaction) -> Option<OpenItem> {
    if one.pending || one.reversal {
        return None;
    }
    let kind = match one.direction {
        Direction::Out => ItemKind::Invoice,
        Direction::In => ItemKind::CreditNote,
    };
    let item = json!({"id": format!("I{at}"), "kind": kind, "supplier": format!("V{at}"),
        "supplier_name": one.counterparty_name, "amount": one.amount.to_string(),
        "currency": one.currency?, "date": one.date, "due": one.date,
        "references": one.references, "end_to_end_ids": one.end_to_end_id.as_slice(),
        "verified_ibans": one.counterparty_iban.as_slice()});
    Some(serde_json::from_value(item).expect("an item"))
}

#[test]
#[cfg_attr(any(no_suite_camt, no_suite_mt940), ignore = "statements are not in the suites")]
fn statements_of_banks_are_settled_once() {
    let mut paths = Vec::new();
    for suite in ["suites/camt", "suites/mt940"] {
        files(&crate::suites::folder(suite), &mut paths);
    }
    let (mut payments, mut automatic) = (0, 0);
    for path in paths {
        let bytes = std::fs::read(&path).expect("a readable file");
        let Ok(reading) = read_statement(&bytes) else { continue };
        let all = transactions(&reading.statements);
        let ids: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), all.len(), "{}: two payments have one key", path.display());
        let items = all.iter().enumerate().filter_map(|(at, one)| item(at, one));
        let case = PaymentCase {
            open_items: items.collect(),
            transactions: all,
            ..PaymentCase::default()
        };
        let first = settled(&case);
        assert!(first.faults.is_empty(), "{}: {:?}", path.display(), first.faults);
        payments += first.decisions.len();
        automatic +=
            first.decisions.iter().filter(|one| one.verdict == PaymentVerdict::Automatic).count();
        for one in case.transactions.iter().filter(|one| one.pending) {
            assert_eq!(first.unallocated[&one.id], one.amount, "{}", path.display());
        }
        let again = PaymentCase {
            known_transactions: transactions(&reading.statements),
            rows: first.rows.clone(),
            ..case
        };
        let second = settled(&again);
        assert!(second.faults.is_empty() && second.rows.is_empty(), "{}", path.display());
        assert_eq!(first.unallocated, second.unallocated);
    }
    assert!(payments > 50, "{payments} payments were read");
    assert!(automatic > 10, "{automatic} of {payments} were allocated");
}
