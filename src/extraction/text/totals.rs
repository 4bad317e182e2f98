//! BG-20 to BG-23: what the search found, put into the invoice with its evidence.

use rust_decimal::Decimal;

use crate::extraction::lexicon::Total;
use crate::extraction::text::amounts::Amount;
use crate::extraction::text::amounts::Amounts;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::search;
use crate::extraction::text::search::Assignment;
use crate::extraction::text::search::Lines;
use crate::extraction::text::search::Outcome;
use crate::extraction::text::table::Table;
use crate::models::evidence::Confidence;
use crate::models::finding::Severity;
use crate::models::invoice::AllowanceCharge;
use crate::models::invoice::TaxSubtotal;

/// Fills totals, breakdown, allowances and charges; gives the assignment for the lines to use.
pub(super) fn read(draft: &mut Draft<'_>, amounts: &Amounts, table: &Table) -> Option<Assignment> {
    let lines = lines(amounts, table);
    let found = match search::search(amounts, &lines) {
        Outcome::Found(found) => found,
        Outcome::Tied(tied) => {
            tie(draft, &tied);
            return None;
        }
        Outcome::None => {
            labelled_alone(draft, amounts);
            return None;
        }
    };
    let consistent = found.is_consistent();
    let of = |total: Total, value: Decimal| place(amounts, &[total], value);
    let sure = |labelled: bool| match (consistent, labelled) {
        (true, true) => Confidence::CONSISTENT,
        (true, false) | (false, true) => Confidence::LABELLED,
        (false, false) => Confidence::PLACED,
    };
    let gross = place(amounts, &[Total::Gross, Total::Payable, Total::Any], found.gross);
    let net = place(amounts, &[Total::Net, Total::Lines, Total::TaxBase], found.net);
    let tax = of(Total::Tax, found.tax);
    let totals = &mut draft.invoice.totals;
    (totals.net, totals.tax, totals.gross) = (Some(found.net), Some(found.tax), Some(found.gross));
    for (field, value, place, formula) in [
        ("BT-109", found.net, net, "BT-112 − BT-110"),
        ("BT-110", found.tax, tax, "BT-112 − BT-109"),
        ("BT-112", found.gross, gross, "BT-109 + BT-110"),
    ] {
        let rule = if consistent { "the sums agree" } else { "net and tax make gross" };
        note(
            draft,
            field,
            value,
            place,
            How(rule, formula, sure(place.is_some_and(|(_, label)| label.is_some()))),
        );
    }
    if !consistent {
        draft.doubt("TOTALS_INCONSISTENT", Severity::Warning, &["BT-109", "BT-110", "BT-112"], [
            "net, tax and gross agree with each other, but neither with the lines nor with a rate",
            "compare the totals with the page",
        ]);
    }
    payable(draft, amounts, found.gross, consistent);
    of_lines(draft, amounts, &found);
    breakdown(draft, amounts, &found);
    Some(found)
}

/// The rule for a value on the page, the formula for one that is not, and how sure it is.
struct How(&'static str, &'static str, Confidence);

/// Sums of allowances, and of charges, that are tried with each other and each pair of amounts.
const SUMS_MAX: usize = 8;

type Place = Option<(Amount, Option<crate::extraction::text::layout::Span>)>;

/// Where a value stands: with one of these labels by preference, else anywhere.
fn place(amounts: &Amounts, totals: &[Total], value: Decimal) -> Place {
    let labelled = totals.iter().find_map(|total| {
        amounts.labelled.iter().find(|l| l.total == *total && l.amount.value == value)
    });
    let anywhere = || amounts.all.iter().rev().find(|amount| amount.value == value);
    labelled.map(|l| (l.amount, Some(l.label))).or_else(|| anywhere().map(|amount| (*amount, None)))
}

fn note(draft: &mut Draft<'_>, field: &str, value: Decimal, place: Place, how: How) {
    let How(rule, formula, confidence) = how;
    let found = Candidate {
        value: value.to_string(),
        span: place.map(|(amount, _)| amount.span),
        label: place.and_then(|(_, label)| label),
        rule: if place.is_some() { rule } else { formula },
        weight: 1,
        confidence,
    };
    draft.note(field, found, vec![]);
}

/// The sums that lines, allowances and charges can make.
fn lines(amounts: &Amounts, table: &Table) -> Lines {
    let net = |row: &crate::extraction::text::table::Row| {
        let below: Decimal = row.below.iter().map(|(cell, _)| cell.value).sum();
        row.net.map(|cell| cell.value + below)
    };
    let all: Decimal = table.rows.iter().filter_map(net).sum();
    let full: Decimal = table.rows.iter().filter(|row| row.is_full()).filter_map(net).sum();
    let mut sums = Vec::new();
    if !table.rows.is_empty() {
        sums.push(all);
        if full != all && full != Decimal::ZERO {
            sums.push(full);
        }
    }
    let of = |whole: Total, part: Total| {
        let parts = amounts.labelled.iter().filter(|l| l.total == part);
        let mut sums = vec![Decimal::ZERO, parts.map(|l| l.amount.value.abs()).sum()];
        let wholes = amounts.labelled.iter().filter(|l| l.total == whole);
        sums.extend(wholes.map(|l| l.amount.value.abs()));
        sums.dedup();
        sums.truncate(SUMS_MAX);
        sums
    };
    let allowances = of(Total::Allowances, Total::Allowance);
    let charges = of(Total::Charges, Total::Charge);
    Lines { sums, allowances, charges, gross: table.gross }
}

