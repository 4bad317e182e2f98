//! An invoice that is being put together, member by member, with evidence for each.
//!
//! Members are kept as values of our JSON form and become the model in one step at the end, so
//! that `extraction::terms` alone says what there is.

use serde_json::{Map, Value};

use crate::extraction::Reading;
use crate::extraction::notes::{Notes, finding};
use crate::extraction::terms::{Field, Path};
use crate::extraction::ubl::invoice::CREDIT_NOTE_TYPES;
use crate::models::evidence::{Alternative, Confidence, Evidence, Source};
use crate::models::extraction::Syntax;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// Members of a group, by their names in our form.
pub(crate) type Members = Map<String, Value>;

/// What a reader of structured data hands over.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// The invoice.
    pub invoice: Invoice,
    /// Where each member came from, in the order of reading.
    pub evidence: Vec<Evidence>,
    /// What reading found.
    pub findings: Vec<Finding>,
}

impl Drafted {
    /// As a document that the official rules are not for.
    pub(crate) fn into_reading(self, syntax: Syntax) -> Reading {
        let Self { invoice, evidence, findings } = self;
        Reading { evidence, findings, ..Reading::of(syntax, invoice) }
    }
}

/// Evidence and findings of the members so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// What was found.
    pub(crate) notes: Notes,
    /// Where members came from.
    pub(crate) evidence: Vec<Evidence>,
}

/// Where a value stands, how it stands there, and how sure it is.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// What it was read from.
    pub(crate) source: Source,
    /// JSON pointer or cell.
    pub(crate) place: Option<String>,
    /// As written, where that is not the value itself.
    pub(crate) raw: Option<String>,
    /// What names it.
    pub(crate) label: Option<String>,
    /// What made it.
    pub(crate) rule: Option<String>,
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// What else it could be.
    pub(crate) alternatives: Vec<Alternative>,
}

impl Origin {
    /// A value at a place, with nothing more to say of it.
    pub(crate) fn at(source: Source, place: &str, confidence: Confidence) -> Self {
        Self { place: Some(place.to_owned()), ..Self::nowhere(source, confidence) }
    }

    /// A value that stands nowhere in the document.
    pub(crate) fn nowhere(source: Source, confidence: Confidence) -> Self {
        let (place, raw, label, rule) = (None, None, None, None);
        Self { source, place, raw, label, rule, confidence, alternatives: Vec::new() }
    }

    /// The evidence for a value at a path.
    pub(crate) fn evidence(self, field: String, value: String) -> Evidence {
        Evidence {
            field,
            value,
            raw: self.raw,
            source: self.source,
            place: self.place,
            page: None,
            bounds: None,
            label: self.label,
            rule: self.rule,
            confidence: self.confidence,
            alternatives: self.alternatives,
        }
    }
}

impl Draft {
    /// Sets a member. One that is set already stays: saying it again is a finding, fatal where the
    /// two differ, because nobody can tell which one is meant.
    pub(crate) fn set(
        &mut self,
        into: &mut Members,
        (field, path): (&Field, &Path),
        value: Value,
        origin: Origin,
    ) {
        if let Some(first) = into.get(field.name) {
            self.repeated(field, &origin.place.unwrap_or_default(), *first == value);
            return;
        }
        self.witness(path.leaf(field), &value, origin);
        into.insert(field.name.to_owned(), value);
    }

    /// Keeps where a value came from; `path` names it as evidence does.
    pub(crate) fn witness(&mut self, path: String, value: &Value, origin: Origin) {
        let shown = match value.get("value").unwrap_or(value) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.evidence.push(origin.evidence(path, shown));
    }

    /// A member is said a second time.
    pub(crate) fn repeated(&mut self, field: &Field, place: &str, same: bool) {
        let severity = if same { Severity::Warning } else { Severity::Fatal };
        let name = field.name;
        let message = match same {
            true => format!("{name} is said twice, with the same value"),
            false => format!("{name} is said twice: the first one was taken"),
        };
        let mut repeated = finding("DUPLICATE_KEY", severity, field.term, message);
        repeated.place = Some(place.to_owned());
        repeated.remedy = Some("say each value once".to_owned());
        self.notes.add(repeated);
    }

    /// The whole as an invoice. Its direction follows from BT-3 where it is not said.
    ///
    /// # Errors
    /// A member that is not of the model's own type: a defect of the table of terms.
    pub(crate) fn finish(mut self, mut root: Members) -> Result<Drafted, serde_json::Error> {
        let code = root.get("type_code").and_then(Value::as_str);
        let credits = code.map(|code| CREDIT_NOTE_TYPES.contains(&code));
        let by_code = if credits == Some(true) { "credit_note" } else { "invoice" };
        match root.get("kind").and_then(Value::as_str) {
            Some(kind) if credits.is_some() && kind != by_code => {
                let code = code.unwrap_or_default();
                let message = format!("said to be {kind:?}, and BT-3 {code:?} is {by_code:?}");
                self.notes.add(finding("KIND_MISMATCH", Severity::Fatal, "BT-3", message));
            }
            Some(_) => {}
            None => {
                root.insert("kind".to_owned(), by_code.into());
            }
        }
        let invoice = serde_json::from_value(Value::Object(root))?;
        Ok(Drafted { invoice, evidence: self.evidence, findings: self.notes.into_parts().0 })
    }
}

/// The group of this name, made where it is not there.
pub(crate) fn inner<'m>(into: &'m mut Members, name: &str) -> &'m mut Members {
    let inner = into.entry(name).or_insert_with(|| Value::Object(Members::new()));
    if !inner.is_object() {
        *inner = Value::Object(Members::new());
    }
    inner.as_object_mut().expect("it was made an object above")
}
