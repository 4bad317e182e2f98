//! `:86:`, the text of an entry: which of its dialects it is, and what it says.

use crate::extraction::statement::mt::{german, sepa, slashed};
use crate::extraction::statement::values::{self, account, prose, word};
use crate::models::iban;
use crate::models::statement::{BankEntry, Charge, EntryDetail, InstructedAmount};

/// Bytes of all `:86:` of one entry: the standard has 390, and some banks write two or three. A
/// hostile file has one of 50 MiB, or a million of them.
const NARRATIVE_BYTES_MAX: usize = 8_000;

/// Labels of Polish texts, up to a colon, and what follows them.
const POLISH: [(&str, Polish); 6] = [
    ("Z RACH", Polish::Account),
    ("NA RACH", Polish::Account),
    ("OD", Polish::Name),
    ("DLA", Polish::Name),
    ("TYT", Polish::Text),
    ("TNR", Polish::Number),
];

#[derive(Debug, Clone, Copy)]
enum Polish {
    Account,
    Name,
    Text,
    Number,
}

/// Reads a text into its entry.
pub(crate) fn read(entry: &mut BankEntry, body: &str) {
    let body = &body[..body.floor_char_boundary(NARRATIVE_BYTES_MAX)];
    let Some(text) = prose(body) else { return };
    let before = entry.narrative.as_ref().map_or(0, String::len);
    if before + text.len() > NARRATIVE_BYTES_MAX {
        return;
    }
    match entry.narrative.as_mut() {
        Some(before) => {
            before.push('\n');
            before.push_str(&text);
        }
        None => entry.narrative = Some(text),
    }
    let joined = unfold(body);
    if let Some((code, subfields)) = german::subfields(&joined) {
        german::read(entry, code, &subfields);
        return;
    }
    let incoming = entry.amount.is_sign_positive();
    if let Some(words) = slashed::words(&joined) {
        slashed::read(entry, &words);
        return;
    }
    let mut lines: Vec<&str> =
        body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if let Some(code) = lines.first().copied().and_then(own_code) {
        entry.codes.own = Some(code.to_owned());
        lines[0] = lines[0][3..].trim_start();
    }
    if polish(entry, &joined) {
        return;
    }
    let detail = only(entry);
    let tagged = sepa::split(&lines);
    if tagged.is_empty() {
        detail.remittance.unstructured.extend(lines.iter().filter_map(|line| prose(line)));
    } else {
        sepa::read(detail, tagged, incoming);
    }
}

/// The detail of an entry that has one payment.
pub(crate) fn only(entry: &mut BankEntry) -> &mut EntryDetail {
    if entry.details.is_empty() {
        entry.details.push(EntryDetail::default());
    }
    &mut entry.details[0]
}

/// Joins lines that were broken at a width, not at a word. Blanks at the end of a line are a part
/// of the text, unless the last line has them too: then the bank fills or ends all lines so.
fn unfold(body: &str) -> String {
    let body = body.trim_matches('\n');
    if body.ends_with([' ', '\t']) {
        body.lines().map(str::trim_end).collect()
    } else {
        body.lines().collect()
    }
}

/// Three digits and a blank, or `999`: the bank's code before a text without structure.
fn own_code(line: &str) -> Option<&str> {
    let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    (code == "999" || line[3..].starts_with(' ')).then_some(code)
}

/// `Z RACH.: 56…; OD: JAN NOWAK; TYT.: PRZELEW; TNR: 1791…`.
fn polish(entry: &mut BankEntry, joined: &str) -> bool {
    let labelled: Vec<(Polish, &str)> = joined.split(';').filter_map(label).collect();
    if labelled.len() < 2 {
        return false;
    }
    if let Some(before) = joined.split(';').next().filter(|part| label(part).is_none()) {
        let before = before.trim_start_matches(|c: char| c.is_ascii_digit());
        entry.text = entry.text.take().or(word(before));
    }
    let detail = only(entry);
    for (kind, value) in labelled {
        match kind {
            Polish::Account => detail.counterparty.account = account(value),
            Polish::Name => detail.counterparty.name = word(value),
            Polish::Text => detail.remittance.unstructured.extend(word(value)),
            Polish::Number => detail.transaction_id = word(value),
        }
    }
    true
}

fn label(part: &str) -> Option<(Polish, &str)> {
    let (label, value) = part.split_once(':')?;
    let label = label.trim().trim_end_matches('.');
    let known = POLISH.iter().find(|(known, _)| *known == label)?;
    Some((known.1, value.trim()))
}

/// The last line of `:61:`: an account of the other side, or `/OCMT/USD100,00/CHGS/EUR1,50/`.
pub(crate) fn supplementary(entry: &mut BankEntry) {
    let Some(text) = entry.supplementary.clone() else { return };
    if let Some(words) = slashed::words(&text) {
        slashed::read(entry, &words);
    } else if let Some(iban) = account(&text).filter(|text| iban::is_iban(text)) {
        only(entry).counterparty.account = Some(iban);
    }
}

/// `USD100,00` as what was ordered.
pub(crate) fn instructed(text: &str) -> Option<InstructedAmount> {
    let (currency, digits) = currency_first(text);
    let amount = values::amount(digits)?;
    Some(InstructedAmount { amount, currency: currency.map(str::to_owned) })
}

/// `EUR1,50` as a charge that was taken.
pub(crate) fn charge(text: &str, kind: &str) -> Option<Charge> {
    let InstructedAmount { amount, currency } = instructed(text)?;
    Some(Charge { amount: -amount, currency, included: None, kind: Some(kind.to_owned()) })
}

fn currency_first(text: &str) -> (Option<&str>, &str) {
    let text = text.trim();
    match text.get(..3) {
        Some(code) if code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            (Some(code), text[3..].trim_start())
        }
        _ => (None, text),
    }
}
