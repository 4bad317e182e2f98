//! `Last-Event-ID`: each line is one.

use ap_gateway::http::invoices::events::last_event_id::{LAST_EVENT_ID, LastEventId};

use super::lines;

/// Whether it is a revision: then one that there can be, and the same when it is written.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let Some(head) = lines::head(&LAST_EVENT_ID, bytes) else { return false };
    let read = LastEventId::of(&head);
    let LastEventId::Revision(revision) = read else { return false };
    assert!(revision >= 0, "before the beginning: {revision}");
    let written = lines::head(&LAST_EVENT_ID, revision.to_string().as_bytes()).expect("digits");
    assert_eq!(LastEventId::of(&written), read);
    true
}
