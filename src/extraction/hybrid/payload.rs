//! Which file inside a PDF is the invoice: by what is in it, not by its name.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::extraction::content::{Attachment, PdfContent};
use crate::extraction::encoding;
use crate::extraction::hybrid::finding;
use crate::models::finding::{Finding, Severity};

/// Roots of invoices, as namespace and local name.
const INVOICES: [(&str, &str); 4] = [
    ("urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "Invoice"),
    ("urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2", "CreditNote"),
    ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "CrossIndustryInvoice"),
    ("urn:ferd:CrossIndustryDocument:invoice:1p0", "CrossIndustryDocument"),
];

/// Names under which hybrid formats keep their invoice; compared without case.
const NAMES: [&str; 3] = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"];

/// Bytes that are looked at for the root element: declaration, comments and the root's own
/// namespaces have some hundreds.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Which file is the invoice, and what is to be said about it.
#[derive(Debug, Clone, Default)]
pub struct Choice<'a> {
    /// The invoice; none where no file is one.
    pub invoice: Option<&'a Attachment>,
    /// Two that differ, or one that only its name makes an invoice.
    pub findings: Vec<Finding>,
}

/// Chooses the invoice among the files of a PDF.
pub fn choose(content: &PdfContent) -> Choice<'_> {
    let invoices: Vec<&Attachment> =
        content.attachments.iter().filter(|file| is_invoice(file)).collect();
    let named = content.structure.profile.as_ref().and_then(|profile| profile.file_name.as_deref());
    let by_profile = invoices
        .iter()
        .find(|file| named.is_some_and(|name| file.label.name.eq_ignore_ascii_case(name)));
    let mut choice =
        Choice { invoice: by_profile.or_else(|| invoices.first()).copied(), findings: Vec::new() };
    if let Some(chosen) = choice.invoice {
        let others = invoices.iter().filter(|file| file.bytes != chosen.bytes);
        let others: Vec<&str> = others.map(|file| &*file.label.name).collect();
        if !others.is_empty() {
            choice.findings.push(several(chosen, &others));
        }
    } else {
        let only_named = content.attachments.iter().filter(|file| has_invoice_name(file));
        choice.findings.extend(only_named.map(only_by_name));
    }
    let how = match choice.invoice {
        Some(_) => ("ATTACHMENT_UNREADABLE", Severity::Warning),
        None => ("PAYLOAD_UNREADABLE", Severity::Fatal),
    };
    let left_out = content.structure.left_out.iter();
    choice.findings.extend(left_out.map(|what| not_loaded(what, how)));
    choice
}

/// A file that the PDF announces and that cannot be taken out of it: it may be the invoice that
/// other programs see.
fn not_loaded(what: &str, (code, severity): (&str, Severity)) -> Finding {
    let message = format!("a file inside the PDF cannot be read: {what}");
    let mut finding = finding(code, severity, &[], message);
    finding.remedy = Some("ask the supplier for a sound document".to_owned());
    finding
}

fn is_invoice(file: &Attachment) -> bool {
    root(&file.bytes).is_some_and(|(namespace, name)| INVOICES.contains(&(&*namespace, &*name)))
}

/// Namespace and local name of the root element; none for what is no XML.
fn root(bytes: &[u8]) -> Option<(String, String)> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    // The cut may fall into a character; the invoice itself is decoded strictly when it is read.
    let decoded = encoding::decode(head).map(|decoded| decoded.text);
    let text = decoded.unwrap_or_else(|_| String::from_utf8_lossy(head).into_owned());
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_resolved_event().ok()? {
            (ResolveResult::Bound(namespace), Event::Start(start) | Event::Empty(start)) => {
                let namespace = namespace.into_inner().to_owned();
                let name = start.local_name().into_inner().to_owned();
                return Some((namespace, name));
            }
            (_, Event::Start(_) | Event::Empty(_) | Event::Eof | Event::DocType(_)) => return None,
            _ => {}
        }
    }
}

fn has_invoice_name(file: &Attachment) -> bool {
    NAMES.iter().any(|name| file.label.name.eq_ignore_ascii_case(name))
}

fn several(chosen: &Attachment, others: &[&str]) -> Finding {
    let chosen = &chosen.label.name;
    let message = format!(
        "the PDF holds several invoices that differ: {chosen:?} was read, and there is also {}",
        others.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
    );
    let mut finding = finding("MULTIPLE_PAYLOADS", Severity::Fatal, &[], message);
    finding.remedy = Some("ask the supplier which one counts, and for a PDF with that one".into());
    finding
}

