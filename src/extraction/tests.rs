//! Hostile and broken input, and the traps of UBL, on documents small enough to see through.

use crate::extraction::guard::DEPTH_MAX;
use crate::extraction::{
    Place, Reading, Unreadable, read_invoice, read_order, read_receipt, tree_rules,
};
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::InvoiceKind;
use crate::validation::{self, Document, Subject};

fn judge(reading: Reading) -> Vec<Finding> {
    let document = Document::from(&reading.document);
    let subject = Subject {
        decided: tree_rules(reading.syntax),
        ..Subject::new(reading.syntax, &reading.invoice, document)
    };
    validation::judge(Subject { read: reading.findings, broken: reading.broken, ..subject })
        .findings
}

/// A UBL document of a kind: `cbc` and `cac` declared, the root's own namespace as default.
fn ubl(kind: &str, content: &str) -> String {
    const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";
    format!(
        "<{kind} xmlns='{UBL}{kind}-2' xmlns:cbc='{UBL}CommonBasicComponents-2' \
         xmlns:cac='{UBL}CommonAggregateComponents-2'>{content}</{kind}>"
    )
}

const HEAD: &str = "<cbc:ID>R-1</cbc:ID><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>";

fn invoice(content: &str) -> Reading {
    let text = ubl("Invoice", &format!("{HEAD}{content}"));
    read_invoice(text.as_bytes()).expect("readable")
}

fn fatal(reading: Reading) -> Vec<Finding> {
    let found = judge(reading);
    found.into_iter().filter(|found| found.severity == Severity::Fatal).collect()
}

#[test]
fn what_is_no_document_is_refused_and_says_why() {
    let invoice = ubl("Invoice", HEAD);
    let bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    let external = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>";
    let entity = ubl("Invoice", "<cbc:ID>&secret;</cbc:ID>");
    let deep = "<a>".repeat(200_000);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(invoice.encode_utf16().flat_map(u16::to_le_bytes));
    utf16.pop();
    let cases: [(&[u8], &str); 16] = [
        (b"", "the document is empty"),
        (b" \r\n\t", "the document is empty"),
        (b"%PDF-1.7 \x00\xff", "application/pdf is not supported here"),
        (b"PK\x03\x04", "application/zip is not supported"),
        (b"{\"a\":1}", "application/json is not supported"),
        (b"hello", "not well-formed XML at line 1, column 1"),
        (&invoice.as_bytes()[..invoice.len() - 9], "not well-formed XML at line 1, column"),
        (b"<a>\n<b></a>", "not well-formed XML at line 2, column"),
        (b"<a>\0</a>", "not well-formed XML"),
        (b"<!DOCTYPE a>\n<a/>", "forbidden XML at line 1, column 1: a document type declaration"),
        (bomb.as_bytes(), "forbidden XML at line 1, column 1"),
        (external.as_bytes(), "forbidden XML at line 1, column 1"),
        (entity.as_bytes(), "forbidden XML at line 1, column"),
        (deep.as_bytes(), "too large: 65 levels of elements inside one another"),
        (&utf16, "the bytes are not the UTF-16LE that they announce"),
        (b"\xef\xbb\xbf", "not well-formed XML"),
    ];
    for (bytes, expected) in cases {
        for error in [
            read_invoice(bytes).expect_err("refused"),
            read_order(bytes).expect_err("refused"),
            read_receipt(bytes).expect_err("refused"),
        ] {
            let said = error.to_string();
            assert!(said.starts_with(expected), "{said:?} for {expected:?}");
            assert!(!said.ends_with('.') && said.len() < 400, "{said}");
        }
    }
}

#[test]
fn another_root_is_named() {
    let order = ubl("Order", HEAD);
    let foreign = "<Invoice xmlns='urn:example:invoices'/>";
    let none = "<Invoice/>";
    let invoice = ubl("Invoice", HEAD);
    let order_name = "urn:oasis:names:specification:ubl:schema:xsd:Order-2 Order";
    for (document, detected) in
        [(order.as_str(), order_name), (foreign, "urn:example:invoices Invoice"), (none, "Invoice")]
    {
        let error = read_invoice(document.as_bytes()).expect_err("no invoice");
        assert_eq!(error.detected(), Some(detected));
        assert!(error.to_string().contains("send a UBL Invoice or CreditNote"), "{error}");
    }
    for error in [
        read_order(invoice.as_bytes()).expect_err("no order"),
        read_receipt(order.as_bytes()).expect_err("no receipt"),
    ] {
        assert!(matches!(error, Unreadable::Unsupported { detected: Some(_), .. }));
    }
}

