//! RFC 4180: rows and fields of a text, without copying what has no quotes.

use std::borrow::Cow;

/// Fields of a row.
pub(crate) type Fields<'t> = Vec<Cow<'t, str>>;

/// Takes a text apart, row by row; rows without anything are rows too, so that their numbers are
/// those of a spreadsheet.
pub(crate) struct Split<'t> {
    text: &'t str,
    separator: u8,
    at: usize,
}

impl<'t> Split<'t> {
    /// `separator` is an ASCII character.
    pub(crate) fn new(text: &'t str, separator: u8) -> Self {
        Self { text, separator, at: 0 }
    }

    /// The field at the current place. A quote opens one only at its start; within a field without
    /// quotes it is a character like others.
    fn field(&mut self) -> Result<Cow<'t, str>, usize> {
        let start = self.at;
        if self.text.as_bytes().get(start) != Some(&b'"') {
            return Ok(Cow::Borrowed(self.plain()));
        }
        let mut read = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(quote) = rest.find('"') else { return Err(start) };
            read.push_str(&rest[..quote]);
            self.at += quote + 1;
            if self.text.as_bytes().get(self.at) != Some(&b'"') {
                break;
            }
            read.push('"');
            self.at += 1;
        }
        // Blanks, or what a careless writer left, up to the separator.
        read.push_str(self.plain());
        Ok(Cow::Owned(read))
    }

    fn plain(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let ends = |byte: u8| byte == self.separator || matches!(byte, b'\n' | b'\r');
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

impl<'t> Iterator for Split<'t> {
    /// Fields, or the place of a quote that is never closed.
    type Item = Result<Fields<'t>, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            match self.field() {
                Ok(field) => fields.push(field),
                Err(start) => {
                    self.at = self.text.len();
                    return Some(Err(start));
                }
            }
            let bytes = &self.text.as_bytes()[self.at..];
            self.at += match bytes {
                [byte, ..] if *byte == self.separator => 1,
                [b'\r', b'\n', ..] => 2,
                [_, ..] => 1,
                [] => 0,
            };
            if bytes.first() != Some(&self.separator) {
                return Some(Ok(fields));
            }
        }
    }
}
