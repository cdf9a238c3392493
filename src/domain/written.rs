//! Values that people read as text and rows keep as the bare number or bytes behind it.
//!
//! Invariant: both forms name the same value; text goes through the type's own `Display` and `FromStr`.
//! Refuses: text in rows, where it would be longer and could be written in two ways.

/// Serialises `$name($raw)` as text in JSON and as `$raw` in rows; `$make` makes it of a `$raw`.
macro_rules! text_for_people {
    ($name:ident, $raw:ty, $make:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?
                        .parse()
                        .map_err(serde::de::Error::custom)
                } else {
                    <$raw>::deserialize(deserializer).map($make)
                }
            }
        }
    };
}

pub(super) use text_for_people;
