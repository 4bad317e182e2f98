//! The structured `:86:` of German, Austrian and Polish banks: a transaction code of three digits
//! (GVC), then subfields of a sign and two digits, `166?00GUTSCHRIFT?20EREF+…?32NAME`.

use crate::extraction::statement::mt::narrative::only;
use crate::extraction::statement::mt::sepa;
use crate::extraction::statement::values::{account, prose, word};
use crate::models::iban;
use crate::models::statement::BankEntry;

/// Signs before the two digits; `?` by the standard, others at single banks.
const SIGNS: [char; 8] = ['?', '>', '<', '~', '^', '|', '$', '#'];

/// Transaction codes of payments that come back: their `?34` is the reason.
const RETURNS: [&str; 5] = ["108", "109", "159", "181", "184"];

/// A subfield: its number, and its text.
pub(crate) type Subfield<'t> = (u8, &'t str);

/// Code and subfields; `None` for any other text.
pub(crate) fn subfields(text: &str) -> Option<(&str, Vec<Subfield<'_>>)> {
    let text = text.trim_start();
    let code = text.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let rest = text[3..].trim_start();
    let sign = rest.chars().next().filter(|sign| SIGNS.contains(sign))?;
    number(rest, sign)?;
    let mut found = Vec::new();
    let mut open: Option<(u8, usize)> = None;
    for (at, _) in rest.match_indices(sign) {
        let Some(next) = number(&rest[at..], sign) else { continue };
        if let Some((number, start)) = open {
            found.push((number, &rest[start..at]));
        }
        open = Some((next, at + 3));
    }
    let (number, start) = open?;
    found.push((number, rest[start..].trim_end_matches(sign)));
    Some((code, found))
}

/// The number behind a sign, if the text begins with one that is in use: a sign may also stand in
/// the text itself.
fn number(text: &str, sign: char) -> Option<u8> {
    let two = text.strip_prefix(sign)?.get(..2)?;
    let digits = two.bytes().all(|byte| byte.is_ascii_digit());
    let number = two.parse().ok().filter(|_| digits)?;
    matches!(number, 0..=39 | 60..=79).then_some(number)
}

/// Puts what the subfields say into an entry.
pub(crate) fn read(entry: &mut BankEntry, code: &str, subfields: &[Subfield<'_>]) {
    let incoming = entry.amount.is_sign_positive();
    let first = |wanted: u8| subfields.iter().find(|(number, _)| *number == wanted);
    let text = |wanted: u8| first(wanted).and_then(|(_, text)| word(text));
    entry.codes.own = Some(code.to_owned());
    entry.codes.issuer = Some("GVC".to_owned());
    entry.codes.batch = text(10);
    entry.codes.supplement = text(34);
    entry.text = text(0).or(entry.text.take());
    let detail = only(entry);
    if RETURNS.contains(&code) {
        detail.return_reason = text(34);
    }
    let names: Vec<&str> = all(subfields, |number| matches!(number, 32 | 33));
    detail.counterparty.name = word(&sepa::join(&names));
    detail.counterparty.bank = text(30);
    // Where both stand, 38 is the IBAN of the national number in 31.
    let accounts = [38, 31].map(|wanted| first(wanted).and_then(|(_, text)| account(text)));
    let [iban, number] = accounts;
    detail.counterparty.account = iban.filter(|iban| iban::is_iban(iban)).or(number);
    let purpose = all(subfields, |number| matches!(number, 20..=29 | 60..=65));
    let tagged = sepa::split(&purpose);
    if tagged.is_empty() {
        let joined = sepa::join(&purpose);
        detail.remittance.unstructured.extend(joined.lines().filter_map(prose));
    } else {
        sepa::read(detail, tagged, incoming);
    }
}

fn all<'t>(subfields: &[Subfield<'t>], wanted: impl Fn(u8) -> bool) -> Vec<&'t str> {
    let of = subfields.iter().filter(|(number, _)| wanted(*number));
    of.map(|(_, text)| *text).collect()
}

#[cfg(test)]
mod tests {
    use super::{read, subfields};
    use crate::models::statement::BankEntry;
    use rust_decimal::Decimal;

    fn entry(text: &str, cents: i64) -> BankEntry {
        let mut entry = BankEntry::of(Decimal::new(cents, 2));
        let (code, subfields) = subfields(text).expect("subfields");
        read(&mut entry, code, &subfields);
        entry
    }

    #[test]
    fn references_of_sepa_are_told_even_where_they_are_cut() {
        let text = "835?20Cie., S.C.A.?21SEPA-BASISLASTSCHRIFT?22EREF+ 1234567890123 PAYPAL\
                    ?23MREF+ 12AB234CD6E7F CRED+ A?24B12CDE0000000000000000034 S?25VWZ+ . SPOTIFY, \
                    Ihr Einkauf?26bei SPOTIFY?32PayPal (Europe) S.a.r.l. et";
        let entry = entry(text, -23315);
        let detail = &entry.details[0];
        assert_eq!(detail.end_to_end_id.as_deref(), Some("1234567890123 PAYPAL"));
        assert_eq!(detail.mandate.as_deref(), Some("12AB234CD6E7F"));
        assert_eq!(detail.creditor_id.as_deref(), Some("AB12CDE0000000000000000034"));
        let lines = ["Cie., S.C.A.", "SEPA-BASISLASTSCHRIFT", ". SPOTIFY, Ihr Einkaufbei SPOTIFY"];
        assert_eq!(detail.remittance.unstructured, lines);
        assert_eq!(detail.counterparty.name.as_deref(), Some("PayPal (Europe) S.a.r.l. et"));
    }

    #[test]
    fn a_reference_ends_with_a_subfield_that_is_not_full() {
        let text = "159?00RETOURE?20EREF+TFNR 40001 00005?21MTLG:Grund nicht spezifizie?22rt?34914";
        let entry = entry(text, -8);
        let detail = &entry.details[0];
        assert_eq!(detail.end_to_end_id.as_deref(), Some("TFNR 40001 00005"));
        assert_eq!(detail.return_reason.as_deref(), Some("914"));
        assert_eq!(detail.remittance.unstructured, ["MTLG:Grund nicht spezifiziert"]);
    }

    #[test]
    fn other_signs_and_signs_in_the_text_are_read() {
        let read = entry("020<00Przelew<20Faktura <5 zl?<3844124012341111001034567890<32A", 1);
        let detail = &read.details[0];
        assert_eq!(detail.remittance.unstructured, ["Faktura <5 zl?"]);
        assert_eq!(detail.counterparty.name.as_deref(), Some("A"));
        for text in
            ["", "166", "166?", "166?é", "16?00", "166 AND SO ON", "166?9", "166?99X", "166?50X"]
        {
            assert_eq!(subfields(text), None, "{text}");
        }
    }
}
