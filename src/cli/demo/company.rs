//! A company that does not exist, and everything that its accounts payable sees in a month. All of
//! it follows from one number, so two demos of a day are alike.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cli::demo::documents::Form;
use crate::models::invoice::Invoice;

/// Who pays.
pub(super) const BUYER: &str = "Nordhafen Werkzeugbau AG";
/// From which account.
pub(super) const OUR_IBAN: &str = "DE32278755838780919245";

/// How many there are.
pub(super) const ORDERS: usize = 40;
pub(super) const INVOICES: usize = 60;

/// Whoever sends: number, name, city, VAT id, account. Names, numbers and accounts are made up;
/// their check digits hold.
#[rustfmt::skip]
const SUPPLIERS: [[&str; 5]; 8] = [
    ["L-1001", "Schraubenhandel Eckernholm GmbH", "Kiel", "DE917420806", "DE63066553340877759222"],
    ["L-1002", "Kugellager Vossberg KG", "Hannover", "DE202938437", "DE61997953825858051371"],
    ["L-1003", "Stahlkontor Altenwerder GmbH", "Hamburg", "DE278686441", "DE46469876780707404279"],
    ["L-1004", "Pumpen Lindqvist & Sohn GmbH", "Flensburg", "DE384805445", "DE43279759955332068470"],
    ["L-1005", "Elektro Brockmeier GmbH", "Bremen", "DE744957702", "DE35209736910267948617"],
    ["L-1006", "Papier und Druck Wesselmann OHG", "Oldenburg", "DE263516781", "DE41655808642276372951"],
    ["L-1007", "Gebinde Hasselfeld GmbH", "Rostock", "DE247800035", "DE35070239270703877772"],
    ["L-1008", "Spedition Tideweg GmbH", "Emden", "DE228545821", "DE69182355985475576372"],
];
/// Somebody whom nobody knows.
const STRANGER: [&str; 5] =
    ["", "Fernhandel Quastenberg GmbH", "Erfurt", "DE440598490", "DE43373432617593403874"];
/// An account that nobody has verified.
const OTHER_IBAN: &str = "DE84341672110684038854";

/// What is bought: name, unit, cents for one.
const GOODS: [(&str, &str, i64); 12] = [
    ("Hexagon screw M8x40, zinc", "C62", 32),
    ("Ball bearing 6204-2RS", "C62", 385),
    ("Steel sheet S235, 3 mm", "MTK", 2_640),
    ("Circulation pump 25-60", "C62", 18_900),
    ("Cable H07RN-F 5G2.5", "MTR", 415),
    ("Copy paper A4, 80 g", "XPK", 449),
    ("Pallet box 1200x800", "C62", 7_450),
    ("Freight Hamburg to Kiel", "C62", 28_500),
    ("Cutting oil, 20 l", "C62", 9_890),
    ("Milling cutter 12 mm", "C62", 4_275),
    ("Contactor 24 V, 9 A", "C62", 3_180),
    ("Safety gloves, size 9", "XPK", 1_295),
];

/// What an invoice is meant to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plot {
    /// Nothing is wrong with it.
    Clean,
    /// It comes to more than anybody ordered.
    Dear,
    /// Its order is unknown.
    Unordered,
    /// Its seller is unknown.
    Stranger,
    /// It wants to be paid to another account.
    OtherAccount,
    /// The one before it once more, in another form.
    Twice,
    /// Nobody can read it.
    Broken,
    /// It takes the place of the one before it.
    Corrected,
}

/// An invoice to be handed in.
pub(super) struct Paper {
    pub(super) invoice: Invoice,
    pub(super) form: Form,
    pub(super) plot: Plot,
}

/// Everything, in the order in which it comes.
pub(super) struct Company {
    pub(super) suppliers: Vec<Value>,
    pub(super) orders: Vec<Value>,
    pub(super) receipts: Vec<Value>,
    pub(super) papers: Vec<Paper>,
}

