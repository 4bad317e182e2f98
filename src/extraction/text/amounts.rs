//! Amounts outside of the line table: sums with their labels, and rows of the VAT breakdown.

use rust_decimal::Decimal;

use crate::extraction::lexicon::{Lexicon, Shelf, Term, Total};
use crate::extraction::text::context::Context;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::written::date;
use crate::extraction::written::number;
use crate::models::decimal::round;

/// No amount is larger; sums and products of such amounts cannot overflow.
pub(super) const VALUE_MAX: u64 = 1_000_000_000_000;
/// Numbers of one line that are looked at: every three of them are tried as rate, base and tax.
pub(super) const FIGURES_MAX: usize = 24;
/// Rows of the breakdown, the last of the document: more rates than any state has.
const TAX_ROWS_MAX: usize = 60;

/// An amount of the document, by the handbook's limit the last 60 are searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub value: Decimal,
    pub span: Span,
    pub line: usize,
}

/// An amount that a label names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labelled {
    pub total: Total,
    pub amount: Amount,
    pub label: Span,
}

/// A row of the VAT breakdown.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaxRow {
    pub rate: Decimal,
    pub base: Option<Amount>,
    pub tax: Amount,
    pub rate_span: Span,
}

/// Everything that the search for totals works on.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    pub all: Vec<Amount>,
    pub labelled: Vec<Labelled>,
    pub tax_rows: Vec<TaxRow>,
    /// Rates in percent that are printed anywhere.
    pub rates: Vec<Decimal>,
    /// Words by which no tax is due.
    pub exempt: Vec<Total>,
}

/// A number and whether it is a percentage.
#[derive(Debug, Clone, Copy)]
struct Figure {
    amount: Amount,
    percent: bool,
}

impl Amounts {
    /// Collects from every line that is not of the line table.
    pub(super) fn of(layout: &Layout, context: &Context, table_lines: &[usize]) -> Self {
        let mut amounts = Self::default();
        for (at, line) in layout.lines.iter().enumerate() {
            let figures = figures(layout, context, at);
            amounts.rates.extend(figures.iter().filter(|f| f.percent).map(|f| f.amount.value));
            let labels = labels(layout, *line);
            let special = |total: &Total| {
                matches!(
                    total,
                    Total::Exempt | Total::ReverseCharge | Total::IntraCommunity | Total::Export
                )
            };
            amounts.exempt.extend(labels.iter().map(|(total, _)| *total).filter(special));
            let cash = labels.iter().any(|(total, _)| *total == Total::CashDiscount);
            if table_lines.binary_search(&at).is_ok() || cash {
                continue;
            }
            let plain = figures.iter().filter(|figure| !figure.percent && is_money(layout, figure));
            amounts.all.extend(plain.map(|figure| figure.amount));
            amounts.tax_rows.extend(tax_row(&figures));
            amounts.name(layout, at, &labels, &figures);
        }
        amounts.below(layout, context, table_lines);
        let surplus = amounts.tax_rows.len().saturating_sub(TAX_ROWS_MAX);
        amounts.tax_rows.drain(..surplus);
        amounts.rates.sort_unstable();
        amounts.rates.dedup();
        amounts
    }

    /// The last amount between a label and the next one is what it names.
    fn name(&mut self, layout: &Layout, line: usize, labels: &[(Total, Span)], figures: &[Figure]) {
        for (at, (total, label)) in labels.iter().enumerate() {
            let end = labels.get(at + 1).map_or(layout.lines[line].end, |(_, next)| next.start);
            let mut between = figures.iter().filter(|figure| {
                let start = figure.amount.span.start;
                start >= label.end && start < end && !figure.percent && is_money(layout, figure)
            });
            if let Some(figure) = between.next_back() {
                self.labelled.push(Labelled {
                    total: *total,
                    amount: figure.amount,
                    label: *label,
                });
            }
        }
    }

