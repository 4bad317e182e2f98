//! Rules that no path can say: comparisons, dates, what is told apart across groups.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::extraction::rules::Test::{Absent, Holds};
use crate::extraction::rules::equation::amount;
use crate::extraction::rules::lists::{NOTE_SUBJECTS, SCHEMES, VAT_PREFIXES};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;
use crate::extraction::xsd;

const LINE: &str = "cac:InvoiceLine | cac:CreditNoteLine";
const SUPPORTING: &str = "cac:AdditionalDocumentReference";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-17", "BT-59", "cac:PayeeParty", Holds(payee_is_another,
        "the payee has no name, or is the seller itself",
        "name the payee, and leave the group out when the seller is paid")),
    fatal("BR-27", "BT-146", LINE, Holds(price_is_positive,
        "the net price is negative or missing",
        "state a positive price, and a negative quantity for what is taken back")),
    fatal("BR-28", "BT-148", LINE, Holds(gross_price_is_positive,
        "the gross price is negative", "state a positive price")),
    fatal("BR-29", "BT-73 BT-74", "cac:InvoicePeriod", Holds(period_of_document,
        "the period ends before it starts", "correct the dates of the period")),
    fatal("BR-30", "BT-134 BT-135", "cac:InvoicePeriod", Holds(period_of_line,
        "the period of the line ends before it starts", "correct the dates of the period")),
    warning("BR-51", "BT-87", "cac:PaymentMeans/cac:CardAccount/cbc:PrimaryAccountNumberID",
        Holds(|at| at.trimmed().chars().count() <= 10,
            "the card number shows more than ten digits",
            "show the first six and the last four digits alone")),
    fatal("BR-53", "BT-111", "/", Holds(tax_in_tax_currency,
        "there is no VAT total in the VAT accounting currency (BT-6)",
        "state the VAT total in the currency of BT-6 too")),
    fatal("BR-CO-03", "BT-7 BT-8", "/", Holds(one_tax_point,
        "the tax point is stated as a date and as a code", "keep one of BT-7 and BT-8")),
    fatal("BR-CO-09", "BT-31 BT-48 BT-63", "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]",
        Holds(vat_prefix, "the VAT id has no prefix of a country",
            "begin the VAT id with the two letters of its country")),
    fatal("BR-CO-19", "BG-14", "cac:InvoicePeriod", Holds(dates_of_document,
        "the period has neither a start nor an end", "state one of them, or leave the period out")),
    fatal("BR-CL-08", "BT-21", "/cbc:Note", Holds(note_subject,
        "the subject code of the note is no code of UNTDID 4451", "use a code of UNTDID 4451")),
    fatal("BR-CL-10", "BT-29 BT-46 BT-60", "cac:PartyIdentification/cbc:ID[@schemeID]",
        Holds(party_scheme, "the scheme of the identifier is no code of ISO 6523",
            "use a code of ISO 6523, or leave the scheme out")),
    fatal("UBL-DT-01", "", "*Amount", Holds(has_cents_at_most,
        "the amount has more than two decimals", "round the amount to two decimals")),
    fatal("UBL-SR-19", "BT-59", "cac:PayeeParty", Holds(
        |at| payee_once(at, "cac:PartyName/cbc:Name"),
        "the payee has two names, or the name of the seller", "name another payee, once")),
    fatal("UBL-SR-20", "BT-60", "cac:PayeeParty", Holds(
        |at| payee_once(at, "cac:PartyIdentification/cbc:ID[@schemeID^!=SEPA]"),
        "the payee has two identifiers, or the name of the seller",
        "keep one identifier of the payee, who is not the seller")),
    fatal("UBL-SR-21", "BT-61", "cac:PayeeParty", Holds(
        |at| payee_once(at, "cac:PartyLegalEntity/cbc:CompanyID"),
        "the payee has two legal identifiers, or the name of the seller",
        "keep one legal identifier of the payee, who is not the seller")),
    fatal("UBL-SR-29", "BT-90", "/", Holds(one_creditor,
        "there are two identifiers of the bank's creditor (SEPA)", "keep one of them")),
    fatal("UBL-SR-43", "BT-18 BT-122", SUPPORTING, Holds(supporting_document,
        "a supporting document has no type and no scheme: they belong to the invoiced object (130) \
         or the project of a credit note (50)",
        "leave out DocumentTypeCode and the scheme, or state type 130")),
    fatal("UBL-SR-44", "BT-83", "/", Holds(|at| same(at, "PaymentID"),
        "the payment references (BT-83) differ", "state the same reference in all of them")),
    fatal("UBL-SR-47", "BT-81", "/", Holds(|at| same(at, "PaymentMeansCode"),
        "the codes of the payment means (BT-81) differ", "state one code for all of them")),
    warning("UBL-CR-002", "", "/", Holds(
        |at| at.find("cbc:UBLVersionID").is_none_or(|version| version.trimmed() == "2.1"),
        "the document is not of UBL 2.1", "write UBL 2.1, or leave the version out")),
    fatal("UBL-SR-13", "BT-32", "/cac:AccountingSupplierParty/cac:Party", Holds(one_tax_number,
        "the seller has two tax numbers", "keep one of them")),
    warning("UBL-DT-18", "", "*", Holds(
        |at| at.local() == "PaymentMeansCode" || !at.has_attribute("name"),
        "a name stands as an attribute", "leave @name out but for the payment means (BT-82)")),
    warning("UBL-CR-664", "BT-86", "cac:FinancialInstitutionBranch",
        Absent("cac:FinancialInstitution")),
    warning("UBL-CR-680", "", "cac:PaymentMeans", Absent("cac:PayerFinancialAccount")),
];

