//! CII `SpecifiedTradePaymentTerms`: BT-9, BT-20, and discounts for early payment.

use chrono::{Days, NaiveDate};

use crate::extraction::cii::date;
use crate::extraction::notes::Notes;
use crate::extraction::skonto;
use crate::extraction::tree::Element;
use crate::models::finding::Severity;
use crate::models::invoice::{CashDiscount, Invoice};

/// The group; EXTENDED has one for each step.
const ELEMENT: &str = "ram:SpecifiedTradePaymentTerms";

/// Reads the terms into the invoice.
pub(crate) fn read(settlement: Element<'_, '_>, invoice: &mut Invoice, notes: &mut Notes) {
    let first = |path: &str| settlement.all(ELEMENT).find_map(|terms| terms.find(path));
    let text = first("ram:Description");
    invoice.due_date = date::read(first("ram:DueDateDateTime"), "BT-9", notes);
    invoice.payment_terms = notes.prose(text, "BT-20");
    let groups = settlement
        .all(ELEMENT)
        .flat_map(|terms| terms.all("ram:ApplicableTradePaymentDiscountTerms").collect::<Vec<_>>());
    for (group, number) in groups.zip(1..) {
        let place = format!("ext.cash_discounts[{number}]");
        invoice.cash_discounts.push(notes.within(&place, |notes| discount(group, notes)));
    }
    // Who has the elements says in the text the same again.
    if invoice.cash_discounts.is_empty() {
        invoice.cash_discounts = skonto::read(text, notes);
    }
}

fn discount(group: Element<'_, '_>, notes: &mut Notes) -> CashDiscount {
    let from = date::read(group.find("ram:BasisDateTime"), "until", notes);
    let days = days(group.find("ram:BasisPeriodMeasure"), notes);
    CashDiscount {
        until: until(from, days),
        days: days.filter(|_| from.is_none()),
        percent: notes.decimal(group.find("ram:CalculationPercent"), "percent"),
        base: notes.amount(group.find("ram:BasisAmount"), "base"),
        amount: notes.amount(group.find("ram:ActualDiscountAmount"), "amount"),
    }
}

/// The last day: so many days from a day, or the day itself.
fn until(from: Option<NaiveDate>, days: Option<u32>) -> Option<NaiveDate> {
    from?.checked_add_days(Days::new(u64::from(days.unwrap_or(0))))
}

/// A period in days or weeks (UNECE Rec 20); months have no length of their own.
fn days(at: Option<Element<'_, '_>>, notes: &mut Notes) -> Option<u32> {
    let measure = at?;
    let each = match measure.attribute("unitCode") {
        None | Some("DAY") => 1,
        Some("WEE") => 7,
        Some(_) => {
            let why = "is neither in days (DAY) nor in weeks (WEE) and is not read";
            let what = ("DISCOUNT_PERIOD_UNREAD", Severity::Warning, "BT-20");
            notes.remark(measure, what, why);
            return None;
        }
    };
    let why = "is not a number of days";
    let whole = |text: &str| text.strip_suffix(".00").unwrap_or(text).parse::<u32>().ok();
    let count = notes.value(at, "days", whole, why)?;
    count.checked_mul(each)
}
