//! Seller and buyer: by the label of their block, by the line of the sender above the address, and
//! last by the form of their names.

use crate::extraction::lexicon::{Field, Lexicon, Shelf, folded};
use crate::extraction::text::checks::Vat;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::ids::VatId;
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::Side;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::models::evidence::Confidence;

/// A block of a party has no more lines.
const BLOCK_LINES: usize = 18;
/// Lines of a block are no further apart, in line heights.
const BLOCK_GAP: f32 = 2.3;
/// Longest name of a party.
const NAME_MAX: usize = 120;

/// The block that a label of a party starts.
#[derive(Debug, Clone, Copy)]
struct Block {
    field: Field,
    label: Label,
    left: f32,
    right: f32,
    first: usize,
    last: usize,
}

/// Fills seller and buyer.
pub(super) fn read(draft: &mut Draft<'_>, labels: &[Label], ids: &[VatId]) {
    let layout = draft.layout;
    let blocks = blocks(layout, labels);
    let window = sender_line(layout);
    let mut sellers = names(layout, labels, &blocks, Field::Seller);
    let mut buyers = names(layout, labels, &blocks, Field::Buyer);
    if let Some((sender, _)) = window {
        sellers.push(named(layout, sender, None, ("the sender's line above the address", 4)));
    }
    if let Some(addressee) = window.and_then(|(_, addressee)| addressee) {
        buyers.push(named(layout, addressee, None, ("below the sender's line", 4)));
    }
    if sellers.is_empty() {
        sellers.extend(by_form(layout, labels, &buyers, Place::Seller));
    }
    if buyers.is_empty() {
        buyers.extend(by_form(layout, labels, &sellers, Place::Buyer));
    }
    let buyer_name = buyers.iter().max_by_key(|name| name.weight).cloned();
    let different =
        |name: &Candidate| buyer_name.as_ref().is_none_or(|buyer| name.span != buyer.span);
    sellers.retain(different);
    confirm(layout, &mut sellers);
    draft.invoice.seller.name = draft.choose("BT-27", sellers);
    draft.invoice.buyer.name = draft.choose("BT-44", buyers);
    vat(draft, &blocks, ids, buyer_name.as_ref());
    tax_number(draft, labels, &blocks);
    draft.invoice.seller.address.country = country(layout, &blocks, Field::Seller);
    draft.invoice.buyer.address.country = country(layout, &blocks, Field::Buyer);
}

fn blocks(layout: &Layout, labels: &[Label]) -> Vec<Block> {
    let parties = labels.iter().filter(|label| {
        label.leads && matches!(label.field, Field::Seller | Field::Buyer | Field::OtherParty)
    });
    let parties: Vec<&Label> = parties.collect();
    let starts: Vec<(&Label, f32, usize, u32)> = parties
        .iter()
        .map(|label| {
            let token = &layout.tokens[label.span.start];
            (*label, token.left, token.line, token.page)
        })
        .collect();
    let block = |(label, left, line, page): &(&Label, f32, usize, u32)| {
        let beside = starts
            .iter()
            .filter(|(_, x, l, p)| p == page && l.abs_diff(*line) <= 1 && *x > left + 20.0);
        let right = beside.map(|(_, x, ..)| x - 4.0).fold(f32::MAX, f32::min);
        let below = starts
            .iter()
            .filter(|(_, x, l, p)| p == page && l > line && *x < right && *x > left - 40.0);
        let next = below.map(|(_, _, l, _)| *l).min().unwrap_or(usize::MAX);
        let lines = layout.lines.iter().enumerate().skip(*line).take(BLOCK_LINES);
        let on_page = lines.filter(|(_, span)| layout.tokens[span.start].page == *page);
        let last = on_page.map(|(at, _)| at).filter(|at| *at < next).last().unwrap_or(*line);
        let mut block = Block {
            field: label.field,
            label: **label,
            left: left - 14.0,
            right,
            first: *line,
            last,
        };
        block.last = block.end(layout);
        block
    };
    starts.iter().map(block).collect()
}

