//! UBL Order to a purchase order.

use rust_decimal::Decimal;

use crate::extraction::guard;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::party;
use crate::extraction::unreadable::Unreadable;
use crate::models::fault::Fault;
use crate::models::finding::Severity;
use crate::models::invoice::Party;
use crate::models::money::Currency;
use crate::models::order::{LINES_MAX, OrderLine, PurchaseOrder, TEXT_CHARACTERS_MAX};

/// Where a member of the model stands in the document, for faults that the model finds.
const MEMBERS: [(&str, &str); 5] = [
    ("id", "cbc:ID"),
    ("quantity", "cbc:Quantity"),
    ("unit_price", "cac:Price/cbc:PriceAmount"),
    ("price_base_quantity", "cac:Price/cbc:BaseQuantity"),
    ("net", "cbc:LineExtensionAmount"),
];

/// Reads the order; revision 1, since UBL has no number for revisions.
///
/// # Errors
/// Every fault of the content, each with its XPath.
pub(crate) fn read(root: Element<'_, '_>) -> Result<PurchaseOrder, Unreadable> {
    guard::limit("lines", root.all("cac:OrderLine").count(), LINES_MAX)?;
    let mut notes = Notes::default();
    let number = required_word(root, "cbc:ID", &mut notes);
    let currency = currency(root, &mut notes);
    let lines: Vec<_> = root
        .all("cac:OrderLine")
        .filter_map(|line| read_line(line, currency, &mut notes))
        .collect();
    let issue_date = notes.date(root.find("cbc:IssueDate"), "");
    let buyer = read_party(root, "cac:BuyerCustomerParty/cac:Party", &party::BUYER, &mut notes);
    let supplier =
        read_party(root, "cac:SellerSupplierParty/cac:Party", &party::SELLER, &mut notes);
    let (Some(number), Some(currency), true) = (number, currency, notes.findings().is_empty())
    else {
        let faults = notes.into_faults();
        return Err(Unreadable::Content { faults });
    };
    let order = PurchaseOrder {
        buyer,
        supplier,
        issue_date,
        lines,
        ..PurchaseOrder::new(number, currency)
    };
    let faults = order.faults();
    if faults.is_empty() {
        return Ok(order);
    }
    let place = |fault: Fault| placed(fault, root, "cac:OrderLine", "cac:LineItem", &MEMBERS);
    let faults = faults.into_iter().map(place).collect();
    Err(Unreadable::Content { faults })
}

/// Turns a place in the model, such as `/lines/1/id`, into the place in the document. The lines
/// of both are the same: a document with a line that could not be read never becomes a model.
pub(crate) fn placed(
    mut fault: Fault,
    root: Element<'_, '_>,
    line_name: &str,
    inside: &str,
    members: &[(&str, &str)],
) -> Fault {
    let pointer = fault.pointer.clone().unwrap_or_default();
    let mut parts = pointer.split('/').skip(1);
    let place = match (parts.next(), parts.next(), parts.next()) {
        (Some("lines"), Some(index), Some(member)) => {
            let line = index.parse().ok().and_then(|index| root.all(line_name).nth(index));
            let line = line
                .and_then(|line| if inside.is_empty() { Some(line) } else { line.find(inside) });
            let leaf = members.iter().find(|(name, _)| *name == member).map(|(_, leaf)| *leaf);
            line.map(|line| format!("{}/{}", line.xpath(), leaf.unwrap_or(member)))
        }
        (Some("lines"), None, None) => Some(format!("{}/{line_name}", root.xpath())),
        (Some("number"), None, None) => Some(format!("{}/cbc:ID", root.xpath())),
        _ => None,
    };
    fault.pointer = place.or(fault.pointer);
    fault
}

/// A text that has to be there.
pub(crate) fn required_word(
    parent: Element<'_, '_>,
    path: &str,
    notes: &mut Notes,
) -> Option<String> {
    let before = notes.findings().len();
    let word = notes.word(parent.find(path), "");
    if word.is_none() && notes.findings().len() == before {
        notes.missing(parent, path, "");
    }
    word
}

/// A number that has to be there.
pub(crate) fn required_decimal(
    parent: Element<'_, '_>,
    path: &str,
    notes: &mut Notes,
) -> Option<Decimal> {
    let at = parent.find(path);
    if at.is_none() {
        notes.missing(parent, path, "");
    }
    notes.decimal(at, "")
}

