//! The canonical invoice as JSON, as whole files.

use std::fmt::Write as _;

use ap_gateway::extraction::{Unreadable, json};
use ap_gateway::models::finding::Severity;

fn lines(count: usize) -> String {
    let mut lines = String::new();
    for number in 1..=count {
        let comma = if number == 1 { "" } else { "," };
        write!(
            lines,
            r#"{comma}{{"id":"{number}","quantity":{number},"unit":"C62","net":"{number}.00","price":1.00,"tax_rate":19,"tax_category":"S","name":"Item {number}"}}"#
        )
        .expect("a string takes everything");
    }
    format!(r#"{{"number":"R-1","currency":"EUR","lines":[{lines}]}}"#)
}

#[test]
fn as_many_lines_as_are_taken_are_read_with_their_evidence() {
    let read = json::read(&lines(5_000)).expect("an invoice");
    assert_eq!(read.findings, []);
    assert_eq!(read.invoice.lines.len(), 5_000);
    assert_eq!(read.evidence.len(), 5_000 * 8 + 2);
    let last = read.evidence.last().expect("evidence");
    assert_eq!(last.field, "BG-25[5000]/BT-153");
    assert_eq!(last.place.as_deref(), Some("/lines/4999/name"));
}

#[test]
fn a_hundred_megabytes_are_refused_at_once() {
    let text = format!("{{\"number\":\"R-1\",\"x\":[{}0]}}", "0,".repeat(50 << 20));
    assert!(matches!(json::read(&text), Err(Unreadable::TooLarge { what: "bytes of JSON", .. })));
    // What fits, and has nothing but floods in it, is refused without being copied.
    for flood in [
        format!("{{\"number\":\"R-1\",\"lines\":[{}{{}}]}}", "{},".repeat(1 << 20)),
        format!("{{\"number\":\"R-1\",{}\"x\":0}}", "\"a\":0,".repeat(1 << 20)),
    ] {
        assert!(matches!(json::read(&flood), Err(Unreadable::TooLarge { .. })));
    }
    // An unknown key is not looked into, and its content is shown cut.
    let unknown = format!("{{\"number\":\"R-1\",\"x\":[{}0]}}", "0,".repeat(1 << 20));
    let read = json::read(&unknown).expect("an invoice");
    let [found] = &read.findings[..] else { panic!("{:?}", read.findings.len()) };
    assert_eq!((&*found.code, found.severity), ("UNKNOWN_KEY", Severity::Warning));
    assert!(found.actual.as_deref().is_some_and(|actual| actual.len() < 100));
}

#[test]
fn findings_of_a_hostile_document_are_counted_and_not_kept() {
    let lines = vec![r#"{"net":"x","colour":1}"#; 5_000].join(",");
    let read = json::read(&format!("{{\"lines\":[{lines}]}}")).expect("an invoice");
    assert_eq!(read.findings.len(), 1_001);
    assert!(read.findings.last().is_some_and(|last| last.code == "FINDINGS_LEFT_OUT"));
}
