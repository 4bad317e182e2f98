//! Which column of a row of headings is what: by a profile, or by words that banks use.

use crate::extraction::statement::profile::{Columns, StatementProfile};

/// What a column holds, and what banks call it, in small letters without blanks and signs.
const WORDS: &[(Role, &[&str])] = &[
    (
        Role::BookingDate,
        &[
            "buchungstag",
            "buchungsdatum",
            "buchung",
            "datum",
            "date",
            "bookingdate",
            "transactiondate",
            "posteddate",
            "postingdate",
            "datecomptable",
            "dateoperation",
            "dateopération",
            "datedopération",
            "datacontabile",
            "data",
            "dataoperazione",
            "fecha",
            "fechaoperación",
            "boekdatum",
            "boekingsdatum",
            "transactiedatum",
            "dataksięgowania",
            "dataoperacji",
        ],
    ),
    (
        Role::ValueDate,
        &[
            "valuta",
            "valutadatum",
            "wertstellung",
            "wertstellungsdatum",
            "valuedate",
            "datevaleur",
            "datedevaleur",
            "datavaluta",
            "fechavalor",
            "rentedatum",
            "datawaluty",
        ],
    ),
    (
        Role::Amount,
        &[
            "betrag",
            "umsatz",
            "amount",
            "montant",
            "importo",
            "importe",
            "bedrag",
            "kwota",
            "transactionamount",
            "transactiebedrag",
            "betragineur",
            "amounteur",
        ],
    ),
    (
        Role::Sign,
        &[
            "sollhaben",
            "sh",
            "debitcredit",
            "creditdebit",
            "cdtdbtind",
            "creditdebitindicator",
            "afbij",
            "debetcredit",
            "dc",
            "kennzeichen",
        ],
    ),
    (
        Role::Debit,
        &[
            "soll",
            "lastschrift",
            "debit",
            "débit",
            "paidout",
            "withdrawal",
            "withdrawals",
            "addebiti",
            "dare",
            "cargo",
            "af",
            "belastung",
            "moneyout",
        ],
    ),
    (
        Role::Credit,
        &[
            "haben",
            "gutschrift",
            "credit",
            "crédit",
            "paidin",
            "deposit",
            "deposits",
            "accrediti",
            "avere",
            "abono",
            "bij",
            "moneyin",
        ],
    ),
    (
        Role::Currency,
        &[
            "währung", "waehrung", "currency", "devise", "divisa", "valuta2", "munt", "waluta",
            "ccy",
        ],
    ),
    (
        Role::Account,
        &[
            "auftragskonto",
            "konto",
            "account",
            "accountnumber",
            "iban",
            "compte",
            "rekening",
            "ibanauftragskonto",
            "eigenekontonummer",
            "ibanbban",
        ],
    ),
    (
        Role::Text,
        &[
            "verwendungszweck",
            "buchungsdetails",
            "description",
            "details",
            "narrative",
            "libellé",
            "libelle",
            "descrizione",
            "causale",
            "concepto",
            "omschrijving",
            "mededelingen",
            "remittanceinformation",
            "reference",
            "tytuł",
            "opisoperacji",
            "memo",
            "omschrijving1",
            "omschrijving2",
            "omschrijving3",
            "communication",
            "text",
        ],
    ),
    (
        Role::Kind,
        &[
            "buchungstext",
            "umsatzart",
            "type",
            "transactiontype",
            "vorgang",
            "typeoperation",
            "mutatiesoort",
        ],
    ),
    (
        Role::Counterparty,
        &[
            "beguenstigterzahlungspflichtiger",
            "begünstigterzahlungspflichtiger",
            "namezahlungsbeteiligter",
            "auftraggeberempfänger",
            "empfänger",
            "zahlungsempfänger",
            "payee",
            "counterparty",
            "counterpartyname",
            "name",
            "naamtegenpartij",
            "contrepartie",
            "beneficiario",
            "nadawcaodbiorca",
            "zahlungspflichtiger",
            "naamomschrijving",
        ],
    ),
    (
        Role::CounterpartyAccount,
        &[
            "kontonummeriban",
            "kontonummer",
            "ibanzahlungsbeteiligter",
            "counterpartyaccount",
            "counterpartyiban",
            "tegenrekening",
            "tegenrekeningibanbban",
            "comptecontrepartie",
            "empfängeriban",
            "gegenkonto",
            "numerrachunku",
        ],
    ),
    (
        Role::CounterpartyBank,
        &[
            "bic",
            "bicswiftcode",
            "blz",
            "counterpartybic",
            "bictegenpartij",
            "biczahlungsbeteiligter",
        ],
    ),
    (
        Role::EndToEndId,
        &["kundenreferenzendtoend", "endtoendid", "endtoendreferenz", "endtoendreference"],
    ),
    (Role::Mandate, &["mandatsreferenz", "mandatereference", "mandateid", "machtigingskenmerk"]),
    (Role::CreditorId, &["glaeubigerid", "gläubigerid", "creditorid", "incassantid"]),
    (
        Role::BankReference,
        &["transactionid", "bankreference", "transactiereferentie", "referenz", "volgnr"],
    ),
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    BookingDate,
    ValueDate,
    Amount,
    Sign,
    Debit,
    Credit,
    Currency,
    Account,
    Text,
    Kind,
    Counterparty,
    CounterpartyAccount,
    CounterpartyBank,
    EndToEndId,
    Mandate,
    CreditorId,
    BankReference,
}