#[test]
fn an_envelope_is_opened_once() {
    const SBD: &str = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";
    let inside = ubl("Invoice", HEAD);
    let wrap = |inside: &str| {
        format!(
            "<s:StandardBusinessDocument xmlns:s='{SBD}' xmlns:n='urn:n'>\
                 <s:StandardBusinessDocumentHeader/>{inside}</s:StandardBusinessDocument>"
        )
    };
    let plain = read_invoice(inside.as_bytes()).expect("readable");
    let wrapped = read_invoice(wrap(&inside).as_bytes()).expect("readable");
    assert_eq!(wrapped.invoice, plain.invoice);
    assert_eq!(wrapped.document, plain.document);
    for several in [wrap(&wrap(&inside)), wrap(&format!("{inside}{inside}")), wrap("")] {
        assert!(read_invoice(several.as_bytes()).is_err());
    }
}

#[test]
fn an_invoice_without_anything_is_readable() {
    for kind in ["Invoice", "CreditNote"] {
        let reading = read_invoice(ubl(kind, "").as_bytes()).expect("readable");
        assert_eq!(reading.invoice.number, None);
        assert!(reading.invoice.lines.is_empty());
        let codes: Vec<_> = fatal(reading).into_iter().map(|found| found.code).collect();
        for code in ["BR-02", "BR-16", "BR-06", "MISSING_VALUE"] {
            assert!(codes.iter().any(|found| found == code), "{code} in {codes:?}");
        }
    }
}

#[test]
fn money_that_is_no_money_is_a_fatal_finding_with_its_place() {
    for text in
        ["1,00", "1.000,00", "NaN", "1E400", "1e2", "INF", "", "12345678901234567890123456789"]
    {
        let reading = invoice(&format!(
            "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='EUR'>{text}\
             </cbc:PayableAmount></cac:LegalMonetaryTotal>"
        ));
        assert_eq!(reading.invoice.totals.payable, None);
        let found = fatal(reading);
        let place = "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount";
        let malformed = found.iter().filter(|found| found.code == "MALFORMED_VALUE");
        let malformed: Vec<_> = malformed.collect();
        assert_eq!(malformed.len(), 1, "{text}: {found:#?}");
        assert_eq!(malformed[0].place.as_deref(), Some(place));
        assert_eq!(malformed[0].actual.as_deref(), Some(text));
        assert_eq!(malformed[0].terms, ["BT-115"]);
    }
}

#[test]
fn a_quantity_or_price_that_is_no_number_is_not_taken_for_zero() {
    let reading = invoice(
        "<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity>ten</cbc:InvoicedQuantity>\
         <cac:Price><cbc:PriceAmount>1,00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>\
         <cac:InvoiceLine/>",
    );
    let line = &reading.invoice.lines[0];
    assert_eq!((line.quantity, line.price), (None, None));
    let places: Vec<_> = reading.findings.iter().filter_map(|found| found.place.clone()).collect();
    let expected = [
        "/Invoice/cac:InvoiceLine[1]/cbc:InvoicedQuantity",
        "/Invoice/cac:InvoiceLine[1]/cac:Price/cbc:PriceAmount",
    ];
    assert_eq!(places, expected);
}

#[test]
fn an_amount_with_a_missing_zero_is_an_amount() {
    let reading = invoice(
        "<cac:LegalMonetaryTotal><cbc:PayableAmount>-.50</cbc:PayableAmount>\
         </cac:LegalMonetaryTotal>",
    );
    assert_eq!(reading.invoice.totals.payable.map(|due| due.to_string()).as_deref(), Some("-0.50"));
    assert_eq!(reading.findings, []);
    let due = reading.document.expect("the rules can read it").totals.due;
    assert_eq!(due.to_string(), "-0.50");
}

