//! Germany, where seller and buyer are there: what XRechnung asks for under other ids.

use std::collections::HashSet;

use crate::extraction::rules::Test::{Absent, Exists, Filled, Holds};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;

const SELLER: &str = "/cac:AccountingSupplierParty/cac:Party/cac:PostalAddress";
const BUYER: &str = "/cac:AccountingCustomerParty/cac:Party/cac:PostalAddress";
const CONTACT: &str = "/cac:AccountingSupplierParty/cac:Party/cac:Contact";
const DELIVERY: &str = "/cac:Delivery/cac:DeliveryLocation/cac:Address";
const TRANSFER: &str = "/cac:PaymentMeans[cbc:PaymentMeansCode=30,58]";
const CARD: &str = "/cac:PaymentMeans[cbc:PaymentMeansCode=48,54,55]";
const DEBIT: &str = "/cac:PaymentMeans[cbc:PaymentMeansCode=59]";
const CREDITOR: &str =
    "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID[@schemeID=SEPA]";

#[rustfmt::skip]
pub(super) static BOTH: &[Rule] = &[
    fatal("DE-R-001", "BG-16", "/", Exists("cac:PaymentMeans")),
    fatal("DE-R-002", "BG-6", "/cac:AccountingSupplierParty", Exists("cac:Party/cac:Contact")),
    fatal("DE-R-003", "BT-37", SELLER, Filled("cbc:CityName")),
    fatal("DE-R-004", "BT-38", SELLER, Filled("cbc:PostalZone")),
    fatal("DE-R-005", "BT-41", CONTACT, Filled("cbc:Name")),
    fatal("DE-R-006", "BT-42", CONTACT, Filled("cbc:Telephone")),
    fatal("DE-R-007", "BT-43", CONTACT, Filled("cbc:ElectronicMail")),
    fatal("DE-R-008", "BT-52", BUYER, Filled("cbc:CityName")),
    fatal("DE-R-009", "BT-53", BUYER, Filled("cbc:PostalZone")),
    fatal("DE-R-010", "BT-77", DELIVERY, Filled("cbc:CityName")),
    fatal("DE-R-011", "BT-78", DELIVERY, Filled("cbc:PostalZone")),
    fatal("DE-R-014", "BT-119", "/cac:TaxTotal/cac:TaxSubtotal",
        Filled("cac:TaxCategory/cbc:Percent")),
    fatal("DE-R-015", "BT-10", "/", Filled("cbc:BuyerReference")),
    warning("DE-R-017", "BT-3", "/", Holds(
        |root| ["cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"].iter().any(|path| {
            root.find(path).is_some_and(|code| TYPES.contains(&code.trimmed().as_ref()))
        }),
        "the type is none that German receivers expect", "use 380, 381, 384 or 389")),
    fatal("DE-R-022", "BT-125", "/", Holds(names_differ,
        "two attachments have the same file name", "give each attachment a name of its own")),
    fatal("DE-R-023-1", "BG-17", TRANSFER, Exists("cac:PayeeFinancialAccount")),
    fatal("DE-R-023-2", "BG-18", TRANSFER, Absent("cac:CardAccount")),
    fatal("DE-R-023-2", "BG-19", TRANSFER, Absent("cac:PaymentMandate")),
    fatal("DE-R-024-1", "BG-18", CARD, Exists("cac:CardAccount")),
    fatal("DE-R-024-2", "BG-17", CARD, Absent("cac:PayeeFinancialAccount")),
    fatal("DE-R-024-2", "BG-19", CARD, Absent("cac:PaymentMandate")),
    fatal("DE-R-025-1", "BG-19", DEBIT, Exists("cac:PaymentMandate")),
    fatal("DE-R-025-2", "BG-17", DEBIT, Absent("cac:PayeeFinancialAccount")),
    fatal("DE-R-025-2", "BG-18", DEBIT, Absent("cac:CardAccount")),
    warning("DE-R-026", "BG-3", "/", Holds(
        |root| !["cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"].iter().any(|path| {
            root.find(path).is_some_and(|code| code.trimmed() == "384")
        }) || Path::known("cac:BillingReference/cac:InvoiceDocumentReference").exists(root),
        "a corrected invoice (384) names no invoice", "state the number of the invoice")),
    warning("DE-R-027", "BT-42", CONTACT, Holds(
        |contact| contact.text_at("cbc:Telephone")
            .is_some_and(|text| text.chars().filter(char::is_ascii_digit).count() >= 3),
        "the telephone number has less than three digits", "state a telephone number")),
    warning("DE-R-028", "BT-43", CONTACT, Holds(
        |contact| contact.text_at("cbc:ElectronicMail").is_some_and(|text| is_mail(&text)),
        "the mail address is none", "state an address with one @ and a domain")),
    fatal("DE-R-030", "BT-90", "/", Holds(
        |root| !Path::known("cac:PaymentMeans/cac:PaymentMandate").exists(root)
            || Path::known(CREDITOR).exists(root)
            || Path::known("cac:PayeeParty/cac:PartyIdentification/cbc:ID[@schemeID=SEPA]")
                .exists(root),
        "a direct debit names no creditor", "state the creditor's id with scheme SEPA")),
    fatal("DE-R-031", "BT-91", "/", Holds(
        |root| !Path::known("cac:PaymentMeans/cac:PaymentMandate").exists(root)
            || Path::known("cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID")
                .exists(root),
        "a direct debit names no account", "state the account that is charged")),
];

const TYPES: [&str; 8] = ["326", "380", "384", "389", "381", "875", "876", "877"];

fn names_differ(root: Element<'_, '_>) -> bool {
    let mut names = HashSet::new();
    root.all("cac:AdditionalDocumentReference").all(|document| {
        let content = document.find("cac:Attachment/cbc:EmbeddedDocumentBinaryObject");
        let name = content.and_then(|content| content.attribute("filename"));
        name.is_none_or(|name| names.insert(name))
    })
}

fn is_mail(text: &str) -> bool {
    let Some((user, domain)) = text.split_once('@') else {
        return false;
    };
    let part = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let labels: Vec<_> = domain.split('.').collect();
    user.split('.').all(|name| part(name, "!#$%&\"*+/=?^_`{|}~-"))
        && labels.len() > 1
        && labels
            .iter()
            .all(|label| part(label, "-") && !label.starts_with('-') && !label.ends_with('-'))
}
