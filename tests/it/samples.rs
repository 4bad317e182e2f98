//! Small UBL documents, orders and receipts, made to measure.

use std::fmt::Write;

use serde_json::{Value, json};

/// One line of an invoice: quantity and unit price as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) id: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) price: &'static str,
    pub(crate) net: &'static str,
}

/// 100 pieces at 10.00.
pub(crate) const HUNDRED: Line = Line { id: "1", quantity: "100", price: "10.00", net: "1000.00" };

/// A lawful UBL invoice over one line at 19 %.
pub(crate) fn invoice(number: &str, order: &str, line: Line) -> String {
    document("Invoice", number, order, line)
}

/// The same as a credit note.
pub(crate) fn credit_note(number: &str, order: &str, line: Line) -> String {
    document("CreditNote", number, order, line)
}

fn document(root: &str, number: &str, order: &str, line: Line) -> String {
    let Line { id, quantity, price, net } = line;
    let net_cents: i64 = net.replace('.', "").parse().expect("two decimals");
    let tax_cents = (net_cents * 19 + 50) / 100;
    let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let (tax, gross) = (money(tax_cents), money(net_cents + tax_cents));
    let (code, kind, counted) = match root {
        "Invoice" => ("InvoiceTypeCode", "380", "InvoicedQuantity"),
        _ => ("CreditNoteTypeCode", "381", "CreditedQuantity"),
    };
    let due = if root == "Invoice" { "<cbc:DueDate>2026-12-20</cbc:DueDate>" } else { "" };
    let mut xml = String::new();
    write!(
        xml,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>{due}
<cbc:{code}>{kind}</cbc:{code}><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
<cac:AccountingSupplierParty><cac:Party>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Schrauben Meier GmbH</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyLegalEntity><cbc:RegistrationName>Muster AG</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>DE02120300000000202051</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:PaymentTerms><cbc:Note>30 days</cbc:Note></cac:PaymentTerms>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
</cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{gross}</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:{root}Line><cbc:ID>1</cbc:ID><cbc:{counted} unitCode="C62">{quantity}</cbc:{counted}>
<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cac:OrderLineReference><cbc:LineID>{id}</cbc:LineID></cac:OrderLineReference>
<cac:Item><cbc:Name>Screw M4</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount></cac:Price>
</cac:{root}Line></{root}>"#
    )
    .expect("writing to a string");
    xml
}

/// An order of 100 pieces at 10.00 on line 1.
pub(crate) fn order(number: &str) -> Value {
    json!({
        "number": number,
        "currency": "EUR",
        "supplier": {"name": "Schrauben Meier GmbH", "vat_id": "DE123456789"},
        "lines": [{"id": "1", "quantity": "100", "unit": "C62", "unit_price": "10.00", "description": "Screw M4"}]
    })
}

/// A receipt of so many pieces for line 1.
pub(crate) fn receipt(number: &str, order: &str, received: &str) -> Value {
    json!({
        "number": number,
        "purchase_order": order,
        "lines": [{"id": "1", "order_line": "1", "received": received}]
    })
}
