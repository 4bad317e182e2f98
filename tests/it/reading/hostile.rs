use std::path::Path;
use std::time::Duration;

use ap_gateway::extraction::Unreadable;
use ap_gateway::extraction::content::PdfContent;
use ap_gateway::extraction::hybrid::suspicions;
use ap_gateway::extraction::limits::{Limits, WorkLimits};
use ap_gateway::extraction::refusal::RefusalCode;
use ap_gateway::extraction::runner::Runner;
use lopdf::{Object, dictionary};
use tokio::task::JoinSet;

use crate::reading::crafted::{Crafted, bomb, zeros};
use crate::reading::{runner, with};
use crate::suites::hybrids::corpus;

const GIB: usize = 1 << 30;

/// Limits under which the inflated size is nobody's matter but the system's.
fn unweighed(memory_bytes: u64, cpu_seconds: u64) -> Limits {
    let (stream_bytes_max, streams_bytes_max) = (u64::MAX, u64::MAX);
    let work = WorkLimits {
        memory_bytes,
        cpu_seconds,
        stream_bytes_max,
        streams_bytes_max,
        ..WorkLimits::default()
    };
    // Unoptimised code on a busy machine is slow.
    Limits { wall: Duration::from_secs(300), work, ..Limits::for_cores(2) }
}

/// A document that keeps a reader busy for minutes.
fn endless() -> Vec<u8> {
    let bomb = bomb(GIB);
    let mut crafted = Crafted::with_content(bomb.clone());
    for _ in 0..50 {
        crafted.document.add_object(bomb.clone());
    }
    crafted.bytes()
}

fn code(refused: Result<PdfContent, Unreadable>) -> RefusalCode {
    match refused.expect_err("refused") {
        Unreadable::Refused(refusal) => {
            let parts = refusal.message.split_once([':', ';']);
            assert!(parts.is_some(), "no remedy: {}", refusal.message);
            refusal.code
        }
        other => panic!("another error: {other}"),
    }
}

/// A good document is read by the same runner.
async fn goes_on(runner: &Runner) {
    let content = runner.pdf(&Crafted::new().bytes()).await.expect("a good document");
    let pages = content.pages.expect("pages");
    let words: String = pages[0].words.iter().map(|word| &*word.text).collect();
    assert_eq!(words, "Invoice4711");
}

#[tokio::test]
async fn what_cannot_be_a_pdf_to_read_says_why() {
    let runner = runner();
    let mut encrypted = Crafted::new();
    encrypted.encrypt("secret");
    let mut without_pages = Crafted::new();
    without_pages.set_kids(Vec::new());
    let mut many_pages = Crafted::new();
    let page = many_pages.document.get_object(many_pages.page).expect("the page").clone();
    let kids = (0..201).map(|_| many_pages.document.add_object(page.clone()).into()).collect();
    many_pages.set_kids(kids);
    let mut many_objects = Crafted::new();
    for _ in 0..10_001 {
        many_objects.document.add_object(Object::Integer(1));
    }
    for (name, bytes, wanted) in [
        ("encrypted", encrypted.bytes(), RefusalCode::PdfEncrypted),
        ("without pages", without_pages.bytes(), RefusalCode::PdfWithoutPages),
        ("201 pages", many_pages.bytes(), RefusalCode::PdfLimit),
        ("10,001 objects", many_objects.bytes(), RefusalCode::PdfLimit),
        ("no bytes", Vec::new(), RefusalCode::PdfDamaged),
        ("no PDF", b"<Invoice/>".to_vec(), RefusalCode::PdfDamaged),
        ("a header alone", b"%PDF-1.7\n%%EOF".to_vec(), RefusalCode::PdfDamaged),
    ] {
        assert_eq!(code(runner.pdf(&bytes).await), wanted, "{name}");
    }
    goes_on(&runner).await;
}

