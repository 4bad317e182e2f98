//! The terms of EN 16931 beside the members of our own form: the one table that says which is which.
//!
//! A key of a JSON invoice, a column of a table and a field of a mapping profile are all looked up
//! here, and the reference in `docs/` is printed from here. A test walks an invoice that has
//! everything, so that no member of the model is without its row.

mod document;
mod line;
mod party;

pub(crate) use crate::extraction::terms::document::INVOICE;

/// What a member holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A number, code or name: blanks folded, at most 255 characters.
    Word,
    /// A text for people.
    Prose,
    /// An exact decimal.
    Decimal,
    /// A calendar day.
    Date,
    /// A whole number, not negative, with its largest value.
    Count(u64),
    /// True or false.
    Flag,
    /// `invoice` or `credit_note`.
    Direction,
    /// A word, with its scheme where it has one.
    Identifier,
    /// Several of these.
    Identifiers,
    /// A group that stands once.
    Group(&'static [Field]),
    /// A group of the standard that our form has no level for: its members are those of the group
    /// around it.
    Inline,
    /// A group that stands several times.
    List(&'static [Field]),
    /// Allowances and charges, told apart by the flag of each: rows of an allowance, of a charge.
    Mixed([(&'static str, &'static [Field]); 2]),
    /// One side of them alone: true for charges.
    Side(bool, &'static [Field]),
}

/// One member: its name in our form, its term, and what it may also be called.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name in our form, and in the model.
    pub(crate) name: &'static str,
    /// `BT-1`, `BG-25`; empty for what is outside EN 16931.
    pub(crate) term: &'static str,
    /// Other names that are understood.
    pub(crate) aliases: &'static [&'static str],
    /// What it holds.
    pub(crate) kind: Kind,
}

impl Field {
    const fn new(name: &'static str, term: &'static str, kind: Kind) -> Self {
        Self { name, term, aliases: &[], kind }
    }

    const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The members of the group that it is.
    pub(crate) fn members(&self) -> Option<&'static [Self]> {
        match self.kind {
            Kind::Group(fields) | Kind::List(fields) | Kind::Side(_, fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether a person may call it by its name: one side of a list has the name of the whole.
    fn has_name(&self) -> bool {
        !matches!(self.kind, Kind::Side(..) | Kind::Inline)
    }

    /// Whether a key names it: letter case, `_`, `-` and blanks do not count.
    pub(crate) fn is_called(&self, folded: &str) -> bool {
        (self.has_name() && is_folded(self.name, folded))
            || (!self.term.is_empty() && is_folded(self.term, folded))
            || self.aliases.iter().any(|alias| is_folded(alias, folded))
    }
}

/// Whether our own name, which is ASCII, folds to this; asked for each name and each key.
fn is_folded(name: &str, folded: &str) -> bool {
    let counts = |byte: &u8| !matches!(byte, b'_' | b'-' | b' ');
    name.bytes().filter(counts).map(|byte| byte.to_ascii_lowercase()).eq(folded.bytes())
}

/// A key without what does not count in it.
pub(crate) fn fold(key: &str) -> String {
    let counts = |letter: &char| !matches!(letter, '_' | '-' | ' ');
    key.chars().filter(counts).flat_map(char::to_lowercase).collect()
}

/// From a group to a member: itself, or through groups that stand once, where the key is a term:
/// `BT-31` of the document is the seller's VAT id wherever it stands.
pub(crate) fn find(group: &'static [Field], key: &str) -> Option<Vec<&'static Field>> {
    let folded = fold(key);
    if let Some(field) = group.iter().find(|field| field.is_called(&folded)) {
        return Some(vec![field]);
    }
    route(group, &folded, false)
}

/// From the invoice to the member that has this term, through lists too; none where no member
/// has it.
pub(crate) fn locate(term: &str) -> Option<Vec<&'static Field>> {
    let mut found = route(INVOICE, &fold(term), true)?;
    // A list of codes has the term of its codes.
    if let Some(Field { kind: Kind::List(item), term, .. }) = found.last().copied()
        && let Some(code) = item.iter().find(|field| field.term == *term)
    {
        found.push(code);
    }
    Some(found)
}

/// From the invoice to the member that has these names: `seller.address.city`.
pub(crate) fn locate_name(dotted: &str) -> Option<Vec<&'static Field>> {
    let mut group: &'static [Field] = INVOICE;
    let mut found = Vec::new();
    for name in dotted.split('.') {
        let folded = fold(name);
        let field = group.iter().find(|field| field.is_called(&folded))?;
        group = field.members().unwrap_or(&[]);
        found.push(field);
    }
    Some(found)
}

fn route(group: &'static [Field], term: &str, through_lists: bool) -> Option<Vec<&'static Field>> {
    // Only a term is the same thing wherever it stands; a name such as `id` is not.
    let is_it = |field: &&Field| !field.term.is_empty() && is_folded(field.term, term);
    if let Some(field) = group.iter().find(is_it) {
        return Some(vec![field]);
    }
    for field in group {
        if !through_lists && !matches!(field.kind, Kind::Group(_)) {
            continue;
        }
        if let Some(fields) = field.members()
            && let Some(rest) = route(fields, term, through_lists)
        {
            return Some(std::iter::once(field).chain(rest).collect());
        }
    }
    None
}

/// Where a member is, in the words of evidence and findings: `BT-112`, `BG-25[2]/BT-131`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path {
    /// The lists around it, each with the number of the item: `BG-25[2]/`.
    items: String,
    /// The group around it, for members without a term: `BG-7`.
    group: &'static str,
    /// Term of the list that the innermost item is of.
    list: &'static str,
}

impl Path {
    /// Within a group that stands once.
    pub(crate) fn group(&self, field: &Field) -> Self {
        let group = if field.term.is_empty() { self.group } else { field.term };
        Self { group, ..self.clone() }
    }

    /// Within one item of a list; counted from 0 here.
    pub(crate) fn item(&self, name: &str, term: &'static str, index: usize) -> Self {
        let number = index + 1;
        let items = &self.items;
        let items = match term {
            "" => format!("{items}ext.{name}[{number}]/"),
            term => format!("{items}{term}[{number}]/"),
        };
        Self { items, group: "", list: term }
    }

    /// The item itself.
    pub(crate) fn whole_item(&self) -> String {
        self.items.trim_end_matches('/').to_owned()
    }

    /// A member of it.
    pub(crate) fn leaf(&self, field: &Field) -> String {
        let Self { items, group, list } = self;
        match (field.term, *group) {
            ("", "") => format!("{items}ext.{}", field.name),
            ("", group) => format!("{items}{group}/ext.{}", field.name),
            // BT-158 is a list of codes, and the code of an item is BT-158 itself.
            (term, _) if term == *list => self.whole_item(),
            (term, _) => format!("{items}{term}"),
        }
    }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
