//! Which amounts are net, tax and gross: labels propose, sums decide.
//!
//! Every pair of amounts that could be net and gross is weighed by the equations it satisfies. Two
//! different pairs of equal weight are no answer.

use rust_decimal::Decimal;

use crate::extraction::lexicon::Total;
use crate::extraction::text::amounts::Amounts;
use crate::extraction::text::amounts::TaxRow;
use crate::extraction::text::amounts::fits;

/// Distinct amounts that are searched, the last of the document first: sums stand at its end.
/// With 60 of them there are 3,600 pairs.
const AMOUNTS_MAX: usize = 60;

/// What the lines, allowances and charges of the document add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// Sums of the rows of the table: of all, and of those with quantity and price.
    pub sums: Vec<Decimal>,
    /// Possible totals of the allowances; always with zero.
    pub allowances: Vec<Decimal>,
    /// Possible totals of the charges; always with zero.
    pub charges: Vec<Decimal>,
    /// The amounts of the lines are said to be with tax.
    pub gross: bool,
}

/// What agreed, so that it can be said and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Agreement {
    /// The tax stands on the page, or is zero and may be.
    pub tax: bool,
    /// Rates and bases on the page make the tax.
    pub rates: bool,
    /// Sum of lines, allowances and charges that make the net.
    pub lines: Option<(Decimal, Decimal, Decimal)>,
    /// The lines add up to the gross: their amounts are with tax.
    pub lines_gross: bool,
    /// What is payable follows from gross and paid.
    pub payable: bool,
}

/// Net, tax and gross.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub net: Decimal,
    pub tax: Decimal,
    pub gross: Decimal,
    pub agreement: Agreement,
    pub weight: i32,
}

impl Assignment {
    /// Equation 1 and another one.
    pub(super) fn is_consistent(&self) -> bool {
        let Agreement { tax, rates, lines, lines_gross, payable } = self.agreement;
        tax && (rates || lines.is_some() || lines_gross || payable)
    }
}

/// What the search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// One assignment weighs most.
    Found(Assignment),
    /// These weigh the same.
    Tied(Vec<Assignment>),
    /// No pair of amounts weighs enough.
    None,
}

/// The lightest assignment that is taken: equation 1, and a label or another equation.
const WEIGHT_MIN: i32 = 12;

/// Searches all pairs.
pub(super) fn search(amounts: &Amounts, lines: &Lines) -> Outcome {
    let mut values: Vec<Decimal> = Vec::new();
    let labelled = amounts.labelled.iter().map(|labelled| labelled.amount.value);
    for value in labelled.chain(amounts.all.iter().rev().map(|amount| amount.value)) {
        if values.len() < AMOUNTS_MAX && !values.contains(&value) {
            values.push(value);
        }
    }
    let mut best: Vec<Assignment> = Vec::new();
    for gross in &values {
        for net in values.iter().filter(|net| net.abs() <= gross.abs()) {
            let Some(found) = weigh(amounts, lines, &values, (*net, *gross)) else { continue };
            match best
                .first()
                .map_or(std::cmp::Ordering::Greater, |top| found.weight.cmp(&top.weight))
            {
                std::cmp::Ordering::Greater => best = vec![found],
                std::cmp::Ordering::Equal => best.push(found),
                std::cmp::Ordering::Less => {}
            }
        }
    }
    best.retain(|found| found.weight >= WEIGHT_MIN);
    match best.as_slice() {
        [] => Outcome::None,
        [only] => Outcome::Found(only.clone()),
        _ => Outcome::Tied(best),
    }
}

fn weigh(
    amounts: &Amounts,
    lines: &Lines,
    values: &[Decimal],
    (net, gross): (Decimal, Decimal),
) -> Option<Assignment> {
    let tax = gross - net;
    if gross == Decimal::ZERO
        || net.is_sign_negative() != gross.is_sign_negative() && net != Decimal::ZERO
    {
        return None;
    }
    let found = tax != Decimal::ZERO && values.contains(&tax);
    // A tax that is not on the page is derived only where the page names none.
    let taxed = amounts.labelled.iter().any(|labelled| labelled.total == Total::Tax);
    // Most pairs end here, before anything is worked out.
    if !found && tax != Decimal::ZERO && taxed {
        return None;
    }
    let named = [label(amounts, Role::Net, net), label(amounts, Role::Gross, gross)];
    let unnamed = named.iter().any(|weight| *weight <= 0);
    if !found && tax != Decimal::ZERO && unnamed {
        return None;
    }
    let rates = rates(amounts, net, tax);
    let zero = tax == Decimal::ZERO && may_be_zero(amounts, rates);
    if !found && !zero && (taxed || unnamed) {
        return None;
    }
    let of_lines = by_lines(lines, net);
    let lines_gross = tax != Decimal::ZERO && lines.sums.contains(&gross) && of_lines.is_none();
    let payable = payable(amounts, gross);
    let mut weight = match (found, zero) {
        (true, _) => 10,
        (_, true) => 8,
        _ => 3,
    };
    weight += match rates {
        Rates::Rows => 12,
        Rates::One => 8,
        Rates::Unknown => 0,
        Rates::Contradict => -4,
    };
    weight += if of_lines.is_some() {
        10
    } else if lines_gross {
        if lines.gross { 10 } else { 6 }
    } else {
        0
    };
    weight += if payable { 5 } else { 0 };
    weight += named.iter().sum::<i32>() + if found { label(amounts, Role::Tax, tax) } else { 0 };
    let largest = values.iter().all(|value| value.abs() <= gross.abs());
    weight += i32::from(largest);
    let rates = matches!(rates, Rates::Rows | Rates::One);
    let agreement = Agreement { tax: found || zero, rates, lines: of_lines, lines_gross, payable };
    Some(Assignment { net, tax, gross, agreement, weight })
}

