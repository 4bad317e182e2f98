//! Rules that no path can say.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::extraction::rules::Test::{Absent, Holds};
use crate::extraction::rules::equation::amount;
use crate::extraction::rules::lists::{SCHEMES, VAT_PREFIXES_CII};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;
use crate::extraction::xsd;

const AGREEMENT: &str = "/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement";
const LINE: &str = "ram:IncludedSupplyChainTradeLineItem";
const NOT_SUPPORTING: &str = "belongs to a supporting document (type 916) alone";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-17", "BT-59", "ram:PayeeTradeParty", Holds(payee_is_another,
        "the payee has no name, or is the seller itself",
        "name the payee, and leave the group out when the seller is paid")),
    fatal("BR-27", "BT-146", LINE, Holds(price_is_positive,
        "the net price is negative or missing",
        "state a positive price, and a negative quantity for what is taken back")),
    fatal("BR-28", "BT-148", LINE, Holds(gross_price_is_positive,
        "the gross price is negative", "state a positive price")),
    fatal("BR-29", "BT-73 BT-74",
        "ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod", Holds(runs_forward,
        "the period ends before it starts", "correct the dates of the period")),
    fatal("BR-30", "BT-134 BT-135",
        "ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod", Holds(runs_forward,
        "the period of the line ends before it starts", "correct the dates of the period")),
    fatal("BR-51", "BT-87", "ram:ApplicableTradeSettlementFinancialCard", Holds(
        |card| !Path::known("ram:ID").any(card, |number| number.chars().count() > 10),
        "the card number shows more than ten digits",
        "show the first six and the last four digits alone")),
    fatal("BR-53", "BT-111", "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        Holds(tax_in_tax_currency,
        "there is no VAT total in the VAT accounting currency (BT-6), or BT-6 is BT-5",
        "state the VAT total in the currency of BT-6 too, or leave BT-6 out")),
    fatal("BR-DEC-13", "BT-110", "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        Holds(|totals| has_cents(totals, "ram:InvoiceCurrencyCode", true),
        "the VAT total has more than two decimals", "round the amount to two decimals")),
    fatal("BR-DEC-15", "BT-111", "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        Holds(|totals| has_cents(totals, "ram:TaxCurrencyCode", false),
        "there is no VAT total in the VAT accounting currency (BT-6) of two decimals at most",
        "state the VAT total in the currency of BT-6, rounded to two decimals")),
    fatal("BR-CO-03", "BT-7 BT-8", "ram:ApplicableHeaderTradeSettlement", Holds(one_tax_point,
        "the tax point is stated as a date and as a code", "keep one of BT-7 and BT-8")),
    fatal("BR-CO-09", "BT-31 BT-48 BT-63", "ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]",
        Holds(|id| VAT_PREFIXES_CII.has(&id.trimmed().chars().take(2).collect::<String>()),
        "the VAT id has no prefix of a country",
        "begin the VAT id with the two letters of its country")),
    fatal("BR-CL-10", "BT-29 BT-46 BT-60", "ram:GlobalID[@schemeID]", Holds(global_scheme,
        "the scheme of the identifier is no code of ISO 6523", "use a code of ISO 6523")),
    fatal("BR-CL-11", "BT-30 BT-47 BT-61", "ram:ID[@schemeID]", Holds(legal_scheme,
        "the scheme of the identifier is no code of ISO 6523", "use a code of ISO 6523")),
    fatal("CII-DT-015", "BT-124", "*ReferencedDocument",
        Holds(|at| supports(at, "ram:URIID", "916"), "a URIID", NOT_SUPPORTING)),
    fatal("CII-DT-018", "BT-17 BT-18 BG-24", "*ReferencedDocument", Holds(
        |at| ["50", "130", "916"].iter().any(|code| supports(at, "ram:TypeCode", code)),
        "a referenced document has a type that EN 16931 does not use",
        "use type 50, 130 or 916 in an AdditionalReferencedDocument, and none elsewhere")),
    fatal("CII-DT-021", "BT-123", "*ReferencedDocument",
        Holds(|at| supports(at, "ram:Name", "916"), "a Name", NOT_SUPPORTING)),
    fatal("CII-DT-022", "BT-125", "*ReferencedDocument", Holds(
        |at| supports(at, "ram:AttachmentBinaryObject", "916"), "an attachment", NOT_SUPPORTING)),
    fatal("CII-DT-024", "BT-18", "*ReferencedDocument", Holds(
        |at| supports(at, "ram:ReferenceTypeCode", "130"),
        "a ReferenceTypeCode belongs to the invoiced object (type 130) alone",
        "leave out ReferenceTypeCode, or state type 130")),
    fatal("CII-DT-027", "BT-26", "*ReferencedDocument", Holds(
        |at| at.find("ram:FormattedIssueDateTime").is_none()
            || at.local() == "InvoiceReferencedDocument",
        "only a preceding invoice is referred to with its date", "leave out the date")),
    fatal("CII-DT-031", "", "*Amount", Holds(
        |at| at.local() == "TaxTotalAmount" || !at.has_attribute("currencyID"),
        "the amount has a currency of its own; it is in the currency of the document (BT-5)",
        "leave out @currencyID but for the VAT totals")),
    fatal("CII-DT-033", "BT-150", "/rsm:SupplyChainTradeTransaction", Holds(has_unit_of_line,
        "a quantity has a unit, and no billed quantity has one",
        "state the unit of the billed quantity")),
    fatal("CII-DT-037", "", "*TradeTax", Holds(
        |at| !Path::known("ram:TypeCode").exists(at)
            || Path::known("ram:TypeCode").any(at, |code| code == "VAT"),
        "the tax is another than VAT", "state VAT as its TypeCode")),
    warning("CII-DT-041", "BT-116", "*TradeTax", Holds(|at| of_header(at, "ram:BasisAmount"),
        "a taxable amount stands outside of the VAT breakdown", "leave it out")),
    warning("CII-DT-052", "BT-121", "*TradeTax", Holds(
        |at| of_breakdown(at, "ram:ExemptionReasonCode"),
        "a reason of exemption stands with an allowance or charge", "leave it out")),
    warning("CII-DT-098", "BT-120", "*TradeTax", Holds(
        |at| of_breakdown(at, "ram:ExemptionReason"),
        "a reason of exemption stands with an allowance or charge", "leave it out")),
    warning("CII-DT-054", "BT-7", "*TradeTax", Holds(|at| of_header(at, "ram:TaxPointDate"),
        "a tax point stands outside of the VAT breakdown", "leave it out")),
    warning("CII-DT-058", "BT-8", "*TradeTax", Holds(|at| of_header(at, "ram:DueDateTypeCode"),
        "a tax point stands outside of the VAT breakdown", "leave it out")),
    fatal("CII-DT-097", "", "udt:DateTimeString[@format=102]", Holds(is_day,
        "the date is not of the form 20261130", "write year, month and day as eight digits")),
    warning("CII-SR-119", "BT-147", "ram:SpecifiedLineTradeAgreement", Holds(price_discount,
        "the discount of the price has no indicator or no amount",
        "state the indicator false and the amount, or leave the group out")),
    warning("CII-SR-449", "BT-71", "ram:ApplicableHeaderTradeDelivery", Holds(
        |at| one_id(at, "ram:ShipToTradeParty"),
        "the place of delivery has an ID and a GlobalID", "keep one of them")),
    warning("CII-SR-450", "BT-46", AGREEMENT, Holds(|at| one_id(at, "ram:BuyerTradeParty"),
        "the buyer has an ID and a GlobalID", "keep one of them")),
    warning("CII-SR-451", "BT-60", "ram:ApplicableHeaderTradeSettlement", Holds(
        |at| one_id(at, "ram:PayeeTradeParty"),
        "the payee has an ID and a GlobalID", "keep one of them")),
    fatal("CII-SR-462", "BT-8", "ram:ApplicableHeaderTradeSettlement", Holds(
        |at| same(at, "ram:ApplicableTradeTax/ram:DueDateTypeCode"),
        "the codes of the tax point (BT-8) differ", "state the same code in every subtotal")),
    warning("CII-SR-465", "BT-41", AGREEMENT, Holds(
        |at| one_contact(at, "ram:SellerTradeParty/ram:DefinedTradeContact"),
        "the contact has a person and a department", "keep one of them")),
    warning("CII-SR-466", "BT-56", AGREEMENT, Holds(
        |at| one_contact(at, "ram:BuyerTradeParty/ram:DefinedTradeContact"),
        "the contact has a person and a department", "keep one of them")),
    fatal("CII-SR-467", "BT-81", "ram:ApplicableHeaderTradeSettlement", Holds(
        |at| same(at, "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode"),
        "the codes of the payment means (BT-81) differ", "state one code for all of them")),
    fatal("CII-SR-468", "BT-82", "ram:ApplicableHeaderTradeSettlement", Holds(
        |at| same(at, "ram:SpecifiedTradeSettlementPaymentMeans/ram:Information"),
        "the texts of the payment means (BT-82) differ", "state one text for all of them")),
    warning("CII-SR-464", "", "ram:SpecifiedTradeSettlementPaymentMeans",
        Absent("ram:PayerSpecifiedDebtorFinancialInstitution")),
];