impl Block {
    /// A wide gap below at least two lines of its own ends the block.
    fn end(&self, layout: &Layout) -> usize {
        let mut own = 0;
        let mut before: Option<(f32, f32, usize)> = None;
        for line in self.first..=self.last {
            let mut tokens = layout.lines[line].tokens().filter(|at| self.holds(layout, *at));
            let Some(token) = tokens.next().map(|at| &layout.tokens[at]) else { continue };
            if let Some((top, height, last)) = before
                && own > 2
                && token.top - top > BLOCK_GAP * height.max(token.height)
            {
                return last;
            }
            own += 1;
            before = Some((token.top, token.height, line));
        }
        self.last
    }

    fn holds(&self, layout: &Layout, token: usize) -> bool {
        let token = &layout.tokens[token];
        (self.first..=self.last).contains(&token.line)
            && token.left >= self.left
            && token.left < self.right
    }
}

/// Names in the blocks of one party.
fn names(layout: &Layout, labels: &[Label], blocks: &[Block], field: Field) -> Vec<Candidate> {
    let found = blocks.iter().filter(|block| block.field == field).filter_map(|block| {
        // `Name:` within the block says it best.
        let name = labels.iter().filter(|label| label.field == Field::Name).find_map(|label| {
            let within = block.holds(layout, label.span.start);
            let (side, place) = *places(layout, labels, label).first().filter(|_| within)?;
            let place = Span { end: place.end.min(layout.segment(place.start).end), ..place };
            (side == Side::Right && is_name(layout, place)).then_some((place, label.span))
        });
        if let Some((span, label)) = name {
            return Some(named(layout, span, Some(label), ("name in the block of the party", 8)));
        }
        let own = block.label.span;
        let segment = layout.segment(own.start);
        let right = places(layout, labels, &block.label).into_iter().find(|(side, place)| {
            *side == Side::Right
                && layout.tokens[place.start].left < block.right
                && (place.start < segment.end || layout.gap(place.start) < 12.0)
        });
        if let Some((_, place)) = right {
            let place = Span { end: place.end.min(layout.segment(place.start).end), ..place };
            if is_name(layout, place) {
                return Some(named(layout, place, Some(own), ("beside the label of the party", 6)));
            }
            // A number beside it: the label is of that, and what is below is something else.
            if place.start < segment.end {
                return None;
            }
        }
        let below = first_name(layout, labels, block)?;
        Some(named(layout, below, Some(own), ("below the label of the party", 6)))
    });
    found.collect()
}

/// The first line of a block that can be a name.
fn first_name(layout: &Layout, labels: &[Label], block: &Block) -> Option<Span> {
    let lines = layout.lines
        [block.first + 1..=block.last.max(block.first + 1).min(layout.lines.len() - 1)]
        .iter();
    let segments = lines
        .take(5)
        .flat_map(|line| layout.segments.iter().filter(|segment| line.contains(segment.start)));
    let mut fitting = segments.filter(|segment| {
        let token = &layout.tokens[segment.start];
        let place = token.left >= block.left && token.left < block.right;
        let labelled = labels.iter().any(|label| {
            label.span.start == segment.start
                && label.field != Field::Name
                && !is_company(&layout.text(**segment))
        });
        place && !labelled && is_name(layout, **segment) && !is_address_form(layout, **segment)
    });
    fitting.next().copied()
}

/// `Firma`, `Herrn`: before the name, and no part of it.
fn is_address_form(layout: &Layout, span: Span) -> bool {
    const FORMS: [&str; 20] = [
        "firma",
        "herrn",
        "frau",
        "herr",
        "an",
        "spettle",
        "spettabile",
        "monsieur",
        "madame",
        "messrs",
        "egrsig",
        "adresse",
        "anschrift",
        "name",
        "dhr",
        "mevr",
        "sehrgeehrte",
        "fa",
        "spett",
        "to",
    ];
    FORMS.contains(&&*layout.folded(span).concat())
}