/// The columns of a file, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Each with what it holds; several hold text.
    pub(crate) columns: Vec<(Role, usize)>,
}

impl Layout {
    /// The cell of a role, trimmed.
    pub(crate) fn cell<'r>(&self, row: &'r csv::StringRecord, role: Role) -> Option<&'r str> {
        let (_, at) = self.columns.iter().find(|(found, _)| *found == role)?;
        row.get(*at).map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// The cells of all columns of a role.
    pub(crate) fn cells<'r>(
        &self,
        row: &'r csv::StringRecord,
        role: Role,
    ) -> impl Iterator<Item = &'r str> {
        let columns = self.columns.iter().filter(move |(found, _)| *found == role);
        let cells: Vec<&str> = columns.filter_map(|(_, at)| row.get(*at)).collect();
        cells.into_iter()
    }

    fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|(found, _)| *found == role)
    }

    /// Whether there is a day and an amount.
    fn is_enough(&self) -> bool {
        (self.has(Role::BookingDate) || self.has(Role::ValueDate))
            && (self.has(Role::Amount) || self.has(Role::Debit) || self.has(Role::Credit))
    }
}

/// Columns by the words of banks; `None` unless there is a day and an amount. The first column of
/// a word counts, but for texts.
pub(crate) fn guess(headings: &csv::StringRecord) -> Option<Layout> {
    let mut layout = Layout::default();
    for (at, heading) in headings.iter().enumerate() {
        let plain = plain(heading);
        // `Betrag (EUR)`, `Amount GBP`: the currency is no part of the word.
        let short = currency_of(heading).and_then(|code| plain.strip_suffix(&code.to_lowercase()));
        let is = |words: &[&str]| {
            words.contains(&plain.as_str()) || short.is_some_and(|word| words.contains(&word))
        };
        let found = WORDS.iter().find(|(_, words)| is(words)).map(|(role, _)| *role);
        let new = |role: &Role| *role == Role::Text || !layout.has(*role);
        if let Some(role) = found.filter(new) {
            layout.columns.push((role, at));
        }
    }
    // A signed amount says it all: columns named after directions are then something else.
    if layout.has(Role::Amount) {
        layout.columns.retain(|(role, _)| !matches!(role, Role::Debit | Role::Credit));
    }
    layout.is_enough().then_some(layout)
}

/// Columns by a profile; else the names that the row does not have.
pub(crate) fn by_profile<'p>(
    headings: &csv::StringRecord,
    profile: &'p StatementProfile,
) -> Result<Layout, Vec<&'p str>> {
    let mut layout = Layout::default();
    let mut missing = Vec::new();
    for (role, name) in named(&profile.columns) {
        let found = if profile.without_headings {
            name.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1))
        } else {
            headings.iter().position(|heading| plain(heading) == plain(name))
        };
        match found {
            Some(at) => layout.columns.push((role, at)),
            None => missing.push(name),
        }
    }
    if missing.is_empty() { Ok(layout) } else { Err(missing) }
}

fn named(columns: &Columns) -> Vec<(Role, &str)> {
    let single = [
        (Role::BookingDate, &columns.booking_date),
        (Role::ValueDate, &columns.value_date),
        (Role::Amount, &columns.amount),
        (Role::Sign, &columns.sign),
        (Role::Debit, &columns.debit),
        (Role::Credit, &columns.credit),
        (Role::Currency, &columns.currency),
        (Role::Account, &columns.account),
        (Role::Kind, &columns.kind),
        (Role::Counterparty, &columns.counterparty),
        (Role::CounterpartyAccount, &columns.counterparty_account),
        (Role::CounterpartyBank, &columns.counterparty_bank),
        (Role::EndToEndId, &columns.end_to_end_id),
        (Role::Mandate, &columns.mandate),
        (Role::CreditorId, &columns.creditor_id),
        (Role::BankReference, &columns.bank_reference),
    ];
    let single = single.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)));
    let texts = columns.text.iter().map(|name| (Role::Text, name.as_str()));
    single.chain(texts).collect()
}

/// Small letters and digits alone.
fn plain(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The currency that a heading ends with.
pub(crate) fn currency_of(heading: &str) -> Option<&str> {
    let last = heading.rsplit(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty())?;
    crate::models::money::Currency::parse(last).ok().map(|_| last)
}
