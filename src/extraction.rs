//! Bytes to models: a document is taken apart here, and nowhere else.
//!
//! What comes in was written by strangers. It is decoded, held against limits before any parser
//! sees it, parsed without document type definitions, recognised by its root element, and only
//! then read. What is well formed but says nonsense is still read: the nonsense becomes a finding
//! with its place, so that a person can see it. Nothing here knows a clock, a store or a network.

mod attachments;
pub mod child;
mod cii;
pub mod content;
pub mod csv;
pub(crate) mod detect;
pub mod draft;
mod drawing;
pub(crate) mod encoding;
pub(crate) mod frame;
mod guard;
pub mod hybrid;
mod iban;
mod image;
pub mod intake;
pub mod json;
mod lexicon;
pub mod limits;
mod notes;
pub mod ocr;
pub mod page;
mod pdf;
mod pdf_text;
pub mod refusal;
mod rules;
pub mod runner;
pub mod sheet;
mod skonto;
mod sniff;
pub mod statement;
pub mod table;
mod terms;
pub mod text;
mod trail;
mod tree;
mod ubl;
mod unreadable;
pub mod writer;
mod written;
mod xml;
mod xsd;

use std::borrow::Cow;

use crate::extraction::encoding::Decoded;
use crate::extraction::notes::Notes;
use crate::extraction::sniff::Root;
use crate::models::evidence::{Evidence, Source};
use crate::models::extraction::Syntax;
use crate::models::fault::Fault;
use crate::models::finding::Finding;
use crate::models::invoice::Invoice;
use crate::models::media_type::MediaType;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;

pub use crate::extraction::attachments::Attached;
pub use crate::extraction::unreadable::{Place, Unreadable};

/// A document that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What kind of document it was, by its root element.
    pub syntax: Syntax,
    /// Our canonical form: every later step works on it.
    pub invoice: Invoice,
    /// Name of the file that holds it, where the document is a PDF with an invoice inside.
    pub attachment: Option<String>,
    /// The rules crate's own form, for `validation::judge` alone; in words, why it has none.
    pub document: Result<en16931::Invoice, String>,
    /// What reading itself found: values that are no numbers or dates, other currencies,
    /// elements that may stand once and stand twice.
    pub findings: Vec<Finding>,
    /// Official rules that the document itself breaks ([`tree_rules`]), of every profile: which of
    /// them count, `validation::judge` says.
    pub broken: Vec<Finding>,
    /// Where each value came from.
    pub evidence: Vec<Evidence>,
    /// Contents of the attachments (BT-125); the invoice names them by their hashes.
    pub attached: Vec<Attached>,
}

impl Reading {
    /// What is no document of the rules, before anything else is known of it.
    pub fn of(syntax: Syntax, invoice: Invoice) -> Self {
        Self {
            syntax,
            invoice,
            attachment: None,
            document: Err(xml::NOT_BOUND.to_owned()),
            findings: Vec::new(),
            broken: Vec::new(),
            evidence: Vec::new(),
            attached: Vec::new(),
        }
    }
}

/// Reads a UBL 2.1 Invoice or CreditNote, a Cross Industry Invoice or a ZUGFeRD 1 document.
///
/// # Errors
/// Bytes that are no XML within the limits, or XML that is no invoice. Bad content of an invoice
/// is no error: see [`Reading::findings`].
pub fn read_invoice(bytes: &[u8]) -> Result<Reading, Unreadable> {
    let Decoded { text, finding } = decode(bytes)?;
    let mut notes = Notes::default();
    notes.extend(finding);
    let Tree { syntax, invoice, broken, standalone } = read_xml(&text, &mut notes)?;
    let attached = notes.take_attached();
    // The rules crate parses once more: by now our tree is gone, so that there are never two.
    let (document, said) = xml::read(syntax, &standalone);
    notes.extend(xml::not_said_yet(said, notes.findings()));
    let (mut findings, evidence) = notes.into_parts();
    // What an official rule says too is said with its id.
    let is_official =
        |finding: &Finding| tree_rules(syntax).binary_search(&finding.code.as_str()).is_ok();
    findings.retain(|finding| !is_official(finding));
    Ok(Reading { document, findings, broken, evidence, attached, ..Reading::of(syntax, invoice) })
}

