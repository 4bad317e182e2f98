//! `:86:` of Dutch and other banks: words between slashes, `/TRTP/SEPA OVERBOEKING/IBAN/NL…/REMI/…`.

use crate::extraction::statement::mt::narrative::{charge, instructed, only};
use crate::extraction::statement::values::{self, account, prose, reference, word};
use crate::models::statement::{BankEntry, CreditorReference};

/// The words that begin a part. A slash in a value is no word.
const WORDS: [&str; 28] = [
    "ACCW",
    "ADDR",
    "BENM",
    "BIC",
    "CDTRREF",
    "CDTRREFTP",
    "CHGS",
    "CNTP",
    "CSID",
    "EREF",
    "EXCH",
    "IBAN",
    "ID",
    "ISDT",
    "KREF",
    "MARF",
    "NAME",
    "OCMT",
    "ORDP",
    "PREF",
    "PURP",
    "REMI",
    "RTRN",
    "SVCL",
    "TRCD",
    "TRTP",
    "UCRD",
    "UDTR",
];

/// Words without a value of their own.
const PARTIES: [&str; 4] = ["BENM", "ORDP", "UCRD", "UDTR"];

/// The parts, each with its word; `None` unless the text begins with one.
pub(crate) fn words(text: &str) -> Option<Vec<(&'static str, &str)>> {
    let text = text.trim_start();
    known(text)?;
    let mut parts = Vec::new();
    let mut open: Option<(&'static str, usize)> = None;
    for (at, _) in text.match_indices('/') {
        let Some(word) = known(&text[at..]) else { continue };
        // The slash that ends a word begins no other one, but behind those of a party, which some
        // write as `/BENM/NAME/` and others as `/BENM//NAME/`.
        if open.is_some_and(|(word, start)| at < start && !PARTIES.contains(&word)) {
            continue;
        }
        if let Some((word, start)) = open {
            parts.push((word, text.get(start..at).unwrap_or_default()));
        }
        open = Some((word, at + word.len() + 2));
    }
    let (word, start) = open?;
    parts.push((word, text.get(start..).unwrap_or_default()));
    Some(parts)
}

fn known(text: &str) -> Option<&'static str> {
    let (word, _) = text.strip_prefix('/')?.split_once('/')?;
    WORDS.iter().find(|known| **known == word).copied()
}