fn payee_is_another(payee: Element<'_, '_>) -> bool {
    let seller = payee.parent().and_then(|root| root.find("cac:AccountingSupplierParty/cac:Party"));
    let same = |path: &'static str| {
        let (path, mut texts) = (Path::known(path), HashSet::new());
        path.any(payee, |text| {
            texts.insert(text.to_owned());
            false
        });
        seller.is_some_and(|seller| path.any(seller, |text| texts.contains(text)))
    };
    Path::known("cac:PartyName/cbc:Name").exists(payee)
        && !same("cac:PartyName/cbc:Name")
        && !same("cac:PartyIdentification/cbc:ID")
}

/// What UBL-SR-19 to 21 have in common: at most one of the path, and a name that is not the
/// registered name of the seller. An absent name on either side breaks them as well.
fn payee_once(payee: Element<'_, '_>, path: &'static str) -> bool {
    let seller = payee.parent().and_then(|root| {
        root.find("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")
    });
    let name = payee.find("cac:PartyName/cbc:Name");
    let differs = match (name, seller) {
        (Some(name), Some(seller)) => name.trimmed() != seller.trimmed(),
        _ => false,
    };
    Path::known(path).count(payee, 2) <= 1 && differs
}

/// Prices have as many decimals as they need, and so have the amounts of a price with a discount.
fn has_cents_at_most(amount: Element<'_, '_>) -> bool {
    let text = amount.trimmed();
    let fits = text.split_once('.').is_none_or(|(_, cents)| cents.len() <= 2);
    fits || amount.local().ends_with("PriceAmount") || {
        let around = std::iter::successors(amount.parent(), |at| at.parent());
        let mut prices = around.filter(|at| at.local() == "Price");
        prices.any(|price| price.find("cac:AllowanceCharge").is_some())
    }
}

fn price_is_positive(line: Element<'_, '_>) -> bool {
    amount(line, "cac:Price/cbc:PriceAmount").is_some_and(|price| price >= Decimal::ZERO)
}

fn gross_price_is_positive(line: Element<'_, '_>) -> bool {
    let path = "cac:Price/cac:AllowanceCharge/cbc:BaseAmount";
    let absent = !Path::known(path).exists(line);
    absent || amount(line, path).is_some_and(|price| price >= Decimal::ZERO)
}

fn is_of_line(period: Element<'_, '_>) -> bool {
    let line = |parent: Element<'_, '_>| matches!(parent.local(), "InvoiceLine" | "CreditNoteLine");
    period.parent().is_some_and(line)
}

fn period_of_document(period: Element<'_, '_>) -> bool {
    is_of_line(period) || period_runs_forward(period)
}

fn period_of_line(period: Element<'_, '_>) -> bool {
    !is_of_line(period) || period_runs_forward(period)
}