fn only_by_name(file: &Attachment) -> Finding {
    let found = root(&file.bytes).map_or_else(
        || "no XML with a namespace".to_owned(),
        |(namespace, name)| format!("{{{namespace}}}{name}"),
    );
    let name = &file.label.name;
    let message = format!("the attachment {name:?} is no invoice of a known format but {found}");
    let mut finding = finding("PAYLOAD_UNSUPPORTED", Severity::Fatal, &[], message);
    finding.actual = Some(found);
    finding.remedy = Some("ask the supplier for Factur-X, ZUGFeRD 2 or XRechnung".to_owned());
    finding
}

#[cfg(test)]
mod tests {
    use super::{choose, root};
    use crate::extraction::content::{Attachment, Label, PdfContent, Profile, Structure};

    const CII: &str = "<rsm:CrossIndustryInvoice \
                       xmlns:rsm='urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100'/>";
    const UBL: &str = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>";
    const ORDER: &str = "<SCRDMCCBDACIOMessageStructure xmlns='urn:un:unece:uncefact:data:\
                         SCRDMCCBDACIOMessageStructure:100'/>";
    const DRAFT: &str = "<Invoice xmlns='urn:un:unece:uncefact:data:standard:CBFBUY:5'/>";

    /// Files with their text, the name that the metadata say, the one chosen, codes of findings.
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, Option<&'a str>, &'a [&'a str]);

    fn content(files: &[(&str, &str)], named: Option<&str>) -> PdfContent {
        let attachment = |(name, text): &(&str, &str)| Attachment {
            label: Label { name: (*name).to_owned(), ..Label::default() },
            bytes: text.as_bytes().to_vec(),
        };
        let file_name = named.map(str::to_owned);
        let profile = file_name
            .map(|_| Profile { file_name: named.map(str::to_owned), ..Profile::default() });
        PdfContent {
            structure: Structure { profile, ..Structure::default() },
            attachments: files.iter().map(attachment).collect(),
            pages: Ok(Vec::new()),
            pictures: Vec::new(),
            pictures_refused: None,
        }
    }

    #[test]
    fn the_invoice_is_chosen_by_what_is_in_it() {
        let declared = format!("<?xml version='1.0'?><!-- a --><?p i?>{CII}");
        let bom = format!("\u{feff}{CII}");
        #[rustfmt::skip]
        let cases: [Case<'_>; 11] = [
            (&[("ZUGFeRD-Invoice.XML", CII)], None, Some("ZUGFeRD-Invoice.XML"), &[]),
            (&[("terms.xml", "<a/>"), ("data.bin", &declared)], None, Some("data.bin"), &[]),
            (&[("a.xml", &bom)], None, Some("a.xml"), &[]),
            (&[("order-x.xml", ORDER), ("a.xml", UBL)], None, Some("a.xml"), &[]),
            (&[("order-x.xml", ORDER)], None, None, &[]),
            (&[("a.xml", CII), ("copy.xml", CII)], None, Some("a.xml"), &[]),
            (&[("a.xml", CII), ("b.xml", UBL)], None, Some("a.xml"), &["MULTIPLE_PAYLOADS"]),
            (&[("a.xml", CII), ("b.xml", UBL)], Some("B.xml"), Some("b.xml"), &["MULTIPLE_PAYLOADS"]),
            (&[("Factur-X.xml", DRAFT)], None, None, &["PAYLOAD_UNSUPPORTED"]),
            (&[("factur-x.xml", "no XML")], None, None, &["PAYLOAD_UNSUPPORTED"]),
            (&[], None, None, &[]),
        ];
        for (files, named, chosen, codes) in cases {
            let content = content(files, named);
            let choice = choose(&content);
            assert_eq!(choice.invoice.map(|file| &*file.label.name), chosen, "{files:?}");
            let found: Vec<_> = choice.findings.iter().map(|finding| &*finding.code).collect();
            assert_eq!(found, codes, "{files:?}");
        }
    }

    #[test]
    fn a_root_is_not_looked_for_behind_a_document_type() {
        assert_eq!(root(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a xmlns='x'/>"), None);
        assert_eq!(root(b""), None);
        assert_eq!(root(b"<a xmlns='x'>"), Some(("x".to_owned(), "a".to_owned())));
    }
}
