//! Orders and receipts, and any bytes at all, on documents small enough to see through.

use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

use crate::extraction::{read_invoice, read_order, read_receipt};
use crate::models::receipt::ReceiptKind;

/// A UBL document of a kind: `cbc` and `cac` declared, the root's own namespace as default.
fn ubl(kind: &str, content: &str) -> String {
    const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";
    format!(
        "<{kind} xmlns='{UBL}{kind}-2' xmlns:cbc='{UBL}CommonBasicComponents-2' \
         xmlns:cac='{UBL}CommonAggregateComponents-2'>{content}</{kind}>"
    )
}

const HEAD: &str = "<cbc:ID>R-1</cbc:ID><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>";

const ORDER_LINE: &str = "<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID>\
    <cbc:Quantity unitCode='C62'>10</cbc:Quantity>\
    <cbc:LineExtensionAmount currencyID='EUR'>125.00</cbc:LineExtensionAmount>\
    <cac:Price><cbc:PriceAmount currencyID='EUR'>12.50</cbc:PriceAmount>\
    <cbc:BaseQuantity unitCode='C62'>1</cbc:BaseQuantity></cac:Price>\
    <cac:Item><cbc:Name>Bolt</cbc:Name><cac:SellersItemIdentification><cbc:ID>B-1</cbc:ID>\
    </cac:SellersItemIdentification></cac:Item></cac:LineItem></cac:OrderLine>";

fn order(content: &str) -> String {
    let parties = "<cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>Buyer</cbc:Name>\
                   </cac:PartyName></cac:Party></cac:BuyerCustomerParty>";
    let day = "<cbc:IssueDate>2026-11-01</cbc:IssueDate>";
    ubl("Order", &format!("{HEAD}{day}{parties}{content}"))
}

#[test]
fn an_order_is_read() {
    let order = read_order(order(ORDER_LINE).as_bytes()).expect("an order");
    assert_eq!((order.number.as_str(), order.revision), ("R-1", 1));
    assert_eq!(order.currency.code(), "EUR");
    assert_eq!(order.buyer_key(), "BUYER");
    assert_eq!(order.issue_date.map(|day| day.to_string()).as_deref(), Some("2026-11-01"));
    let line = &order.lines[0];
    assert_eq!((line.id.as_str(), line.unit.as_deref()), ("1", Some("C62")));
    assert_eq!(line.quantity.to_string(), "10");
    assert_eq!(line.unit_price.to_string(), "12.50");
    assert_eq!(line.net.map(|net| net.to_string()).as_deref(), Some("125.00"));
    assert_eq!(line.description.as_deref(), Some("Bolt"));
    assert_eq!(line.seller_item_id.as_deref(), Some("B-1"));
}

#[test]
fn an_order_without_a_price_has_the_net_of_the_line_as_price_of_its_quantity() {
    let start = ORDER_LINE.find("<cac:Price>").expect("a price");
    let end = ORDER_LINE.find("<cac:Item>").expect("an item");
    let line = format!("{}{}", &ORDER_LINE[..start], &ORDER_LINE[end..]);
    let line = line.replace("125.00", "100.00").replace(">10<", ">3<");
    let order = read_order(order(&line).as_bytes()).expect("an order");
    assert_eq!(order.lines[0].unit_price.to_string(), "100.00");
    let base = order.lines[0].price_base_quantity.map(|base| base.to_string());
    assert_eq!(base.as_deref(), Some("3"));
}

#[test]
fn every_fault_of_an_order_is_told_with_its_place() {
    let bad = ORDER_LINE.replace(">10<", ">0<").replace("12.50", "1,00");
    let cases = [
        ("", "/Order/cac:OrderLine", "empty"),
        ("<cac:OrderLine/>", "/Order/cac:OrderLine/cac:LineItem", "missing_value"),
        (&bad, "/Order/cac:OrderLine/cac:LineItem/cac:Price/cbc:PriceAmount", "malformed_value"),
        (
            &ORDER_LINE.replace(">10<", ">0<"),
            "/Order/cac:OrderLine/cac:LineItem/cbc:Quantity",
            "out_of_range",
        ),
        (&ORDER_LINE.repeat(2), "/Order/cac:OrderLine[2]/cac:LineItem/cbc:ID", "duplicate"),
        (
            &ORDER_LINE.replace("currencyID='EUR'>12.50", "currencyID='USD'>12.50"),
            "/Order/cac:OrderLine/cac:LineItem/cac:Price/cbc:PriceAmount",
            "currency_mismatch",
        ),
        (
            &ORDER_LINE.replace("BaseQuantity unitCode='C62'", "BaseQuantity unitCode='KGM'"),
            "/Order/cac:OrderLine/cac:LineItem/cac:Price/cbc:BaseQuantity",
            "price_unit_differs",
        ),
    ];
    for (content, place, code) in cases {
        let error = read_order(order(content).as_bytes()).expect_err("faults");
        let faults = error.faults();
        assert_eq!(faults.len(), 1, "{error}");
        assert_eq!(faults[0].pointer.as_deref(), Some(place));
        assert_eq!(faults[0].code, code);
        assert!(error.to_string().starts_with(place), "{error}");
    }
    let error = read_order(ubl("Order", "").as_bytes()).expect_err("faults");
    let places: Vec<_> = error.faults().iter().filter_map(|fault| fault.pointer.clone()).collect();
    assert_eq!(places, ["/Order/cbc:ID", "/Order/cbc:DocumentCurrencyCode"]);
}

#[test]
fn an_order_in_guessed_letters_is_refused() {
    let text = order(ORDER_LINE).replace("Bolt", "Bölt");
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(&text);
    let error = read_order(&latin).expect_err("refused");
    assert_eq!(error.faults()[0].code, "encoding_mismatch");
}

