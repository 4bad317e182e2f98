//! Until when a certificate is good (RFC 5280 §4.1.2.5): the one thing of it that we read ourselves.

use chrono::{DateTime, NaiveDateTime, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Tags of DER (X.690 §8) that stand on the way to the validity.
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When the first certificate of a PEM chain ends; `None` when none of them can be read.
pub fn chain_ends(pem: &[u8]) -> Option<DateTime<Utc>> {
    let chain = CertificateDer::pem_slice_iter(pem).flatten();
    chain.filter_map(|certificate| ends(&certificate)).min()
}

/// When a certificate ends.
pub(super) fn ends(der: &[u8]) -> Option<DateTime<Utc>> {
    let (certificate, _) = of_tag(SEQUENCE, der)?;
    let (mut rest, _) = of_tag(SEQUENCE, certificate)?;
    // Absent in certificates of version 1.
    if let Some((_, behind)) = of_tag(VERSION, rest) {
        rest = behind;
    }
    // Serial number, signature algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, rest) = of_tag(tag, rest)?;
    }
    let (validity, _) = of_tag(SEQUENCE, rest)?;
    let (_, _, behind) = element(validity)?;
    let (tag, time, _) = element(behind)?;
    let text = std::str::from_utf8(time).ok()?;
    let text = match tag {
        GENERALIZED_TIME => text.to_owned(),
        // Two digits from 50 on are of the last century (RFC 5280 §4.1.2.5.1).
        UTC_TIME if text < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => return None,
    };
    let time = NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok()?;
    Some(time.and_utc())
}

/// Content and rest of the first element, if it has this tag.
fn of_tag(wanted: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(bytes)?;
    (tag == wanted).then_some((content, rest))
}

/// Tag, content and what follows of the first element.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // Certificates are shorter than 64 KiB, so two bytes of length are enough.
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::{chain_ends, ends};

    fn certificate(year: i32) -> (Vec<u8>, String) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.not_after = date_time_ymd(year, 2, 28);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        (certificate.der().to_vec(), certificate.pem())
    }

    fn day(text: &str) -> Option<DateTime<Utc>> {
        Some(format!("{text}T00:00:00Z").parse().expect("a time"))
    }

    #[test]
    fn the_end_is_read_in_both_forms_and_a_chain_ends_with_its_first() {
        let (near, near_pem) = certificate(2031);
        let (far, far_pem) = certificate(2061);
        assert_eq!(ends(&near), day("2031-02-28"), "UTCTime");
        assert_eq!(ends(&far), day("2061-02-28"), "GeneralizedTime");
        assert_eq!(chain_ends(format!("{far_pem}{near_pem}").as_bytes()), day("2031-02-28"));
        assert_eq!(chain_ends(b"no PEM"), None);
    }

    #[test]
    fn what_is_cut_or_no_certificate_has_no_end() {
        let (whole, _) = certificate(2031);
        for length in 0..whole.len() {
            // Behind the validity nothing is looked at, but the outer lengths no longer fit.
            assert_eq!(ends(&whole[..length]), None, "{length}");
        }
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x82\xff"] {
            assert_eq!(ends(bytes), None);
        }
    }
}
