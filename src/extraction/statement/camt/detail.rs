//! A payment (`TxDtls`) of a camt entry.

use rust_decimal::Decimal;

use crate::extraction::statement::camt::entry::codes;
use crate::extraction::statement::camt::money::{amount, is_credit, signed_amount};
use crate::extraction::statement::camt::{account_id, bank};
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{prose, reference, word};
use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::statement::{BankEntry, Charge, Counterparty, CreditorReference};
use crate::models::statement::{EntryDetail, InstructedAmount, Remittance};

/// From where the account holder looks at a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'o> {
    /// Whether money came in.
    pub(crate) credit: bool,
    /// The holder's account.
    pub(crate) own: Option<&'o str>,
}

/// Reads a payment; nothing of it is required.
pub(crate) fn read(
    (at, place): (Element<'_, '_>, &str),
    side: Side<'_>,
    remarks: &mut Remarks,
) -> EntryDetail {
    let text = |path: &str| at.find_named(path).map(|found| found.text());
    let id = |path: &str| text(path).and_then(|text| reference(&text));
    let (amount, currency) = own_amount((at, place), side.credit, remarks);
    EntryDetail {
        amount,
        currency,
        bank_reference: id("Refs/AcctSvcrRef"),
        end_to_end_id: id("Refs/EndToEndId"),
        instruction_id: id("Refs/InstrId"),
        payment_information_id: id("Refs/PmtInfId"),
        transaction_id: id("Refs/TxId").or_else(|| id("Refs/ClrSysRef")),
        cheque_number: id("Refs/ChqNb"),
        mandate: id("Refs/MndtId"),
        creditor_id: creditor_id(at),
        instructed: instructed(at),
        exchange_rate: exchange_rate(at),
        charges: charges(at),
        counterparty: counterparty(at, side),
        remittance: at.find_named("RmtInf").map(remittance).unwrap_or_default(),
        purpose: id("Purp/Cd").or_else(|| id("Purp/Prtry")),
        codes: at.find_named("BkTxCd").map(codes).unwrap_or_default(),
        return_reason: return_reason(at),
        information: information(at),
    }
}

/// What the entry itself says of amounts belongs to its only payment.
pub(crate) fn of_entry(at: Element<'_, '_>, entry: &mut BankEntry) {
    let (instructed, exchange_rate) = (instructed(at), exchange_rate(at));
    if instructed.is_none() && exchange_rate.is_none() {
        return;
    }
    if entry.details.is_empty() {
        entry.details.push(EntryDetail::default());
    }
    if let [only] = entry.details.as_mut_slice() {
        only.instructed = only.instructed.take().or(instructed);
        only.exchange_rate = only.exchange_rate.or(exchange_rate);
    }
}

/// `Amt` since version 04, `AmtDtls/TxAmt` before; the sign is the payment's own, else the entry's.
fn own_amount(
    (at, place): (Element<'_, '_>, &str),
    credit: bool,
    remarks: &mut Remarks,
) -> (Option<Decimal>, Option<String>) {
    if at.find_named("Amt").is_some() {
        let read = signed_amount((at, place), Some(credit), remarks);
        return read.map_or((None, None), |(amount, currency)| (Some(amount), currency));
    }
    let Some((amount, currency)) = amount(at, "AmtDtls/TxAmt/Amt") else {
        return (None, None);
    };
    let credit = is_credit(at).unwrap_or(credit);
    (Some(if credit { amount } else { -amount }), currency)
}

fn instructed(at: Element<'_, '_>) -> Option<InstructedAmount> {
    let (amount, currency) = amount(at, "AmtDtls/InstdAmt/Amt")?;
    Some(InstructedAmount { amount, currency })
}

fn exchange_rate(at: Element<'_, '_>) -> Option<Decimal> {
    let details = at.find_named("AmtDtls")?;
    let rates = ["InstdAmt", "TxAmt", "CntrValAmt", "AnncdPstngAmt"];
    rates.iter().find_map(|name| {
        let path = format!("{name}/CcyXchg/XchgRate");
        xsd::decimal(&details.find_named(&path)?.text())
    })
}

/// Charges: one group each in version 02, records inside one group since 04.
pub(crate) fn charges(at: Element<'_, '_>) -> Vec<Charge> {
    let mut charges = Vec::new();
    for group in at.all_named("Chrgs") {
        let records: Vec<Element<'_, '_>> = group.all_named("Rcrd").collect();
        let records = if records.is_empty() { vec![group] } else { records };
        charges.extend(records.into_iter().filter_map(charge));
    }
    charges
}