#[tokio::test]
async fn what_is_no_spreadsheet_says_why() {
    for bytes in [&b"PK\x03\x04 and nothing else"[..], b"", b"%PDF-1.7"] {
        match runner().sheet(bytes).await.expect_err("refused") {
            Unreadable::Refused(refusal) => assert_eq!(refusal.code, RefusalCode::SheetBroken),
            other => panic!("another error: {other}"),
        }
    }
}

#[tokio::test]
async fn a_pdf_encrypted_without_a_password_is_opened() {
    let mut crafted = Crafted::new();
    let file = crafted.file("factur-x.xml", b"<CrossIndustryInvoice/>");
    crafted.attach(&[file]);
    crafted.encrypt("");
    let content = runner().pdf(&crafted.bytes()).await.expect("readable");
    assert!(content.structure.opened_without_password);
    assert_eq!(content.attachments[0].bytes, b"<CrossIndustryInvoice/>");
    assert_eq!(content.pages.expect("pages").len(), 1);
}

#[tokio::test]
async fn two_kilobytes_that_become_a_gigabyte_are_refused_and_the_attachments_stand() {
    let runner = runner();
    let mut crafted = Crafted::with_content(bomb(GIB));
    let file = crafted.file("factur-x.xml", b"<CrossIndustryInvoice/>");
    crafted.attach(&[file]);
    let bytes = crafted.bytes();
    assert!(bytes.len() < 8_000, "{} bytes", bytes.len());
    let content = runner.pdf(&bytes).await.expect("the structure");
    assert_eq!(content.attachments.len(), 1);
    let refusal = content.pages.expect_err("no pages");
    assert_eq!(refusal.code, RefusalCode::PdfLimit);
    assert!(refusal.message.contains("67108864 bytes"), "{}", refusal.message);

    // What it is packed with stands elsewhere.
    let mut content = bomb(GIB);
    let mut crafted = Crafted::new();
    let filters = content.dict.remove(b"Filter").expect("filters");
    let filters = crafted.document.add_object(filters);
    content.dict.set("Filter", filters);
    crafted.document.add_object(content);
    let refusal = runner.pdf(&crafted.bytes()).await.expect("the structure").pages;
    let message = refusal.expect_err("no pages").message;
    assert!(message.contains("67108864 bytes"), "{message}");

    // Each below its own limit, all together above theirs.
    let mut crafted = Crafted::with_content(zeros(60 << 20));
    crafted.document.add_object(zeros(60 << 20));
    crafted.document.add_object(zeros(60 << 20));
    let refusal = runner.pdf(&crafted.bytes()).await.expect("the structure").pages;
    let message = refusal.expect_err("no pages").message;
    assert!(message.contains("134217728 bytes"), "{message}");
    goes_on(&runner).await;
}

#[tokio::test]
async fn trees_that_lead_back_into_themselves_end() {
    let runner = runner();
    let mut pages = Crafted::new();
    let kids = vec![pages.pages.into(), pages.page.into(), pages.pages.into()];
    pages.set_kids(kids);
    let content = runner.pdf(&pages.bytes()).await.expect("readable");
    assert_eq!(content.structure.pages, 1);

    let mut names = Crafted::new();
    let file = names.file("a.xml", b"<a/>");
    let node = names.document.new_object_id();
    let leaves = vec![Object::string_literal("n"), file.into()];
    let tree = dictionary! { "Kids" => vec![node.into(), node.into()], "Names" => leaves };
    names.document.objects.insert(node, tree.into());
    names.catalog_entry("Names", dictionary! { "EmbeddedFiles" => node });
    names.catalog_entry("AF", vec![file.into(), file.into()]);
    let content = runner.pdf(&names.bytes()).await.expect("readable");
    assert_eq!(content.attachments.len(), 1, "each file once");
    assert_eq!(content.attachments[0].label.relationship.as_deref(), Some("Alternative"));
}

