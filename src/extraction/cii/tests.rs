//! The traps of CII and ZUGFeRD 1, on documents small enough to see through.

use crate::extraction::{Reading, read_invoice};
use crate::models::extraction::Syntax;
use crate::models::finding::Severity;
use crate::models::invoice::{Invoice, InvoiceKind};

const RAM: &str = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity";
const UDT: &str = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType";

/// A Cross Industry Invoice: its header, agreement, settlement and lines.
fn cii(header: &str, agreement: &str, settlement: &str, lines: &str) -> String {
    format!(
        "<r:CrossIndustryInvoice \
         xmlns:r='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100' \
         xmlns='{RAM}:100' xmlns:u='{UDT}:100'>\
         <r:ExchangedDocument><ID>R-1</ID>{header}</r:ExchangedDocument>\
         <r:SupplyChainTradeTransaction>{lines}\
         <ApplicableHeaderTradeAgreement>{agreement}</ApplicableHeaderTradeAgreement>\
         <ApplicableHeaderTradeDelivery/>\
         <ApplicableHeaderTradeSettlement><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>\
         {settlement}</ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction>\
         </r:CrossIndustryInvoice>"
    )
}

fn read(text: &str) -> Reading {
    read_invoice(text.as_bytes()).expect("readable")
}

fn settled(settlement: &str) -> Invoice {
    read(&cii("", "", settlement, "")).invoice
}

#[test]
fn days_are_read_in_the_formats_102_and_203() {
    let issued = |text: &str| {
        let day =
            format!("<IssueDateTime><u:DateTimeString {text}</u:DateTimeString></IssueDateTime>");
        let reading = read(&cii(&day, "", "", ""));
        let fatal = reading.findings.iter().filter(|found| found.severity == Severity::Fatal);
        let ours = fatal.filter(|found| found.terms == ["BT-2"]).count();
        (reading.invoice.issue_date.map(|day| day.to_string()), ours)
    };
    let day = Some("2026-11-30".to_owned());
    assert_eq!(issued("format='102'>20261130"), (day.clone(), 0));
    assert_eq!(issued("format='203'>202611301159").0, day);
    assert_eq!(issued("format='610'>202611"), (None, 1));
    assert_eq!(issued("format='102'>20261131"), (None, 1));
}

#[test]
fn tax_totals_are_told_apart_by_their_currency() {
    let invoice = settled(
        "<TaxCurrencyCode>SEK</TaxCurrencyCode>\
         <ApplicableTradeTax><DueDateTypeCode>72</DueDateTypeCode></ApplicableTradeTax>\
         <SpecifiedTradeSettlementHeaderMonetarySummation>\
         <TaxTotalAmount currencyID='SEK'>200</TaxTotalAmount>\
         <TaxTotalAmount currencyID='EUR'>19</TaxTotalAmount>\
         </SpecifiedTradeSettlementHeaderMonetarySummation>",
    );
    assert_eq!(invoice.totals.tax.map(|tax| tax.to_string()).as_deref(), Some("19"));
    let other = invoice.totals.tax_in_tax_currency.map(|tax| tax.to_string());
    assert_eq!(other.as_deref(), Some("200"));
    assert_eq!(invoice.tax_point_code.as_deref(), Some("432"));
}

#[test]
fn one_element_is_tender_object_or_document_by_its_code() {
    let document = |id: &str, code: &str| {
        format!(
            "<AdditionalReferencedDocument><IssuerAssignedID>{id}</IssuerAssignedID>\
             <TypeCode>{code}</TypeCode><ReferenceTypeCode>AAA</ReferenceTypeCode>\
             </AdditionalReferencedDocument>"
        )
    };
    let all = [document("D", "916"), document("T", "50"), document("O", "130")].concat();
    let invoice = read(&cii("<TypeCode>381</TypeCode>", &all, "", "")).invoice;
    assert_eq!(invoice.kind, InvoiceKind::CreditNote);
    assert_eq!(invoice.tender_reference.as_deref(), Some("T"));
    let object = invoice.invoiced_object.expect("an object");
    assert_eq!((object.value.as_str(), object.scheme.as_deref()), ("O", Some("AAA")));
    assert_eq!(invoice.supporting_documents.len(), 1);
    assert_eq!(invoice.supporting_documents[0].reference.as_deref(), Some("D"));
}