fn charge(at: Element<'_, '_>) -> Option<Charge> {
    let (amount, currency) = amount(at, "Amt").or_else(|| amount(at, "TtlChrgsAndTaxAmt"))?;
    // A charge without indicator is what charges are: taken.
    let credit = is_credit(at).unwrap_or(false);
    let included = at.find_named("ChrgInclInd").and_then(|found| xsd::boolean(&found.text()));
    let kinds = ["Tp/Cd", "Tp/Prtry/Id", "Tp/Prtry", "Br"];
    let kind = kinds.iter().find_map(|path| word(&at.find_named(path)?.text()));
    Some(Charge { amount: if credit { amount } else { -amount }, currency, included, kind })
}

/// The debtor of what came in, the creditor of what went out. Where that is the holder itself, as
/// banks write it when a payment comes back, it is the other one.
fn counterparty(at: Element<'_, '_>, side: Side<'_>) -> Counterparty {
    let debtor = || party(at, "Dbtr");
    let creditor = || party(at, "Cdtr");
    let (wanted, other) = if side.credit { (debtor(), creditor()) } else { (creditor(), debtor()) };
    let is_own =
        |party: &Counterparty| party.account.is_some() && party.account.as_deref() == side.own;
    if is_own(&wanted) && !is_own(&other) && !other.is_empty() {
        return other;
    }
    wanted
}

fn party(at: Element<'_, '_>, role: &str) -> Counterparty {
    let parties = at.find_named("RltdPties");
    let name = |role: &str| {
        // Since version 08 a party stands inside a choice.
        let paths =
            [format!("{role}/Nm"), format!("{role}/Pty/Nm"), format!("{role}/Agt/FinInstnId/Nm")];
        paths.iter().find_map(|path| word(&parties?.find_named(path)?.text()))
    };
    let account = parties.and_then(|parties| parties.find_named(&format!("{role}Acct/Id")));
    let agent =
        at.find_named("RltdAgts").and_then(|agents| agents.find_named(&format!("{role}Agt")));
    Counterparty {
        name: name(role),
        ultimate_name: name(&format!("Ultmt{role}")),
        account: account.and_then(account_id),
        bank: agent.and_then(bank),
    }
}

/// The creditor identifier: a private id of the creditor under scheme SEPA, or any where there is
/// a mandate.
fn creditor_id(at: Element<'_, '_>) -> Option<String> {
    let creditor = at.find_named("RltdPties/Cdtr")?;
    let creditor = creditor.find_named("Pty").unwrap_or(creditor);
    let has_mandate = at.find_named("Refs/MndtId").is_some();
    let ids = creditor.find_named("Id/PrvtId")?.all_named("Othr");
    let mut ids = ids.filter(|id| {
        let scheme = id.find_named("SchmeNm/Prtry").or_else(|| id.find_named("SchmeNm/Cd"));
        scheme.map_or(has_mandate, |scheme| scheme.text() == "SEPA")
    });
    word(&ids.next()?.find_named("Id")?.text())
}

fn remittance(at: Element<'_, '_>) -> Remittance {
    let mut remittance = Remittance::default();
    remittance.unstructured.extend(at.all_named("Ustrd").filter_map(|line| prose(&line.text())));
    for part in at.all_named("Strd") {
        // Version 01 said `CdtrRef`.
        let reference = ["Ref", "CdtrRef"]
            .iter()
            .find_map(|name| word(&part.find_named("CdtrRefInf")?.find_named(name)?.text()));
        let kinds = ["Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "CdtrRefTp/Cd"];
        let kind = kinds
            .iter()
            .find_map(|path| word(&part.find_named("CdtrRefInf")?.find_named(path)?.text()));
        remittance
            .structured
            .extend(reference.map(|reference| CreditorReference { reference, kind }));
        for document in part.all_named("RfrdDocInf") {
            let number = document.find_named("Nb").or_else(|| document.find_named("RfrdDocNb"));
            remittance.unstructured.extend(number.and_then(|number| prose(&number.text())));
        }
        let more = part.all_named("AddtlRmtInf").filter_map(|line| prose(&line.text()));
        remittance.unstructured.extend(more);
    }
    remittance
}

fn return_reason(at: Element<'_, '_>) -> Option<String> {
    let paths = ["RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd", "RtrInf/RtrRsn/Prtry"];
    paths.iter().find_map(|path| word(&at.find_named(path)?.text()))
}

/// The words of the bank: of the payment, and of its return.
fn information(at: Element<'_, '_>) -> Option<String> {
    let payment = at.find_named("AddtlTxInf").map(|found| found.text());
    let returned = at.find_named("RtrInf");
    let returned = returned.into_iter().flat_map(|found| found.all_named("AddtlInf"));
    let words: Vec<String> =
        payment.into_iter().chain(returned.map(|found| found.text())).collect();
    prose(&words.join("\n"))
}