/// What the printed rates say of a net and a tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rates {
    /// The rows of the breakdown add up to both.
    Rows,
    /// One printed rate makes the tax.
    One,
    /// No rate is printed.
    Unknown,
    /// Rates are printed, and none of them fits.
    Contradict,
}

fn rates(amounts: &Amounts, net: Decimal, tax: Decimal) -> Rates {
    if chosen_rows(&amounts.tax_rows, net, tax).is_some() {
        return Rates::Rows;
    }
    if part_taxed(&amounts.tax_rows, net, tax) {
        return Rates::One;
    }
    if amounts.rates.iter().any(|rate| fits(net, *rate, tax)) {
        return Rates::One;
    }
    if amounts.rates.iter().all(|rate| *rate == Decimal::ZERO) {
        Rates::Unknown
    } else {
        Rates::Contradict
    }
}

/// The rows of the breakdown that add up to net and tax; each printed once or more.
pub(super) fn chosen_rows(rows: &[TaxRow], net: Decimal, tax: Decimal) -> Option<Vec<TaxRow>> {
    let mut distinct: Vec<TaxRow> = Vec::new();
    for row in rows {
        let same = |other: &TaxRow| {
            other.rate == row.rate
                && other.tax.value == row.tax.value
                && (other.base.is_none() || row.base.is_none() || value(other) == value(row))
        };
        match distinct.iter_mut().find(|other| same(other)) {
            Some(other) => other.base = other.base.or(row.base),
            None => distinct.push(*row),
        }
    }
    let whole: Vec<TaxRow> = distinct.iter().filter(|row| row.base.is_some()).copied().collect();
    let sums = |rows: &[TaxRow]| {
        let base: Decimal = rows.iter().filter_map(value).sum();
        let tax: Decimal = rows.iter().map(|row| row.tax.value).sum();
        (base, tax)
    };
    if !whole.is_empty() && sums(&whole) == (net, tax) {
        return Some(whole);
    }
    // A line of sums below the rows looks like one more row.
    let without_sum: Vec<TaxRow> =
        whole.iter().filter(|row| value(row) != Some(net)).copied().collect();
    if without_sum.len() > 1 && sums(&without_sum) == (net, tax) {
        return Some(without_sum);
    }
    let one = distinct.iter().find(|row| row.tax.value == tax && fits(net, row.rate, tax));
    if let Some(one) = one {
        return Some(vec![*one]);
    }
    let taxes: Decimal = distinct.iter().map(|row| row.tax.value).sum();
    (distinct.len() > 1 && taxes == tax).then_some(distinct)
}

/// Whether whole rows make the tax of a part of the net, and the rest is not taxed.
fn part_taxed(rows: &[TaxRow], net: Decimal, tax: Decimal) -> bool {
    let taxed = rows.iter().filter(|row| row.tax.value == tax && tax != Decimal::ZERO);
    taxed.filter_map(value).any(|base| base < net)
}

fn value(row: &TaxRow) -> Option<Decimal> {
    row.base.map(|base| base.value)
}

fn may_be_zero(amounts: &Amounts, rates: Rates) -> bool {
    let tax = amounts.labelled.iter().filter(|labelled| labelled.total == Total::Tax);
    let mut taxes = tax.map(|labelled| labelled.amount.value).peekable();
    if taxes.peek().is_some() {
        return taxes.all(|tax| tax == Decimal::ZERO);
    }
    !amounts.exempt.is_empty() || (rates == Rates::One && amounts.rates.contains(&Decimal::ZERO))
}

fn by_lines(lines: &Lines, net: Decimal) -> Option<(Decimal, Decimal, Decimal)> {
    for sum in &lines.sums {
        for allowances in &lines.allowances {
            for charges in &lines.charges {
                if sum - allowances + charges == net {
                    return Some((*sum, *allowances, *charges));
                }
            }
        }
    }
    None
}

/// Whether a labelled payable follows from this gross and a labelled prepayment or rounding.
fn payable(amounts: &Amounts, gross: Decimal) -> bool {
    let of = |total: Total| {
        amounts.labelled.iter().filter(move |l| l.total == total).map(|l| l.amount.value.abs())
    };
    of(Total::Payable).any(|payable| {
        payable == gross.abs()
            || of(Total::Paid).any(|paid| (gross.abs() - paid).abs() == payable)
            || of(Total::Paid).sum::<Decimal>() == gross.abs() - payable
            || of(Total::Rounding).any(|rounding| (gross.abs() - payable).abs() == rounding)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Net,
    Tax,
    Gross,
}

/// How well the labels of a value fit a role: the best of those that fit, else the worst.
fn label(amounts: &Amounts, role: Role, value: Decimal) -> i32 {
    let own = amounts.labelled.iter().filter(|labelled| labelled.amount.value == value);
    let weights = own.map(|labelled| match (role, labelled.total) {
        (Role::Gross, Total::Gross) | (Role::Net, Total::Net) | (Role::Tax, Total::Tax) => 6,
        (Role::Gross, Total::Payable | Total::Any) => 4,
        (Role::Net, Total::Lines | Total::TaxBase) => 3,
        (Role::Net, Total::Any) => 2,
        (Role::Tax, Total::Any) => 1,
        _ => -6,
    });
    let weights: Vec<i32> = weights.collect();
    let best = weights.iter().copied().max().unwrap_or(0);
    if best > 0 { best } else { weights.into_iter().min().unwrap_or(0) }
}