/// Dates that are none are reported elsewhere.
fn period_runs_forward(period: Element<'_, '_>) -> bool {
    let day = |path: &str| period.find(path).and_then(|day| xsd::date(&day.trimmed()));
    match (day("cbc:StartDate"), day("cbc:EndDate")) {
        (Some(start), Some(end)) => end >= start,
        _ => true,
    }
}

fn dates_of_document(period: Element<'_, '_>) -> bool {
    let paths = ["cbc:StartDate", "cbc:EndDate", "cbc:DescriptionCode"];
    is_of_line(period) || paths.iter().any(|path| period.find(path).is_some())
}

fn tax_in_tax_currency(root: Element<'_, '_>) -> bool {
    let amounts = || root.all("cac:TaxTotal").flat_map(|total| total.all("cbc:TaxAmount"));
    root.all("cbc:TaxCurrencyCode").all(|currency| {
        let currency = currency.trimmed();
        amounts().any(|amount| amount.attribute("currencyID") == Some(currency.as_ref()))
    })
}

fn one_tax_point(root: Element<'_, '_>) -> bool {
    root.find("cbc:TaxPointDate").is_none()
        || !Path::known("cac:InvoicePeriod/cbc:DescriptionCode").exists(root)
}

/// The artefact looks the first two characters up in a text of all codes, so that an absent id
/// passes.
fn vat_prefix(scheme: Element<'_, '_>) -> bool {
    scheme.find("cbc:CompanyID").is_none_or(|id| {
        let id = id.trimmed();
        let prefix: String = id.chars().take(2).collect();
        id.is_empty() || VAT_PREFIXES.has(&prefix)
    })
}

/// `#AAI#text`; what is no subject code between two signs is text.
fn note_subject(note: Element<'_, '_>) -> bool {
    let text = note.trimmed();
    let mut parts = text.splitn(3, '#').skip(1);
    match (parts.next(), parts.next()) {
        (Some(code), Some(_)) if code.chars().count() == 3 => NOTE_SUBJECTS.has(code),
        _ => true,
    }
}

fn party_scheme(id: Element<'_, '_>) -> bool {
    let scheme = id.attribute("schemeID").unwrap_or_default();
    let may_collect = || id.is_inside("AccountingSupplierParty") || id.is_inside("PayeeParty");
    SCHEMES.has(scheme) || (scheme == "SEPA" && may_collect())
}

/// A scheme without a name is no VAT.
fn one_tax_number(party: Element<'_, '_>) -> bool {
    let is_other = |scheme: &Element<'_, '_>| {
        let mut schemes = scheme.all("cac:TaxScheme").map(|tax| tax.find("cbc:ID"));
        schemes.any(|id| id.is_none_or(|id| !id.trimmed().eq_ignore_ascii_case("VAT")))
    };
    let others = party.all("cac:PartyTaxScheme").filter(is_other);
    let mut ids = others.flat_map(|scheme| scheme.all("cbc:CompanyID"));
    ids.nth(1).is_none()
}

fn one_creditor(root: Element<'_, '_>) -> bool {
    let ids = root.descendants().filter(|at| at.local() == "PartyIdentification");
    let ids = ids.flat_map(|group| group.all("cbc:ID"));
    let of_bank = |id: &Element<'_, '_>| {
        id.attribute("schemeID").is_some_and(|scheme| scheme.eq_ignore_ascii_case("SEPA"))
    };
    ids.filter(of_bank).nth(1).is_none()
}

fn supporting_document(document: Element<'_, '_>) -> bool {
    let code = document.find("cbc:DocumentTypeCode");
    let of_credit_note = document.parent().is_some_and(|root| root.local() == "CreditNote");
    match code.map(Element::trimmed).as_deref() {
        Some("130") => true,
        Some("50") => of_credit_note,
        Some(_) => false,
        None => !Path::known("cbc:ID/@schemeID").exists(document),
    }
}

/// Whether all elements of one name say the same.
fn same(root: Element<'_, '_>, local: &str) -> bool {
    let mut all = root.descendants().filter(|at| at.local() == local && at.is_basic());
    let Some(first) = all.next() else {
        return true;
    };
    let first = first.trimmed();
    all.all(|other| other.trimmed() == first)
}
