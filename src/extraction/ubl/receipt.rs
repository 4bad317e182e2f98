//! UBL `ReceiptAdvice` and `DespatchAdvice` to a receipt.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::guard;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::order::{placed, required_decimal, required_word};
use crate::extraction::unreadable::Unreadable;
use crate::models::finding::Severity;
use crate::models::order::{LINES_MAX, TEXT_CHARACTERS_MAX};
use crate::models::receipt::{Receipt, ReceiptKind, ReceiptLine};

/// How the two documents name the same things.
struct Form {
    kind: ReceiptKind,
    line: &'static str,
    quantity: &'static str,
    rejected: Option<&'static str>,
    /// The day the goods moved; the day of issue stands in for it.
    days: &'static [&'static str],
}

const RECEIPT_ADVICE: Form = Form {
    kind: ReceiptKind::Receipt,
    line: "cac:ReceiptLine",
    quantity: "cbc:ReceivedQuantity",
    rejected: Some("cbc:RejectedQuantity"),
    days: &[
        "cac:Shipment/cac:Delivery/cbc:ActualDeliveryDate",
        "cac:ReceiptLine/cbc:ReceivedDate",
        "cbc:IssueDate",
    ],
};

const DESPATCH_ADVICE: Form = Form {
    kind: ReceiptKind::Despatch,
    line: "cac:DespatchLine",
    quantity: "cbc:DeliveredQuantity",
    rejected: None,
    days: &["cac:Shipment/cac:Delivery/cac:Despatch/cbc:ActualDespatchDate", "cbc:IssueDate"],
};

/// What the buyer received.
///
/// # Errors
/// Every fault of the content, each with its XPath.
pub(crate) fn read_receipt_advice(root: Element<'_, '_>) -> Result<Receipt, Unreadable> {
    read(root, &RECEIPT_ADVICE)
}

/// What the supplier says that it sent.
///
/// # Errors
/// Every fault of the content, each with its XPath.
pub(crate) fn read_despatch_advice(root: Element<'_, '_>) -> Result<Receipt, Unreadable> {
    read(root, &DESPATCH_ADVICE)
}

fn read(root: Element<'_, '_>, form: &Form) -> Result<Receipt, Unreadable> {
    guard::limit("lines", root.all(form.line).count(), LINES_MAX)?;
    let mut notes = Notes::default();
    let number = required_word(root, "cbc:ID", &mut notes);
    let purchase_order = purchase_order(root, form, &mut notes);
    let date = date(root, form, &mut notes);
    let lines: Vec<_> =
        root.all(form.line).filter_map(|line| read_line(line, form, &mut notes)).collect();
    let (Some(number), Some(purchase_order), true) =
        (number, purchase_order, notes.findings().is_empty())
    else {
        let faults = notes.into_faults();
        return Err(Unreadable::Content { faults });
    };
    let receipt = Receipt { kind: form.kind, number, revision: 1, purchase_order, date, lines };
    let faults = receipt.faults();
    if faults.is_empty() {
        return Ok(receipt);
    }
    let members = [
        ("id", "cbc:ID"),
        ("order_line", "cac:OrderLineReference/cbc:LineID"),
        ("received", form.quantity),
        ("rejected", form.rejected.unwrap_or(form.quantity)),
    ];
    let faults = faults.into_iter().map(|fault| placed(fault, root, form.line, "", &members));
    let faults = faults.collect();
    Err(Unreadable::Content { faults })
}

/// The one order that the goods belong to: named at the head, on the lines, or both alike.
fn purchase_order(root: Element<'_, '_>, form: &Form, notes: &mut Notes) -> Option<String> {
    let head = root.all("cac:OrderReference").filter_map(|reference| reference.find("cbc:ID"));
    let references =
        root.all(form.line).flat_map(|line| line.all("cac:OrderLineReference").collect::<Vec<_>>());
    let of_lines = references.filter_map(|reference| reference.find("cac:OrderReference/cbc:ID"));
    let mut first: Option<String> = None;
    for at in head.chain(of_lines) {
        let Some(number) = notes.word(Some(at), "") else {
            continue;
        };
        match &first {
            None => first = Some(number),
            Some(first) if *first != number => {
                let what = ("SEVERAL_ORDERS", Severity::Fatal, "");
                let why = "a receipt belongs to one order; send one document for each";
                notes.differs(at, what, (&number, first), why);
                break;
            }
            Some(_) => {}
        }
    }
    if first.is_none() {
        notes.missing(root, "cac:OrderReference/cbc:ID", "");
    }
    first
}

fn date(root: Element<'_, '_>, form: &Form, notes: &mut Notes) -> Option<NaiveDate> {
    let at = form.days.iter().find_map(|path| root.find(path));
    notes.date(at, "")
}

fn read_line(line: Element<'_, '_>, form: &Form, notes: &mut Notes) -> Option<ReceiptLine> {
    let id = required_word(line, "cbc:ID", notes);
    let references = line.all("cac:OrderLineReference").count();
    if references > 1 {
        let count = references.to_string();
        let what = ("SEVERAL_ORDER_LINES", Severity::Fatal, "");
        let why = "one quantity cannot be told apart over several order lines";
        notes.differs(line, what, (&count, "1"), why);
    }
    let order_line = required_word(line, "cac:OrderLineReference/cbc:LineID", notes);
    let received = required_decimal(line, form.quantity, notes);
    let rejected = form.rejected.and_then(|path| line.find(path));
    let unit = line.find(form.quantity).and_then(|at| at.attribute("unitCode"));
    let rejected: Option<Decimal> = notes.decimal(rejected, "");
    Some(ReceiptLine {
        id: id?,
        order_line: order_line?,
        received: received?,
        rejected,
        unit: unit.filter(|unit| unit.len() <= TEXT_CHARACTERS_MAX).map(str::to_owned),
        ..ReceiptLine::default()
    })
}
