use super::Column as C;
use super::Field as F;
use super::Term::{Column, Field, Total};
use super::Total as T;
use super::{LANGUAGES, Lexicon, Shelf, folded};

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(folded).collect()
}

#[test]
fn labels_are_found_however_they_are_spelt() {
    let lexicon = Lexicon::get();
    for (text, term) in [
        ("Rechnungs-Nr.: 471102", Field(F::Number)),
        ("USt.-Id.-Nr.: DE123456789", Field(F::VatId)),
        ("USt. - Ident Nr. DE123456789", Field(F::VatId)),
        ("R E C H N U N G S N U M M E R 12", Field(F::Number)),
        ("Rechnungsnumer 12", Field(F::Number)),
        ("FACTURE N° 2018-12", Field(F::Number)),
        ("N° de commande : 4711", Field(F::Order)),
        ("Date d’échéance 30/06/2026", Field(F::DueDate)),
        ("P.IVA 01234567890", Field(F::VatId)),
        ("Fecha de vencimiento 30/06/2026", Field(F::DueDate)),
        ("Vervaldatum 30-06-2026", Field(F::DueDate)),
        ("Ihre USt-IdNr. DE1", Field(F::BuyerVatId)),
    ] {
        let found = lexicon.find(Shelf::Fields, &words(text));
        assert_eq!(found.first().map(|label| label.term), Some(term), "{text}: {found:?}");
        assert_eq!(found[0].start, 0, "{text}");
    }
}

#[test]
fn the_shelves_are_apart() {
    let lexicon = Lexicon::get();
    for (shelf, text, term) in [
        (Shelf::Columns, "Total HT", Column(C::Net)),
        (Shelf::Totals, "Total HT", Total(T::Net)),
        (Shelf::Totals, "Total TTC", Total(T::Gross)),
        (Shelf::Totals, "Netto a pagare", Total(T::Payable)),
        (Shelf::Columns, "Q.tà", Column(C::Quantity)),
        (Shelf::Totals, "Übertrag", Total(T::Carried)),
    ] {
        let found = lexicon.find(shelf, &words(text));
        assert_eq!(found.first().map(|label| label.term), Some(term), "{text}");
    }
}

#[test]
fn short_words_and_digits_get_no_benefit_of_doubt() {
    let lexicon = Lexicon::get();
    for text in ["Datun", "Pus", "Rechnungsnumm3r", "Rechungsnumer"] {
        assert_eq!(lexicon.whole(Shelf::Fields, text), None, "{text}");
        assert!(lexicon.find(Shelf::Fields, &words(text)).is_empty(), "{text}");
    }
}

#[test]
fn no_language_says_one_word_for_two_things() {
    let mut twice = Vec::new();
    for (language, labels) in LANGUAGES {
        let mut seen = std::collections::HashMap::new();
        for (term, spellings) in *labels {
            for spelling in *spellings {
                assert!(!folded(spelling).is_empty(), "{language:?}: {spelling:?}");
                let key = (term.shelf(), folded(spelling));
                if seen.insert(key, term).is_some_and(|other| other != term) {
                    twice.push(format!("{language:?}: {spelling}: {term:?}"));
                }
            }
        }
    }
    assert!(twice.is_empty(), "{twice:#?}");
}
