//! CII `ApplicableHeaderTradeSettlement`: money, tax, totals; allowances also of lines.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::writer::cii::{day, party, payment};
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{AllowanceCharge, Invoice, Period, TaxSubtotal};

/// The type of every tax that EN 16931 knows.
const VAT: &str = "VAT";

/// BT-8 in the model (UNTDID 2005) and in CII (UNTDID 2475).
const TAX_POINT_CODES: [(&str, &str); 3] = [("3", "5"), ("35", "29"), ("432", "72")];

/// BT-6. Where it is the document currency, CII would want the tax a second time (BR-53), and
/// nothing could tell the two apart.
fn tax_currency(invoice: &Invoice) -> Option<&String> {
    let twice = invoice.totals.tax_in_tax_currency.is_some();
    invoice.tax_currency.as_ref().filter(|code| twice || Some(*code) != invoice.currency.as_ref())
}

/// The whole group; the schema asks for it.
pub(crate) fn write(x: &mut Markup, invoice: &Invoice) {
    x.kept_group("ram:ApplicableHeaderTradeSettlement", |x| {
        let debit = payment::direct_debit(invoice);
        x.leaf("ram:CreditorReferenceID", debit.and_then(|debit| debit.creditor.as_ref()));
        // It stands once, outside of the payment means.
        let remittance = invoice.payments.iter().find_map(|of| of.remittance.as_ref());
        x.leaf("ram:PaymentReference", remittance);
        x.leaf("ram:TaxCurrencyCode", tax_currency(invoice));
        x.leaf("ram:InvoiceCurrencyCode", invoice.currency.as_ref());
        if let Some(of) = &invoice.payee {
            x.kept_group("ram:PayeeTradeParty", |x| party::payee(x, of));
        }
        payment::means(x, invoice);
        taxes(x, invoice);
        period(x, invoice.period.as_ref());
        allowances_and_charges(x, &invoice.allowances_and_charges);
        payment::terms(x, invoice);
        totals(x, invoice);
        // The schema has room for one.
        if let Some(preceding) = invoice.preceding_invoices.first() {
            x.kept_group("ram:InvoiceReferencedDocument", |x| {
                x.leaf("ram:IssuerAssignedID", preceding.number.as_ref());
                let issued = preceding.issue_date;
                day(x, "ram:FormattedIssueDateTime", "qdt:DateTimeString", issued);
            });
        }
        booking(x, invoice.booking_reference.as_ref());
    });
}

/// BG-23. BT-7 and BT-8 are said of the tax: the code with each row, the day with the first one,
/// as the rules of the syntax have it (CII-SR-461, CII-SR-462).
fn taxes(x: &mut Markup, invoice: &Invoice) {
    let code = invoice.tax_point_code.as_deref();
    let code = TAX_POINT_CODES.iter().find(|(model, _)| Some(*model) == code);
    let mut tax_point = invoice.tax_point_date;
    for of in &invoice.tax {
        x.group("ram:ApplicableTradeTax", |x| {
            tax(x, of, (tax_point.take(), code.map(|(_, cii)| *cii)));
        });
    }
}

fn tax(x: &mut Markup, of: &TaxSubtotal, (date, code): (Option<NaiveDate>, Option<&str>)) {
    x.leaf("ram:CalculatedAmount", of.tax);
    x.leaf("ram:TypeCode", Some(VAT));
    x.leaf("ram:ExemptionReason", of.exemption_reason.as_ref());
    x.leaf("ram:BasisAmount", of.base);
    x.leaf("ram:CategoryCode", of.category.as_ref());
    x.leaf("ram:ExemptionReasonCode", of.exemption_code.as_ref());
    day(x, "ram:TaxPointDate", "udt:DateString", date);
    x.leaf("ram:DueDateTypeCode", code);
    x.leaf("ram:RateApplicablePercent", of.rate);
}

/// The category and the rate of a line, an allowance or a charge.
pub(crate) fn category(
    x: &mut Markup,
    name: &'static str,
    code: Option<&String>,
    rate: Option<Decimal>,
) {
    if code.is_some() || rate.is_some() {
        x.group(name, |x| {
            x.leaf("ram:TypeCode", Some(VAT));
            x.leaf("ram:CategoryCode", code);
            x.leaf("ram:RateApplicablePercent", rate);
        });
    }
}

/// BG-14 or BG-26.
pub(crate) fn period(x: &mut Markup, period: Option<&Period>) {
    x.group("ram:BillingSpecifiedPeriod", |x| {
        let start = period.and_then(|period| period.start);
        day(x, "ram:StartDateTime", "udt:DateTimeString", start);
        let end = period.and_then(|period| period.end);
        day(x, "ram:EndDateTime", "udt:DateTimeString", end);
    });
}

/// BG-20 and BG-21, or BG-27 and BG-28.
pub(crate) fn allowances_and_charges(x: &mut Markup, all: &[AllowanceCharge]) {
    for one in all {
        x.group("ram:SpecifiedTradeAllowanceCharge", |x| {
            indicator(x, one.charge);
            x.leaf("ram:CalculationPercent", one.percent);
            x.leaf("ram:BasisAmount", one.base);
            x.leaf("ram:ActualAmount", Some(one.amount));
            x.leaf("ram:ReasonCode", one.reason_code.as_ref());
            x.leaf("ram:Reason", one.reason.as_ref());
            category(x, "ram:CategoryTradeTax", one.tax_category.as_ref(), one.tax_rate);
        });
    }
}

/// Whether it is a charge.
pub(crate) fn indicator(x: &mut Markup, charge: bool) {
    x.group("ram:ChargeIndicator", |x| x.leaf("udt:Indicator", Some(charge)));
}

/// BG-22. BT-110 and BT-111 are told apart by their currencies.
fn totals(x: &mut Markup, invoice: &Invoice) {
    let totals = &invoice.totals;
    let currency = invoice.currency.as_deref();
    let other = invoice.tax_currency.as_deref().filter(|other| Some(*other) != currency);
    x.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |x| {
        x.leaf("ram:LineTotalAmount", totals.lines);
        x.leaf("ram:ChargeTotalAmount", totals.charges);
        x.leaf("ram:AllowanceTotalAmount", totals.allowances);
        x.leaf("ram:TaxBasisTotalAmount", totals.net);
        x.leaf_with("ram:TaxTotalAmount", &[("currencyID", currency)], totals.tax);
        if other.is_some() {
            let tax = totals.tax_in_tax_currency;
            x.leaf_with("ram:TaxTotalAmount", &[("currencyID", other)], tax);
        }
        x.leaf("ram:RoundingAmount", totals.rounding);
        x.leaf("ram:GrandTotalAmount", totals.gross);
        x.leaf("ram:TotalPrepaidAmount", totals.paid);
        x.leaf("ram:DuePayableAmount", totals.payable);
    });
}

/// BT-19 or BT-133.
pub(crate) fn booking(x: &mut Markup, reference: Option<&String>) {
    x.group("ram:ReceivableSpecifiedTradeAccountingAccount", |x| x.leaf("ram:ID", reference));
}