    /// Sums in a row with their labels above: `Net | VAT | Total` over `100.00 | 20.00 | 120.00`.
    fn below(&mut self, layout: &Layout, context: &Context, table_lines: &[usize]) {
        for (at, line) in layout.lines.iter().enumerate() {
            let labels = labels(layout, *line);
            let own = figures(layout, context, at).iter().any(|figure| is_money(layout, figure));
            if own || table_lines.binary_search(&at).is_ok() || labels.is_empty() {
                continue;
            }
            let next = layout.lines.iter().enumerate().skip(at + 1).take(3);
            for (total, label) in labels {
                let head = layout.bounds(label);
                let page = layout.tokens[label.start].page;
                let found = next.clone().find_map(|(line, span)| {
                    let top = layout.tokens[span.start].top;
                    let near = layout.tokens[span.start].page == page
                        && top - head.top < 3.2 * head.height;
                    let figures = if near { figures(layout, context, line) } else { vec![] };
                    figures.into_iter().find(|figure| {
                        let bounds = layout.bounds(figure.amount.span);
                        let overlap = (bounds.left + bounds.width).min(head.left + head.width)
                            - bounds.left.max(head.left);
                        overlap > 0.0 && is_money(layout, figure) && !figure.percent
                    })
                });
                let Some(figure) = found else { continue };
                let amount = figure.amount;
                if table_lines.binary_search(&amount.line).is_ok() {
                    continue;
                }
                let named = self.labelled.iter().any(|other| other.amount.span == amount.span);
                if !named {
                    self.labelled.push(Labelled { total, amount, label });
                }
            }
        }
    }
}

/// Names of sums on a line. Only the first of a phrase counts, corrected by what follows it:
/// `Gesamtbetrag ohne USt.` is no gross.
fn labels(layout: &Layout, line: Span) -> Vec<(Total, Span)> {
    let segments = layout.segments_of(line);
    let mut labels: Vec<(Total, Span)> = Vec::new();
    for segment in segments {
        let folded = layout.folded(*segment);
        let mut free = 0;
        for found in Lexicon::get().find(Shelf::Totals, &folded) {
            let Term::Total(total) = found.term else { continue };
            // Short words in the middle of a phrase are a part of it.
            let leads = found.start == 0 || folded[..found.start].iter().all(String::is_empty);
            let number_before =
                found.start > 0 && layout.tokens[segment.start + found.start - 1].has_digit();
            if found.start < free || !(leads || number_before || found.letters > 7) {
                continue;
            }
            let rest = folded[found.end..]
                .iter()
                .take_while(|word| !word.bytes().any(|byte| byte.is_ascii_digit()));
            let rest: Vec<&String> = rest.collect();
            free = found.end + rest.len();
            let span = Span { start: segment.start + found.start, end: segment.start + found.end };
            labels.push((modified(total, &rest), span));
        }
    }
    labels
}

fn modified(total: Total, rest: &[&String]) -> Total {
    const NET: [&str; 15] = [
        "netto",
        "ohne",
        "exkl",
        "excl",
        "ht",
        "hors",
        "sin",
        "senza",
        "esclusa",
        "before",
        "without",
        "net",
        "excluding",
        "exclusive",
        "zzgl",
    ];
    const GROSS: [&str; 14] = [
        "brutto",
        "inkl",
        "incl",
        "ttc",
        "mit",
        "con",
        "inc",
        "including",
        "with",
        "inclusa",
        "incluido",
        "inclusive",
        "einschl",
        "inklusive",
    ];
    let says = |words: &[&str]| rest.iter().take(2).any(|word| words.contains(&word.as_str()));
    match total {
        Total::Any | Total::Gross | Total::Lines if says(&NET) => Total::Net,
        Total::Any | Total::Net if says(&GROSS) => Total::Gross,
        other => other,
    }
}

/// Two decimals, or a currency beside it.
fn is_money(layout: &Layout, figure: &Figure) -> bool {
    let span = figure.amount.span;
    let beside = [span.start.checked_sub(1), Some(span.end)];
    let currency = beside.into_iter().flatten().any(|at| {
        let token = layout.tokens.get(at).filter(|token| token.line == figure.amount.line);
        token.is_some_and(|token| currency_of(&token.text).is_some())
    });
    let own = currency_of(layout.tokens[span.start].text.trim_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '\'' | '\u{a0}')
    }));
    figure.amount.value.scale() == 2 || currency || own.is_some()
}

/// The currency that a symbol or code stands for.
pub(super) fn currency_of(text: &str) -> Option<&'static str> {
    let text = text.trim_matches(['(', ')', ':', '.', ',', '[', ']']);
    let found = CURRENCIES.iter().find(|(_, words)| words.contains(&text));
    found.map(|(code, _)| *code)
}

