//! Names of countries as addresses end with them, in eight languages, and their codes of ISO
//! 3166-1. Data: the countries that the suppliers of a European buyer are from.

use crate::extraction::lexicon::folded;

/// The code of a country by its name; none for any other text.
pub(crate) fn country(name: &str) -> Option<&'static str> {
    let name = folded(name);
    let is = |known: &&str| **known == name;
    COUNTRIES.iter().find(|(_, names)| names.iter().any(is)).map(|(code, _)| *code)
}

/// Names as [`folded`] makes them.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &[&str])] = &[
    ("AT", &["osterreich", "oesterreich", "austria", "autriche", "oostenrijk"]),
    ("BE", &["belgien", "belgium", "belgique", "belgio", "belgica", "belgie", "belgia"]),
    ("BG", &["bulgarien", "bulgaria", "bulgarie", "bulgarije"]),
    ("CH", &["schweiz", "switzerland", "suisse", "svizzera", "suiza", "zwitserland", "suica", "szwajcaria"]),
    ("CN", &["china", "chine", "cina", "chiny", "peoplesrepublicofchina", "prchina"]),
    ("CY", &["zypern", "cyprus", "chypre", "cipro", "chipre", "cypr"]),
    ("CZ", &["tschechien", "tschechischerepublik", "czechia", "czechrepublic", "tchequie", "republiquetcheque", "cechia", "repubblicaceca", "chequia", "republicacheca", "tsjechie", "tchequia", "czechy", "ceskarepublika", "cesko"]),
    ("DE", &["deutschland", "germany", "allemagne", "germania", "alemania", "duitsland", "alemanha", "niemcy", "bundesrepublikdeutschland"]),
    ("DK", &["danemark", "daenemark", "denmark", "danimarca", "dinamarca", "denemarken", "dania", "danmark"]),
    ("EE", &["estland", "estonia", "estonie", "eesti"]),
    ("ES", &["spanien", "spain", "espagne", "spagna", "espana", "spanje", "espanha", "hiszpania"]),
    ("FI", &["finnland", "finland", "finlande", "finlandia", "suomi"]),
    ("FR", &["frankreich", "france", "francia", "frankrijk", "franca", "francja"]),
    ("GB", &["vereinigteskonigreich", "grossbritannien", "unitedkingdom", "uk", "greatbritain", "england", "scotland", "wales", "royaumeuni", "regnounito", "reinounido", "verenigdkoninkrijk", "wielkabrytania"]),
    ("GR", &["griechenland", "greece", "grece", "grecia", "griekenland", "grecja", "hellas"]),
    ("HR", &["kroatien", "croatia", "croatie", "croazia", "croacia", "kroatie", "chorwacja", "hrvatska"]),
    ("HU", &["ungarn", "hungary", "hongrie", "ungheria", "hungria", "hongarije", "wegry", "magyarorszag"]),
    ("IE", &["irland", "ireland", "irlande", "irlanda", "ierland", "irlandia", "eire"]),
    ("IN", &["indien", "india", "inde", "indie"]),
    ("IS", &["island", "iceland", "islande", "islanda", "islandia", "ijsland"]),
    ("IT", &["italien", "italy", "italie", "italia", "wlochy"]),
    ("JP", &["japan", "japon", "giappone", "japao", "japonia"]),
    ("LI", &["liechtenstein"]),
    ("LT", &["litauen", "lithuania", "lituanie", "lituania", "litouwen", "litwa", "lietuva"]),
    ("LU", &["luxemburg", "luxembourg", "lussemburgo", "luxemburgo", "luksemburg"]),
    ("LV", &["lettland", "latvia", "lettonie", "lettonia", "letonia", "letland", "lotwa", "latvija"]),
    ("MT", &["malta", "malte"]),
    ("NL", &["niederlande", "netherlands", "thenetherlands", "holland", "paysbas", "paesibassi", "paisesbajos", "nederland", "paisesbaixos", "holandia", "niderlandy"]),
    ("NO", &["norwegen", "norway", "norvege", "norvegia", "noruega", "noorwegen", "norwegia", "norge"]),
    ("PL", &["polen", "poland", "pologne", "polonia", "polska"]),
    ("PT", &["portugal", "portogallo", "portugalia"]),
    ("RO", &["rumanien", "rumaenien", "romania", "roumanie", "rumania", "roemenie", "romenia", "rumunia"]),
    ("RS", &["serbien", "serbia", "serbie", "servie"]),
    ("SE", &["schweden", "sweden", "suede", "svezia", "suecia", "zweden", "szwecja", "sverige"]),
    ("SI", &["slowenien", "slovenia", "slovenie", "eslovenia", "slowenia", "slovenija"]),
    ("SK", &["slowakei", "slovakia", "slovaquie", "slovacchia", "eslovaquia", "slowakije", "slowacja", "slovensko"]),
    ("TR", &["turkei", "tuerkei", "turkey", "turkiye", "turquie", "turchia", "turquia", "turkije", "turcja"]),
    ("UA", &["ukraine", "ucraina", "ucrania", "oekraine", "ukraina"]),
    ("US", &["usa", "vereinigtestaaten", "unitedstates", "unitedstatesofamerica", "etatsunis", "statiuniti", "estadosunidos", "verenigdestaten", "stanyzjednoczone"]),
];

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, country};
    use crate::extraction::lexicon::folded;
    use en16931::codes::generated::COUNTRY_CODES;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_of_iso_3166_and_every_name_is_of_one_country() {
        let mut seen = HashSet::new();
        for (code, names) in COUNTRIES {
            assert!(COUNTRY_CODES.contains(code), "{code}");
            for name in *names {
                assert_eq!(folded(name), *name);
                assert!(seen.insert(*name), "{name} is of two countries");
            }
        }
    }

    #[test]
    fn a_country_is_known_in_any_dress() {
        for (name, code) in [
            ("ÖSTERREICH", Some("AT")),
            ("Pays-Bas", Some("NL")),
            ("U.S.A.", Some("US")),
            ("España", Some("ES")),
            ("Łotwa", Some("LV")),
            ("Deutschland GmbH", None),
            ("", None),
        ] {
            assert_eq!(country(name), code, "{name}");
        }
    }
}
