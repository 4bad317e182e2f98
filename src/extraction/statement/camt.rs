//! ISO 20022 camt.052, .053 and .054 in all versions: read by local names, because each version
//! has a namespace of its own and banks put envelopes and national namespaces around them.

mod detail;
mod entry;
mod money;

use crate::extraction::guard;
use crate::extraction::sniff;
use crate::extraction::statement::camt::money::{day, signed_amount};
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{account, prose, word};
use crate::extraction::statement::{Read, WANTED};
use crate::extraction::tree::Element;
use crate::extraction::unreadable::Unreadable;
use crate::extraction::xsd;
use crate::models::fault::Fault;
use crate::models::statement::{Balance, BalanceKind, BankStatement, EntryTotal};
use crate::models::statement::{ENTRIES_MAX, StatementSyntax};

/// Messages, the element of their statements, and what they are. Version 01 ends the first name
/// with `V01`.
const MESSAGES: [(&str, &str, StatementSyntax); 3] = [
    ("BkToCstmrAcctRpt", "Rpt", StatementSyntax::Camt052),
    ("BkToCstmrStmt", "Stmt", StatementSyntax::Camt053),
    ("BkToCstmrDbtCdtNtfctn", "Ntfctn", StatementSyntax::Camt054),
];

/// Elements around a `Document`: a business message envelope, a transport of the bank.
const ENVELOPES_MAX: usize = 3;

/// Reads every statement of a message.
///
/// # Errors
/// Another root, a message without a statement, or too many entries.
pub(crate) fn read(root: Element<'_, '_>, remarks: &mut Remarks) -> Result<Read, Unreadable> {
    let Some((message, name, syntax)) = message(root, ENVELOPES_MAX) else {
        return Err(sniff::unsupported(root, WANTED));
    };
    let mut statements = Vec::new();
    let mut entries = 0;
    for (index, at) in message.all_named(name).enumerate() {
        let place = format!("{}/{name}[{}]", message.xpath(), index + 1);
        entries += at.all_named("Ntry").count();
        guard::limit("entries", entries, ENTRIES_MAX)?;
        statements.push(statement((at, place), syntax, remarks));
    }
    if statements.is_empty() {
        let place = format!("{}/{name}", message.xpath());
        let fault = Fault::at(&place, "missing_value", "the message holds no statement");
        return Err(Unreadable::Content { faults: vec![fault] });
    }
    Ok((syntax, full_name(message.namespace()), statements))
}

/// The element of the message, wherever it stands in its envelopes.
fn message<'a, 'i: 'a>(
    at: Element<'a, 'i>,
    depth: usize,
) -> Option<(Element<'a, 'i>, &'static str, StatementSyntax)> {
    let local = at.local();
    let known = MESSAGES.iter().find(|(name, ..)| {
        local.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest == "V01")
    });
    if let Some((_, statement, syntax)) = known {
        return Some((at, statement, *syntax));
    }
    if depth == 0 && local != "Document" {
        return None;
    }
    at.elements().find_map(|child| message(child, depth.saturating_sub(1)))
}

/// `camt.053.001.08`, from the end of the namespace.
fn full_name(namespace: &str) -> Option<String> {
    let at = namespace.find("camt.05")?;
    word(&namespace[at..])
}

