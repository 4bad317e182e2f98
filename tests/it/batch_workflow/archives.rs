//! Archives: what is an item, what is refused, and what an archive may not do to us.

use std::io::{Cursor, Write};

use ap_gateway::models::batch::{BatchKind, BatchStatus};
use ap_gateway::models::media_type::MediaType;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::bench::{Bench, invoice};

pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default();
        if name.ends_with('/') {
            archive.add_directory(*name, options).expect("a folder");
            continue;
        }
        archive.start_file(*name, options).expect("an entry");
        archive.write_all(content).expect("its content");
    }
    archive.finish().expect("an archive").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_gives_an_invoice_for_each_document_in_it() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let (one, two) = (invoice("I-1", "PO-1"), invoice("I-2", "PO-1"));
    let inner = archive(&[("deeper.xml", two.as_bytes())]);
    let large = vec![b' '; 25 * 1024 * 1024 + 1];
    let mut bytes = archive(&[
        ("november/", b""),
        ("november/a.xml", one.as_bytes()),
        ("__MACOSX/november/._a.xml", b"added"),
        ("november/.DS_Store", b"added"),
        // Names are words: nothing is written where they point.
        ("../../../etc/passwd", two.as_bytes()),
        ("november/empty.xml", b""),
        ("november/inner.zip", &inner),
        ("november/large.csv", &large),
        ("november/b.pdf", b"%PDF-1.7 and so on"),
    ]);
    // The content of the last entry is spoilt; its checksum tells.
    let place = find(&bytes, b"b.pdf") + b"b.pdf".len() + 2;
    bytes[place] ^= 0xff;
    let id = bench.batch(BatchKind::Archive, &bytes).await;
    let row = bench.ends(&id, BatchStatus::Accepted).await;
    assert_eq!((row.items, row.problem), (Some(6), None));
    let items = bench.items(&id).await;
    let seen: Vec<_> = items
        .iter()
        .map(|item| {
            let status = item.problem.as_ref().map_or(202, |problem| problem.status);
            (item.name.clone().unwrap_or_default(), status)
        })
        .collect();
    let expected = [
        ("november/a.xml", 202),
        ("../../../etc/passwd", 202),
        ("november/empty.xml", 400),
        ("november/inner.zip", 202),
        ("november/large.csv", 413),
        ("november/b.pdf", 400),
    ];
    assert_eq!(seen, expected.map(|(name, status)| (name.to_owned(), status)));
    let kind = async |index: usize| {
        let (id, _) = items[index].invoice.as_ref().expect("an invoice");
        bench.row(id).await.media_type
    };
    assert_eq!(kind(0).await, MediaType::Xml);
    // An archive in it is a document for its reader; it is not unpacked here.
    assert_eq!(kind(3).await, MediaType::Unknown);
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("it is in there")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_archive_or_has_no_document_ends_the_batch_with_its_reason() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let whole = archive(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>")]);
    for (bytes, status) in [
        (b"PK\x03\x04 and no directory".to_vec(), 415),
        (whole[..whole.len() - 30].to_vec(), 415),
        (archive(&[("folder/", b"")]), 422),
    ] {
        let id = bench.batch(BatchKind::Archive, &bytes).await;
        let row = bench.ends(&id, BatchStatus::Refused).await;
        let problem = row.problem.expect("a reason");
        assert_eq!((problem.status, row.items), (status, Some(0)), "{problem:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_refused_before_a_byte_of_it_is_unpacked() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    // 200 entries of 24 MiB zeros: 5 MiB that would be 4.7 GiB.
    let zeros = vec![0; 24 * 1024 * 1024];
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    bomb.start_file("0.xml", options).expect("an entry");
    bomb.write_all(&zeros).expect("zeros");
    let mut bomb = bomb.finish_into_readable().expect("readable");
    let mut whole = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..200 {
        let entry = bomb.by_index_raw(0).expect("the entry");
        whole.raw_copy_file_rename(entry, format!("{n}.xml")).expect("copied");
    }
    let whole = whole.finish().expect("an archive").into_inner();
    assert!(whole.len() < 8 * 1024 * 1024, "{}", whole.len());
    let id = bench.batch(BatchKind::Archive, &whole).await;
    let row = bench.ends(&id, BatchStatus::Refused).await;
    let problem = row.problem.expect("a reason");
    assert_eq!((problem.status, row.items), (413, Some(0)), "{problem:?}");

    // One that lies: it says that it is small. What it says bounds what is unpacked.
    let mut liar = archive(&[("a.xml", &vec![b' '; 100_000]), ("b.xml", b"<b/>")]);
    for signature in [b"PK\x01\x02", b"PK\x03\x04"] {
        let at = find(&liar, signature) + if signature[2] == 1 { 24 } else { 22 };
        liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let id = bench.batch(BatchKind::Archive, &liar).await;
    bench.ends(&id, BatchStatus::Accepted).await;
    let items = bench.items(&id).await;
    assert_eq!(items[0].problem.as_ref().map(|problem| problem.status), Some(400), "{items:?}");
    assert!(items[1].invoice.is_some());

    // More entries than anybody sends.
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..30_001 {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        many.start_file(n.to_string(), stored).expect("an entry");
    }
    let many = many.finish().expect("an archive").into_inner();
    let id = bench.batch(BatchKind::Archive, &many).await;
    let row = bench.ends(&id, BatchStatus::Refused).await;
    let problem = row.problem.expect("a reason");
    assert_eq!((problem.status, &problem.members["unit"]), (413, &"items".into()), "{problem:?}");
}
