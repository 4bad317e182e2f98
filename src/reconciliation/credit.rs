//! Credit notes and negative invoices: what they give back of which invoice (handbook §10).

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::models::case::{BilledLine, Case};
use crate::models::invoice::{InvoiceKind, InvoiceLine};
use crate::models::verdict::{Credited, Hold, HoldCode};
use crate::reconciliation::checks::credit::CreditedLine;
use crate::reconciliation::figures::Figures;
use crate::reconciliation::holds;
use crate::reconciliation::item;
use crate::reconciliation::reference::{meaningful, without_zeros};
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// It gives money back: a credit note, or an invoice whose payable amount is less than nothing.
pub(crate) fn gives_back(case: &Case) -> bool {
    case.invoice.kind == InvoiceKind::CreditNote || is_negative(case)
}

/// What is to be paid (BT-115, else BT-112, else BT-109) is less than nothing.
pub(crate) fn is_negative(case: &Case) -> bool {
    let totals = &case.invoice.totals;
    let payable = totals.payable.or(totals.gross).or(totals.net);
    payable.is_some_and(|payable| payable < Decimal::ZERO)
}

/// The lines with what each credits, and the holds of those that credit nothing known.
pub(crate) fn lines<'a>(
    scene: &Scene<'a>,
    figures: &[Figures],
) -> (Vec<CreditedLine<'a>>, Vec<Hold>) {
    let case = scene.case;
    let mut lines: Vec<CreditedLine<'a>> = Vec::new();
    let mut raised: Vec<Hold> = both_ways(figures).into_iter().collect();
    let all = case.preceding.iter().enumerate();
    let all: Vec<(usize, &BilledLine)> =
        all.flat_map(|(place, one)| one.lines.iter().map(move |line| (place, line))).collect();
    let mut before: HashMap<*const BilledLine, (Decimal, Decimal)> = HashMap::new();
    for (place, (line, figures)) in case.invoice.lines.iter().zip(figures).enumerate() {
        let Some(net) = figures.net.map(|net| net.abs()) else {
            let text = "quantity (BT-129) and net amount (BT-131) are missing; releases when a \
                        person supplies them or a corrected document arrives";
            raised.push(holds::line(HoldCode::MissingData, &line.id, text));
            continue;
        };
        match billed_line(&all, case, line) {
            Ok((invoice, billed)) => {
                let price_only = case.decisions.price_credits.contains(&line.id);
                let quantity = figures.quantity.filter(|_| !price_only).unwrap_or_default().abs();
                let Some(quantity) = in_billed_unit(scene, line, billed, quantity) else {
                    let text = "credited in another unit than billed; releases when a conversion \
                                between the two is known";
                    raised.push(holds::line(HoldCode::UomMismatch, &line.id, text));
                    continue;
                };
                let sum = before.entry(std::ptr::from_ref(billed)).or_default();
                lines.push(CreditedLine { place, billed, invoice, quantity, net, before: *sum });
                *sum = (sum.0.saturating_add(quantity), sum.1.saturating_add(net));
            }
            Err((code, text)) => raised.push(holds::line(code, &line.id, text)),
        }
    }
    raised.extend(lines.iter().filter_map(|line| unclear(scene, line)));
    (lines, raised)
}

/// Lines that give and lines that take in one document: what each means is a person's to say.
fn both_ways(figures: &[Figures]) -> Option<Hold> {
    let nets = || figures.iter().filter_map(|figures| figures.net);
    let mixed = nets().any(|net| net > Decimal::ZERO) && nets().any(|net| net < Decimal::ZERO);
    let text = "some lines of this document give back and others ask for more; releases when a \
                person settles it";
    mixed.then(|| holds::document(HoldCode::Manual, text))
}

/// Less than half of the billed price: is it goods that came back, or the difference of a price?
fn unclear(scene: &Scene<'_>, line: &CreditedLine<'_>) -> Option<Hold> {
    let billed = line.billed;
    if line.quantity.is_zero() || billed.quantity.is_zero() {
        return None;
    }
    let credited = line.net.checked_mul(billed.quantity)?.checked_mul(Decimal::TWO)?;
    let half = billed.net.checked_mul(line.quantity)?;
    if credited >= half {
        return None;
    }
    let text = "the credited price is less than half of the billed one: goods that came back, or \
                the difference of a price? Releases when a person says which";
    let id = &scene.case.invoice.lines[line.place].id;
    Some(holds::line(HoldCode::CreditKindUnclear, id, text))
}

/// The billed line that a line credits. A named order line (BT-132) decides, else an item id, else
/// the line's own id, else the only line there is; what is said and fits nothing picks nothing.
fn billed_line<'a>(
    all: &[(usize, &'a BilledLine)],
    case: &Case,
    line: &InvoiceLine,
) -> Result<(usize, &'a BilledLine), (HoldCode, &'static str)> {
    let order = meaningful(line.order_reference.as_deref())
        .or_else(|| meaningful(case.invoice.order_reference.as_deref()));
    let order_line = meaningful(line.order_line_reference.as_deref());
    let same = |one: &str, other: Option<&str>| {
        other.is_some_and(|other| without_zeros(one) == without_zeros(other))
    };
    let ids = item::invoiced(line);
    let find = |fits: &dyn Fn(&BilledLine) -> bool| one_of(all, fits);
    if let Some(id) = order_line {
        let by_order = |billed: &BilledLine| {
            same(id, billed.po_line.as_deref())
                && order.is_none_or(|number| same(number, billed.po.as_deref()))
        };
        let text = "the invoice that is credited billed no such order line (BT-132); releases when \
                    a person pairs the line or a corrected credit note arrives";
        return find(&by_order)?.ok_or((HoldCode::PoLineNotFound, text));
    }
    let known_items = all.iter().any(|(_, billed)| !billed.items.is_empty());
    if known_items && ids.iter().any(Option::is_some) {
        let by_item = |billed: &BilledLine| {
            billed.items.iter().any(|item| ids.contains(&Some(item.as_str())))
        };
        let text = "the invoice that is credited billed no such item; releases when a person pairs \
                    the line or a corrected credit note arrives";
        return find(&by_item)?.ok_or((HoldCode::ItemMismatch, text));
    }
    let by_id = |billed: &BilledLine| billed.line.trim() == line.id.trim();
    let found = find(&by_id)?.or(if let [one] = all { Some(*one) } else { None });
    found.ok_or((
        HoldCode::UnpairedLine,
        "the invoice that is credited has no such line; releases when a person pairs the line",
    ))
}

type Billed<'a> = (usize, &'a BilledLine);

