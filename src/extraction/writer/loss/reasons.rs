//! Why a value is lost, for people.

use crate::extraction::writer::loss::differences::Difference;
use crate::extraction::writer::markup::is_allowed;
use crate::extraction::writer::{Format, discounts};
use crate::models::finding::Severity;
use crate::models::invoice::Invoice;

/// How bad a difference is, and why there is one.
pub(crate) fn reason(difference: &Difference, invoice: &Invoice, to: Format) -> (Severity, String) {
    let usual = match (&difference.meant, &difference.read) {
        (None, _) => Severity::Information,
        _ => Severity::Warning,
    };
    if to == Format::Ubl && difference.pointer.starts_with("/cash_discounts/") {
        return discount(difference, invoice);
    }
    let why = of_the_text(difference)
        .or_else(|| of_the_syntax(&generic(&difference.pointer), to).map(str::to_owned))
        .unwrap_or_else(|| match (&difference.meant, &difference.read) {
            (Some(_), None) => format!("{} has no place for it", to.name()),
            (None, _) => format!("{} asks for it", to.name()),
            _ => format!("{} cannot say it as it is", to.name()),
        });
    (usual, why)
}

/// Discounts have no element in UBL, and lines of BT-20 in Germany.
fn discount(difference: &Difference, invoice: &Invoice) -> (Severity, String) {
    let number = difference.pointer.split('/').nth(2).and_then(|number| number.parse().ok());
    let discount = number.and_then(|number: usize| invoice.cash_discounts.get(number));
    if discount.is_some_and(|discount| discounts::has_line(discount, invoice)) {
        if difference.pointer.ends_with("/amount") {
            let why = "UBL has no element for it, and a line of the payment terms (BT-20) has the \
                       percentage alone";
            return (Severity::Warning, why.to_owned());
        }
        let why = "UBL has no element for it; it is a line of the payment terms (BT-20, #SKONTO#)";
        return (Severity::Information, why.to_owned());
    }
    let why = "UBL has no element for it, and it is no line of the payment terms (BT-20): that \
               needs days, a percentage of two decimals, and terms without such lines";
    (Severity::Warning, why.to_owned())
}

/// What no XML of ours would keep.
fn of_the_text(difference: &Difference) -> Option<String> {
    let meant = difference.meant.as_deref()?;
    let forbidden: Vec<String> = meant
        .chars()
        .filter(|letter| !is_allowed(*letter))
        .map(|letter| format!("U+{:04X}", u32::from(letter)))
        .collect();
    if let Some(first) = forbidden.first() {
        let count = forbidden.len();
        return Some(format!("XML cannot have {count} of its characters, such as {first}"));
    }
    let read = difference.read.as_deref()?;
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (folded(meant) == folded(read)).then(|| "only the white space in it is another".to_owned())
}

/// A pointer without its numbers: `/lines/unit`.
fn generic(pointer: &str) -> String {
    let names = pointer.split('/').filter(|step| step.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join("/")
}

/// Beginnings of pointers, each with the reason that all below it have.
type Reasons = [(&'static str, &'static str)];

const BOTH: &Reasons = &[
    ("/specification", "it must name its rules, and the invoice names none: EN 16931 was written"),
    (
        "/supporting_documents/attachment",
        "the content of the attachment was not at hand; the invoice has its hash alone",
    ),
    ("/lines/unit_as_written", "it is outside EN 16931; the code of the unit (BT-130) is written"),
    ("/lines/unit", "a unit is an attribute of the quantity (BT-129), and there is none"),
    (
        "/lines/price_base_unit",
        "a unit is an attribute of the base quantity (BT-149), and there is none",
    ),
    (
        "/totals/tax_in_tax_currency",
        "it is told from BT-110 by its currency: BT-6 is missing or the same as BT-5",
    ),
    ("/period", "a period without a day says nothing"),
    ("/lines/period", "a period without a day says nothing"),
];

const UBL: &Reasons = &[
    ("/kind", "BT-3 is a type of credit note"),
    ("/lines/parent", "EN 16931 has no sub-lines in UBL"),
    ("/lines/status", "EN 16931 has no sub-lines in UBL"),
    (
        "/lines/price_discount",
        "UBL has the gross price in its discount, which follows: BT-148 - BT-146",
    ),
    ("/payments/direct_debit/creditor", "UBL has one creditor id in a document"),
    ("/payments", "UBL has the due date of a credit note among the ways to pay"),
    ("/notes", "UBL has the subject code (BT-21) as #AAA# before the text"),
];

const CII: &Reasons = &[
    ("/cash_discounts/days", "the last day is written, which says the same"),
    ("/kind", "CII tells credit notes by BT-3 alone"),
    ("/preceding_invoices", "CII D16B has room for one"),
    ("/payments/remittance", "CII has it once in a document"),
    ("/payments/direct_debit", "CII has one mandate and one creditor id in a document"),
    ("/tax_point_date", "CII has it in a row of the tax (BG-23), and there is none"),
    ("/tax_point_code", "CII has it in the rows of the tax (BG-23), as code for 3, 35 or 432"),
];

fn of_the_syntax(generic: &str, to: Format) -> Option<&'static str> {
    let own = match to {
        Format::Ubl => UBL,
        Format::Cii => CII,
    };
    let below = |of: &str| {
        let rest = generic.strip_prefix(of);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let known = own.iter().chain(BOTH).find(|(of, _)| below(of));
    known.map(|(_, why)| *why)
}
