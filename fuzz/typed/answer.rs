//! Frames from lines: lengths are too much for a fuzzer to find by itself.

/// Each line as a frame: its kind, then its payload. A tab ends the head of a payload that has one.
pub(crate) fn typed(bytes: &[u8]) -> Vec<u8> {
    let mut said = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((kind, payload)) = line.split_first() else { continue };
        let mut payload = payload.to_vec();
        if let Some(end) = payload.iter().position(|byte| *byte == b'\t') {
            payload.remove(end);
            payload.splice(..0, length(end));
        }
        said.push(*kind);
        said.extend(length(payload.len()));
        said.extend(payload);
    }
    said
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).expect("inputs are short").to_le_bytes()
}