fn is_name(layout: &Layout, span: Span) -> bool {
    if span.is_empty() {
        return false;
    }
    let text = layout.text(span);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // A sentence has words in lower case; a name has few of them.
    let common = text
        .split_whitespace()
        .filter(|word| word.len() > 3 && word.chars().all(char::is_lowercase));
    let folded = layout.folded(span);
    let lexicon = Lexicon::get();
    let sum =
        lexicon.at(Shelf::Totals, &folded, 0).is_some_and(|found| found.letters > 4 && found.exact);
    let title =
        lexicon.at(Shelf::Documents, &folded, 0).is_some_and(|found| found.end == folded.len());
    let column = lexicon.whole(Shelf::Columns, &text).is_some();
    letters >= 2
        && letters > digits
        && text.len() <= NAME_MAX
        && !text.contains('@')
        && !text.ends_with(':')
        && !text.starts_with('(')
        && common.count() < 3
        && !(sum || title || column)
}

fn named(layout: &Layout, span: Span, label: Option<Span>, how: (&'static str, u32)) -> Candidate {
    let text = layout.text(span);
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | ',' | ';' | '-' | '●' | '•' | '|')
    });
    let company = u32::from(is_company(text));
    let (rule, weight) = how;
    let confidence = if weight >= 4 { Confidence::LABELLED } else { Confidence::PLACED };
    Candidate {
        value: text.to_owned(),
        span: Some(span),
        label,
        rule,
        weight: weight + company,
        confidence,
    }
}

/// Forms of companies, as the lexicon compares words.
#[rustfmt::skip]
const FORMS: [&str; 70] = [
    "gmbh", "ag", "kg", "ohg", "ug", "gbr", "ev", "ek", "ekfm", "mbh", "kgaa", "eg", "partg", "partgmbb", "ggmbh",
    "ltd", "limited", "llp", "plc", "inc", "llc", "corp", "corporation", "co", "company", "lp",
    "sa", "sas", "sasu", "sarl", "eurl", "sci", "snc", "scop", "srl", "spa", "sapa", "ss", "srls", "scarl", "coop",
    "sl", "slu", "sau", "slp", "cb", "bv", "nv", "vof", "bvba", "cv", "stichting", "lda", "unipessoal",
    "spzoo", "zoo", "oy", "oyj", "ab", "aps", "as", "asa", "se", "kft", "zrt", "sro", "doo", "sagl", "eirl", "ei",
];

/// Whether a text has the form of a company in it.
fn is_company(text: &str) -> bool {
    text.split_whitespace().enumerate().any(|(at, word)| {
        // French writes the form first: `SARL Dupont`.
        if at == 0
            && !["sarl", "sas", "sasu", "eurl", "sci", "snc", "scop"].contains(&&*folded(word))
        {
            return false;
        }
        let upper = word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
        let known = FORMS.contains(&&*folded(word));
        known && (upper || folded(word).len() > 2 || word.contains('.'))
    })
}

