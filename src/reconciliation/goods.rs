//! What keeps a line from being compared, and what is odd about the goods that came.

use rust_decimal::Decimal;

use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::matched::{Matched, Missing};
use crate::reconciliation::show;

/// The holds of what cannot be compared on a paired line. A currency without a rate is held on
/// the document.
pub(crate) fn incomparable(line: &Matched<'_>) -> Vec<Hold> {
    let mut raised = Vec::new();
    let id = &line.line.id;
    match line.billed() {
        // Money alone is compared: its unit and quantity are nobody's business.
        Err((HoldCode::UomMismatch, _)) if line.by_amount() => {}
        Err((_, Missing::Term(_))) if line.by_amount() && line.figures.net.is_some() => {}
        Err((code, Missing::Conversion)) => {
            let said = |unit: &Option<String>| show::name(unit.as_deref().unwrap_or_default());
            let (billed, ordered) = (said(&line.line.unit), said(&line.position.line.unit));
            let text = format!(
                "billed in {billed}, ordered in {ordered}; releases when a conversion between the \
                 two is known"
            );
            raised.push(holds::line(code, id, &text));
        }
        Err((code, Missing::Term(text))) => {
            let text = format!(
                "{text}; releases when a person supplies it or a corrected document arrives"
            );
            raised.push(holds::line(code, id, &text));
        }
        Err((_, Missing::Rate)) | Ok(_) => {}
    }
    if let Some(receipt) = line.position.received().other_unit {
        let text = format!(
            "receipt {} counts in another unit than the order; releases when a conversion \
             between the two is known",
            show::name(receipt)
        );
        raised.push(holds::line(HoldCode::UomMismatch, id, &text));
    }
    raised
}

/// More came than the order line allows, a last delivery fell short, or goods went back after
/// they were billed. What a stop hold of the line says already is not said again.
pub(crate) fn holds(lines: &[Option<Matched<'_>>], raised: &[Hold]) -> Vec<Hold> {
    let lines = lines.iter().flatten();
    let of_line = |line| [over_receipt(line), short_shipment(line), credit_expected(line, raised)];
    lines.flat_map(of_line).flatten().collect()
}

fn over_receipt(line: &Matched<'_>) -> Option<Hold> {
    let percent = line.position.line.over_delivery_percent?;
    let came = line.position.received().gross?;
    let most = share(line.position.ordered, Decimal::ONE_HUNDRED.checked_add(percent)?)?;
    let text = format!(
        "received {}, ordered {}, which allows {}; goes when order or receipt is corrected",
        show::number(came),
        show::number(line.position.ordered),
        show::number(most)
    );
    (came > most).then(|| holds::line(HoldCode::OverReceipt, &line.line.id, &text))
}

fn short_shipment(line: &Matched<'_>) -> Option<Hold> {
    let percent = line.position.line.under_delivery_percent?;
    let came = line.position.received().gross?;
    let least = share(line.position.ordered, Decimal::ONE_HUNDRED.checked_sub(percent)?)?;
    let text = format!(
        "the last delivery is in, and {} came of {} ordered; goes when order or receipt is \
         corrected",
        show::number(came),
        show::number(line.position.ordered)
    );
    let short = line.position.received().last && came < least;
    short.then(|| holds::line(HoldCode::ShortShipment, &line.line.id, &text))
}

fn share(quantity: Decimal, percent: Decimal) -> Option<Decimal> {
    quantity.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)
}

fn credit_expected(line: &Matched<'_>, raised: &[Hold]) -> Option<Hold> {
    let received = line.position.received();
    if !received.returned {
        return None;
    }
    // The last line that bills the order line has all of it: what stands on the others depends on
    // their order.
    let cumulative = line.cumulative.filter(|cumulative| cumulative.last)?;
    let excess = cumulative.total.checked_sub(received.net?)?;
    let told = raised.iter().any(|hold| {
        hold.line.as_ref() == Some(&line.line.id)
            && matches!(hold.code, HoldCode::QtyReceived | HoldCode::ReceiptMissing)
    });
    let text = format!(
        "goods went back after they were billed: a credit note over {} is expected; goes when it \
         arrives",
        show::number(excess)
    );
    let expected = excess > Decimal::ZERO && !told;
    expected.then(|| holds::line(HoldCode::CreditExpected, &line.line.id, &text))
}