/// The currency of the order, else that of the first amount of a line.
fn currency(root: Element<'_, '_>, notes: &mut Notes) -> Option<Currency> {
    let path = "cbc:DocumentCurrencyCode";
    let of_lines = || {
        let items = root.all("cac:OrderLine").filter_map(|line| line.find("cac:LineItem"));
        let mut amounts = items.filter_map(|item| {
            let price = item.find("cac:Price/cbc:PriceAmount");
            price.or_else(|| item.find("cbc:LineExtensionAmount"))
        });
        let code = amounts.find_map(|amount| amount.attribute("currencyID"));
        code.map(str::to_owned)
    };
    let Some(code) = root.text_at(path).or_else(of_lines) else {
        notes.missing(root, path, "");
        return None;
    };
    let currency = Currency::parse(&code).ok();
    if currency.is_none() {
        let at = root.find(path).unwrap_or(root);
        let what = ("UNKNOWN_CURRENCY", Severity::Fatal, "");
        let why = "it is no ISO 4217 currency code";
        notes.differs(at, what, (&code, "EUR, USD …"), why);
    }
    currency
}

fn read_line(
    line: Element<'_, '_>,
    currency: Option<Currency>,
    notes: &mut Notes,
) -> Option<OrderLine> {
    let Some(item) = line.find("cac:LineItem") else {
        notes.missing(line, "cac:LineItem", "");
        return None;
    };
    let quantity_at = item.find("cbc:Quantity");
    let unit = quantity_at.and_then(|quantity| quantity.attribute("unitCode"));
    let id = required_word(item, "cbc:ID", notes);
    let quantity = required_decimal(item, "cbc:Quantity", notes);
    let net = amount(item.find("cbc:LineExtensionAmount"), currency, notes);
    let price = price(item, (quantity, unit, net), currency, notes);
    let product = |path: &str| item.find("cac:Item").and_then(|product| product.find(path));
    let name = product("cbc:Name").or_else(|| product("cbc:Description"));
    let description = notes.prose(name, "");
    let seller_item_id = notes.word(product("cac:SellersItemIdentification/cbc:ID"), "");
    let buyer_item_id = notes.word(product("cac:BuyersItemIdentification/cbc:ID"), "");
    let standard_item_id = notes.word(product("cac:StandardItemIdentification/cbc:ID"), "");
    let (unit_price, price_base_quantity) = price?;
    Some(OrderLine {
        id: id?,
        quantity: quantity?,
        unit: unit.filter(|unit| unit.len() <= TEXT_CHARACTERS_MAX).map(str::to_owned),
        unit_price,
        price_base_quantity,
        net,
        description,
        seller_item_id,
        buyer_item_id,
        standard_item_id,
        ..OrderLine::default()
    })
}

/// The price and its base quantity. A line that has only a net amount has it as the price of its
/// whole quantity: exact, where a division would not be.
fn price(
    item: Element<'_, '_>,
    (quantity, unit, net): (Option<Decimal>, Option<&str>, Option<Decimal>),
    currency: Option<Currency>,
    notes: &mut Notes,
) -> Option<(Decimal, Option<Decimal>)> {
    let path = "cac:Price/cbc:PriceAmount";
    let Some(at) = item.find(path) else {
        if net.is_none() {
            notes.missing(item, path, "");
        }
        return Some((net?, quantity));
    };
    let base = item.find("cac:Price/cbc:BaseQuantity");
    if let Some(base) = base
        && let (Some(actual), Some(expected)) = (base.attribute("unitCode"), unit)
        && actual != expected
    {
        let what = ("PRICE_UNIT_DIFFERS", Severity::Fatal, "");
        let why = "the price is for another unit than the quantity; state both in one";
        notes.differs(base, what, (actual, expected), why);
    }
    let base = notes.decimal(base, "");
    Some((amount(Some(at), currency, notes)?, base))
}

/// An amount in the currency of the order.
fn amount(
    at: Option<Element<'_, '_>>,
    currency: Option<Currency>,
    notes: &mut Notes,
) -> Option<Decimal> {
    let at = at?;
    if let (Some(actual), Some(expected)) = (at.attribute("currencyID"), currency)
        && actual != expected.code()
    {
        let what = ("CURRENCY_MISMATCH", Severity::Fatal, "");
        let why = "the amount is not in the currency of the order";
        notes.differs(at, what, (actual, expected.code()), why);
    }
    notes.decimal(Some(at), "")
}

/// A party of an order often has its trading name alone.
fn read_party(root: Element<'_, '_>, path: &str, terms: &party::Terms, notes: &mut Notes) -> Party {
    let at = root.find(path);
    let mut party = party::read(at, terms, notes);
    if party.name.is_none() {
        party.name = notes.word(at.and_then(|at| at.find("cac:PartyName/cbc:Name")), "");
    }
    party
}