fn payee_is_another(payee: Element<'_, '_>) -> bool {
    let transaction = payee.parent().and_then(Element::parent);
    let seller = transaction
        .and_then(|at| at.find("ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty"));
    let same = |path: &'static str| {
        let (path, mut texts) = (Path::known(path), HashSet::new());
        path.any(payee, |text| {
            texts.insert(text.to_owned());
            false
        });
        seller.is_some_and(|seller| path.any(seller, |text| texts.contains(text)))
    };
    Path::known("ram:Name").exists(payee)
        && !same("ram:Name")
        && !same("ram:ID")
        && !same("ram:SpecifiedLegalOrganization/ram:ID")
}

fn price_is_positive(line: Element<'_, '_>) -> bool {
    let path = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount";
    amount(line, path).is_some_and(|price| price >= Decimal::ZERO)
}

fn gross_price_is_positive(line: Element<'_, '_>) -> bool {
    let path = "ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice/ram:ChargeAmount";
    let absent = !Path::known(path).exists(line);
    absent || amount(line, path).is_some_and(|price| price >= Decimal::ZERO)
}

/// Dates of another form equal nothing, so that a period with one breaks the rule.
fn runs_forward(period: Element<'_, '_>) -> bool {
    let (start, end) = (period.find("ram:StartDateTime"), period.find("ram:EndDateTime"));
    let (Some(start), Some(end)) = (start, end) else {
        return true;
    };
    let day = Path::known("udt:DateTimeString[@format=102]");
    day.first(start).zip(day.first(end)).is_some_and(|(start, end)| end >= start)
}