#[test]
fn every_value_says_where_it_stands() {
    let reading = invoice(
        "<cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine>\
         <cac:InvoiceLine><cbc:ID> 2 </cbc:ID><cbc:InvoicedQuantity unitCode='C62'>+3\
         </cbc:InvoicedQuantity><cac:AllowanceCharge><cbc:ChargeIndicator>true\
         </cbc:ChargeIndicator><cbc:Amount>1.50</cbc:Amount></cac:AllowanceCharge>\
         </cac:InvoiceLine>",
    );
    let said = reading.evidence.iter().map(|evidence| {
        let place = evidence.place.as_deref().unwrap_or_default();
        (evidence.field.as_str(), evidence.value.as_str(), place)
    });
    let line = "/Invoice/cac:InvoiceLine[2]";
    let quantity = format!("{line}/cbc:InvoicedQuantity");
    let unit = format!("{quantity}/@unitCode");
    let charge = format!("{line}/cac:AllowanceCharge/cbc:Amount");
    let id = format!("{line}/cbc:ID");
    let expected = [
        ("BT-5", "EUR", "/Invoice/cbc:DocumentCurrencyCode"),
        ("BT-1", "R-1", "/Invoice/cbc:ID"),
        ("BG-25[1]/BT-126", "1", "/Invoice/cac:InvoiceLine[1]/cbc:ID"),
        ("BG-25[2]/BT-126", "2", &id),
        ("BG-25[2]/BT-129", "3", &quantity),
        ("BG-25[2]/BT-130", "C62", &unit),
        ("BG-25[2]/BG-28[1]/BT-141", "1.50", &charge),
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    assert_eq!(reading.evidence[4].raw.as_deref(), Some("+3"));
}

#[test]
fn attachments_are_kept_apart_and_never_opened() {
    let attached = |content: &str| {
        format!(
            "<cac:AdditionalDocumentReference><cbc:ID>A</cbc:ID><cac:Attachment>\
             <cbc:EmbeddedDocumentBinaryObject mimeCode='text/csv' filename='../../x'>{content}\
             </cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
        )
    };
    // "hello", with blanks and without padding; the test pattern of virus scanners; no base64.
    let eicar = "RUlDQVItU1RBTkRBUkQtQU5USVZJUlVTLVRFU1QtRklMRQ==";
    let reading = invoice(&(attached(" aGVs\nbG8 ") + &attached(eicar) + &attached("%")));
    let documents = &reading.invoice.supporting_documents;
    let first = documents[0].attachment.as_ref().expect("an attachment");
    assert_eq!((first.bytes, first.file_name.as_deref()), (Some(5), Some("../../x")));
    assert_eq!(first.sha256.as_ref(), Some(&reading.attached[0].sha256));
    assert_eq!(reading.attached[0].bytes, b"hello");
    let codes: Vec<_> = reading.findings.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["ATTACHMENT_SUSPICIOUS", "ATTACHMENT_MALFORMED"]);
    assert_eq!(reading.attached.len(), 2);
}

#[test]
fn attachments_over_the_limit_are_refused_and_not_dropped_silently() {
    let one = "<cac:AdditionalDocumentReference><cac:Attachment><cbc:EmbeddedDocumentBinaryObject>\
               aGVsbG8=</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>\
               </cac:AdditionalDocumentReference>";
    let reading = invoice(&one.repeat(51));
    assert_eq!(reading.attached.len(), 50);
    let last = reading.findings.last().expect("a finding");
    assert_eq!((last.code.as_str(), last.severity), ("ATTACHMENT_LIMIT", Severity::Fatal));
}

#[test]
fn comments_and_cdata_do_not_cut_a_value() {
    let reading = invoice("<cbc:BuyerReference>a<!-- x -->b<![CDATA[&c]]></cbc:BuyerReference>");
    assert_eq!(reading.invoice.buyer_reference.as_deref(), Some("ab&c"));
}

#[test]
fn traps_of_ubl_are_avoided() {
    let reading = invoice(
        "<cbc:TaxCurrencyCode>SEK</cbc:TaxCurrencyCode>\
         <cac:OrderReference><cbc:ID>NA</cbc:ID></cac:OrderReference>\
         <cac:AccountingSupplierParty><cac:Party>\
         <cac:PartyIdentification><cbc:ID schemeID='SEPA'>DE98ZZZ</cbc:ID></cac:PartyIdentification>\
         <cac:PartyIdentification><cbc:ID>4711</cbc:ID></cac:PartyIdentification>\
         <cac:PartyTaxScheme><cbc:CompanyID>201/123</cbc:CompanyID><cac:TaxScheme><cbc:ID>FC</cbc:ID>\
         </cac:TaxScheme></cac:PartyTaxScheme>\
         <cac:PartyTaxScheme><cbc:CompanyID>DE1</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>\
         </cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>\
         <cac:TaxTotal><cbc:TaxAmount currencyID='SEK'>200</cbc:TaxAmount></cac:TaxTotal>\
         <cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>19</cbc:TaxAmount><cac:TaxSubtotal/>\
         </cac:TaxTotal>\
         <cac:InvoiceLine><cbc:ID>1</cbc:ID>\
         <cac:OrderLineReference><cbc:LineID>10</cbc:LineID><cac:OrderReference><cbc:ID>PO-9</cbc:ID>\
         </cac:OrderReference></cac:OrderLineReference>\
         <cac:Price><cbc:PriceAmount>10</cbc:PriceAmount><cac:AllowanceCharge>\
         <cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>2</cbc:Amount>\
         </cac:AllowanceCharge></cac:Price></cac:InvoiceLine>",
    );
    let invoice = reading.invoice;
    assert_eq!(invoice.order_reference, None);
    assert_eq!(invoice.seller.ids, ["4711".into()]);
    assert_eq!(invoice.seller.vat_id.as_deref(), Some("DE1"));
    assert_eq!(invoice.seller.tax_number.as_deref(), Some("201/123"));
    assert_eq!(invoice.totals.tax.map(|tax| tax.to_string()).as_deref(), Some("19"));
    assert_eq!(invoice.tax.len(), 1);
    assert_eq!(invoice.order_references(), ["PO-9"]);
    assert_eq!(invoice.lines[0].order_line_reference.as_deref(), Some("10"));
    assert!(invoice.lines[0].allowances_and_charges.is_empty());
}

