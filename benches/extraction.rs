//! What reading and judging a document costs: `cargo bench --bench extraction`.
//!
//! Ordinary documents are the public examples of EN 16931, read where they stand; long ones are
//! made from one of them. `docs/extraction.md` has the figures with their date.

use std::hint::black_box;
use std::path::PathBuf;

use ap_gateway::activities::examiner::{Examiner, judge};
use ap_gateway::app::intake::examiner;
use ap_gateway::config;
use ap_gateway::extraction::read_invoice;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn suite(name: &str) -> Vec<(String, Vec<u8>)> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/suites").to_owned();
    let suites = std::env::var("AP_GATEWAY_SUITES").unwrap_or_else(|_| beside());
    let folder = PathBuf::from(suites).join(name);
    let entries = std::fs::read_dir(&folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn read_and_judge(bytes: &[u8]) -> usize {
    let reading = read_invoice(bytes).expect("a readable document");
    judge(reading, chrono::NaiveDate::MAX, &[]).extraction.findings.len()
}

/// What is larger is mostly its attachments.
const ORDINARY_BYTES_MAX: usize = 100_000;

/// Whole folders in turn: the time of an element is that of a document.
fn ordinary(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read and judge an ordinary document");
    group.throughput(Throughput::Elements(1));
    for folder in ["en16931/examples-ubl", "en16931/examples-cii"] {
        let mut files = suite(folder);
        files.retain(|(_, bytes)| bytes.len() <= ORDINARY_BYTES_MAX);
        let mut next = files.iter().cycle();
        group.bench_function(folder, |bencher| {
            let document = || &next.next().expect("a file").1;
            bencher.iter_batched(
                document,
                |bytes| black_box(read_and_judge(bytes)),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// The same line again and again; the time of an element is that of a line.
fn long(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read and judge a line of a long document");
    group.sample_size(10);
    for lines in [100, 1_000, 10_000] {
        let document = with_lines(lines);
        group.throughput(Throughput::Elements(lines));
        group.bench_with_input(BenchmarkId::from_parameter(lines), &document, |bencher, bytes| {
            bencher.iter(|| black_box(read_and_judge(bytes)));
        });
    }
    group.finish();
}

/// The shortest public example with a number of lines of 10.00 each, whose totals are right.
fn with_lines(lines: u64) -> Vec<u8> {
    let line = |number: u64| {
        format!(
            "<cac:InvoiceLine><cbc:ID>{number}</cbc:ID><cbc:InvoicedQuantity unitCode='C62'>2\
             </cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID='EUR'>10.00\
             </cbc:LineExtensionAmount><cac:Item><cbc:Name>Item {number}</cbc:Name>\
             <cac:SellersItemIdentification><cbc:ID>A-{number}</cbc:ID>\
             </cac:SellersItemIdentification><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID>\
             <cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>\
             </cac:ClassifiedTaxCategory></cac:Item><cac:Price><cbc:PriceAmount currencyID='EUR'>5\
             </cbc:PriceAmount></cac:Price></cac:InvoiceLine>"
        )
    };
    let lines_text: String = (1..=lines).map(line).collect();
    let (net, tax, gross) = (lines * 10, lines * 2, lines * 12);
    let template = include_str!("../docs/tour/invoice.xml");
    let head = template.split("<cac:TaxTotal>").next().expect("a head");
    format!(
        "{head}<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>{tax}.00</cbc:TaxAmount>\
         <cac:TaxSubtotal><cbc:TaxableAmount currencyID='EUR'>{net}.00</cbc:TaxableAmount>\
         <cbc:TaxAmount currencyID='EUR'>{tax}.00</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S\
         </cbc:ID><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>\
         </cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal><cac:LegalMonetaryTotal>\
         <cbc:LineExtensionAmount currencyID='EUR'>{net}.00</cbc:LineExtensionAmount>\
         <cbc:TaxExclusiveAmount currencyID='EUR'>{net}.00</cbc:TaxExclusiveAmount>\
         <cbc:TaxInclusiveAmount currencyID='EUR'>{gross}.00</cbc:TaxInclusiveAmount>\
         <cbc:PayableAmount currencyID='EUR'>{gross}.00</cbc:PayableAmount>\
         </cac:LegalMonetaryTotal>{lines_text}</Invoice>"
    )
    .into_bytes()
}

/// Through warm processes, from bytes to a judged invoice: PDFs with an invoice inside, and the
/// same pages without it.
fn pdf(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let program = Some(env!("CARGO_BIN_EXE_ap-gateway").into());
    let settings = config::Extraction { program, ..config::Extraction::default() };
    let examiner: Examiner = runtime.block_on(async {
        let examiner = examiner(&settings).expect("an examiner");
        examiner.warm().await.expect("warm processes");
        examiner
    });
    let files = suite("zugferd/XML-Rechnung/FX");
    let hybrid = &files.first().expect("a hybrid PDF").1;
    // Without the names, the attachment is not found and the pages are all there is.
    let text = replaced(hybrid, b"/EmbeddedFiles", b"/NoEmbedFiles_");
    let text = replaced(&text, b"/AF", b"/Xx");
    let mut group = criterion.benchmark_group("read and judge a PDF");
    for (name, bytes) in [("hybrid", hybrid.clone()), ("text", text)] {
        let bytes = bytes::Bytes::from(bytes);
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| examiner.examine(bytes.clone()));
        });
    }
    group.finish();
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let starts: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    for at in starts {
        bytes[at..at + from.len()].copy_from_slice(to);
    }
    bytes
}

criterion_group!(benches, ordinary, long, pdf);
criterion_main!(benches);