/// Reads the tree of a document.
fn read_xml<'t>(text: &'t str, notes: &mut Notes) -> Result<Tree<'t>, Unreadable> {
    let tree = tree::parse(text)?;
    let root = sniff::unwrap(tree::Element::root(&tree))?;
    let syntax = match sniff::kind(root) {
        Root::Invoice => Syntax::UblInvoice,
        Root::CreditNote => Syntax::UblCreditNote,
        Root::CrossIndustryInvoice => Syntax::Cii,
        Root::Zugferd1 => Syntax::Zugferd1,
        _ => return Err(sniff::unsupported(root, "a UBL Invoice or CreditNote, or a CII invoice")),
    };
    guard::repeats(root)?;
    let mut broken = Vec::new();
    if matches!(syntax, Syntax::Cii | Syntax::Zugferd1) {
        if syntax == Syntax::Cii {
            cii::rules::check(root, &mut broken);
        }
        let invoice = cii::invoice::read(root, notes)?;
        cii::lexical::check(root, notes);
        let standalone = root.standalone(cii::lexical::with_zero);
        return Ok(Tree { syntax, invoice, broken, standalone });
    }
    ubl::rules::check(root, &mut broken);
    let invoice = ubl::invoice::read(root, syntax, notes)?;
    ubl::lexical::check(root, notes);
    Ok(Tree { syntax, invoice, broken, standalone: root.standalone(ubl::lexical::with_zero) })
}

/// What the tree of a document gives.
struct Tree<'t> {
    syntax: Syntax,
    invoice: Invoice,
    /// Official rules that are broken by the form of the document.
    broken: Vec<Finding>,
    /// The text that the rules crate gets.
    standalone: Cow<'t, str>,
}

/// Ids of the official rules that reading a document of this syntax decides by itself, sorted.
pub fn tree_rules(syntax: Syntax) -> &'static [&'static str] {
    match syntax {
        Syntax::UblInvoice | Syntax::UblCreditNote => ubl::rules::ids(),
        Syntax::Cii => cii::rules::ids(),
        _ => &[],
    }
}

/// Reads a UBL 2.1 Order; the result has no faults ([`PurchaseOrder::faults`]).
///
/// # Errors
/// As [`read_invoice`]; and every fault of the content, each with its XPath.
pub fn read_order(bytes: &[u8]) -> Result<PurchaseOrder, Unreadable> {
    let decoded = decode_strictly(bytes)?;
    let tree = tree::parse(&decoded)?;
    let root = sniff::unwrap(tree::Element::root(&tree))?;
    match sniff::kind(root) {
        Root::Order => ubl::order::read(root),
        _ => Err(sniff::unsupported(root, "a UBL Order")),
    }
}

/// Reads a UBL 2.1 `ReceiptAdvice` or `DespatchAdvice`; the result has no faults
/// ([`Receipt::faults`]).
///
/// # Errors
/// As [`read_order`].
pub fn read_receipt(bytes: &[u8]) -> Result<Receipt, Unreadable> {
    let decoded = decode_strictly(bytes)?;
    let tree = tree::parse(&decoded)?;
    let root = sniff::unwrap(tree::Element::root(&tree))?;
    match sniff::kind(root) {
        Root::ReceiptAdvice => ubl::receipt::read_receipt_advice(root),
        Root::DespatchAdvice => ubl::receipt::read_despatch_advice(root),
        _ => {
            let wanted = "a UBL ReceiptAdvice or DespatchAdvice";
            Err(sniff::unsupported(root, wanted))
        }
    }
}

/// Reads the text layer of a PDF, and nothing else of it: neither attachments nor images.
///
/// # Errors
/// Bytes that are no PDF, a PDF that asks for a password or has no pages: in words.
pub fn read_text_layer(bytes: &[u8], pages_max: u32) -> Result<text::TextReading, String> {
    let pages = pdf_text::pages(bytes, pages_max)?;
    Ok(text::read(&pages, Source::PdfText))
}

/// Bytes to text, once it is clear that they are not another kind of file.
fn decode(bytes: &[u8]) -> Result<Decoded, Unreadable> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::Empty);
    }
    if let Some(detected) = MediaType::Xml.contradicted_by(bytes) {
        let detected = Some(detected.to_owned());
        let wanted = "an XML document";
        return Err(Unreadable::Unsupported { detected, wanted });
    }
    let decoded = encoding::decode(bytes)?;
    guard::check(&decoded.text)?;
    Ok(decoded)
}

/// As [`decode`], for documents that carry no findings: there a guess would stay unseen.
fn decode_strictly(bytes: &[u8]) -> Result<String, Unreadable> {
    let decoded = decode(bytes)?;
    match decoded.finding {
        None => Ok(decoded.text),
        Some(finding) => Err(Unreadable::Content {
            faults: vec![Fault::at("/", "encoding_mismatch", &finding.message)],
        }),
    }
}

#[cfg(test)]
mod tests;