/// `ACME GmbH · Street 1 · 12345 Town` above the addressee, and the addressee.
fn sender_line(layout: &Layout) -> Option<(Span, Option<Span>)> {
    let segments = layout.lines.iter().filter(|line| {
        let token = &layout.tokens[line.start];
        token.page == 1 && token.top < 0.45 * layout.page_height(line.start)
    });
    for line in segments {
        // The separators may stand apart: what is near counts as one.
        for run in runs(layout, *line) {
            let marks = |at: &usize| separates(&layout.tokens[*at].text);
            let Some(first) = run.tokens().find(marks) else { continue };
            let count = run.tokens().filter(marks).count();
            let post_code = (first..run.end).any(|at| {
                let digits = layout.tokens[at].text.trim_matches(|c: char| !c.is_ascii_digit());
                (4..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            let end = if layout.tokens[first].text.chars().any(char::is_alphanumeric) {
                first + 1
            } else {
                first
            };
            let name = Span { start: run.start, end };
            if count >= 2 && post_code && is_name(layout, name) {
                return Some((name, addressee(layout, run)));
            }
        }
    }
    None
}

fn separates(text: &str) -> bool {
    matches!(text, "●" | "•" | "·" | "|" | "–" | "-" | "*" | "—" | "∙" | "/" | "‧" | "■" | "▪")
        || (text.len() > 2 && text.ends_with([',', ';', '·', '•']))
}

/// Parts of a line with no gap of a column between them.
fn runs(layout: &Layout, line: Span) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for at in line.tokens() {
        let joins = at > line.start && layout.gap(at) < 2.6;
        match runs.last_mut() {
            Some(run) if joins => run.end = at + 1,
            _ => runs.push(Span { start: at, end: at + 1 }),
        }
    }
    runs
}

fn addressee(layout: &Layout, sender: Span) -> Option<Span> {
    let head = &layout.tokens[sender.start];
    let below = layout.segments.iter().filter(|segment| {
        let token = &layout.tokens[segment.start];
        let near = (token.left - head.left).abs() < 40.0;
        token.page == head.page
            && token.top > head.top + 2.0
            && token.top < head.top + 130.0
            && near
    });
    let mut fitting =
        below.filter(|segment| is_name(layout, **segment) && !is_address_form(layout, **segment));
    fitting.next().copied()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Seller,
    Buyer,
}

/// Names of companies without a label. The seller's stands at the top or in the footer, and often
/// both; the buyer's where an address is.
fn by_form(layout: &Layout, labels: &[Label], taken: &[Candidate], place: Place) -> Vec<Candidate> {
    let mut found = Vec::new();
    for segment in &layout.segments {
        let token = &layout.tokens[segment.start];
        let cut = segment.tokens().find(|at| {
            // `Levante, S.L.`: the form behind the comma is a part of the name.
            let form =
                layout.tokens.get(at + 1).is_some_and(|next| FORMS.contains(&next.folded.as_str()));
            let token = &layout.tokens[*at];
            let capital =
                ["capital", "siret", "siren", "rcs", "kvk", "hrb", "hra", "sitz", "registered"];
            let about = capital.contains(&token.folded.as_str())
                || (token.folded == "au"
                    && layout.tokens.get(at + 1).is_some_and(|t| t.folded == "capital"));
            *at > segment.start && ((separates(&token.text) && !form) || about)
        });
        let end = cut.map_or(segment.end, |at| {
            at + usize::from(layout.tokens[at].text.len() > 2 && separates(&layout.tokens[at].text))
        });
        let span = Span { start: segment.start, end };
        let text = layout.text(span);
        let labelled = labels.iter().any(|label| label.span.start == segment.start);
        let known = taken.iter().any(|name| folded(&name.value) == folded(&text));
        let short = span.end - span.start <= 8;
        let alone = span.end - span.start < 2;
        if token.page > 1
            || labelled
            || known
            || !short
            || alone
            || !is_company(&text)
            || !is_name(layout, span)
        {
            continue;
        }
        let share = token.top / layout.page_height(segment.start);
        let address = has_post_code_below(layout, *segment);
        let weight = match place {
            Place::Seller if share < 0.15 || share > 0.85 => 3,
            Place::Seller => 2,
            Place::Buyer if share < 0.5 && address => 3,
            Place::Buyer => 1,
        };
        found.push(named(layout, span, None, ("form of a company's name", weight - 1)));
    }
    found
}

fn has_post_code_below(layout: &Layout, segment: Span) -> bool {
    let head = &layout.tokens[segment.start];
    let lines = layout.lines.iter().skip(head.line + 1).take(6);
    lines.flat_map(|line| line.tokens()).any(|at| {
        let token = &layout.tokens[at];
        let digits = token.text.bytes().filter(u8::is_ascii_digit).count();
        token.page == head.page
            && (token.left - head.left).abs() < 25.0
            && (4..=6).contains(&digits)
            && token.top - head.top < 90.0
    })
}

/// A name that stands a second time elsewhere, as letterhead or in the footer, is surer.
fn confirm(layout: &Layout, names: &mut [Candidate]) {
    for name in names {
        let wanted = folded(&name.value);
        let own = name.span;
        let again = layout
            .segments
            .iter()
            .filter(|segment| own.is_none_or(|own| !segment.contains(own.start)));
        let again =
            again.filter(|segment| layout.folded(**segment).concat().starts_with(&wanted)).count();
        if again > 0 && name.confidence == Confidence::LABELLED && wanted.len() > 5 {
            name.confidence = Confidence::CONSISTENT;
        } else if again > 0 && name.confidence == Confidence::PLACED {
            name.weight += 2;
        }
    }
}

/// BT-31 and BT-48: whose id it is, by label and block; what has neither is the seller's.
fn vat(draft: &mut Draft<'_>, blocks: &[Block], ids: &[VatId], buyer: Option<&Candidate>) {
    let layout = draft.layout;
    let (mut sellers, mut buyers) = (Vec::new(), Vec::new());
    for id in ids {
        let block = blocks.iter().filter(|block| block.holds(layout, id.span.start));
        let block = block.max_by_key(|block| block.first);
        let field = id.label.map(|label| label.field);
        let near_buyer = buyer.and_then(|buyer| buyer.span).is_some_and(|span| {
            let (name, token) = (&layout.tokens[span.start], &layout.tokens[id.span.start]);
            let down = token.top - name.top;
            name.page == token.page
                && (0.0..110.0).contains(&down)
                && (token.left - name.left).abs() < 130.0
        });
        let weight = match (field, block.map(|block| block.field)) {
            (Some(Field::BuyerVatId), _) | (_, Some(Field::Buyer)) => 0,
            (_, Some(Field::Seller)) => 4,
            (_, Some(Field::OtherParty)) => continue,
            (_, _) if near_buyer => 0,
            (Some(_), _) => 3,
            (None, _) => 2,
        };
        let labelled = field.is_some();
        let confidence = match id.vat {
            Vat::Checked => Confidence::CONSISTENT,
            _ if labelled => Confidence::LABELLED,
            _ => Confidence::PLACED,
        };
        let candidate = Candidate {
            value: id.value.clone(),
            span: Some(id.span),
            label: id.label.map(|label| label.span),
            rule: if labelled { "label and form" } else { "form of a VAT id" },
            weight,
            confidence,
        };
        if weight == 0 { buyers.push(candidate) } else { sellers.push(candidate) }
    }
    draft.invoice.seller.vat_id = draft.choose("BT-31", sellers);
    for buyer in &mut buyers {
        buyer.weight = 1;
    }
    draft.invoice.buyer.vat_id = draft.choose("BT-48", buyers);
}

/// BT-32, outside of the buyer's block.
fn tax_number(draft: &mut Draft<'_>, labels: &[Label], blocks: &[Block]) {
    let layout = draft.layout;
    let of = labels.iter().filter(|label| label.field == Field::TaxNumber);
    let own = of.filter(|label| {
        let mut holding = blocks.iter().filter(|block| block.holds(layout, label.span.start));
        holding.all(|block| block.field == Field::Seller)
    });
    let found = own.filter_map(|label| {
        let (_, place) = *places(layout, labels, label).first()?;
        let span = crate::extraction::text::header::id_at(layout, place)?;
        Some(Candidate {
            value: crate::extraction::text::header::trimmed(&layout.text(span)),
            span: Some(span),
            label: Some(label.span),
            rule: "label at the left",
            weight: 1,
            confidence: Confidence::LABELLED,
        })
    });
    let found = found.collect();
    draft.invoice.seller.tax_number = draft.choose("BT-32", found);
}

/// The country where a block says it before the post code: `DE 80333`, `D-80333`.
fn country(layout: &Layout, blocks: &[Block], field: Field) -> Option<String> {
    let block = blocks.iter().find(|block| block.field == field)?;
    let lines = &layout.lines[block.first..=block.last.min(layout.lines.len() - 1)];
    let tokens = lines.iter().flat_map(|line| line.tokens());
    tokens.filter(|at| block.holds(layout, *at)).find_map(|at| {
        let token = &layout.tokens[at];
        let next = layout.tokens.get(at + 1).filter(|next| next.line == token.line);
        let digits = next.is_some_and(|next| {
            (4..=6).contains(&next.text.len())
                && next.text.bytes().all(|byte| byte.is_ascii_digit())
        });
        let code =
            token.text.len() == 2 && token.text.bytes().all(|byte| byte.is_ascii_uppercase());
        (code && digits).then(|| token.text.clone())
    })
}