#[test]
fn ways_to_pay_are_read_with_what_stands_beside_them() {
    let invoice = settled(
        "<CreditorReferenceID>DE98ZZZ</CreditorReferenceID><PaymentReference>R</PaymentReference>\
         <SpecifiedTradeSettlementPaymentMeans><TypeCode>58</TypeCode>\
         <PayeePartyCreditorFinancialAccount><IBANID>DE89 3704 0044 0532 0130 00</IBANID>\
         </PayeePartyCreditorFinancialAccount><PayeeSpecifiedCreditorFinancialInstitution>\
         <BICID>COBADEFF</BICID></PayeeSpecifiedCreditorFinancialInstitution>\
         </SpecifiedTradeSettlementPaymentMeans>\
         <SpecifiedTradeSettlementPaymentMeans><TypeCode>59</TypeCode>\
         <PayerPartyDebtorFinancialAccount><ProprietaryID>12 34</ProprietaryID>\
         </PayerPartyDebtorFinancialAccount></SpecifiedTradeSettlementPaymentMeans>\
         <SpecifiedTradePaymentTerms><DirectDebitMandateID>M</DirectDebitMandateID>\
         </SpecifiedTradePaymentTerms>",
    );
    let [transfer, debit] = invoice.payments.as_slice() else {
        panic!("two ways to pay");
    };
    assert_eq!(transfer.accounts[0].id.as_deref(), Some("DE89370400440532013000"));
    assert_eq!(transfer.accounts[0].bic.as_deref(), Some("COBADEFF"));
    assert_eq!((transfer.remittance.as_deref(), &transfer.direct_debit), (Some("R"), &None));
    let debit = debit.direct_debit.as_ref().expect("a direct debit");
    assert_eq!(debit.mandate.as_deref(), Some("M"));
    assert_eq!(debit.creditor.as_deref(), Some("DE98ZZZ"));
    assert_eq!(debit.account.as_deref(), Some("12 34"));
}

#[test]
fn discounts_for_early_payment_are_read_from_elements_or_from_the_text() {
    let steps = settled(
        "<SpecifiedTradePaymentTerms><Description>#SKONTO#TAGE=1#PROZENT=9.00#</Description>\
         <ApplicableTradePaymentDiscountTerms><BasisPeriodMeasure unitCode='DAY'>14\
         </BasisPeriodMeasure><BasisAmount>100</BasisAmount><CalculationPercent>2\
         </CalculationPercent></ApplicableTradePaymentDiscountTerms></SpecifiedTradePaymentTerms>\
         <SpecifiedTradePaymentTerms><ApplicableTradePaymentDiscountTerms><BasisDateTime>\
         <u:DateTimeString format='102'>20261130</u:DateTimeString></BasisDateTime>\
         <BasisPeriodMeasure unitCode='WEE'>1</BasisPeriodMeasure><ActualDiscountAmount>3\
         </ActualDiscountAmount></ApplicableTradePaymentDiscountTerms></SpecifiedTradePaymentTerms>",
    );
    let [first, second] = steps.cash_discounts.as_slice() else {
        panic!("two steps");
    };
    assert_eq!((first.days, first.until), (Some(14), None));
    assert_eq!(first.percent.map(|percent| percent.to_string()).as_deref(), Some("2"));
    assert_eq!(second.until.map(|day| day.to_string()).as_deref(), Some("2026-12-07"));
    assert_eq!(second.amount.map(|amount| amount.to_string()).as_deref(), Some("3"));
    let text = settled(
        "<SpecifiedTradePaymentTerms><Description>Skonto\n\
         #SKONTO#TAGE=14#PROZENT=2.25#BASISBETRAG=357.93#\n</Description>\
         </SpecifiedTradePaymentTerms>",
    );
    assert_eq!(text.cash_discounts.len(), 1);
    assert_eq!(text.cash_discounts[0].days, Some(14));
}

#[test]
fn lines_have_two_prices_parts_and_references_of_their_own() {
    let line = "<IncludedSupplyChainTradeLineItem><AssociatedDocumentLineDocument><LineID>1.1</LineID>\
        <ParentLineID>1</ParentLineID><LineStatusReasonCode>INFORMATION</LineStatusReasonCode>\
        </AssociatedDocumentLineDocument><SpecifiedLineTradeAgreement>\
        <BuyerOrderReferencedDocument><IssuerAssignedID>PO</IssuerAssignedID><LineID>7</LineID>\
        </BuyerOrderReferencedDocument><GrossPriceProductTradePrice><ChargeAmount>10</ChargeAmount>\
        <BasisQuantity unitCode='C62'>100</BasisQuantity><AppliedTradeAllowanceCharge>\
        <ChargeIndicator><u:Indicator>false</u:Indicator></ChargeIndicator>\
        <ActualAmount>2</ActualAmount></AppliedTradeAllowanceCharge></GrossPriceProductTradePrice>\
        <NetPriceProductTradePrice><ChargeAmount>8</ChargeAmount></NetPriceProductTradePrice>\
        </SpecifiedLineTradeAgreement><SpecifiedLineTradeDelivery>\
        <BilledQuantity unitCode='C62'>3</BilledQuantity><DespatchAdviceReferencedDocument>\
        <IssuerAssignedID>DA</IssuerAssignedID></DespatchAdviceReferencedDocument>\
        </SpecifiedLineTradeDelivery></IncludedSupplyChainTradeLineItem>";
    let reading = read(&cii("", "", "", line));
    let line = &reading.invoice.lines[0];
    assert_eq!((line.parent.as_deref(), line.counts()), (Some("1"), false));
    assert_eq!(line.order_reference.as_deref(), Some("PO"));
    assert_eq!(line.order_line_reference.as_deref(), Some("7"));
    assert_eq!(line.despatch_advice_reference.as_deref(), Some("DA"));
    let text = |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string());
    assert_eq!(text(line.price).as_deref(), Some("8"));
    assert_eq!(text(line.gross_price).as_deref(), Some("10"));
    assert_eq!(text(line.price_discount).as_deref(), Some("2"));
    assert_eq!(text(line.price_base_quantity).as_deref(), Some("100"));
    let place = reading.evidence.iter().find(|one| one.field == "BG-25[1]/BT-149");
    let place = place.and_then(|one| one.place.as_deref()).expect("a place");
    let below = "ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice/ram:BasisQuantity";
    assert!(place.ends_with(below), "{place}");
}

