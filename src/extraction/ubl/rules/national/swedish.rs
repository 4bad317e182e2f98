//! Sweden.

use rust_decimal::Decimal;

use crate::extraction::rules::Test::Holds;
use crate::extraction::rules::equation::amount;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;

const PARTY: &str = "cac:AccountingSupplierParty/cac:Party";
const ENTITY: &str = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity[cbc:CompanyID]";
const PLUSGIRO: &str = "cac:PaymentMeans[cbc:PaymentMeansCode=30][cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID=SE:PLUSGIRO]/cac:PayeeFinancialAccount/cbc:ID";
const BANKGIRO: &str = "cac:PaymentMeans[cbc:PaymentMeansCode=30][cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID=SE:BANKGIRO]/cac:PayeeFinancialAccount/cbc:ID";

#[rustfmt::skip]
pub(super) static SELLER: &[Rule] = &[
    fatal("SE-R-001", "BT-31", PARTY, Holds(
        |party| vat_id(party).is_none_or(|id| id.chars().count() == 14),
        "a Swedish VAT id has 14 characters", "state SE and 12 digits")),
    fatal("SE-R-002", "BT-31", PARTY, Holds(
        |party| vat_id(party).is_none_or(|id| is_number(id.get(2..14).unwrap_or(&id[2..]))),
        "a Swedish VAT id has digits behind SE", "state SE and 12 digits")),
    fatal("SE-R-003", "BT-30", ENTITY, Holds(
        |entity| organisation(entity).is_some_and(|id| is_number(&id)),
        "a Swedish organisation number has digits alone", "state its 10 digits")),
    fatal("SE-R-004", "BT-30", ENTITY, Holds(
        |entity| organisation(entity).is_some_and(|id| id.chars().count() == 10),
        "a Swedish organisation number has 10 digits", "state its 10 digits")),
    fatal("SE-R-005", "BT-32",
        "cac:AccountingSupplierParty/cac:Party[cac:PartyLegalEntity/cbc:CompanyID]/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^!=VAT]/cbc:CompanyID",
        Holds(|id| id.trimmed().to_uppercase() == "GODKÄND FÖR F-SKATT",
        "the tax number of a Swedish seller says something else", "state Godkänd för F-skatt")),
    fatal("SE-R-006", "BT-96 BT-103 BT-119 BT-152",
        "cac:TaxCategory[cbc:ID=S] | cac:ClassifiedTaxCategory[cbc:ID=S]", Holds(
        |tax| RATES.iter().any(|rate| amount(tax, "cbc:Percent") == Some(Decimal::from(*rate))),
        "Sweden has the rates 25, 12 and 6", "use one of the rates")),
    warning("SE-R-007", "BT-84", PLUSGIRO, Holds(|id| is_number(&id.trimmed()),
        "a number of Plusgirot has digits alone", "state its digits")),
    warning("SE-R-010", "BT-84", PLUSGIRO, Holds(
        |id| (2..=8).contains(&id.trimmed().chars().count()),
        "a number of Plusgirot has 2 to 8 digits", "state its digits")),
    warning("SE-R-008", "BT-84", BANKGIRO, Holds(|id| is_number(&id.trimmed()),
        "a number of Bankgirot has digits alone", "state its digits")),
    warning("SE-R-009", "BT-84", BANKGIRO, Holds(
        |id| matches!(id.trimmed().chars().count(), 7 | 8),
        "a number of Bankgirot has 7 or 8 digits", "state its digits")),
    warning("SE-R-011", "BT-81", "cac:PaymentMeans[cbc:PaymentMeansCode=50,56]", Holds(|_| false,
        "Sweden uses code 30 for giro payments", "use 30 with SE:PLUSGIRO or SE:BANKGIRO")),
    fatal("SE-R-013", "BT-30", ENTITY, Holds(
        |entity| organisation(entity).is_some_and(|id| has_check_digit(&id)),
        "the check digit of the organisation number is wrong", "correct the number")),
];

#[rustfmt::skip]
pub(super) static BOTH: &[Rule] = &[
    warning("SE-R-012", "BT-81", "cac:PaymentMeans[cbc:PaymentMeansCode=31]", Holds(|_| false,
        "Sweden uses code 30 for transfers", "use code 30")),
];

const RATES: [u32; 3] = [25, 12, 6];

/// A VAT id that says that it is Swedish.
fn vat_id(party: Element<'_, '_>) -> Option<String> {
    let path = Path::known("cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=VAT]/cbc:CompanyID");
    let id = path.first(party)?.into_owned();
    id.starts_with("SE").then_some(id)
}

fn organisation(entity: Element<'_, '_>) -> Option<String> {
    entity.text_at("cbc:CompanyID")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Luhn over the first ten digits.
fn has_check_digit(id: &str) -> bool {
    if !is_number(id) || id.len() < 10 {
        return false;
    }
    let sum: u32 = id[..10]
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
