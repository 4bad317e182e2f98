//! Files inside a PDF that no invoice needs: programs, and the test file of virus scanners.

use crate::extraction::content::Attachment;
use crate::extraction::hybrid::finding;
use crate::models::finding::{Finding, Severity};

/// The middle of the EICAR test file, in two parts: whole, it would make scanners take this
/// program for a virus.
const EICAR: [&str; 2] = ["EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!"];

/// Bytes in which that text is looked for: the test file has 68, and at most 128 with blanks.
const EICAR_BYTES_MAX: usize = 128;

/// How programs start, whatever their name.
const PROGRAMS: [(&[u8], &str); 6] = [
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program for Linux"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for Java or macOS"),
    (b"#!", "a script"),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut for Windows"),
];

/// What looks harmful. Such files are kept as they are and never executed.
pub fn suspicions(attachments: &[Attachment]) -> Vec<Finding> {
    let suspicious = attachments.iter().filter_map(|attachment| {
        let what = what_is_wrong(&attachment.bytes)?;
        let name = &attachment.label.name;
        let message = format!("the attachment {name:?} is {what}; it was kept and not executed");
        let mut finding = finding("ATTACHMENT_SUSPICIOUS", Severity::Fatal, &[], message);
        finding.actual = Some(what.to_owned());
        finding.remedy =
            Some("do not open it; ask the supplier by another way whether they sent it".to_owned());
        Some(finding)
    });
    suspicious.collect()
}

fn what_is_wrong(bytes: &[u8]) -> Option<&'static str> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(EICAR_BYTES_MAX)]);
    if head.contains(&EICAR.concat()) {
        return Some("the test file of virus scanners (EICAR)");
    }
    PROGRAMS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::{EICAR, suspicions};
    use crate::extraction::content::Attachment;

    #[test]
    fn programs_and_the_test_file_are_told_and_documents_are_not() {
        let eicar = format!("X5O!P%@AP[4\\PZX54(P^)7CC)7}}${}$H+H*", EICAR.concat());
        for (bytes, suspicious) in [
            (eicar.as_bytes(), true),
            (b"MZ\x90\0", true),
            (b"#!/bin/sh", true),
            (b"<Invoice/>", false),
            (b"%PDF-1.7", false),
            (b"", false),
        ] {
            let attachment = Attachment { bytes: bytes.to_vec(), ..Attachment::default() };
            assert_eq!(!suspicions(&[attachment]).is_empty(), suspicious, "{bytes:?}");
        }
    }
}
