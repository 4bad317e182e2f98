//! Denmark.

use rust_decimal::Decimal;

use crate::extraction::rules::Test::{Filled, Holds};
use crate::extraction::rules::equation::amount;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;

const MEANS: &str = "/cac:PaymentMeans";
const COMPANY: &str = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID";

#[rustfmt::skip]
pub(super) static SELLER: &[Rule] = &[
    fatal("DK-R-002", "BT-30", "/", Filled(COMPANY)),
    fatal("DK-R-014", "BT-30", "/", Holds(
        |root| root.find(COMPANY).is_none_or(|id| id.attribute("schemeID") == Some("0184")),
        "the legal id of a Danish seller is not of scheme 0184 (CVR)", "state the CVR number")),
    fatal("DK-R-016", "BT-115", "/", Holds(credit_is_positive,
        "a Danish credit note gives less than nothing", "send an invoice instead")),
];

#[rustfmt::skip]
pub(super) static BOTH: &[Rule] = &[
    fatal("DK-R-013", "BT-29 BT-46",
        "/cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification[cbc:ID] | \
         /cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification[cbc:ID]",
        Filled("cbc:ID/@schemeID")),
    fatal("DK-R-005", "BT-81", MEANS, Holds(
        |means| !is_invoice(means) || one_of(means, &MEANS_CODES),
        "the payment means is not one that Denmark has", "use another code of UNTDID 4461")),
    fatal("DK-R-006", "BT-84 BT-86", MEANS, Holds(
        |means| !asks(means, &["31", "42"]) || (filled(means, "cac:PayeeFinancialAccount/cbc:ID")
            && filled(means, "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID")),
        "a bank transfer has no account or no registration number", "state both")),
    fatal("DK-R-007", "BT-89 BT-91", MEANS, Holds(
        |means| !asks(means, &["49"]) || (filled(means, "cac:PaymentMandate/cbc:ID")
            && filled(means, "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID")),
        "a direct debit has no mandate or no account", "state both")),
    fatal("DK-R-008", "BT-83 BT-84", MEANS, Holds(
        |means| !asks(means, &["50"]) || (begins(means, &["01#", "04#", "15#"])
            && Path::known("cac:PayeeFinancialAccount/cbc:ID").any(means, |id| {
                (7..=8).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
            })),
        "a giro payment has no kind (01#, 04#, 15#) or no account of 7 or 8 digits", "state both")),
    fatal("DK-R-009", "BT-83", MEANS, Holds(
        |means| !asks(means, &["50"]) || !begins(means, &["04#", "15#"]) || long(means, &[19]),
        "the reference of a giro payment has not 16 digits", "state 04# or 15# and 16 digits")),
    fatal("DK-R-010", "BT-83 BT-84", MEANS, Holds(
        |means| !asks(means, &["93"]) || (begins(means, &["71#", "73#", "75#"])
            && Path::known("cac:PayeeFinancialAccount/cbc:ID").any(means, |id| {
                id.chars().count() == 8
            })),
        "an FIK payment has no kind (71#, 73#, 75#) or no account of 8 digits", "state both")),
    fatal("DK-R-011", "BT-83", MEANS, Holds(
        |means| !asks(means, &["93"]) || !begins(means, &["71#", "75#"]) || long(means, &[18, 19]),
        "the reference of an FIK payment has not 15 or 16 digits",
        "state 71# or 75# and 15 or 16 digits")),
    warning("DK-R-003", "BT-158", "/cac:InvoiceLine | /cac:CreditNoteLine", Holds(classes,
        "UNSPSC is not of version 19.05.01 or 26.08.01", "state one of the two versions")),
    fatal("DK-R-004", "BT-97 BT-104", "cac:AllowanceCharge", Holds(tax_reason,
        "the reason of a tax (ZZZ) is neither a code of four digits nor of the form code#text",
        "state the code of the tax")),
];

const MEANS_CODES: [&str; 11] = ["1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97"];

fn is_invoice(at: Element<'_, '_>) -> bool {
    at.parent().is_some_and(|root| root.local() == "Invoice")
}

fn one_of(means: Element<'_, '_>, codes: &[&str]) -> bool {
    Path::known("cbc:PaymentMeansCode").any(means, |code| codes.contains(&code))
}

fn asks(means: Element<'_, '_>, codes: &[&str]) -> bool {
    is_invoice(means) && one_of(means, codes)
}

fn filled(at: Element<'_, '_>, path: &'static str) -> bool {
    Path::known(path).any(at, |text| !text.is_empty())
}

fn begins(means: Element<'_, '_>, kinds: &[&str]) -> bool {
    Path::known("cbc:PaymentID").any(means, |id| kinds.iter().any(|kind| id.starts_with(kind)))
}

fn long(means: Element<'_, '_>, lengths: &[usize]) -> bool {
    Path::known("cbc:PaymentID").any(means, |id| lengths.contains(&id.chars().count()))
}

fn credit_is_positive(root: Element<'_, '_>) -> bool {
    let buyer = "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/\
                 cbc:IdentificationCode";
    let is_danish = root.find(buyer).is_some_and(|code| code.trimmed() == "DK");
    let due = amount(root, "cac:LegalMonetaryTotal/cbc:PayableAmount");
    root.local() != "CreditNote" || !is_danish || due.is_none_or(|due| due >= Decimal::ZERO)
}

fn classes(line: Element<'_, '_>) -> bool {
    const VERSIONS: [&str; 4] = ["19.05.01", "19.0501", "26.08.01", "26.0801"];
    let of = |attribute: &'static str| Path::known(attribute);
    let list = of("cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode/@listID");
    let version =
        of("cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode/@listVersionID");
    !list.any(line, |list| list == "TST") || version.any(line, |it| VERSIONS.contains(&it))
}

fn tax_reason(group: Element<'_, '_>) -> bool {
    let code = group.find("cbc:AllowanceChargeReasonCode").map(Element::trimmed);
    if code.as_deref() != Some("ZZZ") {
        return true;
    }
    let reason = group.find("cbc:AllowanceChargeReason").map(Element::trimmed);
    reason.is_some_and(|reason| {
        let digits = reason.len() == 4 && reason.bytes().all(|byte| byte.is_ascii_digit());
        let named = reason.contains('#') && !reason.starts_with('#') && !reason.ends_with('#');
        digits || named
    })
}
