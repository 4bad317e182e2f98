//! What a name looks like: forms of companies, and what is no name.

use crate::extraction::lexicon::{Lexicon, Shelf, folded};
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::labels::Label;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::models::evidence::Confidence;

/// Longest name of a party.
const NAME_MAX: usize = 120;

/// `Firma`, `Herrn`: before the name, and no part of it.
pub(super) fn is_address_form(layout: &Layout, span: Span) -> bool {
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

/// Letters, few digits, and no sentence, sum or head of a column.
pub(super) fn is_name(layout: &Layout, span: Span) -> bool {
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

/// A candidate of a name, and how it was found.
pub(super) fn named(
    layout: &Layout,
    span: Span,
    label: Option<Span>,
    how: (&'static str, u32),
) -> Candidate {
    let text = layout.text(span);
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | ',' | ';' | '-' | '●' | '•' | '|')
    });
    // `ATTN: ACME Ltd`, `Firma ACME GmbH`: how it is addressed is no part of the name.
    let addressed = ["attn:", "attn.", "attn ", "firma ", "fa. ", "an: ", "to: ", "spett.le "];
    let lower = text.to_lowercase();
    let form = addressed.iter().find(|form| lower.starts_with(**form));
    let text = form.and_then(|form| text.get(form.len()..)).unwrap_or(text).trim();
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
pub(super) fn is_company(text: &str) -> bool {
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

/// What stands between the parts of an address in one line.
pub(super) fn separates(text: &str) -> bool {
    matches!(text, "●" | "•" | "·" | "|" | "–" | "-" | "*" | "—" | "∙" | "/" | "‧" | "■" | "▪")
        || (text.len() > 2 && text.ends_with([',', ';', '·', '•']))
}

/// Whose name is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Seller,
    Buyer,
}

/// Names of companies without a label. The seller's stands at the top or in the footer, and often
/// both; the buyer's where an address is.
pub(super) fn by_form(
    layout: &Layout,
    labels: &[Label],
    taken: &[Candidate],
    place: Place,
) -> Vec<Candidate> {
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
            Place::Seller if !(0.15..=0.85).contains(&share) => 3,
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

/// A name that the seller's own web or mail address repeats: `ACME Tools` and `info@acme-tools.eu`.
pub(super) fn by_domain(layout: &Layout, taken: &[Candidate]) -> Vec<Candidate> {
    let mut domains: Vec<String> = Vec::new();
    for token in layout.tokens.iter().filter(|token| token.page == 1) {
        let lower = token.text.to_lowercase();
        let host = lower.rsplit_once('@').map(|(_, host)| host).or_else(|| {
            let bare = lower.trim_start_matches("https://").trim_start_matches("http://");
            (bare.len() < lower.len() || bare.starts_with("www.")).then_some(bare)
        });
        let name = host.and_then(|host| host.trim_start_matches("www.").split(['.', '/']).next());
        domains.extend(name.map(folded).filter(|name| name.len() >= 5));
    }
    let own = layout.segments.iter().filter(|segment| {
        let text = layout.folded(**segment).concat();
        let first = layout.tokens[segment.start].page == 1;
        first && domains.contains(&text) && is_name(layout, **segment)
    });
    let found =
        own.map(|segment| named(layout, *segment, None, ("as in the web or mail address", 2)));
    let known =
        |name: &Candidate| taken.iter().any(|other| folded(&other.value) == folded(&name.value));
    found.filter(|name| !known(name)).collect()
}