fn tie(draft: &mut Draft<'_>, tied: &[Assignment]) {
    let said: Vec<String> =
        tied.iter().take(4).map(|a| format!("{} + {} = {}", a.net, a.tax, a.gross)).collect();
    let message = format!("the totals can be read in several ways: {}", said.join("; "));
    let terms = ["BT-109", "BT-110", "BT-112"];
    draft.doubt(
        "FIELD_UNCERTAIN",
        Severity::Warning,
        &terms,
        [&message, "enter the totals from the page"],
    );
}

/// Labels without sums that agree: taken as they are named, where a name has one value.
fn labelled_alone(draft: &mut Draft<'_>, amounts: &Amounts) {
    let one = |totals: &[Total]| {
        let named = amounts.labelled.iter().filter(|l| totals.contains(&l.total));
        let named: Vec<_> = named.collect();
        let first = named.first()?;
        named.iter().all(|l| l.amount.value == first.amount.value).then_some(**first)
    };
    for (field, totals) in [
        ("BT-112", &[Total::Gross][..]),
        ("BT-109", &[Total::Net]),
        ("BT-110", &[Total::Tax]),
        ("BT-115", &[Total::Payable]),
    ] {
        let Some(found) = one(totals) else { continue };
        let value = Some(found.amount.value);
        match field {
            "BT-112" => draft.invoice.totals.gross = value,
            "BT-109" => draft.invoice.totals.net = value,
            "BT-110" => draft.invoice.totals.tax = value,
            _ => draft.invoice.totals.payable = value,
        }
        let place = Some((found.amount, Some(found.label)));
        note(draft, field, found.amount.value, place, How("label alone", "", Confidence::PLACED));
    }
    draft.doubt(
        "TOTALS_INCONSISTENT",
        Severity::Warning,
        &["BT-109", "BT-110", "BT-112"],
        ["no amounts of the page make net + tax = gross", "enter the totals from the page"],
    );
}

/// BT-113 to BT-115.
fn payable(draft: &mut Draft<'_>, amounts: &Amounts, gross: Decimal, consistent: bool) {
    let of = |total: Total| amounts.labelled.iter().filter(move |l| l.total == total);
    let said: Vec<_> = of(Total::Payable).collect();
    let paid: Vec<_> = of(Total::Paid).filter(|l| l.amount.value != Decimal::ZERO).collect();
    let sum: Decimal = paid.iter().map(|l| l.amount.value.abs()).sum();
    let single = paid.first().map(|l| l.amount.value.abs());
    let rounding = of(Total::Rounding).next().map(|l| l.amount);
    let amount = |paid: Decimal| gross - paid + rounding.map_or(Decimal::ZERO, |r| r.value);
    let options = [single, Some(sum), Some(Decimal::ZERO)].into_iter().flatten();
    let solved = options.into_iter().find_map(|paid| {
        let due = said
            .iter()
            .rev()
            .find(|l| l.amount.value == amount(paid) || l.amount.value == -amount(paid))?;
        Some((paid, amount(paid), **due))
    });
    let sure = if consistent { Confidence::CONSISTENT } else { Confidence::LABELLED };
    let totals = &mut draft.invoice.totals;
    let (prepaid, due, place, confidence) = match solved {
        Some((paid, due, l)) => (paid, due, Some((l.amount, Some(l.label))), sure),
        // Paid in full or in part, and what is left is not said.
        None if said.is_empty() => (sum, amount(sum), None, Confidence::LABELLED),
        None => {
            let message = "what is to be paid does not follow from gross and paid";
            draft.doubt(
                "TOTALS_INCONSISTENT",
                Severity::Warning,
                &["BT-113", "BT-115"],
                [message, "enter what was paid and what is to be paid"],
            );
            return;
        }
    };
    totals.payable = Some(due);
    if prepaid != Decimal::ZERO {
        totals.paid = Some(prepaid);
    }
    totals.rounding = rounding.map(|rounding| rounding.value);
    note(
        draft,
        "BT-115",
        due,
        place,
        How("label, and the sums agree", "BT-112 − BT-113 + BT-114", confidence),
    );
    if prepaid != Decimal::ZERO {
        let place = paid.first().map(|l| (l.amount, Some(l.label)));
        note(draft, "BT-113", prepaid, place, How("label, and the sums agree", "", confidence));
    }
}

