//! `GeoJSON` as a stream of features: one feature in memory at a time, coordinates in flat arrays from the start.
//!
//! Invariant: what a file costs in memory is a small multiple of its own size, whatever it contains.
//! Refuses: lists of coordinates that mix depths; geometry other than polygons is left to the caller to refuse.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use super::geometry::{Polygon, Position, Ring};

/// One feature as it stands in the file.
#[derive(Deserialize)]
pub(super) struct Feature {
    pub(super) r#type: String,
    pub(super) properties: Option<Properties>,
    pub(super) geometry: Option<Geometry>,
}

/// The properties that matter here; others are skipped.
#[derive(Deserialize)]
pub(super) struct Properties {
    pub(super) code: Option<String>,
    pub(super) stated_error_m: Option<f64>,
}

/// A geometry of any type.
#[derive(Deserialize)]
pub(super) struct Geometry {
    pub(super) r#type: String,
    pub(super) coordinates: Option<Coordinates>,
}

/// Coordinates of any depth up to a multi-polygon's.
pub(super) enum Coordinates {
    Number(f64),
    Position(Position),
    Ring(Ring),
    Polygon(Polygon),
    Polygons(Vec<Polygon>),
}

/// What stands beside the features.
#[derive(Default)]
pub(super) struct Collection {
    pub(super) r#type: Option<String>,
    pub(super) has_features: bool,
    pub(super) stated_error_m: Option<f64>,
}

/// Reads a collection and hands each feature over as soon as it is read.
pub(super) struct CollectionSeed<'sink>(pub(super) &'sink mut dyn FnMut(Feature));

impl<'de> DeserializeSeed<'de> for CollectionSeed<'_> {
    type Value = Collection;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Collection, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for CollectionSeed<'_> {
    type Value = Collection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Collection, A::Error> {
        let mut collection = Collection::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => collection.r#type = Some(map.next_value()?),
                "stated_error_m" => collection.stated_error_m = map.next_value()?,
                "features" => {
                    collection.has_features = true;
                    map.next_value_seed(FeaturesSeed(&mut *self.0))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(collection)
    }
}

struct FeaturesSeed<'sink>(&'sink mut dyn FnMut(Feature));

impl<'de> DeserializeSeed<'de> for FeaturesSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FeaturesSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while let Some(feature) = features.next_element()? {
            (self.0)(feature);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CoordinatesVisitor)
    }
}

struct CoordinatesVisitor;

impl<'de> Visitor<'de> for CoordinatesVisitor {
    type Value = Coordinates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates: numbers in lists of one depth")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Coordinates, E> {
        let small = u32::try_from(number)
            .map_err(|_huge| E::invalid_value(de::Unexpected::Unsigned(number), &self))?;
        Ok(Coordinates::Number(f64::from(small)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Coordinates, E> {
        let small =
            i32::try_from(number).map_err(|_huge| E::invalid_value(de::Unexpected::Signed(number), &self))?;
        Ok(Coordinates::Number(f64::from(small)))
    }

    /// The first element tells the depth; all others must have the same.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Coordinates, A::Error> {
        match list.next_element()? {
            None => Err(A::Error::custom("an empty list among the coordinates")),
            Some(Coordinates::Number(lon)) => position(lon, list).map(Coordinates::Position),
            Some(Coordinates::Position(first)) => {
                let same = |next| {
                    if let Coordinates::Position(position) = next {
                        Some(position)
                    } else {
                        None
                    }
                };
                rest(first, list, same).map(|positions| Coordinates::Ring(Ring(positions)))
            }
            Some(Coordinates::Ring(first)) => {
                let same = |next| {
                    if let Coordinates::Ring(ring) = next {
                        Some(ring)
                    } else {
                        None
                    }
                };
                rest(first, list, same).map(|rings| Coordinates::Polygon(Polygon(rings)))
            }
            Some(Coordinates::Polygon(first)) => {
                let same = |next| {
                    if let Coordinates::Polygon(polygon) = next {
                        Some(polygon)
                    } else {
                        None
                    }
                };
                rest(first, list, same).map(Coordinates::Polygons)
            }
            Some(Coordinates::Polygons(_)) => Err(A::Error::custom("coordinates are nested too deep")),
        }
    }
}

/// Longitude, latitude, and whatever height may follow.
fn position<'de, A: SeqAccess<'de>>(lon: f64, mut list: A) -> Result<Position, A::Error> {
    let Some(Coordinates::Number(lat)) = list.next_element()? else {
        return Err(A::Error::custom("a position is [longitude, latitude]"));
    };
    while list.next_element::<f64>()?.is_some() {}
    Ok([lon, lat])
}

fn rest<'de, T, A: SeqAccess<'de>>(
    first: T,
    mut list: A,
    same: impl Fn(Coordinates) -> Option<T>,
) -> Result<Vec<T>, A::Error> {
    let mut all = vec![first];
    while let Some(next) = list.next_element()? {
        all.push(same(next).ok_or_else(|| A::Error::custom("lists of coordinates of different depth"))?);
    }
    // Growth by doubling would keep up to half of every list unused for as long as the service runs, and a list of
    // one would keep room for four.
    all.shrink_to_fit();
    Ok(all)
}
