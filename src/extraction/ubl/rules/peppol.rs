//! Rules of Peppol BIS Billing 3 (UBL, May 2025) that need the document itself: they count for
//! documents that are held to Peppol, and validation drops them for all others.

use rust_decimal::Decimal;

use crate::extraction::rules::Test::{AtMost, Code, Exists, Holds, Once, OneExists};
use crate::extraction::rules::equation::{amount, cents, sum};
use crate::extraction::rules::lists::{
    ALLOWANCE_REASONS, ATTACHMENT_TYPES, CHARGE_REASONS, CURRENCIES, PEPPOL_ADDRESSES,
    PEPPOL_CREDIT_NOTES, PEPPOL_INVOICES, TAX_POINTS_UBL,
};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal};
use crate::extraction::tree::Element;
use crate::extraction::xsd;

const LINE: &str = "cac:InvoiceLine | cac:CreditNoteLine";
const SIDE: &str = "/cac:AllowanceCharge | /cac:InvoiceLine/cac:AllowanceCharge | \
                    /cac:CreditNoteLine/cac:AllowanceCharge";
/// The VAT total in the currency of BT-6 has no subtotals, and is in another currency.
const AMOUNTS: &str = "cbc:Amount | cbc:BaseAmount | cbc:PriceAmount | \
    cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount | cac:TaxSubtotal/cbc:TaxAmount | \
    cbc:TaxableAmount | cbc:LineExtensionAmount | cbc:TaxExclusiveAmount | \
    cbc:TaxInclusiveAmount | cbc:AllowanceTotalAmount | cbc:ChargeTotalAmount | \
    cbc:PrepaidAmount | cbc:PayableRoundingAmount | cbc:PayableAmount";
const EVERY_AMOUNT: &str = "cbc:Amount | cbc:BaseAmount | cbc:PriceAmount | cbc:TaxAmount | \
    cbc:TaxableAmount | cbc:LineExtensionAmount | cbc:TaxExclusiveAmount | \
    cbc:TaxInclusiveAmount | cbc:AllowanceTotalAmount | cbc:ChargeTotalAmount | \
    cbc:PrepaidAmount | cbc:PayableRoundingAmount | cbc:PayableAmount";
const DAYS: &str = "cbc:IssueDate | cbc:DueDate | cbc:TaxPointDate | cbc:StartDate | \
                    cbc:EndDate | cbc:ActualDeliveryDate";
/// What `round(100 x)` of two amounts may differ by, in units of the currency.
const SLACK: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("PEPPOL-EN16931-R001", "BT-23", "/", Exists("cbc:ProfileID")),
    fatal("PEPPOL-EN16931-R003", "BT-10 BT-13", "/",
        OneExists(&["cbc:BuyerReference", "cac:OrderReference/cbc:ID"])),
    fatal("PEPPOL-EN16931-R008", "", "*", Holds(
        |at| at.elements().next().is_some() || !at.trimmed().is_empty(),
        "the element is empty", "leave the element out, or fill it")),
    fatal("PEPPOL-EN16931-R043", "BG-20 BG-21 BG-27 BG-28", SIDE, Holds(
        |at| Path::known("cbc:ChargeIndicator").any(at, |said| matches!(said, "true" | "false")),
        "the indicator is neither true nor false", "state true for a charge, false otherwise")),
    fatal("PEPPOL-EN16931-R044", "BT-147", "cac:Price/cac:AllowanceCharge", Holds(
        |at| Path::known("cbc:ChargeIndicator").any(at, |said| said == "false"),
        "a charge stands in the price", "put the charge on the line")),
    fatal("PEPPOL-EN16931-R051", "BT-5", AMOUNTS, Holds(is_in_document_currency,
        "the amount is not in the currency of the document (BT-5)",
        "state every amount but BT-111 in the currency of the document")),
    fatal("PEPPOL-EN16931-R053", "BG-23", "/", Once("cac:TaxTotal[cac:TaxSubtotal]")),
    fatal("PEPPOL-EN16931-R054", "BT-111", "/", Holds(
        |root| root.all("cac:TaxTotal").filter(|tax| tax.find("cac:TaxSubtotal").is_none()).count()
            == usize::from(root.find("cbc:TaxCurrencyCode").is_some()),
        "there is not one VAT total without subtotals where BT-6 is stated, and none elsewhere",
        "state BT-111 once when BT-6 is stated, and leave it out otherwise")),
    fatal("PEPPOL-EN16931-R061", "BT-89", "cac:PaymentMeans[cbc:PaymentMeansCode=49,59]",
        Exists("cac:PaymentMandate/cbc:ID")),
    fatal("PEPPOL-EN16931-R080", "BT-11", "/", Holds(one_project,
        "a credit note refers to two projects", "keep one of them")),
    fatal("PEPPOL-EN16931-R100", "BT-128", LINE, AtMost(1, "cac:DocumentReference")),
    fatal("PEPPOL-EN16931-R101", "BT-128", LINE, Holds(
        |line| line.find("cac:DocumentReference").is_none()
            || Path::known("cac:DocumentReference/cbc:DocumentTypeCode").any(line, |c| c == "130"),
        "a document of a line is not an invoiced object (type 130)", "state type 130")),
    fatal("PEPPOL-EN16931-R120", "BT-131 BT-129 BT-146 BT-149", LINE, Holds(line_net,
        "the net amount is not quantity × price / base quantity + charges − allowances",
        "compute the net amount of the line anew")),
    fatal("PEPPOL-EN16931-CL001", "BT-125", "cbc:EmbeddedDocumentBinaryObject",
        Code("@mimeCode", &ATTACHMENT_TYPES)),
    fatal("PEPPOL-EN16931-CL002", "BT-98 BT-140",
        "cac:AllowanceCharge[cbc:ChargeIndicator=false]/cbc:AllowanceChargeReasonCode",
        Code(".", &ALLOWANCE_REASONS)),
    fatal("PEPPOL-EN16931-CL003", "BT-105 BT-145",
        "cac:AllowanceCharge[cbc:ChargeIndicator=true]/cbc:AllowanceChargeReasonCode",
        Code(".", &CHARGE_REASONS)),
    fatal("PEPPOL-EN16931-CL006", "BT-8", "cac:InvoicePeriod/cbc:DescriptionCode",
        Code(".", &TAX_POINTS_UBL)),
    fatal("PEPPOL-EN16931-CL007", "BT-5", EVERY_AMOUNT, Holds(
        |at| at.attribute("currencyID").is_some_and(|code| CURRENCIES.has(code)),
        "the currency is no code of ISO 4217", "use a code of ISO 4217")),
    fatal("PEPPOL-EN16931-CL008", "BT-34 BT-49", "cbc:EndpointID",
        Code("@schemeID", &PEPPOL_ADDRESSES)),
    fatal("PEPPOL-EN16931-F001", "", DAYS, Holds(
        |at| { let day = at.text(); day.len() == 10 && xsd::date(&day).is_some() },
        "the date is not of the form 2026-11-30", "write year, month and day, without a zone")),
    fatal("PEPPOL-EN16931-P0100", "BT-3", "cbc:InvoiceTypeCode", Holds(
        |at| !is_billing(at) || PEPPOL_INVOICES.has(&at.trimmed()),
        "Peppol does not allow this type for invoices", "use 380, or another type that it allows")),
    fatal("PEPPOL-EN16931-P0101", "BT-3", "cbc:CreditNoteTypeCode", Holds(
        |at| !is_billing(at) || PEPPOL_CREDIT_NOTES.has(&at.trimmed()),
        "Peppol does not allow this type for credit notes", "use 381, 396, 81, 83 or 532")),
];

