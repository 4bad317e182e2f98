//! XML on the way out. Groups are begun when the first value in them comes, so that a group
//! without values leaves no trace, as rules ask (PEPPOL-EN16931-R008); escaping is the library's.

use std::borrow::Cow;
use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::extraction::writer::Contents;
use crate::models::invoice::{Attachment, Identifier};

/// Blanks for each level of elements.
const INDENT: usize = 2;

/// A document that is being written.
pub(crate) struct Markup {
    writer: Writer<Vec<u8>>,
    /// Groups around the next value that are not begun yet.
    waiting: Vec<&'static str>,
}

/// The attributes of a value; those without a value of their own are left out.
pub(crate) type Attributes<'a> = [(&'static str, Option<&'a str>)];

impl Markup {
    /// A whole document, with the namespaces of its root element.
    pub(crate) fn document(
        root: &'static str,
        namespaces: &[(&'static str, &'static str)],
        content: impl FnOnce(&mut Self),
    ) -> String {
        let writer = Writer::new_with_indent(Vec::new(), b' ', INDENT);
        let mut markup = Self { writer, waiting: Vec::new() };
        markup.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let start = BytesStart::new(root).with_attributes(namespaces.iter().copied());
        markup.event(Event::Start(start));
        content(&mut markup);
        markup.event(Event::End(BytesEnd::new(root)));
        let mut bytes = markup.writer.into_inner();
        bytes.push(b'\n');
        String::from_utf8(bytes).expect("the library writes the texts that it was given")
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("a vector takes everything");
    }

    fn begin_waiting(&mut self) {
        for name in std::mem::take(&mut self.waiting) {
            self.event(Event::Start(BytesStart::new(name)));
        }
    }

    /// A group; nothing, when nothing is in it.
    pub(crate) fn group(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        self.any_group(name, false, content);
    }

    /// A group whose being there says something by itself: written also when nothing is in it.
    pub(crate) fn kept_group(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        self.any_group(name, true, content);
    }

    fn any_group(&mut self, name: &'static str, kept: bool, content: impl FnOnce(&mut Self)) {
        let before = self.waiting.len();
        self.waiting.push(name);
        content(self);
        if self.waiting.len() <= before {
            self.event(Event::End(BytesEnd::new(name)));
            return;
        }
        self.waiting.truncate(before);
        if kept {
            self.begin_waiting();
            self.event(Event::Empty(BytesStart::new(name)));
        }
    }

    /// A value; nothing, when it is absent or blank.
    pub(crate) fn leaf(&mut self, name: &'static str, value: Option<impl Display>) {
        self.leaf_with(name, &[], value);
    }

    /// A value with attributes.
    pub(crate) fn leaf_with(
        &mut self,
        name: &'static str,
        attributes: &Attributes<'_>,
        value: Option<impl Display>,
    ) {
        let text = value.map(|value| value.to_string()).unwrap_or_default();
        let text = without_forbidden(&text);
        if !text.trim().is_empty() {
            self.element(name, attributes, &text);
        }
    }

    /// An identifier with its scheme.
    pub(crate) fn identifier(&mut self, name: &'static str, id: Option<&Identifier>) {
        let scheme = id.and_then(|id| id.scheme.as_deref());
        self.leaf_with(name, &[("schemeID", scheme)], id.map(|id| &id.value));
    }

    /// The content of an attachment, where it is at hand. An empty one in its place would say that
    /// the file was empty.
    pub(crate) fn attachment(
        &mut self,
        name: &'static str,
        attachment: &Attachment,
        contents: Contents<'_>,
    ) {
        if let Some(bytes) = attachment.sha256.as_deref().and_then(contents) {
            let attributes = [
                ("mimeCode", attachment.media_type.as_deref()),
                ("filename", attachment.file_name.as_deref()),
            ];
            self.element(name, &attributes, &STANDARD.encode(bytes));
        }
    }

    fn element(&mut self, name: &'static str, attributes: &Attributes<'_>, text: &str) {
        self.begin_waiting();
        let mut start = BytesStart::new(name);
        for (attribute, value) in attributes {
            let value = value.map(without_forbidden).filter(|value| !value.trim().is_empty());
            if let Some(value) = value {
                start.push_attribute((*attribute, value.as_ref()));
            }
        }
        self.event(Event::Start(start));
        self.event(Event::Text(BytesText::from_escaped(partial_escape(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }
}

/// Whether XML 1.0 can have this character, even as a reference (production `Char`).
pub(crate) fn is_allowed(letter: char) -> bool {
    let control = letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    !control && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// A text without the characters that XML cannot have.
fn without_forbidden(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| is_allowed(*letter)).collect())
}

#[cfg(test)]
mod tests {
    use super::Markup;

    fn written(content: impl FnOnce(&mut Markup)) -> String {
        let text = Markup::document("r", &[("xmlns", "urn:r")], content);
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r xmlns=\"urn:r\">";
        let inside = text.strip_prefix(head).expect("the head");
        let inside = inside.strip_suffix("</r>\n").expect("the end");
        inside.lines().map(str::trim_start).collect()
    }

    #[test]
    fn a_group_is_written_when_something_is_in_it_or_its_being_there_counts() {
        let none = None::<&str>;
        assert_eq!(written(|x| x.group("a", |x| x.group("b", |x| x.leaf("c", none)))), "");
        assert_eq!(
            written(|x| x.group("a", |x| {
                x.group("b", |x| x.leaf("c", Some(" \n")));
                x.group("d", |x| x.leaf("e", Some(1)));
                x.leaf("f", Some("g"));
            })),
            "<a><d><e>1</e></d><f>g</f></a>"
        );
        assert_eq!(written(|x| x.group("a", |x| x.kept_group("b", |_| {}))), "<a><b/></a>");
    }

    #[test]
    fn texts_and_attributes_are_escaped_and_freed_of_what_xml_cannot_have() {
        let text = "\u{1}a < b && \"c\" > 'd'\u{ffff}\r\nü\u{7f}\u{1f600}";
        assert_eq!(
            written(|x| x.leaf_with("a", &[("b", Some(text)), ("c", None)], Some(text))),
            "<a b=\"a &lt; b &amp;&amp; &quot;c&quot; &gt; &apos;d&apos;&#13;&#10;ü\u{7f}\u{1f600}\">\
             a &lt; b &amp;&amp; \"c\" &gt; 'd'&#13;ü\u{7f}\u{1f600}</a>"
        );
    }
}