fn tax_in_tax_currency(totals: Element<'_, '_>) -> bool {
    let Some(settlement) = totals.parent() else {
        return true;
    };
    let Some(currency) = settlement.find("ram:TaxCurrencyCode") else {
        return true;
    };
    let currency = currency.trimmed();
    let is_other = settlement
        .find("ram:InvoiceCurrencyCode")
        .is_none_or(|document| document.trimmed() != currency);
    let mut amounts = totals.all("ram:TaxTotalAmount");
    is_other && amounts.any(|tax| tax.attribute("currencyID") == Some(currency.as_ref()))
}

/// Whether one of the VAT totals is in the currency and has two decimals at most, or is in another
/// currency where that is enough. Without VAT totals, or without the currency, nothing is asked.
fn has_cents(totals: Element<'_, '_>, currency: &str, other_is_enough: bool) -> bool {
    let currency = totals.parent().and_then(|settlement| settlement.find(currency));
    let Some(currency) = currency.map(Element::trimmed) else {
        return true;
    };
    let mut amounts = totals.all("ram:TaxTotalAmount").peekable();
    amounts.peek().is_none()
        || amounts.any(|tax| match tax.attribute("currencyID") == Some(currency.as_ref()) {
            true => amount(tax, ".").is_some_and(|value| value.normalize().scale() <= 2),
            false => other_is_enough,
        })
}

