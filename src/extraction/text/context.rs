//! What the whole document says about the way it is written: language, decimal sign, order of
//! day and month, currency; and its dates.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::extraction::lexicon::{Language, Lexicon, Shelf, Term, Total};
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::labels::Label;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::written::date;
use crate::extraction::written::date::DayMonth;
use crate::extraction::written::number;
use crate::extraction::written::number::DecimalSign;
use crate::models::evidence::Confidence;

/// A written date has at most so many words: `Tuesday , 5 de junio de 2018`.
const DATE_WORDS: usize = 6;

/// A date on the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub value: NaiveDate,
    pub span: Span,
    /// Day and month could be exchanged, and nothing says which is which.
    pub open: bool,
}

/// See the module.
pub(super) struct Context {
    pub decimal: Option<DecimalSign>,
    pub dates: Vec<Written>,
}

impl Context {
    /// Of no document: numbers have the meaning that they show.
    pub(super) fn bare() -> Self {
        Self { decimal: None, dates: Vec::new() }
    }

    pub(super) fn of(layout: &Layout, labels: &[Label]) -> Self {
        let language = language(layout, labels);
        let texts = || layout.tokens.iter().map(|token| token.text.as_str());
        let order = date::order(texts()).or(match language {
            // English is written both ways; only the document itself can say.
            None | Some(Language::English) => None,
            Some(_) => Some(DayMonth::DayFirst),
        });
        let not_dates = texts().filter(|text| date::parse(text).is_none());
        let decimal = number::decimal_sign(not_dates.map(bare));
        Self { decimal, dates: dates(layout, order) }
    }

    /// Dates that stand alone in their segment near the top, or behind the name of a town.
    pub(super) fn lone_dates(&self, layout: &Layout) -> Vec<Candidate> {
        let lone = self.dates.iter().filter(|date| {
            let segment = layout.segment(date.span.start);
            let words = segment.end - segment.start - (date.span.end - date.span.start);
            let token = &layout.tokens[date.span.start];
            words <= 3 && token.page == 1 && token.top < layout.page_height(date.span.start) / 2.0
        });
        let candidate = |date: &Written| Candidate {
            value: date.value.to_string(),
            span: Some(date.span),
            label: None,
            rule: "the date at the top",
            weight: 1,
            confidence: if date.open { Confidence::ONE_OF_SEVERAL } else { Confidence::PLACED },
        };
        lone.map(candidate).collect()
    }

    /// Whether a place is in a clause about a discount for early payment.
    pub(super) fn in_discount_clause(&self, layout: &Layout, span: Span) -> bool {
        let line = layout.line(span.start);
        let ends = |at: &usize| {
            let text = &layout.tokens[*at].text;
            text.ends_with([',', ';']) || (text.ends_with('.') && text.len() > 4)
        };
        let start = (line.start..span.start).rev().find(ends).map_or(line.start, |at| at + 1);
        let end = (span.start..line.end).find(ends).map_or(line.end, |at| at + 1);
        let words = layout.folded(Span { start, end });
        words.iter().any(|word| CASH.iter().any(|cash| word.starts_with(cash)))
    }
}

/// Words of a discount for early payment.
const CASH: [&str; 9] =
    ["skonto", "skont", "discount", "escompte", "sconto", "descuento", "dto", "korting", "abzug3"];

/// A number without brackets of its sentence.
fn bare(text: &str) -> &str {
    text.trim_matches(['(', ')', ';'])
}

/// The language most labels are of.
fn language(layout: &Layout, labels: &[Label]) -> Option<Language> {
    let mut votes: BTreeMap<Language, usize> = BTreeMap::new();
    for label in labels.iter().filter(|label| label.exact) {
        *votes.entry(label.language).or_default() += label.letters;
    }
    let lexicon = Lexicon::get();
    for segment in &layout.segments {
        for found in lexicon.find(Shelf::Totals, &layout.folded(*segment)) {
            if found.exact && found.letters > 3 {
                *votes.entry(found.language).or_default() += found.letters;
            }
        }
    }
    votes.into_iter().max_by_key(|(_, letters)| *letters).map(|(language, _)| language)
}

fn dates(layout: &Layout, order: Option<DayMonth>) -> Vec<Written> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < layout.tokens.len() {
        let line = layout.line(at);
        let longest = (line.end - at).min(DATE_WORDS);
        let starts = layout.tokens[at].has_digit() || layout.tokens[at].text.len() > 2;
        let read = (1..=longest).rev().filter(|_| starts).find_map(|words| {
            let span = Span { start: at, end: at + words };
            let near = (at + 1..at + words).all(|token| layout.gap(token) < 1.2);
            let text = if near { layout.text(span) } else { return None };
            let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
            date::parse(text).map(|date| (date, span))
        });
        match read {
            Some((date, span)) => {
                let open = date.resolved(order).is_none();
                let value = date.resolved(order.or(Some(DayMonth::DayFirst)));
                found.extend(value.map(|value| Written { value, span, open }));
                at = span.end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a span of totals words names a discount for early payment.
pub(super) fn is_cash_discount(layout: &Layout, span: Span) -> bool {
    let found = Lexicon::get().find(Shelf::Totals, &layout.folded(span));
    found.iter().any(|found| found.term == Term::Total(Total::CashDiscount))
}