/// Numbers that look like chance and are none (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// How much of an order an invoice bills. The parts differ: two equal amounts of one supplier look
/// like one invoice sent twice.
#[derive(Clone, Copy)]
enum Part {
    First,
    Rest,
    All,
}

impl Part {
    fn of(self, quantity: i64) -> i64 {
        let first = quantity / 2 - 1;
        match self {
            Self::First => first,
            Self::Rest => quantity - first,
            Self::All => quantity,
        }
    }
}

/// A line of an order.
struct Ordered {
    good: usize,
    quantity: i64,
}

impl Company {
    /// As it stands on a day.
    pub(super) fn on(today: NaiveDate) -> Self {
        let mut dice = Dice(0x4e4f_5244_4841_4645);
        let orders: Vec<Vec<Ordered>> = (0..ORDERS)
            .map(|_| {
                let first = dice.below(GOODS.len() as u64) as usize;
                let lines = 1 + dice.below(3) as usize;
                let line = |place: usize| Ordered {
                    good: (first + place * 5) % GOODS.len(),
                    quantity: 2 * (2 + i64::try_from(dice.below(20)).unwrap_or_default()),
                };
                (0..lines).map(line).collect()
            })
            .collect();
        Self {
            suppliers: SUPPLIERS.iter().map(supplier).collect(),
            orders: orders.iter().enumerate().map(order).collect(),
            receipts: orders.iter().enumerate().filter_map(|one| receipt(one, today)).collect(),
            papers: (0..INVOICES).map(|place| paper(place, &orders, today)).collect(),
        }
    }
}

fn supplier([number, name, _, vat_id, iban]: &[&str; 5]) -> Value {
    json!({
        "supplier_number": number, "name": name, "vat_ids": [vat_id],
        "accounts": [{"id": iban, "verified_since": "2025-01-15"}],
    })
}

fn order_number(place: usize) -> String {
    format!("B-{}", 4_500 + place)
}

