//! From the rows of a table to the members of an invoice.

use serde_json::Value;

use crate::extraction::csv::is_formula;
use crate::extraction::draft::{Draft, Members, Origin, inner};
use crate::extraction::guard;
use crate::extraction::lexicon::{Document, Lexicon, Shelf, Term, rec20};
use crate::extraction::notes::{finding, shown};
use crate::extraction::table::cell::{Read, Style};
use crate::extraction::table::layout::{Column, is_of_line};
use crate::extraction::table::profile::{Route, kind};
use crate::extraction::table::{Cell, Row, Table};
use crate::extraction::terms::{Field, Kind, Path};
use crate::extraction::unreadable::Unreadable;
use crate::models::evidence::{Alternative, Confidence, Source};
use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};
use crate::models::order::LINES_MAX;

/// Reads cells of one table.
pub(crate) struct Reader<'t> {
    pub(crate) table: &'t Table,
    pub(crate) style: Style,
    pub(crate) source: Source,
    pub(crate) confidence: Confidence,
    pub(crate) draft: Draft,
    pub(crate) root: Members,
}

impl Reader<'_> {
    /// The members of the document, each from the first row that has it. Rows that say something
    /// else contradict it: which one is meant, nobody can tell.
    pub(crate) fn document(&mut self, columns: &[&Column], rows: &[&Row]) {
        for column in columns {
            let mut first: Option<(String, String)> = None;
            let mut others: Option<(&Row, String)> = None;
            let mut differing = 0;
            for row in rows {
                let Read::Good { value, .. } = self.read(column, row) else {
                    if first.is_none() {
                        self.set(column, row, None);
                    }
                    continue;
                };
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                match &first {
                    None => {
                        self.set(column, row, None);
                        first = Some((text, self.table.address(row, column.index)));
                    }
                    Some((known, _)) if is_same(column, known, &text) => {}
                    Some(_) => {
                        differing += 1;
                        others.get_or_insert((row, text));
                    }
                }
            }
            if let (Some((row, actual)), Some(first)) = (others, first) {
                self.conflict(column, row, (&actual, differing), first);
            }
        }
    }

    fn conflict(
        &mut self,
        column: &Column,
        row: &Row,
        (actual, rows): (&str, usize),
        (expected, place): (String, String),
    ) {
        let message = format!(
            "{:?} differs within one invoice: {expected:?} at {place}, and something else in \
             {rows} of its rows",
            shown(&column.heading)
        );
        let mut conflict =
            self.finding(("CSV_HEADER_CONFLICT", Severity::Fatal), column, row, message);
        conflict.actual = Some(shown(actual));
        conflict.expected = Some(shown(&expected));
        conflict.remedy = Some("ask the sender for a file in which the rows agree".to_owned());
        self.draft.notes.add(conflict);
    }

    /// The lines, one from each row that has any value of a line.
    ///
    /// # Errors
    /// More lines than are taken.
    pub(crate) fn lines(
        &mut self,
        columns: &[&Column],
        constants: &[(Route, Value)],
        rows: &[&Row],
    ) -> Result<(), Unreadable> {
        let has_any = |row: &&&Row| columns.iter().any(|at| !row.cell(at.index).is_blank());
        let rows: Vec<_> = rows.iter().filter(has_any).collect();
        guard::limit("lines", rows.len(), LINES_MAX)?;
        let mut lines = Vec::with_capacity(rows.len());
        for (index, row) in rows.into_iter().enumerate() {
            let mut line = Members::new();
            for column in columns {
                self.set(column, row, Some((index, &mut line)));
            }
            for (route, value) in constants.iter().filter(|(route, _)| is_of_line(route)) {
                self.constant(route, value, Some((index, &mut line)));
            }
            self.number_line(index, &mut line);
            self.without_empty_allowances(&mut line, self.table.address(row, 0));
            lines.push(Value::Object(line));
        }
        if !lines.is_empty() {
            self.root.insert("lines".to_owned(), Value::Array(lines));
        }
        Ok(())
    }

    /// A line without a number of its own has that of its place.
    fn number_line(&mut self, index: usize, line: &mut Members) {
        if line.contains_key("id") {
            return;
        }
        let id = Value::from((index + 1).to_string());
        let mut origin = Origin::nowhere(Source::Derived, self.confidence);
        origin.rule = Some("position in the table".to_owned());
        self.draft.witness(format!("BG-25[{}]/BT-126", index + 1), &id, origin);
        line.insert("id".to_owned(), id);
    }

    /// What a profile sets without a column.
    pub(crate) fn constant(
        &mut self,
        route: &Route,
        value: &Value,
        line: Option<(usize, &mut Members)>,
    ) {
        let mut origin = Origin::nowhere(self.source, Confidence::CERTAIN);
        origin.rule = Some("constant of the mapping profile".to_owned());
        self.put(route, value.clone(), origin, line);
    }

    /// An allowance or charge of which everything but the amount is said means nothing.
    pub(crate) fn without_empty_allowances(&mut self, members: &mut Members, place: String) {
        let Some(Value::Array(items)) = members.get_mut("allowances_and_charges") else { return };
        let before = items.len();
        items.retain(|item| item.get("amount").is_some());
        if items.len() < before {
            let message = "an allowance or charge without an amount".to_owned();
            let mut missing = finding("MISSING_VALUE", Severity::Fatal, "", message);
            missing.place = Some(place);
            missing.remedy = Some("add its amount, or leave its reason out".to_owned());
            self.draft.notes.add(missing);
        }
    }

    fn read(&self, column: &Column, row: &Row) -> Read {
        self.style.read(kind(&column.route), row.cell(column.index))
    }

    /// Sets the member of a column from a row, or says why not.
    fn set(&mut self, column: &Column, row: &Row, line: Option<(usize, &mut Members)>) {
        let cell = row.cell(column.index);
        let (value, other, cut) = match self.read(column, row) {
            Read::Good { value, other, cut } => (value, other, cut),
            Read::Absent => return,
            Read::Wrong(expected) => {
                self.wrong(column, row, expected);
                return;
            }
        };
        if cut {
            let message = "the text is long: only its start was taken".to_owned();
            let cut = self.finding(("TEXT_CUT", Severity::Warning), column, row, message);
            self.draft.notes.add(cut);
        }
        if let Cell::Text(text) = cell
            && is_formula(text)
        {
            let message = format!("{:?} is written like a formula; it is a text here", shown(text));
            let mut formula =
                self.finding(("FORMULA_LIKE", Severity::Warning), column, row, message);
            formula.actual = Some(shown(text));
            formula.remedy =
                Some("do not open the file in a spreadsheet; ask the sender".to_owned());
            self.draft.notes.add(formula);
        }
        let place = self.table.address(row, column.index);
        let mut origin = Origin::at(self.source, &place, self.confidence);
        let written = cell.text();
        origin.raw = Some(written).filter(|raw| value.as_str() != Some(raw));
        origin.label = Some(column.heading.clone()).filter(|label| !label.is_empty());
        if let Some(other) = other {
            origin.confidence = Confidence::ONE_OF_SEVERAL;
            let confidence = Confidence::ONE_OF_SEVERAL;
            origin.alternatives = vec![Alternative { value: other, confidence }];
        }
        match column.route.last().map(|field| field.term) {
            Some("BT-130") => self.unit(column, (value, origin), line),
            Some("BT-3") => {
                let value = type_code(&value).map_or(value, Value::from);
                self.put(&column.route, value, origin, line);
            }
            _ => self.put(&column.route, value, origin, line),
        }
    }

    /// A unit as a code; the word is kept beside it. A word that is not known is `C62`, and less
    /// sure.
    fn unit(
        &mut self,
        column: &Column,
        (value, mut origin): (Value, Origin),
        mut line: Option<(usize, &mut Members)>,
    ) {
        let word = value.as_str().unwrap_or_default();
        let is_code = (2..=3).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let known = rec20(word);
        let code = match known {
            Some(code) => code.to_owned(),
            None if is_code => word.to_owned(),
            None => {
                origin.confidence = origin.confidence.min(Confidence::PLACED);
                "C62".to_owned()
            }
        };
        if code != word {
            origin.raw.get_or_insert_with(|| word.to_owned());
            if let Some((_, line)) = line.as_mut() {
                line.insert("unit_as_written".to_owned(), Value::from(word));
            }
        }
        self.put(&column.route, Value::from(code), origin, line);
    }

    fn put(
        &mut self,
        route: &Route,
        value: Value,
        origin: Origin,
        line: Option<(usize, &mut Members)>,
    ) {
        let (into, path, route) = match line {
            Some((index, line)) => {
                (line, Path::default().item("lines", "BG-25", index), &route[1..])
            }
            None => (&mut self.root, Path::default(), &route[..]),
        };
        let Some((field, groups)) = route.split_last() else { return };
        let (into, path) =
            groups.iter().fold((into, path), |(into, path), field| step(into, path, field));
        match (field.kind, value) {
            (Kind::Identifiers, Value::Array(mut ids)) => {
                let path = path.item(field.name, field.term, 0).whole_item();
                if let Some(id) = ids.first() {
                    self.draft.witness(path, id, origin);
                }
                let known = into.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
                known.as_array_mut().into_iter().for_each(|known| known.append(&mut ids));
            }
            (_, value) => self.draft.set(into, (field, &path), value, origin),
        }
    }

    fn wrong(&mut self, column: &Column, row: &Row, expected: String) {
        let actual = shown(&row.cell(column.index).text());
        let message =
            format!("{actual:?} is no value of {:?}: {expected} is expected", column.heading);
        let mut wrong = self.finding((MALFORMED_VALUE, Severity::Fatal), column, row, message);
        wrong.actual = Some(actual);
        wrong.expected = Some(expected);
        wrong.remedy = Some("ask the sender for a corrected file".to_owned());
        self.draft.notes.add(wrong);
    }

    fn finding(
        &self,
        (code, severity): (&str, Severity),
        column: &Column,
        row: &Row,
        message: String,
    ) -> Finding {
        let term = column.route.last().map_or("", |field| field.term);
        let mut found = finding(code, severity, term, message);
        found.place = Some(self.table.address(row, column.index));
        found
    }
}

