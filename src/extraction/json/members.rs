//! One level of a JSON text: the members of an object or the items of an array, not yet read.

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Members or items of one level that are kept. One more than the longest list that is taken is
/// enough to refuse the rest.
const KEPT_MAX: usize = 5_001;

/// What stands on one level.
#[derive(Debug)]
pub(crate) struct Level<T> {
    /// The first of them.
    pub(crate) kept: Vec<T>,
    /// How many there are.
    pub(crate) found: usize,
}

/// The first letter of a value, which tells what it is.
pub(crate) fn opening(value: &RawValue) -> u8 {
    value.get().bytes().next().unwrap_or(b' ')
}

/// The members of an object, repeated ones included.
///
/// # Errors
/// A key with half a surrogate pair; a value that is no object.
pub(crate) fn object(value: &RawValue) -> Result<Level<(String, &RawValue)>, serde_json::Error> {
    serde_json::Deserializer::from_str(value.get()).deserialize_map(Members)
}

/// The items of an array.
///
/// # Errors
/// A value that is no array.
pub(crate) fn array(value: &RawValue) -> Result<Level<&RawValue>, serde_json::Error> {
    serde_json::Deserializer::from_str(value.get()).deserialize_seq(Items)
}

struct Members;

impl<'t> Visitor<'t> for Members {
    type Value = Level<(String, &'t RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut level = Level { kept: Vec::new(), found: 0 };
        while level.kept.len() < KEPT_MAX
            && let Some(member) = map.next_entry()?
        {
            level.kept.push(member);
        }
        level.found = level.kept.len();
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            level.found += 1;
        }
        Ok(level)
    }
}

struct Items;

impl<'t> Visitor<'t> for Items {
    type Value = Level<&'t RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut level = Level { kept: Vec::new(), found: 0 };
        while level.kept.len() < KEPT_MAX
            && let Some(item) = items.next_element()?
        {
            level.kept.push(item);
        }
        level.found = level.kept.len();
        while items.next_element::<IgnoredAny>()?.is_some() {
            level.found += 1;
        }
        Ok(level)
    }
}