#[tokio::test]
async fn more_files_than_are_taken_are_left_out_and_named() {
    let mut crafted = Crafted::new();
    let files: Vec<_> = (0..60).map(|n| crafted.file(&format!("{n}.xml"), b"<a/>")).collect();
    crafted.attach(&files);
    let content = runner().pdf(&crafted.bytes()).await.expect("readable");
    assert_eq!(content.attachments.len(), 50);
    assert_eq!(content.structure.left_out, ["50.xml and what follows: at most 50 files"]);
}

#[tokio::test]
async fn the_test_file_of_virus_scanners_passes_through_unharmed_and_is_told() {
    // In parts, or scanners would take this source for it.
    let eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"];
    let eicar = eicar.concat().into_bytes();
    let mut crafted = Crafted::new();
    let files = [crafted.file("invoice.pdf.exe", &eicar), crafted.file("../../etc/a", b"<a/>")];
    crafted.attach(&files);
    let content = runner().pdf(&crafted.bytes()).await.expect("readable");
    assert_eq!(content.attachments[0].bytes, eicar);
    assert_eq!(content.attachments[1].label.name, "../../etc/a", "a name to show, no path");
    let findings = suspicions(&content.attachments);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "ATTACHMENT_SUSPICIOUS");
}

#[tokio::test]
async fn memory_processor_time_and_wall_clock_are_each_named_when_they_run_out() {
    let bytes = Crafted::with_content(bomb(GIB)).bytes();
    let slow = Limits { wall: Duration::from_millis(300), ..unweighed(1 << 36, 60) };
    for (limits, wanted, said) in [
        (unweighed(300 << 20, 60), RefusalCode::MemoryLimit, "314572800 bytes of memory"),
        (unweighed(1 << 36, 1), RefusalCode::CpuLimit, "1 s of processor time"),
        (slow, RefusalCode::TimeLimit, "more than 0.3 s"),
    ] {
        let runner = with(limits);
        let content = runner.pdf(&bytes).await.expect("the structure came before");
        let refusal = content.pages.expect_err("no pages");
        assert_eq!((refusal.code, true), (wanted, refusal.message.contains(said)), "{refusal}");
        goes_on(&runner).await;
    }
}

#[tokio::test]
async fn a_document_or_an_answer_that_is_too_large_is_refused_with_its_limit() {
    let mut crafted = Crafted::new();
    let file = crafted.file("large.xml", &vec![b' '; 100_000]);
    crafted.attach(&[file]);
    let bytes = crafted.bytes();
    let limits = Limits { document_bytes_max: 1_000, ..Limits::for_cores(1) };
    assert_eq!(code(with(limits).pdf(&bytes).await), RefusalCode::DocumentLimit);
    let limits = Limits { answer_bytes_max: 50_000, ..Limits::for_cores(1) };
    assert_eq!(code(with(limits).pdf(&bytes).await), RefusalCode::AnswerLimit);
}