const CURRENCIES: [(&str, &[&str]); 14] = [
    ("EUR", &["€", "EUR", "Euro", "euro", "EURO", "euros", "Euros"]),
    ("USD", &["USD", "US$", "$"]),
    ("GBP", &["GBP", "£"]),
    ("CHF", &["CHF", "Fr", "SFr"]),
    ("PLN", &["PLN", "zł"]),
    ("CZK", &["CZK", "Kč"]),
    ("SEK", &["SEK"]),
    ("NOK", &["NOK"]),
    ("DKK", &["DKK"]),
    ("HUF", &["HUF", "Ft"]),
    ("JPY", &["JPY", "¥"]),
    ("CAD", &["CAD"]),
    ("AUD", &["AUD"]),
    ("RON", &["RON", "lei"]),
];

fn figures(layout: &Layout, context: &Context, line: usize) -> Vec<Figure> {
    let span = layout.lines[line];
    let mut figures = Vec::new();
    for at in span.tokens() {
        let text = layout.tokens[at].text.as_str();
        let bare = text.trim_end_matches([';', ':', ')']).trim_start_matches('(');
        let bare = if text.starts_with('(') && text.ends_with(')') { text } else { bare };
        let bare = bare.strip_suffix(['.', ',']).unwrap_or(bare);
        if date::parse(bare).is_some() && bare.len() > 5 && bare.contains(['.', '/', '-']) {
            continue;
        }
        let Some(number) = number::parse(bare, context.decimal) else { continue };
        let value = match number {
            number::Number::Sure(value) => value,
            number::Number::Open { grouped, .. } => grouped,
        };
        if value.abs() > Decimal::from(VALUE_MAX) || figures.len() >= FIGURES_MAX {
            continue;
        }
        let next = layout.tokens.get(at + 1).filter(|next| next.line == line);
        let percent = text.ends_with('%') || next.is_some_and(|next| next.text.starts_with('%'));
        let amount = Amount { value, span: Span { start: at, end: at + 1 }, line };
        figures.push(Figure { amount, percent });
    }
    figures
}

/// A row with a rate and amounts that fit it: rate, base, tax in any order, or rate and tax.
fn tax_row(figures: &[Figure]) -> Option<TaxRow> {
    let cents = |figure: &&Figure| !figure.percent && figure.amount.value.scale() == 2;
    let money: Vec<&Figure> = figures.iter().filter(cents).collect();
    let rates = figures.iter().filter(|figure| {
        let rate = figure.amount.value;
        let range = rate >= Decimal::ZERO && rate <= Decimal::from(30);
        range && (figure.percent || rate.scale() <= 2)
    });
    let mut found: Option<TaxRow> = None;
    for rate in rates {
        for base in &money {
            for tax in money.iter().filter(|tax| tax.amount.span != base.amount.span) {
                let fits = fits(base.amount.value, rate.amount.value, tax.amount.value);
                let apart =
                    rate.amount.span != base.amount.span && rate.amount.span != tax.amount.span;
                let zero = base.amount.value == Decimal::ZERO
                    || (rate.amount.value == Decimal::ZERO
                        && base.amount.span.start > tax.amount.span.start);
                let better = found.is_none_or(|other| other.base.is_none());
                if fits && apart && !zero && better {
                    let (base, tax) = (Some(base.amount), tax.amount);
                    let (rate, rate_span) = (rate.amount.value, rate.amount.span);
                    found = Some(TaxRow { rate, base, tax, rate_span });
                }
            }
        }
        if let ([only], true, None) = (money.as_slice(), rate.percent, &found) {
            let (rate, rate_span) = (rate.amount.value, rate.amount.span);
            found = Some(TaxRow { rate, base: None, tax: only.amount, rate_span });
        }
    }
    found
}

/// tax = base × rate, to the cent.
pub(super) fn fits(base: Decimal, rate: Decimal, tax: Decimal) -> bool {
    let Some(product) = base.checked_mul(rate) else { return false };
    (round(product / Decimal::ONE_HUNDRED, 2) - tax).abs() <= Decimal::new(1, 2)
}