#[test]
fn a_credit_note_has_its_due_date_in_the_payment_means() {
    let text = ubl(
        "CreditNote",
        "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode><cac:PaymentMeans>\
         <cbc:PaymentDueDate>2026-12-01</cbc:PaymentDueDate></cac:PaymentMeans>\
         <cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode='C62'>2\
         </cbc:CreditedQuantity></cac:CreditNoteLine>",
    );
    let invoice = read_invoice(text.as_bytes()).expect("readable").invoice;
    assert_eq!(invoice.kind, InvoiceKind::CreditNote);
    assert_eq!(invoice.due_date.map(|day| day.to_string()).as_deref(), Some("2026-12-01"));
    let line = &invoice.lines[0];
    assert_eq!(line.quantity.map(|two| two.to_string()).as_deref(), Some("2"));
    assert_eq!(line.unit.as_deref(), Some("C62"));
}

#[test]
fn what_contradicts_itself_is_a_fatal_finding() {
    let payable = |currency: &str| {
        format!(
            "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='{currency}'>1\
                 </cbc:PayableAmount></cac:LegalMonetaryTotal>"
        )
    };
    let tax = "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>1</cbc:TaxAmount></cac:TaxTotal>";
    let side = "<cac:AllowanceCharge><cbc:Amount>1</cbc:Amount></cac:AllowanceCharge>";
    let no_amount = "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>\
                     </cac:AllowanceCharge>";
    for (content, code) in [
        (payable("USD"), "CURRENCY_MISMATCH"),
        (tax.repeat(2), "BR-CO-15"),
        (side.to_owned(), "MISSING_VALUE"),
        (no_amount.to_owned(), "BR-36"),
        (payable("EUR").replace(">1", ">1.005"), "UBL-DT-01"),
        (
            format!("<cbc:BuyerReference>{}</cbc:BuyerReference>", "x".repeat(256)),
            "MALFORMED_VALUE",
        ),
    ] {
        let reading = invoice(&content);
        let found = reading.findings.iter().chain(&reading.broken);
        let mut fatal = found.filter(|found| found.severity == Severity::Fatal);
        assert!(fatal.any(|found| found.code == code), "{content}");
    }
}

#[test]
fn limits_hold_for_well_formed_floods_too() {
    let floods = [
        "<cac:InvoiceLine/>".repeat(10_001),
        format!("<cac:TaxTotal>{}</cac:TaxTotal>", "<cac:TaxSubtotal/>".repeat(201)),
        "<cbc:ID>1</cbc:ID>".repeat(5_002),
        "<cbc:Note/>".repeat(2_000_000),
    ];
    for flood in floods {
        let error = read_invoice(ubl("Invoice", &flood).as_bytes()).expect_err("refused");
        assert!(matches!(error, Unreadable::TooLarge { .. }), "{error}");
    }
    let deep = format!("{}{}", "<a>".repeat(DEPTH_MAX), "</a>".repeat(DEPTH_MAX));
    assert!(read_invoice(deep.as_bytes()).is_err());
}

#[test]
fn findings_of_a_hostile_document_are_counted_and_not_kept() {
    let line = "<cac:InvoiceLine><cbc:InvoicedQuantity>x</cbc:InvoicedQuantity></cac:InvoiceLine>";
    let reading = invoice(&line.repeat(4_000));
    let found = judge(reading);
    assert_eq!(found.len(), 1_001);
    assert!(found.last().is_some_and(|last| last.code == "FINDINGS_LEFT_OUT"));
}

#[test]
fn a_place_survives_the_declaration() {
    let text = "<?xml version='1.0'\n encoding='UTF-8'?>\n<a>\n  <b></a>";
    let Err(Unreadable::NotXml { place, .. }) = read_invoice(text.as_bytes()) else {
        panic!("not refused");
    };
    assert_eq!(place, Place { line: 4, column: 6 });
}