/// BT-106 to BT-108, BG-20, BG-21.
fn of_lines(draft: &mut Draft<'_>, amounts: &Amounts, found: &Assignment) {
    let Some((sum, allowances, charges)) = found.agreement.lines else { return };
    let totals = &mut draft.invoice.totals;
    totals.lines = Some(sum);
    let of = |total: Total| amounts.labelled.iter().filter(move |l| l.total == total);
    let said = |total: Total| of(total).next().is_some();
    if allowances != Decimal::ZERO || said(Total::Allowances) {
        totals.allowances = Some(allowances);
    }
    if charges != Decimal::ZERO || said(Total::Charges) {
        totals.charges = Some(charges);
    }
    let place_of = |total: Total, value: Decimal| {
        of(total).find(|l| l.amount.value.abs() == value).map(|l| (l.amount, Some(l.label)))
    };
    let rules = ("the lines, allowances and charges make the net", "Σ BT-131");
    let place = place(amounts, &[Total::Lines, Total::Net], sum);
    note(draft, "BT-106", sum, place, How(rules.0, rules.1, Confidence::CONSISTENT));
    for (field, whole, part, total) in [
        ("BT-107", Total::Allowances, Total::Allowance, allowances),
        ("BT-108", Total::Charges, Total::Charge, charges),
    ] {
        if total == Decimal::ZERO {
            continue;
        }
        let formula = if field == "BT-107" { "Σ BT-92" } else { "Σ BT-99" };
        let rules = ("the lines, allowances and charges make the net", formula);
        note(
            draft,
            field,
            total,
            place_of(whole, total),
            How(rules.0, rules.1, Confidence::CONSISTENT),
        );
        let parts: Vec<_> = of(part).filter(|l| l.amount.value != Decimal::ZERO).collect();
        let sum: Decimal = parts.iter().map(|l| l.amount.value.abs()).sum();
        if sum != total {
            continue;
        }
        for l in parts {
            let line = draft.layout.lines[l.amount.line];
            let end = l.amount.span.start;
            let words = (line.start..end).take_while(|at| !draft.layout.tokens[*at].has_digit());
            let words: Vec<&str> = words.map(|at| draft.layout.tokens[at].text.as_str()).collect();
            draft.invoice.allowances_and_charges.push(AllowanceCharge {
                charge: part == Total::Charge,
                amount: l.amount.value.abs(),
                reason: Some(words.join(" ")).filter(|words| !words.is_empty()),
                ..AllowanceCharge::default()
            });
        }
    }
}

/// BG-23.
fn breakdown(draft: &mut Draft<'_>, amounts: &Amounts, found: &Assignment) {
    let rows = search::chosen_rows(&amounts.tax_rows, found.net, found.tax).unwrap_or_default();
    let one = rows.len() <= 1;
    let mut groups: Vec<(Option<Decimal>, Option<Decimal>, Decimal)> = rows
        .iter()
        .map(|row| {
            let base = row.base.map(|base| base.value).or(one.then_some(found.net));
            (Some(row.rate), base, row.tax.value)
        })
        .collect();
    if groups.is_empty() {
        let fitting =
            |rate: &&Decimal| crate::extraction::text::amounts::fits(found.net, **rate, found.tax);
        let rate = amounts.rates.iter().find(fitting).copied();
        let rate = rate.or((found.tax == Decimal::ZERO).then_some(Decimal::ZERO));
        groups.push((rate, Some(found.net), found.tax));
    }
    let exempt = amounts.exempt.iter().find_map(|word| match word {
        Total::ReverseCharge => Some("AE"),
        Total::IntraCommunity => Some("K"),
        Total::Export => Some("G"),
        Total::Exempt => Some("E"),
        _ => None,
    });
    for (at, (rate, base, tax)) in groups.into_iter().enumerate() {
        let category = match rate {
            Some(rate) if rate > Decimal::ZERO => Some("S"),
            _ if tax == Decimal::ZERO => exempt,
            _ => None,
        };
        let category = category.map(str::to_owned);
        draft.invoice.tax.push(TaxSubtotal {
            base,
            tax: Some(tax),
            category,
            rate,
            ..TaxSubtotal::default()
        });
        let row = rows.get(at);
        let parts = [
            ("BT-116", base, row.and_then(|row| row.base)),
            ("BT-117", Some(tax), row.map(|row| row.tax)),
            (
                "BT-119",
                rate,
                row.map(|row| Amount { value: row.rate, span: row.rate_span, line: row.tax.line }),
            ),
        ];
        for (term, value, amount) in parts {
            let Some(value) = value else { continue };
            let field = format!("BG-23[{}]/{term}", at + 1);
            let place = amount.map(|amount| (amount, None));
            let rules = ("rate, base and tax agree", "the only rate");
            note(draft, &field, value, place, How(rules.0, rules.1, Confidence::LABELLED));
        }
    }
}