#[tokio::test]
async fn without_a_program_there_is_no_reader_and_it_says_which() {
    let runner = Runner::new("/nowhere/ap-gateway", Limits::for_cores(1));
    assert!(runner.warm().await.is_err());
    let error = runner.pdf(&Crafted::new().bytes()).await;
    assert_eq!(code(error.clone()), RefusalCode::ReaderUnavailable);
    assert!(error.expect_err("refused").to_string().contains("/nowhere/ap-gateway"));
    // A program that is no reader gives no answer, and says nothing that counts.
    let runner = Runner::new("/bin/true", Limits::for_cores(1));
    assert_eq!(code(runner.pdf(b"%PDF-1.7").await), RefusalCode::ReaderCrashed);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_good_documents_pass_a_bad_one() {
    let runner = with(unweighed(1 << 36, 600));
    let bad = endless();
    let bad = tokio::spawn({
        let runner = runner.clone();
        async move { runner.pdf(&bad).await }
    });
    let mut good = JoinSet::new();
    for _ in 0..20 {
        let runner = runner.clone();
        good.spawn(async move { goes_on(&runner).await });
    }
    good.join_all().await;
    assert!(!bad.is_finished(), "the bad one was to take longer");
    bad.abort();
}

/// Processes whose command line starts with this program.
fn processes(program: &Path) -> Vec<i32> {
    let wanted = program.to_string_lossy();
    let all = std::fs::read_dir("/proc").expect("processes can be listed");
    let wanted = all.flatten().filter(|entry| {
        let line = std::fs::read_to_string(entry.path().join("cmdline"));
        line.is_ok_and(|line| line.starts_with(&*wanted))
    });
    wanted.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn running(program: &Path) -> usize {
    processes(program).len()
}

async fn until_running(program: &Path, wanted: impl Fn(usize) -> bool) {
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..1_000 {
        pause.tick().await;
        if wanted(running(program)) {
            return;
        }
    }
    panic!("{} processes of {}", running(program), program.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_is_left_behind() {
    // A name of its own tells these processes from those of other tests.
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("reader");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ap-gateway"), &program).expect("a link");
    let runner = Runner::new(&program, unweighed(1 << 36, 600));
    runner.warm().await.expect("warm");
    until_running(&program, |count| count == 2).await;
    let bad = endless();
    let reading = tokio::spawn({
        let runner = runner.clone();
        async move { runner.pdf(&bad).await }
    });
    until_running(&program, |count| count == 3).await;
    // Whoever asked has gone: the work is of no use to anybody.
    reading.abort();
    until_running(&program, |count| count == 2).await;
    goes_on(&runner).await;
    drop(runner);
    until_running(&program, |count| count == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spare_that_was_killed_while_it_waited_is_not_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("reader");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ap-gateway"), &program).expect("a link");
    let runner = Runner::new(&program, Limits::for_cores(2));
    runner.warm().await.expect("warm");
    until_running(&program, |count| count == 2).await;
    let spares = processes(&program);
    for id in &spares {
        let id = rustix::process::Pid::from_raw(*id).expect("an id");
        rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("killed");
    }
    until_running(&program, |count| count == 0).await;
    // One that is still on its way out has no command line any more, and cannot be waited for yet.
    let has_ended = |id: &i32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/stat"));
        status.map_or(true, |status| status.contains(") Z "))
    };
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..1_000 {
        if spares.iter().all(has_ended) {
            break;
        }
        pause.tick().await;
    }
    goes_on(&runner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_and_changed_documents_end_in_an_answer_or_a_refusal() {
    let runner = runner();
    let mut corpus = corpus();
    corpus.sort_by_key(|(_, bytes, _)| bytes.len());
    let mut documents = Vec::new();
    for (name, bytes, _) in corpus.iter().take(1) {
        let cuts = (0..bytes.len()).step_by(1024);
        documents.extend(cuts.map(|at| (format!("{name} cut at {at}"), bytes[..at].to_vec())));
    }
    for (seed, (name, bytes, _)) in corpus.iter().step_by(23).enumerate() {
        // A fixed sequence of places and values: a failure can be found again.
        let mut state = 0x9e37_79b9_u64 + seed as u64;
        for _ in 0..25 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(state >> 33).expect("31 bits") % bytes.len();
            let mut changed = bytes.clone();
            changed[at] ^= u8::try_from((state >> 25) & 0xff).expect("a byte") | 1;
            documents.push((format!("{name} changed at {at}"), changed));
        }
    }
    let mut reading = JoinSet::new();
    for (name, bytes) in documents {
        let runner = runner.clone();
        reading.spawn(async move {
            match runner.pdf(&bytes).await {
                Ok(_) => {}
                Err(Unreadable::Refused(refusal)) => {
                    assert!(!refusal.code.is_temporary(), "{name}: {refusal}");
                    assert_ne!(refusal.code, RefusalCode::TimeLimit, "{name}: {refusal}");
                }
                Err(other) => panic!("{name}: {other}"),
            }
        });
    }
    reading.join_all().await;
    goes_on(&runner).await;
}