/// Puts what the parts say into an entry.
pub(crate) fn read(entry: &mut BankEntry, parts: &[(&'static str, &str)]) {
    let mut kind = None;
    // A name behind `UCRD` or `UDTR` is that of another party.
    let mut ultimate = false;
    for (part, value) in parts {
        let value = value.trim().trim_end_matches('/');
        match *part {
            "TRTP" => entry.text = word(value),
            "TRCD" => entry.codes.own = word(value),
            "CDTRREFTP" => kind = word(value.trim_start_matches("CD/")),
            _ => {}
        }
        let detail = only(entry);
        match *part {
            "EREF" => detail.end_to_end_id = reference(value),
            "PREF" | "KREF" => detail.instruction_id = reference(value),
            "MARF" => detail.mandate = reference(value),
            "CSID" => detail.creditor_id = reference(value),
            "PURP" => detail.purpose = word(value.trim_start_matches("CD/")),
            "RTRN" => detail.return_reason = word(value),
            "IBAN" | "ACCW" => detail.counterparty.account = account(value),
            "BIC" => detail.counterparty.bank = word(value),
            "NAME" if ultimate => detail.counterparty.ultimate_name = word(value),
            "NAME" => detail.counterparty.name = word(value),
            "OCMT" => detail.instructed = instructed(value),
            "CHGS" => detail.charges.extend(charge(value, part)),
            "EXCH" => detail.exchange_rate = values::amount(value),
            "CNTP" => counterparty(entry, value),
            "REMI" => remittance(entry, value),
            "CDTRREF" => {
                let reference = word(value);
                let kind = kind.take();
                let one = reference.map(|reference| CreditorReference { reference, kind });
                detail.remittance.structured.extend(one);
            }
            "UCRD" | "UDTR" => {
                ultimate = true;
                detail.counterparty.ultimate_name = word(value);
            }
            _ => {}
        }
        ultimate &= !matches!(*part, "BENM" | "ORDP" | "REMI");
    }
}

/// Account, BIC, name and town, as ING writes them.
fn counterparty(entry: &mut BankEntry, value: &str) {
    let mut parts = value.split('/');
    let other = &mut only(entry).counterparty;
    other.account = parts.next().and_then(account);
    other.bank = parts.next().and_then(word);
    other.name = parts.next().and_then(word);
}

/// Text; or `USTD//text`, or `STRD/CUR/reference`.
fn remittance(entry: &mut BankEntry, value: &str) {
    let remittance = &mut only(entry).remittance;
    if let Some(structured) = value.strip_prefix("STRD/") {
        let (kind, text) = structured.split_once('/').unwrap_or(("", structured));
        let one = word(text).map(|reference| CreditorReference { reference, kind: word(kind) });
        remittance.structured.extend(one);
        return;
    }
    let text = value.strip_prefix("USTD/").unwrap_or(value).trim_matches('/');
    remittance.unstructured.extend(prose(text));
}

#[cfg(test)]
mod tests {
    use super::{read, words};
    use crate::models::statement::BankEntry;
    use rust_decimal::Decimal;

    fn entry(text: &str) -> BankEntry {
        let mut entry = BankEntry::of(Decimal::ONE);
        read(&mut entry, &words(text).expect("words"));
        entry
    }

    #[test]
    fn words_between_slashes_are_read() {
        let entry = entry(
            "/TRTP/SEPA OVERBOEKING/IBAN/NL02ABNA0123456789/BIC/ABNANL2A/NAME/A/B HOLDING\
             /REMI/FACTUUR 12/2026/EREF/NOTPROVIDED",
        );
        let detail = &entry.details[0];
        assert_eq!(entry.text.as_deref(), Some("SEPA OVERBOEKING"));
        assert_eq!(detail.counterparty.account.as_deref(), Some("NL02ABNA0123456789"));
        assert_eq!(detail.counterparty.name.as_deref(), Some("A/B HOLDING"));
        assert_eq!(detail.remittance.unstructured, ["FACTUUR 12/2026"]);
        assert_eq!(detail.end_to_end_id, None);
    }

    #[test]
    fn empty_parts_and_those_of_other_banks_are_read() {
        let text = "/EREF/E-1//MARF/M-1//CSID/NL99ZZZ1//CNTP/NL02ABNA0123456789/ABNANL2A/J \
                    Jansen/Delft//REMI/USTD//Factuur 7//UCRD//NAME/Other/";
        let entry = entry(text);
        let detail = &entry.details[0];
        assert_eq!(detail.end_to_end_id.as_deref(), Some("E-1"));
        assert_eq!(detail.mandate.as_deref(), Some("M-1"));
        assert_eq!(detail.counterparty.name.as_deref(), Some("J Jansen"));
        assert_eq!(detail.counterparty.ultimate_name.as_deref(), Some("Other"));
        assert_eq!(detail.remittance.unstructured, ["Factuur 7"]);
        for text in ["", "/", "//", "/XXXX/", "EREF/1", "/EREF"] {
            assert_eq!(words(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_ordered_and_what_was_taken_are_read() {
        let entry = entry("/OCMT/USD100,00//CHGS/EUR1,50/");
        let detail = &entry.details[0];
        let ordered = detail.instructed.as_ref().expect("an amount");
        assert_eq!(
            (ordered.amount, ordered.currency.as_deref()),
            (Decimal::new(10000, 2), Some("USD"))
        );
        assert_eq!(detail.charges[0].amount, Decimal::new(-150, 2));
    }
}
