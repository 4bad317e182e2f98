//! Amounts of a UBL document: BG-20 to BG-23, and the allowances and charges of its lines.

use rust_decimal::Decimal;

use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::ubl::Whole;
use crate::extraction::writer::ubl::party::VAT;
use crate::models::invoice::{AllowanceCharge, Invoice, TaxSubtotal};

/// An amount in the currency of the document.
pub(crate) fn amount(x: &mut Markup, name: &'static str, value: Option<Decimal>, whole: Whole<'_>) {
    x.leaf_with(name, &[("currencyID", whole.currency())], value);
}

/// BG-20 and BG-21, or BG-27 and BG-28.
pub(crate) fn allowances_and_charges(x: &mut Markup, all: &[AllowanceCharge], whole: Whole<'_>) {
    for one in all {
        x.group("cac:AllowanceCharge", |x| {
            x.leaf("cbc:ChargeIndicator", Some(one.charge));
            x.leaf("cbc:AllowanceChargeReasonCode", one.reason_code.as_ref());
            x.leaf("cbc:AllowanceChargeReason", one.reason.as_ref());
            x.leaf("cbc:MultiplierFactorNumeric", one.percent);
            amount(x, "cbc:Amount", Some(one.amount), whole);
            amount(x, "cbc:BaseAmount", one.base, whole);
            category(x, "cac:TaxCategory", one.tax_category.as_ref(), one.tax_rate);
        });
    }
}

/// A tax category with its rate.
pub(crate) fn category(
    x: &mut Markup,
    name: &'static str,
    code: Option<&String>,
    rate: Option<Decimal>,
) {
    let category = code.cloned();
    whole_category(x, name, &TaxSubtotal { category, rate, ..TaxSubtotal::default() });
}

fn whole_category(x: &mut Markup, name: &'static str, of: &TaxSubtotal) {
    let TaxSubtotal { category, rate, exemption_code, exemption_reason, .. } = of;
    let texts = [category, exemption_code, exemption_reason];
    if rate.is_none() && texts.into_iter().all(Option::is_none) {
        return;
    }
    x.group(name, |x| {
        x.leaf("cbc:ID", category.as_ref());
        x.leaf("cbc:Percent", *rate);
        x.leaf("cbc:TaxExemptionReasonCode", exemption_code.as_ref());
        x.leaf("cbc:TaxExemptionReason", exemption_reason.as_ref());
        x.group("cac:TaxScheme", |x| x.leaf("cbc:ID", Some(VAT)));
    });
}

/// BT-110 with BG-23, and BT-111: two totals, told apart by their currencies.
pub(crate) fn tax_totals(x: &mut Markup, whole: Whole<'_>) {
    let invoice = whole.invoice;
    x.group("cac:TaxTotal", |x| {
        amount(x, "cbc:TaxAmount", total_tax(invoice), whole);
        for subtotal in &invoice.tax {
            x.kept_group("cac:TaxSubtotal", |x| {
                amount(x, "cbc:TaxableAmount", subtotal.base, whole);
                amount(x, "cbc:TaxAmount", subtotal.tax, whole);
                whole_category(x, "cac:TaxCategory", subtotal);
            });
        }
    });
    let other = invoice.tax_currency.as_deref();
    if let Some(other) = other.filter(|other| Some(*other) != whole.currency()) {
        let tax = invoice.totals.tax_in_tax_currency;
        x.group("cac:TaxTotal", |x| {
            x.leaf_with("cbc:TaxAmount", &[("currencyID", Some(other))], tax);
        });
    }
}

/// BT-110; UBL asks for it beside a breakdown (BR-CO-14 as UBL binds it), where CII may go without:
/// then it is the sum of BT-117, which the report of losses names.
fn total_tax(invoice: &Invoice) -> Option<Decimal> {
    let of_rates = || {
        let taxes: Option<Vec<Decimal>> = invoice.tax.iter().map(|subtotal| subtotal.tax).collect();
        taxes.filter(|taxes| !taxes.is_empty()).map(|taxes| taxes.into_iter().sum())
    };
    invoice.totals.tax.or_else(of_rates)
}

/// BG-22.
pub(crate) fn totals(x: &mut Markup, whole: Whole<'_>) {
    let totals = &whole.invoice.totals;
    x.group("cac:LegalMonetaryTotal", |x| {
        amount(x, "cbc:LineExtensionAmount", totals.lines, whole);
        amount(x, "cbc:TaxExclusiveAmount", totals.net, whole);
        amount(x, "cbc:TaxInclusiveAmount", totals.gross, whole);
        amount(x, "cbc:AllowanceTotalAmount", totals.allowances, whole);
        amount(x, "cbc:ChargeTotalAmount", totals.charges, whole);
        amount(x, "cbc:PrepaidAmount", totals.paid, whole);
        amount(x, "cbc:PayableRoundingAmount", totals.rounding, whole);
        amount(x, "cbc:PayableAmount", totals.payable, whole);
    });
}
