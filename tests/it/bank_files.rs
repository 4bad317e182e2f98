//! Bank statements made to measure: camt.053 with what a test wants in it.

use std::fmt::Write;

/// One entry of a statement.
#[derive(Debug, Clone)]
pub(crate) struct Booked<'a> {
    /// The bank's own reference; entries with the same one, day and amount are one.
    pub(crate) reference: &'a str,
    /// Signed: negative went out.
    pub(crate) cents: i64,
    /// `PDNG` or `BOOK`.
    pub(crate) status: &'a str,
    pub(crate) reversal: bool,
    pub(crate) end_to_end: Option<&'a str>,
    pub(crate) text: &'a str,
    pub(crate) counterparty: &'a str,
    pub(crate) iban: &'a str,
}

pub(crate) const OUR_IBAN: &str = "DE89370400440532013000";

/// The account of the invoices of `samples`.
pub(crate) const THEIR_IBAN: &str = "DE02120300000000202051";

/// So much went out, with this text.
pub(crate) fn paid<'a>(reference: &'a str, cents: i64, text: &'a str) -> Booked<'a> {
    Booked {
        reference,
        cents: -cents,
        status: "BOOK",
        reversal: false,
        end_to_end: None,
        text,
        counterparty: "Schrauben Meier GmbH",
        iban: THEIR_IBAN,
    }
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn sign(cents: i64) -> &'static str {
    if cents < 0 { "DBIT" } else { "CRDT" }
}

/// A camt.053 of one day; its closing balance is its opening balance and its entries.
pub(crate) fn camt053(id: &str, day: &str, opening: i64, entries: &[Booked<'_>]) -> String {
    let booked = entries.iter().filter(|entry| entry.status == "BOOK");
    let closing = opening + booked.map(|entry| entry.cents).sum::<i64>();
    camt053_that_closes(id, day, (opening, closing), entries)
}

/// The same with any closing balance.
pub(crate) fn camt053_that_closes(
    id: &str,
    day: &str,
    (opening, closing): (i64, i64),
    entries: &[Booked<'_>],
) -> String {
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>{id}</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{id}</Id><CreDtTm>{day}T20:00:00</CreDtTm>
<Acct><Id><IBAN>{OUR_IBAN}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>Muster AG</Nm></Ownr></Acct>
"#
    );
    for (code, cents) in [("OPBD", opening), ("CLBD", closing)] {
        writeln!(
            xml,
            r#"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"#,
            money(cents),
            sign(cents)
        )
        .expect("a string takes everything");
    }
    entries.iter().for_each(|entry| write_entry(&mut xml, day, entry));
    xml.push_str("</Stmt></BkToCstmrStmt></Document>");
    xml
}

fn write_entry(xml: &mut String, day: &str, entry: &Booked<'_>) {
    let end_to_end = entry.end_to_end.unwrap_or("NOTPROVIDED");
    // The other side, as the payment itself says it: a return has the sides of its original.
    let out = (entry.cents < 0) != entry.reversal;
    let party = if out { "Cdtr" } else { "Dbtr" };
    let reversal = if entry.reversal { "<RvslInd>true</RvslInd>" } else { "" };
    let back = if entry.reversal { "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" } else { "" };
    let (counterparty, iban, text) = (entry.counterparty, entry.iban, entry.text);
    write!(
        xml,
        r#"<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{reversal}<Sts><Cd>{status}</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>
<RltdPties><{party}><Pty><Nm>{counterparty}</Nm></Pty></{party}><{party}Acct><Id><IBAN>{iban}</IBAN></Id></{party}Acct></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf>{back}</TxDtls></NtryDtls></Ntry>
"#,
        amount = money(entry.cents),
        sign = sign(entry.cents),
        status = entry.status,
        reference = entry.reference,
    )
    .expect("a string takes everything");
}