fn statement(
    (at, place): (Element<'_, '_>, String),
    syntax: StatementSyntax,
    remarks: &mut Remarks,
) -> BankStatement {
    let text = |path: &str| at.find_named(path).and_then(|found| word(&found.text()));
    let first = |paths: &[&str]| paths.iter().find_map(|path| text(path));
    let mut statement = BankStatement {
        syntax: Some(syntax),
        id: text("Id"),
        number: first(&["LglSeqNb", "ElctrncSeqNb"]),
        page: first(&["StmtPgntn/PgNb", "RptPgntn/PgNb", "NtfctnPgntn/PgNb"]),
        account: at.find_named("Acct/Id").and_then(account_id),
        owner: first(&["Acct/Ownr/Nm", "Acct/Ownr/Pty/Nm"]),
        bank: at.find_named("Acct/Svcr").and_then(bank),
        currency: text("Acct/Ccy"),
        created: text("CreDtTm"),
        from: day(at, "FrToDt/FrDtTm").or_else(|| day(at, "FrToDt/FrDt")),
        until: day(at, "FrToDt/ToDtTm").or_else(|| day(at, "FrToDt/ToDt")),
        credits: total(at, "TtlCdtNtries"),
        debits: total(at, "TtlDbtNtries"),
        ..BankStatement::default()
    };
    for (index, found) in at.all_named("Bal").enumerate() {
        let place = format!("{place}/Bal[{}]", index + 1);
        statement.balances.extend(balance((found, &place), remarks));
    }
    for (index, found) in at.all_named("Ntry").enumerate() {
        let place = format!("{place}/Ntry[{}]", index + 1);
        let own = statement.account.as_deref();
        statement.entries.extend(entry::read((found, place), own, remarks));
    }
    for name in ["AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf"] {
        let lines = at.all_named(name).filter_map(|found| prose(&found.text()));
        statement.information.extend(lines);
    }
    if statement.currency.is_none() {
        let opening = statement.opening().and_then(|balance| balance.currency.clone());
        statement.currency = opening;
    }
    statement.place = Some(place);
    statement
}

/// IBAN or another id; version 01 had names of their own for those.
pub(crate) fn account_id(at: Element<'_, '_>) -> Option<String> {
    let paths = ["IBAN", "Othr/Id", "PrtryAcct/Id", "BBAN", "UPIC"];
    paths.iter().find_map(|path| account(&at.find_named(path)?.text()))
}

/// BIC, else what identifies the bank in its country.
pub(crate) fn bank(at: Element<'_, '_>) -> Option<String> {
    let paths = [
        "FinInstnId/BICFI",
        "FinInstnId/BIC",
        "FinInstnId/ClrSysMmbId/MmbId",
        "FinInstnId/Othr/Id",
        "FinInstnId/CmbndId/BIC",
    ];
    paths.iter().find_map(|path| word(&at.find_named(path)?.text()))
}

fn balance((at, place): (Element<'_, '_>, &str), remarks: &mut Remarks) -> Option<Balance> {
    let paths = ["Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd"];
    let code = paths.iter().find_map(|path| word(&at.find_named(path)?.text()));
    let code = code.unwrap_or_default();
    let (amount, currency) = signed_amount((at, place), None, remarks)?;
    let kind = match code.as_str() {
        "OPBD" => BalanceKind::Opening,
        "PRCD" => BalanceKind::PreviousClosing,
        "CLBD" => BalanceKind::Closing,
        "ITBD" => BalanceKind::Interim,
        "OPAV" => BalanceKind::OpeningAvailable,
        "CLAV" => BalanceKind::ClosingAvailable,
        "ITAV" => BalanceKind::InterimAvailable,
        "FWAV" => BalanceKind::ForwardAvailable,
        _ => BalanceKind::Other,
    };
    let sub_type = at.find_named("Tp/SubTp/Cd").map(|found| found.text());
    let intermediate = sub_type.as_deref() == Some("INTM");
    let date = day(at, "Dt/Dt").or_else(|| day(at, "Dt/DtTm"));
    Some(Balance { kind, code, intermediate, amount, currency, date })
}

fn total(at: Element<'_, '_>, name: &str) -> Option<EntryTotal> {
    let summary = at.find_named("TxsSummry")?.find_named(name)?;
    let text = |path: &str| summary.find_named(path).map(|found| found.text());
    let count = text("NbOfNtries").and_then(|count| count.parse().ok());
    let amount = text("Sum").and_then(|sum| xsd::decimal(&sum));
    (count.is_some() || amount.is_some()).then_some(EntryTotal { count, amount })
}
