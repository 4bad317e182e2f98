//! Codes that no reading is sure of: currencies, countries, units, VAT categories. Where the
//! official rules ran they have said it themselves, and more besides.

use en16931::codes::generated::{COUNTRY_CODES, UNIT_CODES, VAT_CATEGORY_CODES};

use crate::models::extraction::Syntax;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;
use crate::models::money::Currency;
use crate::validation::finding;

/// Currency, tax currency, countries, units, categories of lines and of subtotals.
pub(crate) const RULES: usize = 6;

/// Looks every code up.
pub(crate) fn judge(invoice: &Invoice, syntax: Syntax) -> Vec<Finding> {
    if syntax.is_en16931() {
        return Vec::new();
    }
    let mut found = Vec::new();
    currencies(invoice, &mut found);
    let countries =
        [("BT-40", &invoice.seller.address.country), ("BT-55", &invoice.buyer.address.country)];
    for (term, country) in countries {
        let list = (COUNTRY_CODES, "a country code of two letters (ISO 3166-1), such as DE");
        look_up("COUNTRY_UNKNOWN", term, term.to_owned(), (country.as_deref(), list), &mut found);
    }
    let categories = (VAT_CATEGORY_CODES, "a VAT category of UNTDID 5305, such as S");
    for (index, subtotal) in invoice.tax.iter().enumerate() {
        let place = format!("BG-23[{}]/BT-118", index + 1);
        let said = (subtotal.category.as_deref(), categories);
        look_up("TAX_CATEGORY_UNKNOWN", "BT-118", place, said, &mut found);
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        let place = |term: &str| format!("BG-25[{}]/{term}", index + 1);
        let units = (UNIT_CODES, "a unit code of UN/ECE Recommendation 20, such as C62");
        let unit = (line.unit.as_deref(), units);
        look_up("UNIT_UNKNOWN", "BT-130", place("BT-130"), unit, &mut found);
        let category = (line.tax_category.as_deref(), categories);
        look_up("TAX_CATEGORY_UNKNOWN", "BT-151", place("BT-151"), category, &mut found);
    }
    found
}

fn currencies(invoice: &Invoice, found: &mut Vec<Finding>) {
    for (term, currency) in [("BT-5", &invoice.currency), ("BT-6", &invoice.tax_currency)] {
        if let Some(Err(error)) = currency.as_deref().map(Currency::parse) {
            let mut unknown =
                finding("CURRENCY_UNKNOWN", Severity::Warning, &[term], error.to_string());
            unknown.place = Some(term.to_owned());
            unknown.actual.clone_from(currency);
            unknown.expected = Some("a currency code of ISO 4217, such as EUR".to_owned());
            found.push(unknown);
        }
    }
}

fn look_up(
    code: &str,
    term: &str,
    place: String,
    (said, (list, wanted)): (Option<&str>, (&[&str], &str)),
    found: &mut Vec<Finding>,
) {
    let Some(said) = said.filter(|said| !list.contains(said)) else {
        return;
    };
    let message = format!("{said:?} is not {wanted}");
    let mut unknown = finding(code, Severity::Warning, &[term], message);
    unknown.place = Some(place);
    unknown.actual = Some(said.to_owned());
    unknown.expected = Some(wanted.to_owned());
    found.push(unknown);
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::models::extraction::Syntax;
    use crate::models::invoice::{Invoice, InvoiceLine, TaxSubtotal};

    #[test]
    fn unknown_codes_are_found_where_no_official_rule_looks() {
        let text = |text: &str| Some(text.to_owned());
        let mut invoice = Invoice {
            currency: text("EURO"),
            tax_currency: text("SEK"),
            tax: vec![TaxSubtotal { category: text("X"), ..TaxSubtotal::default() }],
            lines: vec![InvoiceLine {
                unit: text("Stk"),
                tax_category: text("S"),
                ..InvoiceLine::default()
            }],
            ..Invoice::default()
        };
        invoice.seller.address.country = text("Deutschland");
        invoice.buyer.address.country = text("DE");
        let found = judge(&invoice, Syntax::PdfText);
        let said: Vec<_> =
            found.iter().map(|found| (found.code.as_str(), found.place.as_deref())).collect();
        assert_eq!(
            said,
            [
                ("CURRENCY_UNKNOWN", Some("BT-5")),
                ("COUNTRY_UNKNOWN", Some("BT-40")),
                ("TAX_CATEGORY_UNKNOWN", Some("BG-23[1]/BT-118")),
                ("UNIT_UNKNOWN", Some("BG-25[1]/BT-130")),
            ]
        );
        assert_eq!(judge(&invoice, Syntax::Cii), []);
    }
}