fn one_of<'a>(
    all: &[Billed<'a>],
    fits: &dyn Fn(&BilledLine) -> bool,
) -> Result<Option<Billed<'a>>, (HoldCode, &'static str)> {
    let mut found = all.iter().copied().filter(|(_, billed)| fits(billed));
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err((
            HoldCode::AmbiguousPairing,
            "several billed lines may be meant; releases when a person pairs the line or a \
             corrected credit note names the order line (BT-132)",
        )),
        (one, _) => Ok(one),
    }
}

/// The credited quantity in the unit that was billed.
fn in_billed_unit(
    scene: &Scene<'_>,
    line: &InvoiceLine,
    billed: &BilledLine,
    quantity: Decimal,
) -> Option<Decimal> {
    match (line.unit.as_deref().map(str::trim), billed.unit.as_deref().map(str::trim)) {
        (Some(from), Some(to)) if from != to && !from.is_empty() && !to.is_empty() => {
            let vendor = scene.case.invoice.seller.vat_id.as_deref();
            let own = item::invoiced(line).into_iter().flatten();
            let items: Vec<&str> = billed.items.iter().map(String::as_str).chain(own).collect();
            scene.units.factor(&items, vendor, from, to)?.apply(quantity)
        }
        _ => Some(quantity),
    }
}

/// What is wrong with the invoices that the document names (BG-3): none, unknown, another
/// supplier's, in another currency, or a circle of corrections.
pub(crate) fn references(scene: &Scene<'_>) -> Vec<Hold> {
    let case = scene.case;
    let named = case.invoice.preceding_invoices.iter();
    let named: Vec<&str> = named.filter_map(|one| meaningful(one.number.as_deref())).collect();
    let what = match case.invoice.kind {
        InvoiceKind::CreditNote => "credit note",
        InvoiceKind::Invoice if is_negative(case) => "negative invoice",
        InvoiceKind::Invoice => "correction",
    };
    let missing = |text: String| holds::document(HoldCode::CreditRefMissing, &text);
    let order = meaningful(case.invoice.order_reference.as_deref());
    if let (true, Some(order), InvoiceKind::Invoice) = (named.is_empty(), order, case.invoice.kind)
        && is_negative(case)
    {
        let text = format!(
            "this {what} names order {} and no invoice (BG-3), so nothing says which lines it \
             gives back; releases when a person settles it or a corrected document names the \
             invoice",
            show::name(order)
        );
        return vec![holds::document(HoldCode::Manual, &text)];
    }
    if named.is_empty() {
        return vec![missing(format!(
            "this {what} names no invoice (BG-3); releases when a person settles it or a corrected \
             document names the invoice"
        ))];
    }
    let holds = named.into_iter().filter_map(|number| {
        let found = case.preceding.iter().find(|one| one.number.trim() == number);
        let number = show::name(number);
        let Some(found) = found else {
            return Some(missing(format!(
                "invoice {number}, which this {what} names (BG-3), is not known; releases when it \
                 arrives or a person settles it"
            )));
        };
        let currency = found.currency.as_deref().map(str::trim);
        let own = case.invoice.number.as_deref().map(str::trim);
        let circle = found.corrects.iter().any(|other| Some(other.trim()) == own);
        let replaced = case.invoice.kind == InvoiceKind::Invoice && !is_negative(case);
        if replaced && found.paid {
            return Some(holds::document(
                HoldCode::Manual,
                &format!(
                    "invoice {number}, which this {what} replaces, is scheduled or paid; releases \
                     when a person settles the difference"
                ),
            ));
        }
        if !found.same_vendor {
            Some(missing(format!(
                "invoice {number}, which this {what} names, is another supplier's; releases when a \
                 person settles it"
            )))
        } else if currency.is_some_and(|code| Some(code) != scene.currency.as_deref()) {
            Some(missing(format!(
                "invoice {number}, which this {what} names, is in another currency; releases when \
                 a person settles it"
            )))
        } else if circle {
            Some(missing(format!(
                "invoice {number} names this {what} itself: a circle of corrections; releases when \
                 a person settles it"
            )))
        } else {
            None
        }
    });
    holds.collect()
}

/// What is given back, for the ledger.
pub(crate) fn rows(scene: &Scene<'_>, lines: &[CreditedLine<'_>]) -> Vec<Credited> {
    let rows = lines.iter().map(|line| {
        let invoice = &scene.case.preceding[line.invoice];
        Credited {
            line: scene.case.invoice.lines[line.place].id.clone(),
            invoice: invoice.id.clone().unwrap_or_else(|| invoice.number.clone()),
            invoice_line: line.billed.line.clone(),
            po: line.billed.po.clone().unwrap_or_default(),
            po_line: line.billed.po_line.clone().unwrap_or_default(),
            quantity: show::exact(line.quantity),
            amount: show::exact_amount(line.net, scene.minor_digits),
        }
    });
    rows.collect()
}
