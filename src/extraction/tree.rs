//! A parsed document, walked by namespace and name, that can say where each element stands.

mod another;
mod xpath;

use std::borrow::Cow;
use std::ops::Range;

use roxmltree::{Document, Error, Node, ParsingOptions};

use crate::extraction::tree::another::begins_another;
use crate::extraction::unreadable::{Place, Unreadable};

pub(crate) use crate::extraction::tree::xpath::XPath;

/// UBL 2.1 `CommonBasicComponents`.
const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// The prefixes of our paths, whatever prefixes a document uses. ZUGFeRD 1 has the structure of the
/// Cross Industry Invoice in older namespaces, hence two for `rsm:`, `ram:` and `udt:`.
const PREFIXES: [(&str, &str); 9] = [
    ("cbc", CBC),
    ("cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
    ("rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
    ("udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
    ("qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
    ("rsm", "urn:ferd:CrossIndustryDocument:invoice:1p0"),
    ("ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"),
    ("udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15"),
];

/// Whether a prefix of ours stands for a namespace.
fn stands_for(prefix: &str, namespace: &str) -> bool {
    PREFIXES.iter().any(|(known, uri)| *known == prefix && *uri == namespace)
}

/// Elements, texts and attributes of a document: 10,000 lines of 200 nodes each. A line of the
/// public examples has 60 to 120; a tree of this size takes about 150 MB.
const NODES_MAX: u32 = 2_000_000;

/// Parses text that [`crate::extraction::guard::check`] let through.
///
/// # Errors
/// Text that is not well-formed, more than one document, references to entities, or too many nodes.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| refusal(text, &error))
}

fn refusal(text: &str, error: &Error) -> Unreadable {
    // Errors without a place of their own are about the end of the text, or about its whole.
    let place = match error {
        Error::UnclosedRootNode | Error::NoRootNode | Error::UnexpectedEndOfStream => {
            Place::of(text, text.len())
        }
        _ => Place { line: error.pos().row, column: error.pos().col },
    };
    // The parser ends its text with its own form of the place.
    let said = error.to_string();
    let end = format!(" at {}:{}", error.pos().row, error.pos().col);
    let reason = said.strip_suffix(&end).unwrap_or(&said).to_owned();
    match error {
        Error::NodesLimitReached => Unreadable::TooLarge {
            what: "or more nodes",
            found: NODES_MAX as usize,
            max: NODES_MAX as usize - 1,
        },
        Error::DtdDetected | Error::UnknownEntityReference(..) | Error::EntityReferenceLoop(_) => {
            Unreadable::Forbidden { place, reason }
        }
        _ if begins_another(text, place) => {
            Unreadable::Several { found: 2, what: format!("another one begins at {place}") }
        }
        _ => Unreadable::NotXml { place, reason },
    }
}

/// An element of a parsed document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a, 'i>(Node<'a, 'i>);

impl<'a, 'i: 'a> Element<'a, 'i> {
    /// The root element.
    pub(crate) fn root(document: &'a Document<'i>) -> Self {
        Self(document.root_element())
    }

    /// The name without prefix.
    pub(crate) fn local(self) -> &'a str {
        self.0.tag_name().name()
    }

    /// The namespace; empty when it has none.
    pub(crate) fn namespace(self) -> &'a str {
        self.0.tag_name().namespace().unwrap_or_default()
    }

    /// Whether it is one of UBL's basic elements: a value, not a group.
    pub(crate) fn is_basic(self) -> bool {
        self.namespace() == CBC
    }

    /// All child elements.
    pub(crate) fn elements(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(Node::is_element).map(Self)
    }

    /// This element and all below it.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Self> {
        self.0.descendants().filter(Node::is_element).map(Self)
    }

    /// The element around this one.
    pub(crate) fn parent(self) -> Option<Self> {
        self.0.parent_element().map(Self)
    }

    /// Whether it has this name; what differs most often is compared first.
    pub(crate) fn is(self, namespace: &str, local: &str) -> bool {
        self.local() == local && self.namespace() == namespace
    }

    /// The child elements of one name, such as `cac:Party`.
    pub(crate) fn all(self, step: &str) -> impl Iterator<Item = Self> {
        let (prefix, local) = step.split_once(':').unwrap_or(("", step));
        self.elements().filter(move |child| child.local() == local && child.has_prefix(prefix))
    }

    fn has_prefix(self, prefix: &str) -> bool {
        let namespace = self.namespace();
        if prefix.is_empty() { namespace.is_empty() } else { stands_for(prefix, namespace) }
    }

    /// Follows a path such as `cac:Party/cbc:ID`, taking the first element of each name.
    pub(crate) fn find(self, path: &str) -> Option<Self> {
        path.split('/').try_fold(self, |at, step| at.all(step).next())
    }

    /// The child elements of one local name, whatever the namespace is: each version of an ISO 20022
    /// message has its own.
    pub(crate) fn all_named(self, local: &str) -> impl Iterator<Item = Self> {
        self.elements().filter(move |child| child.local() == local)
    }

    /// As [`Self::find`], by local names: `RmtInf/Ustrd`.
    pub(crate) fn find_named(self, path: &str) -> Option<Self> {
        path.split('/').try_fold(self, |at, step| at.all_named(step).next())
    }

    /// The element's own text, trimmed; comments and CDATA sections inside it do not cut it.
    pub(crate) fn text(self) -> String {
        self.trimmed().into_owned()
    }

    /// As [`Self::text`], without a copy where the text stands in one piece.
    pub(crate) fn trimmed(self) -> Cow<'a, str> {
        let mut parts = self.0.children();
        match (parts.next(), parts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(part), None) if part.is_text() => {
                Cow::Borrowed(part.text().unwrap_or_default().trim())
            }
            _ => {
                let parts = self.0.children().filter(Node::is_text);
                let text: String = parts.filter_map(|part| part.text()).collect();
                Cow::Owned(text.trim().to_owned())
            }
        }
    }

    /// The text at a path; nothing when it is missing or blank.
    pub(crate) fn text_at(self, path: &str) -> Option<String> {
        let text = self.find(path)?.text();
        (!text.is_empty()).then_some(text)
    }

    /// An attribute without namespace, trimmed; nothing when it is missing or blank.
    pub(crate) fn attribute(self, name: &str) -> Option<&'a str> {
        let value = self.0.attribute(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Whether there is an attribute without namespace of this name, be it blank.
    pub(crate) fn has_attribute(self, name: &str) -> bool {
        self.0.has_attribute(name)
    }

    /// Names of the attributes without namespace.
    pub(crate) fn attribute_names(self) -> impl Iterator<Item = &'a str> {
        let all = self.0.attributes();
        all.filter(|attribute| attribute.namespace().is_none()).map(|attribute| attribute.name())
    }

    /// Where it stands, such as `/Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount`.
    pub(crate) fn xpath(self) -> String {
        XPath::default().of(self).to_owned()
    }

    /// Whether one of the groups around it has this local name.
    pub(crate) fn is_inside(self, local: &str) -> bool {
        let mut groups = self.0.ancestors().skip(1);
        groups.any(|group| group.tag_name().name() == local)
    }

    /// The element as a document of its own: with the namespaces that it inherits, and with the
    /// texts of leaves that `edit` gives in place of theirs. Mostly that is the text itself, which
    /// may have megabytes.
    pub(crate) fn standalone(self, edit: impl Fn(Self) -> Option<String>) -> Cow<'i, str> {
        let source: &'i str = self.0.document().input_text();
        let Range { start, end } = self.0.range();
        let name = source[start..end].find(|c: char| !is_name(c)).unwrap_or(0);
        let mut at = start + name;
        // What was copied so far, up to `at`.
        let mut copied = String::new();
        let inherited = self.inherited_namespaces();
        if !inherited.is_empty() {
            copied = [&source[start..at], &inherited].concat();
        }
        for leaf in self.descendants() {
            let text = leaf.0.first_child().filter(Node::is_text);
            if let (Some(text), Some(new)) = (text, edit(leaf)) {
                let from = if copied.is_empty() { start } else { at };
                copied.push_str(&source[from..text.range().start]);
                copied.push_str(&new);
                at = text.range().end;
            }
        }
        if copied.is_empty() {
            return Cow::Borrowed(&source[start..end]);
        }
        copied.push_str(&source[at..end]);
        Cow::Owned(copied)
    }

    /// Declarations that stand on the elements around this one, as attributes.
    fn inherited_namespaces(self) -> String {
        let mut attributes = String::new();
        if self.0.parent_element().is_none() {
            return attributes;
        }
        let text = &self.0.document().input_text()[self.0.range()];
        let tag = &text[..text.find('>').unwrap_or(text.len())];
        for namespace in self.0.namespaces() {
            let name = match namespace.name() {
                Some("xml") => continue,
                Some(prefix) => format!("xmlns:{prefix}"),
                None => "xmlns".to_owned(),
            };
            let declared = |end: &str| tag.contains(&format!("{name}{end}"));
            if !declared("=") && !declared(" ") {
                let uri = namespace.uri().replace('&', "&amp;").replace('<', "&lt;");
                let uri = uri.replace('"', "&quot;");
                attributes.push_str(&format!(" {name}=\"{uri}\""));
            }
        }
        attributes
    }
}

/// Part of `<prefix:Name`, the beginning of a start tag.
fn is_name(c: char) -> bool {
    !c.is_ascii_whitespace() && !matches!(c, '>' | '/')
}

/// Namespace and local name of a step of our paths.
pub(crate) fn name(step: &str) -> (&'static str, &str) {
    let named = step.split_once(':').and_then(|(prefix, local)| {
        let of_prefix = PREFIXES.iter().find(|(ours, _)| *ours == prefix);
        of_prefix.map(|(_, namespace)| (*namespace, local))
    });
    named.unwrap_or(("", step))
}