#[test]
fn freight_is_a_charge_and_an_advance_is_compared() {
    let reading = read(&cii(
        "",
        "",
        "<SpecifiedLogisticsServiceCharge><Description>Freight</Description>\
         <AppliedAmount>5.80</AppliedAmount><AppliedTradeTax><CategoryCode>S</CategoryCode>\
         <RateApplicablePercent>7</RateApplicablePercent></AppliedTradeTax>\
         </SpecifiedLogisticsServiceCharge><SpecifiedTradeSettlementHeaderMonetarySummation>\
         <TotalPrepaidAmount>50</TotalPrepaidAmount></SpecifiedTradeSettlementHeaderMonetarySummation>\
         <SpecifiedAdvancePayment><PaidAmount>40</PaidAmount></SpecifiedAdvancePayment>",
        "",
    ));
    let charge = &reading.invoice.allowances_and_charges[0];
    assert!(charge.charge);
    assert_eq!(charge.amount.to_string(), "5.80");
    assert_eq!(charge.reason.as_deref(), Some("Freight"));
    assert!(reading.findings.iter().any(|found| found.code == "ADVANCE_PAYMENTS_DIFFER"));
}

#[test]
fn zugferd_1_is_read_under_its_older_names() {
    let text = format!(
        "<r:CrossIndustryDocument xmlns:r='urn:ferd:CrossIndustryDocument:invoice:1p0' \
         xmlns='{RAM}:12' xmlns:u='{UDT}:15'><r:HeaderExchangedDocument><ID>R-1</ID>\
         </r:HeaderExchangedDocument><r:SpecifiedSupplyChainTradeTransaction>\
         <ApplicableSupplyChainTradeAgreement><BuyerOrderReferencedDocument><ID>PO</ID>\
         </BuyerOrderReferencedDocument></ApplicableSupplyChainTradeAgreement>\
         <ApplicableSupplyChainTradeDelivery><DeliveryNoteReferencedDocument><ID>L</ID>\
         </DeliveryNoteReferencedDocument></ApplicableSupplyChainTradeDelivery>\
         <ApplicableSupplyChainTradeSettlement><ApplicableTradeTax><ApplicablePercent>19\
         </ApplicablePercent></ApplicableTradeTax><SpecifiedTradeSettlementMonetarySummation>\
         <GrandTotalAmount>.50</GrandTotalAmount></SpecifiedTradeSettlementMonetarySummation>\
         </ApplicableSupplyChainTradeSettlement></r:SpecifiedSupplyChainTradeTransaction>\
         </r:CrossIndustryDocument>"
    );
    let reading = read(&text);
    assert_eq!((reading.syntax, reading.findings.len()), (Syntax::Zugferd1, 0));
    assert!(reading.document.is_err_and(|why| why.contains("not bound by EN 16931")));
    let invoice = reading.invoice;
    assert_eq!(invoice.order_reference.as_deref(), Some("PO"));
    assert_eq!(invoice.despatch_advice_reference.as_deref(), Some("L"));
    assert_eq!(invoice.tax[0].rate.map(|rate| rate.to_string()).as_deref(), Some("19"));
    assert_eq!(invoice.totals.gross.map(|gross| gross.to_string()).as_deref(), Some("0.50"));
}

#[test]
fn envelopes_are_opened_once_and_with_one_document() {
    let document = cii("", "", "", "");
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let sealed = |inside: &str| {
        format!("<s:Envelope xmlns:s='{soap}'><s:Header/><s:Body>{inside}</s:Body></s:Envelope>")
    };
    let read = read_invoice(sealed(&document).as_bytes()).expect("readable");
    assert_eq!(read.invoice.number.as_deref(), Some("R-1"));
    assert!(read.document.is_ok_and(|document| document.number.as_deref() == Some("R-1")));
    let draft = "<Invoice xmlns='urn:un:unece:uncefact:data:standard:CBFBUY:5'/>";
    for (text, said) in [
        (sealed(&document.repeat(2)), "an envelope with 2 documents"),
        (sealed(""), "an envelope with 0 documents"),
        (sealed(&sealed(&document)), "Envelope is not supported"),
        (document.repeat(2), "2 documents in one file (another one begins at line"),
        (draft.to_owned(), "this is a draft of it"),
    ] {
        let error = read_invoice(text.as_bytes()).expect_err("refused").to_string();
        assert!(error.contains(said), "{error}");
    }
}
