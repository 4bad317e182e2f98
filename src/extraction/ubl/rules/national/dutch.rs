//! The Netherlands.

use rust_decimal::Decimal;

use crate::extraction::rules::Test::{Exists, Holds};
use crate::extraction::rules::equation::amount;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal};
use crate::extraction::tree::Element;

const INCOMPLETE: &str = "the address has no street, no city or no post code";
const COMPLETE: &str = "state street, city and post code";
const UNKNOWN: &str = "the legal id is of neither scheme 0106 (KvK) nor 0190 (OIN)";
const KNOWN: &str = "state the number of KvK or OIN";

#[rustfmt::skip]
pub(super) static SELLER: &[Rule] = &[
    fatal("NL-R-001", "BT-25", "/cbc:CreditNoteTypeCode", Holds(
        |code| code.parent().is_some_and(|root| {
            Path::known("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID").exists(root)
        }),
        "a Dutch credit note names no invoice", "state the number of the invoice")),
    fatal("NL-R-002", "BG-5", "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress",
        Holds(is_complete, INCOMPLETE, COMPLETE)),
    fatal("NL-R-003", "BT-30",
        "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
        Holds(is_registered, UNKNOWN, KNOWN)),
    fatal("NL-R-006", "BG-12", "cac:TaxRepresentativeParty/cac:PostalAddress", Holds(
        |at| is_complete(at) || at.find("cac:Country/cbc:IdentificationCode")
            .is_none_or(|code| !code.trimmed().eq_ignore_ascii_case("NL")),
        INCOMPLETE, COMPLETE)),
    fatal("NL-R-007", "BT-81", "cac:LegalMonetaryTotal", Holds(has_means,
        "something is payable, and no payment means is stated", "state how to pay")),
    fatal("NL-R-009", "BT-13", "cac:OrderLineReference/cbc:LineID", Holds(
        |line| std::iter::successors(Some(line), |at| at.parent()).last()
            .is_some_and(|root| Path::known("cac:OrderReference/cbc:ID").exists(root)),
        "a line refers to an order that the document does not name", "state the order number")),
];

#[rustfmt::skip]
pub(super) static BOTH: &[Rule] = &[
    fatal("NL-R-004", "BG-8", "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress",
        Holds(is_complete, INCOMPLETE, COMPLETE)),
    fatal("NL-R-005", "BT-47",
        "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
        Holds(is_registered, UNKNOWN, KNOWN)),
    fatal("NL-R-008", "BT-81", "cac:PaymentMeans[cbc:PaymentMeansCode]",
        Exists(".[cbc:PaymentMeansCode=30,48,49,57,58,59]")),
];

fn is_complete(address: Element<'_, '_>) -> bool {
    ["cbc:StreetName", "cbc:CityName", "cbc:PostalZone"]
        .iter()
        .all(|part| address.find(part).is_some())
}

fn is_registered(id: Element<'_, '_>) -> bool {
    matches!(id.attribute("schemeID"), Some("0106" | "0190")) && !id.trimmed().is_empty()
}

fn has_means(totals: Element<'_, '_>) -> bool {
    let Some(root) = totals.parent() else {
        return true;
    };
    let due = amount(totals, "cbc:PayableAmount");
    let nothing = due.is_some_and(|due| match root.local() {
        "CreditNote" => due >= Decimal::ZERO,
        _ => due <= Decimal::ZERO,
    });
    nothing || root.find("cac:PaymentMeans").is_some()
}
