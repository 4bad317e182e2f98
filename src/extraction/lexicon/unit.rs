//! Words for units, and their codes of UN/ECE Recommendation 20.

use crate::extraction::lexicon::folded;

/// The code for a unit as written; a code stands for itself. None for a word that is not known.
pub(crate) fn rec20(word: &str) -> Option<&'static str> {
    let square = word.replace('²', "2").replace('³', "3");
    let word = folded(&square);
    let is = |known: &&str| **known == word;
    UNITS.iter().find(|(_, words)| words.iter().any(is)).map(|(code, _)| *code)
}

/// Words as [`folded`] makes them. Upper-case codes are in lower case too.
#[rustfmt::skip]
const UNITS: &[(&str, &[&str])] = &[
    ("H87", &["h87", "stk", "stck", "stuck", "st", "piece", "pieces", "piezas", "pieza", "pce", "pcs", "pc", "pz", "pezzi", "pezzo", "u", "ud", "uds", "un", "unid", "unidad", "unidades", "unite", "unites", "unita", "nr", "ea", "each", "stuks", "stuk", "szt", "szt", "sztuk", "sztuka", "unit", "units", "pieceen", "art", "styck", "stueck", "pza"]),
    ("HUR", &["hur", "std", "stunde", "stunden", "h", "hr", "hrs", "hour", "hours", "heure", "heures", "ora", "ore", "hora", "horas", "uur", "uren", "godz", "stdn", "zeitstunde", "u r"]),
    ("DAY", &["day", "days", "tag", "tage", "jour", "jours", "giorno", "giorni", "gg", "dia", "dias", "dag", "dagen", "pt", "personentag", "personentage", "manntag", "manntage", "jrs", "j", "dni", "d"]),
    ("MON", &["mon", "month", "months", "monat", "monate", "mois", "mese", "mesi", "mes", "meses", "maand", "maanden", "miesiac", "mth"]),
    ("WEE", &["wee", "week", "weeks", "woche", "wochen", "semaine", "semaines", "settimana", "settimane", "semana", "semanas", "weken"]),
    ("ANN", &["ann", "year", "years", "jahr", "jahre", "an", "ans", "annee", "annees", "anno", "anni", "ano", "anos", "jaar", "jaren"]),
    ("MIN", &["min", "minute", "minuten", "minutes", "minuti", "minutos", "minuut"]),
    ("KGM", &["kgm", "kg", "kilo", "kilogramm", "kilogram", "kilogramme", "kilogrammi", "kilos", "kgs"]),
    ("GRM", &["grm", "g", "gr", "gramm", "gram", "gramme", "grammi", "gramos"]),
    ("TNE", &["tne", "t", "to", "ton", "tonne", "tonnen", "tonnes", "tonnellate", "toneladas"]),
    ("LTR", &["ltr", "l", "lt", "lit", "liter", "litre", "litres", "litro", "litri", "litros", "liters"]),
    ("MLT", &["mlt", "ml", "milliliter"]),
    ("HLT", &["hlt", "hl", "hektoliter", "hectoliter"]),
    ("MTR", &["mtr", "m", "lfm", "lfdm", "meter", "metre", "metres", "metro", "metri", "metros", "ml lfd", "lm", "mt", "rm"]),
    ("CMT", &["cmt", "cm", "zentimeter"]),
    ("MMT", &["mmt", "mm"]),
    ("KMT", &["kmt", "kmtr", "kilometer", "km", "kilometre", "kilometres"]),
    ("MTK", &["mtk", "m2", "qm", "quadratmeter", "mq", "sqm"]),
    ("MTQ", &["mtq", "m3", "cbm", "kubikmeter", "mc", "kuub"]),
    ("KWH", &["kwh", "kilowattstunde", "kilowattstunden"]),
    ("MWH", &["mwh"]),
    ("LS", &["ls", "psch", "pauschal", "pauschale", "forfait", "forfaitaire", "forfettario", "lumpsum", "a corpo", "acorpo", "pa", "pausch", "ff", "forf", "vast", "forfetario"]),
    ("SET", &["set", "sets", "satz", "garnitur", "jeu", "kit", "juego", "ens"]),
    ("PR", &["pr", "paar", "pair", "pairs", "paire", "paires", "paio", "par", "pares"]),
    ("XPK", &["xpk", "packung", "packungen", "pack", "paket", "pakete", "pkg", "packs", "paquet", "paquete", "pak", "pkt", "pck", "confezione", "conf", "cf", "pa k"]),
    ("XBX", &["xbx", "box", "boxes", "karton", "kartons", "kiste", "kisten", "boite", "boites", "scatola", "caja", "cajas", "doos", "dozen", "ktn", "carton", "cartons", "cartone", "cartoni", "crt", "kt", "cx", "caisse"]),
    ("XRO", &["xro", "rolle", "rollen", "roll", "rolls", "rouleau", "rouleaux", "rotolo", "rollo", "rol"]),
    ("XPX", &["xpx", "palette", "paletten", "pallet", "pallets", "palettes", "bancale", "pal"]),
    ("XBO", &["xbo", "flasche", "flaschen", "bottle", "bottles", "bouteille", "bouteilles", "bottiglia", "botella", "fles", "flessen", "fl", "btl"]),
    ("XBG", &["xbg", "sack", "sacke", "bag", "bags", "sac", "sacs", "sacco", "saco", "zak", "beutel"]),
    ("XCA", &["xca", "dose", "dosen", "can", "cans"]),
    ("NAR", &["nar"]),
    ("C62", &["c62", "einheit", "einheiten", "one", "eh"]),
    ("P1", &["p1", "%", "prozent", "percent"]),
];

#[cfg(test)]
mod tests {
    use super::rec20;

    #[test]
    fn words_of_all_languages_have_their_code() {
        for (word, code) in [
            ("Stk.", "H87"),
            ("pce", "H87"),
            ("u.", "H87"),
            ("pz.", "H87"),
            ("ud.", "H87"),
            ("st", "H87"),
            ("Std.", "HUR"),
            ("h", "HUR"),
            ("ora", "HUR"),
            ("kg", "KGM"),
            ("l", "LTR"),
            ("m²", "MTK"),
            ("Psch.", "LS"),
            ("forfait", "LS"),
            ("KGM", "KGM"),
            ("m³", "MTQ"),
            ("uur", "HUR"),
            ("Monate", "MON"),
        ] {
            assert_eq!(rec20(word), Some(code), "{word}");
        }
        assert_eq!(rec20("Trinkgeld"), None);
    }
}
