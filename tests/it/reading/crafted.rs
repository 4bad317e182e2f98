use lopdf::{
    Dictionary, Document, EncryptionState, EncryptionVersion, Object, ObjectId, Permissions,
    SaveOptions, Stream, dictionary,
};

/// A PDF under construction: one page that says "Invoice 4711", and what a test adds.
pub(crate) struct Crafted {
    pub(crate) document: Document,
    pub(crate) catalog: ObjectId,
    pub(crate) pages: ObjectId,
    pub(crate) page: ObjectId,
}

impl Crafted {
    pub(crate) fn new() -> Self {
        Self::with_content(Stream::new(
            Dictionary::new(),
            b"BT /F 12 Tf 72 720 Td (Invoice 4711) Tj ET".to_vec(),
        ))
    }

    /// With another content of its page.
    pub(crate) fn with_content(content: Stream) -> Self {
        let mut document = Document::with_version("1.7");
        let pages = document.new_object_id();
        let content = document.add_object(content);
        let page = document.add_object(dictionary! {
            "Type" => "Page",
            "Parent" => pages,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            "Contents" => content,
            "Resources" => dictionary! { "Font" => dictionary! { "F" => dictionary! {
                "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
                "Encoding" => "WinAnsiEncoding",
            } } },
        });
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        document.trailer.set("Root", catalog);
        let mut crafted = Self { document, catalog, pages, page };
        crafted.set_kids(vec![page.into()]);
        crafted
    }

    /// Other children of the root of the page tree.
    pub(crate) fn set_kids(&mut self, kids: Vec<Object>) {
        let count = i64::try_from(kids.len()).expect("few");
        let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        self.document.objects.insert(self.pages, pages.into());
    }

    /// Adds to the catalog.
    pub(crate) fn catalog_entry(&mut self, key: &str, value: impl Into<Object>) {
        let catalog = self.document.get_dictionary_mut(self.catalog).expect("the catalog");
        catalog.set(key, value);
    }

    /// A file specification of these bytes, which nothing refers to yet.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> ObjectId {
        let stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec());
        let stream = self.document.add_object(stream);
        self.document.add_object(dictionary! {
            "Type" => "Filespec",
            "UF" => Object::string_literal(name),
            "AFRelationship" => "Alternative",
            "EF" => dictionary! { "F" => stream },
        })
    }

    /// The tree of names with these files.
    pub(crate) fn attach(&mut self, files: &[ObjectId]) {
        let names = files.iter().flat_map(|&id| [Object::string_literal("n"), id.into()]);
        let names: Vec<Object> = names.collect();
        self.catalog_entry(
            "Names",
            dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } },
        );
    }

    /// Encrypts what is there.
    pub(crate) fn encrypt(&mut self, user_password: &str) {
        let id = || Object::string_literal("0123456789abcdef");
        self.document.trailer.set("ID", vec![id(), id()]);
        let version = EncryptionVersion::V2 {
            document: &self.document,
            owner_password: "owner",
            user_password,
            key_length: 128,
            permissions: Permissions::PRINTABLE,
        };
        let state = EncryptionState::try_from(version).expect("a state");
        self.document.encrypt(&state).expect("encrypted");
    }

    pub(crate) fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let options = SaveOptions::builder().use_object_streams(false).build();
        self.document.save_with_options(&mut bytes, options).expect("a vector takes everything");
        bytes
    }
}

/// A content stream of some hundred bytes that inflates three times, to this many zeros.
pub(crate) fn bomb(zeros: usize) -> Stream {
    let first =
        zlib(zeros, 1, |_, _| true, |_| 0, (1, u32::try_from(zeros % 65521).expect("small")));
    let second = zlib_of(&first, 13);
    let third = zlib_of(&second, 15);
    let filters = vec![Object::Name(b"FlateDecode".to_vec()); 3];
    Stream::new(dictionary! { "Filter" => filters }, third)
}

/// A content stream that is plainly compressed once.
pub(crate) fn zeros(count: usize) -> Stream {
    let packed =
        zlib(count, 1, |_, _| true, |_| 0, (1, u32::try_from(count % 65521).expect("small")));
    Stream::new(dictionary! { "Filter" => "FlateDecode" }, packed)
}

/// Packs bytes that repeat with a period.
fn zlib_of(bytes: &[u8], period: usize) -> Vec<u8> {
    let sums = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (a + b) % 65521)
    });
    let repeats = |at: usize, end: usize| bytes[at..end] == bytes[at - period..end - period];
    zlib(bytes.len(), period, repeats, |at| bytes[at], sums)
}

/// One block of fixed codes (RFC 1951 §3.2.6): letters, and runs of 258 at one distance.
fn zlib(
    length: usize,
    distance: usize,
    repeats: impl Fn(usize, usize) -> bool,
    byte: impl Fn(usize) -> u8,
    (a, b): (u32, u32),
) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x78, 0x01], ..Bits::default() };
    bits.low_first(0b011, 3);
    let mut at = 0;
    while at < length {
        let end = at + 258;
        if at >= distance && end <= length && repeats(at, end) {
            bits.high_first(0b1100_0101, 8);
            match distance {
                1 => bits.high_first(0, 5),
                13..=16 => {
                    bits.high_first(7, 5);
                    bits.low_first(u32::try_from(distance - 13).expect("small"), 2);
                }
                _ => unreachable!("no other distance is asked for"),
            }
            at = end;
        } else {
            let letter = u32::from(byte(at));
            if letter < 144 {
                bits.high_first(0x30 + letter, 8);
            } else {
                bits.high_first(0x190 + letter - 144, 9);
            }
            at += 1;
        }
    }
    bits.high_first(0, 7);
    bits.low_first(0, 7);
    let mut bytes = bits.bytes;
    bytes.extend(((b << 16) | a).to_be_bytes());
    bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// Bits that do not fill a byte yet, the first one lowest.
    pending: u64,
    count: u32,
}

impl Bits {
    fn low_first(&mut self, value: u32, count: u32) {
        self.pending |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn high_first(&mut self, value: u32, count: u32) {
        self.low_first(value.reverse_bits() >> (32 - count), count);
    }
}
