//! The text of an OFX file as tags and values.

use std::borrow::Cow;
use std::collections::HashSet;

/// What stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event<'t> {
    /// `<NAME>`, and its line.
    Open(&'t str, u32),
    /// A value, never blank.
    Text(Cow<'t, str>),
    /// `</NAME>`.
    Close(&'t str),
}

/// Names of elements that are kept; OFX has some hundreds.
const NAMES_MAX: usize = 10_000;

/// The names that are closed anywhere.
pub(crate) fn closed(text: &str) -> HashSet<&str> {
    let mut names = HashSet::new();
    for (at, _) in text.match_indices("</") {
        let rest = &text[at + 2..];
        if names.len() < NAMES_MAX
            && let Some(end) = rest.find(['>', '<', '\n'])
        {
            names.insert(rest[..end].trim());
        }
    }
    names
}

/// The events of a text. Comments, processing instructions and declarations are passed over.
pub(crate) fn events(text: &str) -> Events<'_> {
    let at = text.find('<').unwrap_or(text.len());
    let line = 1 + newlines(&text[..at]);
    Events { text, at, line, empty: None }
}

/// See [`events`].
pub(crate) struct Events<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// An element `<NAME/>` that is still to be closed.
    empty: Option<&'t str>,
}

impl<'t> Events<'t> {
    fn skip(&mut self, length: usize) -> &'t str {
        let end = (self.at + length).min(self.text.len());
        let skipped = &self.text[self.at..end];
        self.at = end;
        self.line = self.line.saturating_add(newlines(skipped));
        skipped
    }

    /// Behind the next `end`, or at the end of the text.
    fn skip_past(&mut self, end: &str) -> &'t str {
        let rest = &self.text[self.at..];
        let length = rest.find(end).map_or(rest.len(), |found| found + end.len());
        self.skip(length)
    }

    fn tag(&mut self) -> Option<Event<'t>> {
        let line = self.line;
        let tag = self.skip_past(">");
        let tag = tag.strip_prefix('<').unwrap_or(tag);
        let tag = tag.strip_suffix('>').unwrap_or(tag).trim();
        if let Some(name) = tag.strip_prefix('/') {
            return Some(Event::Close(name.trim()));
        }
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if name.is_empty() {
            return None;
        }
        if tag.ends_with('/') {
            self.empty = Some(name);
        }
        Some(Event::Open(name, line))
    }
}

impl<'t> Iterator for Events<'t> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        if let Some(name) = self.empty.take() {
            return Some(Event::Close(name));
        }
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            if rest.starts_with("<![CDATA[") {
                let whole = self.skip_past("]]>");
                let inner = whole.strip_prefix("<![CDATA[").unwrap_or(whole);
                let inner = inner.strip_suffix("]]>").unwrap_or(inner).trim();
                if !inner.is_empty() {
                    return Some(Event::Text(Cow::Borrowed(inner)));
                }
            } else if rest.starts_with("<!--") {
                self.skip_past("-->");
            } else if rest.starts_with("<?") || rest.starts_with("<!") {
                self.skip_past(">");
            } else if rest.starts_with('<') {
                if let Some(event) = self.tag() {
                    return Some(event);
                }
            } else {
                let length = rest.find('<').unwrap_or(rest.len());
                let value = self.skip(length).trim();
                if !value.is_empty() {
                    return Some(Event::Text(unescape(value)));
                }
            }
        }
        None
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// The five entities of XML, a fixed blank, and numbers; others stay as they are.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        let (character, length) = known.unwrap_or(('&', 1));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, events, unescape};

    #[test]
    fn tags_and_values_are_told_with_their_lines() {
        let text =
            "OFXHEADER:100\n\n<OFX>\n<A>x &amp; y\n<B></B><C/><!-- <D> --><![CDATA[<z>]]></OFX";
        let all: Vec<Event<'_>> = events(text).collect();
        let wanted = [
            Event::Open("OFX", 3),
            Event::Open("A", 4),
            Event::Text("x & y".into()),
            Event::Open("B", 5),
            Event::Close("B"),
            Event::Open("C", 5),
            Event::Close("C"),
            Event::Text("<z>".into()),
            Event::Close("OFX"),
        ];
        assert_eq!(all, wanted);
    }

    #[test]
    fn entities_are_those_of_xml_and_others_stay() {
        for (text, plain) in [
            ("A &amp; B &lt;&gt;&#65;&#x42;", "A & B <>AB"),
            ("&copy; & &; &#0; &#xD800; &é;", "&copy; & &; &#0; &#xD800; &é;"),
            ("&nbsp;", " "),
        ] {
            assert_eq!(unescape(text), plain);
        }
    }
}
