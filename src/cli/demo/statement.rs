//! Payment orders, and the bank's statement of a day: what was ordered, what was paid without an
//! order, a part, and what nobody knows.

use std::fmt::Write;

use anyhow::Context;
use chrono::{Days, NaiveDate};
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cli::demo::company::{BUYER, OUR_IBAN};
use crate::cli::demo::{Handed, Loader};
use crate::models::decimal;
use crate::models::refs::InvoiceId;

/// Invoices that the bank is ordered to pay; of them, those that it has paid.
const ORDERED: usize = 8;
const ORDERED_PAID: usize = 5;

/// Invoices that were paid by hand, and one that was paid in part.
const BY_HAND: usize = 3;

/// One entry: what went out, to whom, with which texts.
struct Entry {
    amount: Decimal,
    end_to_end: String,
    name: String,
    text: String,
}

impl Loader {
    /// Orders some of what is approved, and hands in the statement.
    pub(super) async fn pay(&self, handed: &[Handed], today: NaiveDate) -> anyhow::Result<()> {
        let approved: Vec<&Handed> =
            handed.iter().filter(|one| one.row["status"] == "approved").collect();
        let without_holds = |one: &&&Handed| one.row["holds"].as_array().is_none_or(Vec::is_empty);
        let payable: Vec<&Handed> = approved.iter().filter(without_holds).copied().collect();
        let (ordered, rest) = payable.split_at(ORDERED.min(payable.len()));
        let ids: Vec<&Value> = ordered.iter().map(|one| &one.row["id"]).collect();
        let order = json!({
            "invoices": ids, "debtor": {"name": BUYER, "iban": OUR_IBAN},
            "execution_date": today + Days::new(1),
        });
        self.post("/payment-files", &order).await?;
        let mut entries = Vec::new();
        for one in ordered.iter().take(ORDERED_PAID).chain(rest.iter().take(BY_HAND)) {
            entries.push(entry(one, Decimal::ONE)?);
        }
        if let Some(one) = rest.get(BY_HAND) {
            entries.push(entry(one, Decimal::TWO)?);
        }
        entries.push(Entry {
            amount: Decimal::new(21_435, 2),
            end_to_end: "NOTPROVIDED".to_owned(),
            name: "Hafenwasser Stadtwerke".to_owned(),
            text: "Abschlag November".to_owned(),
        });
        let statement = camt053(today, &entries).into_bytes();
        self.send(Method::POST, "/bank-statements", "application/xml", statement).await?;
        Ok(())
    }
}

/// An entry that pays an invoice, or a part of it.
fn entry(one: &Handed, parts: Decimal) -> anyhow::Result<Entry> {
    let total = one.row["total"]["amount"].as_str().context("a total")?;
    let total: Decimal = total.parse().context("an amount")?;
    let id = InvoiceId::parse(one.row["id"].as_str().unwrap_or_default());
    let id = id.map_err(|_| anyhow::anyhow!("an id"))?;
    let name = one.row["supplier_name"].as_str().unwrap_or("Supplier").to_owned();
    Ok(Entry {
        amount: decimal::round(total / parts, 2),
        end_to_end: id.end_to_end_id(),
        name,
        text: one.number.clone(),
    })
}

/// A camt.053 of one day.
fn camt053(day: NaiveDate, entries: &[Entry]) -> String {
    let opening = Decimal::new(25_000_000, 2);
    let closing = opening - entries.iter().map(|entry| entry.amount).sum::<Decimal>();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>{day}</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>\
         <Stmt><Id>{day}</Id><CreDtTm>{day}T20:00:00</CreDtTm><Acct><Id><IBAN>{OUR_IBAN}</IBAN></Id>\
         <Ccy>EUR</Ccy><Ownr><Nm>{BUYER}</Nm></Ownr></Acct>"
    );
    for (code, amount) in [("OPBD", opening), ("CLBD", closing)] {
        let _ = write!(
            xml,
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount:.2}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        );
    }
    for (place, entry) in entries.iter().enumerate() {
        let Entry { amount, end_to_end, name, text } = entry;
        let name = name.replace('&', "&amp;");
        let _ = write!(
            xml,
            "<Ntry><Amt Ccy=\"EUR\">{amount:.2}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>\
             <AcctSvcrRef>{day}-{place}</AcctSvcrRef><NtryDtls><TxDtls>\
             <Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><Amt Ccy=\"EUR\">{amount:.2}</Amt>\
             <CdtDbtInd>DBIT</CdtDbtInd><RltdPties><Cdtr><Pty><Nm>{name}</Nm></Pty></Cdtr></RltdPties>\
             <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        );
    }
    xml.push_str("</Stmt></BkToCstmrStmt></Document>");
    xml
}
