//! Server-sent events out of the bytes of an answer.

use serde_json::Value;

/// Bytes of one event; ours are a hundredth of it.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) data: Value,
}

/// Puts events together; what is not whole yet waits, and is lost with its connection.
#[derive(Default)]
pub(super) struct Events {
    bytes: Vec<u8>,
}

impl Events {
    /// The events that are whole with these bytes.
    pub(super) fn take(&mut self, part: &[u8]) -> Vec<Event> {
        self.bytes.extend_from_slice(part);
        let mut events = Vec::new();
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
            events.extend(event(&String::from_utf8_lossy(&block)));
        }
        if self.bytes.len() > EVENT_BYTES_MAX {
            self.bytes.clear();
        }
        events
    }
}

/// A block of lines; one without data, such as a comment, is no event.
fn event(block: &str) -> Option<Event> {
    let (mut id, mut name, mut data) = (None, None, None);
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => id = Some(value.to_owned()),
            "event" => name = Some(value.to_owned()),
            "data" => data = Some(value),
            _ => {}
        }
    }
    let data = serde_json::from_str(data?).ok()?;
    Some(Event { id, name: name.unwrap_or_else(|| "message".to_owned()), data })
}

#[cfg(test)]
mod tests {
    use super::Events;

    #[test]
    fn events_are_whole_wherever_the_bytes_were_cut() {
        let text = "retry: 3000\n\nid: 5\nevent: snapshot\ndata: {\"a\":1}\n\n: keep-alive\n\n\
                    id: 6\nevent: status\ndata: {\"b\":2}\n\nid: 7\nevent: st";
        for cut in 0..text.len() {
            let mut events = Events::default();
            let mut found = events.take(&text.as_bytes()[..cut]);
            found.extend(events.take(&text.as_bytes()[cut..]));
            let ids: Vec<_> = found.iter().filter_map(|event| event.id.as_deref()).collect();
            assert_eq!(ids, ["5", "6"], "cut at {cut}");
            assert_eq!(found[1].data["b"], 2);
        }
    }
}