fn root_of<'a, 'i: 'a>(at: Element<'a, 'i>) -> Element<'a, 'i> {
    let around = std::iter::successors(Some(at), |at| at.parent());
    around.take_while(|at| at.local() != "StandardBusinessDocument").last().unwrap_or(at)
}

fn is_in_document_currency(at: Element<'_, '_>) -> bool {
    // Values stand before groups in UBL: a document without a currency is not searched to its end
    // for each amount.
    let mut values = root_of(at).elements().take_while(|child| !child.local().ends_with("Line"));
    let currency = values.find(|child| child.local() == "DocumentCurrencyCode");
    let currency = currency.map(Element::trimmed);
    at.attribute("currencyID").is_some_and(|code| currency.as_deref() == Some(code))
}

fn one_project(root: Element<'_, '_>) -> bool {
    root.local() != "CreditNote"
        || Path::known("cac:AdditionalDocumentReference[cbc:DocumentTypeCode=50]").count(root, 2)
            <= 1
}

/// Process 01 of billing, which the profile (BT-23) names.
fn is_billing(at: Element<'_, '_>) -> bool {
    let profile = root_of(at).find("cbc:ProfileID").map(Element::trimmed);
    profile.is_some_and(|profile| profile == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
}

/// Absent figures have defaults here: another rule says that they are absent.
fn line_net(line: Element<'_, '_>) -> bool {
    let figure = |path, default| amount(line, path).unwrap_or(default);
    let quantity = figure("cbc:InvoicedQuantity", figure("cbc:CreditedQuantity", Decimal::ONE));
    let price = figure("cac:Price/cbc:PriceAmount", Decimal::ZERO);
    let base = figure("cac:Price/cbc:BaseQuantity", Decimal::ONE);
    let base = if base.is_zero() { Decimal::ONE } else { base };
    let goods = price.checked_div(base).and_then(|price| price.checked_mul(quantity));
    let charges = cents(sum(line, "cac:AllowanceCharge[cbc:ChargeIndicator=true]/cbc:Amount"));
    let allowances = cents(sum(line, "cac:AllowanceCharge[cbc:ChargeIndicator=false]/cbc:Amount"));
    let net = goods.and_then(|goods| goods.checked_add(charges?)?.checked_sub(allowances?));
    let stated = figure("cbc:LineExtensionAmount", Decimal::ZERO);
    net.is_some_and(|net| (stated - net).abs() <= SLACK)
}
