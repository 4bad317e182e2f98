//! Credit notes and negative invoices: what they give back of which invoice (handbook §10).

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
    let mut raised = Vec::new();
    for (place, (line, figures)) in case.invoice.lines.iter().zip(figures).enumerate() {
        let Some(net) = figures.net.map(|net| net.abs()) else {
            let text = "quantity (BT-129) and net amount (BT-131) are missing; releases when a \
                        person supplies them or a corrected document arrives";
            raised.push(holds::line(HoldCode::MissingData, &line.id, text));
            continue;
        };
        match billed_line(case, line) {
            Ok((invoice, billed)) => {
                let price_only = case.decisions.price_credits.contains(&line.id);
                let quantity = figures.quantity.filter(|_| !price_only).unwrap_or_default().abs();
                let same = lines.iter().filter(|other| std::ptr::eq(other.billed, billed));
                let before = same.fold((Decimal::ZERO, Decimal::ZERO), |sum, other| {
                    (sum.0.saturating_add(other.quantity), sum.1.saturating_add(other.net))
                });
                lines.push(CreditedLine { place, billed, invoice, quantity, net, before });
            }
            Err((code, text)) => raised.push(holds::line(code, &line.id, text)),
        }
    }
    raised.extend(lines.iter().filter_map(|line| unclear(scene, line)));
    (lines, raised)
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

/// The billed line that a line credits: by order line, else by item, else by its own id, else the
/// only one there is.
fn billed_line<'a>(
    case: &'a Case,
    line: &InvoiceLine,
) -> Result<(usize, &'a BilledLine), (HoldCode, &'static str)> {
    let all = case.preceding.iter().enumerate();
    let all: Vec<(usize, &BilledLine)> =
        all.flat_map(|(place, one)| one.lines.iter().map(move |line| (place, line))).collect();
    let order = meaningful(line.order_reference.as_deref())
        .or_else(|| meaningful(case.invoice.order_reference.as_deref()));
    let order_line = meaningful(line.order_line_reference.as_deref());
    let same = |one: &str, other: Option<&str>| {
        other.is_some_and(|other| without_zeros(one) == without_zeros(other))
    };
    let by_order = |billed: &BilledLine| {
        order_line.is_some_and(|id| same(id, billed.po_line.as_deref()))
            && order.is_none_or(|number| same(number, billed.po.as_deref()))
    };
    let ids = item::invoiced(line);
    let by_item =
        |billed: &BilledLine| billed.item.as_deref().is_some_and(|item| ids.contains(&Some(item)));
    let by_id = |billed: &BilledLine| billed.line.trim() == line.id.trim();
    let steps: [&dyn Fn(&BilledLine) -> bool; 4] = [&by_order, &by_item, &by_id, &|_| true];
    for step in steps {
        let found: Vec<_> = all.iter().copied().filter(|(_, billed)| step(billed)).collect();
        match found[..] {
            [one] => return Ok(one),
            [] => {}
            _ => {
                return Err((
                    HoldCode::AmbiguousPairing,
                    "several billed lines may be meant; releases when a person pairs the line or a \
                     corrected credit note names the order line (BT-132)",
                ));
            }
        }
    }
    Err((
        HoldCode::UnpairedLine,
        "the invoice that is credited has no such line; releases when a person pairs the line",
    ))
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