fn one_tax_point(settlement: Element<'_, '_>) -> bool {
    !(Path::known("ram:ApplicableTradeTax/ram:TaxPointDate").exists(settlement)
        && Path::known("ram:ApplicableTradeTax/ram:DueDateTypeCode").exists(settlement))
}

fn global_scheme(id: Element<'_, '_>) -> bool {
    let elsewhere = id.is_inside("SpecifiedTradeProduct") || id.is_inside("ShipToTradeParty");
    elsewhere || SCHEMES.has(id.attribute("schemeID").unwrap_or_default())
}

fn legal_scheme(id: Element<'_, '_>) -> bool {
    id.is_inside("SpecifiedTaxRegistration")
        || id.parent().is_some_and(|parent| parent.local() == "OriginTradeCountry")
        || SCHEMES.has(id.attribute("schemeID").unwrap_or_default())
}

/// A part stands in additional documents of one type alone.
fn supports(document: Element<'_, '_>, part: &str, code: &str) -> bool {
    document.find(part).is_none()
        || (document.local() == "AdditionalReferencedDocument"
            && document.all("ram:TypeCode").any(|found| found.trimmed() == code))
}

/// Judged once, since each quantity would have all lines searched.
fn has_unit_of_line(transaction: Element<'_, '_>) -> bool {
    let billed = "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeDelivery/\
                  ram:BilledQuantity/@unitCode";
    let mut all = transaction.descendants();
    Path::known(billed).exists(transaction)
        || !all.any(|at| at.local().ends_with("Quantity") && at.has_attribute("unitCode"))
}

fn of_header(tax: Element<'_, '_>, part: &str) -> bool {
    tax.find(part).is_none() || tax.is_inside("ApplicableHeaderTradeSettlement")
}

fn of_breakdown(tax: Element<'_, '_>, part: &str) -> bool {
    tax.find(part).is_none() || tax.local() == "ApplicableTradeTax"
}

/// Eight digits that could be a day; whether the month has it is not asked.
fn is_day(date: Element<'_, '_>) -> bool {
    let text = date.trimmed();
    let part = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u32>().ok())
    };
    text.len() == 8
        && part(0, 4).is_some()
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
        && part(6, 8).is_some_and(|day| (1..=31).contains(&day))
}

fn price_discount(agreement: Element<'_, '_>) -> bool {
    let groups: Vec<_> = agreement
        .all("ram:GrossPriceProductTradePrice")
        .flat_map(|price| price.all("ram:AppliedTradeAllowanceCharge"))
        .collect();
    let indicator = |at: &Element<'_, '_>| {
        let said = at.find("ram:ChargeIndicator/udt:Indicator")?;
        xsd::boolean(&said.trimmed())
    };
    let allows = groups.iter().any(|at| indicator(at) == Some(false));
    let has = |part: &str| groups.iter().any(|at| at.find(part).is_some());
    let amounts = has("ram:ActualAmount");
    (allows && amounts) || (!has("ram:ChargeIndicator") && !amounts)
}

fn one_id(at: Element<'_, '_>, party: &str) -> bool {
    let has = |id: &str| at.all(party).any(|party| party.find(id).is_some());
    !(has("ram:ID") && has("ram:GlobalID"))
}

fn one_contact(at: Element<'_, '_>, path: &'static str) -> bool {
    let contacts = |name: &str| {
        let (party, contact) = path.split_once('/').unwrap_or((path, ""));
        let mut all = at.all(party).flat_map(|party| party.all(contact));
        all.any(|contact| contact.find(name).is_some())
    };
    !(contacts("ram:PersonName") && contacts("ram:DepartmentName"))
}

fn same(at: Element<'_, '_>, path: &'static str) -> bool {
    let path = Path::known(path);
    let Some(first) = path.first(at) else {
        return true;
    };
    !path.any(at, |other| other != first)
}