fn decimal(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

fn order((place, lines): (usize, &Vec<Ordered>)) -> Value {
    let [_, name, _, vat_id, _] = SUPPLIERS[place % SUPPLIERS.len()];
    let line = |(place, line): (usize, &Ordered)| {
        let (name, unit, cents) = GOODS[line.good];
        json!({
            "id": (place + 1).to_string(), "quantity": line.quantity.to_string(), "unit": unit,
            "unit_price": decimal(cents).to_string(), "description": name,
        })
    };
    json!({
        "number": order_number(place), "currency": "EUR",
        "supplier": {"name": name, "vat_id": vat_id},
        "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>(),
    })
}

/// The last orders have not come yet, and some before them in part.
fn receipt((place, lines): (usize, &Vec<Ordered>), today: NaiveDate) -> Option<Value> {
    let part = match place {
        0..34 => 1,
        34..37 => 2,
        _ => return None,
    };
    let line = |(place, line): (usize, &Ordered)| {
        let id = (place + 1).to_string();
        json!({"id": id, "order_line": id, "received": (line.quantity / part).to_string()})
    };
    Some(json!({
        "number": format!("WE-{}", 8_800 + place), "purchase_order": order_number(place),
        "date": today - Days::new(20),
        "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>(),
    }))
}

fn plot(place: usize) -> Plot {
    match place {
        7 | 19 | 33 => Plot::Dear,
        11 | 47 => Plot::Unordered,
        23 => Plot::Stranger,
        29 => Plot::OtherAccount,
        15 | 37 => Plot::Twice,
        31 | 53 => Plot::Broken,
        34 => Plot::Corrected,
        _ => Plot::Clean,
    }
}

/// The first 20 orders are billed in two halves, the others at once.
fn paper(place: usize, orders: &[Vec<Ordered>], today: NaiveDate) -> Paper {
    let plot = plot(place);
    // Once more, or in its place: what it says is that of the one before, in another form.
    let (of, form) = match plot {
        Plot::Twice | Plot::Corrected => (place - 1, Form::Ubl),
        _ => (place, Form::of(place)),
    };
    let (order, part) = match of {
        0..40 if of.is_multiple_of(2) => (of / 2, Part::First),
        0..40 => (of / 2, Part::Rest),
        _ => (of - 20, Part::All),
    };
    let seller = match plot {
        Plot::Stranger => STRANGER,
        _ => SUPPLIERS[order % SUPPLIERS.len()],
    };
    let number = match plot {
        Plot::Corrected => format!("RE-2026-{}", 700 + place),
        _ => format!("RE-2026-{}", 700 + of),
    };
    let dear = i64::from(plot == Plot::Dear);
    let lines: Vec<_> =
        orders[order].iter().map(|line| (line, part.of(line.quantity), dear)).collect();
    let issued = today - Days::new(15 - (of as u64) / 5);
    let mut invoice = json!({
        "number": number, "issue_date": issued, "due_date": issued + Days::new(30),
        "type_code": "380", "currency": "EUR", "specification": "urn:cen.eu:en16931:2017",
        "order_reference": match plot {
            Plot::Unordered => format!("X-{place}"),
            _ => order_number(order),
        },
        "payment_terms": "30 days", "seller": party(seller), "buyer": buyer(),
        "payments": [{"means_code": "58", "remittance": number, "accounts": [{"id": match plot {
            Plot::OtherAccount => OTHER_IBAN,
            _ => seller[4],
        }}]}],
    });
    bill(&mut invoice, &lines);
    if plot == Plot::Corrected {
        invoice["type_code"] = "384".into();
        invoice["preceding_invoices"] = json!([{"number": format!("RE-2026-{}", 700 + of)}]);
    }
    let invoice = serde_json::from_value(invoice).expect("members of the canonical invoice");
    Paper { invoice, form, plot }
}

fn party([_, name, city, vat_id, _]: [&str; 5]) -> Value {
    json!({"name": name, "vat_id": vat_id, "address": {"city": city, "country": "DE"}})
}

fn buyer() -> Value {
    json!({"name": BUYER, "address": {"city": "Kiel", "country": "DE"}})
}

/// Lines, tax at 19 % and totals.
fn bill(invoice: &mut Value, lines: &[(&Ordered, i64, i64)]) {
    let mut sum = 0;
    let mut written = Vec::new();
    for (place, (line, quantity, dear)) in lines.iter().enumerate() {
        let (name, unit, cents) = GOODS[line.good];
        let price = cents + dear * (cents / 5 + 1);
        let net = quantity * price;
        sum += net;
        let id = (place + 1).to_string();
        written.push(json!({
            "id": id, "quantity": quantity.to_string(), "unit": unit, "net": decimal(net),
            "price": decimal(price), "tax_category": "S", "tax_rate": "19", "name": name,
            "order_line_reference": id,
        }));
    }
    let tax = (sum * 19 + 50) / 100;
    let (net, gross) = (decimal(sum), decimal(sum + tax));
    invoice["lines"] = written.into();
    invoice["tax"] = json!([{"base": net, "tax": decimal(tax), "category": "S", "rate": "19"}]);
    invoice["totals"] = json!({
        "lines": net, "net": net, "tax": decimal(tax), "gross": gross, "payable": gross,
    });
}

#[cfg(test)]
mod tests {
    use super::{Company, INVOICES, ORDERS, Plot};
    use crate::cli::demo::documents::Form;

    #[test]
    fn the_company_is_the_same_each_time_and_has_something_of_everything() {
        let day = "2026-11-27".parse().expect("a day");
        let (one, two) = (Company::on(day), Company::on(day));
        assert_eq!((one.orders.len(), one.papers.len()), (ORDERS, INVOICES));
        assert_eq!(one.orders, two.orders);
        for (one, two) in one.papers.iter().zip(&two.papers) {
            assert_eq!(one.invoice, two.invoice);
        }
        for form in Form::ALL {
            assert!(one.papers.iter().any(|paper| paper.form == form), "{form:?}");
        }
        for plot in [Plot::Clean, Plot::Dear, Plot::Twice, Plot::Broken, Plot::Corrected] {
            assert!(one.papers.iter().any(|paper| paper.plot == plot), "{plot:?}");
        }
    }
}
