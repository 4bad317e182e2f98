//! `page_token`: a token as it stands; and what a token of ours becomes when bytes of it change.

use ap_gateway::http::error::Slug;
use ap_gateway::http::page_token::Signer;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

/// Longest token that is looked at.
const CHARACTERS_MAX: usize = 1_024;

const SECRET: [u8; 32] = [7; 32];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// Whether the first line is a token that is taken. The lines are also the key that a token of ours
/// carries, and the bytes that are changed in it.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    ours(first, rest.as_bytes());
    taken(first)
}

fn list() -> Signer {
    Signer::new(&SECRET, "/invoices?status=held")
}

/// What is taken was signed by us, letter by letter.
fn taken(token: &str) -> bool {
    let last = match list().open(token, now()) {
        Ok(last) => last,
        Err(error) => {
            assert_eq!(error.0.slug, Slug::InvalidPageToken);
            assert!(error.0.detail.is_some_and(|detail| detail.contains("page_token")));
            return false;
        }
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).expect("it was read");
    let issued = i64::from_be_bytes(bytes[1..9].try_into().expect("eight bytes"));
    let issued = DateTime::from_timestamp(issued, 0).expect("we signed a time");
    assert_eq!(list().sign(&last, issued), token, "two tokens that say the same");
    refused_elsewhere(token);
    true
}

/// A token made here is taken here as what it was made of, for a day; changed, nowhere.
fn ours(last: &str, changes: &[u8]) {
    let token = list().sign(last, now());
    let fits = token.len() <= CHARACTERS_MAX;
    let day = now() + TimeDelta::days(1);
    assert_eq!(list().open(&token, day).ok().as_deref(), Some(last).filter(|_| fits));
    assert!(list().open(&token, day + TimeDelta::seconds(1)).is_err(), "older than a day");
    refused_elsewhere(&token);
    let mut changed = token.clone().into_bytes();
    for change in changes.chunks_exact(2) {
        let at = usize::from(change[0]) % changed.len();
        changed[at] = change[1];
    }
    let changed = String::from_utf8_lossy(&changed);
    if changed != token {
        assert!(list().open(&changed, now()).is_err(), "changed and taken: {changed}");
        refused_elsewhere(&changed);
    }
}

/// By the same list with other filters, by another list, and by another gateway.
fn refused_elsewhere(token: &str) {
    for (secret, filters) in [
        (&SECRET, "/invoices?status=paid"),
        (&SECRET, "/batches?status=held"),
        (&[8; 32], "/invoices?status=held"),
    ] {
        assert!(Signer::new(secret, filters).open(token, now()).is_err(), "{filters}: {token}");
    }
}