fn advice(kind: &str, line: &str, quantity: &str) -> String {
    let reference = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>";
    ubl(
        kind,
        &format!(
            "<cbc:ID>GR-7</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>{reference}\
             <cac:{line}><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode='C62'>8</cbc:{quantity}>\
             <cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference>\
             </cac:{line}>"
        ),
    )
}

#[test]
fn receipts_and_despatches_are_read() {
    let received = advice("ReceiptAdvice", "ReceiptLine", "ReceivedQuantity").replace(
        "<cac:OrderLineReference>",
        "<cbc:RejectedQuantity>2</cbc:RejectedQuantity><cac:OrderLineReference>",
    );
    let despatched = advice("DespatchAdvice", "DespatchLine", "DeliveredQuantity");
    for (text, kind, rejected) in
        [(received, ReceiptKind::Receipt, Some("2")), (despatched, ReceiptKind::Despatch, None)]
    {
        let receipt = read_receipt(text.as_bytes()).expect("a receipt");
        assert_eq!((receipt.kind, receipt.revision), (kind, 1));
        assert_eq!((receipt.number.as_str(), receipt.purchase_order.as_str()), ("GR-7", "PO-1"));
        assert_eq!(receipt.date.map(|day| day.to_string()).as_deref(), Some("2026-11-20"));
        let line = &receipt.lines[0];
        assert_eq!((line.id.as_str(), line.order_line.as_str()), ("1", "10"));
        assert_eq!(line.received.to_string(), "8");
        assert_eq!(line.rejected.map(|two| two.to_string()).as_deref(), rejected);
        assert_eq!(line.unit.as_deref(), Some("C62"));
    }
}

#[test]
fn every_fault_of_a_receipt_is_told_with_its_place() {
    let good = advice("ReceiptAdvice", "ReceiptLine", "ReceivedQuantity");
    let other = "<cbc:LineID>10</cbc:LineID><cac:OrderReference><cbc:ID>PO-2</cbc:ID>\
                 </cac:OrderReference>";
    let line = "/ReceiptAdvice/cac:ReceiptLine";
    let cases = [
        (good.replace(">8<", "><"), format!("{line}/cbc:ReceivedQuantity"), "malformed_value"),
        (
            good.replace("<cbc:LineID>10</cbc:LineID>", ""),
            format!("{line}/cac:OrderLineReference/cbc:LineID"),
            "missing_value",
        ),
        (
            good.replace("<cbc:LineID>10</cbc:LineID>", other),
            format!("{line}/cac:OrderLineReference/cac:OrderReference/cbc:ID"),
            "several_orders",
        ),
        (
            good.replace("PO-1", ""),
            "/ReceiptAdvice/cac:OrderReference/cbc:ID".to_owned(),
            "missing_value",
        ),
        (
            good.replace(
                "<cac:OrderLineR",
                "<cbc:RejectedQuantity>9</cbc:RejectedQuantity><cac:OrderLineR",
            ),
            format!("{line}/cbc:RejectedQuantity"),
            "out_of_range",
        ),
        (
            good.replace("2026-11-20", "20.11.2026"),
            "/ReceiptAdvice/cbc:IssueDate".to_owned(),
            "malformed_value",
        ),
    ];
    for (text, place, code) in cases {
        let error = read_receipt(text.as_bytes()).expect_err("faults");
        assert_eq!(error.faults().len(), 1, "{error}");
        assert_eq!(error.faults()[0].pointer.as_deref(), Some(place.as_str()));
        assert_eq!(error.faults()[0].code, code);
    }
}

/// Some bytes of `text` replaced by others.
fn spliced(text: &str, at: usize, length: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    let end = (at + length).min(bytes.len());
    drop(bytes.splice(at..end, with.iter().copied()));
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes: Vec<u8>, start in 0..4_usize) {
        let start: &[u8] = [b"".as_slice(), b"<?xml ", b"\xff\xfe<\0", b"<a>"][start];
        let bytes = [start, &bytes].concat();
        prop_assert!(read_invoice(&bytes).is_err());
        prop_assert!(read_order(&bytes).is_err());
        prop_assert!(read_receipt(&bytes).is_err());
    }

    #[test]
    fn no_change_of_a_document_makes_a_reader_panic(
        at: usize,
        length in 0..30_usize,
        with in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        const LINE: &str = "<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity>1\
            </cbc:Quantity><cac:Price><cbc:PriceAmount currencyID='EUR'>1</cbc:PriceAmount>\
            </cac:Price></cac:LineItem></cac:OrderLine>";
        const ADVICE: &str = "<cac:ReceiptLine><cbc:ID>1</cbc:ID><cbc:ReceivedQuantity>1\
            </cbc:ReceivedQuantity><cac:OrderLineReference><cbc:LineID>1</cbc:LineID>\
            <cac:OrderReference><cbc:ID>P</cbc:ID></cac:OrderReference></cac:OrderLineReference>\
            </cac:ReceiptLine>";
        let order = ubl("Order", &format!("{HEAD}{LINE}"));
        let receipt = ubl("ReceiptAdvice", &format!("{HEAD}{ADVICE}"));
        prop_assert!(read_order(order.as_bytes()).is_ok());
        prop_assert!(read_receipt(receipt.as_bytes()).is_ok());
        if let Ok(order) = read_order(&spliced(&order, at, length, &with)) {
            prop_assert!(order.faults().is_empty());
        }
        if let Ok(receipt) = read_receipt(&spliced(&receipt, at, length, &with)) {
            prop_assert!(receipt.faults().is_empty());
        }
    }
}
