//! Values that an overlay writes short, as one text, or long, as a map.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use std::fmt;

/// Reads `T` either from a plain string or from a map `L`, without an untagged enum that would hide typos.
pub(super) struct TextOr<L, T>(pub std::marker::PhantomData<(L, T)>, pub &'static str);

impl<'de, L: Deserialize<'de> + Into<T>, T: From<String>> Visitor<'de> for TextOr<L, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        L::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
    }
}

macro_rules! text_or_map {
    ($long:ident, $short:ident, $what:literal) => {
        impl<'de> serde::Deserialize<'de> for $short {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::pack::short::TextOr::<$long, $short>(
                    std::marker::PhantomData,
                    $what,
                ))
            }
        }
    };
}
pub(super) use text_or_map;