/// The code of UNTDID 1001 for what a document calls itself.
fn type_code(value: &Value) -> Option<&'static str> {
    match Lexicon::get().whole(Shelf::Documents, value.as_str()?)? {
        Term::Document(Document::Invoice) => Some("380"),
        Term::Document(Document::CreditNote) => Some("381"),
        Term::Document(Document::Correction) => Some("384"),
        Term::Document(Document::SelfBilled) => Some("389"),
        Term::Document(Document::Prepayment) => Some("386"),
        _ => None,
    }
}

/// `1.5` and `1.50` are one amount.
fn is_same(column: &Column, one: &str, other: &str) -> bool {
    let number = |text: &str| crate::models::decimal::parse(text).ok();
    match kind(&column.route) {
        Kind::Decimal => number(one) == number(other),
        _ => one == other,
    }
}

/// One level down: into a group, or the first item of a list.
fn step<'m>(into: &'m mut Members, path: Path, field: &Field) -> (&'m mut Members, Path) {
    let charge = match field.kind {
        Kind::Group(_) => return (inner(into, field.name), path.group(field)),
        Kind::Side(charge, _) => Some(charge),
        _ => None,
    };
    let items = into.entry(field.name).or_insert_with(|| Value::Array(Vec::new()));
    if !items.is_array() {
        *items = Value::Array(Vec::new());
    }
    let items = items.as_array_mut().expect("it was made a list above");
    let is_it =
        |item: &Value| charge.is_none_or(|charge| item.get("charge") == Some(&charge.into()));
    let at = items.iter().position(is_it).unwrap_or_else(|| {
        let charge = charge.map(|charge| ("charge".to_owned(), Value::Bool(charge)));
        items.push(Value::Object(charge.into_iter().collect()));
        items.len() - 1
    });
    let path = path.item(field.name, field.term, 0);
    let item = items[at].as_object_mut().expect("only objects are put into it");
    (item, path)
}
